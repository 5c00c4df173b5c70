/* Configuration: YAML (libyaml's event API) as a tree of nodes with marks, checked against a schema.
 *
 * Every problem is collected as "file:line:column: problem; what would be right" and reported in one go; a syntax
 * error stands alone. Limits: 1 MiB, depth 32, 20,000 values, no anchors, aliases, tags or directives, one document.
 * Scalars are text until they are asked for: `012` and "12" are no numbers, `yes` is no boolean.
 *
 * A schema is a table of rules, one per key, given by the module that owns the keys; cli/ puts the tables together.
 * The same table prints docs/configuration.md. */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/err.h"

enum { CONFIG_MAX_BYTES = 1024 * 1024, CONFIG_MAX_DEPTH = 32, CONFIG_MAX_NODES = 20000 };

enum config_kind { CONFIG_SCALAR, CONFIG_LIST, CONFIG_MAP };

struct config_node {
    enum config_kind kind;
    const char *key;   /* for a child of a map, else NULL */
    const char *value; /* for a scalar */
    bool quoted;       /* the scalar was quoted, so it is text whatever it looks like */
    int line, column;  /* of the value, from 1 */
    int key_line, key_column;
    struct config_node *parent, *next, *children; /* children of lists and maps in order */
    size_t count;                                 /* of children */
};

struct config;

/* What a rule allows. `path` names the place with `*` for any NAME as key, `**` for any text as key and `[]` for list
 * elements: "sources.*.identifiers.*.column", "tables.*.by[]", "sources.*.dimensions.*.rename.**". */
enum config_type {
    CONFIG_TYPE_MAP,      /* children are given by further rules */
    CONFIG_TYPE_LIST,     /* of minimum..maximum elements, which have rules of their own (path[]) */
    CONFIG_TYPE_TEXT,     /* any scalar, not empty */
    CONFIG_TYPE_ANY_TEXT, /* any scalar, may be empty */
    CONFIG_TYPE_NAME,     /* [a-z][a-z0-9_]*, at most 40 characters: becomes column and file names */
    CONFIG_TYPE_INTEGER,  /* within minimum..maximum */
    CONFIG_TYPE_NUMBER,
    CONFIG_TYPE_BOOLEAN, /* true | false */
    CONFIG_TYPE_CHOICE,  /* one of `choices` */
    CONFIG_TYPE_DATE,    /* 2026-01-31 */
};

struct config_rule {
    const char *path;
    enum config_type type;
    bool required;
    const char *fallback;    /* the default as text, or NULL */
    const char *choices;     /* "a|b|c" for CONFIG_TYPE_CHOICE, else NULL */
    double minimum, maximum; /* of a number, or of a list's count of elements; both 0: no limits */
    const char *doc;         /* one or two sentences for docs/configuration.md */
};
/* A table ends with a rule whose path is NULL. A path ending in ".*" states that any NAME may stand there and what
 * type its value has; `required` there: at least one. Several rules for one path mean: any of these types. Missing
 * keys are looked for only where the map that should hold them is there. */

/* Reads the file. On failure (no file: ERR_NOINPUT; syntax, limits: ERR_CONFIG) `*config` is untouched. */
int config_read(struct config **config, const char *path, struct err *err);
int config_parse(struct config **config, const char *name, const char *text, size_t length, struct err *err);
void config_free(struct config *config);

const struct config_node *config_root(const struct config *config);
const char *config_name(const struct config *config); /* for messages: the file's name as given */

/* Checks the tree against the tables (ends with NULL); adds problems: unknown key (with the nearest known one),
 * duplicate key, wrong type, out of range, missing required key. */
void config_check(struct config *config, const struct config_rule *const *tables);

/* Adds a problem found by a module's own check, at the node's value (or its key). */
void config_problem(struct config *config, const struct config_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void config_problem_key(struct config *config, const struct config_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* For "did you mean" see core/nearest.h. */

/* 0 if there is no problem; else ERR_CONFIG with the number of problems in the message. */
int config_result(const struct config *config, struct err *err);
size_t config_problem_count(const struct config *config);
const char *config_problem_text(const struct config *config, size_t i); /* in file order */
void config_problem_place(const struct config *config, size_t i, int *line, int *column);

/* Look-ups. All take NULL for node and then give NULL or the fallback; paths are dotted keys below the node. */
const struct config_node *config_get(const struct config_node *node, const char *path);
const char *config_text(const struct config_node *node, const char *path, const char *fallback);
int64_t config_integer(const struct config_node *node, const char *path, int64_t fallback);
double config_number(const struct config_node *node, const char *path, double fallback);
bool config_boolean(const struct config_node *node, const char *path, bool fallback);
#define CONFIG_EACH(child, node)                                                                                       \
    for (const struct config_node *child = (node) ? (node)->children : NULL; child; child = child->next)

/* BLAKE2b-256 over the canonical tree (order of keys kept, comments and layout not). */
void config_digest(const struct config *config, unsigned char digest[32]);
void config_node_digest(const struct config_node *node, unsigned char digest[32]); /* the same of a part of it */

/* The body of docs/configuration.md (Markdown) from the tables: a table of keys for the top, then one for each map, in the
 * order of the rules. The caller prints the title and the introduction. */
void config_document(const struct config_rule *const *tables, FILE *out);

#endif
