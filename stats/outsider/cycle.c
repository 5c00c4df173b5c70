#include "stats/outsider/cycle.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* Bits that stand in one set only. */
static uint32_t lonely(const uint32_t *sets, size_t count)
{
    uint32_t once = 0, more = 0;
    for (size_t i = 0; i < count; i++) {
        more |= once & sets[i];
        once |= sets[i];
    }
    return once & ~more;
}

/* Whether another set holds all of this one; of equal ones, the first stays. */
static bool is_covered(const uint32_t *sets, size_t count, size_t set)
{
    for (size_t i = 0; i < count; i++)
        if (i != set && (sets[set] & ~sets[i]) == 0 && (sets[set] != sets[i] || i < set))
            return true;
    return false;
}

static bool reduce(uint32_t *sets, size_t count)
{
    bool changed = false;
    uint32_t alone = lonely(sets, count);
    for (size_t i = 0; i < count; i++) {
        uint32_t left = sets[i] & ~alone;
        if (left && is_covered(sets, count, i))
            left = 0;
        changed = changed || left != sets[i];
        sets[i] = left;
    }
    return changed;
}

uint32_t cycle_core(const uint32_t *sets, size_t count)
{
    uint32_t *left = mem_zalloc(count + 1, sizeof *left), core = 0;
    memcpy(left, sets, count * sizeof *left);
    while (reduce(left, count))
        ;
    for (size_t i = 0; i < count; i++)
        if (left[i])
            core |= sets[i];
    free(left);
    return core;
}
