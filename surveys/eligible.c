#include "surveys/eligible.h"

#include <stdlib.h>
#include <string.h>

#include "core/strbuf.h"

#define QUERIES "surveys/sql/audience.sql"

enum { DIMENSIONS_MAX = 32 };

struct value {
    int64_t code, parent;
    const char *label;
};

struct filter_dimension {
    const char *name;
    struct value *values; /* parents before children */
    size_t count, capacity;
};

struct scan {
    const struct audience_input *input;
    struct audience *audience;
    struct filter_dimension dimensions[DIMENSIONS_MAX];
    size_t dimension_count;
};

static int load_values(struct scan *scan, struct filter_dimension *dimension, int64_t id, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(scan->input->cases, QUERIES, "values", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":dimension", id);
    while ((code = stmt_step(stmt, err)) == 1) {
        MEM_GROW(dimension->values, dimension->count, dimension->capacity);
        dimension->values[dimension->count++] =
            (struct value) { stmt_integer(stmt, 0), stmt_integer(stmt, 1), arena_strdup(&scan->audience->arena, stmt_text(stmt, 2, NULL)) };
    }
    stmt_free(stmt);
    return code;
}

static int add_dimension(struct scan *scan, int64_t source, const char *name, struct err *err)
{
    struct stmt *stmt = NULL;
    for (size_t i = 0; i < scan->dimension_count; i++)
        if (strcmp(scan->dimensions[i].name, name) == 0)
            return 0;
    if (scan->dimension_count == DIMENSIONS_MAX)
        return err_set(err, ERR_CONFIG, "survey '%s' names more than %d dimensions", scan->input->survey->name, DIMENSIONS_MAX);
    int code = db_prepare(scan->input->cases, QUERIES, "dimension", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":source", source);
    stmt_bind_string(stmt, ":name", name);
    code = stmt_step(stmt, err);
    int64_t id = code == 1 ? stmt_integer(stmt, 0) : 0;
    stmt_free(stmt);
    if (code < 0)
        return code;
    if (!id)
        return err_set(err, ERR_CONFIG, "survey '%s' names the dimension '%s', which source '%s' does not store",
                       scan->input->survey->name, name, scan->input->survey->source);
    struct filter_dimension *dimension = &scan->dimensions[scan->dimension_count++];
    *dimension = (struct filter_dimension) { .name = name };
    return load_values(scan, dimension, id, err);
}

static int find_source(const struct audience_input *input, int64_t *source, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->cases, QUERIES, "source", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":name", input->survey->source);
    code = stmt_step(stmt, err);
    if (code == 1)
        *source = stmt_integer(stmt, 0);
    stmt_free(stmt);
    if (code == 0)
        return err_set(err, ERR_CONFIG, "survey '%s' asks about source '%s', of which nothing is stored", input->survey->name,
                       input->survey->source);
    return code < 0 ? code : 0;
}

static int load_dimensions(struct scan *scan, struct err *err)
{
    const struct survey *survey = scan->input->survey;
    int64_t source = 0;
    int code = find_source(scan->input, &source, err);
    for (size_t i = 0; i < survey->audience_count && !code; i++)
        code = add_dimension(scan, source, survey->audience[i].dimension, err);
    for (size_t i = 0; i < survey->segment_count && !code; i++)
        code = add_dimension(scan, source, survey->segments[i], err);
    for (size_t i = 0; i < survey->quota_count && !code; i++)
        code = add_dimension(scan, source, survey->quotas[i].dimension, err);
    return code;
}

