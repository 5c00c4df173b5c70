#include "stats/table_config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/nearest.h"
#include "stats/layout.h"
#include "stats/table_source.h"

#define FIGURE_CHOICES "sum|mean|sd|median|q10|q25|q75|q90|share"

const struct config_rule stats_config_rules[] = {
    { "protection", CONFIG_TYPE_MAP, .doc = "How a release is made safe." },
    { "protection.k", CONFIG_TYPE_INTEGER, .fallback = "10", .minimum = TABLE_K_FLOOR, .maximum = 100000,
      .doc = "No published figure rests on fewer than this many persons." },
    { "protection.quantile_base", CONFIG_TYPE_MAP,
      .doc = "Per measure: medians and other quantiles are rounded to multiples of this. The measure's "
             "smallest step by "
             "default." },
    { "protection.quantile_base.*", CONFIG_TYPE_NUMBER, .minimum = 1e-9, .maximum = 1e9,
      .doc = "In the measure's unit." },
    { "protection.structural_zeros", CONFIG_TYPE_LIST, .minimum = 0, .maximum = 1000,
      .doc = "Combinations of values that cannot be and that readers know to be empty: they hide nothing. A case in one of them stops the publication." },
    { "protection.structural_zeros[]", CONFIG_TYPE_MAP, .doc = "One combination." },
    { "protection.structural_zeros[].source", CONFIG_TYPE_NAME, .doc = "Needed where there are several sources." },
    { "protection.structural_zeros[].values", CONFIG_TYPE_MAP, .required = true, .doc = "What is impossible together, per dimension." },
    { "protection.structural_zeros[].values.*", CONFIG_TYPE_LIST, .minimum = 1, .maximum = 1000,
      .doc = "Values of a dimension, at any level of its hierarchy." },
    { "protection.structural_zeros[].values.*[]", CONFIG_TYPE_TEXT, .doc = "As the tables show it." },
    { "protection.waivers", CONFIG_TYPE_LIST, .minimum = 0, .maximum = 1000,
      .doc = "Cells that are published although the rules on dominance, shared categories or ends of ranges say no. Never with fewer than k persons, "
             "never where another cell would be exposed." },
    { "protection.waivers[]", CONFIG_TYPE_MAP, .doc = "A cell, with its measures." },
    { "protection.waivers[].name", CONFIG_TYPE_NAME, .required = true, .doc = "For the checker's report." },
    { "protection.waivers[].reason", CONFIG_TYPE_TEXT, .required = true, .doc = "Why it may be published: who has agreed, on which paper." },
    { "protection.waivers[].person", CONFIG_TYPE_TEXT, .required = true, .doc = "Who is answerable." },
    { "protection.waivers[].expires", CONFIG_TYPE_DATE, .required = true, .doc = "The last day on which it counts; from the next the rules are back." },
    { "protection.waivers[].table", CONFIG_TYPE_NAME, .required = true, .doc = "Where the cell is. Another table that shows it needs a waiver of its own." },
    { "protection.waivers[].period", CONFIG_TYPE_TEXT, .doc = "As the table shows it. Every period by default." },
    { "protection.waivers[].cell", CONFIG_TYPE_MAP, .doc = "A value per dimension of the table; of the others it is the total." },
    { "protection.waivers[].cell.*", CONFIG_TYPE_TEXT, .doc = "As the table shows it." },
    { "tables", CONFIG_TYPE_MAP, .doc = "What is published: one file each." },
    { "tables.*", CONFIG_TYPE_MAP, .doc = "A table; its name becomes the file's. It does not end in `_v` and a number, as older versions of a table do." },
    { "tables.*.title", CONFIG_TYPE_TEXT, .doc = "What it shows, in a few words. Its name by default." },
    { "tables.*.source", CONFIG_TYPE_NAME, .doc = "Whose cases are counted; needed where there are several sources." },
    { "tables.*.period", CONFIG_TYPE_NAME, .required = true,
      .doc = "A month, quarter or week dimension of the day of closing. Each period is published once, when "
             "it is "
             "over." },
    { "tables.*.by", CONFIG_TYPE_LIST, .minimum = 0, .maximum = TABLE_MAX_BY,
      .doc = "Dimensions that are crossed with each other, outermost first." },
    { "tables.*.by[]", CONFIG_TYPE_NAME, .doc = "A dimension of the source." },
    { "tables.*.margins", CONFIG_TYPE_CHOICE, .choices = "all|none", .fallback = "all",
      .doc = "`all`: totals and hierarchy levels too; `none`: the finest cells alone." },
    { "tables.*.measures", CONFIG_TYPE_MAP, .doc = "Per measure of the source: which figures are published." },
    { "tables.*.measures.*", CONFIG_TYPE_LIST, .minimum = 1, .maximum = TABLE_FIGURES,
      .doc = "The number of values is always published with them." },
    { "tables.*.measures.*[]", CONFIG_TYPE_CHOICE, .choices = FIGURE_CHOICES,
      .doc = "`share`: of the values within the measure's `share` range." },
    { "tables.*.share_of", CONFIG_TYPE_NAME,
      .doc = "One of `by`: the release then compares its categories' shares within the groups of the others." },
    { .path = NULL },
};

