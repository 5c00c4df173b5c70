/* What a dossier says in words: its keys, and those of its values that are the program's own. */
#ifndef CLI_DOSSIER_WORDS_H
#define CLI_DOSSIER_WORDS_H

#include "cli/dossier.h"

/* The key in the language, or itself if it is a name of the configuration. */
const char *dossier_word(const char *key, enum dossier_language language);

struct dossier_speech {
    enum dossier_language language;
    const struct zone *zone; /* in which instants are told */
};

/* Appends the value of the key: kinds, channels and states in the language, instants in the zone, everything else as it is. */
void dossier_value(const char *key, const char *value, const struct dossier_speech *speech, struct strbuf *out);

#endif
