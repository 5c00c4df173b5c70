#include <sodium.h>
#include <string.h>

#include "core/config_scalar.h"
#include "etl/bands.h"
#include "etl/source_build.h"
#include "etl/vocabulary.h"

/* The key that says what a dimension is made of. */
enum maker { MAKER_DATE, MAKER_COLUMN, MAKER_COLUMNS, MAKER_NUMBER, MAKER_DURATION, MAKER_BIRTH_DATE, MAKERS };
static const char *const makers[MAKERS + 1] = { "date", "column", "columns", "number", "duration", "birth_date", NULL };
static const enum dimension_kind kind_of_maker[MAKERS] = { DIMENSION_PERIOD, DIMENSION_CATEGORY, DIMENSION_CATEGORY,
                                                           DIMENSION_BAND,   DIMENSION_BAND,     DIMENSION_AGE };

enum {
    DATE = 1 << MAKER_DATE,
    COLUMN = 1 << MAKER_COLUMN,
    COLUMNS = 1 << MAKER_COLUMNS,
    BANDED = 1 << MAKER_NUMBER | 1 << MAKER_DURATION | 1 << MAKER_BIRTH_DATE,
    ALL_BUT_DATE = COLUMN | COLUMNS | BANDED,
};

/* Which other keys go with which makers, and which of them they need. */
static const struct companion {
    const char *key;
    int goes_with, needed_by;
} companions[] = {
    { "as", DATE, DATE },
    { "hierarchy", COLUMN, 0 },
    { "levels", COLUMN | COLUMNS, 0 },
    { "fold", COLUMN | COLUMNS, 0 },
    { "rename", COLUMN | COLUMNS, 0 },
    { "allow", COLUMN, 0 },
    { "bands", BANDED, BANDED },
    { "unit", 1 << MAKER_DURATION, 0 },
    { "at", 1 << MAKER_BIRTH_DATE, 0 },
    { "missing_as", ALL_BUT_DATE, 0 },
    { "needs_consent", ALL_BUT_DATE, 0 },
};

static bool find_maker(struct source_build *build, const struct config_node *node, enum maker *maker)
{
    int count = 0;
    for (int i = 0; i < MAKERS; i++)
        if (config_get(node, makers[i])) {
            *maker = (enum maker)i;
            count++;
        }
    if (count != 1)
        config_problem_key(
            build->config, node,
            "dimension '%.80s' has %s; expected exactly one of date, column, columns, number, duration, birth_date",
            node->key, count ? "more than one source" : "no source");
    return count == 1;
}

static void check_companions(struct source_build *build, const struct config_node *node, enum maker maker)
{
    for (size_t i = 0; i < sizeof companions / sizeof *companions; i++) {
        const struct companion *companion = &companions[i];
        const struct config_node *found = config_get(node, companion->key);
        if (found && !(companion->goes_with & 1 << maker))
            config_problem_key(build->config, found, "'%s' does not go with '%s'; remove one", companion->key,
                               makers[maker]);
        else if (!found && companion->needed_by & 1 << maker)
            config_problem_key(build->config, node, "dimension '%.80s' lacks '%s', which '%s' needs", node->key,
                               companion->key, makers[maker]);
    }
    const struct config_node *hierarchy = config_get(node, "hierarchy"), *levels = config_get(node, "levels");
    if (maker == MAKER_COLUMN && !hierarchy && levels)
        config_problem_key(build->config, levels, "'levels' needs 'hierarchy' or 'columns'");
    if (hierarchy && !levels)
        config_problem_key(build->config, hierarchy,
                           "'hierarchy' needs 'levels', the names of its levels, outermost first");
    if (hierarchy && config_get(node, "allow"))
        config_problem_key(build->config, config_get(node, "allow"),
                           "'allow' does not go with 'hierarchy', which names the values; remove one");
}

/* ---- levels ---- */

