#include <stdlib.h>
#include <string.h>

#include "core/csvread.h"
#include "etl/vocabulary.h"

enum { MAX_ENTRIES = 1000000, MAX_PROBLEMS = 20 };

/* One line of the file. */
struct entry {
    struct slice child, parent; /* labels as written */
    struct slice child_key, parent_key;
    uint64_t line;
    bool is_parent; /* of another entry */
};

struct reading {
    struct source_vocabulary *vocabulary;
    struct arena *arena;
    struct config *config;
    const struct config_node *node;
    struct entry *entries;
    size_t count, capacity;
    struct text_map children; /* child_key → struct entry */
    size_t problems;
};

static void problem(struct reading *reading, uint64_t line, const char *text)
{
    if (reading->problems++ >= MAX_PROBLEMS)
        return;
    config_problem(reading->config, reading->node, "'%.80s', line %llu: %s", reading->node->value,
                   (unsigned long long)line, text);
}

static struct slice keep(struct reading *reading, struct slice cell)
{
    struct slice trimmed = text_trim(cell);
    return (struct slice){ arena_strndup(reading->arena, trimmed.text, trimmed.length), trimmed.length };
}

static void add_entry(struct reading *reading, const struct csv_record *record, size_t child, size_t parent)
{
    if (record->count <= child || record->count <= parent) {
        problem(reading, record->line, "a cell is missing; expected child,parent");
        return;
    }
    struct entry entry = { keep(reading, record->fields[child]), keep(reading, record->fields[parent]),
                           .line = record->line };
    enum source_case fold = reading->vocabulary->fold;
    entry.child_key = vocabulary_fold_text(fold, reading->arena, entry.child);
    entry.parent_key = vocabulary_fold_text(fold, reading->arena, entry.parent);
    if (!vocabulary_is_label(entry.child) || !vocabulary_is_label(entry.parent)) {
        problem(reading, record->line, "not a label; expected text that is not too long, and not a reserved word");
        return;
    }
    MEM_GROW(reading->entries, reading->count, reading->capacity);
    reading->entries[reading->count++] = entry;
}

static int read_entries(struct reading *reading, struct csvread *csv, struct err *err)
{
    int child = csvread_column(csv, "child"), parent = csvread_column(csv, "parent");
    if (child < 0 || parent < 0)
        return err_set(err, ERR_DATA, "the header lacks 'child' or 'parent'");
    struct csv_record record;
    int more;
    while ((more = csvread_next(csv, &record, err)) > 0) {
        if (reading->count == MAX_ENTRIES)
            return err_set(err, ERR_DATA, "more than %d entries", MAX_ENTRIES);
        add_entry(reading, &record, (size_t)child, (size_t)parent);
    }
    return more;
}

static bool same(struct slice a, struct slice b)
{
    return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

static void index_entries(struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++) {
        struct entry *entry = &reading->entries[i];
        uint64_t hash = text_map_hash(entry->child_key);
        if (text_map_find(&reading->children, entry->child_key, hash))
            problem(reading, entry->line, "this child stands in the file twice; expected one parent for each");
        else
            text_map_add(&reading->children, entry->child_key, hash, entry);
    }
    for (size_t i = 0; i < reading->count; i++) {
        const struct entry *entry = &reading->entries[i];
        const struct entry *parent = text_map_get(&reading->children, entry->parent_key);
        if (parent && parent != entry)
            reading->entries[parent - reading->entries].is_parent = true;
    }
}

/* Adds the labels of a leaf, innermost first while climbing. */
static void add_leaf(struct reading *reading, const struct entry *leaf)
{
    size_t levels = reading->vocabulary->level_count;
    struct case_label *labels = arena_alloc(reading->arena, levels * sizeof *labels);
    const struct entry *at = leaf;
    labels[levels - 1] = (struct case_label){ leaf->child, true, -1 };
    for (size_t level = levels - 1; level-- > 0;) {
        if (!at) {
            problem(reading, leaf->line, "too few ancestors for the levels of the dimension");
            return;
        }
        labels[level] = (struct case_label){ at->parent, true, -1 };
        at = text_map_get(&reading->children, at->parent_key);
    }
    if (at && !same(at->child_key, at->parent_key)) {
        problem(reading, leaf->line, "more ancestors than the dimension has levels");
        return;
    }
    text_map_add(&reading->vocabulary->leaves, leaf->child_key, text_map_hash(leaf->child_key), labels);
}

static void build(struct reading *reading)
{
    index_entries(reading);
    if (reading->problems)
        return; /* an entry that stands twice would be reported at each of its leaves */
    for (size_t i = 0; i < reading->count; i++)
        if (!reading->entries[i].is_parent)
            add_leaf(reading, &reading->entries[i]);
    if (reading->vocabulary->leaves.count == 0 && !reading->problems)
        config_problem(reading->config, reading->node,
                       "'%.80s' has no entries that are no one's parent; is it empty or a circle?",
                       reading->node->value);
}

void hierarchy_compile(struct source_vocabulary *vocabulary, struct arena *arena, struct config *config,
                       const struct config_node *file, const char *folder)
{
    struct reading reading = { .vocabulary = vocabulary, .arena = arena, .config = config, .node = file };
    struct strbuf path = { 0 };
    struct csvread *csv = NULL;
    struct err err = { 0 };
    strbuf_addf(&path, "%s/%s", folder, file->value);
    int code = csvread_open(&csv, strbuf_text(&path), &(struct csvread_options){ 0 }, &err);
    if (!code)
        code = read_entries(&reading, csv, &err);
    if (code) {
        config_problem(config, file, "hierarchy '%.80s' cannot be read: %s", file->value, err.message);
    } else {
        csvread_digest(csv, vocabulary->hierarchy_digest);
        build(&reading);
    }
    csvread_free(csv);
    text_map_release(&reading.children);
    free(reading.entries);
    strbuf_release(&path);
}
