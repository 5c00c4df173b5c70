#include "stats/rows_cases.h"

#include <stdlib.h>

#include "core/mem.h"
#include "core/strbuf.h"
#include "stats/cell.h"
#include "stats/period.h"

enum {
    BATCH = 1024,
    SCAN_CACHE_KIB = 2048, /* each page is read once, in order */
    PERSON_PARTS = 64,
    PERSON_SHIFT = 24, /* id = person << 24 | running number */
};

struct cases_reader {
    const struct rows_cases *rows;
    struct db *db;
    struct stmt *stmt;
    bool done;
    int64_t person[BATCH];
    uint32_t *nodes;
    int64_t *values;
};

/* Part 0: all cases without a known person, who count as one. Then equal ranges of person numbers. */
static void part_range(const struct rows_cases *rows, size_t part, int64_t *first, int64_t *last)
{
    if (part == 0) {
        *first = INT64_MIN;
        *last = -1;
        return;
    }
    int64_t persons = rows->last_person - rows->first_person + 1;
    int64_t from = rows->first_person + persons * (int64_t)(part - 1) / PERSON_PARTS;
    int64_t to = rows->first_person + persons * (int64_t)part / PERSON_PARTS;
    *first = from * (INT64_C(1) << PERSON_SHIFT);
    *last = to * (INT64_C(1) << PERSON_SHIFT) - 1;
}

static void add_column(struct strbuf *sql, const char *column)
{
    strbuf_addf(sql, ", %s", column ? db_identifier(column) : "NULL");
}

static int prepare(struct cases_reader *reader, struct err *err)
{
    const struct rows_cases *rows = reader->rows;
    struct strbuf sql = { 0 };
    strbuf_adds(&sql, "SELECT id");
    for (size_t d = 0; d < rows->dimension_count; d++)
        add_column(&sql, rows->dimensions[d].column);
    for (size_t m = 0; m < rows->measure_count; m++)
        add_column(&sql, rows->measures[m]);
    strbuf_addf(&sql, " FROM %s WHERE id BETWEEN :first AND :last AND held = 0", db_identifier(rows->table));
    if (rows->days)
        strbuf_adds(&sql, " AND closed_day BETWEEN :from AND :to");
    if (rows->counted) {
        strbuf_adds(&sql, " AND (released IS NOT NULL");
        for (size_t i = 0; i < rows->uncounted_count; i++)
            strbuf_addf(&sql, " OR closed_day BETWEEN :from_%zu AND :to_%zu", i, i);
        strbuf_adds(&sql, ")");
    }
    strbuf_adds(&sql, " ORDER BY id");
    int failed = db_prepare_text(reader->db, strbuf_text(&sql), &reader->stmt, err);
    strbuf_release(&sql);
    return failed;
}

static void reader_close(void *context)
{
    struct cases_reader *reader = context;
    stmt_free(reader->stmt);
    db_close(reader->db);
    free(reader->nodes);
    free(reader->values);
    free(reader);
}

static int reader_open(const struct row_source *source, void **out, struct err *err)
{
    const struct rows_cases *rows = source->context;
    struct cases_reader *reader = mem_zalloc(1, sizeof *reader);
    reader->rows = rows;
    reader->done = true;
    reader->nodes = mem_zalloc(BATCH * (rows->dimension_count + 1), sizeof *reader->nodes);
    reader->values = mem_zalloc(BATCH * (rows->measure_count + 1), sizeof *reader->values);
    int failed = db_open(&reader->db, rows->path, "cases", DB_READ, err);
    if (!failed)
        db_set_cache_kib(reader->db, SCAN_CACHE_KIB);
    if (!failed)
        failed = prepare(reader, err);
    if (failed)
        reader_close(reader);
    else
        *out = reader;
    return failed;
}

static void bind_days(struct stmt *stmt, const struct schedule_span *days, int *index)
{
    stmt_set_integer(stmt, (*index)++, days->from);
    stmt_set_integer(stmt, (*index)++, days->to);
}

static int reader_seek(void *context, size_t part, struct err *err)
{
    (void)err;
    struct cases_reader *reader = context;
    int64_t first, last;
    part_range(reader->rows, part, &first, &last);
    stmt_reset(reader->stmt);
    stmt_set_integer(reader->stmt, 1, first);
    stmt_set_integer(reader->stmt, 2, last);
    int index = 3;
    if (reader->rows->days)
        bind_days(reader->stmt, reader->rows->days, &index);
    for (size_t i = 0; reader->rows->counted && i < reader->rows->uncounted_count; i++)
        bind_days(reader->stmt, &reader->rows->uncounted[i], &index);
    reader->done = false;
    return 0;
}