static const struct {
    const char *name;
    int percent;
} figures[TABLE_FIGURES] = {
    { "sum", 0 },  { "mean", 0 }, { "sd", 0 },   { "median", 50 }, { "q10", 10 },
    { "q25", 25 }, { "q75", 75 }, { "q90", 90 }, { "share", 0 },
};

const char *table_figure_name(enum table_figure figure)
{
    return figures[figure].name;
}

int table_figure_percent(enum table_figure figure)
{
    return figures[figure].percent;
}

/* What is needed while one table is compiled. */
struct compiler {
    struct config *config;
    struct arena *arena;
    const struct config_node *source; /* the table's, or NULL */
    struct table_spec *spec;
    const struct table_config *tables;
};

static const struct config_node *scalar(const struct config_node *node, const char *key)
{
    const struct config_node *child = config_get(node, key);
    return child && child->kind == CONFIG_SCALAR ? child : NULL;
}

/* "…; did you mean 'x'?" among the keys of a map, or where it must be. The name is the node's key or its
 * value. */
static void report_unknown(struct compiler *compiler, const struct config_node *node, const char *name,
                           const char *kind, const struct config_node *known)
{
    const char *names[256];
    size_t count = 0;
    char advice[96];
    CONFIG_EACH(child, known)
        if (count < sizeof names / sizeof *names)
            names[count++] = child->key;
    const char *near = nearest_name(name, names, count);
    if (near)
        snprintf(advice, sizeof advice, "did you mean '%.40s'?", near);
    else
        snprintf(advice, sizeof advice, "it must be configured under 'sources'");
    if (name == node->key)
        config_problem_key(compiler->config, node, "there is no %s '%.40s'; %s", kind, name, advice);
    else
        config_problem(compiler->config, node, "there is no %s '%.40s'; %s", kind, name, advice);
}

static const struct config_node *find_source(struct compiler *compiler, const struct config_node *table)
{
    const struct config_node *sources = config_get(config_root(compiler->config), "sources");
    const struct config_node *named = scalar(table, "source");
    if (named) {
        const struct config_node *source = config_get(sources, named->value);
        if (!source)
            report_unknown(compiler, named, named->value, "source", sources);
        return source;
    }
    if (sources && sources->count > 1)
        config_problem_key(compiler->config, table, "the table needs 'source'; there are several sources");
    return sources && sources->count == 1 ? sources->children : NULL;
}

static bool add_dimension(struct compiler *compiler, const struct config_node *name, struct table_dimension *out)
{
    const struct config_node *dimensions = config_get(compiler->source, "dimensions");
    const struct config_node *node = config_get(dimensions, name->value);
    if (!node) {
        report_unknown(compiler, name, name->value, "dimension", dimensions);
        return false;
    }
    table_source_dimension(compiler->source, node, compiler->arena, out);
    out->role = table_source_role(config_root(compiler->config), compiler->source, name->value);
    return true;
}

static void compile_period(struct compiler *compiler, const struct config_node *table, struct table_dimension *out)
{
    const struct config_node *period = scalar(table, "period");
    if (!period || !add_dimension(compiler, period, out))
        return;
    if (!out->is_period || !period_is_base(out->kind))
        config_problem(compiler->config, period,
                       "'%.40s' is not a period; expected a dimension 'as' month, quarter or week", period->value);
    else if (out->of_opened)
        config_problem(compiler->config, period,
                       "'%.40s' is a period of opening, which is never over; expected one of 'closed_at'",
                       period->value);
}

static bool stands_before(const struct table_dimension *dimensions, size_t count, const char *name)
{
    for (size_t d = 0; d < count; d++)
        if (dimensions[d].name && !strcmp(dimensions[d].name, name))
            return true;
    return false;
}

