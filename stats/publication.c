#include "stats/publication.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/strbuf.h"
#include "stats/ledger_table.h"
#include "stats/publish.h"
#include "stats/release_build.h"

/* ---- staging ---- */

static void digest_node(crypto_generichash_state *state, const struct config_node *node)
{
    unsigned char digest[32] = { 0 };
    if (node)
        config_node_digest(node, digest);
    crypto_generichash_update(state, digest, sizeof digest);
}

/* What decides a table's figures: its own keys, the dimensions and measures that it names, which cases count, protection. */
static void digest_definition(const struct publication *publication, const struct table_spec *spec, unsigned char digest[32])
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
    crypto_generichash_final(&state, digest, 32);
}

/* The rows of one table and period, in their order. */
static int stage_period(struct ledger *ledger, const struct released_table *table, int64_t version,
                        const struct publication_period *period, struct err *err)
{
    struct strbuf cells = { 0 };
    int code = 0;
    for (size_t row = 0; row < released_row_count(table) && !code; row++) {
        struct schedule_span span;
        if (!period_span_parse(period->kind, released_value(table, row, 0).text, &span) || span.from != period->span.from)
            continue;
        ledger_table_cells(table, row, &cells);
        code = ledger_add_row(ledger, version, span.from, (int64_t)row, strbuf_text(&cells), err);
    }
    strbuf_release(&cells);
    return code ? code : ledger_add_period(ledger, version, period->span.from, false, err);
}

static const struct released_table *find_table(const struct release *release, const char *name)
{
    for (size_t i = 0; i < release_table_count(release); i++)
        if (strcmp(released_name(release_table(release, i)), name) == 0)
            return release_table(release, i);
    BUG("table '%s' was not built", name);
}

static int stage_table(const struct publication *publication, const struct table_spec *spec, const struct release *built,
                       const struct publication_periods *periods, struct err *err)
{
    const struct released_table *table = find_table(built, spec->name);
    struct strbuf columns = { 0 };
    ledger_table_columns(table, &columns);
    struct ledger_version version = { .name = spec->name, .source = spec->source, .period_unit = period_kind_name(spec->dimensions[0].kind),
                                      .title = released_title(table), .columns = strbuf_text(&columns) };
    digest_definition(publication, spec, version.definition);
    int code = ledger_version_get(publication->ledger, &version, err);
    for (size_t i = 0; i < periods->count && !code; i++)
        if (periods->list[i].state == SCHEDULE_READY && strcmp(periods->list[i].source, spec->source) == 0)
            code = stage_period(publication->ledger, table, version.id, &periods->list[i], err);
    strbuf_release(&columns);
    return code;
}

/* The days of the source's ready periods; false if none is ready. */
static bool ready_days(const struct publication_periods *periods, const char *source, struct schedule_span *days)
{
    bool found = false;
    for (size_t i = 0; i < periods->count; i++) {
        const struct publication_period *period = &periods->list[i];
        if (period->state != SCHEDULE_READY || strcmp(period->source, source) != 0)
            continue;
        days->from = found && days->from < period->span.from ? days->from : period->span.from;
        days->to = found && days->to > period->span.to ? days->to : period->span.to;
        found = true;
    }
    return found;
}

