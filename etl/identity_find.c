#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/identity_node.h"
#include "etl/mask.h"
#include "etl/sort.h"

/* All identifiers of the batch in the order of their pseudonyms, which is the order of the table. */
static size_t sort_occurrences(const struct identity *identity, struct sort_key *keys)
{
    const struct batch *batch = identity->batch;
    size_t slots = batch->table->source->identifier_count, count = 0;
    for (size_t row = 0; row < batch->count; row++) {
        if (batch->rows[row].state != BATCH_STORE || identity->skip[row])
            continue;
        for (size_t slot = 0; slot < slots; slot++) {
            size_t at = row * slots + slot;
            if (batch->identifiers[at].length)
                keys[count++] = sort_key_of(batch->identifiers[at].pseudonym, (uint32_t)at);
        }
    }
    sort_keys(keys, count);
    return count;
}

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

static void make_nodes(struct identity *identity, const struct sort_key *keys, size_t count)
{
    size_t slots = identity->table->source->identifier_count;
    identity->node_count = 0;
    memset(identity->node_of, 0, identity->batch->count * slots * sizeof *identity->node_of);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !sort_keys_equal(&keys[i - 1], &keys[i]))
            add_node(identity, keys[i].at);
        struct node *node = &identity->nodes[identity->node_count - 1];
        int32_t day = identity->batch->rows[keys[i].at / slots].closed_day;
        if (keys[i].at < node->first)
            node->first = keys[i].at;
        if (day > node->last_day)
            node->last_day = day;
        identity->node_of[keys[i].at] = (uint32_t)identity->node_count;
    }
}

/* 1: there is one. */
static int find(struct identity *identity, const unsigned char *pseudonym, struct node *node, struct err *err)
{
    stmt_set_blob(identity->find, 1, pseudonym, PSEUDONYM_BYTES);
    int step = stmt_step(identity->find, err);
    if (step > 0) {
        node->number = stmt_integer(identity->find, 0);
        node->person = stmt_integer(identity->find, 1);
        node->set_aside = node->was_set_aside = stmt_is_null(identity->find, 1);
    }
    stmt_reset(identity->find);
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
    objection_hash(identity->store->objection, kind_of(identity, node), text_of(identity, node), node->masked);
    objection_mask(identity->store->analytics, node->pseudonym, node->masked, node->masked);
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

static int find_node(struct identity *identity, struct node *node, struct err *err)
{
    int found = find(identity, node->pseudonym, node, err);
    if (found == 0)
        found = find_older(identity, node, err);
    if (found == 0) {
        node->is_new = true;
        mask(identity, node);
    }
    return found < 0 ? found : 0;
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
    size_t slots = identity->table->source->identifier_count;
    struct sort_key *keys = mem_zalloc(identity->batch->count * slots, sizeof *keys);
    make_nodes(identity, keys, sort_occurrences(identity, keys));
    free(keys);
    int code = 0;
    for (size_t i = 0; i < identity->node_count && !code; i++)
        code = find_node(identity, &identity->nodes[i], err);
    number_new(identity);
    return code;
}

int identity_find_again(struct identity *identity, int64_t person, struct err *err)
{
    int found = 0;
    for (size_t i = 0; i < identity->node_count && found >= 0; i++)
        if (identity->nodes[i].person == person && !identity->nodes[i].is_new)
            found = find(identity, identity->nodes[i].pseudonym, &identity->nodes[i], err);
    return found < 0 ? found : 0;
}
