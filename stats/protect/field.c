#include "stats/protect/field.h"

struct field_pair field_from_integer(int64_t n)
{
    struct field_pair r;
    for (int i = 0; i < 2; i++) {
        const struct field_prime *prime = &field_primes[i];
        uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
        uint64_t value = field_reduce(prime, (field_wide)(size % prime->p) * prime->square);
        r.value[i] = n < 0 && value ? prime->p - value : value;
    }
    return r;
}

static uint64_t power(const struct field_prime *prime, uint64_t base, uint64_t exponent)
{
    uint64_t result = prime->one;
    for (; exponent; exponent >>= 1) {
        if (exponent & 1)
            result = field_reduce(prime, (field_wide)result * base);
        base = field_reduce(prime, (field_wide)base * base);
    }
    return result;
}

/* Fermat: a^(p-2). */
struct field_pair field_inverse(struct field_pair a)
{
    struct field_pair r;
    for (int i = 0; i < 2; i++)
        r.value[i] = power(&field_primes[i], a.value[i], field_primes[i].p - 2);
    return r;
}
