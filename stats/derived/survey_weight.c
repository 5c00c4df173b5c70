#include "stats/derived/survey_weight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "core/mem.h"
#include "core/wilson.h"
#include "stats/derived/survey_score.h"
#include "stats/method/nps.h"
#include "stats/method/raking.h"

enum { MARGINS_MAX = 4, CATEGORIES_MAX = 200 };

static const double cap = 5, level = 0.95;

/* A dimension that both tables have. */
struct margin {
    size_t dimension;                    /* of the answers */
    const char *labels[CATEGORIES_MAX];
    double population[CATEGORIES_MAX];
    size_t count;
};

/* Answers of which mean and variance are known, not the values. They share their groups, so their weight too. */
struct mean_cell {
    size_t first, count;                 /* answers */
    double mean, variance;
};

struct sample {
    struct margin margins[MARGINS_MAX];
    size_t margin_count;
    double *weights;                     /* per answer */
    enum tally_class *classes;
    size_t *categories[MARGINS_MAX];
    size_t count, capacity;
    struct mean_cell *cells;                  /* of a mean */
    size_t cell_count, cell_capacity;
};

/* The population's period of the same name, or the newest before it. */
static size_t period_of(const struct panel *panel, size_t period, const struct panel *population)
{
    char wanted[16], label[16];
    size_t found = PANEL_NONE;
    panel_period(panel, period, wanted);
    for (size_t t = 0; t < population->period_count; t++) {
        panel_period(population, t, label);
        if (strcmp(label, wanted) <= 0)
            found = t;
    }
    return found;
}

static bool add_margin(struct sample *sample, const struct panel *panel, size_t dimension, const struct panel *population, size_t period)
{
    struct margin *margin = &sample->margins[sample->margin_count];
    size_t other = tally_dimension(population, panel->dimensions[dimension].name), child = PANEL_NONE;
    if (other == PANEL_NONE || sample->margin_count == MARGINS_MAX || population->total == PANEL_NONE)
        return false;
    *margin = (struct margin){ .dimension = dimension };
    while ((child = panel_child(population, population->total, other, child)) != PANEL_NONE && margin->count < CATEGORIES_MAX) {
        double cases = panel_value(population, child, period, panel_column(population, "cases"));
        if (isnan(cases))
            continue;
        margin->labels[margin->count] = tally_label(population, child, other);
        margin->population[margin->count++] = cases;
    }
    sample->margin_count++;
    return true;
}

static size_t category_of(const struct margin *margin, const char *label)
{
    for (size_t i = 0; i < margin->count; i++)
        if (strcmp(margin->labels[i], label) == 0)
            return i;
    return PANEL_NONE;
}

/* A line of the finest groups that are raked, with an answer unless it is a mean's: a cell of the sample. */
static bool is_cell(const struct sample *sample, const struct panel *panel, size_t line, size_t answer)
{
    if (panel->lines[line].withheld || (answer != PANEL_NONE && panel_depth(panel, line, answer) != 1))
        return false;
    for (size_t d = 0; d < panel->dimension_count; d++) {
        bool raked = false;
        for (size_t m = 0; m < sample->margin_count; m++)
            raked = raked || sample->margins[m].dimension == d;
        if (d != answer && panel_depth(panel, line, d) != (raked ? 1u : 0u))
            return false;
    }
    return true;
}

/* As many answers as the cell has, all alike. */
static bool add_cell(struct sample *sample, const struct panel *panel, size_t line, size_t cases, enum tally_class class)
{
    if (cases > sample->capacity - sample->count)
        return false;
    for (size_t m = 0; m < sample->margin_count; m++) {
        size_t category = category_of(&sample->margins[m], tally_label(panel, line, sample->margins[m].dimension));
        if (category == PANEL_NONE)
            return false;
        for (size_t i = 0; i < cases; i++)
            sample->categories[m][sample->count + i] = category;
    }
    for (; cases; cases--, sample->count++) {
        sample->weights[sample->count] = 1;
        sample->classes[sample->count] = class;
    }
    return true;
}

static bool add_mean(struct sample *sample, const struct panel *panel, const struct derived_spec *spec, size_t line, size_t period)
{
    struct score score;
    if (!is_cell(sample, panel, line, PANEL_NONE) || !score_line(panel, spec, line, period, &score))
        return true; /* that it is missing shows in the sum */
    MEM_GROW(sample->cells, sample->cell_count, sample->cell_capacity);
    sample->cells[sample->cell_count++] = (struct mean_cell){ sample->count, (size_t)score.n, score.value, score.good };
    return add_cell(sample, panel, line, (size_t)score.n, TALLY_OTHER);
}

static bool add_means(struct sample *sample, const struct panel *panel, const struct derived_spec *spec, size_t period)
{
    for (size_t line = 0; line < panel->line_count; line++)
        if (!add_mean(sample, panel, spec, line, period))
            return false;
    return sample->count > 0 && sample->count == sample->capacity;
}

/* All answers of the period; false where some of their cells are withheld. */
static bool add_cells(struct sample *sample, const struct panel *panel, const struct derived_spec *spec, size_t answer, size_t period)
{
    if (spec->survey == SURVEY_KIND_MEAN)
        return add_means(sample, panel, spec, period);
    for (size_t line = 0; line < panel->line_count; line++) {
        double count = is_cell(sample, panel, line, answer) ? panel_value(panel, line, period, panel_column(panel, "cases")) : NAN;
        if (!isnan(count) && count > 0 &&
            !add_cell(sample, panel, line, (size_t)count, tally_class_of(spec->survey, tally_label(panel, line, answer))))
            return false;
    }
    return sample->count > 0 && sample->count == sample->capacity;
}

