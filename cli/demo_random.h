/* The demo's random numbers: the same on every machine, integers only.
 *
 * xoshiro256** (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47 (2021) 36), seeded
 * through SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), as its authors recommend. Not for secrets. */
#ifndef CLI_DEMO_RANDOM_H
#define CLI_DEMO_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct demo_random {
    uint64_t state[4];
};

void demo_random_seed(struct demo_random *random, uint64_t seed);
uint64_t demo_random_next(struct demo_random *random);
uint32_t demo_random_below(struct demo_random *random, uint32_t limit); /* 0..limit-1, even (Lemire 2019) */
bool demo_random_chance(struct demo_random *random, uint32_t per_mille);

/* An index, with a probability proportional to its weight; not all weights are 0. */
size_t demo_random_pick(struct demo_random *random, const uint16_t *weights, size_t count);

/* About log-normal with median `median` (sigma 0.9), between a tenth and the tenfold. */
uint32_t demo_random_skewed(struct demo_random *random, uint32_t median);

#endif
