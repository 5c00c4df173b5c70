#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/strbuf.h"
#include "stats/publication_inside.h"

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

int publication_find_days(const struct publication *publication, const char *source, struct schedule_span *days, struct err *err)
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

/* What the rejected files cover: what their names tell where the source says that they do, else everything. */
static void find_held(const struct publication *publication, const char *source, struct spans *spans)
{
    const struct config_node *node = config_get(config_get(config_root(publication->config), "sources"), source);
    bool by_name = strcmp(config_text(node, "covers", "unknown"), "name") == 0;
    for (size_t i = 0; i < publication->held_count; i++) {
        struct schedule_span span = { 1, 0 };
        if (strcmp(publication->held[i].source, source) != 0)
            continue;
        if (!by_name || !schedule_name_span(publication->held[i].file, &span))
            span = (struct schedule_span) { 1, 0 };
        add_span(spans, span.from, span.to);
    }
}

static enum schedule_expect expected(const struct publication *publication, const char *source)
{
    enum schedule_expect expect = SCHEDULE_EXPECT_NONE;
    const struct config_node *node = config_get(config_get(config_root(publication->config), "sources"), source);
    schedule_expect_parse(config_text(node, "expect", "none"), &expect);
    return expect;
}

/* Cases of nobody are kept for ever. */
static int32_t kept_from(const struct publication *publication, const char *source)
{
    const struct config_node *node = config_get(config_get(config_root(publication->config), "sources"), source);
    bool personal = strcmp(config_text(node, "personal_data", "present"), "none") != 0;
    return personal ? publication->kept_from_day : INT32_MIN;
}

static void add_period(struct publication_periods *periods, struct publication_period period)
{
    MEM_GROW(periods->list, periods->count, periods->capacity);
    periods->list[periods->count++] = period;
}

/* ---- what is frozen ---- */

static int add_frozen(void *context, const struct ledger_frozen *frozen, struct err *err)
{
    struct publication_frozen_list *list = context;
    enum period_kind kind;
    if (!period_kind_parse(frozen->unit, &kind))
        return err_set(err, ERR_DATA, "the ledger has a period of no known kind");
    MEM_GROW(list->list, list->count, list->capacity);
    list->list[list->count++] = (struct publication_frozen) { period_span(kind, (int32_t)frozen->period), kind };
    return 0;
}

int publication_load_frozen(const struct publication *publication, const char *source, struct publication_frozen_list *frozen,
                            struct err *err)
{
    *frozen = (struct publication_frozen_list) { 0 };
    return ledger_each_frozen_of(publication->ledger, source, add_frozen, frozen, err);
}

/* What sources have published that are not configured any more. */
struct taken {
    struct publication_frozen_list list;
    const struct config_node *sources;
};

static int add_taken(void *context, const struct ledger_frozen *frozen, struct err *err)
{
    struct taken *taken = context;
    return config_get(taken->sources, frozen->source) ? 0 : add_frozen(&taken->list, frozen, err);
}

static int load_taken(const struct publication *publication, struct publication_frozen_list *list, struct err *err)
{
    struct taken taken = { .sources = config_get(config_root(publication->config), "sources") };
    int code = ledger_each_taken(publication->ledger, add_taken, &taken, err);
    *list = taken.list;
    return code;
}

static bool overlaps_frozen(const struct publication_frozen_list *frozen, struct schedule_span span)
{
    for (size_t i = 0; i < frozen->count; i++)
        if (frozen->list[i].span.from <= span.to && span.from <= frozen->list[i].span.to)
            return true;
    return false;
}

/* A source under another name is a new one, which knows nothing of what the old one published of the same cases: so a new source has no
 * period that a source which is gone has published. */
static bool is_taken(const struct publication_frozen_list *taken, const struct publication_frozen_list *own, struct schedule_span span)
{
    bool is_new = !own->count || own->list[0].span.from > span.from;
    return is_new && overlaps_frozen(taken, span);
}

static int count_known(void *context, const struct ledger_version *version, struct err *err)
{
    (void)version;
    (void)err;
    *(bool *)context = true;
    return 0;
}

