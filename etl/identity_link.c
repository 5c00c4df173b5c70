#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/identity_node.h"

/* Two identifiers of one row, seen from one of them. */
struct link {
    int64_t from, kind, to;
    uint32_t node; /* of `from` */
};

struct links {
    struct link *list;
    size_t count, capacity;
};

static int compare_links(const void *left, const void *right)
{
    const struct link *a = left, *b = right;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return (a->to > b->to) - (a->to < b->to);
}

static void add_pair(const struct identity *identity, struct links *links, uint32_t from, uint32_t to)
{
    const struct node *node = &identity->nodes[from], *partner = &identity->nodes[to];
    if (node->set_aside || from == to)
        return;
    MEM_GROW(links->list, links->count, links->capacity);
    links->list[links->count++] = (struct link){ node->number, partner->kind, partner->number, from };
}

static void collect_row(const struct identity *identity, struct links *links, const uint32_t *nodes, size_t slots)
{
    for (size_t a = 0; a < slots; a++)
        for (size_t b = 0; b < slots; b++)
            if (nodes[a] && nodes[b] && a != b)
                add_pair(identity, links, nodes[a] - 1, nodes[b] - 1);
}

static void collect(const struct identity *identity, struct links *links)
{
    size_t slots = identity->table->source->identifier_count, kept = 0;
    for (size_t row = 0; row < identity->batch->count; row++)
        collect_row(identity, links, identity->node_of + row * slots, slots);
    if (links->count)
        qsort(links->list, links->count, sizeof *links->list, compare_links);
    for (size_t i = 0; i < links->count; i++)
        if (kept == 0 || compare_links(&links->list[kept - 1], &links->list[i]) != 0)
            links->list[kept++] = links->list[i];
    links->count = kept;
}

static int add_link(struct identity *identity, const struct link *link, bool *added, struct err *err)
{
    stmt_set_integer(identity->add_link, 1, link->from);
    stmt_set_integer(identity->add_link, 2, link->kind);
    stmt_set_integer(identity->add_link, 3, link->to);
    int code = stmt_run(identity->add_link, err);
    *added = !code && db_changes(identity->store->db) > 0;
    return code;
}

static int count_links(struct identity *identity, const struct link *link, int64_t *count, struct err *err)
{
    stmt_set_integer(identity->count_links, 1, link->from);
    stmt_set_integer(identity->count_links, 2, link->kind);
    int step = stmt_step(identity->count_links, err);
    if (step > 0)
        *count = stmt_integer(identity->count_links, 0);
    stmt_reset(identity->count_links);
    return step < 0 ? step : 0;
}

/* Stores a run of links of one identifier to one kind and tells whether it now has too many partners. Of a run that is too
 * long by itself not all need to be stored: the links of what is set aside go. */
static int add_run(struct identity *identity, const struct link *run, size_t length, bool *too_many, struct err *err)
{
    int64_t limit = identity->table->source->max_persons, partners = 0;
    size_t grown = 0;
    int code = 0;
    for (size_t i = 0; i < length && !code && (int64_t)grown <= limit; i++) {
        bool added;
        code = add_link(identity, &run[i], &added, err);
        grown += added;
    }
    if (!code && grown && (identity->nodes[run->node].is_new || (int64_t)grown > limit))
        partners = (int64_t)grown;
    else if (!code && grown)
        code = count_links(identity, run, &partners, err);
    *too_many = partners > limit;
    return code;
}

static int drop_links(struct identity *identity, int64_t number, struct err *err)
{
    stmt_bind_integer(identity->drop_links, ":identifier", number);
    return stmt_run(identity->drop_links, err);
}

static void note_set_aside(struct identity *identity, struct node *node)
{
    size_t slots = identity->table->source->identifier_count;
    node->set_aside = true;
    if (identity->counts.set_aside < IDENTITY_SHOWN)
        identity->shown[identity->counts.set_aside] = (struct identity_set_aside){
            .identifier = node->first % slots, .line = identity->batch->rows[node->first / slots].line
        };
    identity->counts.set_aside++;
}

static int add_runs(struct identity *identity, const struct links *links, struct err *err)
{
    int code = 0;
    for (size_t i = 0, end; i < links->count && !code; i = end) {
        const struct link *run = &links->list[i];
        struct node *node = &identity->nodes[run->node];
        bool too_many = false;
        for (end = i + 1; end < links->count && links->list[end].from == run->from &&
                          links->list[end].kind == run->kind;)
            end++;
        if (!node->set_aside)
            code = add_run(identity, run, end - i, &too_many, err);
        if (!code && too_many) {
            note_set_aside(identity, node);
            code = drop_links(identity, node->number, err);
        }
    }
    return code;
}

static int write_set_aside(struct identity *identity, const struct node *node, struct err *err)
{
    stmt_bind_integer(identity->set_aside, ":day", node->last_day);
    stmt_bind_blob(identity->set_aside, ":pseudonym", node->pseudonym, sizeof node->pseudonym);
    return stmt_run(identity->set_aside, err);
}

static int split(struct identity *identity, int64_t person, struct err *err)
{
    size_t parts;
    int code = person_move_split(identity->move, person, identity->counters, &parts, err);
    identity_note_moved(identity, person);
    identity->counts.split += parts > 1;
    return code ? code : identity_find_again(identity, person, err);
}

/* Writes what is set aside first, so that no part is joined through it; then takes the persons apart that it had joined. */
static int take_apart(struct identity *identity, struct err *err)
{
    int64_t *persons = mem_zalloc(identity->node_count, sizeof *persons);
    size_t count = 0;
    int code = 0;
    for (size_t i = 0; i < identity->node_count && !code; i++) {
        struct node *node = &identity->nodes[i];
        if (!node->set_aside || node->is_new)
            continue;
        code = write_set_aside(identity, node, err);
        if (node->person)
            persons[count++] = node->person;
        node->person = 0;
    }
    for (size_t i = 0; i < count && !code; i++)
        code = split(identity, persons[i], err);
    free(persons);
    return code;
}

int identity_add_links(struct identity *identity, struct err *err)
{
    struct links links = { 0 };
    collect(identity, &links);
    int code = add_runs(identity, &links, err);
    free(links.list);
    return code ? code : take_apart(identity, err);
}

static int deny(struct identity *identity, const unsigned char *pseudonym, struct err *err)
{
    struct node node = { .last_day = INT32_MIN };
    memcpy(node.pseudonym, pseudonym, sizeof node.pseudonym);
    stmt_set_blob(identity->find, 1, pseudonym, PSEUDONYM_BYTES);
    int step = stmt_step(identity->find, err);
    int64_t person = step > 0 ? stmt_integer(identity->find, 1) : 0;
    stmt_reset(identity->find);
    if (step < 0 || person == 0)
        return step < 0 ? step : 0;
    int code = write_set_aside(identity, &node, err);
    return code ? code : split(identity, person, err);
}

int identity_deny(struct identity *identity, struct err *err)
{
    const struct source *source = identity->table->source;
    int code = 0;
    for (size_t i = 0; i < source->identifier_count; i++) {
        const struct source_denied *denied = &source->identifiers[i].denied;
        for (size_t d = 0; d < denied->count; d++) {
            for (size_t e = 0; e < identity->epoch_count && !code; e++) {
                unsigned char pseudonym[PSEUDONYM_BYTES];
                const unsigned char *key = keyring_key(identity->store->keyring, KEY_ANALYTICS, identity->epochs[e]);
                pseudonym_derive(key, strbuf_text(&identity->kind_names[i]), denied->list[d], pseudonym);
                code = deny(identity, pseudonym, err);
            }
        }
    }
    return code;
}