static void check_level_names(struct source_build *build, const struct source_dimension *dimension)
{
    for (size_t i = 0; i < dimension->level_count; i++) {
        const char *name = dimension->level_names[i];
        if (!config_is_name(name))
            config_problem_key(build->config, dimension->node,
                               "level '%.80s' cannot name a column of a table; give names (a-z, 0-9, _) in 'levels'",
                               name);
        if (strcmp(name, "cases") == 0)
            config_problem_key(build->config, dimension->node,
                               "'cases' is a column of every table; choose another name");
    }
}

static void build_levels(struct source_build *build, struct source_dimension *dimension)
{
    const struct config_node *levels = config_get(dimension->node, "levels");
    dimension->level_names = source_build_list(build, levels, &dimension->level_count);
    if (!levels && dimension->column_count > 1) {
        dimension->level_names = dimension->columns;
        dimension->level_count = dimension->column_count;
    } else if (!levels) {
        const char **name = arena_alloc(build->arena, sizeof *name);
        *name = dimension->name;
        dimension->level_names = name;
        dimension->level_count = 1;
    } else if (dimension->level_count > 1 && dimension->column_count > 1 &&
               dimension->level_count != dimension->column_count) {
        config_problem(build->config, levels, "%zu levels for %zu columns; expected one name for each column",
                       dimension->level_count, dimension->column_count);
        dimension->level_count = 0;
    }
    if (dimension->level_count == 0 || dimension->level_count > SOURCE_MAX_LEVELS) { /* reported by now */
        dimension->level_names = dimension->columns;
        dimension->level_count = 1;
    }
    check_level_names(build, dimension);
}

/* ---- the kinds ---- */

static void build_category(struct source_build *build, struct source_dimension *dimension)
{
    static const char *const cases[] = { "keep", "lower", "upper", NULL };
    const struct config_node *hierarchy = config_get(dimension->node, "hierarchy");
    struct source_vocabulary *vocabulary = arena_alloc(build->arena, sizeof *vocabulary);
    vocabulary->fold = (enum source_case)source_build_choice(dimension->node, "fold", cases, CASE_KEEP);
    vocabulary->level_count = dimension->level_count;
    vocabulary->missing = (struct slice){ dimension->missing_as, strlen(dimension->missing_as) };
    vocabulary->has_hierarchy = hierarchy != NULL;
    dimension->vocabulary = vocabulary;
    vocabulary_compile(vocabulary, build->arena, build->config, dimension->node);
    if (!hierarchy || hierarchy->kind != CONFIG_SCALAR || !config_get(dimension->node, "levels"))
        return;
    if (strchr(hierarchy->value, '/'))
        config_problem(build->config, hierarchy,
                       "'hierarchy' is a file beside fallzahl.yaml; expected a name without /");
    else
        hierarchy_compile(vocabulary, build->arena, build->config, hierarchy, build->folder);
}

static void build_period(struct source_build *build, struct source_dimension *dimension)
{
    dimension->period = config_text(dimension->node, "as", "");
    dimension->of_opened = strcmp(config_text(dimension->node, "date", ""), "opened_at") == 0;
    if (dimension->of_opened && !build->source->opened_at)
        config_problem(build->config, config_get(dimension->node, "date"),
                       "this source has no 'opened_at'; add the key with its column");
}

static void build_age(struct source_build *build, struct source_dimension *dimension)
{
    const struct source *source = build->source;
    bool of_opened = strcmp(config_text(dimension->node, "at", ""), "opened_at") == 0;
    dimension->at = of_opened ? (struct source_time){ TIME_OPENED, source->opened_at }
                              : (struct source_time){ TIME_CLOSED, source->closed_at };
    if (of_opened && !source->opened_at)
        config_problem(build->config, config_get(dimension->node, "at"),
                       "this source has no 'opened_at'; add the key with its column");
    CONFIG_EACH(edge, config_get(dimension->node, "bands")) {
        int64_t age;
        if (edge->kind == CONFIG_SCALAR && (!config_scalar_integer(edge, &age) || age < 1 || age > 120))
            config_problem(build->config, edge, "an edge of age bands must be a whole number of years from 1 to 120");
    }
}