static const char *rake(struct sample *sample)
{
    struct raking_margin margins[MARGINS_MAX];
    const struct raking_limits limits = { .cap = cap };
    struct raking_report report;
    for (size_t m = 0; m < sample->margin_count; m++)
        margins[m] = (struct raking_margin){ "group", sample->categories[m], sample->margins[m].population, sample->margins[m].count };
    if (raking_rake(margins, sample->margin_count, sample->weights, sample->count, &limits, &report, NULL))
        return "a group has no answer or is not in the population";
    return report.converged ? "" : "did not converge";
}

/* The mean as a ratio of weighted sums, its variance by linearisation: n/(n-1) times the sum of (w (y - mean))^2 over that of w, squared
 * (Saerndal, Swensson & Wretman 1992, 5.7; svymean() of R's survey package for weights alone). A cell's squares follow from its own mean
 * and variance. */
static void score_mean(const struct sample *sample, double sum, struct weighted *out)
{
    double total = 0, squares = 0, n = (double)sample->count;
    for (size_t i = 0; i < sample->cell_count; i++)
        total += sample->weights[sample->cells[i].first] * (double)sample->cells[i].count * sample->cells[i].mean;
    out->score = total / sum;
    for (size_t i = 0; i < sample->cell_count; i++) {
        const struct mean_cell *cell = &sample->cells[i];
        double away = cell->mean - out->score, count = (double)cell->count, weight = sample->weights[cell->first];
        squares += weight * weight * ((count - 1) * cell->variance + count * away * away);
    }
    double half = gsl_cdf_ugaussian_Pinv((1 + level) / 2) * sqrt(n / (n - 1) * squares) / sum;
    out->low = out->score - half;
    out->high = out->score + half;
}

static struct weighted score(const struct sample *sample, enum survey_kind kind)
{
    double sum = 0, squares = 0, good = 0, bad = 0, neither = 0;
    for (size_t i = 0; i < sample->count; i++) {
        double weight = sample->weights[i];
        sum += weight;
        squares += weight * weight;
        *(sample->classes[i] == TALLY_GOOD ? &good : sample->classes[i] == TALLY_BAD ? &bad : &neither) += weight;
    }
    struct weighted out = { .effective_n = sum * sum / squares, .note = "" };
    out.design_effect = (double)sample->count / out.effective_n;
    if (kind == SURVEY_KIND_MEAN) {
        score_mean(sample, sum, &out);
        return out;
    }
    double scale = out.effective_n / sum;
    double n = good * scale + bad * scale + neither * scale; /* the effective n, but never rounded to less than its parts */
    if (kind == SURVEY_KIND_NPS) {
        struct nps nps = nps_adjusted_wald((struct nps_counts){ good * scale, bad * scale, n }, level);
        out.score = (good - bad) / sum;
        out.low = nps.low;
        out.high = nps.high;
    } else {
        struct wilson share = wilson_interval(good * scale, n, level);
        out.score = share.share;
        out.low = share.low;
        out.high = share.high;
    }
    return out;
}

static void free_sample(struct sample *sample)
{
    free(sample->weights);
    free(sample->classes);
    free(sample->cells);
    for (size_t m = 0; m < MARGINS_MAX; m++)
        free(sample->categories[m]);
}

/* How many answers there are to the question, as far as it is released. */
static double count_answers(const struct panel *panel, const struct derived_spec *spec, size_t period)
{
    struct score score;
    if (panel->total == PANEL_NONE)
        return NAN;
    if (spec->survey == SURVEY_KIND_MEAN)
        return score_line(panel, spec, panel->total, period, &score) ? score.n : NAN;
    return panel_value(panel, panel->total, period, panel_column(panel, "cases"));
}

static void init_sample(struct sample *sample, const struct panel *panel, const struct derived_spec *spec, size_t period)
{
    double all = count_answers(panel, spec, period);
    *sample = (struct sample){ .capacity = isnan(all) ? 0 : (size_t)all };
    sample->weights = mem_zalloc(sample->capacity, sizeof *sample->weights);
    sample->classes = mem_zalloc(sample->capacity, sizeof *sample->classes);
    for (size_t m = 0; m < MARGINS_MAX; m++)
        sample->categories[m] = mem_zalloc(sample->capacity, sizeof *sample->categories[m]);
}

struct weighted survey_weight(const struct panel *panel, const struct panel *population, const struct derived_spec *spec, size_t period)
{
    struct weighted out = { NAN, NAN, NAN, NAN, NAN, "" };
    struct sample sample;
    size_t answer = spec->survey == SURVEY_KIND_MEAN ? PANEL_NONE : tally_dimension(panel, spec->survey_answer), other = population ? period_of(panel, period, population) : PANEL_NONE;
    init_sample(&sample, panel, spec, period);
    for (size_t d = 0; d < panel->dimension_count && other != PANEL_NONE; d++)
        if (d != answer)
            add_margin(&sample, panel, d, population, other);
    if (!sample.margin_count)
        out.note = population ? "the population has none of the groups" : "";
    else if (!add_cells(&sample, panel, spec, answer, period))
        out.note = "not all groups are released";
    else
        out.note = rake(&sample);
    if (sample.margin_count && !*out.note)
        out = score(&sample, spec->survey);
    free_sample(&sample);
    return out;
}
