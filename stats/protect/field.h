/* Arithmetic modulo two fixed random 61-bit primes at once, in Montgomery form. A pair is one number modulo both; what
 * is zero modulo one prime but not modulo the other is a number that happens to be a multiple of that prime: whoever
 * meets one fails closed. */
#ifndef STATS_PROTECT_FIELD_H
#define STATS_PROTECT_FIELD_H

#include <stdbool.h>
#include <stdint.h>

__extension__ typedef unsigned __int128 field_wide;

struct field_prime {
    uint64_t p, negative_inverse, one, square; /* -1/p mod 2^64; 2^64 mod p; 2^128 mod p */
};
static const struct field_prime field_primes[2] = {
    { 0x1fb4a9051126ecdf, 0x4341dc8d0ba030e1, 0x25ab7d776c89908, 0x1a7505be327e4e5f },
    { 0x1abad808b37d7ab5, 0x7e01efda32aedc63, 0xf6e67b1b096afa3, 0x14b966b429e68d1e },
};

struct field_pair {
    uint64_t value[2];
};

static inline uint64_t field_reduce(const struct field_prime *prime, field_wide t)
{
    uint64_t m = (uint64_t)t * prime->negative_inverse;
    uint64_t r = (uint64_t)((t + (field_wide)m * prime->p) >> 64);
    return r >= prime->p ? r - prime->p : r;
}

static inline struct field_pair field_mul(struct field_pair a, struct field_pair b)
{
    struct field_pair r;
    for (int i = 0; i < 2; i++)
        r.value[i] = field_reduce(&field_primes[i], (field_wide)a.value[i] * b.value[i]);
    return r;
}

static inline struct field_pair field_sub(struct field_pair a, struct field_pair b)
{
    struct field_pair r;
    for (int i = 0; i < 2; i++)
        r.value[i] = a.value[i] >= b.value[i] ? a.value[i] - b.value[i] : a.value[i] + field_primes[i].p - b.value[i];
    return r;
}

static inline struct field_pair field_add(struct field_pair a, struct field_pair b)
{
    struct field_pair r;
    for (int i = 0; i < 2; i++) {
        r.value[i] = a.value[i] + b.value[i];
        if (r.value[i] >= field_primes[i].p)
            r.value[i] -= field_primes[i].p;
    }
    return r;
}

static inline struct field_pair field_one(void)
{
    return (struct field_pair) { { field_primes[0].one, field_primes[1].one } };
}

static inline bool field_is_zero(struct field_pair a)
{
    return a.value[0] == 0 && a.value[1] == 0;
}

/* Zero modulo one of the primes only. */
static inline bool field_disagrees(struct field_pair a)
{
    return (a.value[0] == 0) != (a.value[1] == 0);
}

static inline bool field_equal(struct field_pair a, struct field_pair b)
{
    return a.value[0] == b.value[0] && a.value[1] == b.value[1];
}

struct field_pair field_from_integer(int64_t n);
struct field_pair field_inverse(struct field_pair a); /* of what is zero modulo neither prime */

#endif
