#include "stats/publish.h"

#include <stdlib.h>
#include <string.h>

#include "stats/case_source.h"
#include "stats/figure.h"
#include "stats/protection.h"
#include "stats/publish_table.h"
#include "stats/release_build.h"
#include "stats/threshold.h"

/* The tables of one source on their way through the cube. */
struct source_work {
    struct arena arena;
    const struct table_config *config;
    const struct table_spec **specs;
    size_t spec_count;
    const struct table_dimension **dimensions; /* each once */
    size_t dimension_count;
    const char **measures; /* each once */
    const struct table_measure **measure_specs;
    size_t measure_count;
    struct case_source *cases;
    struct cube_plan plan;
    struct cube *cube;
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

/* The tables of the source and all that they name. */
static void gather(struct source_work *work, const char *source)
{
    size_t dimensions = 0, measures = 0;
    for (size_t t = 0; t < work->config->count; t++) {
        dimensions += work->config->tables[t].dimension_count;
        measures += work->config->tables[t].measure_count;
    }
    work->specs = arena_alloc(&work->arena, work->config->count * sizeof *work->specs);
    work->dimensions = arena_alloc(&work->arena, dimensions * sizeof *work->dimensions);
    work->measures = arena_alloc(&work->arena, (measures + 1) * sizeof *work->measures);
    work->measure_specs = arena_alloc(&work->arena, (measures + 1) * sizeof *work->measure_specs);
    for (size_t t = 0; t < work->config->count; t++) {
        const struct table_spec *spec = &work->config->tables[t];
        if (strcmp(spec->source, source))
            continue;
        work->specs[work->spec_count++] = spec;
        for (size_t d = 0; d < spec->dimension_count; d++)
            find_dimension(work, &spec->dimensions[d]);
        for (size_t m = 0; m < spec->measure_count; m++)
            find_measure(work, &spec->measures[m]);
    }
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

/* What may be published of each table: first what the engine finds safe against all combinations, then the measures
 * and remainders of that. */
static int protect(struct source_work *work, struct protected_table *tables, struct err *err)
{
    struct protection_counts counts = { 0 };
    struct protection_pattern *allowed = mem_zalloc(work->spec_count, sizeof *allowed);
    for (size_t t = 0; t < work->spec_count; t++) {
        size_t cells = work->cube->tables[t].cells.count;
        allowed[t].cells = mem_zalloc(cells, sizeof *allowed[t].cells);
        allowed[t].measures = mem_zalloc(cells * work->specs[t]->measure_count, sizeof *allowed[t].measures);
    }
    const struct row_source *rows = case_source_rows(work->cases);
    int failed = protection_decide(work->cube, rows, work->specs, case_source_measures(work->cases), allowed, &counts, err);
    if (!failed)
        failed = threshold_protect(work->cube, rows, allowed, tables, err);
    for (size_t t = 0; t < work->spec_count; t++) {
        free(allowed[t].cells);
        free(allowed[t].measures);
    }
    free(allowed);
    return failed;
}

static int protect_and_release(struct source_work *work, int32_t today, struct release *release, struct err *err)
{
    struct protected_table *tables = mem_zalloc(work->spec_count, sizeof *tables);
    int failed = protect(work, tables, err);
    for (size_t t = 0; t < work->spec_count && !failed; t++) {
        struct publish_table table = {
            .spec = work->specs[t],
            .measures = case_source_measures(work->cases),
            .cube = &work->cube->tables[t],
            .result = &tables[t],
            .k = work->config->k,
            .today = today,
        };
        publish_add_table(release, &table);
        protected_release(&tables[t]);
    }
    free(tables);
    return failed;
}

static int publish_source(struct db *db, const struct publish_request *request, const char *source,
                          struct release *release, struct err *err)
{
    struct source_work work = { .config = request->tables };
    arena_init(&work.arena, false);
    gather(&work, source);
    int failed = open_cases(&work, db, request, source, err);
    if (!failed) {
        plan_cube(&work, request->threads);
        failed = cube_build(&work.cube, &work.plan, case_source_rows(work.cases), err);
    }
    if (!failed)
        failed = protect_and_release(&work, zone_day(request->zone, request->as_of), release, err);
    cube_free(work.cube);
    case_source_free(work.cases);
    arena_release(&work.arena);
    return failed ? err_prefix(err, "source '%s'", source) : 0;
}

static bool is_first_of_source(const struct table_config *tables, size_t t)
{
    for (size_t before = 0; before < t; before++)
        if (!strcmp(tables->tables[before].source, tables->tables[t].source))
            return false;
    return true;
}

int publish_build(struct db *cases, const struct publish_request *request, struct release **out, struct err *err)
{
    const struct table_config *tables = request->tables;
    struct release_build build = {
        .name = request->name,
        .as_of = request->as_of,
        .k = tables->k,
        .program = request->program,
        .config_digest = request->config_digest,
        .protection = PUBLISH_PROTECTION,
    };
    struct release *release = release_new(&build);
    int failed = 0;
    for (size_t t = 0; t < tables->count && !failed; t++)
        if (is_first_of_source(tables, t) && (!request->source || !strcmp(request->source, tables->tables[t].source)))
            failed = publish_source(cases, request, tables->tables[t].source, release, err);
    if (failed)
        release_free(release);
    else
        *out = release;
    return failed;
}
