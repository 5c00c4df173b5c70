/* Consents to the recording of calls that were withdrawn (etl/rights.h). */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/rights_parts.h"

struct refusal {
    unsigned char hash[PSEUDONYM_BYTES];
    int32_t day;
};

struct refusals {
    struct stmt *refuse;
    const struct zone *zone;
    struct refusal *list; /* by hash */
    size_t count, capacity;
};

bool refusals_concern(const struct source_consent *consent)
{
    return consent && strcmp(consent->name, "call_recording") == 0;
}

static int compare(const void *left, const void *right)
{
    return memcmp(left, right, PSEUDONYM_BYTES);
}

static void keep(struct refusals *refusals, const unsigned char *hash, int32_t day)
{
    MEM_GROW(refusals->list, refusals->count, refusals->capacity);
    struct refusal *refusal = &refusals->list[refusals->count++];
    memcpy(refusal->hash, hash, sizeof refusal->hash);
    refusal->day = day;
}

int refusals_open(struct refusals **refusals, const struct store *store, const struct zone *zone, struct err *err)
{
    struct refusals *opened = mem_zalloc(1, sizeof *opened);
    struct stmt *stmt = NULL;
    int step = 0, code = db_prepare(store->db, "etl/sql/rights.sql", "refuse", &opened->refuse, err);
    if (!code)
        code = db_prepare(store->db, "etl/sql/rights.sql", "refusals", &stmt, err);
    while (!code && (step = stmt_step(stmt, err)) > 0)
        keep(opened, stmt_blob(stmt, 0, NULL), zone_day(zone, stmt_integer(stmt, 1)));
    stmt_free(stmt);
    opened->zone = zone;
    if (opened->count)
        qsort(opened->list, opened->count, sizeof *opened->list, compare);
    if (code || step < 0) {
        refusals_free(opened);
        return code ? code : step;
    }
    *refusals = opened;
    return 0;
}

void refusals_free(struct refusals *refusals)
{
    if (!refusals)
        return;
    stmt_free(refusals->refuse);
    free(refusals->list);
    free(refusals);
}

size_t refusals_count(const struct refusals *refusals)
{
    return refusals->count;
}

static struct refusal *find(const struct refusals *refusals, const unsigned char *hash)
{
    return refusals->count ? bsearch(hash, refusals->list, refusals->count, sizeof *refusals->list, compare) : NULL;
}

int refusals_record(struct refusals *refusals, const unsigned char hash[PSEUDONYM_BYTES], int64_t at, struct err *err)
{
    int32_t day = zone_day(refusals->zone, at);
    struct refusal *known = find(refusals, hash);
    if (known && known->day < day)
        known->day = day;
    if (!known) {
        keep(refusals, hash, day);
        qsort(refusals->list, refusals->count, sizeof *refusals->list, compare);
    }
    stmt_bind_blob(refusals->refuse, ":hash", hash, PSEUDONYM_BYTES);
    stmt_bind_integer(refusals->refuse, ":at", at);
    return stmt_run(refusals->refuse, err);
}

bool refusals_cover(const struct refusals *refusals, const unsigned char hash[PSEUDONYM_BYTES], int32_t closed_day)
{
    const struct refusal *refusal = find(refusals, hash);
    return refusal && closed_day <= refusal->day;
}

/* "d_a = NULL, m_b = NULL" for the bound columns; false if there are none. */
static bool list_bound(const struct source *source, struct strbuf *sql)
{
    size_t before = sql->length;
    for (size_t i = 0; i < source->dimension_count; i++)
        if (refusals_concern(source->dimensions[i].consent) && case_table_has_column(&source->dimensions[i]))
            strbuf_addf(sql, "%sd_%s = NULL", sql->length > before ? ", " : "",
                        db_identifier(source->dimensions[i].name));
    for (size_t i = 0; i < source->measure_count; i++)
        if (refusals_concern(source->measures[i].consent))
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

int refusals_blank(const struct store *store, const struct case_tables *tables, int64_t person, int32_t day,
                   uint64_t *blanked, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < tables->count && !code; i++)
        code = blank_table(store, &tables->list[i], person, day, blanked, err);
    return code;
}