/* Rows that lack none of what stands before `lack`; of a person, or of everybody: 0. */
static int prepare(struct scan *scan, enum eligible_lack lack, int64_t person, struct stmt **stmt, struct err *err)
{
    const struct audience_input *input = scan->input;
    bool is_dated = lack > ELIGIBLE_LACKS_AGE;
    struct strbuf sql = { 0 };
    strbuf_adds(&sql, "SELECT id, closed_day, case_key");
    for (size_t i = 0; i < scan->dimension_count; i++)
        strbuf_addf(&sql, ", d_%s", db_identifier(scan->dimensions[i].name));
    strbuf_addf(&sql, " FROM case_%s WHERE id > 0%s%s%s ORDER BY id", db_identifier(input->survey->source), person ? " AND id BETWEEN :first AND :last" : "",
                lack > ELIGIBLE_LACKS_FREE ? " AND held = 0" : "", is_dated ? " AND closed_day BETWEEN :from AND :to" : "");
    int code = db_prepare_text(input->cases, strbuf_text(&sql), stmt, err);
    strbuf_release(&sql);
    if (!code && person) {
        stmt_bind_integer(*stmt, ":first", person << ELIGIBLE_PERSON_SHIFT);
        stmt_bind_integer(*stmt, ":last", ((person + 1) << ELIGIBLE_PERSON_SHIFT) - 1);
    }
    if (!code && is_dated) {
        int32_t today = zone_day(input->zone, input->now);
        stmt_bind_integer(*stmt, ":from", today - input->survey->closed_within_days);
        stmt_bind_integer(*stmt, ":to", today);
    }
    return code;
}

static const struct value *find_value(const struct filter_dimension *dimension, int64_t code)
{
    for (size_t i = 0; i < dimension->count; i++)
        if (dimension->values[i].code == code)
            return &dimension->values[i];
    return NULL;
}

static size_t dimension_index(const struct scan *scan, const char *name)
{
    size_t i = 0;
    while (strcmp(scan->dimensions[i].name, name) != 0)
        i++;
    return i;
}

static bool is_one_of(const char *const *labels, size_t count, const char *label)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(labels[i], label) == 0)
            return true;
    return false;
}

/* The label on the case's path in the dimension that is among `labels`; NULL if none is. */
static const char *label_among(const struct scan *scan, struct stmt *stmt, const char *name, const char *const *labels, size_t count)
{
    size_t i = dimension_index(scan, name);
    const struct filter_dimension *dimension = &scan->dimensions[i];
    const struct value *value = find_value(dimension, stmt_integer(stmt, (int)i + 3));
    for (; value; value = find_value(dimension, value->parent))
        if (is_one_of(labels, count, value->label))
            return value->label;
    return NULL;
}

static const char *coarsest_label(const struct scan *scan, struct stmt *stmt, const char *name)
{
    size_t i = dimension_index(scan, name);
    const struct filter_dimension *dimension = &scan->dimensions[i];
    const struct value *value = find_value(dimension, stmt_integer(stmt, (int)i + 3));
    while (value && value->parent)
        value = find_value(dimension, value->parent);
    return value ? value->label : "";
}

static bool is_wanted(const struct scan *scan, struct stmt *stmt)
{
    const struct survey *survey = scan->input->survey;
    for (size_t i = 0; i < survey->audience_count; i++) {
        const struct survey_filter *filter = &survey->audience[i];
        if (!label_among(scan, stmt, filter->dimension, filter->labels, filter->label_count))
            return false;
    }
    return true;
}

static void describe(struct scan *scan, struct stmt *stmt, struct candidate *candidate)
{
    const struct survey *survey = scan->input->survey;
    struct arena *arena = &scan->audience->arena;
    const char **segments = arena_alloc(arena, (survey->segment_count + 1) * sizeof *segments);
    const char **quotas = arena_alloc(arena, (survey->quota_count + 1) * sizeof *quotas);
    for (size_t i = 0; i < survey->segment_count; i++)
        segments[i] = coarsest_label(scan, stmt, survey->segments[i]);
    for (size_t i = 0; i < survey->quota_count; i++)
        quotas[i] = label_among(scan, stmt, survey->quotas[i].dimension, &survey->quotas[i].label, 1);
    candidate->segments = segments;
    candidate->quota_labels = quotas;
}

void eligible_hash_case(const struct keyring *keyring, struct slice case_key, unsigned char hash[CASE_HASH_BYTES])
{
    pseudonym_derive(keyring_key(keyring, KEY_OBJECTION, keyring_epoch(keyring, KEY_OBJECTION)), "asked-about", case_key, hash);
}

