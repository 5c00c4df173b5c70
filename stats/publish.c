#include "stats/publish.h"

#include <stdlib.h>
#include <string.h>

#include "stats/counterpart.h"
#include "stats/period_span.h"
#include "stats/protection.h"
#include "stats/publish_table.h"
#include "stats/publish_work.h"
#include "stats/release_build.h"
#include "stats/threshold.h"

/* Which periods the table may publish, per node. */
static bool *find_periods(const struct publish_work *work, size_t t)
{
    const struct publish_later *later = work->later;
    const struct dimension *period = work->cube->tables[t].layout.dimension[0];
    bool *periods = arena_alloc(&work->later->known->arena, period->count * sizeof *periods);
    for (uint32_t node = 0; node < period->count; node++) {
        struct schedule_span span;
        periods[node] = period_span_parse(work->specs[t]->dimensions[0].kind, period->nodes[node].label, &span)
                        && later->may_publish(later->context, work->specs[t], span.from);
    }
    return periods;
}

static struct protection_pattern *make_patterns(const struct publish_work *work)
{
    struct protection_pattern *patterns = mem_zalloc(work->spec_count, sizeof *patterns);
    for (size_t t = 0; t < work->spec_count; t++) {
        size_t cells = work->cube->tables[t].cells.count;
        patterns[t].cells = mem_zalloc(cells, sizeof *patterns[t].cells);
        patterns[t].measures = mem_zalloc(cells * work->specs[t]->measure_count, sizeof *patterns[t].measures);
        if (work->later && t < work->shown_count) {
            patterns[t].earlier = &work->shown[t];
            patterns[t].earlier_k = (uint64_t)work->later->known->least_k;
            patterns[t].lost = mem_zalloc(cells, sizeof *patterns[t].lost);
        }
        patterns[t].protect_only = t >= work->asked_end;
        if (work->specs[t]->waivers && work->specs[t]->waivers->count && !patterns[t].protect_only) {
            patterns[t].waived = mem_zalloc(cells, sizeof *patterns[t].waived);
            waivers_mark(work->specs[t]->waivers, work->specs[t], &work->cube->tables[t], work->today, patterns[t].waived);
        }
        if (!patterns[t].protect_only && counterpart_is_of_survey(work->specs[t])) {
            patterns[t].common = mem_zalloc(cells, sizeof *patterns[t].common);
            counterpart_mark(work->specs[t], &work->cube->tables[t], work->plan.k, patterns[t].common);
        }
        if (work->later && t >= work->shown_count && !patterns[t].protect_only)
            patterns[t].periods = find_periods(work, t);
    }
    return patterns;
}

static int tell_lost(const struct publish_work *work, size_t t, const bool *lost, struct err *err)
{
    const struct publish_later *later = work->later;
    const struct cube_table *table = &work->cube->tables[t];
    struct strbuf cell = { 0 };
    int code = 0;
    for (uint32_t c = 0; c < table->cells.count && !code; c++) {
        uint32_t node = layout_node(&table->layout, cellmap_at(&table->cells, c)->key, 0);
        struct schedule_span span;
        if (!lost[c] || !period_span_parse(work->specs[t]->dimensions[0].kind, table->layout.dimension[0]->nodes[node].label, &span))
            continue;
        known_cell(table, c, &cell);
        code = later->on_lost(later->lost_context, later->known->tables[t].version, span.from, strbuf_text(&cell), err);
    }
    strbuf_release(&cell);
    return code;
}

static void tell_waivers(const struct publish_work *work, const struct protection_pattern *patterns)
{
    for (size_t t = 0; t < work->spec_count && work->report; t++)
        if (patterns[t].waived)
            waivers_tell(work->specs[t]->waivers,
                         &(struct waiver_report) { work->specs[t], &work->cube->tables[t], patterns[t].cells, work->today, work->plan.k },
                         &work->report->waivers);
}

/* What may be published of each table: first what the engine finds safe against all combinations, then the measures
 * and remainders of that. */
static int protect(struct publish_work *work, struct protected_table *tables, struct err *err)
{
    struct protection_counts counts = { .report = work->report };
    struct protection_pattern *allowed = make_patterns(work);
    const struct row_source *rows = case_source_rows(work->cases);
    int failed = protection_decide(work->cube, rows, work->specs, case_source_measures(work->cases), allowed, &counts, err);
    if (!failed)
        tell_waivers(work, allowed);
    if (!failed)
        failed = threshold_protect(work->cube, rows, allowed, tables, err);
    for (size_t t = 0; t < work->spec_count; t++) {
        free(allowed[t].cells);
        free(allowed[t].measures);
        free(allowed[t].waived);
        free(allowed[t].common);
        if (allowed[t].lost && !failed)
            failed = tell_lost(work, t, allowed[t].lost, err);
        free(allowed[t].lost);
    }
    free(allowed);
    return failed;
}

