#include "etl/case_writer.h"

#include <stdlib.h>
#include <string.h>

#include "core/db_rows.h"
#include "core/mem.h"

/* The columns stand in the order of gather_row(). */
enum { FIXED_COLUMNS = 5, KEY_COLUMN = 1, AHEAD = 12, GATHERED_ROWS = 1024 };
static const char *const fixed_columns[FIXED_COLUMNS] = { "id", "case_key", "file", "closed_day", "opened_day" };

struct case_writer {
    const struct store *store;
    const struct case_table *table;
    struct label_use *labels;
    struct stmt *add, *write, *codes, *key_of, *move, *delete_case, *mark, *is_marked, *touch, *lowest, *whose;

    /* Some rows while they are written, side by side: from all over the batch they come faster in a loop of their own. */
    int64_t *cells; /* row after row, BATCH_NO_VALUE is NULL */
    unsigned char (*keys)[PSEUDONYM_BYTES];
    size_t column_count;
};

static void add_column(struct strbuf *columns, const char *prefix, const char *name)
{
    if (columns->length)
        strbuf_addc(columns, '\n');
    strbuf_addf(columns, "%s%s", prefix, db_identifier(name));
}

/* All columns, one a line. */
static void list_columns(const struct source *source, struct strbuf *columns)
{
    for (size_t i = 0; i < FIXED_COLUMNS; i++)
        add_column(columns, "", fixed_columns[i]);
    for (size_t i = 0; i < source->identifier_count; i++)
        add_column(columns, "i_", source->identifiers[i].name);
    for (size_t i = 0; i < source->dimension_count; i++)
        if (case_table_has_column(&source->dimensions[i]))
            add_column(columns, "d_", source->dimensions[i].name);
    for (size_t i = 0; i < source->measure_count; i++)
        add_column(columns, "m_", source->measures[i].name);
}

/* Adds the text for each column, "@" standing for its name, from the first-th on, with commas between. */
static void add_each(struct strbuf *sql, const struct strbuf *columns, size_t first, const char *text)
{
    const char *at = strbuf_text(columns);
    for (size_t i = 0; *at; i++) {
        size_t length = strcspn(at, "\n");
        if (i > first)
            strbuf_adds(sql, ", ");
        for (const char *c = text; *c && i >= first; c++)
            if (*c == '@')
                strbuf_add(sql, at, length);
            else
                strbuf_addc(sql, *c);
        at += length + (at[length] == '\n');
    }
}

static size_t count_columns(const struct strbuf *columns)
{
    size_t count = 1;
    for (const char *c = strbuf_text(columns); *c; c++)
        count += *c == '\n';
    return count;
}

static void add_cells(struct strbuf *sql, size_t count)
{
    for (size_t i = 0; i < count; i++)
        strbuf_addf(sql, "%sc%zu", i ? ", " : "", i);
}

/* The numbers of the identifiers that a case has. */
static int prepare_whose(struct case_writer *writer, struct err *err)
{
    const struct source *source = writer->table->source;
    struct strbuf sql = { 0 };
    strbuf_adds(&sql, "SELECT id");
    for (size_t i = 0; i < source->identifier_count; i++)
        strbuf_addf(&sql, ", i_%s", db_identifier(source->identifiers[i].name));
    strbuf_adds(&sql, " FROM {table} WHERE id = :id");
    int code = case_table_prepare(writer->store, writer->table, sql.text, &writer->whose, err);
    strbuf_release(&sql);
    return code;
}

