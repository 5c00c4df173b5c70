/* What a staged release counted, and what it shows: out of the ledger alone. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/strbuf.h"
#include "stats/ledger_table.h"
#include "stats/publication_inside.h"
#include "stats/publish.h"
#include "stats/release_build.h"

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

/* Cases are marked a source and a span of days at a time: each time all of the source's are read. */
struct marking {
    const struct publication *publication;
    int64_t release;
    char *source; /* NULL: nothing is gathered */
    struct schedule_span span;
};

static int mark_gathered(struct marking *marking, struct err *err)
{
    struct stmt *stmt = NULL;
    struct strbuf sql = { 0 };
    if (!marking->source)
        return 0;
    strbuf_addf(&sql, "UPDATE case_%s SET released = :release WHERE closed_day BETWEEN :from AND :to AND released IS NULL AND held = 0",
                db_identifier(marking->source));
    free(marking->source);
    marking->source = NULL;
    int code = db_prepare_text(marking->publication->cases, strbuf_text(&sql), &stmt, err);
    strbuf_release(&sql);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":release", marking->release);
    stmt_bind_integer(stmt, ":from", marking->span.from);
    stmt_bind_integer(stmt, ":to", marking->span.to);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

/* They come by source and period. */
static int gather_period(void *context, const struct ledger_frozen *frozen, struct err *err)
{
    struct marking *marking = context;
    enum period_kind kind = PERIOD_MONTH;
    if (!period_kind_parse(frozen->unit, &kind))
        return err_set(err, ERR_DATA, "the ledger has a period of no known kind");
    struct schedule_span span = period_span(kind, (int32_t)frozen->period);
    if (marking->source && strcmp(marking->source, frozen->source) == 0 && span.from == marking->span.to + 1) {
        marking->span.to = span.to;
        return 0;
    }
    int code = mark_gathered(marking, err);
    if (code)
        return code;
    marking->source = mem_strdup(frozen->source);
    marking->span = span;
    return 0;
}

int publication_mark_cases(const struct publication *publication, int64_t release, struct err *err)
{
    struct marking marking = { .publication = publication, .release = release };
    int code = db_begin(publication->cases, err);
    if (code)
        return code;
    code = ledger_each_frozen(publication->ledger, release, gather_period, &marking, err);
    if (!code)
        code = mark_gathered(&marking, err);
    if (!code)
        code = db_commit(publication->cases, err);
    free(marking.source);
    db_rollback(publication->cases);
    return code;
}

struct late_count {
    const char *source;
    struct publication_frozen_list frozen;
    size_t at;                    /* the frozen period that is being counted */
    struct publication_late here, *total;
    struct strbuf *lines;
};

static void end_period(struct late_count *count)
{
    char from[16], to[16];
    if (!count->here.late && !count->here.corrected)
        return;
    calendar_format_day(count->frozen.list[count->at].span.from, from);
    calendar_format_day(count->frozen.list[count->at].span.to, to);
    strbuf_addf(count->lines, "%s,%s,%s,%" PRId64 ",%" PRId64 "\n", count->source, from, to, count->here.late, count->here.corrected);
    count->total->late += count->here.late;
    count->total->corrected += count->here.corrected;
    count->here = (struct publication_late) { 0 };
}

/* Days come in ascending order, as the periods do. */
static void add_day(struct late_count *count, int32_t day, const struct publication_late *late)
{
    while (count->at < count->frozen.count && count->frozen.list[count->at].span.to < day) {
        end_period(count);
        count->at++;
    }
    if (count->at == count->frozen.count || day < count->frozen.list[count->at].span.from)
        return;
    count->here.late += late->late;
    count->here.corrected += late->corrected;
}

int publication_count_late(const struct publication *publication, const char *source, struct strbuf *lines, struct publication_late *total,
                           struct err *err)
{
    struct stmt *stmt = NULL;
    struct strbuf sql = { 0 };
    struct late_count count = { .source = source, .lines = lines, .total = total };
    strbuf_addf(&sql,
                "SELECT closed_day, sum(released IS NULL), sum(coalesce(released, 0) < 0) FROM case_%s"
                " WHERE held = 0 AND (released IS NULL OR released < 0) GROUP BY closed_day ORDER BY closed_day",
                db_identifier(source));
    int code = publication_load_frozen(publication, source, &count.frozen, err);
    if (!code)
        code = db_prepare_text(publication->cases, strbuf_text(&sql), &stmt, err);
    strbuf_release(&sql);
    while (!code && (code = stmt_step(stmt, err)) == 1) {
        add_day(&count, (int32_t)stmt_integer(stmt, 0), &(struct publication_late) { stmt_integer(stmt, 1), stmt_integer(stmt, 2) });
        code = 0;
    }
    end_period(&count);
    stmt_free(stmt);
    free(count.frozen.list);
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
    const struct structural_zeros *zeros;
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
    struct strbuf zeros = { 0 };
    structural_json(finding->zeros, &zeros);
    build.structural_zeros = zeros.length ? zeros.text : NULL;
    *finding->release = release_new(&build);
    strbuf_release(&zeros);
    return 0;
}

int publication_assemble(const struct publication *publication, int64_t id, struct release **release, struct err *err)
{
    struct assembling assembling = { .publication = publication, .id = id };
    struct finding finding = { id, &publication->tables->zeros, &assembling.release };
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
