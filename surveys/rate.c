#include "surveys/rate.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

enum { SLOTS = 1 << 16 };

struct bucket {
    double left;
    int64_t at_ns;
};

struct rate {
    unsigned char key[crypto_shorthash_KEYBYTES];
    double per_ns, burst;
    struct bucket buckets[SLOTS];
};

void rate_init(struct rate **rate, long per_minute)
{
    struct rate *made = mem_zalloc(1, sizeof *made);
    randombytes_buf(made->key, sizeof made->key);
    made->per_ns = (double)per_minute / 60e9;
    made->burst = per_minute > 4 ? (double)per_minute / 4 : 1;
    *rate = made;
}

void rate_free(struct rate *rate)
{
    free(rate);
}

static size_t slot_of(const struct rate *rate, const char *client)
{
    unsigned char address[16], hash[crypto_shorthash_BYTES];
    size_t slot;
    if (inet_pton(AF_INET6, client, address) == 1)
        crypto_shorthash(hash, address, 8, rate->key);
    else
        crypto_shorthash(hash, (const unsigned char *)client, strlen(client), rate->key);
    memcpy(&slot, hash, sizeof slot);
    return slot % SLOTS;
}

bool rate_take(struct rate *rate, const char *client, int64_t now_ns)
{
    struct bucket *bucket = &rate->buckets[slot_of(rate, client)];
    if (!bucket->at_ns)
        bucket->left = rate->burst;
    else if (now_ns > bucket->at_ns)
        bucket->left += (double)(now_ns - bucket->at_ns) * rate->per_ns;
    if (bucket->left > rate->burst)
        bucket->left = rate->burst;
    bucket->at_ns = now_ns ? now_ns : 1;
    if (bucket->left < 1)
        return false;
    bucket->left -= 1;
    return true;
}

void rate_client(const char *forwarded, char client[RATE_CLIENT_BYTES])
{
    const char *list = forwarded ? forwarded : "", *comma = strrchr(list, ','), *entry = comma ? comma + 1 : list;
    entry += strspn(entry, " \t[");
    snprintf(client, RATE_CLIENT_BYTES, "%.*s", (int)strcspn(entry, " \t]"), entry);
    char *colon = strchr(client, ':');
    if (colon && !strchr(colon + 1, ':')) /* one alone: no IPv6 address */
        *colon = '\0';
}
