/* What the parts of the survey compiler share: definition.c (people and limits), questions.c, definition_check.c. */
#ifndef SURVEYS_DEFINITION_BUILD_H
#define SURVEYS_DEFINITION_BUILD_H

#include <sodium.h>

#include "core/config.h"
#include "core/mem.h"
#include "surveys/definition.h"

struct survey_file {
    struct survey survey; /* first: survey_free() relies on it */
    struct arena arena;
    struct config *library; /* ready questions */
};

struct build {
    struct arena *arena;
    struct config *config;
    struct survey *survey;
    const struct config_node *library;
};

/* The index of `text` among the names (which end with NULL), or the fallback. */
int build_choice(const char *text, const char *const *names, int fallback);
const char **build_list(struct build *build, const struct config_node *node, size_t *count);
struct survey_texts build_texts(struct build *build, const struct config_node *node);
/* A problem for each language of the survey in which the texts say nothing; none if `node` is NULL. */
void build_require_languages(struct build *build, const struct config_node *node, const struct survey_texts *texts);

/* The ready question that a question uses, or NULL. */
const struct config_node *build_ready_question(const struct config_node *library, const struct config_node *question);
void build_questions(struct build *build, const struct config_node *questions);
/* What must hold between keys: addresses for e-mail, a vendor for a hand-off, the words that the law asks for. */
void build_check(struct build *build, const struct config_node *root);
/* Takes a node in, with all below it but what goes by the key `skipped` (NULL: none). */
/* Slips that would go unnoticed until the survey is out. */
void build_check_care(struct build *build, const struct config_node *root);
void build_digest_node(crypto_generichash_state *state, const char *key, const struct config_node *node, const char *skipped);

#endif
