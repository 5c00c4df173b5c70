#include "core/config_schema.h"

#include <string.h>

static bool ends_segment(char c)
{
    return c == '\0' || c == '.' || c == '[';
}

static size_t segment_length(const char *path)
{
    if (*path == '[')
        return 2;
    size_t length = 0;
    while (!ends_segment(path[length]))
        length++;
    return length;
}

const struct schema *schema_child(const struct schema *schema, const char *segment)
{
    for (const struct schema *child = schema->children; child; child = child->next)
        if (strcmp(child->segment, segment) == 0)
            return child;
    return NULL;
}

static struct schema *enter(struct arena *arena, struct schema *parent, const char *path, const char *at, size_t length)
{
    struct schema **link = &parent->children;
    for (; *link; link = &(*link)->next)
        if (strlen((*link)->segment) == length && strncmp((*link)->segment, at, length) == 0)
            return *link;
    struct schema *child = arena_alloc(arena, sizeof *child);
    child->segment = arena_strndup(arena, at, length);
    child->path = arena_strndup(arena, path, (size_t)(at - path) + length);
    *link = child;
    return child;
}

static void add_rule(struct arena *arena, struct schema *root, const struct config_rule *rule)
{
    struct schema *schema = root;
    for (const char *at = rule->path; *at;) {
        size_t length = segment_length(at);
        if (length == 0 || strnlen(at, length) < length || (*at == '[' && at[1] != ']'))
            BUG("malformed path '%s' in a schema", rule->path);
        schema = enter(arena, schema, rule->path, at, length);
        at += length;
        at += *at == '.';
    }
    if (schema == root || schema->rule_count == SCHEMA_MAX_ALTERNATIVES)
        BUG("empty path or too many rules for '%s' in a schema", rule->path);
    schema->rules[schema->rule_count++] = rule;
}

struct schema *schema_build(struct arena *arena, const struct config_rule *const *tables)
{
    struct schema *root = arena_alloc(arena, sizeof *root);
    root->segment = root->path = "";
    for (size_t i = 0; tables[i]; i++)
        for (const struct config_rule *rule = tables[i]; rule->path; rule++)
            add_rule(arena, root, rule);
    return root;
}
