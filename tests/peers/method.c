/* Answers statistics jobs line by line, so that another program can check them. A job is its name, then numbers; a vector
 * is its length followed by its values, NA for a missing one. The answer is a line of numbers, or the reason. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/wilson.h"
#include "stats/method/autocorrelation.h"
#include "stats/method/benjamini_hochberg.h"
#include "stats/method/cramer.h"
#include "stats/method/cusum.h"
#include "stats/method/decompose.h"
#include "stats/method/hamed_rao.h"
#include "stats/method/holt_winters_regress.h"
#include "stats/method/kruskal_wallis.h"
#include "stats/method/mann_kendall.h"
#include "stats/method/mantel_haenszel.h"
#include "stats/method/noncentral_chi_square.h"
#include "stats/method/permutation.h"
#include "stats/method/pettitt.h"
#include "stats/method/seasonal_kendall.h"
#include "stats/method/stl.h"
#include "stats/method/summary.h"
#include "stats/method/theil_sen.h"
#include "stats/method/two_proportions.h"
#include "stats/method/welch.h"

static char *rest;         /* of the line */
static struct arena arena; /* of the job */

static const char *word(void)
{
    const char *found = strsep(&rest, " \n");
    return found ? found : "";
}

static double number(void)
{
    const char *text = word();
    return strcmp(text, "NA") == 0 ? NAN : strtod(text, NULL);
}

static size_t whole(void)
{
    return (size_t)number();
}

static double *numbers(size_t n)
{
    return arena_alloc(&arena, n * sizeof(double));
}

static double *vector(size_t *n)
{
    *n = whole();
    double *values = numbers(*n);
    for (size_t i = 0; i < *n; i++)
        values[i] = number();
    return values;
}

/* season, then the values. */
static struct series read_series(void)
{
    struct series series = { .season = whole() };
    series.values = vector(&series.n);
    return series;
}

/* rows, then the counts row after row. */
static struct contingency read_table(void)
{
    struct contingency table = { .rows = whole() };
    size_t n;
    table.counts = vector(&n);
    table.columns = n / table.rows;
    return table;
}

static void say_all(const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("%.17g ", values[i]);
}

#define SAY(...) say_all((const double[]){ __VA_ARGS__ }, sizeof((const double[]){ __VA_ARGS__ }) / sizeof(double))

static enum method_reason do_summary(void)
{
    struct series series = read_series();
    struct summary s;
    enum method_reason reason = summary_of(&series, &s);
    if (reason == METHOD_OK)
        SAY(s.mean, s.sd, s.lower_quartile, s.median, s.upper_quartile);
    return reason;
}

static enum method_reason do_acf(void)
{
    size_t lags = whole(), n;
    double *values = vector(&n), *r = numbers(lags);
    enum method_reason reason = autocorrelation_of(values, n, lags, r);
    if (reason == METHOD_OK)
        say_all(r, lags);
    return reason;
}

static enum method_reason do_mann_kendall(void)
{
    struct series series = read_series();
    struct mann_kendall t;
    enum method_reason reason = mann_kendall(&series, &t);
    if (reason == METHOD_OK)
        SAY(t.s, t.z, t.p, t.tau);
    return reason;
}

static enum method_reason do_seasonal_kendall(void)
{
    struct series series = read_series();
    struct seasonal_kendall t;
    enum method_reason reason = seasonal_kendall(&series, &t);
    if (reason == METHOD_OK)
        SAY(t.s, t.variance, t.z, t.p, t.slope);
    return reason;
}

static enum method_reason do_hamed_rao(void)
{
    struct series series = read_series();
    struct hamed_rao t;
    enum method_reason reason = hamed_rao(&series, &t);
    if (reason == METHOD_OK)
        SAY(t.factor);
    return reason;
}

static enum method_reason do_theil_sen(void)
{
    struct series series = read_series();
    struct theil_sen t;
    enum method_reason reason = theil_sen(&series, 0.95, &t);
    if (reason == METHOD_OK)
        SAY(t.slope, t.intercept);
    return reason;
}

static enum method_reason do_pettitt(void)
{
    struct series series = read_series();
    struct pettitt t;
    enum method_reason reason = pettitt(&series, &t);
    if (reason == METHOD_OK)
        SAY(t.k, t.p, (double)t.last_before);
    return reason;
}

static enum method_reason do_cusum(void)
{
    struct series series = read_series();
    struct cusum t;
    enum method_reason reason = cusum(&series, &t);
    if (reason == METHOD_OK)
        SAY(t.largest, t.p);
    return reason;
}

