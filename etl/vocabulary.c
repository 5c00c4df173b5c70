#include "etl/vocabulary.h"

#include <string.h>

#include "core/utf8.h"

#define SLICE(literal)                                                                                                 \
    {                                                                                                                  \
        literal, sizeof(literal) - 1                                                                                   \
    }

const struct slice label_other = SLICE("(other)");
static const struct slice reserved[] = { SLICE("(total)"), SLICE("(withheld)"), SLICE("(other)"), SLICE("(missing)") };

static bool is_reserved(struct slice text)
{
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (slice_equals(text, reserved[i].text))
            return true;
    return false;
}

/* Control characters, and those that turn the direction of what stands around them. */
static bool is_unprintable(uint32_t rune)
{
    return rune < 0x20 || (rune >= 0x7F && rune < 0xA0) || (rune >= 0x200E && rune <= 0x200F) ||
           (rune >= 0x2028 && rune <= 0x202E) || (rune >= 0x2066 && rune <= 0x2069) || rune == 0xFEFF;
}

bool vocabulary_is_label(struct slice text)
{
    if (!text.length || text.length > LABEL_MAX_BYTES || is_reserved(text))
        return false;
    const char *end = text.text + text.length;
    for (const char *at = text.text; at < end;) {
        uint32_t rune;
        size_t length = utf8_decode(at, end, &rune);
        if (!length || is_unprintable(rune))
            return false;
        at += length;
    }
    return true;
}

bool vocabulary_fold(enum source_case fold, struct slice text, struct strbuf *spare, struct strbuf *out)
{
    if (text_fold_space(text, out, NULL) || text_nfc((struct slice){ out->text, out->length }, spare, NULL))
        return false;
    struct slice normal = { spare->text, spare->length };
    if (fold == CASE_LOWER)
        return text_lower(normal, out, NULL) == 0;
    if (fold == CASE_UPPER)
        return text_upper(normal, out, NULL) == 0;
    strbuf_clear(out);
    strbuf_add(out, normal.text, normal.length);
    return true;
}

static struct case_label label(struct slice text, bool named)
{
    return (struct case_label){ text, named, -1 };
}

static struct case_label label_not_allowed(struct vocabulary_work *work)
{
    work->not_allowed = true;
    return label(label_other, true);
}

/* The label of one cell; its text is in `out` or the vocabulary's. `key` is its folded form, for a hierarchy. */
static struct case_label resolve_cell(const struct source_vocabulary *vocabulary, struct slice cell,
                                      struct vocabulary_work *work, struct strbuf *out, struct slice *key)
{
    if (!cell.text)
        return label(vocabulary->missing, true);
    /* no text that long has a short form, so it is not worth folding */
    if (cell.length > 4 * LABEL_MAX_BYTES || !vocabulary_fold(vocabulary->fold, cell, &work->spare, out))
        return label_not_allowed(work);
    *key = (struct slice){ out->text, out->length };
    const struct vocabulary_entry *entry = text_map_get(&vocabulary->entries, *key);
    if (entry) {
        *key = entry->key;
        return label(entry->label, true);
    }
    return !vocabulary->has_allow && vocabulary_is_label(*key) ? label(*key, false) : label_not_allowed(work);
}

static void resolve_leaf(const struct source_vocabulary *vocabulary, struct slice cell, struct vocabulary_work *work)
{
    size_t last = vocabulary->level_count - 1;
    struct slice key = { "", 0 };
    struct case_label leaf = resolve_cell(vocabulary, cell, work, &work->texts[last], &key);
    const struct case_label *known = cell.text ? text_map_get(&vocabulary->leaves, key) : NULL;
    if (known) {
        memcpy(work->labels, known, vocabulary->level_count * sizeof *known);
        return;
    }
    work->unknown_in_hierarchy = cell.text != NULL;
    work->labels[last] = leaf;
    for (size_t i = 0; i < last; i++)
        work->labels[i] = label(cell.text ? label_other : vocabulary->missing, true);
}

void vocabulary_resolve(const struct source_vocabulary *vocabulary, const struct slice *cells,
                        struct vocabulary_work *work)
{
    work->not_allowed = work->unknown_in_hierarchy = false;
    if (vocabulary->has_hierarchy) {
        resolve_leaf(vocabulary, cells[0], work);
        return;
    }
    struct slice key;
    for (size_t i = 0; i < vocabulary->level_count; i++)
        work->labels[i] = resolve_cell(vocabulary, cells[i], work, &work->texts[i], &key);
}

