/* Parts of the dossier of surveys (surveys/dossier.h). */
#ifndef SURVEYS_DOSSIER_PART_H
#define SURVEYS_DOSSIER_PART_H

#include "core/json_build.h"
#include "surveys/dossier.h"

#define DOSSIER_QUERIES "surveys/sql/dossier.sql"

json_t *dossier_append(json_t *list);                                   /* a new object in the list */
void dossier_set_instant(json_t *object, const char *key, int64_t at);
void dossier_set_text(json_t *object, const char *key, struct stmt *stmt, int column); /* empty: left out */
void dossier_set_list(json_t *object, const char *key, json_t *list);   /* empty: left out; takes the reference over */

/* Adds what the page's database knows of the recipient's links. */
int dossier_intake(const struct dossier_stores *stores, int64_t recipient, json_t *out, struct err *err);

#endif
