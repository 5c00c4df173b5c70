/* Random and hand-made rows for the tests of the cube: dimensions from trees, rows in memory. */
#ifndef TESTS_STATS_SAMPLE_H
#define TESTS_STATS_SAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "stats/cube.h"
#include "stats/domain.h"

enum { SAMPLE_MAX_ROWS = 4000, SAMPLE_MAX_DIMENSIONS = 4, SAMPLE_MEASURES = 2 };

struct sample {
    struct arena arena;
    struct dimension dimensions[SAMPLE_MAX_DIMENSIONS];
    uint32_t leaves[SAMPLE_MAX_DIMENSIONS][256];
    size_t leaf_count[SAMPLE_MAX_DIMENSIONS];
    size_t dimension_count;
    int64_t person[SAMPLE_MAX_ROWS];
    uint32_t nodes[SAMPLE_MAX_ROWS * SAMPLE_MAX_DIMENSIONS];
    int64_t values[SAMPLE_MAX_ROWS * SAMPLE_MEASURES];
    size_t rows;
};

static uint64_t sample_seed = 1;

static inline uint32_t sample_random(uint32_t below)
{
    sample_seed = sample_seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((sample_seed >> 33) % below);
}

static inline void sample_init(struct sample *sample)
{
    memset(sample, 0, sizeof *sample);
    arena_init(&sample->arena, false);
}

static inline void sample_release(struct sample *sample)
{
    arena_release(&sample->arena);
}

static inline void sample_find_leaves(struct sample *sample, size_t d)
{
    const struct dimension *dimension = &sample->dimensions[d];
    sample->leaf_count[d] = 0;
    for (uint32_t n = 1; n < dimension->count; n++)
        if (dimension->nodes[n].level == dimension->levels)
            sample->leaves[d][sample->leaf_count[d]++] = n;
}

/* labels: "a/b" is leaf b below a; all of the same depth; NULL ends them. */
static inline void sample_add_dimension(struct sample *sample, const char *name, size_t levels,
                                        const char *const *labels)
{
    struct dimension *dimension = &sample->dimensions[sample->dimension_count];
    struct tree tree;
    uint32_t node_of[512];
    tree_init(&tree);
    for (; *labels; labels++) {
        char copy[64];
        snprintf(copy, sizeof copy, "%s", *labels);
        uint32_t entry = TREE_ROOT;
        char *rest = copy;
        for (char *part; (part = strsep(&rest, "/"));)
            entry = tree_add(&tree, entry, part, TREE_BY_LABEL, false);
    }
    tree_finish(&tree, &sample->arena, dimension, node_of);
    tree_release(&tree);
    dimension->name = name;
    dimension->levels = levels;
    sample_find_leaves(sample, sample->dimension_count++);
}

static inline void sample_add_random_dimension(struct sample *sample, const char *name, size_t levels, uint32_t width)
{
    struct tree tree;
    uint32_t node_of[512], entries[512] = { TREE_ROOT };
    size_t first = 0, count = 1;
    tree_init(&tree);
    for (size_t level = 1; level <= levels; level++) {
        size_t end = count;
        for (size_t e = first; e < end; e++)
            for (uint32_t child = sample_random(width) + 1; child > 0; child--) {
                char label[16];
                snprintf(label, sizeof label, "%u", child);
                entries[count++] = tree_add(&tree, entries[e], label, TREE_BY_LABEL, false);
            }
        first = end;
    }
    struct dimension *dimension = &sample->dimensions[sample->dimension_count];
    tree_finish(&tree, &sample->arena, dimension, node_of);
    tree_release(&tree);
    dimension->name = name;
    dimension->levels = levels;
    sample_find_leaves(sample, sample->dimension_count++);
}

static inline void sample_add_row(struct sample *sample, int64_t person, const uint32_t *nodes, const int64_t *values)
{
    memcpy(sample->nodes + sample->rows * sample->dimension_count, nodes, sample->dimension_count * sizeof *nodes);
    memcpy(sample->values + sample->rows * SAMPLE_MEASURES, values, SAMPLE_MEASURES * sizeof *values);
    sample->person[sample->rows++] = person;
}

static inline struct rows sample_rows(const struct sample *sample)
{
    return (struct rows){ sample->rows, sample->person, sample->nodes, sample->values };
}

#endif
