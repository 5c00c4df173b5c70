/* Everything that is held on a person (GDPR Art. 15): found by any identifier under all live keys, told in plain words in English or
 * German, and as JSON. */
#ifndef CLI_DOSSIER_H
#define CLI_DOSSIER_H

#include "cli/casework.h"
#include "core/strbuf.h"

enum dossier_language { DOSSIER_ENGLISH, DOSSIER_GERMAN };

struct dossier;

/* `person` as people give it. ERR_DATA if it is no identifier. */
int dossier_open(struct dossier **dossier, struct casework *work, const char *person, struct err *err);
void dossier_free(struct dossier *dossier);

void dossier_describe(const struct dossier *dossier, enum dossier_language language, struct strbuf *out);
void dossier_json(const struct dossier *dossier, struct strbuf *out); /* ends with a line end */

#endif
