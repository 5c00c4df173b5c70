#include "etl/load.h"

#include <stdlib.h>
#include <string.h>

#include "core/db_rows.h"
#include "core/mem.h"
#include "etl/case_writer.h"
#include "etl/sort.h"

/* Rows are read in another order than they lie in memory: so far ahead they are asked for. */
enum { AHEAD = 12 };

enum action { NOTHING, INSERT, UPDATE, DELETE, TOMBSTONE, BAR, KEEP };

/* What is known of a row's case and what is done with it. */
struct plan {
    int64_t id, version; /* as stored; id 0: a tombstone or not there. Once written, the new id */
    bool found, outdone; /* outdone: the batch has a newer version */
    bool barred;         /* a tombstone of one that was barred */
    enum action action;
};

struct load {
    const struct store *store;
    const struct case_table *table;
    struct store_counters *counters;
    struct load_options options;
    struct load_counts counts;
    struct identity *identity;
    struct case_writer *writer;
    struct stmt *find_key, *find_keys, *add_keys, *write_keys, *check_person;

    /* of the batch */
    const struct batch *batch;
    struct batch *screened; /* the same, while its rows are still changed */
    struct plan *plans;    /* per row */
    bool *barred;          /* per row: its person objected or had it erased */
    bool *skip;            /* per row: barred, nothing of it is stored */
    struct case_image *images;
    uint32_t *written;     /* rows whose key is written, by key */
    size_t written_count;
};

int load_open(struct load **load, const struct store *store, const struct case_tables *tables,
              const struct case_table *table, struct store_counters *counters, struct err *err)
{
    static const char queries[] = "etl/sql/load.sql";
    struct load *opened = mem_zalloc(1, sizeof *opened);
    opened->store = store;
    opened->table = table;
    opened->counters = counters;
    opened->plans = mem_zalloc(BATCH_ROWS, sizeof *opened->plans);
    opened->skip = mem_zalloc(BATCH_ROWS, sizeof *opened->skip);
    opened->barred = mem_zalloc(BATCH_ROWS, sizeof *opened->barred);
    opened->images = mem_zalloc(BATCH_ROWS, sizeof *opened->images);
    opened->written = mem_zalloc(BATCH_ROWS, sizeof *opened->written);
    int code = identity_open(&opened->identity, store, tables, table, counters, err);
    if (!code)
        code = case_writer_open(&opened->writer, store, table, err);
    if (!code)
        code = db_prepare(store->db, queries, "find_key", &opened->find_key, err);
    if (!code)
        code = db_prepare(store->db, queries, "find_keys", &opened->find_keys, err);
    if (!code)
        code = db_prepare(store->db, queries, "add_keys", &opened->add_keys, err);
    if (!code)
        code = db_prepare(store->db, queries, "write_keys", &opened->write_keys, err);
    if (!code)
        code = db_prepare(store->db, queries, "check_person", &opened->check_person, err);
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
    case_writer_free(load->writer);
    stmt_free(load->find_key);
    stmt_free(load->find_keys);
    stmt_free(load->add_keys);
    stmt_free(load->write_keys);
    stmt_free(load->check_person);
    free(load->plans);
    free(load->skip);
    free(load->barred);
    free(load->images);
    free(load->written);
    free(load);
}

void load_set_options(struct load *load, const struct load_options *options)
{
    load->options = *options;
    case_writer_set_labels(load->writer, options->labels);
}

static void read_plan(struct stmt *stmt, int column, struct plan *plan)
{
    plan->found = true;
    plan->id = stmt_integer(stmt, column); /* NULL reads as 0, which is no id */
    plan->version = stmt_integer(stmt, column + 1);
    plan->barred = stmt_integer(stmt, column + 2) != 0;
}

static int find_key(struct load *load, const unsigned char *key, struct plan *plan, struct err *err)
{
    stmt_set_blob(load->find_key, 1, key, PSEUDONYM_BYTES);
    int step = stmt_step(load->find_key, err);
    if (step > 0)
        read_plan(load->find_key, 0, plan);
    stmt_reset(load->find_key);
    return step < 0 ? step : 0;
}

static void key_cell(const void *context, size_t at, int column, struct db_cell *cell)
{
    const struct load *load = context;
    uint32_t row = load->batch->key_order[at].at;
    if (column == 0) {
        db_cell_integer(cell, row);
        return;
    }
    if (at + AHEAD < load->batch->count)
        __builtin_prefetch(&load->batch->rows[load->batch->key_order[at + AHEAD].at]);
    db_cell_blob(cell, load->batch->rows[row].key, PSEUDONYM_BYTES);
}