static void compile_dimensions(struct compiler *compiler, const struct config_node *table)
{
    const struct config_node *by = config_get(table, "by");
    struct table_dimension *dimensions = arena_alloc(compiler->arena, (TABLE_MAX_BY + 1) * sizeof *dimensions);
    size_t count = 1;
    compile_period(compiler, table, &dimensions[0]);
    CONFIG_EACH(name, by) {
        if (name->kind != CONFIG_SCALAR || count > TABLE_MAX_BY)
            continue;
        if (stands_before(dimensions, count, name->value))
            config_problem(compiler->config, name, "the dimension '%.40s' stands in the table twice; remove one",
                           name->value);
        else if (add_dimension(compiler, name, &dimensions[count]))
            count++;
    }
    compiler->spec->dimensions = dimensions;
    compiler->spec->dimension_count = count;
}

static void compile_wave(struct compiler *compiler)
{
    const struct config_node *node = table_source_wave(compiler->source);
    if (!node)
        return;
    struct table_dimension *wave = arena_alloc(compiler->arena, sizeof *wave);
    table_source_dimension(compiler->source, node, compiler->arena, wave);
    compiler->spec->wave = wave;
}

/* The squares behind a standard deviation are audited with an equation for each value of a score (stats/protection_joint.h). */
enum { SD_MOST_STEPS = 10 };

static bool is_too_fine(const struct config_node *measure)
{
    const struct config_node *range = config_get(measure, "score");
    double ends[2] = { 0 };
    size_t count = 0;
    CONFIG_EACH(end, range)
        if (count < 2 && end->kind == CONFIG_SCALAR)
            ends[count++] = strtod(end->value, NULL);
    return (ends[1] - ends[0]) * pow(10, (double)config_integer(measure, "decimals", 0)) > SD_MOST_STEPS + 0.5;
}

static void compile_figures(struct compiler *compiler, const struct config_node *node, struct table_measure *measure)
{
    CONFIG_EACH(name, node) {
        for (enum table_figure f = 0; name->kind == CONFIG_SCALAR && f < TABLE_FIGURES; f++) {
            if (strcmp(name->value, figures[f].name))
                continue;
            if (measure->figures & 1u << f)
                config_problem(compiler->config, name, "the figure '%s' stands here twice; remove one",
                               figures[f].name);
            if (f == TABLE_SHARE && !measure->has_share)
                config_problem(compiler->config, name,
                               "the measure '%.40s' has no share; give it a range 'share' or remove this figure",
                               measure->name);
            if (f == TABLE_SD && is_too_fine(config_get(config_get(compiler->source, "measures"), measure->name)))
                config_problem(compiler->config, name, "a standard deviation is for scores of at most %d different values, and for amounts", SD_MOST_STEPS + 1);
            measure->figures |= 1u << f;
        }
    }
}

static void compile_measures(struct compiler *compiler, const struct config_node *table)
{
    const struct config_node *list = config_get(table, "measures");
    const struct config_node *known = config_get(compiler->source, "measures");
    const struct config_node *bases = config_get(config_root(compiler->config), "protection.quantile_base");
    struct table_measure *measures = arena_alloc(compiler->arena, ((list ? list->count : 0) + 1) * sizeof *measures);
    size_t count = 0;
    CONFIG_EACH(node, list) {
        if (!node->key || !config_get(known, node->key)) {
            if (node->key)
                report_unknown(compiler, node, node->key, "measure", known);
            continue;
        }
        struct table_measure *measure = &measures[count++];
        measure->has_share =
            table_source_share(config_get(known, node->key), &measure->share_lowest, &measure->share_highest);
        measure->name = node->key;
        measure->quantile_base = config_number(bases, node->key, 0);
        compile_figures(compiler, node, measure);
    }
    compiler->spec->measures = measures;
    compiler->spec->measure_count = count;
}

static void compile_share_of(struct compiler *compiler, const struct config_node *table)
{
    const struct config_node *name = scalar(table, "share_of");
    const struct table_spec *spec = compiler->spec;
    if (!name)
        return;
    for (size_t d = 1; d < spec->dimension_count; d++)
        if (!strcmp(spec->dimensions[d].name, name->value))
            compiler->spec->share_of = d;
    if (!spec->share_of)
        config_problem(compiler->config, name, "'%.40s' is not one of the table's dimensions; expected one of 'by'",
                       name->value);
}

