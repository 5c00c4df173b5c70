#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config_describe.h"
#include "core/config_scalar.h"
#include "core/config_schema.h"
#include "core/config_tree.h"
#include "core/nearest.h"
#include "core/strbuf.h"

/* How a message names a value: by its key, an element by its list's, the top as the file. */
static void name_value(struct strbuf *out, const struct config_node *node)
{
    while (node && !node->key)
        node = node->parent;
    if (node)
        strbuf_addf(out, "'%.80s'", node->key);
    else
        strbuf_adds(out, "the file");
}

static enum config_kind kind_of_type(enum config_type type)
{
    return type == CONFIG_TYPE_MAP ? CONFIG_MAP : type == CONFIG_TYPE_LIST ? CONFIG_LIST : CONFIG_SCALAR;
}

static bool within(const struct config_rule *rule, double value)
{
    return (rule->minimum == 0 && rule->maximum == 0) || (value >= rule->minimum && value <= rule->maximum);
}

static bool is_choice(const char *choices, const char *value)
{
    size_t length = strlen(value);
    if (length == 0 || strchr(value, '|'))
        return false;
    for (const char *at = choices; at; at = strchr(at, '|'), at = at ? at + 1 : NULL)
        if (strncmp(at, value, length) == 0 && (at[length] == '|' || at[length] == '\0'))
            return true;
    return false;
}

static bool scalar_fits(const struct config_rule *rule, const struct config_node *node)
{
    int64_t integer;
    double number;
    bool boolean;
    switch (rule->type) {
    case CONFIG_TYPE_TEXT:
        return *node->value != '\0';
    case CONFIG_TYPE_ANY_TEXT:
        return true;
    case CONFIG_TYPE_NAME:
        return config_is_name(node->value);
    case CONFIG_TYPE_INTEGER:
        return config_scalar_integer(node, &integer) && within(rule, (double)integer);
    case CONFIG_TYPE_NUMBER:
        return config_scalar_number(node, &number) && within(rule, number);
    case CONFIG_TYPE_BOOLEAN:
        return config_scalar_boolean(node, &boolean);
    case CONFIG_TYPE_CHOICE:
        return is_choice(rule->choices, node->value);
    case CONFIG_TYPE_DATE:
        return config_scalar_date(node);
    default:
        return false;
    }
}

static bool fits(const struct config_rule *rule, const struct config_node *node)
{
    if (kind_of_type(rule->type) != node->kind)
        return false;
    if (node->kind == CONFIG_SCALAR)
        return scalar_fits(rule, node);
    return node->kind == CONFIG_MAP || within(rule, (double)node->count);
}

static void describe_found(struct strbuf *out, const struct config_node *node)
{
    if (node->kind == CONFIG_LIST)
        strbuf_addf(out, "a list of %zu", node->count);
    else if (node->kind == CONFIG_MAP)
        strbuf_adds(out, "keys with values");
    else if (*node->value)
        strbuf_addf(out, "'%.80s'", node->value);
    else
        strbuf_adds(out, "nothing");
}

/* A quoted number looks right, so the message says what is wrong with it. */
static const char *quote_hint(const struct schema *schema, const struct config_node *node)
{
    if (node->kind != CONFIG_SCALAR || !node->quoted)
        return "";
    struct config_node plain = *node;
    plain.quoted = false;
    for (size_t i = 0; i < schema->rule_count; i++)
        if (fits(schema->rules[i], &plain))
            return " without quotes";
    return "";
}

static void report_misfit(struct config *config, const struct schema *schema, const struct config_node *node)
{
    struct strbuf text = { 0 };
    name_value(&text, node);
    strbuf_adds(&text, " is ");
    describe_found(&text, node);
    strbuf_adds(&text, "; expected ");
    for (size_t i = 0; i < schema->rule_count; i++) {
        strbuf_adds(&text, i ? ", or " : "");
        config_describe(&text, schema->rules[i]);
    }
    if (schema->rule_count == 0)
        strbuf_adds(&text, schema_child(schema, "[]") ? "a list" : "keys with values");
    config_problem(config, node, "%s%s", strbuf_text(&text), quote_hint(schema, node));
    strbuf_release(&text);
}

static bool accepts(const struct schema *schema, const struct config_node *node)
{
    for (size_t i = 0; i < schema->rule_count; i++)
        if (fits(schema->rules[i], node))
            return true;
    if (schema->rule_count == 0)
        return node->kind == (schema_child(schema, "[]") ? CONFIG_LIST : CONFIG_MAP);
    return false;
}

