#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/identity_node.h"
#include "etl/mask.h"
#include "etl/sort.h"

static void add_node(struct identity *identity, uint32_t at)
{
    size_t slots = identity->table->source->identifier_count;
    MEM_GROW(identity->nodes, identity->node_count, identity->node_capacity);
    struct node *node = &identity->nodes[identity->node_count];
    *node = (struct node){ .first = at, .kind = identity->table->kinds[at % slots],
                           .parent = (uint32_t)identity->node_count,
                           .last_day = identity->batch->rows[at / slots].closed_day };
    memcpy(node->pseudonym, identity->batch->identifiers[at].pseudonym, sizeof node->pseudonym);
    identity->node_count++;
}

static void make_nodes(struct identity *identity)
{
    const struct batch *batch = identity->batch;
    size_t slots = identity->table->source->identifier_count;
    const struct sort_key *previous = NULL;
    identity->node_count = 0;
    memset(identity->node_of, 0, batch->count * slots * sizeof *identity->node_of);
    for (size_t i = 0; i < batch->identifier_count; i++) {
        const struct sort_key *key = &batch->identifier_order[i];
        if (identity->skip[key->at / slots])
            continue;
        if (!previous || !sort_keys_equal(previous, key))
            add_node(identity, key->at);
        previous = key;
        struct node *node = &identity->nodes[identity->node_count - 1];
        int32_t day = batch->rows[key->at / slots].closed_day;
        if (key->at < node->first)
            node->first = key->at;
        if (day > node->last_day)
            node->last_day = day;
        identity->node_of[key->at] = (uint32_t)identity->node_count;
    }
}

/* Takes identifier and person from the columns beginning with `column`. */
static void read_node(struct stmt *stmt, int column, struct node *node)
{
    node->number = stmt_integer(stmt, column);
    node->person = stmt_integer(stmt, column + 1);
    node->set_aside = stmt_is_null(stmt, column + 1);
}

/* 1: there is one. */
static int find(struct identity *identity, const unsigned char *pseudonym, struct node *node, struct err *err)
{
    stmt_set_blob(identity->find, 1, pseudonym, PSEUDONYM_BYTES);
    int step = stmt_step(identity->find, err);
    if (step > 0)
        read_node(identity->find, 0, node);
    stmt_reset(identity->find);
    return step;
}

static void node_cell(const void *context, size_t row, int column, struct db_cell *cell)
{
    const struct identity *identity = context;
    if (column == 0)
        db_cell_integer(cell, (int64_t)row);
    else
        db_cell_blob(cell, identity->nodes[row].pseudonym, PSEUDONYM_BYTES);
}

/* Under the newest key, all at once. */
static int find_all(struct identity *identity, struct err *err)
{
    const struct db_rows rows = { identity->node_count, identity, node_cell };
    int step;
    db_set_rows(identity->store->db, &rows);
    while ((step = stmt_step(identity->find_all, err)) > 0)
        read_node(identity->find_all, 1, &identity->nodes[stmt_integer(identity->find_all, 0)]);
    db_set_rows(identity->store->db, NULL);
    return step;
}

static struct slice text_of(const struct identity *identity, const struct node *node)
{
    const struct batch_identifier *identifier = &identity->batch->identifiers[node->first];
    return (struct slice){ identity->batch->texts + identifier->text, identifier->length };
}

static const char *kind_of(const struct identity *identity, const struct node *node)
{
    return strbuf_text(&identity->kind_names[node->first % identity->table->source->identifier_count]);
}

static void mask(const struct identity *identity, struct node *node)
{
    objection_mask(identity->store->analytics, node->pseudonym, identity->batch->identifiers[node->first].hash,
                   node->masked);
}

static int rekey(struct identity *identity, struct node *node, const unsigned char *old, struct err *err)
{
    mask(identity, node);
    stmt_bind_blob(identity->rekey, ":pseudonym", node->pseudonym, sizeof node->pseudonym);
    stmt_bind_integer(identity->rekey, ":epoch", identity->store->epoch);
    stmt_bind_blob(identity->rekey, ":objection", node->masked, sizeof node->masked);
    stmt_bind_blob(identity->rekey, ":old", old, PSEUDONYM_BYTES);
    identity->counts.rekeyed++;
    return stmt_run(identity->rekey, err);
}

/* Looks for the node under the older keys. 1: found and re-keyed. */
static int find_older(struct identity *identity, struct node *node, struct err *err)
{
    unsigned char old[PSEUDONYM_BYTES];
    for (size_t i = identity->epoch_count - 1; i-- > 0;) {
        const unsigned char *key = keyring_key(identity->store->keyring, KEY_ANALYTICS, identity->epochs[i]);
        pseudonym_derive(key, kind_of(identity, node), text_of(identity, node), old);
        int found = find(identity, old, node, err);
        if (found > 0) {
            int code = rekey(identity, node, old, err);
            return code ? code : 1;
        }
        if (found < 0)
            return found;
    }
    return 0;
}

static int compare_first(const void *left, const void *right)
{
    const struct node *const *a = left, *const *b = right;
    return ((*a)->first > (*b)->first) - ((*a)->first < (*b)->first);
}

/* In the order in which they stand in the batch, so that no number depends on a key. */
static void number_new(struct identity *identity)
{
    struct node **nodes = mem_zalloc(identity->node_count, sizeof *nodes);
    size_t count = 0;
    for (size_t i = 0; i < identity->node_count; i++)
        if (identity->nodes[i].is_new)
            nodes[count++] = &identity->nodes[i];
    qsort(nodes, count, sizeof *nodes, compare_first);
    for (size_t i = 0; i < count; i++)
        nodes[i]->number = ++identity->counters->last[STORE_IDENTIFIER];
    free(nodes);
}

int identity_find_nodes(struct identity *identity, struct err *err)
{
    make_nodes(identity);
    int found = find_all(identity, err);
    for (size_t i = 0; i < identity->node_count && found >= 0; i++) {
        struct node *node = &identity->nodes[i];
        if (node->number)
            continue;
        found = find_older(identity, node, err);
        node->is_new = found == 0;
        if (node->is_new)
            mask(identity, node);
    }
    number_new(identity);
    return found < 0 ? found : 0;
}

int identity_find_again(struct identity *identity, int64_t person, struct err *err)
{
    int found = 0;
    for (size_t i = 0; i < identity->node_count && found >= 0; i++)
        if (identity->nodes[i].person == person && !identity->nodes[i].is_new)
            found = find(identity, identity->nodes[i].pseudonym, &identity->nodes[i], err);
    return found < 0 ? found : 0;
}
