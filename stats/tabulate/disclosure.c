#include "stats/tabulate/disclosure.h"

#include <stdlib.h>

#include "core/mem.h"
#include "stats/tabulate/disclosure_joint.h"

const char *disclosure_status_name(enum disclosure_status status)
{
    static const char *const names[] = { "published", "primary", "secondary" };
    return names[status];
}

/* ---- size ---- */

static double leaf_count(const struct hierarchy *h)
{
    double count = 0;
    for (uint32_t c = 0; c < h->code_count; c++)
        count += h->leaf[c];
    return count;
}

/* Leaves counted once for each value that they are part of. */
static double member_count(const struct hierarchy *h)
{
    double count = 0;
    for (uint32_t c = 0; c < h->code_count; c++)
        for (size_t a = 0; h->leaf[c] && a < h->axis_count; a++)
            for (uint32_t at = c; at; at = h->axes[a].parent[at])
                count += a == 0 || at != c;
    return count;
}

static int check_size(const struct tabulation *t, bool zeros, struct err *err)
{
    double cells = 1, leaves = 1, members = 1;
    for (size_t d = 0; d < t->dimension_count; d++) {
        cells *= t->dimensions[d].code_count;
        leaves *= leaf_count(&t->dimensions[d]);
        members *= member_count(&t->dimensions[d]);
    }
    if (zeros && (double)t->record_count < leaves)
        members *= (double)t->record_count / leaves;
    if (cells <= DISCLOSURE_MAX_CELLS && members <= DISCLOSURE_MAX_MEMBERS)
        return 0;
    return err_set(err, ERR_DATA, "the table has %.0f cells with all its margins, at most %d can be protected: "
                   "fewer dimensions, coarser values, or a table for each value of one dimension", cells, DISCLOSURE_MAX_CELLS);
}

/* ---- problems ---- */

static int build_cross(struct disclosure *d, struct disclosure_figure *figure, struct err *err)
{
    const struct tabulation *t = d->tabulation;
    struct cross_dimension dimensions[CROSS_MAX_DIMENSIONS];
    for (size_t i = 0; i < t->dimension_count; i++)
        dimensions[i] = hierarchy_dimension(&t->dimensions[i]);
    struct cross cross = { .dimensions = dimensions,
        .dimension_count = t->dimension_count,
        .records = t->records,
        .record_count = t->record_count,
        .zeros = !d->zeros_public,
        .impossible = impossible_list_has,
        .context = &t->impossible,
        .tables = 1 };
    problem_init(&figure->problem);
    return cross_build(&cross, &figure->problem, &figure->map, err);
}

static int protect(struct disclosure_figure *figure, const struct protect_options *options, const char *name, struct err *err)
{
    problem_finish(&figure->problem);
    int code = protect_run(&figure->problem, options, &figure->result, err);
    if (!code && figure->result.report.dropped_tables)
        code = err_set(err, ERR_DATA, "%s: no safe pattern was found in %llu iterations: nothing may be published; see --budget", name,
                       (unsigned long long)figure->result.report.iterations);
    return code;
}

/* The contributions hold amounts in the place of cases. */
static void put_amounts(struct disclosure *d, size_t sum, uint32_t *values)
{
    const struct tabulation *t = d->tabulation;
    struct disclosure_figure *figure = &d->sums[sum];
    for (size_t i = 0; i < figure->problem.contribution_count; i++)
        figure->problem.contributions[i].cases = 0;
    for (size_t i = 0; i < t->record_count; i++) {
        uint32_t to = figure->map.contribution_of[i];
        const struct tabulate_amount *amount = &t->amounts[i * t->sum_count + sum];
        figure->problem.contributions[to].cases += amount->amount;
        values[to] += amount->values;
    }
}

