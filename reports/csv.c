#include "core/csvwrite.h"
#include "reports/writers.h"

static void write_value(struct csvwrite *writer, const struct released_column *column, struct released_value value)
{
    if (!value.present)
        csvwrite_empty(writer);
    else if (column->type == RELEASED_TEXT)
        csvwrite_text(writer, value.text);
    else if (column->type == RELEASED_INTEGER)
        csvwrite_integer(writer, value.integer);
    else
        csvwrite_decimal(writer, value.decimal, column->decimals);
}

static void write_table(const struct released_table *table, enum csv_dialect dialect, struct strbuf *out)
{
    struct csvwrite writer;
    size_t columns = released_column_count(table), rows = released_row_count(table);
    csvwrite_init(&writer, out, dialect);
    for (size_t i = 0; i < columns; i++)
        csvwrite_text(&writer, released_column(table, i)->name);
    csvwrite_end(&writer);
    for (size_t row = 0; row < rows; row++) {
        for (size_t i = 0; i < columns; i++)
            write_value(&writer, released_column(table, i), released_value(table, row, i));
        csvwrite_end(&writer);
    }
}

static int add_table(const struct released_table *table, enum csv_dialect dialect, struct stage *stage, struct err *err)
{
    struct strbuf content = { 0 }, path = { 0 };
    if (dialect == CSV_DIALECT_GERMAN)
        strbuf_adds(&path, "german/");
    report_table_path(table, &path);
    write_table(table, dialect, &content);
    int code = stage_add(stage, path.text, (struct slice){ content.text, content.length }, err);
    strbuf_release(&content);
    strbuf_release(&path);
    return code;
}

int report_csv(const struct release *release, const struct report_options *options, struct stage *stage,
               struct err *err)
{
    int code = 0;
    for (size_t i = 0; !code && i < release_table_count(release); i++) {
        code = add_table(release_table(release, i), CSV_DIALECT_RFC4180, stage, err);
        if (!code && options->german_csv)
            code = add_table(release_table(release, i), CSV_DIALECT_GERMAN, stage, err);
    }
    return code;
}
