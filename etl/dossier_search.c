/* Who is looked up, and by what that person is recognised (etl/dossier.h). */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/dossier_part.h"
#include "etl/mask.h"

bool dossier_has_hash(const struct person_hashes *hashes, const unsigned char hash[PSEUDONYM_BYTES])
{
    for (size_t i = 0; i < hashes->count; i++)
        if (memcmp(hashes->list[i], hash, PSEUDONYM_BYTES) == 0)
            return true;
    return false;
}

/* By what the store and the register of claims know: the store may have forgotten the person. */
static int recognise(struct dossier_search *search, struct err *err)
{
    person_hashes_add(&search->identifiers, search->found.hash);
    int code = search->found.person ? person_identifiers_read(search->store, search->found.person, &search->known, err) : 0;
    for (size_t i = 0; i < search->known.count; i++)
        person_hashes_add(&search->identifiers, search->known.list[i].hash);
    return code ? code : rights_known_by(search->rights, search->key, &search->identifiers, err);
}

int dossier_search_open(struct dossier_search **search, const struct ingest *ingest, const struct person_key *key, struct err *err)
{
    const struct rights_options options = { ingest->store, ingest->tables, ingest->sources, ingest->term };
    struct dossier_search *opened = mem_zalloc(1, sizeof *opened);
    opened->ingest = ingest;
    opened->store = ingest->store;
    opened->key = key;
    int code = rights_open(&opened->rights, &options, err);
    if (!code)
        code = holds_open(&opened->holds, ingest->store, err);
    if (!code)
        code = rights_is_shared(opened->rights, key, &opened->found, &opened->shared, err);
    if (!code && !opened->shared)
        code = recognise(opened, err);
    if (code)
        dossier_search_free(opened);
    else
        *search = opened;
    return code;
}

void dossier_search_free(struct dossier_search *search)
{
    if (!search)
        return;
    rights_free(search->rights);
    holds_free(search->holds);
    person_identifiers_release(&search->known);
    person_hashes_release(&search->identifiers);
    person_hashes_release(&search->cases);
    free(search);
}

bool dossier_is_own(const struct dossier_search *search, const struct person_key *key)
{
    unsigned char hash[PSEUDONYM_BYTES];
    objection_hash(search->store->objection, key->kind, key->text, hash);
    return dossier_has_hash(&search->identifiers, hash);
}

int dossier_find(const struct dossier_search *search, const struct person_key *key, enum dossier_whose *whose, struct err *err)
{
    struct person_found found;
    int64_t at[CLAIMS];
    bool shared = false;
    if (dossier_is_own(search, key)) {
        *whose = DOSSIER_OWN;
        return 0;
    }
    int code = rights_is_shared(search->rights, key, &found, &shared, err);
    if (!code)
        *whose = shared ? DOSSIER_SHARED
                        : found.person || rights_claimed(search->rights, key, at) ? DOSSIER_OTHERS : DOSSIER_UNKNOWN;
    return code;
}

int dossier_learn(struct dossier_search *search, const struct person_key *key, struct err *err)
{
    enum dossier_whose whose;
    unsigned char hash[PSEUDONYM_BYTES];
    int code = dossier_find(search, key, &whose, err);
    if (code || whose != DOSSIER_UNKNOWN)
        return code;
    objection_hash(search->store->objection, key->kind, key->text, hash);
    person_hashes_add(&search->identifiers, hash);
    return 0;
}
