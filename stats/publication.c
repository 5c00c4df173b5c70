#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/strbuf.h"
#include "stats/ledger_table.h"
#include "stats/publication_inside.h"
#include "stats/publish.h"

static void digest_node(crypto_generichash_state *state, const struct config_node *node)
{
    unsigned char digest[32] = { 0 };
    if (node)
        config_node_digest(node, digest);
    crypto_generichash_update(state, digest, sizeof digest);
}

/* What decides a table's figures: its own keys, the dimensions and measures that it names, which cases count, protection. */
static void digest_definition(const struct publication *publication, const struct table_spec *spec, const char *dimensions,
                              unsigned char digest[32])
{
    const struct config_node *root = config_root(publication->config), *source = config_get(config_get(root, "sources"), spec->source);
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, 32);
    digest_node(&state, spec->node);
    digest_node(&state, config_get(root, "protection"));
    digest_node(&state, config_get(source, "closed_when"));
    for (size_t d = 0; d < spec->dimension_count; d++)
        digest_node(&state, config_get(config_get(source, "dimensions"), spec->dimensions[d].name));
    for (size_t m = 0; m < spec->measure_count; m++)
        digest_node(&state, config_get(config_get(source, "measures"), spec->measures[m].name));
    crypto_generichash_update(&state, (const unsigned char *)dimensions, strlen(dimensions));
    crypto_generichash_final(&state, digest, 32);
}

/* The rows of one table and period, in their order. */
static int stage_period(struct ledger *ledger, const struct released_table *table, const struct ledger_version *version,
                        enum period_kind kind, int32_t from, struct err *err)
{
    struct strbuf cells = { 0 };
    int code = 0;
    for (size_t row = 0; row < released_row_count(table) && !code; row++) {
        struct schedule_span span;
        if (!period_span_parse(kind, released_value(table, row, 0).text, &span) || span.from != from)
            continue;
        ledger_table_cells(table, row, &cells);
        code = ledger_add_row(ledger, version->id, span.from, (int64_t)row, strbuf_text(&cells), err);
    }
    strbuf_release(&cells);
    return code ? code : ledger_add_period(ledger, version->id, from, err);
}

static const struct released_table *find_table(const struct release *release, const char *name)
{
    for (size_t i = 0; i < release_table_count(release); i++)
        if (strcmp(released_name(release_table(release, i)), name) == 0)
            return release_table(release, i);
    BUG("table '%s' was not built", name);
}

int publication_stage_table(const struct publication *publication, const struct table_spec *spec, const struct release *built,
                            const int32_t *first_days, size_t count, struct err *err)
{
    const struct released_table *table = find_table(built, spec->name);
    enum period_kind kind = spec->dimensions[0].kind;
    struct strbuf columns = { 0 }, dimensions = { 0 };
    ledger_table_columns(table, &columns);
    int code = known_dimensions(publication->cases, spec, &dimensions, err);
    struct ledger_version version = { .name = spec->name, .source = spec->source, .period_unit = period_kind_name(kind),
                                      .title = released_title(table), .columns = strbuf_text(&columns),
                                      .dimensions = strbuf_text(&dimensions) };
    digest_definition(publication, spec, version.dimensions, version.definition);
    if (!code)
        code = ledger_version_get(publication->ledger, &version, err);
    for (size_t i = 0; i < count && !code; i++)
        code = stage_period(publication->ledger, table, &version, kind, first_days[i], err);
    strbuf_release(&columns);
    strbuf_release(&dimensions);
    return code;
}

/* What is ready of a source and nobody has published anything of: first days, and the days from the first to the last. */
struct base {
    int32_t *first_days;
    size_t count;
    struct schedule_span days;
};

static struct base find_base(const struct publication_periods *periods, const char *source)
{
    struct base base = { .first_days = mem_zalloc(periods->count + 1, sizeof *base.first_days), .days = { INT32_MAX, INT32_MIN } };
    for (size_t i = 0; i < periods->count; i++) {
        const struct publication_period *period = &periods->list[i];
        if (period->state != SCHEDULE_READY || period->is_known || strcmp(period->source, source) != 0)
            continue;
        base.first_days[base.count++] = period->span.from;
        base.days.from = base.days.from < period->span.from ? base.days.from : period->span.from;
        base.days.to = base.days.to > period->span.to ? base.days.to : period->span.to;
    }
    return base;
}

/* The tables of the source by its base period; the longer ones come later. */
static struct table_config base_tables(const struct publication *publication, const char *source, enum period_kind kind,
                                       struct table_spec *list)
{
    const struct table_config *tables = publication->tables;
    struct table_config found = { .k = tables->k, .tables = list };
    for (size_t t = 0; t < tables->count; t++)
        if (strcmp(tables->tables[t].source, source) == 0 && tables->tables[t].dimensions[0].kind == kind)
            list[found.count++] = tables->tables[t];
    return found;
}

