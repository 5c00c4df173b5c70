#include <string.h>

#include "etl/decimal.h"
#include "etl/source_build.h"

/* Two numbers of a list, scaled; false, and perhaps a problem, if they are none. */
static bool build_range(struct source_build *build, const struct config_node *list, int decimals, int64_t range[2])
{
    const struct decimal_format format = { '.', decimals, DECIMAL_NEAREST };
    size_t count = 0;
    CONFIG_EACH(end, list) {
        bool inexact = false;
        if (count == 2 || end->kind != CONFIG_SCALAR)
            return false;
        if (!decimal_read((struct slice){ end->value, strlen(end->value) }, &format, &range[count], &inexact)) {
            config_problem(build->config, end, "this number cannot be used here; expected one such as 20000 or 0.5");
            return false;
        }
        if (inexact)
            config_problem(build->config, end, "this number has more decimals than the measure's 'decimals' (%d)",
                           decimals);
        count++;
    }
    if (count == 2 && range[0] > range[1])
        config_problem(build->config, list, "the lowest value is above the highest; exchange them");
    return count == 2;
}

static void build_score(struct source_build *build, struct source_measure *measure)
{
    const struct config_node *node = measure->node, *score = config_get(node, "score"),
                             *share = config_get(node, "share");
    const struct config_node *range = config_get(node, "range");
    measure->is_score = score != NULL;
    if (score && range)
        config_problem_key(build->config, range, "'score' states the range already; remove 'range'");
    if (score && measure->is_duration)
        config_problem_key(build->config, score, "'score' does not go with 'duration'");
    if (share && !score)
        config_problem_key(build->config, share, "'share' needs 'score'");
    if (measure->is_score && measure->out_of_range == RULE_KEEP)
        config_problem(build->config, config_get(node, "out_of_range"),
                       "a score has no values out of range; expected reject or blank");
    int64_t ends[2], part[2];
    const struct config_node *bounds = score ? score : range;
    measure->has_range = bounds && build_range(build, bounds, measure->decimals, ends);
    measure->has_share = score && share && build_range(build, share, measure->decimals, part);
    if (measure->has_range) {
        measure->lowest = ends[0];
        measure->highest = ends[1];
    }
    if (!measure->has_share)
        return;
    measure->share_lowest = part[0];
    measure->share_highest = part[1];
    if (measure->has_range && (part[0] < ends[0] || part[1] > ends[1]))
        config_problem(build->config, share, "'share' lies outside of 'score'");
}

static void build_duration_measure(struct source_build *build, struct source_measure *measure,
                                   const struct config_node *duration)
{
    struct source_time ends[2] = { { TIME_CLOSED, NULL }, { TIME_CLOSED, NULL } };
    build_duration(build, measure->node, ends);
    measure->from = ends[0];
    measure->to = ends[1];
    measure->column = NULL;
    measure->unit = config_text(measure->node, "unit", "days");
    measure->unit_seconds = build_unit_seconds(measure->node);
    if (!measure->unit_seconds)
        config_problem(build->config, config_get(measure->node, "unit"),
                       "'unit' of a duration must be seconds, minutes, hours, days or weeks");
    CONFIG_EACH(end, duration)
        build_check_shown(build, end);
}

static void build_measure(struct source_build *build, struct source_measure *measure)
{
    const struct config_node *node = measure->node, *column = config_get(node, "column");
    const struct config_node *duration = config_get(node, "duration");
    measure->name = node->key;
    measure->unit = config_text(node, "unit", NULL);
    measure->column = config_text(node, "column", NULL);
    measure->decimals = (int)config_integer(node, "decimals", 0);
    measure->out_of_range = build_rule(node, "out_of_range", RULE_REJECT);
    measure->consent = build_consent(build, node);
    measure->is_duration = duration != NULL;
    if (!column == !duration)
        config_problem_key(build->config, node, "measure '%.80s' has %s; expected exactly one of column, duration",
                           node->key, column ? "both a column and a duration" : "neither a column nor a duration");
    if (measure->decimals < 0 || measure->decimals > 6) /* reported by config_check() */
        measure->decimals = 0;
    build_check_shown(build, column);
    if (duration)
        build_duration_measure(build, measure, duration);
    build_score(build, measure);
}

void build_measures(struct source_build *build, const struct config_node *node)
{
    struct source_measure *list = arena_alloc(build->arena, ((node ? node->count : 0) + 1) * sizeof *list);
    size_t count = 0;
    CONFIG_EACH(child, node) {
        if (!child->key || child->kind != CONFIG_MAP)
            continue;
        list[count].node = child;
        build_measure(build, &list[count++]);
    }
    build->source->measures = list;
    build->source->measure_count = count;
}
