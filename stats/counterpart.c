#include "stats/counterpart.h"

#include <string.h>

bool counterpart_is_of_survey(const struct table_spec *spec)
{
    for (size_t d = 1; d < spec->dimension_count; d++)
        if (spec->dimensions[d].role != TABLE_ROLE_NONE && spec->dimensions[d].role != TABLE_ROLE_INVITED)
            return true;
    return false;
}

static bool is_value(const struct cube_table *table, size_t dimension, uint32_t node, const char *label)
{
    return node != TREE_ROOT && strcmp(table->layout.dimension[dimension]->nodes[node].label, label) == 0;
}

/* Is it a group of those who answered, whatever they answered; or of those who were invited, whatever they did then? */
static bool is_common(const struct table_spec *spec, const struct cube_table *table, const struct cell *cell)
{
    for (size_t d = 1; d < spec->dimension_count; d++) {
        uint32_t node = layout_node(&table->layout, cell->key, d);
        switch (spec->dimensions[d].role) {
        case TABLE_ROLE_ANSWERED:
        case TABLE_ROLE_INVITED:
            break;
        case TABLE_ROLE_DISPOSITION:
            if (!is_value(table, d, node, COUNTERPART_COMPLETE))
                return false;
            break;
        case TABLE_ROLE_COMPARED:
            if (!is_value(table, d, node, COUNTERPART_INVITED))
                return false;
            break;
        case TABLE_ROLE_ANSWER:
        case TABLE_ROLE_NONE:
            if (node != TREE_ROOT)
                return false;
        }
    }
    return true;
}

void counterpart_mark(const struct table_spec *spec, const struct cube_table *table, uint64_t k, bool *common)
{
    for (size_t c = 0; c < table->cells.count; c++) {
        const struct cell *cell = cellmap_at(&table->cells, c);
        common[c] = cell->persons >= k && is_common(spec, table, cell);
    }
}