/* A sum needs a published count, and enough persons with a value: a zero is one, too. */
static void set_states(struct disclosure *d, size_t sum, const uint32_t *values, int64_t k)
{
    const struct disclosure_figure *counts = &d->counts;
    struct protect_problem *problem = &d->sums[sum].problem;
    const struct protect_measure measure = { .n = values };
    struct protect_persons persons;
    persons_init(&persons, &counts->problem);
    for (uint32_t c = 0; c < problem->cell_count; c++) {
        struct protect_cell *cell = &problem->cells[c];
        uint64_t contributors = 0;
        persons_begin(&persons);
        for (size_t i = 0; i < cell->row.count; i++)
            contributors += persons_add_contributors(&persons, &measure, problem->member[cell->row.first + i]);
        if (contributors && contributors < (uint64_t)k)
            cell->rules = PROTECT_CONTRIBUTORS;
        if (counts->result.withheld[c])
            cell->state = PROTECT_UNAVAILABLE;
    }
    persons_release(&persons);
}

static int run_sum(struct disclosure *d, size_t sum, const char *name, const struct protect_options *options, struct err *err)
{
    struct disclosure_figure *figure = &d->sums[sum];
    int code = build_cross(d, figure, err);
    if (code)
        return code;
    uint32_t *values = mem_zalloc(figure->problem.contribution_count, sizeof *values);
    put_amounts(d, sum, values);
    set_states(d, sum, values, options->k);
    free(values);
    return protect(figure, options, name, err);
}

static void count_statuses(struct disclosure_figure *figure)
{
    for (uint32_t c = 0; c < figure->problem.cell_count; c++)
        figure->of_status[disclosure_status(figure, c)]++;
}

static void count_cells(struct disclosure *d)
{
    count_statuses(&d->counts);
    for (size_t s = 0; s < d->tabulation->sum_count; s++)
        count_statuses(&d->sums[s]);
    size_t cells = 1;
    for (size_t i = 0; i < d->tabulation->dimension_count; i++)
        cells *= d->tabulation->dimensions[i].code_count;
    d->zero_cells = d->zeros_public ? cells - d->counts.problem.cell_count : 0;
}

int disclosure_run(struct disclosure *disclosure, const struct tabulation *tabulation,
                   const struct protect_options *counts, const struct protect_options *sums, struct err *err)
{
    *disclosure = (struct disclosure) { .tabulation = tabulation, .zeros_public = counts->zeros == PROTECT_ZEROS_PUBLIC };
    int code = check_size(tabulation, !disclosure->zeros_public, err);
    if (!code)
        code = build_cross(disclosure, &disclosure->counts, err);
    if (!code)
        code = protect(&disclosure->counts, counts, "cases", err);
    for (size_t s = 0; !code && s < tabulation->sum_count; s++)
        code = run_sum(disclosure, s, "a sum", sums, err);
    /* Who knows that nothing withheld is zero learns no more of the counts from an amount. */
    if (!code && tabulation->sum_count && counts->audit == PROTECT_AUDIT_X0 && !disclosure->zeros_public)
        code = disclosure_join(disclosure, counts, sums, err);
    if (!code)
        count_cells(disclosure);
    return code;
}

static void release_figure(struct disclosure_figure *figure)
{
    protect_result_release(&figure->result);
    cross_map_release(&figure->map);
    problem_release(&figure->problem);
}

void disclosure_release(struct disclosure *disclosure)
{
    release_figure(&disclosure->counts);
    for (size_t s = 0; s < TABULATE_MAX_SUMS; s++)
        release_figure(&disclosure->sums[s]);
}

enum disclosure_status disclosure_status(const struct disclosure_figure *figure, uint32_t cell)
{
    unsigned rules = figure->result.withheld[cell];
    return !rules ? DISCLOSURE_PUBLISHED : rules & PROTECT_PRIMARY ? DISCLOSURE_PRIMARY : DISCLOSURE_SECONDARY;
}

int64_t disclosure_value(const struct disclosure_figure *figure, uint32_t cell)
{
    return problem_cases(&figure->problem, figure->problem.cells[cell].row);
}