/* Each cell counts in every margin and level above it. */
static void check_width(struct compiler *compiler, const struct config_node *table)
{
    size_t cells = 1;
    for (size_t d = 1; d < compiler->spec->dimension_count; d++) {
        size_t levels = compiler->spec->dimensions[d].level_count;
        cells *= (levels ? levels : 1) + 1;
    }
    if (compiler->spec->margins && cells > LAYOUT_MAX_ANCESTORS)
        config_problem_key(compiler->config, table,
                           "every cell would count in %zu margins and levels, more than %d; remove dimensions or use "
                           "'margins: none'",
                           cells, LAYOUT_MAX_ANCESTORS);
}

/* What older versions of a table have published is shown as <table>_v<number>. */
static void check_name(struct compiler *compiler, const struct config_node *table)
{
    size_t length = strlen(table->key), end = length;
    while (end && table->key[end - 1] >= '0' && table->key[end - 1] <= '9')
        end--;
    if (end < length && end > 2 && strncmp(table->key + end - 2, "_v", 2) == 0)
        config_problem_key(compiler->config, table, "'%.40s' is how an older version of a table is called; choose another name", table->key);
}

static void compile_table(struct compiler *compiler, const struct config_node *table)
{
    struct table_spec *spec = compiler->spec;
    spec->node = table;
    spec->zeros = &compiler->tables->zeros;
    spec->waivers = &compiler->tables->waivers;
    spec->name = table->key;
    spec->title = config_text(table, "title", table->key);
    spec->margins = strcmp(config_text(table, "margins", "all"), "none") != 0;
    compiler->source = find_source(compiler, table);
    if (!compiler->source)
        return;
    spec->source = compiler->source->key;
    compile_dimensions(compiler, table);
    compile_wave(compiler);
    compile_measures(compiler, table);
    compile_share_of(compiler, table);
    check_width(compiler, table);
    check_name(compiler, table);
    table_source_check_columns(compiler->config, spec);
}

/* Weeks and months cut each other: their differences would show what neither does (PROTECTION 6). */
static void check_base_periods(struct config *config, const struct table_config *tables)
{
    for (size_t t = 1; t < tables->count; t++)
        for (size_t before = 0; before < t; before++) {
            const struct table_spec *one = &tables->tables[before], *other = &tables->tables[t];
            if (!one->dimension_count || !other->dimension_count || strcmp(one->source, other->source))
                continue;
            bool weeks = other->dimensions[0].kind == PERIOD_WEEK;
            if (!one->dimensions[0].is_period || !other->dimensions[0].is_period ||
                weeks == (one->dimensions[0].kind == PERIOD_WEEK))
                continue;
            config_problem_key(config, other->node, "the table is by %s, but '%s' is not; a source has one base period",
                               weeks ? "week" : "month or quarter", one->name);
            return;
        }
}

/* A base for a measure that no source has. */
static void check_bases(struct config *config)
{
    const struct config_node *sources = config_get(config_root(config), "sources");
    CONFIG_EACH(base, config_get(config_root(config), "protection.quantile_base")) {
        bool known = !base->key;
        CONFIG_EACH(source, sources)
            known |= base->key && config_get(config_get(source, "measures"), base->key);
        if (!known)
            config_problem_key(config, base, "there is no measure '%.40s'; it must be configured under 'sources'",
                               base->key);
    }
}

void table_config_compile(struct table_config **out, struct config *config)
{
    const struct config_node *root = config_root(config), *list = config_get(root, "tables");
    struct table_config *tables = mem_zalloc(1, sizeof *tables);
    arena_init(&tables->arena, false);
    tables->k = config_integer(root, "protection.k", TABLE_K_DEFAULT);
    structural_compile(&tables->zeros, &tables->arena, config);
    waivers_compile(&tables->waivers, &tables->arena, config);
    struct table_spec *specs = arena_alloc(&tables->arena, ((list ? list->count : 0) + 1) * sizeof *specs);
    tables->tables = specs;
    CONFIG_EACH(table, list) {
        if (!table->key || table->kind != CONFIG_MAP)
            continue;
        struct compiler compiler = { .config = config, .arena = &tables->arena, .spec = &specs[tables->count++], .tables = tables };
        compile_table(&compiler, table);
    }
    check_base_periods(config, tables);
    check_bases(config);
    table_source_check_waves(config);
    *out = tables;
}

void table_config_free(struct table_config *tables)
{
    if (!tables)
        return;
    arena_release(&tables->arena);
    free(tables);
}
