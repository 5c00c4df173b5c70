#include "stats/protect/sparse.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

void sparse_init(struct sparse *sparse, size_t row_count, size_t column_count)
{
    *sparse = (struct sparse) { .row_count = row_count, .column_count = column_count };
    sparse->columns = mem_zalloc(column_count, sizeof *sparse->columns);
    sparse->rows = mem_zalloc(row_count, sizeof *sparse->rows);
}

void sparse_release(struct sparse *sparse)
{
    for (size_t c = 0; c < sparse->column_count; c++)
        free(sparse->columns[c].entries);
    for (size_t r = 0; r < sparse->row_count; r++)
        free(sparse->rows[r].columns);
    free(sparse->columns);
    free(sparse->rows);
    free(sparse->scratch);
    *sparse = (struct sparse) { 0 };
}

static void list(struct sparse *sparse, uint32_t row, uint32_t column)
{
    struct sparse_row *r = &sparse->rows[row];
    MEM_GROW(r->columns, r->count, r->capacity);
    r->columns[r->count++] = column;
}

void sparse_append(struct sparse *sparse, uint32_t column, struct sparse_entry entry)
{
    struct sparse_column *c = &sparse->columns[column];
    MEM_GROW(c->entries, c->count, c->capacity);
    c->entries[c->count++] = entry;
    list(sparse, entry.row, column);
}

const struct sparse_entry *sparse_find(const struct sparse *sparse, uint32_t column, uint32_t row)
{
    const struct sparse_column *c = &sparse->columns[column];
    uint32_t low = 0, high = c->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (c->entries[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->count && c->entries[low].row == row ? &c->entries[low] : NULL;
}

void sparse_normalise(struct sparse *sparse, uint32_t column, uint32_t row)
{
    struct sparse_column *c = &sparse->columns[column];
    struct field_pair inverse = field_inverse(sparse_find(sparse, column, row)->value);
    if (field_equal(inverse, field_one()))
        return;
    for (uint32_t i = 0; i < c->count; i++)
        c->entries[i].value = field_mul(c->entries[i].value, inverse);
}

static void reserve_scratch(struct sparse *sparse, size_t count)
{
    if (sparse->scratch_capacity >= count)
        return;
    sparse->scratch_capacity = count * 2;
    sparse->scratch = mem_resize(sparse->scratch, sparse->scratch_capacity, sizeof *sparse->scratch);
}

/* Merges target and −factor × source into the scratch; lists rows that are new to the target. Returns the length. */
static size_t merge(struct sparse *sparse, uint32_t target, struct field_pair factor, uint32_t source)
{
    const struct sparse_column *t = &sparse->columns[target], *s = &sparse->columns[source];
    const struct field_pair zero = { { 0, 0 } };
    const bool plain = field_equal(factor, field_one());
    size_t length = 0;
    uint32_t i = 0;
    for (uint32_t j = 0; j < s->count; j++) {
        const struct sparse_entry *e = &s->entries[j];
        while (i < t->count && t->entries[i].row < e->row)
            sparse->scratch[length++] = t->entries[i++];
        bool both = i < t->count && t->entries[i].row == e->row;
        struct field_pair product = plain ? e->value : field_mul(factor, e->value);
        struct field_pair value = field_sub(both ? t->entries[i++].value : zero, product);
        if (!field_is_zero(value))
            sparse->scratch[length++] = (struct sparse_entry) { e->row, value };
        if (!both)
            list(sparse, e->row, target);
    }
    if (i < t->count)
        memcpy(sparse->scratch + length, t->entries + i, (t->count - i) * sizeof *t->entries);
    return length + (t->count - i);
}

void sparse_subtract(struct sparse *sparse, uint32_t target, struct field_pair factor, uint32_t source)
{
    struct sparse_column *t = &sparse->columns[target];
    reserve_scratch(sparse, (size_t)t->count + sparse->columns[source].count);
    size_t length = merge(sparse, target, factor, source);
    if (length > t->capacity) {
        t->capacity = (uint32_t)length + (uint32_t)length / 4;
        free(t->entries);
        t->entries = mem_zalloc(t->capacity, sizeof *t->entries);
    }
    memcpy(t->entries, sparse->scratch, length * sizeof *t->entries);
    t->count = (uint32_t)length;
}

void sparse_drop(struct sparse *sparse, uint32_t column)
{
    free(sparse->columns[column].entries);
    sparse->columns[column] = (struct sparse_column) { 0 };
}

bool sparse_proportional(const struct sparse *sparse, uint32_t a, uint32_t b)
{
    const struct sparse_column *x = &sparse->columns[a], *y = &sparse->columns[b];
    if (x->count != y->count)
        return false;
    for (uint32_t i = 0; i < x->count; i++) {
        if (x->entries[i].row != y->entries[i].row)
            return false;
        struct field_pair left = field_mul(x->entries[i].value, y->entries[0].value);
        if (!field_equal(left, field_mul(y->entries[i].value, x->entries[0].value)))
            return false;
    }
    return true;
}
