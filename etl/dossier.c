#include "etl/dossier.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_build.h"
#include "core/mem.h"
#include "etl/dossier_part.h"

static void set_text(json_t *object, const char *key, const char *text)
{
    json_set_made(object, key, json_string(text ? text : ""));
}

static void set_day(json_t *object, const char *key, int32_t day)
{
    char text[16];
    calendar_format_day(day, text);
    set_text(object, key, text);
}

static void set_instant(json_t *object, const char *key, int64_t at)
{
    char text[32];
    calendar_format_instant(at, text);
    set_text(object, key, text);
}

/* A list is there only if something is in it. */
static void set_list(json_t *object, const char *key, json_t *list)
{
    if (json_array_size(list))
        json_set_made(object, key, list);
    else
        json_decref(list);
}

static int query(const struct dossier_search *search, const char *name, struct stmt **stmt, struct err *err)
{
    return db_prepare(search->store->db, DOSSIER_SQL, name, stmt, err);
}

/* ---- holds ---- */

static int add_holds(const struct dossier_search *search, const unsigned char *hash, json_t *list, struct err *err)
{
    struct stmt *stmt;
    int step, code = query(search, "holds", &stmt, err);
    if (code)
        return code;
    stmt_bind_blob(stmt, ":hash", hash, PSEUDONYM_BYTES);
    while ((step = stmt_step(stmt, err)) > 0) {
        json_t *hold = json_made(json_object());
        set_text(hold, "reason", stmt_text(stmt, 0, NULL));
        if (!stmt_is_null(stmt, 1))
            set_instant(hold, "held_at", stmt_integer(stmt, 1));
        if (!stmt_is_null(stmt, 2))
            set_instant(hold, "released_at", stmt_integer(stmt, 2));
        if (!stmt_is_null(stmt, 3)) /* of a release alone there was none */
            json_set_made(hold, stmt_integer(stmt, 3) ? "in_force" : "over", json_true());
        json_append_made(list, hold);
    }
    stmt_free(stmt);
    return step;
}

/* ---- cases ---- */

struct columns {
    char **names; /* d_…, m_…, i_… */
    size_t count, capacity;
};

static void release_columns(struct columns *columns)
{
    for (size_t i = 0; i < columns->count; i++)
        free(columns->names[i]);
    free(columns->names);
}

static int list_columns(const struct dossier_search *search, const struct case_table *table, struct columns *columns, struct err *err)
{
    struct stmt *stmt;
    int step, code = query(search, "columns", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":table", table->name);
    while ((step = stmt_step(stmt, err)) > 0) {
        const char *name = stmt_text(stmt, 0, NULL);
        if (strncmp(name, "d_", 2) != 0 && strncmp(name, "m_", 2) != 0 && strcmp(name, "opened_day") != 0)
            continue;
        MEM_GROW(columns->names, columns->count, columns->capacity);
        columns->names[columns->count++] = mem_strdup(name);
    }
    stmt_free(stmt);
    return step;
}

static int read_labels(const struct dossier_search *search, int64_t value, struct strbuf *out, struct err *err)
{
    struct stmt *stmt;
    int step, code = query(search, "labels", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":code", value);
    while ((step = stmt_step(stmt, err)) > 0)
        strbuf_addf(out, "%s%s", out->length ? " / " : "", stmt_text(stmt, 0, NULL));
    stmt_free(stmt);
    return step;
}

static int read_measure(const struct dossier_search *search, const struct case_table *table, const char *name, int64_t value,
                        struct strbuf *out, struct err *err)
{
    struct stmt *stmt;
    int code = query(search, "measure", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":source", table->number);
    stmt_bind_string(stmt, ":name", name);
    int step = stmt_step(stmt, err);
    if (step > 0) {
        int decimals = (int)stmt_integer(stmt, 1);
        const char *unit = stmt_text(stmt, 0, NULL);
        strbuf_addf(out, "%.*f%s%s", decimals, (double)value / pow(10, decimals), *unit ? " " : "", unit);
    }
    stmt_free(stmt);
    return step < 0 ? step : 0;
}

static int add_column(const struct dossier_search *search, const struct case_table *table, const char *column, int64_t value, json_t *values,
                      struct err *err)
{
    struct strbuf text = { 0 };
    char day[16];
    int code = 0;
    if (column[0] == 'd')
        code = read_labels(search, value, &text, err);
    else if (column[0] == 'm')
        code = read_measure(search, table, column + 2, value, &text, err);
    if (column[0] == 'o') {
        calendar_format_day((int32_t)value, day);
        strbuf_adds(&text, day);
    }
    set_text(values, column[0] == 'o' ? "opened" : column + 2, strbuf_text(&text));
    strbuf_release(&text);
    return code;
}

static int add_file(const struct dossier_search *search, int64_t file, json_t *entry, struct err *err)
{
    struct stmt *stmt;
    int code = query(search, "file", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":file", file);
    int step = stmt_step(stmt, err);
    if (step > 0) {
        set_text(entry, "from_file", stmt_text(stmt, 0, NULL));
        set_instant(entry, "read_at", stmt_integer(stmt, 1));
    }
    stmt_free(stmt);
    return step < 0 ? step : 0;
}

enum { COLUMN_KEY, COLUMN_FILE, COLUMN_CLOSED, COLUMN_HELD, COLUMN_OTHERS };

