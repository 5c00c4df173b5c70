/* Fuzz target: whatever tree a configuration holds, every module's own check of it ends with problems or a result. */
#include <stddef.h>
#include <stdint.h>

#include "cli/session.h"
#include "reports/writers.h"
#include "surveys/definition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compile_workspace(struct config *config)
{
    struct workspace workspace = { .config = config, .lock = -1 };
    struct sources *sources = NULL;
    struct table_config *tables = NULL;
    struct term term;
    config_check(config, session_rules);
    workspace_configure(&workspace);
    sources_compile(&sources, config, "/nonexistent", workspace.zone);
    table_config_compile(&tables, config);
    term_compile(&term, config);
    report_options_of(config);
    table_config_free(tables);
    sources_free(sources);
    zone_free(workspace.zone);
}

static void compile_survey(struct config *config)
{
    static const struct config_rule *const rules[] = { survey_config_rules, NULL };
    struct survey *survey = NULL;
    config_check(config, rules);
    survey_compile(&survey, config, "fuzz");
    survey_free(survey);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config *config;
    if (config_parse(&config, "fuzz.yaml", (const char *)data, size, NULL))
        return 0;
    if (config_get(config_root(config), "questions"))
        compile_survey(config);
    else
        compile_workspace(config);
    config_free(config);
    return 0;
}
