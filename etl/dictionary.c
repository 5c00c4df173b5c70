#include "etl/dictionary.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/map.h"

static const char queries[] = "etl/sql/dictionary.sql";

struct dictionary_value {
    int64_t code, parent, dimension; /* parent 0: none */
    char *label;
    size_t label_length;
    uint32_t parent_index; /* index + 1 of the parent */
    int32_t level, position;
    bool named;
    bool asked, in_use; /* of a row of the file; of a case that is stored */
};

/* An open-addressing hash table over the values; slots hold index + 1. */
struct dictionary {
    struct store_counters *counters;
    const struct case_table *table;
    struct dictionary_value *values;
    size_t count, capacity;
    uint32_t *slots;
    size_t slot_count; /* a power of two, more than twice `count` */
    uint32_t **leaves; /* per dimension and id of a category: index + 1 of the leaf, 0: not seen yet */
};

/* FNV-1a over the label, seeded with dimension and parent. */
static uint64_t hash_of(int64_t dimension, int64_t parent, struct slice label)
{
    uint64_t hash = 14695981039346656037u ^ ((uint64_t)dimension * 0x9e3779b97f4a7c15u) ^
                    ((uint64_t)parent * 0xc2b2ae3d27d4eb4fu);
    for (size_t i = 0; i < label.length; i++)
        hash = (hash ^ (unsigned char)label.text[i]) * 1099511628211u;
    return hash ^ (hash >> 29);
}

static bool is_value(const struct dictionary_value *value, int64_t dimension, int64_t parent, struct slice label)
{
    return value->parent == parent && value->dimension == dimension && value->label_length == label.length &&
           memcmp(value->label, label.text, label.length) == 0;
}

/* The slot of the value, or the free one where it belongs. */
static uint32_t *find_slot(const struct dictionary *dictionary, int64_t dimension, int64_t parent, struct slice label)
{
    size_t mask = dictionary->slot_count - 1;
    size_t at = hash_of(dimension, parent, label) & mask;
    while (dictionary->slots[at] && !is_value(&dictionary->values[dictionary->slots[at] - 1], dimension, parent, label))
        at = (at + 1) & mask;
    return &dictionary->slots[at];
}

static void rehash(struct dictionary *dictionary, size_t slot_count)
{
    free(dictionary->slots);
    dictionary->slots = mem_zalloc(slot_count, sizeof *dictionary->slots);
    dictionary->slot_count = slot_count;
    for (size_t i = 0; i < dictionary->count; i++) {
        const struct dictionary_value *value = &dictionary->values[i];
        *find_slot(dictionary, value->dimension, value->parent, (struct slice){ value->label, value->label_length }) =
            (uint32_t)i + 1;
    }
}

static struct dictionary_value *add_value(struct dictionary *dictionary, int64_t dimension, int64_t parent,
                                          struct slice label)
{
    if (dictionary->count * 2 + 2 > dictionary->slot_count)
        rehash(dictionary, dictionary->slot_count * 2);
    MEM_GROW(dictionary->values, dictionary->count, dictionary->capacity);
    struct dictionary_value *value = &dictionary->values[dictionary->count];
    *value = (struct dictionary_value){ .dimension = dimension, .parent = parent,
                                        .label = mem_strndup(label.text, label.length),
                                        .label_length = label.length };
    *find_slot(dictionary, dimension, parent, label) = (uint32_t)++dictionary->count;
    return value;
}

static void load_value(struct dictionary *dictionary, int64_t dimension, struct stmt *stmt)
{
    struct slice label;
    label.text = stmt_text(stmt, 2, &label.length);
    struct dictionary_value *value = add_value(dictionary, dimension, stmt_integer(stmt, 1), label);
    value->code = stmt_integer(stmt, 0);
    value->position = (int32_t)stmt_integer(stmt, 3);
    value->named = stmt_integer(stmt, 4) != 0;
}

static int load(struct dictionary *dictionary, const struct store *store, struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(store->db, queries, "values", &stmt, err);
    for (size_t i = 0; i < dictionary->table->source->dimension_count && !code; i++) {
        int64_t dimension = dictionary->table->dimensions[i];
        stmt_bind_integer(stmt, ":dimension", dimension);
        while ((code = stmt_step(stmt, err)) > 0)
            load_value(dictionary, dimension, stmt);
    }
    stmt_free(stmt);
    return code;
}

