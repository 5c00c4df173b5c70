#include "etl/load.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/case_writer.h"
#include "etl/person_move.h"
#include "etl/sort.h"

enum action { NOTHING, INSERT, UPDATE, DELETE, TOMBSTONE };

/* What is known of a row's case and what is done with it. */
struct plan {
    int64_t id, version; /* as stored; id 0: a tombstone or not there */
    int64_t new_id;
    bool found, outdone; /* outdone: the batch has a newer version */
    enum action action;
};

struct load {
    const struct store *store;
    const struct case_table *table;
    struct store_counters *counters;
    struct load_options options;
    struct load_counts counts;
    struct identity *identity;
    struct person_move *move;
    struct case_writer *writer;
    struct stmt *find_key, *write_key;

    /* of the batch */
    const struct batch *batch;
    struct sort_key *keys; /* all rows by case key */
    struct plan *plans;    /* per row */
    bool *skip;            /* per row: erased, nothing of it is stored */
    struct case_order *order; /* the rows to write, in the order of their ids */
};

int load_open(struct load **load, const struct store *store, const struct case_tables *tables,
              const struct case_table *table, struct store_counters *counters, struct err *err)
{
    static const char queries[] = "etl/sql/load.sql";
    struct load *opened = mem_zalloc(1, sizeof *opened);
    opened->store = store;
    opened->table = table;
    opened->counters = counters;
    opened->keys = mem_zalloc(BATCH_ROWS, sizeof *opened->keys);
    opened->plans = mem_zalloc(BATCH_ROWS, sizeof *opened->plans);
    opened->skip = mem_zalloc(BATCH_ROWS, sizeof *opened->skip);
    opened->order = mem_zalloc(BATCH_ROWS, sizeof *opened->order);
    int code = identity_open(&opened->identity, store, tables, table, counters, err);
    if (!code)
        code = person_move_open(&opened->move, store, tables, err);
    if (!code)
        code = case_writer_open(&opened->writer, store, table, err);
    if (!code)
        code = db_prepare(store->db, queries, "find_key", &opened->find_key, err);
    if (!code)
        code = db_prepare(store->db, queries, "write_key", &opened->write_key, err);
    if (code)
        load_free(opened);
    else
        *load = opened;
    return code;
}

void load_free(struct load *load)
{
    if (!load)
        return;
    identity_free(load->identity);
    person_move_free(load->move);
    case_writer_free(load->writer);
    stmt_free(load->find_key);
    stmt_free(load->write_key);
    free(load->keys);
    free(load->plans);
    free(load->skip);
    free(load->order);
    free(load);
}

void load_set_options(struct load *load, const struct load_options *options)
{
    load->options = *options;
}

static int find_key(struct load *load, const unsigned char *key, struct plan *plan, struct err *err)
{
    stmt_set_blob(load->find_key, 1, key, PSEUDONYM_BYTES);
    int step = stmt_step(load->find_key, err);
    if (step > 0) {
        plan->found = true;
        plan->id = stmt_integer(load->find_key, 0); /* NULL reads as 0, which is no id */
        plan->version = stmt_integer(load->find_key, 1);
    }
    stmt_reset(load->find_key);
    return step < 0 ? step : 0;
}

/* The rows keys[first..end) are of one case: looked up once, and the newest of them is the one that counts. */
static int look_up_case(struct load *load, size_t first, size_t end, struct err *err)
{
    const struct batch_row *rows = load->batch->rows;
    struct plan found = { .outdone = true };
    size_t newest = end;
    int code = find_key(load, rows[load->keys[first].at].key, &found, err);
    for (size_t i = first; i < end; i++) {
        uint32_t at = load->keys[i].at;
        load->plans[at] = found;
        load->skip[at] = found.found && found.version == INT64_MAX;
        if (rows[at].state != BATCH_SEEN &&
            (newest == end || rows[at].version >= rows[load->keys[newest].at].version))
            newest = i;
    }
    if (newest < end)
        load->plans[load->keys[newest].at].outdone = false;
    return code;
}

static int look_up(struct load *load, struct err *err)
{
    const struct batch *batch = load->batch;
    int code = 0;
    for (size_t i = 0; i < batch->count; i++)
        load->keys[i] = sort_key_of(batch->rows[i].key, (uint32_t)i);
    sort_keys(load->keys, batch->count);
    for (size_t i = 0, end; i < batch->count && !code; i = end) {
        for (end = i + 1; end < batch->count && sort_keys_equal(&load->keys[i], &load->keys[end]);)
            end++;
        code = look_up_case(load, i, end, err);
    }
    return code;
}

static bool has_moved(const struct identity_rows *rows, int64_t id)
{
    int64_t person = id >> STORE_PERSON_SHIFT;
    size_t low = 0, high = rows->moved_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (rows->moved[middle] < person)
            low = middle + 1;
        else
            high = middle;
    }
    return low < rows->moved_count && rows->moved[low] == person;
}

/* Persons that merged or came apart took their cases along: the ids that were looked up before are old. */
static int look_up_moved(struct load *load, const struct identity_rows *rows, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < load->batch->count && !code && rows->moved_count; i++)
        if (load->plans[i].id > 0 && has_moved(rows, load->plans[i].id))
            code = find_key(load, load->batch->rows[i].key, &load->plans[i], err);
    return code;
}

static enum action action_of(const struct batch_row *row, const struct plan *plan)
{
    bool is_newer = !plan->found || row->version >= plan->version;
    if (plan->outdone || !is_newer || row->state == BATCH_SEEN)
        return NOTHING;
    if (row->state == BATCH_STORE)
        return plan->id ? UPDATE : INSERT;
    if (plan->id)
        return DELETE;
    return row->past_term && !plan->found ? NOTHING : TOMBSTONE;
}

