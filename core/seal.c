/* What is done with a key of core/keyring.h: pseudonyms and sealed records. */
#include <sodium.h>
#include <string.h>

#include "core/keyring.h"
#include "core/strbuf.h"

enum {
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
};

void pseudonym_derive(const unsigned char key[KEY_BYTES], const char *domain, struct slice text,
                      unsigned char out[PSEUDONYM_BYTES])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, KEY_BYTES, PSEUDONYM_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)domain, strlen(domain) + 1); /* with its NUL */
    crypto_generichash_update(&state, (const unsigned char *)text.text, text.length);
    crypto_generichash_final(&state, out, PSEUDONYM_BYTES);
    sodium_memzero(&state, sizeof state); /* its buffer holds the text */
}

void key_fingerprint(const unsigned char key[KEY_BYTES], unsigned char out[PSEUDONYM_BYTES])
{
    pseudonym_derive(key, "fingerprint", (struct slice){ "", 0 }, out);
}

static unsigned char *grow(struct strbuf *out, size_t length)
{
    static const char zeros[64];
    strbuf_clear(out);
    for (size_t left = length; left; left -= left < sizeof zeros ? left : sizeof zeros)
        strbuf_add(out, zeros, left < sizeof zeros ? left : sizeof zeros);
    strbuf_add(out, "", 0); /* `text` is there even for nothing */
    return (unsigned char *)out->text;
}

void key_encrypt(const unsigned char key[KEY_BYTES], const char *context, struct slice plain, struct strbuf *out)
{
    unsigned char *sealed = grow(out, NONCE_BYTES + plain.length + TAG_BYTES);
    randombytes_buf(sealed, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_BYTES, NULL, (const unsigned char *)plain.text,
                                               plain.length, (const unsigned char *)context, strlen(context), NULL,
                                               sealed, key);
}

int key_decrypt(const unsigned char key[KEY_BYTES], const char *context, struct slice sealed, struct strbuf *out,
                struct err *err)
{
    if (sealed.length < NONCE_BYTES + TAG_BYTES)
        return err_set(err, ERR_DATA, "sealed record is too short");
    const unsigned char *nonce = (const unsigned char *)sealed.text;
    struct strbuf plain = { 0 };
    unsigned char *opened = grow(&plain, sealed.length - NONCE_BYTES - TAG_BYTES);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(opened, NULL, NULL, nonce + NONCE_BYTES, sealed.length - NONCE_BYTES,
                                                   (const unsigned char *)context, strlen(context), nonce, key)) {
        strbuf_wipe(&plain);
        return err_set(err, ERR_DATA, "sealed record was changed or belongs to another key");
    }
    strbuf_wipe(out);
    *out = plain;
    return 0;
}