int dictionary_open(struct dictionary **dictionary, const struct store *store, const struct case_table *table,
                    struct store_counters *counters, struct err *err)
{
    struct dictionary *opened = mem_zalloc(1, sizeof *opened);
    opened->table = table;
    opened->counters = counters;
    rehash(opened, 1024);
    opened->leaves = mem_zalloc(table->source->dimension_count, sizeof *opened->leaves);
    for (size_t i = 0; i < table->source->dimension_count; i++)
        if (case_table_has_column(&table->source->dimensions[i]))
            opened->leaves[i] = mem_zalloc(MAPPER_MAX_VALUES + 1, sizeof **opened->leaves);
    int code = load(opened, store, err);
    if (code)
        dictionary_free(opened);
    else
        *dictionary = opened;
    return code;
}

void dictionary_free(struct dictionary *dictionary)
{
    if (!dictionary)
        return;
    for (size_t i = 0; i < dictionary->count; i++)
        free(dictionary->values[i].label);
    free(dictionary->values);
    for (size_t i = 0; i < dictionary->table->source->dimension_count; i++)
        free(dictionary->leaves[i]);
    free(dictionary->leaves);
    free(dictionary->slots);
    free(dictionary);
}

/* Index + 1 of the value; a new one gets the next code. */
static uint32_t find_value(struct dictionary *dictionary, int64_t dimension, uint32_t parent,
                           const struct case_label *label)
{
    int64_t parent_code = parent ? dictionary->values[parent - 1].code : 0;
    uint32_t found = *find_slot(dictionary, dimension, parent_code, label->text);
    if (!found) {
        struct dictionary_value *value = add_value(dictionary, dimension, parent_code, label->text);
        value->code = ++dictionary->counters->last[STORE_CODE];
        found = (uint32_t)dictionary->count;
    }
    struct dictionary_value *value = &dictionary->values[found - 1];
    value->asked = true;
    value->named = label->named;
    value->position = label->position;
    value->parent_index = parent;
    value->level = parent ? dictionary->values[parent - 1].level + 1 : 1;
    return found;
}

static uint32_t find_leaf(struct dictionary *dictionary, size_t dimension, const struct case_category *category)
{
    const struct case_table *table = dictionary->table;
    uint32_t *known = category->id ? &dictionary->leaves[dimension][category->id] : NULL;
    if (known && *known)
        return *known;
    uint32_t leaf = 0;
    for (size_t level = 0; level < table->source->dimensions[dimension].level_count; level++)
        leaf = find_value(dictionary, table->dimensions[dimension], leaf, &category->levels[level]);
    if (known)
        *known = leaf;
    return leaf;
}

int64_t dictionary_code(struct dictionary *dictionary, size_t dimension, const struct case_category *category)
{
    uint32_t leaf = find_leaf(dictionary, dimension, category);
    return dictionary->values[leaf - 1].code;
}

/* A leaf is in use if a case has it, what is above it then, too: leaves come later. */
static int find_uses(struct dictionary *dictionary, const struct store *store, struct err *err)
{
    struct stmt *stmt;
    int step = 0, code = db_prepare(store->db, queries, "is_in_use", &stmt, err);
    if (code)
        return code;
    for (size_t i = dictionary->count; i-- > 0 && step >= 0;) {
        struct dictionary_value *value = &dictionary->values[i];
        if (!value->asked)
            continue;
        stmt_set_integer(stmt, 1, value->code);
        step = stmt_step(stmt, err);
        stmt_reset(stmt);
        value->in_use |= step > 0;
        if (value->in_use && value->parent_index)
            dictionary->values[value->parent_index - 1].in_use = true;
    }
    stmt_free(stmt);
    return step < 0 ? step : 0;
}

static int store_value(struct stmt *stmt, const struct dictionary_value *value, struct err *err)
{
    stmt_bind_integer(stmt, ":code", value->code);
    stmt_bind_integer(stmt, ":dimension", value->dimension);
    stmt_bind_integer(stmt, ":parent", value->parent);
    stmt_bind_integer(stmt, ":level", value->level);
    stmt_bind_text(stmt, ":label", value->label, value->label_length);
    stmt_bind_integer(stmt, ":position", value->position);
    stmt_bind_integer(stmt, ":named", value->named);
    return stmt_run(stmt, err);
}

int dictionary_store(struct dictionary *dictionary, const struct store *store, struct err *err)
{
    struct stmt *stmt;
    int code = find_uses(dictionary, store, err);
    if (!code)
        code = db_prepare(store->db, queries, "store", &stmt, err);
    if (code)
        return code;
    for (size_t i = 0; i < dictionary->count && !code; i++)
        if (dictionary->values[i].asked && dictionary->values[i].in_use)
            code = store_value(stmt, &dictionary->values[i], err);
    stmt_free(stmt);
    return code;
}
