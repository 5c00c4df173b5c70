#include "stats/threshold.h"

#include <stdlib.h>

#include "core/mem.h"

#define NO_UNION UINT32_MAX

/* The cells right below each cell along one dimension: those of cell c are at first[c] .. first[c + 1]. */
struct families {
    size_t *first;
    uint32_t *children;
};

/* A table under work. Layer 0 asks for the cells and their persons, layer m + 1 for measure m and its contributors. */
struct threshold {
    const struct cube_table *table;
    struct protected_table *out;
    struct families families[LAYOUT_MAX_DIMENSIONS];
    uint32_t *unions; /* per layer, dimension and cell: the union that decides, or NO_UNION */
    uint32_t *scratch;
    size_t layers;
    uint64_t k;
};

static const struct cell *cell_at(const struct threshold *work, uint32_t c)
{
    return cellmap_at(&work->table->cells, c);
}

static uint64_t persons_of(const struct cell *cell, size_t layer)
{
    return layer ? cell->sums[layer - 1].persons : cell->persons;
}

static uint64_t size_of(const struct cell *cell, size_t layer)
{
    return layer ? cell->sums[layer - 1].n : cell->cases;
}

static bool *shown(const struct threshold *work, uint32_t c, size_t layer)
{
    return layer ? &work->out->measures[c * (work->layers - 1) + layer - 1] : &work->out->cells[c];
}

static uint32_t *union_of(const struct threshold *work, size_t layer, size_t d, uint32_t c)
{
    return &work->unions[(layer * work->table->layout.dimensions + d) * work->table->cells.count + c];
}

static uint32_t parent_of(const struct threshold *work, uint32_t c, size_t d)
{
    const struct layout *layout = &work->table->layout;
    cell_key key = cell_at(work, c)->key;
    uint32_t node = layout_node(layout, key, d);
    if (!node)
        return CELLMAP_NONE;
    return cellmap_find(&work->table->cells, layout_with(layout, key, d, layout->dimension[d]->nodes[node].parent));
}

static void find_families(struct threshold *work, size_t d)
{
    size_t count = work->table->cells.count;
    uint32_t *parents = mem_alloc(count * sizeof *parents);
    size_t *first = mem_zalloc(count + 2, sizeof *first);
    for (uint32_t c = 0; c < count; c++) {
        parents[c] = parent_of(work, c, d);
        if (parents[c] != CELLMAP_NONE)
            first[parents[c] + 2]++;
    }
    for (size_t c = 2; c < count + 2; c++)
        first[c] += first[c - 1];
    uint32_t *children = mem_alloc(first[count + 1] * sizeof *children);
    for (uint32_t c = 0; c < count; c++)
        if (parents[c] != CELLMAP_NONE)
            children[first[parents[c] + 1]++] = c;
    work->families[d] = (struct families){ first, children };
    free(parents);
}

static void withhold(struct threshold *work, uint32_t c, size_t layer)
{
    *shown(work, c, layer) = false;
    for (size_t l = 1; layer == 0 && l < work->layers; l++)
        *shown(work, c, l) = false;
}

static void show_large_cells(struct threshold *work)
{
    for (uint32_t c = 0; c < work->table->cells.count; c++)
        for (size_t layer = 0; layer < work->layers; layer++)
            *shown(work, c, layer) =
                persons_of(cell_at(work, c), 0) >= work->k && persons_of(cell_at(work, c), layer) >= work->k;
}

/* What is left of a cell when the largest published ones below it are taken away, as cells that have no published one
 * below them. As far as it can be said without counting again, its distinct persons are least .. most. */
struct absence {
    uint32_t *cells; /* scratch of the table; those without persons are left out */
    size_t count;
    uint64_t least, most;
    uint32_t smallest; /* published cell that was taken away, or CELLMAP_NONE */
};

static bool is_smaller(const struct threshold *work, size_t layer, uint32_t one, uint32_t other)
{
    return other == CELLMAP_NONE || size_of(cell_at(work, one), layer) < size_of(cell_at(work, other), layer);
}

/* The depth of the recursion is that of the hierarchy. Returns whether something below or at the cell is published. */
static bool take_away(const struct threshold *work, size_t layer, size_t d, uint32_t c, struct absence *absence)
{
    if (*shown(work, c, layer)) {
        if (is_smaller(work, layer, c, absence->smallest))
            absence->smallest = c;
        return true;
    }
    const struct families *families = &work->families[d];
    struct absence before = *absence;
    bool any = false;
    for (size_t i = families->first[c]; i < families->first[c + 1]; i++)
        any |= take_away(work, layer, d, families->children[i], absence);
    if (any)
        return true;
    uint64_t persons = persons_of(cell_at(work, c), layer);
    *absence = before;
    if (!persons)
        return false;
    absence->cells[absence->count++] = c;
    absence->least = persons > absence->least ? persons : absence->least;
    absence->most += persons;
    return false;
}

static struct absence find_absence(const struct threshold *work, size_t layer, size_t d, uint32_t c)
{
    const struct families *families = &work->families[d];
    struct absence absence = { .cells = work->scratch, .smallest = CELLMAP_NONE };
    for (size_t i = families->first[c]; i < families->first[c + 1]; i++)
        take_away(work, layer, d, families->children[i], &absence);
    return absence;
}

/* Cells of fewer than k persons each that may hold k together: their union has to be counted. */
static void request_unions(struct threshold *work, struct cube_unions *unions, size_t t)
{
    size_t count = work->table->cells.count, dimensions = work->table->layout.dimensions;
    for (size_t i = 0; i < work->layers * dimensions * count; i++)
        work->unions[i] = NO_UNION;
    for (size_t layer = 0; layer < work->layers; layer++)
        for (size_t d = 1; d < dimensions; d++)
            for (uint32_t c = 0; c < count; c++) {
                if (!*shown(work, c, layer))
                    continue;
                struct absence absence = find_absence(work, layer, d, c);
                if (absence.least >= work->k || absence.most < work->k)
                    continue;
                *union_of(work, layer, d, c) = (uint32_t)unions->count;
                cube_unions_add(unions, t, absence.cells, absence.count);
            }
}

