/* Tokens of invitations: what the link of an invitation holds. Keyed BLAKE2b-128 (RFC 7693) of invitation and key epoch, written
 * in Crockford's base32 (no i, l, o, u; read aloud without doubt). Only a hash of the token is stored, so that a
 * stolen database opens no answer; the key lives in the keyring, so that a message can be written again. */
#ifndef SURVEYS_TOKEN_H
#define SURVEYS_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/keyring.h"
#include "core/text.h"

enum { TOKEN_LENGTH = 26, TOKEN_HASH_BYTES = 32 }; /* 26 characters of 5 bits hold 128 bits */

void token_derive(const unsigned char key[KEY_BYTES], uint32_t epoch, int64_t invitation, char token[TOKEN_LENGTH + 1]);

/* 128 random bits, written in the same way. */
void token_random(char token[TOKEN_LENGTH + 1]);

/* Reads what somebody typed or clicked: case, blanks and hyphens do not matter, o is 0, i and l are 1. False if it
 * cannot be a token. */
bool token_read(struct slice text, char token[TOKEN_LENGTH + 1]);

/* What the database holds of a token as derived or read. */
void token_hash(const char token[TOKEN_LENGTH + 1], unsigned char hash[TOKEN_HASH_BYTES]);

/* In groups of four with hyphens, for paper and telephone; TOKEN_LENGTH + 6 characters and NUL. */
void token_format(const char token[TOKEN_LENGTH + 1], char out[TOKEN_LENGTH + 7]);

#endif
