#include "stats/derived/derived_config.h"

#include <stdlib.h>
#include <string.h>

#include "stats/derived/trend_series.h"

const struct config_rule derived_config_rules[] = {
    { "tables.*.trend", CONFIG_TYPE_MAP, .doc = "How the table's series are looked at over the periods." },
    { "tables.*.trend.autocorrelation", CONFIG_TYPE_BOOLEAN, .fallback = "true",
      .doc = "Correct the test for a trend where neighbouring periods resemble each other (Hamed & Rao 1998)." },
    { "tables.*.trend.forecast", CONFIG_TYPE_INTEGER, .fallback = "3", .minimum = 0, .maximum = TREND_MAX_HORIZON,
      .doc = "Periods that are forecast." },
    { "tables.*.expectations", CONFIG_TYPE_MAP, .doc = "Pairs of scores that belong together, each under a name." },
    { "tables.*.expectations.*", CONFIG_TYPE_MAP, .doc = "Both measures must be published with their mean." },
    { "tables.*.expectations.*.expected", CONFIG_TYPE_NAME, .required = true,
      .doc = "The measure of what was expected, or of importance." },
    { "tables.*.expectations.*.experienced", CONFIG_TYPE_NAME, .required = true,
      .doc = "The measure of what was experienced, or of satisfaction." },
    { "tables.*.denominators", CONFIG_TYPE_MAP,
      .doc = "Exposure to compare cases with, each under a name: the trends then have `cases_per_<name>`." },
    { "tables.*.denominators.*", CONFIG_TYPE_MAP,
      .doc = "Figures that the operator knows and that are fit to publish." },
    { "tables.*.denominators.*.file", CONFIG_TYPE_TEXT, .required = true,
      .doc = "A CSV in the workspace: the table's period column, any of its dimension columns, and the number." },
    { "tables.*.denominators.*.column", CONFIG_TYPE_TEXT,
      .doc = "The column that holds the number; its name by default." },
    { "tables.*.denominators.*.per", CONFIG_TYPE_NUMBER, .fallback = "1000", .minimum = 1e-9, .maximum = 1e12,
      .doc = "Rates are cases per so many." },
    { "tables.*.survey", CONFIG_TYPE_MAP, .doc = "The table has the answers to a question of a survey, or what became of its invitations." },
    { "tables.*.survey.kind", CONFIG_TYPE_CHOICE, .required = true, .choices = "nps|csat|mean|disposition|holdout",
      .doc = "What is computed: surveys/<table>.csv." },
    { "tables.*.survey.answer", CONFIG_TYPE_NAME, .required = true,
      .doc = "The dimension with the answers or dispositions; for `mean` the measure; for `holdout` the one with yes and no." },
    { "tables.*.survey.population", CONFIG_TYPE_NAME,
      .doc = "A table of the cases that the survey asked about: the total is weighted to its groups (raking)." },
    { "tables.*.survey.wave", CONFIG_TYPE_NAME,
      .doc = "The dimension with the number of the wave: each wave is compared with the one before, in surveys/<table>_waves.csv." },
    { "tables.*.survey.group", CONFIG_TYPE_NAME, .doc = "For `holdout`: the dimension with invited and held_out." },
    { "findings", CONFIG_TYPE_MAP, .doc = "The changes that are put into words." },
    { "findings.rate", CONFIG_TYPE_NUMBER, .fallback = "0.05", .minimum = 0.0001, .maximum = 0.5,
      .doc = "The share of false findings that is accepted (Benjamini & Hochberg 1995)." },
    { "findings.most", CONFIG_TYPE_INTEGER, .fallback = "20", .minimum = 1, .maximum = 1000,
      .doc = "How many are written at most, the greatest and surest first." },
    { .path = NULL },
};

static const struct table_measure *find_measure(const struct table_spec *spec, const char *name)
{
    for (size_t m = 0; m < spec->measure_count; m++)
        if (!strcmp(spec->measures[m].name, name))
            return &spec->measures[m];
    return NULL;
}

/* The measure's name, with a problem where the table does not publish its mean. */
static const char *published_measure(struct config *file, const struct table_spec *spec, const struct config_node *pair,
                                     const char *key)
{
    const struct config_node *node = config_get(pair, key);
    if (!node || node->kind != CONFIG_SCALAR)
        return NULL;
    const struct table_measure *measure = find_measure(spec, node->value);
    if (!measure || !(measure->figures & 1u << TABLE_MEAN))
        config_problem(file, node, "the table does not publish the mean of '%.40s'; add it to its 'measures'",
                       node->value);
    return node->value;
}

