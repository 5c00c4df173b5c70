#include "stats/derived/findings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/derived/finding_text.h"
#include "stats/derived/sheet.h"
#include "stats/method/benjamini_hochberg.h"

struct candidate {
    struct finding finding;
    double p_adjusted;
    bool warning; /* not a test */
    size_t order; /* in which it came */
};

struct findings {
    struct candidate *list;
    size_t count, capacity;
    struct arena names;
};

static const struct sheet_column columns[] = {
    { "rank", SHEET_COUNT, 0, "1 matters most: warnings first, then by size × (1 - p_adjusted)." },
    { "kind", SHEET_TEXT, 0, "artefact_end, artefact_beginning, trend, change, season, last, preference, gap, low_response, response, score, score_group or holdout." },
    { "table", SHEET_TEXT, 0, "The released table that it comes from." },
    { "figure", SHEET_TEXT, 0, "The figure that it is about." },
    { "group", SHEET_TEXT, 0, "The group that it is about; empty for the total." },
    { "period", SHEET_TEXT, 0, "The period that it is about." },
    { "value", SHEET_NUMBER, 4, "The figure: after, observed, in the group." },
    { "reference", SHEET_NUMBER, 4, "What it is compared with: before, expected, in the parent group." },
    { "size", SHEET_NUMBER, 6,
      "How far it moves the table: the difference in parts of the whole, times the group's part of the cases." },
    { "p", SHEET_P, 0, "p of its test; empty for a warning." },
    { "p_adjusted", SHEET_P, 0, "p after Benjamini-Hochberg over all questions asked of this release." },
    { "english", SHEET_TEXT, 0, "The finding in words." },
    { "german", SHEET_TEXT, 0, "The finding in German." },
    { 0 },
};

struct findings *findings_new(void)
{
    struct findings *findings = mem_zalloc(1, sizeof *findings);
    arena_init(&findings->names, false);
    return findings;
}

const char *findings_keep(struct findings *findings, const char *text)
{
    return arena_strdup(&findings->names, text);
}

void findings_free(struct findings *findings)
{
    if (!findings)
        return;
    arena_release(&findings->names);
    free(findings->list);
    free(findings);
}

static bool is_warning(const struct finding *finding)
{
    return finding->kind == FINDING_END || finding->kind == FINDING_BEGINNING || finding->kind == FINDING_LOW_RESPONSE;
}

void findings_add(struct findings *findings, const struct finding *finding)
{
    if (!is_warning(finding) && isnan(finding->p))
        return;
    MEM_GROW(findings->list, findings->count, findings->capacity);
    findings->list[findings->count] = (struct candidate){ *finding, NAN, is_warning(finding), findings->count };
    findings->count++;
}

static void adjust(struct findings *findings)
{
    double *p = mem_zalloc(findings->count, sizeof *p);
    for (size_t i = 0; i < findings->count; i++)
        p[i] = findings->list[i].warning ? NAN : findings->list[i].finding.p;
    benjamini_hochberg(p, findings->count, p);
    for (size_t i = 0; i < findings->count; i++)
        findings->list[i].p_adjusted = p[i];
    free(p);
}

static double score(const struct candidate *candidate)
{
    return candidate->finding.size * (1 - candidate->p_adjusted);
}

static int by_weight(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    if (left->warning != right->warning)
        return left->warning ? -1 : 1;
    if (!left->warning && score(left) != score(right))
        return score(left) > score(right) ? -1 : 1;
    return left->order < right->order ? -1 : 1;
}

/* Kinds that say the same of a series. */
static enum finding_kind topic(enum finding_kind kind)
{
    return kind == FINDING_CHANGE ? FINDING_TREND : kind;
}

/* Whether a line of any table has the labels that `above` has where it is no total. */
static bool has_labels(const struct finding *above, const struct finding *below, size_t dimension)
{
    const struct panel_dimension *wanted = &above->panel->dimensions[dimension];
    size_t depth = panel_depth(above->panel, above->line, dimension);
    const char *const *labels = above->panel->lines[above->line].labels + wanted->column - 1;
    for (size_t d = 0; d < below->panel->dimension_count; d++) {
        const struct panel_dimension *found = &below->panel->dimensions[d];
        const char *const *others = below->panel->lines[below->line].labels + found->column - 1;
        if (strcmp(found->name, wanted->name) || panel_depth(below->panel, below->line, d) < depth)
            continue;
        bool same = true;
        for (size_t level = 0; level < depth; level++)
            same = same && !strcmp(labels[level], others[level]);
        return same;
    }
    return depth == 0;
}

