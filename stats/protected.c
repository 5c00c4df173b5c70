#include "stats/protected.h"

#include <stdlib.h>

#include "core/mem.h"

void protected_init(struct protected_table *table, const struct cube_table *cube)
{
    *table = (struct protected_table){
        .cells = mem_zalloc(cube->cells.count, sizeof *table->cells),
        .measures = mem_zalloc(cube->cells.count * cube->plan->measure_count, sizeof *table->measures),
    };
}

void protected_release(struct protected_table *table)
{
    for (size_t i = 0; i < table->remainder_count; i++) {
        free(table->remainders[i].cell);
        free(table->remainders[i].measures);
    }
    free(table->remainders);
    free(table->cells);
    free(table->measures);
    *table = (struct protected_table){ 0 };
}

struct protected_remainder *protected_add(struct protected_table *table, const struct cube_table *cube, uint32_t parent,
                                          size_t dimension)
{
    MEM_GROW(table->remainders, table->remainder_count, table->remainder_capacity);
    struct protected_remainder *remainder = &table->remainders[table->remainder_count++];
    *remainder = (struct protected_remainder){
        .parent = parent,
        .dimension = dimension,
        .cell = mem_zalloc(1, cell_bytes(cube->plan->measure_count)),
        .measures = mem_zalloc(cube->plan->measure_count, sizeof *remainder->measures),
    };
    return remainder;
}
