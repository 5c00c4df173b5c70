#include "stats/structural.h"

#include <stdlib.h>

#include "core/json_build.h"
#include "stats/table_source.h"

struct compiler {
    struct config *config;
    struct arena *arena;
    const struct config_node *source;
};

static const struct config_node *find_source(const struct compiler *compiler, const struct config_node *entry)
{
    const struct config_node *sources = config_get(config_root(compiler->config), "sources");
    const char *name = config_text(entry, "source", NULL);
    const struct config_node *source = name ? config_get(sources, name) : NULL;
    if (name && !source)
        config_problem(compiler->config, config_get(entry, "source"), "there is no source '%.40s'; it must be configured under 'sources'", name);
    if (!name && sources && sources->count == 1)
        source = sources->children;
    if (!name && sources && sources->count > 1)
        config_problem(compiler->config, entry, "the combination needs 'source'; there are several sources");
    return source;
}

static bool is_crossed(const struct compiler *compiler, const struct config_node *values)
{
    const struct config_node *node = config_get(config_get(compiler->source, "dimensions"), values->key);
    struct table_dimension dimension;
    if (!node) {
        config_problem_key(compiler->config, values, "there is no dimension '%.40s'; it must be configured under 'sources'", values->key);
        return false;
    }
    table_source_dimension(compiler->source, node, compiler->arena, &dimension);
    bool is_period = dimension.is_period && period_is_base(dimension.kind);
    if (is_period)
        config_problem_key(compiler->config, values, "'%.40s' is a period; a combination is impossible at any time or not at all", values->key);
    return !is_period;
}

static bool compile_part(const struct compiler *compiler, const struct config_node *list, struct structural_part *part)
{
    if (!list->key || list->kind != CONFIG_LIST || !is_crossed(compiler, list))
        return false;
    const char **values = arena_alloc(compiler->arena, (list->count + 1) * sizeof *values);
    *part = (struct structural_part) { .dimension = list->key, .values = values };
    CONFIG_EACH(value, list)
        if (value->kind == CONFIG_SCALAR)
            values[part->value_count++] = value->value;
    return part->value_count > 0;
}

/* False: not one to go by; the problem is told. */
static bool compile_zero(struct compiler *compiler, const struct config_node *entry, struct structural_zero *zero)
{
    const struct config_node *list = config_get(entry, "values");
    compiler->source = find_source(compiler, entry);
    if (!compiler->source || !list || !list->count)
        return false;
    struct structural_part *parts = arena_alloc(compiler->arena, list->count * sizeof *parts);
    *zero = (struct structural_zero) { .source = compiler->source->key, .parts = parts };
    bool good = true;
    CONFIG_EACH(values, list) {
        bool known = compile_part(compiler, values, &parts[zero->part_count]);
        zero->part_count += known;
        good = good && known;
    }
    return good;
}

void structural_compile(struct structural_zeros *zeros, struct arena *arena, struct config *config)
{
    const struct config_node *list = config_get(config_root(config), "protection.structural_zeros");
    struct compiler compiler = { .config = config, .arena = arena };
    struct structural_zero *compiled = arena_alloc(arena, ((list ? list->count : 0) + 1) * sizeof *compiled);
    *zeros = (struct structural_zeros) { .list = compiled };
    CONFIG_EACH(entry, list)
        zeros->count += compile_zero(&compiler, entry, &compiled[zeros->count]);
}

void structural_json(const struct structural_zeros *zeros, struct strbuf *json)
{
    if (!zeros->count)
        return;
    json_t *list = json_made(json_array());
    for (size_t z = 0; z < zeros->count; z++) {
        json_t *entry = json_made(json_object()), *parts = json_made(json_object());
        for (size_t p = 0; p < zeros->list[z].part_count; p++) {
            const struct structural_part *part = &zeros->list[z].parts[p];
            json_t *values = json_made(json_array());
            for (size_t v = 0; v < part->value_count; v++)
                json_append_made(values, json_string(part->values[v]));
            json_set_made(parts, part->dimension, values);
        }
        json_set_made(entry, "source", json_string(zeros->list[z].source));
        json_set_made(entry, "values", parts);
        json_append_made(list, entry);
    }
    char *text = json_dumps(list, JSON_COMPACT);
    BUG_ON(!text);
    strbuf_adds(json, text);
    free(text);
    json_decref(list);
}
