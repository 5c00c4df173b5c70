#include "stats/table_source.h"

#include <stdlib.h>
#include <string.h>

#include "core/strbuf.h"

static bool is_name(const char *text)
{
    if (*text < 'a' || *text > 'z')
        return false;
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0' && strlen(text) <= 40;
}

/* The list's texts if all of them can be column names. */
static void take_names(const struct config_node *list, struct arena *arena, struct table_dimension *out)
{
    if (!list || list->kind != CONFIG_LIST)
        return;
    const char **names = arena_alloc(arena, (list->count + 1) * sizeof *names);
    size_t count = 0;
    CONFIG_EACH(name, list) {
        if (name->kind != CONFIG_SCALAR || !is_name(name->value))
            return;
        names[count++] = name->value;
    }
    out->level_names = names;
    out->level_count = count;
}

/* A period's date is one of the case's own times, by its role or by its column. */
static bool is_time(const struct config_node *source, const char *date, const char *role)
{
    return !strcmp(date, role) || !strcmp(date, config_text(source, role, ""));
}

void table_source_dimension(const struct config_node *source, const struct config_node *node, struct arena *arena,
                            struct table_dimension *out)
{
    const char *date = config_text(node, "date", NULL), *as = config_text(node, "as", "");
    *out = (struct table_dimension){ .name = node->key, .sensitive = config_boolean(node, "sensitive", false) };
    if (date) {
        out->is_period = period_kind_parse(as, &out->kind);
        out->of_opened = !is_time(source, date, "closed_at") && is_time(source, date, "opened_at");
    }
    take_names(config_get(node, "columns"), arena, out);
    take_names(config_get(node, "levels"), arena, out);
}

/* As surveys/handover.h names files. */
static const char *const handed_over[] = { "answers-", "dispositions-", "holdout-" };

/* Could the pattern be of such files? */
static bool fits(const char *files, const char *kind)
{
    size_t length = strlen(kind), fixed = strcspn(files, "*?[");
    return files[fixed] && fixed < length ? fixed && strncmp(files, kind, fixed) == 0 : strncmp(files, kind, length) == 0;
}

bool table_source_is_of_survey(const struct config_node *source)
{
    const char *files = config_text(source, "files", "");
    bool found = false;
    for (size_t i = 0; i < sizeof handed_over / sizeof *handed_over; i++)
        found = found || fits(files, handed_over[i]);
    return found && strcmp(config_text(source, "personal_data", "present"), "none") == 0;
}

/* Nothing in it gives two waves one name. */
static bool is_wave(const struct config_node *dimension)
{
    CONFIG_EACH(key, dimension)
        if (key->key && strcmp(key->key, "column") && strcmp(key->key, "allow"))
            return false;
    return strcmp(config_text(dimension, "column", ""), "wave") == 0;
}

const struct config_node *table_source_wave(const struct config_node *source)
{
    if (table_source_is_of_survey(source))
        CONFIG_EACH(dimension, config_get(source, "dimensions"))
            if (is_wave(dimension))
                return dimension;
    return NULL;
}

/* NAME-* behind the kind: other surveys ask the same people. */
static bool is_of_one(const char *files)
{
    const char *name = strchr(files, '-');
    size_t fixed = name ? strcspn(name, "*?[") : 0;
    return fixed > 2 && name[fixed - 1] == '-';
}

static bool has_tables(const struct config_node *root, const char *source)
{
    CONFIG_EACH(table, config_get(root, "tables"))
        if (strcmp(config_text(table, "source", source), source) == 0)
            return true;
    return false;
}

void table_source_check_waves(struct config *config)
{
    const struct config_node *root = config_root(config);
    CONFIG_EACH(source, config_get(root, "sources")) {
        if (!source->key || !table_source_is_of_survey(source) || !has_tables(root, source->key))
            continue;
        if (!is_of_one(config_text(source, "files", "")))
            config_problem(config, config_get(source, "files"), "'%.40s' are files of several surveys, which ask the same people; expected those of one, answers-NAME-*.csv",
                           config_text(source, "files", ""));
        if (!table_source_wave(source))
            config_problem_key(config, source, "source '%.40s' reads what a survey hands over; it needs a dimension 'wave: {column: wave}' without other keys than 'allow': "
                               "who is asked in two waves is two rows of it", source->key);
    }
}

