/* Combinations that only tables by a longer period have, in the months before it comes: readers will have figures of them, so the months'
 * own figures may not give them away. */
#include <string.h>

#include "stats/publication_inside.h"

static bool has_dimensions(const struct table_spec *spec, const struct table_spec *of)
{
    size_t found = 0;
    for (size_t d = 1; d < of->dimension_count; d++)
        for (size_t i = 1; i < spec->dimension_count; i++)
            found += strcmp(spec->dimensions[i].name, of->dimensions[d].name) == 0;
    return found + 1 == of->dimension_count;
}

static bool is_in_another(const struct table_config *base, const struct table_spec *spec)
{
    for (size_t t = 0; t < base->count; t++)
        if (has_dimensions(&base->tables[t], spec))
            return true;
    return false;
}

static bool has_measure(const struct table_config *base, const char *name)
{
    for (size_t t = 0; t < base->count; t++)
        for (size_t m = 0; m < base->tables[t].measure_count; m++)
            if (strcmp(base->tables[t].measures[m].name, name) == 0)
                return true;
    return false;
}

/* The table with the others' period, and of its measures those that they have. */
static struct table_spec shorten(const struct table_spec *spec, const struct table_config *base, struct arena *arena)
{
    struct table_spec made = *spec;
    struct table_dimension *dimensions = arena_alloc(arena, spec->dimension_count * sizeof *dimensions);
    struct table_measure *measures = arena_alloc(arena, (spec->measure_count + 1) * sizeof *measures);
    memcpy(dimensions, spec->dimensions, spec->dimension_count * sizeof *dimensions);
    dimensions[0] = base->tables[0].dimensions[0];
    made.dimensions = dimensions;
    made.measures = measures;
    made.measure_count = 0;
    for (size_t m = 0; m < spec->measure_count; m++)
        if (has_measure(base, spec->measures[m].name))
            measures[made.measure_count++] = spec->measures[m];
    return made;
}

void publication_longer(const struct publication *publication, const struct table_config *base, struct table_config *longer)
{
    const struct table_config *tables = publication->tables;
    *longer = (struct table_config) { .k = base->k };
    arena_init(&longer->arena, false);
    struct table_spec *list = arena_alloc(&longer->arena, (tables->count + 1) * sizeof *list);
    longer->tables = list;
    for (size_t t = 0; t < tables->count && base->count; t++) {
        const struct table_spec *spec = &tables->tables[t];
        if (strcmp(spec->source, base->tables[0].source) == 0 && spec->dimensions[0].kind == PERIOD_QUARTER
            && base->tables[0].dimensions[0].kind == PERIOD_MONTH && !is_in_another(base, spec))
            list[longer->count++] = shorten(spec, base, &longer->arena);
    }
}
