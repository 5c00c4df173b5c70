#include "surveys/token.h"

#include <sodium.h>
#include <string.h>

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

static void put_integer(unsigned char *out, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        out[i] = (unsigned char)(value >> (56 - 8 * i));
}

/* 128 bits as 26 characters; the last two bits are zero. */
static void encode(const unsigned char bytes[16], char token[TOKEN_LENGTH + 1])
{
    for (size_t i = 0; i < TOKEN_LENGTH; i++) {
        size_t bit = i * 5, byte = bit / 8;
        unsigned pair = (unsigned)bytes[byte] << 8 | (byte + 1 < 16 ? bytes[byte + 1] : 0u);
        token[i] = alphabet[pair >> (11 - bit % 8) & 31];
    }
    token[TOKEN_LENGTH] = '\0';
}

void token_derive(const unsigned char key[KEY_BYTES], uint32_t epoch, int64_t invitation, char token[TOKEN_LENGTH + 1])
{
    unsigned char message[16], digest[16];
    put_integer(message, epoch);
    put_integer(message + 8, (uint64_t)invitation);
    crypto_generichash(digest, sizeof digest, message, sizeof message, key, KEY_BYTES);
    encode(digest, token);
    sodium_memzero(digest, sizeof digest);
}

void token_random(char token[TOKEN_LENGTH + 1])
{
    unsigned char bytes[16];
    randombytes_buf(bytes, sizeof bytes);
    encode(bytes, token);
    sodium_memzero(bytes, sizeof bytes);
}

/* The character that was meant, 0 for one to skip, -1 for none of the alphabet. */
static int meant(char c)
{
    if (c == ' ' || c == '-')
        return 0;
    if (c >= 'A' && c <= 'Z')
        c = (char)(c - 'A' + 'a');
    if (c == 'o')
        return '0';
    if (c == 'i' || c == 'l')
        return '1';
    return c && strchr(alphabet, c) ? c : -1;
}

bool token_read(struct slice text, char token[TOKEN_LENGTH + 1])
{
    char read[TOKEN_LENGTH + 1];
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        int c = meant(text.text[i]);
        if (c < 0 || (c && length == TOKEN_LENGTH))
            return false;
        if (c)
            read[length++] = (char)c;
    }
    if (length != TOKEN_LENGTH)
        return false;
    read[TOKEN_LENGTH] = '\0';
    memcpy(token, read, sizeof read);
    return true;
}

void token_hash(const char token[TOKEN_LENGTH + 1], unsigned char hash[TOKEN_HASH_BYTES])
{
    crypto_generichash(hash, TOKEN_HASH_BYTES, (const unsigned char *)token, TOKEN_LENGTH, NULL, 0);
}

void token_format(const char token[TOKEN_LENGTH + 1], char out[TOKEN_LENGTH + 7])
{
    size_t at = 0;
    for (size_t i = 0; i < TOKEN_LENGTH; i++) {
        if (i && i % 4 == 0)
            out[at++] = '-';
        out[at++] = token[i];
    }
    out[at] = '\0';
}
