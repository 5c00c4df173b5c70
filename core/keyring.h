/* Keys: random, 32 bytes, by purpose and epoch; one file each, keys/<purpose>.<epoch> (hex, one line), mode 0600 or 0400,
 * ours, no symlink; or systemd credentials ($CREDENTIALS_DIRECTORY/fallzahl-<purpose>.<epoch>). In memory they live in
 * locked, guarded pages (sodium_malloc). A missing key is never silently replaced: creating is an act of its own.
 *
 * Purposes: analytics (pseudonyms of identifiers; rotates), objection (never rotates), cases (case numbers and digests of
 * inputs; never rotates), contact, token, quarantine (also kept inputs).
 * A keyring is not changed once it is open: threads may share it. */
#ifndef CORE_KEYRING_H
#define CORE_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/text.h"

enum key_purpose { KEY_ANALYTICS, KEY_OBJECTION, KEY_CASES, KEY_CONTACT, KEY_TOKEN, KEY_QUARANTINE, KEY_PURPOSES };
enum { KEY_BYTES = 32, PSEUDONYM_BYTES = 16, PSEUDONYM_MAX_EPOCHS = 64 };

struct keyring;

const char *key_purpose_name(enum key_purpose purpose);

/* For main(), before a key is read: no core dumps, not readable through ptrace or /proc by others of the same user. */
int keyring_harden_process(struct err *err);

/* Opens the folder and reads all keys. ERR_PERMISSION if the folder is not 0700 and ours, or a file is not as stated;
 * ERR_NOINPUT if the folder is missing; ERR_DATA for a file that is not a key, or not named as one. A
 * file of contact, token or quarantine that is not a key counts as a lost key, since much goes on without those: keyring_damaged(). */
int keyring_open(struct keyring **keyring, const char *folder, struct err *err);
void keyring_free(struct keyring *keyring); /* wipes */

/* Makes the folder and epoch 1 of every purpose that has no key yet. */
int keyring_create(const char *folder, struct err *err);

/* Makes a new epoch of a purpose that has a key. ERR_USAGE if PSEUDONYM_MAX_EPOCHS are live, ERR_PERMISSION without a key. */
int keyring_rotate(const char *folder, enum key_purpose purpose, uint32_t *epoch, struct err *err);

/* Makes a key of a purpose whose key is lost: the caller gave up what rested on that. The epoch is above `used` and all live ones. */
int keyring_renew(const char *folder, enum key_purpose purpose, uint32_t used, uint32_t *epoch, struct err *err);

/* Overwrites the key's file, removes it and syncs the folder. The caller knows that nothing rests on it. ERR_NOINPUT if the key
 * is not a file of the folder. What a killed call left, keyring_finish_destroying() completes. (A file system that copies on
 * write keeps the old bytes for a while; the disk should be encrypted.) */
int keyring_destroy(const char *folder, enum key_purpose purpose, uint32_t epoch, struct err *err);
int keyring_finish_destroying(const char *folder, struct err *err);

/* The newest epoch of the purpose, 0 if there is none. keyring_key: the key of an epoch, NULL if there is none. */
uint32_t keyring_epoch(const struct keyring *keyring, enum key_purpose purpose);
/* All live epochs of the purpose, ascending; `epochs` has room for PSEUDONYM_MAX_EPOCHS, or is NULL to count only. */
size_t keyring_epochs(const struct keyring *keyring, enum key_purpose purpose, uint32_t *epochs);
/* Epochs of the purpose whose files are there, but are no keys; none of them is live. Room as for keyring_epochs(). */
size_t keyring_damaged(const struct keyring *keyring, enum key_purpose purpose, uint32_t *epochs);
bool keyring_is_damaged(const struct keyring *keyring, enum key_purpose purpose, uint32_t epoch);
/* Whether it came from systemd, not from the folder. */
bool keyring_is_credential(const struct keyring *keyring, enum key_purpose purpose, uint32_t epoch);
const unsigned char *keyring_key(const struct keyring *keyring, enum key_purpose purpose, uint32_t epoch);

/* Pseudonym of a normalised identifier: BLAKE2b-128 (RFC 7693) keyed with `key` over domain ‖ 0x00 ‖ text. `domain` is the kind
 * ("email", "phone", "id:customer") or "case:<source>". */
void pseudonym_derive(const unsigned char key[KEY_BYTES], const char *domain, struct slice text,
                      unsigned char out[PSEUDONYM_BYTES]);

/* What tells keys apart without saying anything about them: the keyed hash of a constant. */
void key_fingerprint(const unsigned char key[KEY_BYTES], unsigned char out[PSEUDONYM_BYTES]);

/* Authenticated encryption of a short record under a key (XChaCha20-Poly1305, draft-irtf-cfrg-xchacha): random nonce ‖ box.
 * `context` is bound as associated data. decrypt: ERR_DATA if it was changed or the key or the context is another. */
struct strbuf;
void key_encrypt(const unsigned char key[KEY_BYTES], const char *context, struct slice plain, struct strbuf *out);
int key_decrypt(const unsigned char key[KEY_BYTES], const char *context, struct slice sealed, struct strbuf *out,
                struct err *err);

#endif