void vocabulary_work_release(struct vocabulary_work *work)
{
    for (size_t i = 0; i < SOURCE_MAX_LEVELS; i++)
        strbuf_wipe(&work->texts[i]);
    strbuf_wipe(&work->spare);
}

/* ---- compiling ---- */

struct slice vocabulary_fold_text(enum source_case fold, struct arena *arena, struct slice text)
{
    struct strbuf spare = { 0 }, out = { 0 };
    if (vocabulary_fold(fold, text, &spare, &out))
        text = (struct slice){ arena_strndup(arena, strbuf_text(&out), out.length), out.length };
    strbuf_release(&spare);
    strbuf_release(&out);
    return text;
}

static struct slice slice_of(const char *text)
{
    return (struct slice){ text, strlen(text) };
}

static void check_label(struct config *config, const struct config_node *node)
{
    if (!vocabulary_is_label(slice_of(node->value)) && !slice_equals(label_other, node->value))
        config_problem(
            config, node,
            "'%.80s' cannot be a label; expected up to %d bytes without control characters, and not a reserved word",
            node->value, LABEL_MAX_BYTES);
}

/* `from` is what a cell may hold, folded. */
static void add_entry(struct text_map *entries, struct arena *arena, struct slice from, struct vocabulary_entry made)
{
    struct vocabulary_entry *entry = arena_alloc(arena, sizeof *entry);
    *entry = made;
    text_map_add(entries, from, text_map_hash(from), entry);
}

static void compile_allow(struct source_vocabulary *vocabulary, struct arena *arena, struct config *config,
                          const struct config_node *allow)
{
    CONFIG_EACH(node, allow) {
        if (node->kind != CONFIG_SCALAR)
            continue;
        check_label(config, node);
        struct slice folded = vocabulary_fold_text(vocabulary->fold, arena, slice_of(node->value));
        if (text_map_get(&vocabulary->entries, folded))
            config_problem(config, node, "'%.80s' stands here twice; remove one", node->value);
        else
            add_entry(&vocabulary->entries, arena, folded, (struct vocabulary_entry){ slice_of(node->value), folded });
    }
}

/* After the allow-list, of which every new name must be one. The new names are labels as written. */
static void compile_rename(struct source_vocabulary *vocabulary, struct arena *arena, struct config *config,
                           const struct config_node *rename)
{
    struct text_map renamed = { 0 };
    CONFIG_EACH(node, rename) {
        if (!node->key || node->kind != CONFIG_SCALAR)
            continue;
        check_label(config, node);
        struct slice from = vocabulary_fold_text(vocabulary->fold, arena, slice_of(node->key));
        struct slice to = vocabulary_fold_text(vocabulary->fold, arena, slice_of(node->value));
        const struct vocabulary_entry *allowed = text_map_get(&vocabulary->entries, to);
        if (vocabulary->has_allow && !allowed)
            config_problem(config, node, "'%.80s' is not on the allow-list; add it there, or the value becomes (other)",
                           node->value);
        else if (text_map_get(&renamed, from) || text_map_get(&vocabulary->entries, from))
            config_problem_key(config, node, "'%.80s' has a label already; remove one", node->key);
        else
            add_entry(&renamed, arena, from,
                      (struct vocabulary_entry){ allowed ? allowed->label : slice_of(node->value), to });
    }
    for (size_t i = 0; i < renamed.capacity; i++)
        if (renamed.slots[i].key.text)
            text_map_add(&vocabulary->entries, renamed.slots[i].key, renamed.slots[i].hash, renamed.slots[i].value);
    text_map_release(&renamed);
}

void vocabulary_compile(struct source_vocabulary *vocabulary, struct arena *arena, struct config *config,
                        const struct config_node *dimension)
{
    const struct config_node *allow = config_get(dimension, "allow");
    vocabulary->has_allow = allow != NULL;
    compile_allow(vocabulary, arena, config, allow);
    compile_rename(vocabulary, arena, config, config_get(dimension, "rename"));
}

void vocabulary_release(struct source_vocabulary *vocabulary)
{
    if (!vocabulary)
        return;
    text_map_release(&vocabulary->entries);
    text_map_release(&vocabulary->leaves);
}