static void compile_pairs(struct derived_config *config, struct config *file, const struct table_spec *table,
                          struct derived_spec *out)
{
    const struct config_node *list = config_get(table->node, "expectations");
    struct derived_pair *pairs = arena_alloc(&config->arena, ((list ? list->count : 0) + 1) * sizeof *pairs);
    CONFIG_EACH(pair, list) {
        if (!pair->key || pair->kind != CONFIG_MAP)
            continue;
        const char *expected = published_measure(file, table, pair, "expected");
        const char *experienced = published_measure(file, table, pair, "experienced");
        if (expected && experienced)
            pairs[out->pair_count++] = (struct derived_pair){ pair->key, expected, experienced };
    }
    out->pairs = pairs;
}

static void compile_denominators(struct derived_config *config, const struct table_spec *table,
                                 struct derived_spec *out)
{
    const struct config_node *list = config_get(table->node, "denominators");
    out->denominators = arena_alloc(&config->arena, ((list ? list->count : 0) + 1) * sizeof *out->denominators);
    CONFIG_EACH(node, list) {
        const char *file = config_text(node, "file", NULL);
        if (!node->key || !file)
            continue;
        out->denominators[out->denominator_count++] = (struct denominator){
            .name = node->key,
            .file = file,
            .column = config_text(node, "column", node->key),
            .per = config_number(node, "per", 1000),
        };
    }
}

/* Bands of a number, of an age or of a duration stand in an order. */
static bool is_ordered(const struct config *file, const struct table_spec *table)
{
    const struct config_node *source = config_get(config_get(config_root(file), "sources"), table->source);
    const struct config_node *dimensions = config_get(source, "dimensions");
    return config_get(config_get(dimensions, table->dimensions[table->share_of].name), "bands") != NULL;
}

/* The file of one table must not be named like a derived file of another. */
static void check_name(struct config *file, const struct table_config *tables, const struct table_spec *table)
{
    static const char *const suffixes[] = { "_tests", "_means", "_expectations", "_parts", "_forecast", "_drivers", "_waves" };
    for (size_t t = 0; t < tables->count; t++) {
        size_t length = strlen(tables->tables[t].name);
        for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
            if (!strncmp(table->name, tables->tables[t].name, length) && !strcmp(table->name + length, suffixes[i]))
                config_problem_key(file, table->node,
                                   "'%.40s' is the name of a file derived from '%.40s'; choose another", table->name,
                                   tables->tables[t].name);
    }
}

static bool has_dimension(const struct table_spec *table, const char *name)
{
    for (size_t d = 1; d < table->dimension_count; d++)
        if (strcmp(table->dimensions[d].name, name) == 0)
            return true;
    return false;
}

static bool has_table(const struct table_config *tables, const char *name)
{
    for (size_t t = 0; t < tables->count; t++)
        if (strcmp(tables->tables[t].name, name) == 0)
            return true;
    return false;
}

/* A dimension of the table that `survey` names. */
static const char *survey_dimension(struct config *file, const struct table_spec *table, const char *key)
{
    const struct config_node *survey = config_get(table->node, "survey"), *node = config_get(survey, key);
    const char *name = config_text(survey, key, NULL);
    if (name && !has_dimension(table, name))
        config_problem(file, node, "'%.40s' is not one of the dimensions in 'by'", name);
    return name;
}

/* The dispositions have the invited: with all who were planned, whatever their group, they would tell how few were held out. */
static void check_holdout(struct config *file, const struct table_config *tables, const struct table_spec *table, const struct derived_spec *out)
{
    if (!out->survey_group) {
        config_problem(file, config_get(table->node, "survey"), "'holdout' needs 'group', the dimension with invited and held_out");
        return;
    }
    for (size_t t = 0; t < tables->count; t++)
        if (tables->tables[t].source && strcmp(tables->tables[t].source, table->source) == 0 && !has_dimension(&tables->tables[t], out->survey_group))
            config_problem_key(file, tables->tables[t].node, "each table of a holdout's source needs '%.40s' in 'by', or it would tell beside the dispositions how few were held out",
                               out->survey_group);
}

static void check_survey(struct config *file, const struct table_config *tables, const struct table_spec *table, const struct derived_spec *out)
{
    const struct config_node *node = config_get(table->node, "survey");
    const struct table_measure *measure = find_measure(table, out->survey_answer);
    if (out->survey != SURVEY_KIND_MEAN)
        survey_dimension(file, table, "answer");
    else if (!measure || !(measure->figures & 1u << TABLE_MEAN) || !(measure->figures & 1u << TABLE_SD))
        config_problem(file, config_get(node, "answer"), "the table does not publish mean and sd of '%.40s'", out->survey_answer);
    if (out->survey_population && !has_table(tables, out->survey_population))
        config_problem(file, config_get(node, "population"), "there is no table '%.40s'", out->survey_population);
    if (out->survey == SURVEY_KIND_HOLDOUT)
        check_holdout(file, tables, table, out);
}