/* The node of a day or a code; false: the store holds what it cannot hold. */
static bool decode_node(const struct rows_cases *rows, size_t d, int64_t stored, uint32_t *node)
{
    const struct rows_dimension *dimension = &rows->dimensions[d];
    if (dimension->of_day) {
        if (stored < PERIOD_FIRST_DAY || stored > PERIOD_LAST_DAY)
            return false;
        *node = dimension->of_day[stored - PERIOD_FIRST_DAY];
        return true;
    }
    if (stored < 0 || (uint64_t)stored >= rows->code_count || rows->codes[stored].dimension != d + 1)
        return false;
    *node = rows->codes[stored].node;
    return true;
}

/* NULL reads as 0, so the type need only be asked for then. */
static bool is_null(struct stmt *stmt, int column, int64_t read)
{
    return read == 0 && stmt_is_null(stmt, column);
}

static int decode_row(struct cases_reader *reader, size_t r, struct err *err)
{
    const struct rows_cases *rows = reader->rows;
    struct stmt *stmt = reader->stmt;
    int64_t id = stmt_integer(stmt, 0);
    int column = 1;
    reader->person[r] = id < 0 ? -1 : id >> PERSON_SHIFT;
    for (size_t d = 0; d < rows->dimension_count; d++, column++) {
        uint32_t *node = &reader->nodes[r * rows->dimension_count + d];
        int64_t stored = stmt_integer(stmt, column);
        if (is_null(stmt, column, stored))
            *node = rows->dimensions[d].missing;
        else if (!decode_node(rows, d, stored, node))
            return err_set(err, ERR_DATA, "column '%s' of '%s' holds a value that has no meaning",
                           rows->dimensions[d].column, rows->table);
    }
    for (size_t m = 0; m < rows->measure_count; m++, column++) {
        int64_t *value = &reader->values[r * rows->measure_count + m];
        *value = stmt_integer(stmt, column);
        if (is_null(stmt, column, *value))
            *value = ROWS_NO_VALUE;
        else if (*value > CELL_VALUE_LIMIT || *value < -CELL_VALUE_LIMIT)
            return err_set(err, ERR_DATA, "column '%s' of '%s' holds a value that is too large", rows->measures[m],
                           rows->table);
    }
    return 0;
}

static int reader_next(void *context, struct rows *out, struct err *err)
{
    struct cases_reader *reader = context;
    size_t count = 0;
    while (!reader->done && count < BATCH) {
        int step = stmt_step(reader->stmt, err);
        if (step < 0)
            return step;
        reader->done = step == 0;
        int failed = step ? decode_row(reader, count++, err) : 0;
        if (failed)
            return failed;
    }
    *out = (struct rows){ count, reader->person, reader->nodes, reader->values };
    return count > 0;
}

/* Two look-ups, as SQLite uses the key for a minimum or a maximum alone. */
static int find_persons(struct rows_cases *rows, struct db *db, struct err *err)
{
    struct strbuf sql = { 0 };
    struct stmt *stmt = NULL;
    const char *table = db_identifier(rows->table);
    strbuf_addf(&sql, "SELECT (SELECT min(id) FROM %s WHERE id >= 0), (SELECT max(id) FROM %s)", table, table);
    int step = db_prepare_text(db, strbuf_text(&sql), &stmt, err);
    strbuf_release(&sql);
    if (step)
        return step;
    step = stmt_step(stmt, err);
    if (step > 0 && !stmt_is_null(stmt, 0)) {
        rows->first_person = stmt_integer(stmt, 0) >> PERSON_SHIFT;
        rows->last_person = stmt_integer(stmt, 1) >> PERSON_SHIFT;
    }
    stmt_free(stmt);
    return step < 0 ? step : 0;
}

int rows_cases_init(struct rows_cases *rows, struct db *db, struct err *err)
{
    rows->source = (struct row_source){
        .context = rows,
        .dimensions = rows->dimension_count,
        .measures = rows->measure_count,
        .parts = rows->table ? 1 + PERSON_PARTS : 0,
        .open = reader_open,
        .seek = reader_seek,
        .next = reader_next,
        .close = reader_close,
    };
    return rows->table ? find_persons(rows, db, err) : 0;
}
