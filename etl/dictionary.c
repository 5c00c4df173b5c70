#include "etl/dictionary.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/map.h"

static const char queries[] = "etl/sql/dictionary.sql";

enum { NO_DAY = INT32_MIN };

struct dictionary_value {
    int64_t code, parent, dimension; /* parent 0: none */
    char *label;
    size_t label_length;
    uint32_t parent_index; /* index + 1 of the parent */
    int32_t level, position, last_day;
    bool named, changed;
};

/* An open-addressing hash table over the values; slots hold index + 1. */
struct dictionary {
    struct store_counters *counters;
    const struct case_table *table;
    struct dictionary_value *values;
    size_t count, capacity;
    size_t taken; /* values before this one are stored or handed over */
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
    *value = (struct dictionary_value){ .dimension = dimension, .parent = parent, .last_day = NO_DAY,
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
    if (!stmt_is_null(stmt, 5))
        value->last_day = (int32_t)stmt_integer(stmt, 5);
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
    dictionary->taken = dictionary->count;
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
        value->position = label->position;
        value->named = label->named;
        found = (uint32_t)dictionary->count;
    }
    struct dictionary_value *value = &dictionary->values[found - 1];
    value->changed |= value->named != label->named || value->position != label->position;
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

int64_t dictionary_code(struct dictionary *dictionary, size_t dimension, const struct case_category *category,
                        int32_t closed_day)
{
    uint32_t leaf = find_leaf(dictionary, dimension, category);
    for (uint32_t at = leaf; at && dictionary->values[at - 1].last_day < closed_day;
         at = dictionary->values[at - 1].parent_index) {
        dictionary->values[at - 1].last_day = closed_day;
        dictionary->values[at - 1].changed = true;
    }
    return dictionary->values[leaf - 1].code;
}

void dictionary_take(struct dictionary *dictionary, struct dictionary_news *news)
{
    for (; dictionary->taken < dictionary->count; dictionary->taken++) {
        MEM_GROW(news->list, news->count, news->capacity);
        struct dictionary_value *copy = &news->list[news->count++];
        *copy = dictionary->values[dictionary->taken];
        copy->label = mem_strndup(copy->label, copy->label_length);
    }
}

void dictionary_news_release(struct dictionary_news *news)
{
    for (size_t i = 0; i < news->count; i++)
        free(news->list[i].label);
    free(news->list);
    *news = (struct dictionary_news){ 0 };
}

static void bind_value(struct stmt *stmt, const struct dictionary_value *value)
{
    stmt_bind_integer(stmt, ":code", value->code);
    stmt_bind_integer(stmt, ":position", value->position);
    stmt_bind_integer(stmt, ":named", value->named);
}

int dictionary_store(const struct store *store, const struct dictionary_news *news, struct err *err)
{
    struct stmt *stmt;
    if (news->count == 0)
        return 0;
    int code = db_prepare(store->db, queries, "add", &stmt, err);
    if (code)
        return code;
    for (size_t i = 0; i < news->count && !code; i++) {
        const struct dictionary_value *value = &news->list[i];
        bind_value(stmt, value);
        stmt_bind_integer(stmt, ":dimension", value->dimension);
        stmt_bind_integer(stmt, ":parent", value->parent);
        stmt_bind_integer(stmt, ":level", value->level);
        stmt_bind_text(stmt, ":label", value->label, value->label_length);
        code = stmt_run(stmt, err);
    }
    stmt_free(stmt);
    return code;
}

int dictionary_store_days(struct dictionary *dictionary, const struct store *store, struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(store->db, queries, "update", &stmt, err);
    if (code)
        return code;
    for (size_t i = 0; i < dictionary->count && !code; i++) {
        struct dictionary_value *value = &dictionary->values[i];
        if (!value->changed)
            continue;
        bind_value(stmt, value);
        stmt_bind_integer(stmt, ":last_day", value->last_day);
        code = stmt_run(stmt, err);
    }
    stmt_free(stmt);
    return code;
}
