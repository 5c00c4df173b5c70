#include "cli/demo_random.h"

static uint64_t split_mix(uint64_t *state)
{
    uint64_t mixed = (*state += 0x9E3779B97F4A7C15);
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 31);
}

void demo_random_seed(struct demo_random *random, uint64_t seed)
{
    for (size_t i = 0; i < 4; i++)
        random->state[i] = split_mix(&seed);
}

static uint64_t rotate_left(uint64_t value, int bits)
{
    return (value << bits) | (value >> (64 - bits));
}

uint64_t demo_random_next(struct demo_random *random)
{
    uint64_t *s = random->state, result = rotate_left(s[1] * 5, 7) * 9, shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint32_t demo_random_below(struct demo_random *random, uint32_t limit)
{
    uint64_t product = (demo_random_next(random) >> 32) * limit;
    uint32_t threshold = -limit % limit;
    while ((uint32_t)product < threshold)
        product = (demo_random_next(random) >> 32) * limit;
    return (uint32_t)(product >> 32);
}

bool demo_random_chance(struct demo_random *random, uint32_t per_mille)
{
    return demo_random_below(random, 1000) < per_mille;
}

size_t demo_random_pick(struct demo_random *random, const uint16_t *weights, size_t count)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += weights[i];
    uint32_t at = demo_random_below(random, sum);
    for (size_t i = 0; i + 1 < count; i++) {
        if (at < weights[i])
            return i;
        at -= weights[i];
    }
    return count - 1;
}

uint32_t demo_random_skewed(struct demo_random *random, uint32_t median)
{
    /* 100 × exp(0.9 z) at z = the normal's quantiles 0, 1/16 … 16/16, the ends cut off. */
    static const uint32_t quantiles[] = {
        10, 25, 36, 45, 54, 64, 75, 87, 100, 115, 133, 155, 183, 222, 282, 398, 1000
    };
    uint32_t at = demo_random_below(random, 16), within = demo_random_below(random, 256);
    uint64_t percent = ((uint64_t)quantiles[at] * (256 - within) + (uint64_t)quantiles[at + 1] * within) / 256;
    return (uint32_t)(median * percent / 100);
}