static int add_case(const struct dossier_search *search, const struct case_table *table, const struct columns *columns, struct stmt *stmt,
                    json_t *list, struct err *err)
{
    json_t *entry = json_made(json_object()), *values = json_made(json_object()), *holds = json_made(json_array());
    int32_t closed_day = (int32_t)stmt_integer(stmt, COLUMN_CLOSED);
    set_text(entry, "source", table->name + strlen("case_"));
    set_day(entry, "closed", closed_day);
    bool is_marked = stmt_integer(stmt, COLUMN_HELD) != 0, is_held = false;
    int code = holds_cover(search->holds, stmt_blob(stmt, COLUMN_KEY, NULL), search->found.person, &is_held, err);
    set_day(entry, is_held || is_marked ? "term_ends" : "kept_until", term_due_day(&search->ingest->term, closed_day));
    if (is_marked)
        json_set_made(entry, "held", json_true());
    if (!code)
        code = add_file(search, stmt_integer(stmt, COLUMN_FILE), entry, err);
    if (!code)
        code = add_holds(search, stmt_blob(stmt, COLUMN_KEY, NULL), holds, err);
    for (size_t i = 0; i < columns->count && !code; i++)
        if (!stmt_is_null(stmt, COLUMN_OTHERS + (int)i))
            code = add_column(search, table, columns->names[i], stmt_integer(stmt, COLUMN_OTHERS + (int)i), values, err);
    json_set_made(entry, "values", values);
    set_list(entry, "holds", holds);
    json_append_made(list, entry);
    return code;
}

static int prepare_cases(const struct dossier_search *search, const struct case_table *table, const struct columns *columns,
                         struct stmt **stmt, struct err *err)
{
    struct strbuf sql = { 0 };
    strbuf_adds(&sql, "SELECT case_key, file, closed_day, held");
    for (size_t i = 0; i < columns->count; i++)
        strbuf_addf(&sql, ", %s", db_identifier(columns->names[i]));
    strbuf_adds(&sql, " FROM {table} WHERE id BETWEEN :first AND :last ORDER BY closed_day, id");
    int code = case_table_prepare(search->store, table, sql.text, stmt, err);
    strbuf_release(&sql);
    return code;
}

static int add_table(struct dossier_search *search, const struct case_table *table, json_t *list, struct err *err)
{
    struct columns columns = { 0 };
    struct stmt *stmt = NULL;
    int step = 0, code = list_columns(search, table, &columns, err);
    if (!code)
        code = prepare_cases(search, table, &columns, &stmt, err);
    if (!code) {
        stmt_bind_integer(stmt, ":first", store_first_id(search->found.person));
        stmt_bind_integer(stmt, ":last", store_first_id(search->found.person) + STORE_MAX_CASES);
    }
    while (!code && (step = stmt_step(stmt, err)) > 0) {
        person_hashes_add(&search->cases, stmt_blob(stmt, COLUMN_KEY, NULL));
        code = add_case(search, table, &columns, stmt, list, err);
    }
    stmt_free(stmt);
    release_columns(&columns);
    return code ? code : step;
}

static int add_cases(struct dossier_search *search, json_t *out, struct err *err)
{
    const struct case_tables *tables = search->ingest->tables;
    json_t *list = json_made(json_array());
    int code = 0;
    for (size_t i = 0; i < tables->count && !code && search->found.person; i++)
        code = add_table(search, &tables->list[i], list, err);
    set_list(out, "cases", list);
    return code;
}

/* ---- what else there is ---- */

static int add_identifiers(const struct dossier_search *search, json_t *out, struct err *err)
{
    json_t *list = json_made(json_array());
    struct stmt *stmt = NULL;
    int code = query(search, "kind", &stmt, err);
    for (size_t i = 0; i < search->known.count && !code; i++) {
        stmt_bind_integer(stmt, ":kind", search->known.list[i].kind);
        int step = stmt_step(stmt, err);
        if (step > 0)
            json_append_made(list, json_made(json_pack("{s:s, s:i}", "kind", stmt_text(stmt, 0, NULL), "key_epoch",
                                                       (int)search->known.list[i].epoch)));
        stmt_reset(stmt);
        code = step < 0 ? step : 0;
    }
    stmt_free(stmt);
    set_list(out, "identifiers", list);
    return code;
}

/* By which identifiers the claimant is recognised. */
static int add_claim_kinds(const struct dossier_search *search, json_t *claims, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = query(search, "claim_kinds", &stmt, err);
    if (code)
        return code;
    stmt_bind_blob(stmt, ":hash", search->found.hash, PSEUDONYM_BYTES);
    int step = stmt_step(stmt, err);
    if (step > 0)
        set_text(claims, "known_kinds", stmt_text(stmt, 0, NULL));
    stmt_free(stmt);
    return step < 0 ? step : 0;
}

static int add_claims(const struct dossier_search *search, json_t *out, struct err *err)
{
    static const char *const names[CLAIMS] = { "objected_at", "objection_withdrawn_at", "erased_at", "recording_refused_at",
                                               "recording_allowed_at", "left_surveys_at" };
    int64_t at[CLAIMS];
    if (!rights_claimed(search->rights, search->key, at))
        return 0;
    json_t *claims = json_made(json_object());
    for (int i = 0; i < CLAIMS; i++)
        if (at[i] != INT64_MIN)
            set_instant(claims, names[i], at[i]);
    json_set_made(out, "claims", claims);
    return add_claim_kinds(search, claims, err);
}

static int add_person_holds(const struct dossier_search *search, json_t *out, struct err *err)
{
    json_t *list = json_made(json_array());
    int code = 0;
    for (size_t i = 0; i < search->identifiers.count && !code; i++)
        code = add_holds(search, search->identifiers.list[i], list, err);
    set_list(out, "holds", list);
    return code;
}

int dossier_store(struct dossier_search *search, json_t *out, struct err *err)
{
    if (search->shared) {
        json_set_made(out, "shared", json_true());
        return 0;
    }
    int code = add_identifiers(search, out, err);
    if (!code)
        code = add_cases(search, out, err);
    if (!code)
        code = add_person_holds(search, out, err);
    return code ? code : add_claims(search, out, err);
}
