#include "stats/counterpart.h"

#include <stdlib.h>
#include <string.h>

bool counterpart_is_of_survey(const struct table_spec *spec)
{
    bool answers = false, dispositions = false;
    for (size_t d = 1; d < spec->dimension_count; d++) {
        answers = answers || spec->dimensions[d].role == TABLE_ROLE_ANSWERED || spec->dimensions[d].role == TABLE_ROLE_ANSWER;
        dispositions = dispositions || spec->dimensions[d].role == TABLE_ROLE_DISPOSITION;
    }
    return answers || dispositions;
}

static bool is_leaf(const struct dimension *dimension, uint32_t node)
{
    return dimension->nodes[node].level == dimension->levels;
}

/* Is it a group of those who completed, in the finest groups that the table has? */
static bool is_common(const struct counterpart_table *table, const struct cell *cell)
{
    for (size_t d = 1; d < table->spec->dimension_count; d++) {
        const struct dimension *dimension = table->cube->layout.dimension[d];
        uint32_t node = layout_node(&table->cube->layout, cell->key, d);
        enum table_role role = table->spec->dimensions[d].role;
        if (role == TABLE_ROLE_ANSWERED || role == TABLE_ROLE_INVITED ? !is_leaf(dimension, node)
            : role == TABLE_ROLE_DISPOSITION                          ? strcmp(dimension->nodes[node].label, COUNTERPART_COMPLETE) != 0
                                                                      : node != TREE_ROOT)
            return false;
    }
    return true;
}

static uint32_t period_of(const struct counterpart_table *table, const struct cell *cell)
{
    return layout_node(&table->cube->layout, cell->key, 0);
}

/* Has a table groups of fewer than k in the period? Tables by month and by quarter have periods of their own. */
static bool has_small(const struct counterpart_table *tables, size_t count, const struct counterpart_table *like, uint32_t period, uint64_t k)
{
    for (size_t t = 0; t < count; t++)
        for (size_t c = 0; c < tables[t].cube->cells.count && tables[t].cube->layout.dimension[0] == like->cube->layout.dimension[0]; c++) {
            const struct cell *cell = cellmap_at(&tables[t].cube->cells, c);
            if (period_of(&tables[t], cell) == period && cell->persons < k && is_common(&tables[t], cell))
                return true;
        }
    return false;
}

void counterpart_mark(const struct counterpart_table *tables, size_t count, uint64_t k, bool later)
{
    for (size_t t = 0; t < count; t++)
        for (size_t c = 0; c < tables[t].cube->cells.count; c++) {
            const struct cell *cell = cellmap_at(&tables[t].cube->cells, c);
            if (cell->persons < k || !is_common(&tables[t], cell))
                continue;
            bool small = has_small(tables, count, &tables[t], period_of(&tables[t], cell), k);
            tables[t].known[c] = !small || (!later && t == 0);
        }
}
