/* What the configuration declares impossible, over the nodes of one cube. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "stats/protection_work.h"

/* Marks the nodes of these labels and all below them. */
static bool *mark_values(const struct dimension *dimension, const struct structural_part *part)
{
    bool *marked = mem_zalloc(dimension->count, sizeof *marked);
    for (size_t v = 0; v < part->value_count; v++)
        for (uint32_t node = 1; node < dimension->count; node++)
            if (strcmp(dimension->nodes[node].label, part->values[v]) == 0)
                memset(marked + node, true, (dimension->nodes[node].last - node + 1) * sizeof *marked);
    return marked;
}

static size_t find_dimension(const struct work *work, const char *name)
{
    size_t d = 0;
    while (d < work->cube->plan->dimension_count && strcmp(work->cube->plan->dimensions[d].name, name) != 0)
        d++;
    return d;
}

/* False: no table has one of its dimensions. */
static bool find_zero(const struct work *work, const struct structural_zero *zero, struct impossible *out)
{
    const struct cube_plan *plan = work->cube->plan;
    for (size_t p = 0; p < zero->part_count; p++)
        if (find_dimension(work, zero->parts[p].dimension) == plan->dimension_count)
            return false;
    *out = (struct impossible) { .of = mem_zalloc(plan->dimension_count, sizeof *out->of), .parts = zero->part_count };
    for (size_t p = 0; p < zero->part_count; p++) {
        size_t d = find_dimension(work, zero->parts[p].dimension);
        out->of[d] = mark_values(&plan->dimensions[d], &zero->parts[p]);
    }
    return true;
}

void protection_find_impossible(struct work *work)
{
    const struct structural_zeros *zeros = NULL;
    const char *source = NULL;
    for (size_t t = 0; t < work->cube->plan->table_count && !zeros; t++) {
        zeros = work->specs[t]->zeros;
        source = work->specs[t]->source;
    }
    work->impossible = mem_zalloc(zeros ? zeros->count : 0, sizeof *work->impossible);
    for (size_t z = 0; zeros && z < zeros->count; z++)
        if (strcmp(zeros->list[z].source, source) == 0)
            work->impossible_count += find_zero(work, &zeros->list[z], &work->impossible[work->impossible_count]);
}

void protection_release_impossible(struct work *work)
{
    for (size_t z = 0; z < work->impossible_count; z++) {
        for (size_t d = 0; d < work->cube->plan->dimension_count; d++)
            free(work->impossible[z].of[d]);
        free(work->impossible[z].of);
    }
    free(work->impossible);
}

void protection_find_present(struct work *work)
{
    const struct cube_plan *plan = work->cube->plan;
    const struct period_rows *rows = &work->period;
    if (work->axis == NO_AXIS)
        return;
    work->present = mem_zalloc(plan->dimension_count, sizeof *work->present);
    for (size_t d = 0; d < plan->dimension_count; d++) {
        const size_t nodes = plan->dimensions[d].count;
        work->present[d] = mem_zalloc(plan->dimensions[work->axis].count * nodes, sizeof **work->present);
        for (size_t r = 0; r < rows->count; r++)
            work->present[d][rows->nodes[r * rows->dimensions + work->axis] * nodes + rows->nodes[r * rows->dimensions + d]] = true;
    }
}

void protection_release_present(struct work *work)
{
    for (size_t d = 0; d < work->cube->plan->dimension_count && work->present; d++)
        free(work->present[d]);
    free(work->present);
    work->present = NULL;
}

bool protection_is_absent(const struct crossing *crossing, const uint32_t *leaves)
{
    const struct work *work = crossing->work;
    const size_t *dimensions = crossing->table->dimensions;
    if (!work->present || dimensions[0] != work->axis)
        return false;
    const size_t period = work->codes[work->axis].node_of[leaves[0]];
    for (size_t d = 1; d < crossing->table->count; d++)
        if (!work->present[dimensions[d]][period * work->cube->plan->dimensions[dimensions[d]].count + work->codes[dimensions[d]].node_of[leaves[d]]])
            return true;
    return false;
}

bool protection_is_impossible(const void *context, const uint32_t *leaves)
{
    const struct crossing *crossing = context;
    const struct work *work = crossing->work;
    for (size_t z = 0; z < work->impossible_count; z++) {
        size_t met = 0;
        for (size_t d = 0; d < crossing->table->count; d++) {
            size_t dimension = crossing->table->dimensions[d];
            const bool *marked = work->impossible[z].of[dimension];
            met += marked && marked[work->codes[dimension].node_of[leaves[d]]];
        }
        if (met == work->impossible[z].parts)
            return true;
    }
    return protection_is_absent(crossing, leaves);
}

static bool holds_case(const struct cube_table *table, const struct impossible *impossible)
{
    for (size_t c = 0; c < table->cells.count; c++) {
        size_t met = 0;
        for (size_t d = 1; d < table->plan->dimension_count; d++) {
            const bool *marked = impossible->of[table->plan->dimensions[d]];
            met += marked && marked[layout_node(&table->layout, cellmap_at(&table->cells, c)->key, d)];
        }
        if (met == impossible->parts)
            return true;
    }
    return false;
}

int protection_check_impossible(const struct work *work, struct err *err)
{
    for (size_t t = 0; t < work->cube->plan->table_count; t++)
        for (size_t z = 0; z < work->impossible_count; z++)
            if (holds_case(&work->cube->tables[t], &work->impossible[z]))
                return err_set(err, ERR_DATA,
                               "table '%s' has cases in a combination that 'protection.structural_zeros' calls impossible: correct the cases or "
                               "take the combination out",
                               work->specs[t]->name);
    return 0;
}
