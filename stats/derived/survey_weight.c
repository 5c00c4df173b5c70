#include "stats/derived/survey_weight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/wilson.h"
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

struct sample {
    struct margin margins[MARGINS_MAX];
    size_t margin_count;
    double *weights;                     /* per answer */
    enum tally_class *classes;
    size_t *categories[MARGINS_MAX];
    size_t count, capacity;
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

/* A line of the finest groups that are raked, with an answer: a cell of the sample. */
static bool is_cell(const struct sample *sample, const struct panel *panel, size_t line, size_t answer)
{
    if (panel->lines[line].withheld || panel_depth(panel, line, answer) != 1)
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

/* All answers of the period; false where some of their cells are withheld. */
static bool add_cells(struct sample *sample, const struct panel *panel, const struct derived_spec *spec, size_t answer, size_t period)
{
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
    for (size_t m = 0; m < MARGINS_MAX; m++)
        free(sample->categories[m]);
}

static void init_sample(struct sample *sample, const struct panel *panel, size_t period)
{
    double all = panel->total == PANEL_NONE ? NAN : panel_value(panel, panel->total, period, panel_column(panel, "cases"));
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
    size_t answer = tally_dimension(panel, spec->survey_answer), other = population ? period_of(panel, period, population) : PANEL_NONE;
    init_sample(&sample, panel, period);
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