/* seasonal window, robust (0, 1), series; answers seasonal, trend, remainder, weights. */
static enum method_reason do_stl(void)
{
    struct stl_options options = { .seasonal_window = whole() };
    options.robust = whole() != 0;
    struct series series = read_series();
    struct stl stl;
    enum method_reason reason = stl_decompose(&series, options, &stl);
    if (reason != METHOD_OK)
        return reason;
    say_all(stl.seasonal, stl.n);
    say_all(stl.trend, stl.n);
    say_all(stl.remainder, stl.n);
    say_all(stl.weights, stl.n);
    stl_free(&stl);
    return reason;
}

static enum method_reason do_decompose(void)
{
    enum decompose_kind kind = whole() ? DECOMPOSE_MULTIPLICATIVE : DECOMPOSE_ADDITIVE;
    struct series series = read_series();
    double *figure = numbers(series.season), *trend = numbers(series.n);
    enum method_reason reason = decompose(&series, kind, figure, trend);
    if (reason != METHOD_OK)
        return reason;
    say_all(figure, series.season);
    say_all(trend, series.n);
    return reason;
}

static struct holt_winters_parameters read_parameters(void)
{
    struct holt_winters_parameters parameters;
    parameters.alpha = number();
    parameters.beta = number();
    parameters.gamma = number();
    parameters.phi = number();
    return parameters;
}

/* parameters, level, trend, seasonal start values, series; answers squares, level, trend, seasonal. */
static enum method_reason do_holt_winters(void)
{
    struct holt_winters_parameters parameters = read_parameters();
    double level = number(), trend = number(), squares = 0;
    size_t m;
    double *seasonal = vector(&m);
    struct series series = read_series();
    struct holt_winters_state state;
    holt_winters_state_init(&state, 1, series.season);
    state.level[0] = level;
    state.trend[0] = trend;
    memcpy(state.seasonal, seasonal, m * sizeof *seasonal);
    double *errors = numbers(series.n);
    holt_winters_filter(&series, &parameters, &state, errors);
    for (size_t i = 0; i < series.n; i++)
        squares += errors[i] * errors[i];
    SAY(squares, state.level[0], state.trend[0]);
    for (size_t i = 0; i < m; i++)
        SAY(state.seasonal[(state.place + i) % m]);
    holt_winters_state_clear(&state);
    return METHOD_OK;
}

/* parameters, horizon, series; answers squares, degrees of freedom, means, variances in units of the error variance. */
static enum method_reason do_regress(void)
{
    struct holt_winters_parameters parameters = read_parameters();
    size_t horizon = whole();
    struct series series = read_series();
    struct holt_winters_regress *regress = holt_winters_regress_new(&series);
    struct holt_winters_solution solution;
    bool solved = holt_winters_regress_solve(regress, parameters, &solution);
    if (solved) {
        double *means = numbers(horizon), *variances = numbers(horizon);
        holt_winters_regress_forecast(regress, horizon, means, variances);
        SAY(solution.squares, (double)holt_winters_regress_degrees(regress));
        say_all(means, horizon);
        say_all(variances, horizon);
    }
    holt_winters_regress_free(regress);
    return solved ? METHOD_OK : METHOD_NO_FIT;
}

static enum method_reason do_chi_square(void)
{
    struct contingency table = read_table();
    struct chi_square t;
    enum method_reason reason = chi_square(&table, &t);
    if (reason != METHOD_OK)
        return reason;
    SAY(t.statistic, (double)t.df, t.p);
    if (t.has_yates)
        SAY(t.yates, t.yates_p);
    return reason;
}

static enum method_reason do_cramer(void)
{
    struct contingency table = read_table();
    struct cramer v;
    enum method_reason reason = cramer_v(&table, 0.95, &v);
    if (reason == METHOD_OK)
        SAY(v.v, v.low, v.high);
    return reason;
}

static enum method_reason do_residuals(void)
{
    struct contingency table = read_table();
    struct margins margins;
    enum method_reason reason = margins_of(&table, &margins);
    if (reason != METHOD_OK)
        return reason;
    for (size_t i = 0; i < table.rows * table.columns; i++) {
        struct residual residual = { 0 };
        residual_at(&table, &margins, i / table.columns, i % table.columns, &residual);
        SAY(residual.adjusted);
    }
    margins_free(&margins);
    return reason;
}