static int find_keys(struct load *load, struct err *err)
{
    const struct db_rows rows = { load->batch->count, load, key_cell };
    int step;
    memset(load->plans, 0, load->batch->count * sizeof *load->plans);
    db_set_rows(load->store->db, &rows);
    while ((step = stmt_step(load->find_keys, err)) > 0)
        read_plan(load->find_keys, 1, &load->plans[stmt_integer(load->find_keys, 0)]);
    db_set_rows(load->store->db, NULL);
    return step;
}

/* The rows key_order[first..end) are of one case: the newest of them is the one that counts. */
static void find_newest(struct load *load, size_t first, size_t end)
{
    const struct batch_row *rows = load->batch->rows;
    const struct sort_key *order = load->batch->key_order;
    size_t newest = end;
    for (size_t i = first; i < end; i++) {
        uint32_t at = order[i].at;
        load->plans[at].outdone = true;
        load->skip[at] = load->barred[at];
        if (rows[at].state != BATCH_SEEN && (newest == end || rows[at].version >= rows[order[newest].at].version))
            newest = i;
    }
    if (newest < end)
        load->plans[order[newest].at].outdone = false;
}

static int look_up(struct load *load, struct err *err)
{
    const struct batch *batch = load->batch;
    int code = find_keys(load, err);
    for (size_t i = 0, end; i < batch->count; i = end) {
        for (end = i + 1; end < batch->count && sort_keys_equal(&batch->key_order[i], &batch->key_order[end]);)
            end++;
        find_newest(load, i, end);
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

/* ---- newer versions that do not say whose the case is ---- */

static bool says_whose(const struct batch *batch, size_t row)
{
    size_t slots = batch->table->source->identifier_count;
    bool says = false;
    for (size_t at = row * slots; at < (row + 1) * slots; at++)
        says |= batch->identifiers[at].length > 0;
    return says;
}

/* As the version that is stored says, which the case stays with: and what its person claimed concerns it as before. */
static int ask_store(struct load *load, struct identity_rows *rows, size_t row, struct err *err)
{
    size_t slots = load->table->source->identifier_count;
    int64_t person = load->plans[row].id >> STORE_PERSON_SHIFT;
    int code = rights_screen_stored(load->options.rights, load->screened, row, person, &load->barred[row], err);
    load->skip[row] = load->barred[row];
    rows->person[row] = person;
    return code ? code : case_writer_whose(load->writer, load->plans[row].id, rows->numbers + row * slots, err);
}

/* As an older version says that the same batch has. */
static void ask_row(struct load *load, struct identity_rows *rows, size_t row, size_t older)
{
    size_t slots = load->table->source->identifier_count;
    load->skip[row] = load->barred[row] = load->barred[older];
    rows->person[row] = rows->person[older];
    memcpy(rows->numbers + row * slots, rows->numbers + older * slots, slots * sizeof *rows->numbers);
}

/* Somebody is known by it, or it is kept out because somebody is. What identifies nobody (set aside, denied) says nothing. */
static bool tells(const struct load *load, const struct identity_rows *rows, size_t row)
{
    return rows->person[row] != 0 || (load->barred[row] && says_whose(load->batch, row));
}

/* The newest in the batch of the rows of one case that says so; `end` if none does, or the store has a newer one. */
static size_t find_older(const struct load *load, const struct identity_rows *rows, size_t first, size_t end)
{
    const struct sort_key *order = load->batch->key_order;
    size_t newest = end;
    for (size_t i = first; i < end; i++) {
        const struct batch_row *row = &load->batch->rows[order[i].at];
        const struct plan *plan = &load->plans[order[i].at];
        if (row->state == BATCH_STORE && tells(load, rows, order[i].at) && (!plan->found || row->version >= plan->version) &&
            (newest == end || row->version >= load->batch->rows[order[newest].at].version))
            newest = i;
    }
    return newest;
}

/* A newer version without identifiers, or with such as identify nobody, takes nobody's case away: the right to object to it, and the
 * hold on it, stay. */
static int ask_whose(struct load *load, struct identity_rows *rows, struct err *err)
{
    const struct sort_key *order = load->batch->key_order;
    int code = 0;
    for (size_t first = 0, end; first < load->batch->count && !code; first = end) {
        size_t newest = first;
        for (end = first + 1; end < load->batch->count && sort_keys_equal(&order[first], &order[end]);)
            end++;
        while (newest < end && load->plans[order[newest].at].outdone)
            newest++;
        if (newest == end)
            continue;
        size_t row = order[newest].at, older;
        if (load->batch->rows[row].state != BATCH_STORE || tells(load, rows, row))
            continue;
        if ((older = find_older(load, rows, first, end)) < end)
            ask_row(load, rows, row, order[older].at);
        else if (load->plans[row].id > 0)
            code = ask_store(load, rows, row, err);
    }
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

static void count_row(struct load *load, const struct batch_row *row, const struct plan *plan)
{
    struct load_counts *counts = &load->counts;
    counts->stored += plan->action == INSERT;
    counts->updated += plan->action == UPDATE;
    counts->left += plan->action == DELETE;
    counts->past_term += row->past_term && plan->action != KEEP;
    counts->stale += plan->action == NOTHING && row->state == BATCH_STORE;
}

static bool is_of(const struct load *load, int64_t id, int64_t person)
{
    if (load->table->source->person == SOURCE_PERSON_NONE)
        return true;
    return person ? id >> STORE_PERSON_SHIFT == person : id < 0;
}

/* Somebody may have no case (any more): the case left, went to another person, or was no news. */
static int check_person(struct load *load, int64_t person, struct err *err)
{
    if (person <= 0)
        return 0;
    stmt_set_integer(load->check_person, 1, person);
    return stmt_run(load->check_person, err);
}

/* The id that the row's case gets: the one it has if it stays with its person. */
static int choose_id(struct load *load, const struct identity_rows *rows, uint32_t row, int64_t *nobody, int64_t *id,
                     struct err *err)
{
    const struct plan *plan = &load->plans[row];
    int64_t person = rows->person[row];
    int code = 0;
    if (plan->action == UPDATE && is_of(load, plan->id, person)) {
        *id = plan->id;
        return 0;
    }
    if (load->table->source->person == SOURCE_PERSON_NONE)
        person = ++load->counters->last[STORE_PERSON];
    else if (!person && !*nobody)
        code = case_writer_nobody(load->writer, nobody, err);
    *id = person ? case_writer_id(person, load->batch->rows[row].key) : (*nobody)--;
    if (plan->action != UPDATE || code)
        return code;
    code = check_person(load, plan->id >> STORE_PERSON_SHIFT, err);
    return code ? code : case_writer_move(load->writer, plan->id, id, err);
}

/* A case that would leave stays for a hold. What is marked goes by retention, as soon as no hold covers it. */
static int keep_held(struct load *load, const struct batch_row *row, struct plan *plan, struct err *err)
{
    bool held = false;
    if (!plan->id || (plan->action != DELETE && plan->action != BAR))
        return 0;
    int code = case_writer_is_marked(load->writer, plan->id, &held, err);
    if (!code && !held)
        code = rights_is_held(load->options.rights, row->key, plan->id >> STORE_PERSON_SHIFT, &held, err);
    if (held)
        plan->action = KEEP;
    load->counts.held += held;
    return code;
}

/* Plans each row and lists those whose case is to be written. */
static int make_plans(struct load *load, const struct identity_rows *rows, size_t *count, struct err *err)
{
    int64_t nobody = 0;
    int code = 0;
    *count = 0;
    for (uint32_t i = 0; i < load->batch->count && !code; i++) {
        struct plan *plan = &load->plans[i];
        const struct batch_row *row = &load->batch->rows[i];
        load->counts.barred += load->barred[i];
        plan->action = action_of(row, plan);
        if (load->barred[i] && plan->action != NOTHING)
            plan->action = BAR;
        else if (plan->barred && rows->person[i] == 0)
            plan->action = NOTHING; /* it does not say whose it is now */
        code = keep_held(load, row, plan, err);
        if (!load->skip[i])
            count_row(load, row, plan);
        if (!code && plan->action == NOTHING && !load->skip[i])
            code = check_person(load, rows->person[i], err);
        if (!code && (plan->action == DELETE || plan->action == BAR))
            code = check_person(load, plan->id >> STORE_PERSON_SHIFT, err);
        if (code || (plan->action != INSERT && plan->action != UPDATE))
            continue;
        load->counts.unidentified += rows->person[i] == 0 && load->table->source->person != SOURCE_PERSON_NONE;
        struct case_image *image = &load->images[(*count)++];
        image->row = i;
        image->is_stored = plan->action == UPDATE;
        code = choose_id(load, rows, i, &nobody, &image->id, err);
    }
    return code;
}

static int write_cases(struct load *load, const struct identity_rows *rows, size_t count, struct err *err)
{
    struct case_images images = { load->batch, load->options.file, rows->numbers, load->images, count };
    int code = 0;
    for (size_t i = 0; i < load->batch->count && !code; i++) {
        struct plan *plan = &load->plans[i];
        bool stays = plan->action == KEEP || (plan->action == NOTHING && plan->id && !load->skip[i]);
        if ((plan->action == DELETE || plan->action == BAR) && plan->id)
            code = case_writer_delete(load->writer, plan->id, err);
        else if (plan->action == KEEP)
            code = case_writer_mark(load->writer, plan->id, err);
        if (!code && load->options.snapshot && stays)
            code = case_writer_touch(load->writer, plan->id, load->options.file, err);
    }
    if (!code)
        code = case_writer_write(load->writer, &images, err);
    for (size_t i = 0; i < count; i++)
        load->plans[load->images[i].row].id = load->images[i].id;
    return code;
}

static void written_cell(const void *context, size_t at, int column, struct db_cell *cell)
{
    const struct load *load = context;
    uint32_t row = load->written[at];
    const struct plan *plan = &load->plans[row];
    bool stored = plan->action == INSERT || plan->action == UPDATE || plan->action == KEEP;
    if (column == 0) {
        if (at + AHEAD < load->written_count) {
            __builtin_prefetch(&load->batch->rows[load->written[at + AHEAD]]);
            __builtin_prefetch(&load->plans[load->written[at + AHEAD]]);
        }
        db_cell_blob(cell, load->batch->rows[row].key, PSEUDONYM_BYTES);
    } else if (column == 1)
        db_cell_integer(cell, load->table->number);
    else if (column == 2 && stored)
        db_cell_integer(cell, plan->id);
    else if (column == 3)
        db_cell_integer(cell, load->batch->rows[row].version);
    else if (column == 4 && !stored)
        db_cell_integer(cell, load->options.tombstone_day);
    else if (column == 5)
        db_cell_integer(cell, plan->action == BAR || (!stored && plan->barred));
}

/* Those that are there already, or those that are not. */
static int write_some_keys(struct load *load, bool found, struct err *err)
{
    load->written_count = 0;
    for (size_t i = 0; i < load->batch->count; i++) {
        const struct plan *plan = &load->plans[load->batch->key_order[i].at];
        if (plan->action != NOTHING && plan->found == found)
            load->written[load->written_count++] = load->batch->key_order[i].at;
    }
    const struct db_rows rows = { load->written_count, load, written_cell };
    return db_run_over(load->store->db, &rows, found ? load->write_keys : load->add_keys, NULL, err);
}

static int write_keys(struct load *load, struct err *err)
{
    int code = write_some_keys(load, false, err);
    return code ? code : write_some_keys(load, true, err);
}

int load_batch(struct load *load, struct batch *batch, struct err *err)
{
    struct identity_rows rows;
    load->batch = load->screened = batch;
    int code = rights_screen(load->options.rights, batch, load->barred, err); /* first: it may remove cases */
    if (!code)
        code = look_up(load, err);
    if (!code)
        code = identity_resolve(load->identity, batch, load->skip, &rows, err);
    if (!code)
        code = look_up_moved(load, &rows, err);
    if (!code && load->table->source->person != SOURCE_PERSON_NONE)
        code = ask_whose(load, &rows, err);
    if (code)
        return code;
    size_t count;
    code = make_plans(load, &rows, &count, err);
    if (!code)
        code = write_cases(load, &rows, count, err);
    return code ? code : write_keys(load, err);
}

bool load_has_no_say(const struct load *load, size_t row)
{
    return load->skip[row] || rights_has_objected(load->options.rights, load->batch, row);
}

int load_known_by(const struct load *load, size_t row, struct person_hashes *hashes, struct err *err)
{
    return rights_row_known_by(load->options.rights, load->batch, row, hashes, err);
}

const struct load_counts *load_counts(const struct load *load)
{
    return &load->counts;
}

struct identity *load_identity(struct load *load)
{
    return load->identity;
}
