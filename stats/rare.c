#include "stats/rare.h"

#include <stdlib.h>

#include "stats/parallel.h"

struct counter {
    uint64_t persons; /* stops at k */
    int64_t last_person;
};

struct counting {
    const struct row_source *rows;
    const struct tree *const *trees;
    uint64_t k;
    struct thread_counts {
        struct counter **counters; /* per dimension, per entry */
        size_t open; /* entries that are not named and below k: a thread that has none left reads no further */
        void *reader;
    } threads[PARALLEL_MAX_THREADS];
};

bool rare_is_possible(const struct tree *tree)
{
    for (size_t e = 1; e < tree->count; e++)
        if (!tree->entries[e].named)
            return true;
    return false;
}

static void count_entry(const struct counting *counting, struct thread_counts *counts, size_t d, uint32_t entry,
                        int64_t person)
{
    const struct tree_entry *entries = counting->trees[d]->entries;
    for (; entry != TREE_ROOT; entry = entries[entry].parent) {
        struct counter *counter = &counts->counters[d][entry];
        if (counter->persons >= counting->k || counter->last_person == person)
            continue;
        counter->last_person = person;
        counts->open -= ++counter->persons == counting->k;
    }
}

static int count_part(void *context, size_t thread, size_t part, struct err *err)
{
    struct counting *counting = context;
    const struct row_source *source = counting->rows;
    struct thread_counts *counts = &counting->threads[thread];
    int result = counts->reader ? 0 : source->open(source, &counts->reader, err);
    if (!result)
        result = source->seek(counts->reader, part, err);
    struct rows rows;
    while (!result && counts->open && (result = source->next(counts->reader, &rows, err)) > 0) {
        result = 0;
        for (size_t r = 0; r < rows.count; r++)
            for (size_t d = 0; d < source->dimensions; d++)
                if (counting->trees[d])
                    count_entry(counting, counts, d, rows.nodes[r * source->dimensions + d], rows.person[r]);
    }
    return result;
}

static void init_thread(struct counting *counting, struct thread_counts *counts)
{
    size_t dimensions = counting->rows->dimensions;
    counts->counters = mem_zalloc(dimensions, sizeof *counts->counters);
    for (size_t d = 0; d < dimensions; d++) {
        if (!counting->trees[d])
            continue;
        counts->counters[d] = mem_alloc(counting->trees[d]->count * sizeof **counts->counters);
        for (size_t e = 0; e < counting->trees[d]->count; e++) {
            bool counted = e != TREE_ROOT && !counting->trees[d]->entries[e].named;
            counts->counters[d][e] = (struct counter){ counted ? 0 : counting->k, INT64_MIN };
            counts->open += counted;
        }
    }
}

static void end_thread(struct counting *counting, struct thread_counts *counts, uint64_t *const *persons)
{
    for (size_t d = 0; d < counting->rows->dimensions; d++) {
        for (size_t e = 0; counting->trees[d] && e < counting->trees[d]->count; e++)
            persons[d][e] += counts->counters[d][e].persons;
        free(counts->counters[d]);
    }
    free(counts->counters);
    if (counts->reader)
        counting->rows->close(counts->reader);
}

int rare_count(const struct row_source *rows, const struct tree *const *trees, uint64_t k, size_t threads,
               uint64_t *const *persons, struct err *err)
{
    struct counting counting = { .rows = rows, .trees = trees, .k = k };
    threads = parallel_threads(threads);
    for (size_t t = 0; t < threads; t++)
        init_thread(&counting, &counting.threads[t]);
    int failed = parallel_run(threads, rows->parts, count_part, &counting, err);
    for (size_t t = 0; t < threads; t++)
        end_thread(&counting, &counting.threads[t], persons);
    return failed;
}
