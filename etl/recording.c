/* What is bound to the consent to the recording of calls (etl/rights.h). */
#include <string.h>

#include "etl/rights_parts.h"

bool recording_concerns(const struct source_consent *consent)
{
    return consent && strcmp(consent->name, "call_recording") == 0;
}

/* "d_a = NULL, m_b = NULL" for the bound columns; false if there are none. */
static bool list_bound(const struct source *source, struct strbuf *sql)
{
    size_t before = sql->length;
    for (size_t i = 0; i < source->dimension_count; i++)
        if (recording_concerns(source->dimensions[i].consent) && case_table_has_column(&source->dimensions[i]))
            strbuf_addf(sql, "%sd_%s = NULL", sql->length > before ? ", " : "",
                        db_identifier(source->dimensions[i].name));
    for (size_t i = 0; i < source->measure_count; i++)
        if (recording_concerns(source->measures[i].consent))
            strbuf_addf(sql, "%sm_%s = NULL", sql->length > before ? ", " : "", db_identifier(source->measures[i].name));
    return sql->length > before;
}

/* The cases that are meant, of one person. */
struct blanking {
    struct rights *rights;
    const struct case_table *table;
    int64_t person;
    int32_t day;
};

static int prepare(const struct blanking *blanking, const char *text, struct stmt **stmt, struct err *err)
{
    int code = case_table_prepare(blanking->rights->options.store, blanking->table, text, stmt, err);
    if (code)
        return code;
    stmt_bind_integer(*stmt, ":first", store_first_id(blanking->person));
    stmt_bind_integer(*stmt, ":last", store_first_id(blanking->person) + STORE_MAX_CASES);
    stmt_bind_integer(*stmt, ":day", blanking->day);
    return 0;
}

/* What labels they have is counted off before, and what they still have counted again. */
static int blank_table(const struct blanking *blanking, const char *update, uint64_t *blanked, struct err *err)
{
    struct label_use *labels = blanking->rights->labels;
    struct stmt *stmt;
    uint64_t cases = 0;
    int code = prepare(blanking, "SELECT id{codes} FROM {table} WHERE id BETWEEN :first AND :last AND closed_day <= :day", &stmt,
                       err);
    if (code)
        return code;
    code = label_use_lose(labels, blanking->table, stmt, &cases, err);
    stmt_free(stmt);
    if (!code)
        code = prepare(blanking, update, &stmt, err);
    if (code)
        return code;
    code = label_use_gain(labels, blanking->table, stmt, &cases, err);
    *blanked += cases;
    stmt_free(stmt);
    return code;
}

int recording_blank(struct rights *rights, int64_t person, int32_t day, uint64_t *blanked, struct err *err)
{
    const struct case_tables *tables = rights->options.tables;
    int code = 0;
    for (size_t i = 0; i < tables->count && !code; i++) {
        const struct blanking blanking = { rights, &tables->list[i], person, day };
        struct strbuf sql = { 0 };
        strbuf_adds(&sql, "UPDATE {table} SET ");
        if (tables->list[i].source && list_bound(tables->list[i].source, &sql)) {
            strbuf_adds(&sql, " WHERE id BETWEEN :first AND :last AND closed_day <= :day RETURNING id{codes}");
            code = blank_table(&blanking, strbuf_text(&sql), blanked, err);
        }
        strbuf_release(&sql);
    }
    return code;
}

void recording_blank_row(struct batch *batch, size_t row)
{
    const struct source *source = batch->table->source;
    int64_t *codes = batch->codes + row * batch->code_count;
    int64_t *values = batch->values + row * source->measure_count;
    for (size_t i = 0; i < source->dimension_count; i++)
        if (case_table_has_column(&source->dimensions[i])) {
            if (recording_concerns(source->dimensions[i].consent))
                *codes = BATCH_NO_VALUE;
            codes++;
        }
    for (size_t i = 0; i < source->measure_count; i++)
        if (recording_concerns(source->measures[i].consent))
            values[i] = BATCH_NO_VALUE;
}
