#include "stats/method/raking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

static const double CAP_SLACK = 1e-6;

struct raking {
    const struct raking_margin *margins;
    size_t margin_count, n;
    double *weights;
    double *sums; /* room for the categories of any margin */
    struct raking_limits limits;
    struct raking_report *report;
};

double raking_design_effect(const double *weights, size_t n)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        sum += weights[i];
        squares += weights[i] * weights[i];
    }
    return n ? (double)n * squares / (sum * sum) : NAN;
}

static void sum_categories(const struct raking *raking, const struct raking_margin *margin)
{
    memset(raking->sums, 0, margin->categories * sizeof *raking->sums);
    for (size_t i = 0; i < raking->n; i++)
        raking->sums[margin->category[i]] += raking->weights[i];
}

static double population(const struct raking_margin *margin)
{
    double sum = 0;
    for (size_t c = 0; c < margin->categories; c++)
        sum += margin->population[c];
    return sum;
}

/* Deviation of one margin as it stands in sums[]. */
static double margin_deviation(const struct raking *raking, const struct raking_margin *margin)
{
    double worst = 0;
    for (size_t c = 0; c < margin->categories; c++)
        if (margin->population[c] > 0)
            worst = fmax(worst, fabs(raking->sums[c] - margin->population[c]) / margin->population[c]);
    return worst;
}

static void measure(struct raking *raking)
{
    raking->report->deviation = 0;
    raking->report->worst = NULL;
    for (size_t m = 0; m < raking->margin_count; m++) {
        sum_categories(raking, &raking->margins[m]);
        double deviation = margin_deviation(raking, &raking->margins[m]);
        if (deviation > raking->report->deviation) {
            raking->report->deviation = deviation;
            raking->report->worst = raking->margins[m].name;
        }
    }
}

static void fit_margin(const struct raking *raking, const struct raking_margin *margin)
{
    sum_categories(raking, margin);
    for (size_t i = 0; i < raking->n; i++)
        raking->weights[i] *= margin->population[margin->category[i]] / raking->sums[margin->category[i]];
}

static void fit(struct raking *raking)
{
    measure(raking);
    while (raking->report->deviation > raking->limits.tolerance && raking->report->passes < raking->limits.max_passes) {
        for (size_t m = 0; m < raking->margin_count; m++)
            fit_margin(raking, &raking->margins[m]);
        raking->report->passes++;
        measure(raking);
    }
}

static double cap_weight(const struct raking *raking)
{
    double sum = 0;
    for (size_t i = 0; i < raking->n; i++)
        sum += raking->weights[i];
    return raking->limits.cap * sum / (double)raking->n;
}

/* Respondents whose weight is at least `cap`. */
static size_t count_from(const struct raking *raking, double cap)
{
    size_t count = 0;
    for (size_t i = 0; i < raking->n; i++)
        count += raking->weights[i] >= cap;
    return count;
}

/* Fits and cuts in turn. True when no weight is above the cap. */
static bool trim(struct raking *raking)
{
    double cap = cap_weight(raking);
    while (count_from(raking, cap * (1 + CAP_SLACK)) > 0) {
        if (raking->report->passes >= raking->limits.max_passes)
            return false;
        for (size_t i = 0; i < raking->n; i++)
            raking->weights[i] = fmin(raking->weights[i], cap);
        fit(raking);
        cap = cap_weight(raking);
    }
    raking->report->trimmed = count_from(raking, cap * (1 - CAP_SLACK));
    return true;
}

static void rake(struct raking *raking)
{
    fit(raking);
    bool capped = raking->limits.cap == 0 || trim(raking);
    raking->report->converged = capped && raking->report->deviation <= raking->limits.tolerance;
    raking->report->design_effect = raking_design_effect(raking->weights, raking->n);
    raking->report->effective_n = (double)raking->n / raking->report->design_effect;
}

static int check_margin(const struct raking *raking, const struct raking_margin *margin, struct err *err)
{
    for (size_t i = 0; i < raking->n; i++)
        BUG_ON(margin->category[i] >= margin->categories);
    sum_categories(raking, margin);
    for (size_t c = 0; c < margin->categories; c++) {
        if (!(margin->population[c] >= 0 && isfinite(margin->population[c])))
            return err_set(err, ERR_DATA, "population of category %zu of '%s' is not a number of people", c + 1,
                           margin->name);
        if (margin->population[c] > 0 && raking->sums[c] == 0)
            return err_set(err, ERR_DATA, "category %zu of '%s' has a population but no respondent", c + 1,
                           margin->name);
        if (margin->population[c] == 0 && raking->sums[c] > 0)
            return err_set(err, ERR_DATA, "category %zu of '%s' has respondents but no population", c + 1,
                           margin->name);
    }
    double total = population(margin), first = population(&raking->margins[0]);
    if (fabs(total - first) > 1e-6 * first)
        return err_set(err, ERR_DATA, "populations of '%s' and '%s' do not add to the same", raking->margins[0].name,
                       margin->name);
    return 0;
}

static int check(const struct raking *raking, struct err *err)
{
    if (raking->n == 0)
        return err_set(err, ERR_DATA, "no respondents to weight");
    for (size_t i = 0; i < raking->n; i++)
        if (!(raking->weights[i] > 0 && isfinite(raking->weights[i])))
            return err_set(err, ERR_DATA, "base weight of respondent %zu is not positive", i + 1);
    for (size_t m = 0; m < raking->margin_count; m++) {
        int code = check_margin(raking, &raking->margins[m], err);
        if (code)
            return code;
    }
    return 0;
}

static struct raking_limits with_defaults(const struct raking_limits *limits)
{
    struct raking_limits result = limits ? *limits : (struct raking_limits){ 0 };
    BUG_ON(result.cap != 0 && !(result.cap > 1));
    if (result.max_passes == 0)
        result.max_passes = 1000;
    if (result.tolerance == 0)
        result.tolerance = 1e-10;
    return result;
}

int raking_rake(const struct raking_margin *margins, size_t margin_count, double *weights, size_t n,
                const struct raking_limits *limits, struct raking_report *report, struct err *err)
{
    BUG_ON(margin_count == 0);
    size_t most = 0;
    for (size_t m = 0; m < margin_count; m++)
        most = margins[m].categories > most ? margins[m].categories : most;
    struct raking_report result = { 0 };
    struct raking raking = { margins, margin_count, n, weights, mem_zalloc(most, sizeof(double)), with_defaults(limits),
                             &result };
    int code = check(&raking, err);
    if (!code) {
        rake(&raking);
        *report = result;
    }
    free(raking.sums);
    return code;
}
