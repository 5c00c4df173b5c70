#include "core/config.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/config_tree.h"
#include "core/config_scalar.h"
#include "core/strbuf.h"

enum { MAX_PROBLEM_BYTES = 600 };

struct config *config_new(const char *name)
{
    struct config *config = mem_zalloc(1, sizeof *config);
    arena_init(&config->arena, false);
    config->name = arena_strdup(&config->arena, name);
    return config;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    arena_release(&config->arena);
    free(config->problems);
    free(config);
}

const struct config_node *config_root(const struct config *config)
{
    return config->root;
}

const char *config_name(const struct config *config)
{
    return config->name;
}

/* The configuration is quoted in messages: no control character of it may reach a terminal, and no endless text. */
static char *presentable(struct arena *arena, const char *text)
{
    size_t length = strlen(text);
    if (length > MAX_PROBLEM_BYTES) {
        length = MAX_PROBLEM_BYTES;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
    }
    char *copy = arena_strndup(arena, text, length);
    for (char *at = copy; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7F)
            *at = '?';
    return copy;
}

static void insert(struct config *config, struct config_found_problem problem)
{
    MEM_GROW(config->problems, config->count, config->capacity);
    size_t at = config->count++;
    for (; at > 0; at--) {
        const struct config_found_problem *before = &config->problems[at - 1];
        if (before->line < problem.line || (before->line == problem.line && before->column <= problem.column))
            break;
        config->problems[at] = *before;
    }
    config->problems[at] = problem;
}

__attribute__((format(printf, 4, 0))) static void add(struct config *config, int line, int column, const char *format,
                                                      va_list args)
{
    struct strbuf text = { 0 };
    strbuf_addf(&text, "%s:%d:%d: ", config->name, line, column);
    strbuf_addv(&text, format, args);
    insert(config, (struct config_found_problem){ line, column, presentable(&config->arena, strbuf_text(&text)) });
    strbuf_release(&text);
}

void config_problem(struct config *config, const struct config_node *node, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(config, node ? node->line : 1, node ? node->column : 1, format, args);
    va_end(args);
}

void config_problem_key(struct config *config, const struct config_node *node, const char *format, ...)
{
    bool keyed = node && node->key;
    va_list args;
    va_start(args, format);
    add(config,
        keyed  ? node->key_line
        : node ? node->line
               : 1,
        keyed  ? node->key_column
        : node ? node->column
               : 1,
        format, args);
    va_end(args);
}

int config_result(const struct config *config, struct err *err)
{
    if (config->count == 0)
        return 0;
    return err_set(err, ERR_CONFIG, "%s: %zu problem%s", config->name, config->count, config->count == 1 ? "" : "s");
}

size_t config_problem_count(const struct config *config)
{
    return config->count;
}

const char *config_problem_text(const struct config *config, size_t i)
{
    return config->problems[i].text;
}

void config_problem_place(const struct config *config, size_t i, int *line, int *column)
{
    *line = config->problems[i].line;
    *column = config->problems[i].column;
}

static const struct config_node *find_child(const struct config_node *node, const char *key, size_t length)
{
    if (!node || node->kind != CONFIG_MAP)
        return NULL;
    CONFIG_EACH(child, node)
        if (strncmp(child->key, key, length) == 0 && child->key[length] == '\0')
            return child;
    return NULL;
}

const struct config_node *config_get(const struct config_node *node, const char *path)
{
    while (node && *path) {
        size_t length = strcspn(path, ".");
        node = find_child(node, path, length);
        path += length + (path[length] == '.');
    }
    return node;
}

static const struct config_node *get_scalar(const struct config_node *node, const char *path)
{
    const struct config_node *found = config_get(node, path);
    return found && found->kind == CONFIG_SCALAR ? found : NULL;
}

const char *config_text(const struct config_node *node, const char *path, const char *fallback)
{
    const struct config_node *found = get_scalar(node, path);
    return found ? found->value : fallback;
}

int64_t config_integer(const struct config_node *node, const char *path, int64_t fallback)
{
    const struct config_node *found = get_scalar(node, path);
    int64_t value = fallback;
    return found && config_scalar_integer(found, &value) ? value : fallback;
}

double config_number(const struct config_node *node, const char *path, double fallback)
{
    const struct config_node *found = get_scalar(node, path);
    double value = fallback;
    return found && config_scalar_number(found, &value) ? value : fallback;
}

bool config_boolean(const struct config_node *node, const char *path, bool fallback)
{
    const struct config_node *found = get_scalar(node, path);
    bool value = fallback;
    return found && config_scalar_boolean(found, &value) ? value : fallback;
}

static void hash_number(crypto_generichash_state *state, uint64_t number)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(number >> (8 * i));
    crypto_generichash_update(state, bytes, sizeof bytes);
}

static void hash_text(crypto_generichash_state *state, const char *text)
{
    hash_number(state, strlen(text));
    crypto_generichash_update(state, (const unsigned char *)text, strlen(text));
}

/* Every part is preceded by its kind and length, so that no two trees give the same bytes. */
static void hash_node(crypto_generichash_state *state, const struct config_node *node)
{
    hash_number(state, (uint64_t)node->kind);
    if (node->kind == CONFIG_SCALAR)
        hash_text(state, node->value);
    hash_number(state, node->count);
    CONFIG_EACH(child, node) {
        if (child->key)
            hash_text(state, child->key);
        hash_node(state, child);
    }
}

void config_node_digest(const struct config_node *node, unsigned char digest[32])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, 32);
    hash_node(&state, node);
    crypto_generichash_final(&state, digest, 32);
}

void config_digest(const struct config *config, unsigned char digest[32])
{
    config_node_digest(config->root, digest);
}