/* What is left only grows as more is withheld, so a union that was large enough stays so; one that was not, and has grown,
 * is not counted again but taken as too small. */
static bool is_safe(const struct threshold *work, const struct cube_unions *unions, size_t layer, size_t counted,
                    const struct absence *absence)
{
    if (absence->most == 0 || absence->least >= work->k)
        return true;
    return counted != NO_UNION && persons_of(unions->list[counted].cell, layer) >= work->k;
}

/* One round over all cells and dimensions of a layer; returns whether something was withheld. */
static bool withhold_remainders(struct threshold *work, const struct cube_unions *unions, size_t layer)
{
    bool changed = false;
    for (size_t d = 1; d < work->table->layout.dimensions; d++)
        for (uint32_t c = 0; c < work->table->cells.count; c++) {
            if (!*shown(work, c, layer))
                continue;
            struct absence absence = find_absence(work, layer, d, c);
            if (is_safe(work, unions, layer, *union_of(work, layer, d, c), &absence))
                continue;
            withhold(work, absence.smallest == CELLMAP_NONE ? c : absence.smallest, layer);
            changed = true;
        }
    return changed;
}

/* A measure of the remainder is published where it is above and where nothing of it is absent but with its cell. */
static void choose_measures(const struct threshold *work, struct protected_remainder *remainder)
{
    const struct families *families = &work->families[remainder->dimension];
    for (size_t layer = 1; layer < work->layers; layer++) {
        bool published = *shown(work, remainder->parent, layer) && size_of(remainder->cell, layer) > 0;
        for (size_t i = families->first[remainder->parent]; i < families->first[remainder->parent + 1]; i++) {
            uint32_t child = families->children[i];
            if (*shown(work, child, 0) && !*shown(work, child, layer) && size_of(cell_at(work, child), layer) > 0)
                published = false;
        }
        remainder->measures[layer - 1] = published;
    }
}

static bool add_remainder(struct threshold *work, size_t d, uint32_t c)
{
    const struct families *families = &work->families[d];
    struct protected_remainder *remainder = NULL;
    bool overflow = false;
    for (size_t i = families->first[c]; i < families->first[c + 1]; i++) {
        if (*shown(work, families->children[i], 0))
            continue;
        if (!remainder)
            remainder = protected_add(work->out, work->table, c, d);
        overflow |= cell_merge(remainder->cell, cell_at(work, families->children[i]), work->layers - 1);
    }
    if (remainder)
        choose_measures(work, remainder);
    return overflow;
}

static bool finish(struct threshold *work, const struct cube_unions *unions)
{
    bool overflow = false;
    for (size_t layer = 0; layer < work->layers; layer++)
        while (withhold_remainders(work, unions, layer))
            ;
    for (size_t d = 1; d < work->table->layout.dimensions; d++)
        for (uint32_t c = 0; c < work->table->cells.count; c++)
            if (*shown(work, c, 0))
                overflow |= add_remainder(work, d, c);
    return overflow;
}

static void start(struct threshold *work, const struct cube *cube, size_t t, struct protected_table *out)
{
    const struct cube_table *table = &cube->tables[t];
    *work =
        (struct threshold){ .table = table, .out = out, .layers = table->plan->measure_count + 1, .k = cube->plan->k };
    protected_init(out, table);
    work->unions = mem_alloc(work->layers * table->layout.dimensions * table->cells.count * sizeof *work->unions);
    work->scratch = mem_alloc(table->cells.count * sizeof *work->scratch);
    for (size_t d = 1; d < table->layout.dimensions; d++)
        find_families(work, d);
    show_large_cells(work);
}

static void end(struct threshold *work)
{
    for (size_t d = 1; d < work->table->layout.dimensions; d++) {
        free(work->families[d].first);
        free(work->families[d].children);
    }
    free(work->unions);
    free(work->scratch);
}

/* What may not be published for other reasons, as stats/protect/ finds them. */
static void withhold_others(struct threshold *work, const struct protection_pattern *allowed)
{
    size_t measures = work->layers - 1;
    for (uint32_t c = 0; c < work->table->cells.count; c++)
        for (size_t layer = 0; layer < work->layers; layer++)
            if (layer ? !allowed->measures[c * measures + layer - 1] : !allowed->cells[c])
                withhold(work, c, layer);
}

int threshold_protect(const struct cube *cube, const struct row_source *rows, const struct protection_pattern *allowed,
                      struct protected_table *tables, struct err *err)
{
    size_t count = cube->plan->table_count;
    struct threshold *works = mem_zalloc(count, sizeof *works);
    struct cube_unions unions = { 0 };
    for (size_t t = 0; t < count; t++) {
        start(&works[t], cube, t, &tables[t]);
        if (allowed)
            withhold_others(&works[t], &allowed[t]);
        request_unions(&works[t], &unions, t);
    }
    int failed = cube_unite(cube, rows, &unions, err);
    bool overflow = false;
    for (size_t t = 0; t < count && !failed; t++)
        overflow |= finish(&works[t], &unions);
    if (overflow && !failed)
        failed = err_set(err, ERR_DATA, "the values of a measure are too large to add up");
    for (size_t t = 0; t < count; t++)
        end(&works[t]);
    for (size_t t = 0; t < count && failed; t++)
        protected_release(&tables[t]);
    cube_unions_release(&unions);
    free(works);
    return failed;
}
