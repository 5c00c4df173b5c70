/* The hash of an identifier under the objection key, which never rotates, and its mask. A store keeps the hash masked with
 * the analytics key of the identifier's epoch, so that nothing in it outlives a rotation; who has the keys can bar all
 * identifiers of a person who objects by one of them. */
#ifndef ETL_MASK_H
#define ETL_MASK_H

#include "core/keyring.h"

/* kind: "email", "phone", "id:<name>". */
void objection_hash(const unsigned char objection_key[KEY_BYTES], const char *kind, struct slice text,
                    unsigned char out[PSEUDONYM_BYTES]);

/* Masks a hash or takes the mask off again. `out` may be `hash`. */
void objection_mask(const unsigned char analytics_key[KEY_BYTES], const unsigned char pseudonym[PSEUDONYM_BYTES],
                    const unsigned char hash[PSEUDONYM_BYTES], unsigned char out[PSEUDONYM_BYTES]);

#endif