/* Adds cases: one whose id is taken is passed over and not counted as a change. Writes: in the place of what is there. */
static int prepare_write(struct case_writer *writer, struct err *err)
{
    enum { AFTER_KEY = 2, AFTER_FILE = 3 };
    struct strbuf columns = { 0 }, sql = { 0 };
    list_columns(writer->table->source, &columns);
    writer->column_count = count_columns(&columns);
    writer->cells = mem_zalloc(GATHERED_ROWS * writer->column_count, sizeof *writer->cells);
    writer->keys = mem_zalloc(GATHERED_ROWS, sizeof *writer->keys);
    strbuf_adds(&sql, "INSERT OR IGNORE INTO {table} (");
    add_each(&sql, &columns, 0, "@");
    strbuf_adds(&sql, ") SELECT ");
    add_cells(&sql, writer->column_count);
    strbuf_adds(&sql, " FROM rows WHERE true");
    int code = case_table_prepare(writer->store, writer->table, sql.text, &writer->add, err);
    strbuf_adds(&sql, " ON CONFLICT (id) DO UPDATE SET ");
    add_each(&sql, &columns, AFTER_KEY, "@ = excluded.@");
    strbuf_adds(&sql, ", held = 0, released = iif((");
    add_each(&sql, &columns, AFTER_FILE, "@");
    strbuf_adds(&sql, ") IS (");
    add_each(&sql, &columns, AFTER_FILE, "excluded.@");
    strbuf_adds(&sql, "), released, -abs(released)) WHERE case_key = excluded.case_key");
    if (!code)
        code = case_table_prepare(writer->store, writer->table, sql.text, &writer->write, err);
    strbuf_release(&columns);
    strbuf_release(&sql);
    return code ? code : prepare_whose(writer, err);
}

int case_writer_open(struct case_writer **writer, const struct store *store, const struct case_table *table,
                     struct err *err)
{
    struct case_writer *opened = mem_zalloc(1, sizeof *opened);
    const struct {
        const char *text;
        struct stmt **stmt;
    } wanted[] = {
        { "SELECT case_key FROM {table} WHERE id = :id", &opened->key_of },
        { "UPDATE {table} SET id = :to WHERE id = :from", &opened->move },
        { "SELECT t.id{codes} FROM rows AS r CROSS JOIN {table} AS t ON t.id = r.c0", &opened->codes },
        { "DELETE FROM {table} WHERE id = :id RETURNING id{codes}", &opened->delete_case },
        { "UPDATE {table} SET held = 1 WHERE id = :id", &opened->mark },
        { "SELECT held FROM {table} WHERE id = :id", &opened->is_marked },
        { "UPDATE {table} SET file = :file WHERE id = :id", &opened->touch },
        { "SELECT min(id) FROM {table}", &opened->lowest },
    };
    opened->store = store;
    opened->table = table;
    int code = table->source ? prepare_write(opened, err) : 0;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && !code; i++)
        code = case_table_prepare(store, table, wanted[i].text, wanted[i].stmt, err);
    if (code)
        case_writer_free(opened);
    else
        *writer = opened;
    return code;
}

void case_writer_free(struct case_writer *writer)
{
    if (!writer)
        return;
    struct stmt *statements[] = { writer->add, writer->write, writer->codes, writer->key_of, writer->move, writer->delete_case,
                                  writer->mark, writer->is_marked, writer->touch, writer->lowest, writer->whose };
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        stmt_free(statements[i]);
    free(writer->cells);
    free(writer->keys);
    free(writer);
}

int64_t case_writer_id(int64_t person, const unsigned char key[PSEUDONYM_BYTES])
{
    return store_first_id(person) + (key[0] << 16 | key[1] << 8 | key[2]);
}

/* 1: taken, and by `key` if that is not NULL and *same says so; 0: free. */
static int is_taken(struct case_writer *writer, int64_t id, const unsigned char *key, bool *same, struct err *err)
{
    stmt_set_integer(writer->key_of, 1, id);
    int step = stmt_step(writer->key_of, err);
    if (step > 0 && key)
        *same = memcmp(stmt_blob(writer->key_of, 0, NULL), key, PSEUDONYM_BYTES) == 0;
    stmt_reset(writer->key_of);
    return step;
}

/* The next free id of the same person. */
static int find_free(struct case_writer *writer, int64_t *id, struct err *err)
{
    int64_t first = *id & ~(int64_t)STORE_MAX_CASES;
    int step = 1;
    for (int tried = 0; step > 0; tried++) {
        if (tried > STORE_MAX_CASES)
            return err_set(err, ERR_DATA, "a person has more than %d cases", STORE_MAX_CASES);
        *id = first + ((*id + 1 - first) & STORE_MAX_CASES);
        step = is_taken(writer, *id, NULL, NULL, err);
    }
    return step;
}

