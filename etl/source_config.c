#include <stdlib.h>
#include <string.h>

#include "etl/source_build.h"
#include "etl/vocabulary.h"

static const char *const deliveries[] = { "delta", "snapshot", NULL };
static const char *const expectations[] = { "none", "daily", "weekly", "monthly", NULL };
static const char *const rules[] = { "reject", "blank", "keep", NULL };
static const char *const roles[] = { "opened_at", "closed_at", "updated_at", NULL };

const char *const *source_build_list(struct source_build *build, const struct config_node *node, size_t *count)
{
    size_t n = 0;
    const char **list = arena_alloc(build->arena, ((node ? node->count : 0) + 1) * sizeof *list);
    CONFIG_EACH(child, node)
        if (child->kind == CONFIG_SCALAR)
            list[n++] = child->value;
    *count = n;
    return list;
}

int source_build_choice(const struct config_node *node, const char *path, const char *const *names, int fallback)
{
    const char *text = config_text(node, path, NULL);
    for (int i = 0; text && names[i]; i++)
        if (strcmp(text, names[i]) == 0)
            return i;
    return fallback;
}

enum source_rule build_rule(const struct config_node *node, const char *path, enum source_rule fallback)
{
    return (enum source_rule)source_build_choice(node, path, rules, (int)fallback);
}

static const char *role_column(const struct source *source, enum source_time_role role)
{
    switch (role) {
    case TIME_OPENED:
        return source->opened_at;
    case TIME_CLOSED:
        return source->closed_at;
    case TIME_UPDATED:
        return source->updated_at;
    default:
        return NULL;
    }
}

static struct source_time build_time(struct source_build *build, const struct config_node *node)
{
    struct source_time time = { TIME_COLUMN, node->value };
    for (int i = 0; roles[i]; i++)
        if (strcmp(node->value, roles[i]) == 0)
            time =
                (struct source_time){ (enum source_time_role)i, role_column(build->source, (enum source_time_role)i) };
    if (!time.column)
        config_problem(build->config, node, "this source has no '%s'; add the key with its column", node->value);
    return time;
}

int64_t build_unit_seconds(const struct config_node *node)
{
    static const char *const units[] = { "seconds", "minutes", "hours", "days", "weeks", NULL };
    static const int64_t seconds[] = { 1, 60, 3600, 86400, 604800 };
    int chosen = config_get(node, "unit") ? source_build_choice(node, "unit", units, -1) : 3;
    return chosen < 0 ? 0 : seconds[chosen];
}

void build_duration(struct source_build *build, const struct config_node *node, struct source_time ends[2])
{
    size_t count = 0;
    CONFIG_EACH(end, config_get(node, "duration"))
        if (count < 2 && end->kind == CONFIG_SCALAR)
            ends[count++] = build_time(build, end);
}

/* ---- one source ---- */

static void build_times(struct source_build *build, const struct config_node *node)
{
    struct source *source = build->source;
    source->case_id = config_text(node, "case_id", NULL);
    source->opened_at = config_text(node, "opened_at", NULL);
    source->closed_at = config_text(node, "closed_at", NULL);
    source->updated_at = config_text(node, "updated_at", NULL);
    source->controller = config_text(node, "controller", NULL);
    source->closed_column = config_text(node, "closed_when.column", NULL);
    source->closed_values = source_build_list(build, config_get(node, "closed_when.values"), &source->closed_value_count);
    if (!source->case_id && (source->personal || source->delivery == SOURCE_SNAPSHOT || source->updated_at))
        config_problem_key(
            build->config, node,
            "source '%.80s' has no case_id; it needs one, unless it is a delta without personal data and without updated_at",
            node->key);
}

static void build_dates(struct source_build *build, const struct config_node *node)
{
    const struct config_node *dates = config_get(node, "dates");
    struct date_format **list =
        arena_alloc(build->arena, ((dates ? dates->count : 0) + 1) * sizeof(struct date_format *));
    size_t count = 0;
    CONFIG_EACH(child, dates) {
        struct err err;
        if (child->kind != CONFIG_SCALAR)
            continue;
        if (date_format_compile(&list[count], child->value, &err))
            config_problem(build->config, child, "%s", err.message);
        else
            count++;
    }
    if (!dates && !date_format_compile(&list[0], "iso", NULL))
        count = 1;
    build->source->dates = list;
    build->source->date_count = count;
}

static void build_reading(struct source_build *build, const struct config_node *node)
{
    struct source *source = build->source;
    const struct config_node *delimiter = config_get(node, "delimiter"), *encoding = config_get(node, "encoding");
    const char *text = config_text(node, "delimiter", ",");
    source->delimiter = strcmp(text, "tab") == 0 ? '\t' : *text;
    if (strcmp(text, "tab") != 0 && (strlen(text) != 1 || !strchr(",;|:^~!#$%&*\t", *text)))
        config_problem(build->config, delimiter, "'delimiter' must be one of , ; | : ^ ~ ! # $ %% & * or the word tab");
    source->encoding = config_text(node, "encoding", NULL);
    struct strbuf out = { 0 };
    if (source->encoding && text_decode(source->encoding, (struct slice){ "", 0 }, &out, NULL))
        config_problem(build->config, encoding, "'%.80s' is no known encoding; expected one such as utf-8 or cp1252",
                       source->encoding);
    strbuf_release(&out);
    source->decimal_comma = config_boolean(node, "decimal_comma", false);
    source->missing = source_build_list(build, config_get(node, "missing"), &source->missing_count);
}