static int stage_source(const struct publication *publication, const char *source, const struct publication_periods *periods,
                        struct err *err)
{
    struct schedule_span days;
    struct release *built = NULL;
    if (!ready_days(periods, source, &days))
        return 0;
    struct publish_request request = { .tables = publication->tables, .name = "staging", .program = publication->program,
                                       .config_digest = publication->config_digest, .as_of = publication->as_of, .zone = publication->zone,
                                       .threads = publication->threads, .source = source, .days = &days };
    int code = publish_build(publication->cases, &request, &built, err);
    for (size_t t = 0; t < publication->tables->count && !code; t++)
        if (strcmp(publication->tables->tables[t].source, source) == 0)
            code = stage_table(publication, &publication->tables->tables[t], built, periods, err);
    release_free(built);
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

static int stage_all(const struct publication *publication, const struct publication_periods *periods, const char *name,
                     int64_t *id, struct err *err)
{
    const struct table_config *tables = publication->tables;
    struct ledger_release release = { .name = name, .as_of = publication->as_of, .program = publication->program,
                                      .config_digest = publication->config_digest, .k = tables->k };
    int code = ledger_begin(publication->ledger, &release, err);
    for (size_t t = 0; t < tables->count && !code; t++) {
        size_t before = 0;
        while (strcmp(tables->tables[before].source, tables->tables[t].source) != 0)
            before++;
        if (before == t)
            code = stage_source(publication, tables->tables[t].source, periods, err);
    }
    if (!code)
        code = freeze(publication, periods, err);
    if (!code)
        code = ledger_stage(publication->ledger, err);
    if (!code)
        *id = release.id;
    return code;
}

int publication_stage(const struct publication *publication, const struct publication_periods *periods, int64_t *release,
                      struct err *err)
{
    struct strbuf name = { 0 };
    bool ready = false;
    for (size_t i = 0; i < periods->count; i++)
        ready = ready || periods->list[i].state == SCHEDULE_READY;
    if (!ready) {
        *release = 0;
        return 0;
    }
    int code = name_release(publication, &name, err);
    if (!code)
        code = stage_all(publication, periods, strbuf_text(&name), release, err);
    strbuf_release(&name);
    return code;
}

/* ---- after staging ---- */

static int find_staged(void *context, const struct ledger_listed *listed, struct err *err)
{
    (void)err;
    if (strcmp(listed->state, "staged") == 0)
        *(int64_t *)context = listed->release.id;
    return 0;
}

int publication_staged(const struct publication *publication, int64_t *release, struct err *err)
{
    *release = 0;
    return ledger_each_release(publication->ledger, find_staged, release, err);
}

struct marking {
    const struct publication *publication;
    int64_t release;
};

static int mark_period(void *context, const struct ledger_frozen *frozen, struct err *err)
{
    const struct marking *marking = context;
    struct stmt *stmt = NULL;
    struct strbuf sql = { 0 };
    enum period_kind kind = PERIOD_MONTH;
    if (!period_kind_parse(frozen->unit, &kind))
        return err_set(err, ERR_DATA, "the ledger has a period of no known kind");
    struct schedule_span span = period_span(kind, (int32_t)frozen->period);
    strbuf_addf(&sql, "UPDATE case_%s SET released = :release WHERE closed_day BETWEEN :from AND :to AND released IS NULL AND held = 0",
                db_identifier(frozen->source));
    int code = db_prepare_text(marking->publication->cases, strbuf_text(&sql), &stmt, err);
    strbuf_release(&sql);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":release", marking->release);
    stmt_bind_integer(stmt, ":from", span.from);
    stmt_bind_integer(stmt, ":to", span.to);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

int publication_mark_cases(const struct publication *publication, int64_t release, struct err *err)
{
    struct marking marking = { publication, release };
    int code = db_begin(publication->cases, err);
    if (code)
        return code;
    code = ledger_each_frozen(publication->ledger, release, mark_period, &marking, err);
    if (!code)
        code = db_commit(publication->cases, err);
    db_rollback(publication->cases);
    return code;
}

int publication_count_late(const struct publication *publication, const char *source, int64_t *count, struct err *err)
{
    struct stmt *stmt = NULL;
    struct strbuf sql = { 0 };
    *count = 0;
    strbuf_addf(&sql, "SELECT closed_day, count(*) FROM case_%s WHERE released IS NULL AND held = 0 GROUP BY closed_day", db_identifier(source));
    int code = db_prepare_text(publication->cases, strbuf_text(&sql), &stmt, err);
    strbuf_release(&sql);
    enum period_kind kind = PERIOD_MONTH;
    for (size_t t = 0; t < publication->tables->count; t++)
        if (strcmp(publication->tables->tables[t].source, source) == 0)
            kind = publication->tables->tables[t].dimensions[0].kind;
    while (!code && (code = stmt_step(stmt, err)) == 1) {
        int frozen = ledger_is_frozen(publication->ledger, source, period_span(kind, (int32_t)stmt_integer(stmt, 0)).from, err);
        code = frozen < 0 ? frozen : 0;
        *count += frozen == 1 ? stmt_integer(stmt, 1) : 0;
    }
    stmt_free(stmt);
    return code;
}

/* ---- the release out of the ledger ---- */

struct assembling {
    const struct publication *publication;
    struct release *release;
    int64_t id;
    const char *wanted; /* while counting: the table's name */
    int64_t newest;     /* its newest version */
};

static int find_newest(void *context, const struct ledger_version *version, struct err *err)
{
    struct assembling *assembling = context;
    (void)err;
    if (strcmp(version->name, assembling->wanted) == 0 && version->version > assembling->newest)
        assembling->newest = version->version;
    return 0;
}

/* The newest version has the table's own name; what older ones published stays, beside it. */
static int add_version(void *context, const struct ledger_version *version, struct err *err)
{
    struct assembling *assembling = context;
    struct strbuf name = { 0 };
    assembling->wanted = version->name;
    assembling->newest = 0;
    int code = ledger_each_version(assembling->publication->ledger, find_newest, assembling, err);
    strbuf_adds(&name, version->name);
    if (version->version != assembling->newest)
        strbuf_addf(&name, "_v%lld", (long long)version->version);
    if (!code)
        code = ledger_table_add(assembling->release, assembling->publication->ledger, version, assembling->id, strbuf_text(&name), err);
    strbuf_release(&name);
    return code;
}

struct finding {
    int64_t id;
    struct release **release;
};

static int begin_release(void *context, const struct ledger_listed *listed, struct err *err)
{
    const struct finding *finding = context;
    (void)err;
    if (listed->release.id != finding->id)
        return 0;
    struct release_build build = { .name = listed->release.name, .as_of = listed->release.as_of, .k = listed->release.k,
                                   .program = listed->release.program, .config_digest = listed->release.config_digest,
                                   .protection = PUBLISH_PROTECTION };
    *finding->release = release_new(&build);
    return 0;
}

int publication_assemble(const struct publication *publication, int64_t id, struct release **release, struct err *err)
{
    struct assembling assembling = { .publication = publication, .id = id };
    struct finding finding = { id, &assembling.release };
    int code = ledger_each_release(publication->ledger, begin_release, &finding, err);
    BUG_ON(!code && !assembling.release);
    if (!code)
        code = ledger_each_version(publication->ledger, add_version, &assembling, err);
    if (code)
        release_free(assembling.release);
    else
        *release = assembling.release;
    return code;
}