/* Whether one group is the other or lies below it, also in another table. */
static bool is_above(const struct finding *above, const struct finding *below)
{
    const char *source = above->panel->source, *other = below->panel->source;
    if (above->panel != below->panel && (!source || !other || strcmp(source, other)))
        return false;
    for (size_t d = 0; d < above->panel->dimension_count; d++)
        if (!has_labels(above, below, d))
            return false;
    return true;
}

/* The measure that a figure is of: a mean, a median and a share of good values say the same of it. */
static bool same_measure(const char *a, const char *b)
{
    const char *end_a = strrchr(a, '_'), *end_b = strrchr(b, '_');
    if (!end_a || !end_b || strstr(a, "cases_per_") == a)
        return !strcmp(a, b);
    return end_a - a == end_b - b && !strncmp(a, b, (size_t)(end_a - a));
}

static bool is_up(const struct finding *finding)
{
    return finding->value > finding->reference;
}

/* A part of a larger finding that goes the same way, or that finding in another table. */
static bool repeats(const struct finding *finding, const struct finding *larger)
{
    if (topic(finding->kind) != topic(larger->kind) || !same_measure(finding->figure, larger->figure))
        return false;
    if (is_warning(finding))
        return is_above(larger, finding) && !strcmp(finding->period, larger->period);
    return is_up(finding) == is_up(larger) && is_above(larger, finding);
}

static void write_row(struct sheet *sheet, size_t rank, const struct candidate *candidate)
{
    static const char *const kinds[FINDING_KINDS] = {
        [FINDING_END] = "artefact_end",      [FINDING_BEGINNING] = "artefact_beginning",
        [FINDING_TREND] = "trend",           [FINDING_CHANGE] = "change",
        [FINDING_SEASON] = "season",         [FINDING_LAST] = "last",
        [FINDING_PREFERENCE] = "preference", [FINDING_GAP] = "gap",
        [FINDING_LOW_RESPONSE] = "low_response", [FINDING_RESPONSE] = "response",
        [FINDING_SCORE] = "score",           [FINDING_SCORE_GROUP] = "score_group",
        [FINDING_HOLDOUT] = "holdout",
    };
    const struct finding *finding = &candidate->finding;
    struct strbuf text = { 0 };
    finding_group(finding->panel, finding->line, PANEL_NONE, &text);
    sheet_count(sheet, rank);
    sheet_text(sheet, kinds[finding->kind]);
    sheet_text(sheet, released_name(finding->panel->table));
    sheet_text(sheet, finding->figure);
    sheet_text(sheet, strbuf_text(&text));
    sheet_text(sheet, finding->period);
    sheet_numbers(sheet, (double[]){ finding->value, finding->reference, finding->size }, 3);
    sheet_number(sheet, candidate->warning ? NAN : finding->p);
    sheet_number(sheet, candidate->p_adjusted);
    for (enum finding_language language = FINDING_ENGLISH; language <= FINDING_GERMAN; language++) {
        strbuf_clear(&text);
        finding_text(finding, language, &text);
        sheet_text(sheet, strbuf_text(&text));
    }
    sheet_end_row(sheet);
    strbuf_release(&text);
}

/* The first of the ranked that are sure enough and new; returns how many. */
static size_t choose(const struct findings *findings, const struct derived_config *config,
                     const struct candidate **chosen)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->count && count < config->finding_most; i++) {
        const struct candidate *candidate = &findings->list[i];
        bool sure = candidate->warning || (candidate->p_adjusted < config->finding_rate && candidate->finding.size > 0);
        for (size_t j = 0; j < count && sure; j++)
            sure = !repeats(&candidate->finding, &chosen[j]->finding);
        if (sure)
            chosen[count++] = candidate;
    }
    return count;
}

void findings_write(struct findings *findings, const struct derived_config *config, struct release *release)
{
    struct sheet sheet;
    adjust(findings);
    if (findings->count)
        qsort(findings->list, findings->count, sizeof *findings->list, by_weight);
    sheet_init(&sheet, release);
    sheet_add_columns(&sheet, columns);
    sheet_open(&sheet, "", NULL, "findings", "What changed and what stands out");
    const struct candidate **chosen = mem_zalloc(config->finding_most, sizeof *chosen);
    size_t count = choose(findings, config, chosen);
    for (size_t i = 0; i < count; i++)
        write_row(&sheet, i + 1, chosen[i]);
    free(chosen);
    sheet_close(&sheet);
}
