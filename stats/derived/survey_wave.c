#include "stats/derived/survey_wave.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/derived/sheet.h"
#include "stats/derived/survey_score.h"
#include "stats/method/benjamini_hochberg.h"

static const struct sheet_column columns[] = {
    { "answers", SHEET_COUNT, 0, "Answers of the wave, over all periods in which they are released." },
    { "score", SHEET_NUMBER, 4, "NPS, the satisfied share, or the mean." },
    { "score_low", SHEET_NUMBER, 4, "Lower end of its 95 % interval (adjusted Wald, Wilson or normal)." },
    { "score_high", SHEET_NUMBER, 4, "Upper end of its 95 % interval." },
    { "before", SHEET_TEXT, 0, "The wave that it is compared with: the one before it that is released." },
    { "change", SHEET_NUMBER, 4, "The score less that of the wave before." },
    { "change_p", SHEET_P, 0, "Two-sided p of no change." },
    { "change_p_adjusted", SHEET_P, 0, "That p after Benjamini-Hochberg over the table." },
    { 0 },
};

struct wave {
    size_t line, before; /* index of the wave before, or PANEL_NONE */
    long number;
    struct score score;
    double change, p;
};

struct waves {
    const struct panel *panel;
    const struct derived_spec *spec;
    size_t dimension;
    struct wave *list;
    size_t count;
};

static bool number_of(const char *label, long *number)
{
    char *end;
    *number = strtol(label, &end, 10);
    return end != label && !*end;
}

static void collect(struct waves *waves)
{
    const struct panel *panel = waves->panel;
    for (size_t line = 0; line < panel->line_count; line++) {
        struct wave wave = { .line = line, .before = PANEL_NONE, .change = NAN, .p = NAN };
        if (panel_depth(panel, line, waves->dimension) != 1 || !number_of(tally_label(panel, line, waves->dimension), &wave.number) ||
            !score_all(panel, waves->spec, line, &wave.score))
            continue;
        waves->list[waves->count++] = wave;
    }
}

/* The same group: all labels but that of the wave. */
static bool same_group(const struct waves *waves, const struct wave *a, const struct wave *b)
{
    const struct panel *panel = waves->panel;
    for (size_t i = 0; i < panel->label_count; i++)
        if (i + 1 != panel->dimensions[waves->dimension].column && strcmp(panel->lines[a->line].labels[i], panel->lines[b->line].labels[i]))
            return false;
    return true;
}

static void compare(struct waves *waves, struct wave *wave)
{
    for (size_t i = 0; i < waves->count; i++) {
        const struct wave *other = &waves->list[i];
        if (other->number < wave->number && (wave->before == PANEL_NONE || other->number > waves->list[wave->before].number) &&
            same_group(waves, wave, other))
            wave->before = i;
    }
    if (wave->before != PANEL_NONE)
        score_compare(waves->spec->survey, &wave->score, &waves->list[wave->before].score, &wave->change, &wave->p);
}

static bool is_newest(const struct waves *waves, const struct wave *wave)
{
    for (size_t i = 0; i < waves->count; i++)
        if (waves->list[i].number > wave->number)
            return false;
    return true;
}

/* Answers of all groups of the wave. */
static double answers_of(const struct waves *waves, long number)
{
    double most = 0;
    for (size_t i = 0; i < waves->count; i++)
        if (waves->list[i].number == number)
            most = fmax(most, waves->list[i].score.n);
    return most;
}

static void report(const struct waves *waves, const struct wave *wave, struct findings *findings)
{
    struct strbuf name = { 0 };
    if (wave->before == PANEL_NONE || !is_newest(waves, wave))
        return;
    score_name(waves->spec, &name);
    struct finding finding = { .kind = FINDING_SCORE, .panel = waves->panel, .line = wave->line, .share_of = PANEL_NONE, .p = wave->p,
                               .unit = waves->spec->survey == SURVEY_KIND_MEAN ? FINDING_NUMBER : FINDING_POINTS,
                               .figure = findings_keep(findings, strbuf_text(&name)), .low = NAN, .high = NAN,
                               .value = wave->score.value, .reference = wave->score.value - wave->change };
    finding.size = fabs(wave->change) / score_range(waves->panel, waves->spec) * wave->score.n / answers_of(waves, wave->number);
    snprintf(finding.period, sizeof finding.period, "wave %ld", wave->number);
    snprintf(finding.since, sizeof finding.since, "wave %ld", waves->list[wave->before].number);
    findings_add(findings, &finding);
    strbuf_release(&name);
}

static void write_wave(struct sheet *sheet, const struct waves *waves, const struct wave *wave, double adjusted)
{
    const struct score *score = &wave->score;
    sheet_labels(sheet, waves->panel, wave->line);
    sheet_count(sheet, (size_t)score->n);
    sheet_numbers(sheet, (double[]){ score->value, score->low, score->high }, 3);
    sheet_text(sheet, wave->before == PANEL_NONE ? NULL : tally_label(waves->panel, waves->list[wave->before].line, waves->dimension));
    sheet_numbers(sheet, (double[]){ wave->change, wave->p, adjusted }, 3);
    sheet_end_row(sheet);
}

static void write_waves(struct sheet *sheet, const struct waves *waves)
{
    double *p = mem_zalloc(waves->count, sizeof *p);
    for (size_t i = 0; i < waves->count; i++)
        p[i] = waves->list[i].p;
    benjamini_hochberg(p, waves->count, p);
    for (size_t i = 0; i < waves->count; i++)
        write_wave(sheet, waves, &waves->list[i], p[i]);
    free(p);
}

void survey_wave_add(struct release *release, const struct panel *panel, const struct derived_spec *spec, struct findings *findings)
{
    struct waves waves = { .panel = panel, .spec = spec, .dimension = spec->survey_wave ? tally_dimension(panel, spec->survey_wave) : PANEL_NONE };
    struct sheet sheet;
    if (waves.dimension == PANEL_NONE)
        return;
    waves.list = mem_zalloc(panel->line_count, sizeof *waves.list);
    sheet_init(&sheet, release);
    sheet_add_dimensions(&sheet, panel);
    sheet_add_columns(&sheet, columns);
    sheet_open(&sheet, "surveys", panel->table, "_waves", "Results of a survey's question by wave");
    collect(&waves);
    for (size_t i = 0; i < waves.count; i++)
        compare(&waves, &waves.list[i]);
    write_waves(&sheet, &waves);
    for (size_t i = 0; i < waves.count; i++)
        report(&waves, &waves.list[i], findings);
    free(waves.list);
    sheet_close(&sheet);
}