static void build_delivery(struct source_build *build, const struct config_node *node)
{
    struct source *source = build->source;
    source->files = config_text(node, "files", "");
    source->expect = (enum source_expect)source_build_choice(node, "expect", expectations, SOURCE_EXPECT_NONE);
    source->delivery = (enum source_delivery)source_build_choice(node, "delivery", deliveries, SOURCE_DELTA);
    source->max_loss_percent = config_number(node, "max_loss_percent", 10);
    int64_t age_minutes = config_integer(node, "minimum_age_minutes", -1);
    source->minimum_age_s = age_minutes < 0 ? -1 : age_minutes * 60;
    source->keep_input_days = config_integer(node, "keep_input_days", 0);
    source->max_reject_rows = config_integer(node, "max_rejects.rows", -1);
    source->max_reject_percent = config_number(node, "max_rejects.percent", 5);
    const struct config_node *loss = config_get(node, "max_loss_percent"), *files = config_get(node, "files");
    if (loss && source->delivery != SOURCE_SNAPSHOT)
        config_problem_key(build->config, loss, "'max_loss_percent' is for 'delivery: snapshot'");
    if (strchr(source->files, '/') || *source->files == '.')
        config_problem(build->config, files, "'files' must be names in inbox/; expected no / and no leading dot");
}

static void build_rules(struct source_build *build, const struct config_node *node)
{
    struct source *source = build->source;
    source->opened_after_closed = build_rule(node, "rules.opened_after_closed", RULE_REJECT);
    source->closed_in_future = build_rule(node, "rules.closed_in_future", RULE_REJECT);
    source->unreadable_date = build_rule(node, "rules.unreadable_date", RULE_REJECT);
    source->unreadable_number = build_rule(node, "rules.unreadable_number", RULE_REJECT);
    source->unusable_identifier = build_rule(node, "rules.unusable_identifier", RULE_BLANK);
    const struct config_node *opened = config_get(node, "rules.opened_after_closed");
    if (opened && !source->opened_at)
        config_problem_key(build->config, opened, "this source has no 'opened_at'; remove the rule or add the column");
}

static void check_controller(struct source_build *build, const struct config_node *node)
{
    const struct config_node *controller = config_get(node, "controller");
    if (controller && build->controller_count == 0)
        config_problem(build->config, controller,
                       "the workspace names no 'controllers'; add the list that this column chooses from");
}

static void build_source(struct source_build *build, const struct config_node *node, const char *country)
{
    build->source->name = node->key;
    build->source->node = node;
    build_delivery(build, node);
    build_person(build, node);
    build_times(build, node);
    check_controller(build, node);
    build_dates(build, node);
    build_reading(build, node);
    build_rules(build, node);
    build_identifiers(build, node, country);
    build_retired(build, node);
    build_consents(build, node);
    build_opt_ins(build, node);
    build_dimensions(build, config_get(node, "dimensions"));
    build_measures(build, config_get(node, "measures"));
}

static void check_files_differ(struct config *config, const struct source *list, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (*list[i].files && strcmp(list[i].files, list[j].files) == 0)
                config_problem(config, config_get(list[i].node, "files"),
                               "source '%.80s' has the same files; a file can belong to one source only", list[j].name);
}

void sources_compile(struct sources **sources, struct config *config, const char *folder, const struct zone *zone)
{
    const struct config_node *root = config_root(config), *map = config_get(root, "sources");
    struct sources *made = mem_zalloc(1, sizeof *made);
    made->arena = mem_zalloc(1, sizeof *made->arena);
    arena_init(made->arena, false);
    struct source_build build = { .config = config, .arena = made->arena, .folder = folder };
    struct source *list = arena_alloc(made->arena, ((map ? map->count : 0) + 1) * sizeof *list);
    made->zone = zone;
    made->country = config_text(root, "country", NULL);
    made->controllers = source_build_list(&build, config_get(root, "controllers"), &made->controller_count);
    build.controller_count = made->controller_count;
    CONFIG_EACH(node, map) {
        if (!node->key || node->kind != CONFIG_MAP)
            continue;
        build.source = &list[made->count++];
        build_source(&build, node, made->country);
    }
    check_files_differ(config, list, made->count);
    made->list = list;
    *sources = made;
}

static void release_source(const struct source *source)
{
    for (size_t i = 0; i < source->date_count; i++)
        date_format_free(source->dates[i]);
    for (size_t i = 0; i < source->dimension_count; i++)
        vocabulary_release(source->dimensions[i].vocabulary);
}

void sources_free(struct sources *sources)
{
    if (!sources)
        return;
    for (size_t i = 0; i < sources->count; i++)
        release_source(&sources->list[i]);
    arena_release(sources->arena);
    free(sources->arena);
    free(sources);
}

const struct source *source_find(const struct sources *sources, const char *name)
{
    for (size_t i = 0; i < sources->count; i++)
        if (strcmp(sources->list[i].name, name) == 0)
            return &sources->list[i];
    return NULL;
}