/* Rows are read in another order than they lie in memory. */
static void ask_for(const struct case_images *images, size_t at)
{
    const struct batch *batch = images->batch;
    if (at >= images->count)
        return;
    size_t row = images->list[at].row;
    __builtin_prefetch(&batch->rows[row]);
    __builtin_prefetch(&batch->codes[row * batch->code_count]);
    __builtin_prefetch(&batch->values[row * batch->table->source->measure_count]);
    __builtin_prefetch(&images->numbers[row * batch->table->source->identifier_count]);
}

static void gather_row(struct case_writer *writer, const struct case_images *images, size_t at, size_t to)
{
    const struct batch *batch = images->batch;
    const struct source *source = batch->table->source;
    const size_t row = images->list[at].row;
    const struct batch_row *from = &batch->rows[row];
    int64_t *cells = writer->cells + to * writer->column_count;
    ask_for(images, at + AHEAD);
    memcpy(writer->keys[to], from->key, sizeof from->key);
    *cells++ = images->list[at].id;
    *cells++ = BATCH_NO_VALUE; /* the key */
    *cells++ = images->file;
    *cells++ = from->closed_day;
    *cells++ = from->opened_day == BATCH_NO_DAY ? BATCH_NO_VALUE : from->opened_day;
    for (size_t i = 0; i < source->identifier_count; i++) {
        int64_t number = images->numbers[row * source->identifier_count + i];
        *cells++ = number ? number : BATCH_NO_VALUE;
    }
    memcpy(cells, batch->codes + row * batch->code_count, batch->code_count * sizeof *cells);
    memcpy(cells + batch->code_count, batch->values + row * source->measure_count, source->measure_count * sizeof *cells);
}

static void write_cell(const void *context, size_t at, int column, struct db_cell *cell)
{
    const struct case_writer *writer = context;
    int64_t value = writer->cells[at * writer->column_count + (size_t)column];
    if (column == KEY_COLUMN)
        db_cell_blob(cell, writer->keys[at], PSEUDONYM_BYTES);
    else if (value != BATCH_NO_VALUE)
        db_cell_integer(cell, value);
}

static int write_some(struct case_writer *writer, const struct case_images *images, struct stmt *stmt, int64_t *written,
                      struct err *err)
{
    int code = 0;
    *written = 0;
    for (size_t first = 0, count; first < images->count && !code; first += count) {
        int64_t changed = 0;
        count = images->count - first < GATHERED_ROWS ? images->count - first : GATHERED_ROWS;
        for (size_t i = 0; i < count; i++)
            gather_row(writer, images, first + i, i);
        const struct db_rows rows = { count, writer, write_cell };
        code = db_run_over(writer->store->db, &rows, stmt, &changed, err);
        *written += changed;
    }
    return code;
}

/* Some row's id belongs to another case: finds which, and writes it under a free one. */
static int write_taken(struct case_writer *writer, struct case_images *images, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < images->count && !code; i++) {
        struct case_images one = *images;
        bool same = false;
        int64_t written = 1;
        one.list = &images->list[i];
        one.count = 1;
        int taken = is_taken(writer, one.list->id, images->batch->rows[one.list->row].key, &same, err);
        if (taken < 0)
            return taken;
        if (same)
            continue;
        code = find_free(writer, &one.list->id, err);
        if (!code)
            code = write_some(writer, &one, writer->add, &written, err);
        BUG_ON(!code && written != 1);
    }
    return code;
}

/* By id, the new ones first; tells how many these are. */
static size_t sort_images(struct case_images *images)
{
    struct sort_key *keys = mem_zalloc(images->count, sizeof *keys);
    struct case_image *sorted = mem_zalloc(images->count, sizeof *sorted);
    size_t count = 0, added = 0;
    for (size_t i = 0; i < images->count; i++)
        keys[i] = sort_key_of_id(images->list[i].id, (uint32_t)i);
    sort_keys(keys, images->count);
    for (int stored = 0; stored <= 1; stored++) {
        for (size_t i = 0; i < images->count; i++)
            if (images->list[keys[i].at].is_stored == stored)
                sorted[count++] = images->list[keys[i].at];
        added = stored ? added : count;
    }
    memcpy(images->list, sorted, images->count * sizeof *sorted);
    free(keys);
    free(sorted);
    return added;
}