/* A case is asked about once, so the invitation remembers it. */
static void hash_case(const struct scan *scan, struct stmt *stmt, struct candidate *candidate)
{
    size_t length;
    const char *key = stmt_blob(stmt, 2, &length);
    eligible_hash_case(scan->input->keyring, (struct slice) { key, length }, candidate->case_hash);
}

/* Rows come in person order: the last candidate is the row's person or an earlier one. */
static void take(struct scan *scan, struct stmt *stmt)
{
    struct audience *audience = scan->audience;
    int64_t person = stmt_integer(stmt, 0) >> ELIGIBLE_PERSON_SHIFT;
    int32_t closed_day = (int32_t)stmt_integer(stmt, 1);
    struct candidate *last = audience->count ? &audience->candidates[audience->count - 1] : NULL;
    bool same = last && last->person == person;
    if (same && last->closed_day >= closed_day)
        return;
    if (!same) {
        MEM_GROW(audience->candidates, audience->count, audience->capacity);
        last = &audience->candidates[audience->count++];
        *last = (struct candidate) { .person = person, .excluded = EXCLUDED_NO_OPT_IN };
    }
    last->closed_day = closed_day;
    hash_case(scan, stmt, last);
    describe(scan, stmt, last);
}

static void free_dimensions(struct scan *scan)
{
    for (size_t i = 0; i < scan->dimension_count; i++)
        free(scan->dimensions[i].values);
}

int eligible_collect(struct audience *audience, const struct audience_input *input, struct err *err)
{
    struct scan scan = { .input = input, .audience = audience };
    struct stmt *stmt = NULL;
    int code = load_dimensions(&scan, err);
    if (!code)
        code = prepare(&scan, ELIGIBLE_LACKS_NOTHING, 0, &stmt, err);
    while (!code && (code = stmt_step(stmt, err)) == 1) {
        if (is_wanted(&scan, stmt))
            take(&scan, stmt);
        code = 0;
    }
    stmt_free(stmt);
    free_dimensions(&scan);
    return code;
}

/* 1: the person has a case that lacks nothing that stands before `lack`. */
static int has_case(struct scan *scan, enum eligible_lack lack, int64_t person, struct err *err)
{
    struct stmt *stmt = NULL;
    int step = 0, code = prepare(scan, lack, person, &stmt, err);
    bool found = false;
    while (!code && !found && (step = stmt_step(stmt, err)) == 1)
        found = lack < ELIGIBLE_LACKS_NOTHING || is_wanted(scan, stmt);
    stmt_free(stmt);
    return code ? code : step < 0 ? step : found;
}

int eligible_explain(const struct audience_input *input, int64_t person, enum eligible_lack *lack, struct err *err)
{
    struct audience labels = { .count = 0 };
    struct scan scan = { .input = input, .audience = &labels };
    int found = 1;
    arena_init(&labels.arena, true);
    int code = load_dimensions(&scan, err);
    *lack = ELIGIBLE_LACKS_CASE;
    for (int next = ELIGIBLE_LACKS_FREE; next <= ELIGIBLE_LACKS_NOTHING && !code && found == 1; next++) {
        found = person ? has_case(&scan, (enum eligible_lack)next, person, err) : 0;
        if (found == 1)
            *lack = (enum eligible_lack)next;
    }
    free_dimensions(&scan);
    audience_release(&labels);
    return code ? code : found < 0 ? found : 0;
}

int eligible_knows_label(struct db *cases, const char *source, const char *dimension, const char *label, bool *knows, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(cases, QUERIES, "knows_label", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":source", source);
    stmt_bind_string(stmt, ":name", dimension);
    stmt_bind_string(stmt, ":label", label);
    code = stmt_step(stmt, err);
    *knows = code <= 0 || stmt_integer(stmt, 0);
    stmt_free(stmt);
    return code < 0 ? code : 0;
}
