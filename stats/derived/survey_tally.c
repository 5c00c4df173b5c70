#include "stats/derived/survey_tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_number(const char *label, long *number)
{
    char *end;
    *number = strtol(label, &end, 10);
    return end != label && !*end;
}

enum tally_class tally_class_of(enum survey_kind kind, const char *label)
{
    static const struct {
        const char *label;
        enum tally_class class;
    } names[] = { { "promoter", TALLY_GOOD },   { "detractor", TALLY_BAD },         { "satisfied", TALLY_GOOD },  { "complete", TALLY_COMPLETE },
                  { "partial", TALLY_PARTIAL }, { "refusal", TALLY_REFUSAL }, { "unreachable", TALLY_UNREACHABLE }, { "no_reply", TALLY_NO_REPLY } };
    long number;
    if (kind == SURVEY_KIND_HOLDOUT)
        return strcmp(label, "yes") == 0 ? TALLY_GOOD : TALLY_OTHER;
    if (is_number(label, &number) && kind == SURVEY_KIND_NPS)
        return number >= 9 ? TALLY_GOOD : number <= 6 ? TALLY_BAD : TALLY_OTHER;
    if (is_number(label, &number) && kind == SURVEY_KIND_CSAT)
        return number >= 4 ? TALLY_GOOD : TALLY_OTHER;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].label, label) == 0)
            return names[i].class;
    return TALLY_OTHER;
}

size_t tally_dimension(const struct panel *panel, const char *name)
{
    for (size_t d = 0; d < panel->dimension_count; d++)
        if (strcmp(panel->dimensions[d].name, name) == 0)
            return d;
    return PANEL_NONE;
}

const char *tally_label(const struct panel *panel, size_t line, size_t dimension)
{
    return panel->lines[line].labels[panel->dimensions[dimension].column - 1];
}

bool tally_of(const struct panel *panel, const struct tally_question *question, size_t line, size_t period, struct tally *out)
{
    size_t cases = panel_column(panel, "cases"), child = PANEL_NONE;
    double sum = 0, all = panel_value(panel, line, period, cases);
    *out = (struct tally){ .n = all };
    if (isnan(all) || panel->lines[line].withheld)
        return false;
    while ((child = panel_child(panel, line, question->dimension, child)) != PANEL_NONE) {
        const char *label = tally_label(panel, child, question->dimension);
        double count = panel_value(panel, child, period, cases);
        if (isnan(count))
            continue;
        sum += count;
        if (question->missing && strcmp(label, question->missing) == 0)
            out->n -= count;
        else
            out->classes[tally_class_of(question->kind, label)] += count;
    }
    return sum == all && out->n > 0;
}