/* The periods from the first with cases up to today that no release froze. */
static int list_periods(const struct publication *publication, const struct schedule_input *input,
                        struct publication_period period, struct publication_periods *periods, struct err *err)
{
    struct schedule_span days = period.span;
    int32_t last = days.to > input->as_of_day ? days.to : input->as_of_day;
    struct publication_frozen_list frozen, taken = { 0 };
    int code = publication_load_frozen(publication, period.source, &frozen, err);
    if (!code)
        code = load_taken(publication, &taken, err);
    for (int32_t day = days.from; day <= last && !code; day = period.span.to + 1) {
        period.span = period_span(period.kind, day);
        period.is_known = false;
        if (overlaps_frozen(&frozen, period.span))
            continue;
        int gap_signed = ledger_has_signed_gap(publication->ledger, period.source, period.span.from, err);
        if (gap_signed < 0)
            code = gap_signed;
        struct ledger_span span = { period.source, period.span.from, period.span.to };
        if (!code)
            code = ledger_each_known(publication->ledger, &span, count_known, &period.is_known, err);
        period.state = is_taken(&taken, &frozen, period.span) ? SCHEDULE_TAKEN : schedule_check(input, period.span, gap_signed == 1, &period.missing);
        if (!code)
            add_period(periods, period);
    }
    free(frozen.list);
    free(taken.list);
    return code;
}

static int add_source(const struct publication *publication, const char *source, enum period_kind kind,
                      struct publication_periods *periods, struct err *err)
{
    struct publication_period period = { .source = source, .kind = kind };
    struct spans spans = { 0 }, held = { 0 };
    int code = publication_find_days(publication, source, &period.span, err);
    if (code < 1)
        return code;
    code = load_spans(publication, source, &spans, err);
    find_held(publication, source, &held);
    struct schedule_input input = {
        .expect = expected(publication, source),
        .as_of_day = zone_day(publication->zone, publication->as_of),
        .kept_from_day = kept_from(publication, source),
        .grace_days = (int32_t)config_integer(config_root(publication->config), "publication.grace_days", GRACE_DEFAULT_DAYS),
        .accepted = spans.list,
        .accepted_count = spans.count,
        .held = held.list,
        .held_count = held.count,
    };
    if (!code)
        code = list_periods(publication, &input, period, periods, err);
    free(spans.list);
    free(held.list);
    return code;
}

bool publication_is_first_of_source(const struct table_config *tables, size_t t)
{
    for (size_t before = 0; before < t; before++)
        if (strcmp(tables->tables[before].source, tables->tables[t].source) == 0)
            return false;
    return true;
}

/* Weeks and months cut each other; of months and quarters the months are the base. */
static int join_kind(enum period_kind *kind, bool *any, enum period_kind other, const char *source, struct err *err)
{
    if (*any && (*kind == PERIOD_WEEK) != (other == PERIOD_WEEK))
        return err_set(err, ERR_CONFIG, "source '%s' has been published by week and by month or quarter, which cut each other; it has one base period",
                       source);
    if (!*any || other != PERIOD_QUARTER)
        *kind = other;
    *any = true;
    return 0;
}

int publication_base_kind(const struct publication *publication, const char *source, enum period_kind *kind, struct err *err)
{
    const struct table_config *tables = publication->tables;
    struct publication_frozen_list frozen;
    bool any = false;
    *kind = PERIOD_MONTH;
    int code = publication_load_frozen(publication, source, &frozen, err);
    for (size_t t = 0; t < tables->count && !code; t++)
        if (strcmp(tables->tables[t].source, source) == 0)
            code = join_kind(kind, &any, tables->tables[t].dimensions[0].kind, source, err);
    for (size_t i = 0; i < frozen.count && !code; i++)
        code = join_kind(kind, &any, frozen.list[i].kind, source, err);
    free(frozen.list);
    return code;
}

int publication_periods(const struct publication *publication, struct publication_periods *periods, struct err *err)
{
    const struct table_config *tables = publication->tables;
    *periods = (struct publication_periods) { 0 };
    int code = 0;
    for (size_t t = 0; t < tables->count && !code; t++) {
        enum period_kind kind = PERIOD_MONTH;
        if (!publication_is_first_of_source(tables, t))
            continue;
        code = publication_base_kind(publication, tables->tables[t].source, &kind, err);
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
