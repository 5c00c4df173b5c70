#include "stats/derived/trend_usable.h"

#include <stdlib.h>

static struct artefact scan(const struct panel *panel, const double *cases, enum artefact_side side)
{
    const struct series series = { cases, panel->period_count, panel->season };
    struct artefact artefact = { 0 };
    if (artefact_scan(&series, side, &artefact) != METHOD_OK)
        artefact.found = false;
    return artefact;
}

struct trend_usable trend_usable_of(const struct panel *panel)
{
    struct trend_usable usable = { .span = { 0, panel->period_count - 1 } };
    if (panel->total == PANEL_NONE)
        return usable;
    double *cases = mem_zalloc(panel->period_count, sizeof *cases);
    for (size_t p = 0; p < panel->period_count; p++)
        cases[p] = panel_value(panel, panel->total, p, panel->label_count + 1);
    usable.end = scan(panel, cases, ARTEFACT_END);
    usable.beginning = scan(panel, cases, ARTEFACT_BEGINNING);
    free(cases);
    size_t first = usable.beginning.found ? usable.beginning.last_sound : 0;
    size_t last = usable.end.found ? usable.end.last_sound : panel->period_count - 1;
    if (first <= last)
        usable.span = (struct span){ first, last };
    return usable;
}

const char *trend_usable_warning(const struct trend_usable *usable)
{
    if (usable->end.found)
        return usable->beginning.found ? "beginning_incomplete, end_falls_off" : "end_falls_off";
    return usable->beginning.found ? "beginning_incomplete" : "";
}