/* Who left the question out has no part in its score. */
static const char *missing_label(struct config *file, const struct table_spec *table, const char *dimension)
{
    const struct config_node *source = config_get(config_get(config_root(file), "sources"), table->source ? table->source : "");
    return config_text(config_get(config_get(source, "dimensions"), dimension), "missing_as", "(missing)");
}

static void compile_survey(struct config *file, const struct table_config *tables, const struct table_spec *table, struct derived_spec *out)
{
    static const char *const kinds[] = { "", "nps", "csat", "mean", "disposition", "holdout" };
    const struct config_node *node = config_get(table->node, "survey");
    const char *kind = config_text(node, "kind", "");
    for (size_t i = 1; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kind, kinds[i]) == 0)
            out->survey = (enum survey_kind)i;
    out->survey_answer = config_text(node, "answer", NULL);
    if (!out->survey || !out->survey_answer) {
        out->survey = SURVEY_KIND_NONE;
        return;
    }
    out->survey_missing = missing_label(file, table, out->survey_answer);
    out->survey_population = config_text(node, "population", NULL);
    out->survey_wave = survey_dimension(file, table, "wave");
    out->survey_group = survey_dimension(file, table, "group");
    check_survey(file, tables, table, out);
}

static void compile_table(struct derived_config *config, struct config *file, const struct table_spec *table,
                          struct derived_spec *out)
{
    *out = (struct derived_spec){
        .table = table->name,
        .source = table->source,
        .autocorrelation = config_boolean(table->node, "trend.autocorrelation", true),
        .horizon = (size_t)config_integer(table->node, "trend.forecast", 3),
    };
    if (table->source && table->share_of) {
        out->share_of = table->dimensions[table->share_of].name;
        out->share_is_ordered = is_ordered(file, table);
    }
    compile_pairs(config, file, table, out);
    compile_denominators(config, table, out);
}

void derived_config_compile(struct derived_config **out, struct config *file, const struct table_config *tables)
{
    struct derived_config *config = mem_zalloc(1, sizeof *config);
    arena_init(&config->arena, false);
    struct derived_spec *specs = arena_alloc(&config->arena, (tables->count + 1) * sizeof *specs);
    for (size_t t = 0; t < tables->count; t++) {
        compile_table(config, file, &tables->tables[t], &specs[t]);
        compile_survey(file, tables, &tables->tables[t], &specs[t]);
        check_name(file, tables, &tables->tables[t]);
    }
    config->specs = specs;
    config->count = tables->count;
    config->finding_rate = config_number(config_root(file), "findings.rate", 0.05);
    config->finding_most = (size_t)config_integer(config_root(file), "findings.most", 20);
    *out = config;
}

void derived_config_free(struct derived_config *config)
{
    if (!config)
        return;
    for (size_t t = 0; t < config->count; t++)
        for (size_t d = 0; d < config->specs[t].denominator_count; d++)
            denominator_free(&config->specs[t].denominators[d]);
    arena_release(&config->arena);
    free(config);
}

int derived_config_load(struct derived_config *config, const char *folder, struct err *err)
{
    /* read again: the file may be a newer one */
    for (size_t t = 0; t < config->count; t++) {
        for (size_t d = 0; d < config->specs[t].denominator_count; d++) {
            denominator_free(&config->specs[t].denominators[d]);
            int code = denominator_read(&config->specs[t].denominators[d], folder, err);
            if (code)
                return code;
        }
    }
    return 0;
}

int derived_config_fits(const struct derived_config *config, const struct release *release, struct err *err)
{
    for (size_t t = 0; t < release_table_count(release); t++) {
        const struct released_table *table = release_table(release, t);
        const struct derived_spec *spec =
            strcmp(released_folder(table), "tables") ? NULL : derived_config_find(config, released_name(table));
        for (size_t d = 0; spec && d < spec->denominator_count; d++) {
            int code = denominator_fits(&spec->denominators[d], table, err);
            if (code)
                return code;
        }
    }
    return 0;
}

const struct derived_spec *derived_config_find(const struct derived_config *config, const char *table)
{
    for (size_t t = 0; t < config->count; t++)
        if (!strcmp(config->specs[t].table, table))
            return &config->specs[t];
    return NULL;
}
