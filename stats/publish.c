#include "stats/publish.h"

#include <stdlib.h>
#include <string.h>

#include "stats/case_source.h"
#include "stats/counterpart.h"
#include "stats/figure.h"
#include "stats/period_span.h"
#include "stats/protection.h"
#include "stats/publish_table.h"
#include "stats/release_build.h"
#include "stats/threshold.h"

/* The tables of one source on their way through the cube. */
struct source_work {
    struct arena arena;
    const struct table_config *config, *protect_only;
    const struct table_spec **specs; /* what is known, what is asked for, what is only protected */
    size_t spec_count, asked_end;
    const struct table_dimension **dimensions; /* each once */
    size_t dimension_count;
    const char **measures; /* each once */
    const struct table_measure **measure_specs;
    size_t measure_count;
    struct case_source *cases;
    struct cube_plan plan;
    struct cube *cube;
    struct publish_later *later; /* NULL: nothing is known; else its tables are the first of specs */
    struct protected_table *shown;
    size_t shown_count;
    struct protection_report *report;
    int32_t today;
};

static size_t find_dimension(struct source_work *work, const struct table_dimension *dimension)
{
    for (size_t d = 0; d < work->dimension_count; d++)
        if (!strcmp(work->dimensions[d]->name, dimension->name))
            return d;
    work->dimensions[work->dimension_count] = dimension;
    return work->dimension_count++;
}

static size_t find_measure(struct source_work *work, const struct table_measure *measure)
{
    for (size_t m = 0; m < work->measure_count; m++)
        if (!strcmp(work->measures[m], measure->name))
            return m;
    work->measures[work->measure_count] = measure->name;
    work->measure_specs[work->measure_count] = measure;
    return work->measure_count++;
}

static void add_spec(struct source_work *work, const struct table_spec *spec)
{
    work->specs[work->spec_count++] = spec;
    for (size_t d = 0; d < spec->dimension_count; d++)
        find_dimension(work, &spec->dimensions[d]);
    for (size_t m = 0; m < spec->measure_count; m++)
        find_measure(work, &spec->measures[m]);
}

static void count_names(const struct table_spec *spec, size_t *dimensions, size_t *measures)
{
    *dimensions += spec->dimension_count;
    *measures += spec->measure_count;
}

/* The tables of the source, after what is known of it, and all that they name. */
static void gather(struct source_work *work, const char *source)
{
    const struct known *known = work->later ? work->later->known : NULL;
    size_t tables = work->config->count + (known ? known->count : 0) + work->protect_only->count;
    size_t dimensions = 0, measures = 0;
    for (size_t t = 0; known && t < known->count; t++)
        count_names(&known->tables[t].spec, &dimensions, &measures);
    for (size_t t = 0; t < work->config->count; t++)
        count_names(&work->config->tables[t], &dimensions, &measures);
    for (size_t t = 0; t < work->protect_only->count; t++)
        count_names(&work->protect_only->tables[t], &dimensions, &measures);
    work->specs = arena_alloc(&work->arena, (tables + 1) * sizeof *work->specs);
    work->dimensions = arena_alloc(&work->arena, (dimensions + 1) * sizeof *work->dimensions);
    work->measures = arena_alloc(&work->arena, (measures + 1) * sizeof *work->measures);
    work->measure_specs = arena_alloc(&work->arena, (measures + 1) * sizeof *work->measure_specs);
    for (size_t t = 0; known && t < known->count; t++)
        add_spec(work, &known->tables[t].spec);
    for (size_t t = 0; t < work->config->count; t++)
        if (!strcmp(work->config->tables[t].source, source))
            add_spec(work, &work->config->tables[t]);
    work->asked_end = work->spec_count;
    for (size_t t = 0; t < work->protect_only->count; t++)
        add_spec(work, &work->protect_only->tables[t]);
}

static bool may_show(const void *context, const char *dimension, const char *label)
{
    return known_has_label(context, dimension, label);
}

static int open_cases(struct source_work *work, struct db *db, const struct publish_request *publish, const char *source,
                      struct err *err)
{
    struct case_request request = {
        .source = source,
        .dimensions = work->dimensions,
        .dimension_count = work->dimension_count,
        .measures = work->measures,
        .measure_count = work->measure_count,
        .k = (uint64_t)work->config->k,
        .days = publish->days,
        .threads = publish->threads,
    };
    if (work->later) {
        request.counted = true;
        request.uncounted = work->later->uncounted;
        request.uncounted_count = work->later->uncounted_count;
        request.may_show = may_show;
        request.context = work->later->known;
    }
    return case_source_open(&work->cases, db, &request, err);
}

static struct cube_measure *plan_measures(struct source_work *work)
{
    struct cube_measure *measures = arena_alloc(&work->arena, (work->measure_count + 1) * sizeof *measures);
    for (size_t m = 0; m < work->measure_count; m++) {
        const struct table_measure *spec = work->measure_specs[m];
        int decimals = case_source_measures(work->cases)[m].decimals;
        measures[m] = (struct cube_measure){
            .name = spec->name,
            .decimals = decimals,
            .has_share = spec->has_share,
            .share_lowest = figure_scale(spec->share_lowest, decimals),
            .share_highest = figure_scale(spec->share_highest, decimals),
        };
    }
    return measures;
}