void case_writer_set_labels(struct case_writer *writer, struct label_use *labels)
{
    writer->labels = labels;
}

/* In the order of the batch, before the images are sorted. */
static void gain_labels(const struct case_writer *writer, const struct case_images *images)
{
    const struct batch *batch = images->batch;
    for (size_t i = 0; i < images->count; i++)
        for (size_t at = 0; at < batch->code_count; at++)
            label_use_change(writer->labels, batch->codes[images->list[i].row * batch->code_count + at], 1);
}

static void id_cell(const void *context, size_t at, int column, struct db_cell *cell)
{
    const struct case_images *images = context;
    if (column == 0)
        db_cell_integer(cell, images->list[at].id);
}

/* What newer versions take the place of. */
static int lose_labels(struct case_writer *writer, const struct case_images *stored, struct err *err)
{
    const struct db_rows rows = { stored->count, stored, id_cell };
    uint64_t cases;
    db_set_rows(writer->store->db, &rows);
    int code = label_use_lose(writer->labels, writer->table, writer->codes, &cases, err);
    db_set_rows(writer->store->db, NULL);
    BUG_ON(!code && cases != stored->count);
    return code;
}

int case_writer_write(struct case_writer *writer, struct case_images *images, struct err *err)
{
    int64_t added = 0, written = 0;
    struct case_images new = *images, stored = *images;
    gain_labels(writer, images);
    new.count = sort_images(images);
    stored.list += new.count;
    stored.count -= new.count;
    int code = write_some(writer, &new, writer->add, &added, err);
    if (!code)
        code = lose_labels(writer, &stored, err);
    if (!code)
        code = write_some(writer, &stored, writer->write, &written, err);
    if (code || added + written == (int64_t)images->count)
        return code;
    return write_taken(writer, images, err);
}

int case_writer_move(struct case_writer *writer, int64_t from, int64_t *to, struct err *err)
{
    int taken = is_taken(writer, *to, NULL, NULL, err);
    int code = taken > 0 ? find_free(writer, to, err) : taken;
    if (code)
        return code;
    stmt_set_integer(writer->move, 1, *to);
    stmt_set_integer(writer->move, 2, from);
    return stmt_run(writer->move, err);
}

int case_writer_whose(struct case_writer *writer, int64_t id, int64_t *numbers, struct err *err)
{
    stmt_set_integer(writer->whose, 1, id);
    int step = stmt_step(writer->whose, err);
    for (size_t i = 0; i < writer->table->source->identifier_count && step > 0; i++)
        numbers[i] = stmt_integer(writer->whose, 1 + (int)i); /* NULL reads as 0 */
    stmt_reset(writer->whose);
    return step < 0 ? step : 0;
}

int case_writer_delete(struct case_writer *writer, int64_t id, struct err *err)
{
    uint64_t cases;
    stmt_set_integer(writer->delete_case, 1, id);
    return label_use_lose(writer->labels, writer->table, writer->delete_case, &cases, err);
}

int case_writer_mark(struct case_writer *writer, int64_t id, struct err *err)
{
    stmt_set_integer(writer->mark, 1, id);
    return stmt_run(writer->mark, err);
}

int case_writer_is_marked(struct case_writer *writer, int64_t id, bool *marked, struct err *err)
{
    stmt_set_integer(writer->is_marked, 1, id);
    int step = stmt_step(writer->is_marked, err);
    *marked = step > 0 && stmt_integer(writer->is_marked, 0);
    stmt_reset(writer->is_marked);
    return step < 0 ? step : 0;
}

int case_writer_touch(struct case_writer *writer, int64_t id, int64_t file, struct err *err)
{
    stmt_bind_integer(writer->touch, ":id", id);
    stmt_bind_integer(writer->touch, ":file", file);
    return stmt_run(writer->touch, err);
}

int case_writer_nobody(struct case_writer *writer, int64_t *id, struct err *err)
{
    int step = stmt_step(writer->lowest, err);
    if (step > 0)
        *id = (stmt_integer(writer->lowest, 0) < 0 ? stmt_integer(writer->lowest, 0) : 0) - 1;
    stmt_reset(writer->lowest);
    return step < 0 ? step : 0;
}
