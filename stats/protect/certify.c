#include "stats/protect/certify.h"

#include <math.h>
#include <stdlib.h>

#include "stats/protect/certify_contributors.h"

/* Rows by unknown: the published cells, the equations, then the members. */
struct incidence {
    size_t row_count, published_count; /* rows before published_count must not change */
    struct protect_view *rows;
    size_t *first;     /* per unknown, and one past the last */
    uint32_t *row;
    double *coefficient;
    /* per row, for the witness in hand */
    double *sum, *size;
    uint32_t *stamp, now;
    uint32_t *touched;
    size_t touched_count;
};

static void list_rows(struct incidence *in, const struct audit *audit, const unsigned *withheld)
{
    const struct protect_problem *problem = audit->problem;
    in->rows = mem_zalloc(problem->cell_count + problem->equation_count + audit->members->count, sizeof *in->rows);
    for (size_t c = 0; c < problem->cell_count; c++)
        if (!withheld[c])
            in->rows[in->row_count++] = problem_view(problem, problem->cells[c].row);
    for (size_t e = 0; e < problem->equation_count; e++)
        in->rows[in->row_count++] = problem_view(problem, problem->equations[e]);
    in->published_count = in->row_count;
    for (size_t m = 0; m < audit->members->count; m++)
        in->rows[in->row_count++] = protect_member_view(audit->members, m);
}

static void index_rows(struct incidence *in, size_t unknown_count)
{
    in->first = mem_zalloc(unknown_count + 2, sizeof *in->first);
    for (size_t r = 0; r < in->row_count; r++)
        for (size_t i = 0; i < in->rows[r].count; i++)
            in->first[in->rows[r].members[i] + 2]++;
    for (size_t u = 2; u < unknown_count + 2; u++)
        in->first[u] += in->first[u - 1];
    in->row = mem_zalloc(in->first[unknown_count + 1], sizeof *in->row);
    in->coefficient = mem_zalloc(in->first[unknown_count + 1], sizeof *in->coefficient);
    for (uint32_t r = 0; r < in->row_count; r++)
        for (size_t i = 0; i < in->rows[r].count; i++) {
            size_t at = in->first[in->rows[r].members[i] + 1]++;
            in->row[at] = r;
            in->coefficient[at] = in->rows[r].coefficients ? in->rows[r].coefficients[i] : 1;
        }
}

static void incidence_init(struct incidence *in, const struct audit *audit, const unsigned *withheld)
{
    *in = (struct incidence) { 0 };
    list_rows(in, audit, withheld);
    index_rows(in, audit->problem->unknown_count);
    in->sum = mem_zalloc(in->row_count, sizeof *in->sum);
    in->size = mem_zalloc(in->row_count, sizeof *in->size);
    in->stamp = mem_zalloc(in->row_count, sizeof *in->stamp);
    in->touched = mem_zalloc(in->row_count, sizeof *in->touched);
}

static void incidence_release(struct incidence *in)
{
    free(in->rows);
    free(in->first);
    free(in->row);
    free(in->coefficient);
    free(in->sum);
    free(in->size);
    free(in->stamp);
    free(in->touched);
}

static void add_to_row(struct incidence *in, uint32_t row, double amount)
{
    if (in->stamp[row] != in->now) {
        in->stamp[row] = in->now;
        in->sum[row] = in->size[row] = 0;
        in->touched[in->touched_count++] = row;
    }
    in->sum[row] += amount; /* exact: whole numbers far below 2^53 */
    in->size[row] += fabs(amount);
}

static void apply(struct incidence *in, const struct audit *audit, const struct witness *witness)
{
    in->now++;
    in->touched_count = 0;
    for (size_t i = 0; i < witness->count; i++) {
        const struct witness_change *change = &audit->witnesses.changes[witness->first + i];
        for (size_t j = in->first[change->unknown]; j < in->first[change->unknown + 1]; j++)
            add_to_row(in, in->row[j], in->coefficient[j] * (double)change->change);
    }
}

/* Whether a reader may take it for the truth. */
static bool is_possible(const struct incidence *in, const struct audit *audit, const struct witness *witness)
{
    bool inexact = witness_is_inexact(witness->denominator);
    double tolerance = inexact ? WITNESS_TOLERANCE * (double)witness->denominator : 0;
    for (size_t i = 0; i < witness->count; i++) {
        const struct witness_change *change = &audit->witnesses.changes[witness->first + i];
        int64_t lowest = system_lowest(audit->problem, audit->options, change->unknown)
            - audit->problem->unknowns[change->unknown].cases;
        double least = (double)witness->denominator * (double)lowest, slack = inexact ? tolerance - 1e-9 * least : 0;
        if (audit->problem->unknowns[change->unknown].known_zero || (double)change->change < least - slack)
            return false;
    }
    for (size_t i = 0; i < in->touched_count; i++) {
        uint32_t row = in->touched[i];
        double allowed = inexact || in->rows[row].coefficients ? tolerance + 1e-9 * in->size[row] : 0;
        if (row < in->published_count && fabs(in->sum[row]) > allowed)
            return false;
    }
    return true;
}

static void widen(const struct incidence *in, struct audit_range *ranges, struct certify_contributors *contributors, int64_t denominator)
{
    for (size_t i = 0; i < in->touched_count; i++) {
        if (in->touched[i] < in->published_count)
            continue;
        struct audit_range *range = &ranges[in->touched[i] - in->published_count];
        double gain = in->sum[in->touched[i]] / (double)denominator;
        range->low = fmin(range->low, gain);
        range->high = fmax(range->high, gain);
        certify_contributors_meet(contributors, in->touched[i] - in->published_count, gain);
    }
}

static bool is_wide_enough(const struct audit_goal *goal, const struct audit_range *range)
{
    double low = ceil(range->low - AUDIT_ROUNDING), high = floor(range->high + AUDIT_ROUNDING);
    return high >= goal->up && low <= -goal->down && high - low >= goal->width;
}

int certify(const struct audit *audit, const unsigned *withheld, struct err *err)
{
    struct incidence in;
    struct certify_contributors contributors;
    size_t impossible = 0, narrow = 0, told = 0;
    struct audit_range *ranges = mem_zalloc(audit->members->count, sizeof *ranges);
    incidence_init(&in, audit, withheld);
    certify_contributors_init(&contributors, audit);
    for (size_t w = 0; w < audit->witnesses.count; w++) {
        const struct witness *witness = &audit->witnesses.witnesses[w];
        apply(&in, audit, witness);
        if (!is_possible(&in, audit, witness)) {
            impossible++;
            continue;
        }
        certify_contributors_witness(&contributors, witness);
        widen(&in, ranges, &contributors, witness->denominator);
    }
    for (size_t m = 0; m < audit->members->count; m++)
        narrow += !audit->members->members[m].lost && !is_wide_enough(&audit->goals[m], &ranges[m]);
    if (!(audit->options->disabled & PROTECT_CONTRIBUTOR))
        told = certify_contributors_end(&contributors);
    certify_contributors_release(&contributors);
    incidence_release(&in);
    free(ranges);
    if (impossible || narrow || told)
        return err_set(err, ERR_INTERNAL, "audit: %zu witnesses are impossible, %zu cells not proved safe, %zu not from contributors",
                       impossible, narrow, told);
    return 0;
}