/* number of random tables, table. */
static enum method_reason do_permutation(void)
{
    size_t tables = whole();
    struct contingency table = read_table();
    double p;
    enum method_reason reason = permutation_p(&table, tables, 1, &p);
    if (reason == METHOD_OK)
        SAY(p);
    return reason;
}

/* strata, rows, then all counts, stratum after stratum. */
static enum method_reason do_mantel_haenszel(void)
{
    size_t strata = whole(), rows = whole(), n;
    double *counts = vector(&n);
    struct contingency *tables = arena_alloc(&arena, strata * sizeof *tables);
    for (size_t i = 0; i < strata; i++)
        tables[i] = (struct contingency){ counts + i * n / strata, rows, n / strata / rows };
    struct mantel_haenszel t;
    enum method_reason reason = mantel_haenszel(tables, strata, &t);
    if (reason == METHOD_OK)
        SAY(t.statistic, (double)t.df, t.p, t.odds_ratio);
    return reason;
}

static enum method_reason do_noncentral(void)
{
    double x = number(), df = number(), lambda = number();
    SAY(noncentral_chi_square_cdf(x, df, lambda));
    return METHOD_OK;
}

static enum method_reason do_two_proportions(void)
{
    struct proportion first = { .successes = number() }, second = { 0 };
    first.n = number();
    second.successes = number();
    second.n = number();
    struct two_proportions t;
    enum method_reason reason = two_proportions(&first, &second, 0.95, &t);
    if (reason == METHOD_OK)
        SAY(t.z * t.z, t.p);
    return reason;
}

static enum method_reason do_wilson(void)
{
    double successes = number(), n = number();
    struct wilson wilson = wilson_interval(successes, n, 0.95);
    SAY(wilson.low, wilson.high);
    return METHOD_OK;
}

/* groups, a vector of group numbers, a vector of values. */
static enum method_reason do_kruskal(void)
{
    size_t groups = whole(), n;
    double *group = vector(&n), *values = vector(&n);
    struct kruskal_entry *entries = arena_alloc(&arena, n * sizeof *entries);
    for (size_t i = 0; i < n; i++)
        entries[i] = (struct kruskal_entry){ (size_t)group[i], values[i], 1 };
    struct kruskal_wallis t;
    enum method_reason reason = kruskal_wallis(entries, n, groups, &t);
    if (reason == METHOD_OK)
        SAY(t.statistic, (double)t.df, t.p);
    return reason;
}

static struct welch_sample read_sample(void)
{
    struct series series = { .season = 1 };
    series.values = vector(&series.n);
    struct summary summary = { 0 };
    summary_of(&series, &summary);
    return (struct welch_sample){ (double)summary.n, summary.mean, summary.sd };
}

static enum method_reason do_welch(void)
{
    struct welch_sample first = read_sample(), second = read_sample();
    struct welch t;
    enum method_reason reason = welch_test(&first, &second, 0.95, &t);
    if (reason == METHOD_OK)
        SAY(t.t, t.df, t.p, t.low, t.high);
    return reason;
}

static enum method_reason do_bh(void)
{
    size_t n;
    double *p = vector(&n);
    benjamini_hochberg(p, n, p);
    say_all(p, n);
    return METHOD_OK;
}

static const struct {
    const char *name;
    enum method_reason (*answer)(void);
} jobs[] = {
    { "summary", do_summary },
    { "acf", do_acf },
    { "mann_kendall", do_mann_kendall },
    { "seasonal_kendall", do_seasonal_kendall },
    { "hamed_rao", do_hamed_rao },
    { "theil_sen", do_theil_sen },
    { "pettitt", do_pettitt },
    { "cusum", do_cusum },
    { "stl", do_stl },
    { "decompose", do_decompose },
    { "holt_winters", do_holt_winters },
    { "regress", do_regress },
    { "chi_square", do_chi_square },
    { "cramer", do_cramer },
    { "residuals", do_residuals },
    { "permutation", do_permutation },
    { "mantel_haenszel", do_mantel_haenszel },
    { "noncentral", do_noncentral },
    { "two_proportions", do_two_proportions },
    { "wilson", do_wilson },
    { "kruskal", do_kruskal },
    { "welch", do_welch },
    { "bh", do_bh },
};

static void answer(const char *name)
{
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        if (strcmp(jobs[i].name, name) != 0)
            continue;
        printf("%s\n", method_reason_name(jobs[i].answer()));
        return;
    }
    BUG("unknown job \"%s\"", name);
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        rest = line;
        answer(word());
        arena_clear(&arena);
    }
    arena_release(&arena);
    free(line);
    return 0;
}