static int stage_base(const struct publication *publication, const struct table_config *tables, const char *source,
                      const struct base *base, struct err *err)
{
    struct release *built = NULL;
    struct publish_request request = publication_request(publication, tables, source, &base->days);
    struct table_config longer;
    if (!base->count || !tables->count)
        return 0;
    publication_longer(publication, tables, &longer);
    request.protect_only = &longer;
    int code = publish_build(publication->cases, &request, &built, err);
    for (size_t t = 0; t < tables->count && !code; t++)
        code = publication_stage_table(publication, &tables->tables[t], built, base->first_days, base->count, err);
    release_free(built);
    arena_release(&longer.arena);
    return code;
}

struct publish_request publication_request(const struct publication *publication, const struct table_config *tables, const char *source,
                                           const struct schedule_span *days)
{
    return (struct publish_request){ .tables = tables, .name = "staging", .program = publication->program,
                                     .config_digest = publication->config_digest, .as_of = publication->as_of, .zone = publication->zone,
                                     .threads = publication->threads, .source = source, .days = days,
                                     .report = publication->report };
}

static int stage_source(const struct publication *publication, const char *source, const struct publication_periods *periods,
                        struct err *err)
{
    enum period_kind kind;
    int code = publication_base_kind(publication, source, &kind, err);
    if (code)
        return code;
    struct base base = find_base(periods, source);
    struct table_spec *specs = mem_zalloc(publication->tables->count + 1, sizeof *specs);
    struct table_config tables = base_tables(publication, source, kind, specs);
    code = stage_base(publication, &tables, source, &base, err);
    free(base.first_days);
    free(specs);
    return code;
}

static int freeze(const struct publication *publication, const struct publication_periods *periods, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < periods->count && !code; i++) {
        const struct publication_period *period = &periods->list[i];
        if (period->state == SCHEDULE_READY)
            code = ledger_freeze(publication->ledger, period->source, period_kind_name(period->kind), period->span.from, err);
    }
    return code;
}

struct naming {
    const char *day;
    int taken;
};

static int count_taken(void *context, const struct ledger_listed *listed, struct err *err)
{
    struct naming *naming = context;
    (void)err;
    naming->taken += strncmp(listed->release.name, naming->day, strlen(naming->day)) == 0;
    return 0;
}

/* The local day; a second release of a day has a number behind it. */
static int name_release(const struct publication *publication, struct strbuf *name, struct err *err)
{
    char day[16];
    struct naming naming = { day, 0 };
    calendar_format_day(zone_day(publication->zone, publication->as_of), day);
    int code = ledger_each_release(publication->ledger, count_taken, &naming, err);
    strbuf_adds(name, day);
    if (naming.taken)
        strbuf_addf(name, "-%d", naming.taken + 1);
    return code;
}

static int stage_sources(const struct publication *publication, const struct publication_periods *periods, struct err *err)
{
    const struct table_config *tables = publication->tables;
    int code = 0;
    for (size_t t = 0; t < tables->count && !code; t++)
        if (publication_is_first_of_source(tables, t))
            code = stage_source(publication, tables->tables[t].source, periods, err);
    return code ? code : freeze(publication, periods, err);
}

static bool any_ready(const struct publication_periods *periods)
{
    for (size_t i = 0; i < periods->count; i++)
        if (periods->list[i].state == SCHEDULE_READY)
            return true;
    return false;
}

/* All of it, or nothing where nothing came of it. */
static int stage_all(const struct publication *publication, const struct publication_periods *periods, struct publication_laters *laters,
                     const char *name, int64_t *id, struct err *err)
{
    struct ledger_release release = { .name = name, .as_of = publication->as_of, .program = publication->program,
                                      .config_digest = publication->config_digest, .k = publication->tables->k };
    size_t published = 0;
    int code = ledger_begin(publication->ledger, &release, err);
    if (!code)
        code = stage_sources(publication, periods, err);
    if (!code)
        code = publication_stage_laters(publication, periods, laters, &published, err);
    if (code)
        return code;
    if (!published && !any_ready(periods)) {
        ledger_abandon(publication->ledger);
        return 0;
    }
    code = ledger_stage(publication->ledger, err);
    if (!code)
        *id = release.id;
    return code;
}

int publication_stage(const struct publication *publication, const struct publication_periods *periods, struct publication_laters *laters,
                      int64_t *release, struct err *err)
{
    struct strbuf name = { 0 };
    *release = 0;
    if (!any_ready(periods) && !laters->count)
        return 0;
    int code = name_release(publication, &name, err);
    if (!code)
        code = stage_all(publication, periods, laters, strbuf_text(&name), release, err);
    strbuf_release(&name);
    return code;
}