static void build_columns(struct source_build *build, struct source_dimension *dimension, enum maker maker)
{
    const struct config_node *node = config_get(dimension->node, makers[maker]);
    const char **one = arena_alloc(build->arena, sizeof *one);
    *one = node->kind == CONFIG_SCALAR ? node->value : "";
    dimension->columns = one;
    dimension->column_count = maker != MAKER_DATE && maker != MAKER_DURATION;
    if (maker == MAKER_COLUMNS)
        dimension->columns = source_build_list(build, node, &dimension->column_count);
    CONFIG_EACH(column, node)
        build_check_shown(build, column);
    if (maker != MAKER_DATE)
        build_check_shown(build, node);
}

static void build_digest(struct source_dimension *dimension)
{
    static const unsigned char none[32];
    const unsigned char *file = dimension->vocabulary ? dimension->vocabulary->hierarchy_digest : none;
    unsigned char node[32];
    config_node_digest(dimension->node, node);
    crypto_generichash(dimension->definition, sizeof dimension->definition, node, sizeof node, file, sizeof none);
}

static void build_dimension(struct source_build *build, struct source_dimension *dimension, enum maker maker)
{
    const struct config_node *node = dimension->node;
    dimension->name = node->key;
    dimension->kind = kind_of_maker[maker];
    dimension->sensitive = config_boolean(node, "sensitive", false);
    dimension->missing_as = config_text(node, "missing_as", "(missing)");
    dimension->consent = build_consent(build, node);
    check_companions(build, node, maker);
    build_columns(build, dimension, maker);
    build_levels(build, dimension);
    if (dimension->kind == DIMENSION_CATEGORY)
        build_category(build, dimension);
    if (dimension->kind == DIMENSION_PERIOD)
        build_period(build, dimension);
    if (dimension->kind == DIMENSION_AGE)
        build_age(build, dimension);
    if (dimension->kind == DIMENSION_BAND || dimension->kind == DIMENSION_AGE)
        dimension->bands = bands_compile(build->arena, build->config, config_get(node, "bands"));
    dimension->is_duration = maker == MAKER_DURATION;
    if (dimension->is_duration) {
        struct source_time ends[2] = { { TIME_CLOSED, NULL }, { TIME_CLOSED, NULL } };
        build_duration(build, node, ends);
        dimension->unit_seconds = build_unit_seconds(node);
        dimension->from = ends[0];
        dimension->to = ends[1];
    }
    build_digest(dimension);
}

static void check_level_clash(struct source_build *build, const struct source_dimension *dimension,
                              const struct source_dimension *earlier)
{
    for (size_t i = 0; i < dimension->level_count; i++)
        for (size_t j = 0; j < earlier->level_count; j++)
            if (strcmp(dimension->level_names[i], earlier->level_names[j]) == 0)
                config_problem_key(
                    build->config, dimension->node,
                    "'%.80s' names a level here and in dimension '%.80s'; give one of them another name in 'levels'",
                    dimension->level_names[i], earlier->name);
}

void build_dimensions(struct source_build *build, const struct config_node *node)
{
    struct source_dimension *list = arena_alloc(build->arena, ((node ? node->count : 0) + 1) * sizeof *list);
    size_t count = 0;
    CONFIG_EACH(child, node) {
        enum maker maker = MAKER_DATE;
        if (!child->key || child->kind != CONFIG_MAP || !find_maker(build, child, &maker))
            continue;
        list[count].node = child;
        build_dimension(build, &list[count], maker);
        for (size_t i = 0; i < count; i++)
            check_level_clash(build, &list[count], &list[i]);
        count++;
    }
    build->source->dimensions = list;
    build->source->dimension_count = count;
}