static void count(struct load *load, const struct batch_row *row, const struct plan *plan)
{
    struct load_counts *counts = &load->counts;
    counts->stored += plan->action == INSERT;
    counts->updated += plan->action == UPDATE;
    counts->left += plan->action == DELETE;
    counts->past_term += row->past_term;
    counts->stale += plan->action == NOTHING && row->state == BATCH_STORE;
}

static bool is_of(const struct load *load, int64_t id, int64_t person)
{
    if (load->table->source->person == SOURCE_PERSON_NONE)
        return true;
    return person ? id >> STORE_PERSON_SHIFT == person : id < 0;
}

/* Plans each row; those to be written get into `order` with their person, or with their id if they keep it. */
static size_t make_plans(struct load *load, const struct identity_rows *rows)
{
    size_t written = 0;
    for (size_t i = 0; i < load->batch->count; i++) {
        struct plan *plan = &load->plans[i];
        const struct batch_row *row = &load->batch->rows[i];
        load->counts.erased += load->skip[i];
        plan->action = load->skip[i] ? NOTHING : action_of(row, plan);
        if (!load->skip[i])
            count(load, row, plan);
        if (plan->action != INSERT && plan->action != UPDATE)
            continue;
        bool keeps = plan->action == UPDATE && is_of(load, plan->id, rows->person[i]);
        plan->new_id = keeps ? plan->id : 0;
        load->counts.unidentified += rows->person[i] == 0 && load->table->source->person != SOURCE_PERSON_NONE;
        load->order[written++] = (struct case_order){ .person = rows->person[i], .row = (uint32_t)i };
    }
    return written;
}

static int compare_persons(const void *left, const void *right)
{
    const struct case_order *a = left, *b = right;
    if (a->person != b->person)
        return a->person < b->person ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static int compare_ids(const void *left, const void *right)
{
    const struct case_order *a = left, *b = right;
    return (a->id > b->id) - (a->id < b->id);
}

/* New ids, person by person: the first is asked for, the others follow it. */
static int give_ids(struct load *load, size_t written, struct err *err)
{
    bool per_case = load->table->source->person == SOURCE_PERSON_NONE;
    int64_t asked = -1, next = 0;
    int code = 0;
    qsort(load->order, written, sizeof *load->order, compare_persons);
    for (size_t i = 0; i < written && !code; i++) {
        struct case_order *order = &load->order[i];
        struct plan *plan = &load->plans[order->row];
        if (!plan->new_id && per_case) {
            plan->new_id = store_first_id(++load->counters->last[STORE_PERSON]) + 1;
        } else if (!plan->new_id) {
            if (asked != order->person)
                code = person_move_next_id(load->move, load->table, order->person, &next, err);
            asked = order->person;
            plan->new_id = next;
            next += order->person ? 1 : -1;
        }
        order->id = plan->new_id;
    }
    qsort(load->order, written, sizeof *load->order, compare_ids);
    return code;
}

static int write_cases(struct load *load, const struct identity_rows *rows, size_t written, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < load->batch->count && !code; i++) {
        const struct plan *plan = &load->plans[i];
        if (plan->action == DELETE)
            code = case_writer_delete(load->writer, plan->id, err);
        else if (load->options.snapshot && plan->action == NOTHING && plan->id && !load->skip[i])
            code = case_writer_touch(load->writer, plan->id, load->options.file, err);
    }
    for (size_t i = 0; i < written && !code; i++) {
        const struct plan *plan = &load->plans[load->order[i].row];
        const struct case_image image = { load->batch, load->order[i].row, load->options.file, plan->new_id,
                                          rows->numbers };
        code = plan->action == INSERT ? case_writer_insert(load->writer, &image, err)
                                      : case_writer_update(load->writer, &image, plan->id, err);
    }
    return code;
}

static int write_key(struct load *load, uint32_t row, struct err *err)
{
    const struct plan *plan = &load->plans[row];
    stmt_set_blob(load->write_key, 1, load->batch->rows[row].key, PSEUDONYM_BYTES);
    stmt_set_integer(load->write_key, 2, load->table->number);
    if (plan->action == INSERT || plan->action == UPDATE)
        stmt_set_integer(load->write_key, 3, plan->new_id);
    else
        stmt_set_integer(load->write_key, 5, load->options.tombstone_day);
    stmt_set_integer(load->write_key, 4, load->batch->rows[row].version);
    return stmt_run(load->write_key, err);
}

static int write_keys(struct load *load, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < load->batch->count && !code; i++)
        if (load->plans[load->keys[i].at].action != NOTHING)
            code = write_key(load, load->keys[i].at, err);
    return code;
}

int load_batch(struct load *load, const struct batch *batch, struct err *err)
{
    struct identity_rows rows;
    load->batch = batch;
    int code = look_up(load, err);
    if (!code)
        code = identity_resolve(load->identity, batch, load->skip, &rows, err);
    if (!code)
        code = look_up_moved(load, &rows, err);
    if (code)
        return code;
    size_t written = make_plans(load, &rows);
    code = give_ids(load, written, err);
    if (!code)
        code = write_cases(load, &rows, written, err);
    return code ? code : write_keys(load, err);
}

const struct load_counts *load_counts(const struct load *load)
{
    return &load->counts;
}

struct identity *load_identity(struct load *load)
{
    return load->identity;
}
