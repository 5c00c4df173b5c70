#include "etl/identity.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/identity_node.h"

static int prepare(struct identity *identity, struct err *err)
{
    const struct {
        const char *name;
        struct stmt **stmt;
    } wanted[] = {
        { "find", &identity->find },           { "find_all", &identity->find_all },
        { "add_all", &identity->add_all },
        { "rekey", &identity->rekey },         { "add_link", &identity->add_link },
        { "count_links", &identity->count_links }, { "drop_links", &identity->drop_links },
        { "set_aside", &identity->set_aside },
    };
    int code = 0;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && !code; i++)
        code = db_prepare(identity->store->db, "etl/sql/identity.sql", wanted[i].name, wanted[i].stmt, err);
    return code;
}

static void make_arrays(struct identity *identity, const struct source *source)
{
    identity->kind_names = mem_zalloc(source->identifier_count, sizeof *identity->kind_names);
    for (size_t i = 0; i < source->identifier_count; i++)
        case_table_kind_name(&source->identifiers[i], &identity->kind_names[i]);
    identity->node_of = mem_zalloc(BATCH_ROWS * source->identifier_count, sizeof *identity->node_of);
    identity->numbers = mem_zalloc(BATCH_ROWS * source->identifier_count, sizeof *identity->numbers);
    identity->person = mem_zalloc(BATCH_ROWS, sizeof *identity->person);
    identity->new_nodes = mem_zalloc(BATCH_ROWS * source->identifier_count, sizeof *identity->new_nodes);
    identity->owner = mem_zalloc(BATCH_ROWS * source->identifier_count, sizeof *identity->owner);
}

int identity_open(struct identity **identity, const struct store *store, const struct case_tables *tables,
                  const struct case_table *table, struct store_counters *counters, struct err *err)
{
    struct identity *opened = mem_zalloc(1, sizeof *opened);
    opened->store = store;
    opened->table = table;
    opened->counters = counters;
    opened->epoch_count = keyring_epochs(store->keyring, KEY_ANALYTICS, opened->epochs);
    make_arrays(opened, table->source);
    int code = person_move_open(&opened->move, store, tables, err);
    if (!code)
        code = prepare(opened, err);
    if (code)
        identity_free(opened);
    else
        *identity = opened;
    return code;
}

void identity_free(struct identity *identity)
{
    if (!identity)
        return;
    struct stmt *statements[] = { identity->find, identity->find_all, identity->add_all, identity->rekey, identity->add_link,
                                  identity->count_links, identity->drop_links, identity->set_aside };
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        stmt_free(statements[i]);
    person_move_free(identity->move);
    for (size_t i = 0; i < identity->table->source->identifier_count; i++)
        strbuf_release(&identity->kind_names[i]);
    free(identity->kind_names);
    free(identity->nodes);
    free(identity->node_of);
    free(identity->person);
    free(identity->numbers);
    free(identity->moved);
    free(identity->new_nodes);
    free(identity->owner);
    free(identity);
}

void identity_note_moved(struct identity *identity, int64_t person)
{
    MEM_GROW(identity->moved, identity->moved_count, identity->moved_capacity);
    identity->moved[identity->moved_count++] = person;
}

static uint32_t root_of(const struct identity *identity, uint32_t i)
{
    struct node *nodes = identity->nodes;
    while (nodes[i].parent != i)
        i = nodes[i].parent = nodes[nodes[i].parent].parent;
    return i;
}

/* The root of a class is the node that stands first in the batch: new persons are numbered in that order. */
static void join(const struct identity *identity, uint32_t a, uint32_t b)
{
    a = root_of(identity, a);
    b = root_of(identity, b);
    if (identity->nodes[a].first < identity->nodes[b].first)
        identity->nodes[b].parent = a;
    else
        identity->nodes[a].parent = b;
}

static void join_rows(const struct identity *identity)
{
    size_t slots = identity->table->source->identifier_count;
    for (size_t row = 0; row < identity->batch->count; row++) {
        const uint32_t *nodes = identity->node_of + row * slots;
        uint32_t first = 0;
        for (size_t slot = 0; slot < slots; slot++) {
            if (!nodes[slot] || identity->nodes[nodes[slot] - 1].set_aside)
                continue;
            if (first)
                join(identity, first - 1, nodes[slot] - 1);
            first = nodes[slot];
        }
    }
}

/* A node with a person that is in the store already. */
struct known {
    int64_t person;
    uint32_t node;
};

static int compare_known(const void *left, const void *right)
{
    const struct known *a = left, *b = right;
    if (a->person != b->person)
        return a->person < b->person ? -1 : 1;
    return (a->node > b->node) - (a->node < b->node);
}

static size_t list_known(const struct identity *identity, struct known *known)
{
    size_t count = 0;
    for (uint32_t i = 0; i < identity->node_count; i++)
        if (identity->nodes[i].person && !identity->nodes[i].set_aside)
            known[count++] = (struct known){ identity->nodes[i].person, i };
    qsort(known, count, sizeof *known, compare_known);
    return count;
}

