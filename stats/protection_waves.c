/* Which waves of a survey a period has rows of. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "stats/protection_work.h"

static size_t find_wave(const struct work *work)
{
    const struct cube_plan *plan = work->cube->plan;
    for (size_t t = 0; t < plan->table_count; t++)
        for (size_t d = 0; d < plan->dimension_count && work->specs[t]->wave; d++)
            if (strcmp(plan->dimensions[d].name, work->specs[t]->wave->name) == 0)
                return d;
    return NO_WAVE;
}

static void mark_rows(struct work *work, size_t dimension)
{
    const struct period_rows *rows = &work->period;
    const size_t waves = work->cube->plan->dimensions[work->wave].count;
    work->waves[dimension] = mem_zalloc(work->cube->plan->dimensions[dimension].count * waves, sizeof **work->waves);
    for (size_t r = 0; r < rows->count; r++) {
        const uint32_t *nodes = rows->nodes + r * rows->dimensions;
        work->waves[dimension][nodes[dimension] * waves + nodes[work->wave]] = true;
    }
}

int protection_find_waves(struct work *work, struct err *err)
{
    const struct cube_plan *plan = work->cube->plan;
    work->wave = find_wave(work);
    if (work->wave == NO_WAVE)
        return 0;
    work->waves = mem_zalloc(plan->dimension_count, sizeof *work->waves);
    int code = period_rows_read(&work->period, work->rows, &(struct period_choice) { .dimension = PERIOD_ANY, .layer = { .measure = NO_MEASURE } }, err);
    for (size_t t = 0; t < plan->table_count && !code; t++)
        if (!work->waves[plan->tables[t].dimensions[0]])
            mark_rows(work, plan->tables[t].dimensions[0]);
    return code;
}

void protection_release_waves(struct work *work)
{
    for (size_t d = 0; d < work->cube->plan->dimension_count && work->waves; d++)
        free(work->waves[d]);
    free(work->waves);
}

/* A wave by its number; `(other)` is of several rare ones, `(missing)` of nobody knows which. */
static bool is_one_wave(const struct dimension *waves, uint32_t node)
{
    const char *label = waves->nodes[node].label;
    return node != TREE_ROOT && strcmp(label, DOMAIN_OTHER_LABEL) != 0 && strcmp(label, DOMAIN_MISSING_LABEL) != 0;
}

static bool has_one_wave(const struct work *work, size_t dimension, uint32_t period)
{
    const struct dimension *waves = &work->cube->plan->dimensions[work->wave];
    size_t found = 0;
    for (uint32_t node = 0; node < waves->count; node++)
        if (work->waves[dimension][period * waves->count + node])
            found += is_one_wave(waves, node) ? 1 : 2;
    return found <= 1;
}

bool protection_is_over_waves(const struct work *work, size_t table, uint32_t cube_cell)
{
    const struct cube_table *cube = &work->cube->tables[table];
    if (work->wave == NO_WAVE)
        return false;
    const cell_key key = cellmap_at(&cube->cells, cube_cell)->key;
    for (size_t d = 1; d < cube->plan->dimension_count; d++)
        if (cube->plan->dimensions[d] == work->wave && is_one_wave(cube->layout.dimension[d], layout_node(&cube->layout, key, d)))
            return false;
    return !has_one_wave(work, cube->plan->dimensions[0], layout_node(&cube->layout, key, 0));
}