static void plan_figures(const struct table_measure *spec, int decimals, struct cube_table_measure *out)
{
    int64_t base = figure_scale(spec->quantile_base, decimals);
    out->base = base > 0 ? base : 1;
    for (enum table_figure f = 0; f < TABLE_FIGURES; f++)
        if (spec->figures & 1u << f && table_figure_percent(f))
            out->percents[out->percent_count++] = table_figure_percent(f);
}

static void plan_table(struct source_work *work, const struct table_spec *spec, struct cube_table_plan *out)
{
    size_t *dimensions = arena_alloc(&work->arena, spec->dimension_count * sizeof *dimensions);
    struct cube_table_measure *measures = arena_alloc(&work->arena, (spec->measure_count + 1) * sizeof *measures);
    for (size_t d = 0; d < spec->dimension_count; d++)
        dimensions[d] = find_dimension(work, &spec->dimensions[d]);
    for (size_t m = 0; m < spec->measure_count; m++) {
        measures[m].measure = find_measure(work, &spec->measures[m]);
        plan_figures(&spec->measures[m], case_source_measures(work->cases)[measures[m].measure].decimals, &measures[m]);
    }
    *out = (struct cube_table_plan){
        .dimensions = dimensions,
        .dimension_count = spec->dimension_count,
        .margins = spec->margins,
        .measures = measures,
        .measure_count = spec->measure_count,
    };
}

static void plan_cube(struct source_work *work, size_t threads)
{
    struct cube_table_plan *tables = arena_alloc(&work->arena, work->spec_count * sizeof *tables);
    for (size_t t = 0; t < work->spec_count; t++)
        plan_table(work, work->specs[t], &tables[t]);
    work->plan = (struct cube_plan){
        .dimensions = case_source_dimensions(work->cases),
        .dimension_count = work->dimension_count,
        .measures = plan_measures(work),
        .measure_count = work->measure_count,
        .tables = tables,
        .table_count = work->spec_count,
        .k = (uint64_t)work->config->k,
        .threads = threads,
    };
}

/* Which periods the table may publish, per node. */
static bool *find_periods(const struct source_work *work, size_t t)
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

static struct protection_pattern *make_patterns(const struct source_work *work)
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

static int tell_lost(const struct source_work *work, size_t t, const bool *lost, struct err *err)
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

static void tell_waivers(const struct source_work *work, const struct protection_pattern *patterns)
{
    for (size_t t = 0; t < work->spec_count && work->report; t++)
        if (patterns[t].waived)
            waivers_tell(work->specs[t]->waivers,
                         &(struct waiver_report) { work->specs[t], &work->cube->tables[t], patterns[t].cells, work->today, work->plan.k },
                         &work->report->waivers);
}

/* What may be published of each table: first what the engine finds safe against all combinations, then the measures
 * and remainders of that. */
static int protect(struct source_work *work, struct protected_table *tables, struct err *err)
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

static int protect_and_release(struct source_work *work, struct release *release, struct err *err)
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

/* Finds what readers know in the cube. */
static void match_known(struct source_work *work)
{
    struct known *known = work->later->known;
    work->shown_count = known->count;
    work->shown = mem_zalloc(known->count, sizeof *work->shown);
    for (size_t t = 0; t < known->count; t++)
        protected_init(&work->shown[t], &work->cube->tables[t]);
    known_match(known, work->cube, case_source_measures(work->cases), work->shown);
}

static void release_work(struct source_work *work)
{
    for (size_t t = 0; t < work->shown_count; t++)
        protected_release(&work->shown[t]);
    free(work->shown);
    cube_free(work->cube);
    case_source_free(work->cases);
    arena_release(&work->arena);
    mem_trim();
}

static const struct table_config *tables_to_protect(const struct publish_request *request)
{
    static const struct table_config none;
    return request->protect_only ? request->protect_only : &none;
}

static int build_cube(struct source_work *work, struct db *db, const struct publish_request *request, const char *source, struct err *err)
{
    arena_init(&work->arena, false);
    gather(work, source);
    int failed = open_cases(work, db, request, source, err);
    if (failed)
        return failed;
    plan_cube(work, request->threads);
    return cube_build(&work->cube, &work->plan, case_source_rows(work->cases), err);
}

static int publish_source(struct db *db, const struct publish_request *request, const char *source,
                          struct release *release, struct err *err)
{
    struct source_work work = { .config = request->tables, .protect_only = tables_to_protect(request), .report = request->report,
                                .today = zone_day(request->zone, request->as_of) };
    int failed = build_cube(&work, db, request, source, err);
    if (!failed)
        failed = protect_and_release(&work, release, err);
    release_work(&work);
    return failed ? err_prefix(err, "source '%s'", source) : 0;
}

/* What cannot be protected together with what is known is not published; the rest of the night goes on. */
static int protect_later(struct source_work *work, struct release *release, struct err *err)
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
    struct source_work work = { .config = request->tables, .protect_only = tables_to_protect(request), .later = later,
                                .report = later->look_only ? NULL : request->report, .today = zone_day(request->zone, request->as_of) };
    if (later->known->problem.length)
        return 0;
    int failed = build_cube(&work, db, request, request->source, err);
    if (!failed) {
        match_known(&work);
        if (!later->known->problem.length && !later->look_only)
            failed = protect_later(&work, release, err);
    }
    release_work(&work);
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