bool table_source_share(const struct config_node *measure, double *lowest, double *highest)
{
    const struct config_node *share = config_get(measure, "share");
    if (!share || share->kind != CONFIG_LIST || share->count != 2)
        return false;
    const struct config_node *first = share->children, *second = first->next;
    if (first->kind != CONFIG_SCALAR || second->kind != CONFIG_SCALAR)
        return false;
    *lowest = strtod(first->value, NULL);
    *highest = strtod(second->value, NULL);
    return true;
}

const char *const *table_source_columns(const struct table_dimension *dimension, size_t levels, struct arena *arena)
{
    if (dimension->level_count == levels)
        return dimension->level_names;
    const char **columns = arena_alloc(arena, levels * sizeof *columns);
    struct strbuf name = { 0 };
    for (size_t level = 0; level < levels; level++) {
        strbuf_clear(&name);
        strbuf_adds(&name, dimension->name);
        if (levels > 1)
            strbuf_addf(&name, "_%zu", level + 1);
        columns[level] = arena_strdup(arena, strbuf_text(&name));
    }
    strbuf_release(&name);
    return columns;
}

struct names {
    const char **list;
    size_t count, capacity;
};

static void add_name(struct names *names, struct config *config, const struct table_spec *spec, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (!strcmp(names->list[i], name)) {
            config_problem_key(config, spec->node,
                               "the table would have two columns '%s'; rename a dimension, level or measure", name);
            return;
        }
    MEM_GROW(names->list, names->count, names->capacity);
    names->list[names->count++] = name;
}

static void add_measure_names(struct names *names, struct config *config, const struct table_spec *spec,
                              const struct table_measure *measure, struct arena *arena)
{
    struct strbuf name = { 0 };
    for (enum table_figure f = 0; f < TABLE_FIGURES + 2; f++) {
        if (f < TABLE_FIGURES && !(measure->figures & 1u << f))
            continue;
        strbuf_clear(&name);
        const char *figure = f < TABLE_FIGURES ? table_figure_name(f) : f == TABLE_FIGURES ? "n" : "status";
        strbuf_addf(&name, "%s_%s", measure->name, figure);
        add_name(names, config, spec, arena_strdup(arena, strbuf_text(&name)));
    }
    strbuf_release(&name);
}

void table_source_check_columns(struct config *config, const struct table_spec *spec)
{
    struct names names = { 0 };
    struct arena arena;
    arena_init(&arena, false);
    for (size_t d = 0; d < spec->dimension_count; d++) {
        const struct table_dimension *dimension = &spec->dimensions[d];
        if (!dimension->name)
            continue;
        size_t levels = dimension->level_count ? dimension->level_count : 1;
        const char *const *columns = table_source_columns(dimension, levels, &arena);
        for (size_t level = 0; level < levels; level++)
            add_name(&names, config, spec, columns[level]);
    }
    add_name(&names, config, spec, "cases");
    for (size_t m = 0; m < spec->measure_count; m++)
        add_measure_names(&names, config, spec, &spec->measures[m], &arena);
    free(names.list);
    arena_release(&arena);
}

static bool has_name(const struct config_node *list, const char *name)
{
    CONFIG_EACH(element, list)
        if (element->kind == CONFIG_SCALAR && strcmp(element->value, name) == 0)
            return true;
    return false;
}

enum table_role table_source_role(const struct config_node *root, const struct config_node *source, const char *dimension)
{
    enum table_role role = TABLE_ROLE_NONE;
    CONFIG_EACH(table, config_get(root, "tables")) {
        const struct config_node *survey = config_get(table, "survey");
        const char *kind = config_text(survey, "kind", NULL);
        if (!kind || strcmp(config_text(table, "source", source->key), source->key) != 0)
            continue;
        bool disposition = strcmp(kind, "disposition") == 0, holdout = strcmp(kind, "holdout") == 0;
        if (strcmp(config_text(survey, "answer", ""), dimension) == 0)
            return disposition ? TABLE_ROLE_DISPOSITION : holdout ? TABLE_ROLE_NONE : TABLE_ROLE_ANSWER;
        if (holdout && strcmp(config_text(survey, "group", ""), dimension) == 0)
            return TABLE_ROLE_COMPARED;
        if (has_name(config_get(table, "by"), dimension))
            role = disposition || holdout ? TABLE_ROLE_INVITED : TABLE_ROLE_ANSWERED;
    }
    return role;
}
