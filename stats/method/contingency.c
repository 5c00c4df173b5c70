#include "stats/method/contingency.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "core/mem.h"

static double count_at(const struct contingency *table, size_t row, size_t column)
{
    return table->counts[row * table->columns + column];
}

static size_t live(const double *sums, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += sums[i] > 0;
    return count;
}

static enum method_reason judge(const struct margins *margins)
{
    if (!isfinite(margins->total))
        return METHOD_OUT_OF_RANGE;
    if (margins->total <= 0)
        return METHOD_EMPTY;
    return margins->live_rows < 2 || margins->live_columns < 2 ? METHOD_ONE_GROUP : METHOD_OK;
}

enum method_reason margins_of(const struct contingency *table, struct margins *out)
{
    struct margins margins = {
        .row = mem_zalloc(table->rows, sizeof *margins.row),
        .column = mem_zalloc(table->columns, sizeof *margins.column),
    };
    for (size_t i = 0; i < table->rows; i++) {
        for (size_t j = 0; j < table->columns; j++) {
            double count = count_at(table, i, j);
            if (count < 0)
                count = NAN; /* carries into the total, as NAN itself does */
            margins.row[i] += count;
            margins.column[j] += count;
            margins.total += count;
        }
    }
    margins.live_rows = live(margins.row, table->rows);
    margins.live_columns = live(margins.column, table->columns);
    enum method_reason reason = judge(&margins);
    if (reason == METHOD_OK)
        *out = margins;
    else
        margins_free(&margins);
    return reason;
}

void margins_free(struct margins *margins)
{
    free(margins->row);
    free(margins->column);
    *margins = (struct margins){ 0 };
}

static double expected_at(const struct margins *margins, size_t row, size_t column)
{
    return margins->row[row] * margins->column[column] / margins->total;
}

/* The statistic with every difference made smaller by `correction`, and what the expected counts are like. */
static double statistic(const struct contingency *table, const struct margins *margins, double correction)
{
    double sum = 0;
    for (size_t i = 0; i < table->rows; i++) {
        for (size_t j = 0; j < table->columns; j++) {
            double expected = expected_at(margins, i, j);
            if (expected <= 0)
                continue;
            double difference = fabs(count_at(table, i, j) - expected) - correction;
            sum += difference * difference / expected;
        }
    }
    return sum;
}

double chi_square_statistic(const struct contingency *table, const struct margins *margins)
{
    return statistic(table, margins, 0);
}

static void judge_expected(const struct contingency *table, const struct margins *margins, struct chi_square *out)
{
    out->smallest_expected = INFINITY;
    for (size_t i = 0; i < table->rows; i++) {
        for (size_t j = 0; j < table->columns; j++) {
            double expected = expected_at(margins, i, j);
            if (expected <= 0)
                continue;
            out->smallest_expected = fmin(out->smallest_expected, expected);
            out->small_expected += expected < 5;
        }
    }
}

/* The absolute difference of observed and expected, which is the same in all live cells of a 2 × 2 table. */
static double common_difference(const struct contingency *table, const struct margins *margins)
{
    for (size_t i = 0; i < table->rows; i++)
        for (size_t j = 0; j < table->columns; j++)
            if (expected_at(margins, i, j) > 0)
                return fabs(count_at(table, i, j) - expected_at(margins, i, j));
    return 0;
}

static void add_yates(const struct contingency *table, const struct margins *margins, struct chi_square *out)
{
    out->has_yates = margins->live_rows == 2 && margins->live_columns == 2;
    if (!out->has_yates)
        return;
    out->yates = statistic(table, margins, fmin(0.5, common_difference(table, margins)));
    out->yates_p = gsl_cdf_chisq_Q(out->yates, 1);
}

enum method_reason chi_square(const struct contingency *table, struct chi_square *out)
{
    struct margins margins;
    enum method_reason reason = margins_of(table, &margins);
    if (reason != METHOD_OK)
        return reason;
    struct chi_square test = {
        .statistic = statistic(table, &margins, 0),
        .n = margins.total,
        .df = (margins.live_rows - 1) * (margins.live_columns - 1),
    };
    test.p = gsl_cdf_chisq_Q(test.statistic, (double)test.df);
    judge_expected(table, &margins, &test);
    add_yates(table, &margins, &test);
    margins_free(&margins);
    *out = test;
    return METHOD_OK;
}

enum method_reason residual_at(const struct contingency *table, const struct margins *margins, size_t row,
                               size_t column, struct residual *out)
{
    double row_share = margins->row[row] / margins->total, column_share = margins->column[column] / margins->total;
    double expected = expected_at(margins, row, column);
    double variance = expected * (1 - row_share) * (1 - column_share);
    if (!(variance > 0))
        return METHOD_ONE_GROUP;
    double adjusted = (count_at(table, row, column) - expected) / sqrt(variance);
    *out = (struct residual){ expected, adjusted, normal_two_sided(adjusted) };
    return METHOD_OK;
}
