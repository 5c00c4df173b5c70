#include "stats/derived/derive.h"

#include <stdlib.h>
#include <string.h>

#include "stats/derived/association.h"
#include "stats/derived/driver.h"
#include "stats/derived/expectation.h"
#include "stats/derived/findings.h"
#include "stats/derived/means.h"
#include "stats/derived/preference.h"
#include "stats/derived/sums.h"
#include "stats/derived/survey_result.h"
#include "stats/derived/trend.h"

static void derive_panel(struct release *release, const struct panel *panel, const struct derived_spec *spec,
                         struct findings *findings)
{
    preference_add(release, panel, spec, findings);
    association_add(release, panel, spec);
    means_add(release, panel);
    expectation_add(release, panel, spec, findings);
    trend_add(release, panel, spec, findings);
    driver_add(release, panel, spec);
    sums_add(release, panel);
}

/* The panel of the released table of that name, or NULL. */
static const struct panel *find_panel(struct panel *const *panels, size_t count, const char *name)
{
    for (size_t i = 0; name && i < count; i++)
        if (panels[i] && strcmp(released_name(panels[i]->table), name) == 0)
            return panels[i];
    return NULL;
}

/* After all panels are there: a survey's answers are weighted to another table's groups. */
static void derive_surveys(struct release *release, struct panel *const *panels, size_t count, const struct derived_config *config,
                           struct findings *findings)
{
    for (size_t i = 0; i < count; i++) {
        const struct derived_spec *spec = panels[i] ? derived_config_find(config, released_name(panels[i]->table)) : NULL;
        if (spec && spec->survey)
            survey_result_add(release, panels[i], find_panel(panels, count, spec->survey_population), spec, findings);
    }
}

void derive_tables(struct release *release, const struct derived_config *config)
{
    size_t count = release_table_count(release);
    struct panel **panels = mem_zalloc(count, sizeof *panels);
    struct findings *findings = findings_new();
    for (size_t i = 0; i < count; i++) {
        const struct released_table *table = release_table(release, i);
        if (strcmp(released_folder(table), "tables"))
            continue;
        const struct derived_spec *spec = derived_config_find(config, released_name(table));
        panels[i] = panel_new(table, spec ? spec->source : NULL);
        if (panels[i])
            derive_panel(release, panels[i], spec, findings);
    }
    derive_surveys(release, panels, count, config, findings);
    findings_write(findings, config, release);
    findings_free(findings);
    for (size_t i = 0; i < count; i++)
        panel_free(panels[i]);
    free(panels);
}
