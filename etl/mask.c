#include "etl/mask.h"

void objection_hash(const unsigned char objection_key[KEY_BYTES], const char *kind, struct slice text,
                    unsigned char out[PSEUDONYM_BYTES])
{
    pseudonym_derive(objection_key, kind, text, out);
}

void objection_mask(const unsigned char analytics_key[KEY_BYTES], const unsigned char pseudonym[PSEUDONYM_BYTES],
                    const unsigned char hash[PSEUDONYM_BYTES], unsigned char out[PSEUDONYM_BYTES])
{
    unsigned char mask[PSEUDONYM_BYTES];
    pseudonym_derive(analytics_key, "mask", (struct slice){ (const char *)pseudonym, PSEUDONYM_BYTES }, mask);
    for (int i = 0; i < PSEUDONYM_BYTES; i++)
        out[i] = hash[i] ^ mask[i];
}
