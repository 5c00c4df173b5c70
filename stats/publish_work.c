/* From the configuration and the store to the cube of a source. */
#include "stats/publish_work.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "stats/figure.h"

static size_t find_dimension(struct publish_work *work, const struct table_dimension *dimension)
{
    for (size_t d = 0; d < work->dimension_count; d++)
        if (!strcmp(work->dimensions[d]->name, dimension->name))
            return d;
    work->dimensions[work->dimension_count] = dimension;
    return work->dimension_count++;
}

static size_t find_measure(struct publish_work *work, const struct table_measure *measure)
{
    for (size_t m = 0; m < work->measure_count; m++)
        if (!strcmp(work->measures[m], measure->name))
            return m;
    work->measures[work->measure_count] = measure->name;
    work->measure_specs[work->measure_count] = measure;
    return work->measure_count++;
}

static void add_spec(struct publish_work *work, const struct table_spec *spec)
{
    work->specs[work->spec_count++] = spec;
    for (size_t d = 0; d < spec->dimension_count; d++)
        find_dimension(work, &spec->dimensions[d]);
    if (spec->wave)
        find_dimension(work, spec->wave);
    for (size_t m = 0; m < spec->measure_count; m++)
        find_measure(work, &spec->measures[m]);
}

static void count_names(const struct table_spec *spec, size_t *dimensions, size_t *measures)
{
    *dimensions += spec->dimension_count + 1;
    *measures += spec->measure_count;
}

/* The tables of the source, after what is known of it, and all that they name. */
static void gather(struct publish_work *work, const char *source)
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

static int open_cases(struct publish_work *work, struct db *db, const struct publish_request *publish, const char *source,
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

static struct cube_measure *plan_measures(struct publish_work *work)
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

static void plan_table(struct publish_work *work, const struct table_spec *spec, struct cube_table_plan *out)
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

static void plan_cube(struct publish_work *work, size_t threads)
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

const struct table_config *publish_work_to_protect(const struct publish_request *request)
{
    static const struct table_config none;
    return request->protect_only ? request->protect_only : &none;
}

int publish_work_build(struct publish_work *work, struct db *db, const struct publish_request *request, const char *source, struct err *err)
{
    arena_init(&work->arena, false);
    gather(work, source);
    int failed = open_cases(work, db, request, source, err);
    if (failed)
        return failed;
    plan_cube(work, request->threads);
    return cube_build(&work->cube, &work->plan, case_source_rows(work->cases), err);
}

void publish_work_match(struct publish_work *work)
{
    struct known *known = work->later->known;
    work->shown_count = known->count;
    work->shown = mem_zalloc(known->count, sizeof *work->shown);
    for (size_t t = 0; t < known->count; t++)
        protected_init(&work->shown[t], &work->cube->tables[t]);
    known_match(known, work->cube, case_source_measures(work->cases), work->shown);
}

void publish_work_release(struct publish_work *work)
{
    for (size_t t = 0; t < work->shown_count; t++)
        protected_release(&work->shown[t]);
    free(work->shown);
    cube_free(work->cube);
    case_source_free(work->cases);
    arena_release(&work->arena);
    mem_trim();
}
