#include <string.h>

#include "core/config_describe.h"
#include "core/config_schema.h"

/* A path as it is read: `*` becomes <name>, `**` <text>, and `[]` stays. */
static void print_path(FILE *out, const char *path)
{
    for (; *path; path++) {
        if (path[0] == '*' && path[1] == '*')
            path++, fputs("<text>", out);
        else if (*path == '*')
            fputs("<name>", out);
        else
            fputc(*path, out);
    }
}

/* `|` would end a table's cell. */
static void print_cell(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void describe_alternatives(struct strbuf *out, const struct schema *schema)
{
    for (size_t i = 0; i < schema->rule_count; i++) {
        strbuf_adds(out, i ? ", or " : "");
        config_describe(out, schema->rules[i]);
        const struct schema *element = schema->rules[i]->type == CONFIG_TYPE_LIST ? schema_child(schema, "[]") : NULL;
        if (element && element->rule_count && !element->children) {
            strbuf_adds(out, ", each ");
            describe_alternatives(out, element);
        }
    }
    if (schema->rule_count == 0)
        strbuf_adds(out, schema_child(schema, "[]") ? "a list" : "keys with values");
}

static const char *first_text(const struct schema *schema, bool fallback)
{
    for (size_t i = 0; i < schema->rule_count; i++) {
        const char *text = fallback ? schema->rules[i]->fallback : schema->rules[i]->doc;
        if (text)
            return text;
    }
    return NULL;
}

static void print_default(FILE *out, const struct schema *schema)
{
    bool required = false;
    for (size_t i = 0; i < schema->rule_count; i++)
        required = required || schema->rules[i]->required;
    const char *fallback = first_text(schema, true);
    if (required)
        fputs("required", out);
    else if (fallback) {
        fputc('`', out);
        print_cell(out, *fallback ? fallback : "\"\"");
        fputc('`', out);
    }
}

static void print_docs(FILE *out, const struct schema *schema)
{
    const char *before = "";
    for (size_t i = 0; i < schema->rule_count; i++)
        if (schema->rules[i]->doc) {
            fputs(before, out);
            print_cell(out, schema->rules[i]->doc);
            before = " ";
        }
}

static void print_row(FILE *out, const struct schema *schema)
{
    struct strbuf value = { 0 };
    describe_alternatives(&value, schema);
    fputs("| `", out);
    print_path(out, schema->segment);
    fputs("` | ", out);
    print_cell(out, strbuf_text(&value));
    fputs(" | ", out);
    print_default(out, schema);
    fputs(" | ", out);
    print_docs(out, schema);
    fputs(" |\n", out);
    strbuf_release(&value);
}

static bool is_element(const struct schema *schema)
{
    return strcmp(schema->segment, "[]") == 0;
}

static bool is_wildcard(const struct schema *schema)
{
    return *schema->segment == '*';
}

static void print_heading(FILE *out, const struct schema *schema)
{
    fputs("\n## `", out);
    print_path(out, schema->path);
    fputs("`\n", out);
    if (!is_wildcard(schema)) /* what other maps are for stands in their parent's table */
        return;
    fputc('\n', out);
    print_docs(out, schema);
    fputc('\n', out);
}

/* The keys of a map as a table. A map whose keys are any names has its section under `<name>` alone. */
static void print_keys(FILE *out, const struct schema *schema)
{
    const struct schema *first = schema->children;
    if (!first || is_element(first) || (is_wildcard(first) && !first->next && first->children))
        return;
    if (*schema->path)
        print_heading(out, schema);
    fputs("\n| key | value | default | meaning |\n|---|---|---|---|\n", out);
    for (const struct schema *child = first; child; child = child->next)
        if (!is_element(child))
            print_row(out, child);
}

static void print_section(FILE *out, const struct schema *schema)
{
    print_keys(out, schema);
    for (const struct schema *child = schema->children; child; child = child->next)
        print_section(out, child);
}

void config_document(const struct config_rule *const *tables, FILE *out)
{
    struct arena arena;
    arena_init(&arena, false);
    print_section(out, schema_build(&arena, tables));
    arena_release(&arena);
}