static void report_unknown(struct config *config, const struct schema *schema, const struct config_node *node)
{
    const char *names[256];
    struct strbuf all = { 0 };
    size_t count = 0;
    for (const struct schema *child = schema->children; child && count < 256; child = child->next) {
        if (*child->segment == '*' || *child->segment == '[')
            continue;
        names[count++] = child->segment;
        strbuf_addf(&all, "%s%s", count > 1 ? ", " : "", child->segment);
    }
    const char *nearest = nearest_name(node->key, names, count);
    if (nearest)
        config_problem_key(config, node, "unknown key '%.80s'; did you mean '%s'?", node->key, nearest);
    else
        config_problem_key(config, node, "unknown key '%.80s'; expected one of %s", node->key, strbuf_text(&all));
    strbuf_release(&all);
}

/* The rules for a map's child: by its key, else by a wildcard. NULL, and a problem, if it has no business there. */
static const struct schema *match_key(struct config *config, const struct schema *schema,
                                      const struct config_node *node)
{
    const struct schema *match = *node->key != '*' && *node->key != '[' ? schema_child(schema, node->key) : NULL;
    if (match)
        return match;
    match = schema_child(schema, "**");
    if (match)
        return match;
    match = schema_child(schema, "*");
    if (!match) {
        report_unknown(config, schema, node);
        return NULL;
    }
    if (!config_is_name(node->key))
        config_problem_key(config, node,
                           "'%.80s' is not a name; expected a-z, then a-z, 0-9 or _, at most 40 characters", node->key);
    return match;
}

static int by_key(const void *a, const void *b)
{
    const struct config_node *const *left = a, *const *right = b;
    int order = strcmp((*left)->key, (*right)->key);
    if (order)
        return order;
    if ((*left)->key_line != (*right)->key_line)
        return (*left)->key_line < (*right)->key_line ? -1 : 1;
    return (*left)->key_column - (*right)->key_column;
}

static void report_duplicates(struct config *config, const struct config_node *map)
{
    if (map->count < 2)
        return;
    const struct config_node **sorted = mem_zalloc(map->count, sizeof *sorted);
    size_t count = 0;
    CONFIG_EACH(child, map)
        sorted[count++] = child;
    qsort(sorted, count, sizeof *sorted, by_key);
    const struct config_node *first = sorted[0];
    for (size_t i = 1; i < count; i++)
        if (strcmp(sorted[i]->key, first->key) == 0)
            config_problem_key(config, sorted[i], "duplicate key '%.80s'; it stands in line %d already", first->key,
                               first->key_line);
        else
            first = sorted[i];
    free(sorted);
}

static bool is_required(const struct schema *schema)
{
    for (size_t i = 0; i < schema->rule_count; i++)
        if (schema->rules[i]->required)
            return true;
    return false;
}

static void report_missing(struct config *config, const struct schema *schema, const struct config_node *map)
{
    struct strbuf name = { 0 };
    name_value(&name, map);
    for (const struct schema *child = schema->children; child; child = child->next) {
        if (!is_required(child))
            continue;
        if (*child->segment == '*' && map->count == 0)
            config_problem_key(config, map, "%s is empty; expected at least one entry", strbuf_text(&name));
        else if (*child->segment != '*' && !config_get(map, child->segment))
            config_problem_key(config, map, "missing key '%s' in %s; add it", child->segment, strbuf_text(&name));
    }
    strbuf_release(&name);
}

static void check_node(struct config *config, const struct schema *schema, const struct config_node *node)
{
    if (node->kind == CONFIG_MAP)
        report_duplicates(config, node);
    if (!accepts(schema, node)) {
        report_misfit(config, schema, node);
        return;
    }
    CONFIG_EACH(child, node) {
        const struct schema *rules = child->key ? match_key(config, schema, child) : schema_child(schema, "[]");
        if (rules)
            check_node(config, rules, child);
    }
    if (node->kind == CONFIG_MAP)
        report_missing(config, schema, node);
}

void config_check(struct config *config, const struct config_rule *const *tables)
{
    struct arena arena;
    arena_init(&arena, false);
    check_node(config, schema_build(&arena, tables), config->root);
    arena_release(&arena);
}
