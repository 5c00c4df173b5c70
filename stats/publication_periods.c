#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/strbuf.h"
#include "stats/publication.h"

#define QUERIES "stats/sql/publication.sql"

enum { GRACE_DEFAULT_DAYS = 2, GRACE_MAX_DAYS = 366 };

const struct config_rule publication_config_rules[] = {
    { .path = "publication", .type = CONFIG_TYPE_MAP, .doc = "When a period is published." },
    { .path = "publication.grace_days",
      .type = CONFIG_TYPE_INTEGER,
      .fallback = "2",
      .minimum = 0,
      .maximum = GRACE_MAX_DAYS,
      .doc = "Days after a period's end in which late cases may still come. Then it is published once and never restated." },
    { 0 },
};

struct spans {
    struct schedule_span *list;
    size_t count, capacity;
};

static void add_span(struct spans *spans, int32_t from, int32_t to)
{
    MEM_GROW(spans->list, spans->count, spans->capacity);
    spans->list[spans->count++] = (struct schedule_span) { from, to };
}

/* A file without a case stands for the day before it was accepted: an empty export is an export. */
static int load_spans(const struct publication *publication, const char *source, struct spans *spans, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(publication->cases, QUERIES, "spans", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":source", source);
    while ((code = stmt_step(stmt, err)) == 1) {
        int32_t accepted = zone_day(publication->zone, stmt_integer(stmt, 2)) - 1;
        bool empty = stmt_is_null(stmt, 0);
        add_span(spans, empty ? accepted : (int32_t)stmt_integer(stmt, 0), empty ? accepted : (int32_t)stmt_integer(stmt, 1));
    }
    stmt_free(stmt);
    return code;
}

/* 1 and the first and last day of closing of the source's cases, 0 if there are none. */
static int find_days(const struct publication *publication, const char *source, struct schedule_span *days, struct err *err)
{
    struct stmt *stmt = NULL;
    struct strbuf sql = { 0 };
    int code = db_prepare(publication->cases, QUERIES, "has_source", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":source", source);
    code = stmt_step(stmt, err);
    stmt_free(stmt);
    if (code < 1)
        return code;
    strbuf_addf(&sql, "SELECT min(closed_day), max(closed_day) FROM case_%s WHERE held = 0", db_identifier(source));
    code = db_prepare_text(publication->cases, strbuf_text(&sql), &stmt, err);
    strbuf_release(&sql);
    if (code)
        return code;
    code = stmt_step(stmt, err);
    if (code == 1 && stmt_is_null(stmt, 0))
        code = 0;
    if (code == 1)
        *days = (struct schedule_span) { (int32_t)stmt_integer(stmt, 0), (int32_t)stmt_integer(stmt, 1) };
    stmt_free(stmt);
    return code;
}

static bool is_held(const struct publication *publication, const char *source)
{
    for (size_t i = 0; i < publication->held_source_count; i++)
        if (strcmp(publication->held_sources[i], source) == 0)
            return true;
    return false;
}

static enum schedule_expect expected(const struct publication *publication, const char *source)
{
    enum schedule_expect expect = SCHEDULE_EXPECT_NONE;
    const struct config_node *node = config_get(config_get(config_root(publication->config), "sources"), source);
    schedule_expect_parse(config_text(node, "expect", "none"), &expect);
    return expect;
}

static void add_period(struct publication_periods *periods, struct publication_period period)
{
    MEM_GROW(periods->list, periods->count, periods->capacity);
    periods->list[periods->count++] = period;
}

/* The periods from the first with cases up to today that no release froze. */
static int list_periods(const struct publication *publication, const struct schedule_input *input,
                        struct publication_period period, struct publication_periods *periods, struct err *err)
{
    struct schedule_span days = period.span;
    int32_t last = days.to > input->as_of_day ? days.to : input->as_of_day;
    for (int32_t day = days.from; day <= last; day = period.span.to + 1) {
        period.span = period_span(period.kind, day);
        int frozen = ledger_is_frozen(publication->ledger, period.source, period.span.from, err);
        int gap_signed = frozen < 0 ? frozen : ledger_has_signed_gap(publication->ledger, period.source, period.span.from, err);
        if (frozen < 0 || gap_signed < 0)
            return frozen < 0 ? frozen : gap_signed;
        if (frozen)
            continue;
        period.state = schedule_check(input, period.span, gap_signed, &period.missing);
        add_period(periods, period);
    }
    return 0;
}

static int add_source(const struct publication *publication, const char *source, enum period_kind kind,
                      struct publication_periods *periods, struct err *err)
{
    static const struct schedule_span everything = { 1, 0 };
    struct publication_period period = { .source = source, .kind = kind };
    struct spans spans = { 0 };
    int code = find_days(publication, source, &period.span, err);
    if (code < 1)
        return code;
    code = load_spans(publication, source, &spans, err);
    struct schedule_input input = {
        .expect = expected(publication, source),
        .as_of_day = zone_day(publication->zone, publication->as_of),
        .grace_days = (int32_t)config_integer(config_root(publication->config), "publication.grace_days", GRACE_DEFAULT_DAYS),
        .accepted = spans.list,
        .accepted_count = spans.count,
        .held = &everything,
        .held_count = is_held(publication, source),
    };
    if (!code)
        code = list_periods(publication, &input, period, periods, err);
    free(spans.list);
    return code;
}

static bool is_first_of_source(const struct table_config *tables, size_t t)
{
    for (size_t before = 0; before < t; before++)
        if (strcmp(tables->tables[before].source, tables->tables[t].source) == 0)
            return false;
    return true;
}

/* The period kind of all tables of the source. A quarter that comes after its months would have to be protected against
 * them: it is a sum of released months instead. */
static int find_kind(const struct table_config *tables, const char *source, enum period_kind *kind, struct err *err)
{
    const struct table_spec *first = NULL;
    for (size_t t = 0; t < tables->count; t++) {
        const struct table_spec *spec = &tables->tables[t];
        if (strcmp(spec->source, source) != 0)
            continue;
        if (first && spec->dimensions[0].kind != first->dimensions[0].kind)
            return err_set(err, ERR_CONFIG, "tables '%s' and '%s' of source '%s' are by different periods; a source has one", first->name,
                           spec->name, source);
        first = first ? first : spec;
        *kind = spec->dimensions[0].kind;
    }
    return 0;
}

int publication_periods(const struct publication *publication, struct publication_periods *periods, struct err *err)
{
    const struct table_config *tables = publication->tables;
    *periods = (struct publication_periods) { 0 };
    int code = 0;
    for (size_t t = 0; t < tables->count && !code; t++) {
        enum period_kind kind = PERIOD_MONTH;
        if (!is_first_of_source(tables, t))
            continue;
        code = find_kind(tables, tables->tables[t].source, &kind, err);
        if (!code)
            code = add_source(publication, tables->tables[t].source, kind, periods, err);
    }
    if (code)
        publication_periods_release(periods);
    return code;
}

void publication_periods_release(struct publication_periods *periods)
{
    free(periods->list);
    *periods = (struct publication_periods) { 0 };
}