static int merge(struct identity *identity, int64_t from, int64_t to, struct err *err)
{
    identity_note_moved(identity, from);
    identity->counts.merged++;
    return person_move_all(identity->move, from, to, err);
}

/* Known persons in ascending order: the first that reaches a class keeps it, the others are merged into it. */
static int merge_known(struct identity *identity, const struct known *known, size_t count, struct err *err)
{
    int64_t *owner = identity->owner;
    int code = 0;
    for (size_t i = 1; i < count; i++)
        if (known[i].person == known[i - 1].person)
            join(identity, known[i].node, known[i - 1].node);
    for (size_t i = 0; i < count && !code; i++) {
        uint32_t root = root_of(identity, known[i].node);
        bool repeated = i > 0 && known[i].person == known[i - 1].person;
        if (owner[root] == 0)
            owner[root] = known[i].person;
        else if (owner[root] != known[i].person && !repeated)
            code = merge(identity, known[i].person, owner[root], err);
    }
    return code;
}

static int compare_first(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Classes without a known person get new ones, in the order in which they stand in the batch. */
static void number_persons(struct identity *identity)
{
    uint64_t *roots = mem_zalloc(identity->node_count, sizeof *roots);
    size_t count = 0;
    for (uint32_t i = 0; i < identity->node_count; i++)
        if (identity->nodes[i].parent == i && !identity->owner[i] && !identity->nodes[i].set_aside)
            roots[count++] = (uint64_t)identity->nodes[i].first << 32 | i;
    qsort(roots, count, sizeof *roots, compare_first);
    for (size_t i = 0; i < count; i++)
        identity->owner[roots[i] & UINT32_MAX] = ++identity->counters->last[STORE_PERSON];
    BUG_ON(identity->counters->last[STORE_PERSON] >= STORE_MAX_PERSON);
    identity->counts.persons += count;
    free(roots);
}

static void new_cell(const void *context, size_t row, int column, struct db_cell *cell)
{
    const struct identity *identity = context;
    uint32_t index = identity->new_nodes[row];
    const struct node *node = &identity->nodes[index];
    if (column == 0)
        db_cell_blob(cell, node->pseudonym, sizeof node->pseudonym);
    else if (column == 1)
        db_cell_integer(cell, node->kind);
    else if (column == 2)
        db_cell_integer(cell, node->number);
    else if (column == 3)
        db_cell_integer(cell, identity->store->epoch);
    else if (column == 4 && !node->set_aside)
        db_cell_integer(cell, identity->owner[root_of(identity, index)]);
    else if (column == 5)
        db_cell_blob(cell, node->masked, sizeof node->masked);
    else if (column == 6 && node->set_aside)
        db_cell_integer(cell, node->last_day);
}

static int write_new(struct identity *identity, struct err *err)
{
    size_t count = 0;
    for (uint32_t i = 0; i < identity->node_count; i++)
        if (identity->nodes[i].is_new)
            identity->new_nodes[count++] = i;
    const struct db_rows rows = { count, identity, new_cell };
    return db_run_over(identity->store->db, &rows, identity->add_all, NULL, err);
}

static void fill_result(const struct identity *identity)
{
    size_t slots = identity->table->source->identifier_count;
    for (size_t row = 0; row < identity->batch->count; row++) {
        identity->person[row] = 0;
        for (size_t at = row * slots; at < (row + 1) * slots; at++) {
            uint32_t node = identity->node_of[at];
            identity->numbers[at] = node ? identity->nodes[node - 1].number : 0;
            if (node && !identity->nodes[node - 1].set_aside)
                identity->person[row] = identity->owner[root_of(identity, node - 1)];
        }
    }
}

static int own_nodes(struct identity *identity, struct err *err)
{
    struct known *known = mem_zalloc(identity->node_count, sizeof *known);
    memset(identity->owner, 0, identity->node_count * sizeof *identity->owner);
    int code = merge_known(identity, known, list_known(identity, known), err);
    free(known);
    if (code)
        return code;
    number_persons(identity);
    code = write_new(identity, err);
    fill_result(identity);
    return code;
}

static int compare_persons(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

int identity_resolve(struct identity *identity, const struct batch *batch, const bool *skip,
                     struct identity_rows *rows, struct err *err)
{
    identity->batch = batch;
    identity->skip = skip;
    identity->moved_count = 0;
    int code = identity_find_nodes(identity, err);
    if (!code)
        code = identity_add_links(identity, err);
    if (code)
        return code;
    join_rows(identity);
    code = own_nodes(identity, err);
    if (identity->moved_count)
        qsort(identity->moved, identity->moved_count, sizeof *identity->moved, compare_persons);
    *rows = (struct identity_rows){ identity->person, identity->numbers, identity->moved, identity->moved_count };
    return code;
}

const struct identity_counts *identity_counts(const struct identity *identity)
{
    return &identity->counts;
}

size_t identity_shown(const struct identity *identity, const struct identity_set_aside **list)
{
    *list = identity->shown;
    return identity->counts.set_aside < IDENTITY_SHOWN ? (size_t)identity->counts.set_aside : IDENTITY_SHOWN;
}
