/* Everything that the store of cases holds on a person (GDPR Art. 15), as JSON: found under all live keys, in the register of
 * claims, among holds, and in rows of the quarantine and kept inputs. */
#ifndef ETL_DOSSIER_H
#define ETL_DOSSIER_H

#include <jansson.h>

#include "etl/ingest.h"
#include "etl/person.h"

struct dossier_hashes {          /* of all identifiers of the person, under the objection key */
    unsigned char (*list)[PSEUDONYM_BYTES];
    size_t count, capacity;
};

/* Adds to the object `out`: "shared" (the identifier identifies nobody, nothing else is told then), "identifiers", "cases",
 * "claims", "holds", each only if there is something. `hashes` is zeroed by the caller and freed with dossier_hashes_release(). */
int dossier_store(const struct ingest *ingest, const struct person_key *key, json_t *out, struct dossier_hashes *hashes, struct err *err);
void dossier_hashes_release(struct dossier_hashes *hashes);

/* Adds "quarantine": rows of the quarantine and of kept inputs that have the identifier in one of their cells. A file that
 * cannot be opened is named ("damaged"), with its term ("kept_until") where that is known. */
int dossier_files(const struct ingest *ingest, const struct person_key *key, json_t *out, struct err *err);

#endif
