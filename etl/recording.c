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

static int blank_table(const struct store *store, const struct case_table *table, int64_t person, int32_t day,
                       uint64_t *blanked, struct err *err)
{
    struct strbuf sql = { 0 };
    struct stmt *stmt = NULL;
    int code = 0;
    strbuf_adds(&sql, "UPDATE {table} SET ");
    if (table->source && list_bound(table->source, &sql)) {
        strbuf_adds(&sql, " WHERE id BETWEEN :first AND :last AND closed_day <= :day");
        code = case_table_prepare(store, table, sql.text, &stmt, err);
    }
    if (stmt) {
        stmt_bind_integer(stmt, ":first", store_first_id(person));
        stmt_bind_integer(stmt, ":last", store_first_id(person) + STORE_MAX_CASES);
        stmt_bind_integer(stmt, ":day", day);
        code = stmt_run(stmt, err);
        *blanked += (uint64_t)db_changes(store->db);
        stmt_free(stmt);
    }
    strbuf_release(&sql);
    return code;
}

int recording_blank(const struct store *store, const struct case_tables *tables, int64_t person, int32_t day,
                   uint64_t *blanked, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < tables->count && !code; i++)
        code = blank_table(store, &tables->list[i], person, day, blanked, err);
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
                *codes = 0;
            codes++;
        }
    for (size_t i = 0; i < source->measure_count; i++)
        if (recording_concerns(source->measures[i].consent))
            values[i] = BATCH_NO_VALUE;
}
