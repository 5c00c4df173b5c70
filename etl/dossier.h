/* Everything that the store of cases holds on a person (GDPR Art. 15), as JSON: found under all live keys, in the register of
 * claims, among holds, and in rows of the quarantine and kept inputs.
 *
 * A person is looked up by one identifier and recognised by all that belong together with it: by what the store and the
 * register of claims know, and by what the caller adds of contacts. Sealed rows are compared as they are read; of a row that
 * names somebody else as well, or that may be somebody else's, no cell is told, only that it is there. */
#ifndef ETL_DOSSIER_H
#define ETL_DOSSIER_H

#include <jansson.h>

#include "etl/ingest.h"
#include "etl/person.h"

struct dossier_search;

/* `ingest` and `key` must live until the end. */
int dossier_search_open(struct dossier_search **search, const struct ingest *ingest, const struct person_key *key, struct err *err);
void dossier_search_free(struct dossier_search *search); /* NULL is fine */

/* Is it one of the person's? */
bool dossier_is_own(const struct dossier_search *search, const struct person_key *key);

/* An identifier that a contact of the person has. Passed over if it is shared by many or the store knows it as another's. */
int dossier_learn(struct dossier_search *search, const struct person_key *key, struct err *err);

/* Adds to the object `out`: "shared" (the identifier identifies nobody, nothing else is told then), "identifiers", "cases",
 * "claims", "holds", each only if there is something. */
int dossier_store(struct dossier_search *search, json_t *out, struct err *err);

/* After dossier_store(). Adds "quarantine": rows of the quarantine and of kept inputs that carry an identifier of the person or
 * the number of one of the cases; "withheld" instead of the values where they may concern others. A file that cannot be opened
 * is named ("damaged"), with its term ("kept_until") where that is known. */
int dossier_files(struct dossier_search *search, json_t *out, struct err *err);

#endif