static int protect_and_release(struct publish_work *work, struct release *release, struct err *err)
{
    struct protected_table *tables = mem_zalloc(work->spec_count, sizeof *tables);
    int failed = protect(work, tables, err);
    for (size_t t = 0; t < work->spec_count && !failed; t++) {
        struct publish_table table = {
            .spec = work->specs[t],
            .measures = case_source_measures(work->cases),
            .cube = &work->cube->tables[t],
            .result = &tables[t],
            .k = (int64_t)work->plan.k,
            .today = work->today,
        };
        if (t >= work->shown_count && t < work->asked_end)
            publish_add_table(release, &table);
        protected_release(&tables[t]);
    }
    free(tables);
    return failed;
}

static int publish_source(struct db *db, const struct publish_request *request, const char *source,
                          struct release *release, struct err *err)
{
    struct publish_work work = { .config = request->tables, .protect_only = publish_work_to_protect(request), .report = request->report,
                                .today = zone_day(request->zone, request->as_of) };
    int failed = publish_work_build(&work, db, request, source, err);
    if (!failed)
        failed = protect_and_release(&work, release, err);
    publish_work_release(&work);
    return failed ? err_prefix(err, "source '%s'", source) : 0;
}

/* What cannot be protected together with what is known is not published; the rest of the night goes on. */
static int protect_later(struct publish_work *work, struct release *release, struct err *err)
{
    struct err failure = { 0 };
    int failed = protect_and_release(work, release, &failure);
    if (failed == ERR_CONFIG || failed == ERR_DATA) {
        strbuf_adds(&work->later->known->problem, failure.message);
        return 0;
    }
    if (failed)
        *err = failure;
    return failed;
}

static int publish_source_later(struct db *db, const struct publish_request *request, struct publish_later *later,
                                struct release *release, struct err *err)
{
    struct publish_work work = { .config = request->tables, .protect_only = publish_work_to_protect(request), .later = later,
                                .report = later->look_only ? NULL : request->report, .today = zone_day(request->zone, request->as_of) };
    if (later->known->problem.length)
        return 0;
    int failed = publish_work_build(&work, db, request, request->source, err);
    if (!failed) {
        publish_work_match(&work);
        if (!later->known->problem.length && !later->look_only)
            failed = protect_later(&work, release, err);
    }
    publish_work_release(&work);
    return failed ? err_prefix(err, "source '%s'", request->source) : 0;
}

static bool is_first_of_source(const struct table_config *tables, size_t t)
{
    for (size_t before = 0; before < t; before++)
        if (!strcmp(tables->tables[before].source, tables->tables[t].source))
            return false;
    return true;
}

static struct release *begin_release(const struct publish_request *request)
{
    struct release_build build = {
        .name = request->name,
        .as_of = request->as_of,
        .k = request->tables->k,
        .program = request->program,
        .config_digest = request->config_digest,
        .protection = PUBLISH_PROTECTION,
    };
    struct strbuf zeros = { 0 };
    structural_json(&request->tables->zeros, &zeros);
    build.structural_zeros = zeros.length ? zeros.text : NULL;
    struct release *release = release_new(&build);
    strbuf_release(&zeros);
    return release;
}

static int end_release(struct release *release, int failed, struct release **out)
{
    if (failed)
        release_free(release);
    else
        *out = release;
    return failed;
}

int publish_build(struct db *cases, const struct publish_request *request, struct release **out, struct err *err)
{
    const struct table_config *tables = request->tables;
    struct release *release = begin_release(request);
    int failed = 0;
    for (size_t t = 0; t < tables->count && !failed; t++)
        if (is_first_of_source(tables, t) && (!request->source || !strcmp(request->source, tables->tables[t].source)))
            failed = publish_source(cases, request, tables->tables[t].source, release, err);
    return end_release(release, failed, out);
}

int publish_build_later(struct db *cases, const struct publish_request *request, struct publish_later *later,
                        struct release **out, struct err *err)
{
    struct release *release = begin_release(request);
    return end_release(release, publish_source_later(cases, request, later, release, err), out);
}
