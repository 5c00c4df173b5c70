#include "etl/case_writer.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* The columns of both statements stand in the order of bind(). */
enum { FIXED_COLUMNS = 5 };
static const char *const fixed_columns[FIXED_COLUMNS] = { "id", "case_key", "file", "closed_day", "opened_day" };

struct case_writer {
    const struct case_table *table;
    struct stmt *insert, *update, *delete_case, *touch;
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

/* Adds "before COLUMN after" for each column, with commas between. */
static void add_each(struct strbuf *sql, const struct strbuf *columns, const char *format)
{
    const char *at = strbuf_text(columns);
    while (*at) {
        size_t length = strcspn(at, "\n");
        if (at != strbuf_text(columns))
            strbuf_adds(sql, ", ");
        for (const char *c = format; *c; c++)
            if (*c == '@')
                strbuf_add(sql, at, length);
            else
                strbuf_addc(sql, *c);
        at += length + (at[length] == '\n');
    }
}

static int prepare_built(struct case_writer *writer, const struct store *store, struct err *err)
{
    struct strbuf columns = { 0 }, insert = { 0 }, update = { 0 };
    list_columns(writer->table->source, &columns);
    strbuf_adds(&insert, "INSERT INTO {table} (");
    add_each(&insert, &columns, "@");
    strbuf_adds(&insert, ") VALUES (");
    add_each(&insert, &columns, ":@");
    strbuf_adds(&insert, ")");
    strbuf_adds(&update, "UPDATE {table} SET ");
    add_each(&update, &columns, "@ = :@");
    strbuf_adds(&update, " WHERE id = :old_id");
    int code = case_table_prepare(store, writer->table, insert.text, &writer->insert, err);
    if (!code)
        code = case_table_prepare(store, writer->table, update.text, &writer->update, err);
    strbuf_release(&columns);
    strbuf_release(&insert);
    strbuf_release(&update);
    return code;
}

int case_writer_open(struct case_writer **writer, const struct store *store, const struct case_table *table,
                     struct err *err)
{
    struct case_writer *opened = mem_zalloc(1, sizeof *opened);
    opened->table = table;
    int code = prepare_built(opened, store, err);
    if (!code)
        code = case_table_prepare(store, table, "DELETE FROM {table} WHERE id = :id", &opened->delete_case, err);
    if (!code)
        code = case_table_prepare(store, table, "UPDATE {table} SET file = :file WHERE id = :id", &opened->touch, err);
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
    stmt_free(writer->insert);
    stmt_free(writer->update);
    stmt_free(writer->delete_case);
    stmt_free(writer->touch);
    free(writer);
}

/* Unset parameters are NULL: stmt_run() clears the bindings. Returns the index of the next parameter. */
static int bind(struct stmt *stmt, const struct case_image *image)
{
    const struct batch *batch = image->batch;
    const struct source *source = batch->table->source;
    const struct batch_row *row = &batch->rows[image->row];
    const int64_t *numbers = image->numbers + image->row * source->identifier_count;
    const int64_t *codes = batch->codes + image->row * batch->code_count;
    const int64_t *values = batch->values + image->row * source->measure_count;
    int at = FIXED_COLUMNS + 1;
    stmt_set_integer(stmt, 1, image->id);
    stmt_set_blob(stmt, 2, row->key, sizeof row->key);
    stmt_set_integer(stmt, 3, image->file);
    stmt_set_integer(stmt, 4, row->closed_day);
    if (row->opened_day != BATCH_NO_DAY)
        stmt_set_integer(stmt, 5, row->opened_day);
    for (size_t i = 0; i < source->identifier_count; i++, at++)
        if (numbers[i])
            stmt_set_integer(stmt, at, numbers[i]);
    for (size_t i = 0; i < batch->code_count; i++)
        stmt_set_integer(stmt, at++, codes[i]);
    for (size_t i = 0; i < source->measure_count; i++, at++)
        if (values[i] != BATCH_NO_VALUE)
            stmt_set_integer(stmt, at, values[i]);
    return at;
}

int case_writer_insert(struct case_writer *writer, const struct case_image *image, struct err *err)
{
    bind(writer->insert, image);
    return stmt_run(writer->insert, err);
}

int case_writer_update(struct case_writer *writer, const struct case_image *image, int64_t old_id, struct err *err)
{
    stmt_set_integer(writer->update, bind(writer->update, image), old_id);
    return stmt_run(writer->update, err);
}

int case_writer_delete(struct case_writer *writer, int64_t id, struct err *err)
{
    stmt_bind_integer(writer->delete_case, ":id", id);
    return stmt_run(writer->delete_case, err);
}

int case_writer_touch(struct case_writer *writer, int64_t id, int64_t file, struct err *err)
{
    stmt_bind_integer(writer->touch, ":id", id);
    stmt_bind_integer(writer->touch, ":file", file);
    return stmt_run(writer->touch, err);
}
