#include "stats/outsider/lattice.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "stats/outsider/cycle.h"

/* The nodes that one axis of a product takes, and which of them a published row could name. */
struct axis_nodes {
    size_t dimension, count;
    uint32_t *nodes;
    bool *listed;
};

static uint64_t hash(const uint32_t *nodes, size_t count)
{
    uint64_t value = 0xcbf29ce484222325u;
    for (size_t i = 0; i < count; i++) {
        value = (value ^ nodes[i]) * 0x9e3779b97f4a7c15u;
        value ^= value >> 29;
    }
    return value;
}

const uint32_t *lattice_nodes(const struct lattice *lattice, uint32_t cell)
{
    return &lattice->nodes[cell * lattice->dimension_count];
}

static size_t slot_of(const struct lattice *lattice, const uint32_t *nodes)
{
    size_t bytes = lattice->dimension_count * sizeof *nodes;
    size_t slot = hash(nodes, lattice->dimension_count) & (lattice->slot_count - 1);
    while (lattice->slots[slot] != LATTICE_NONE &&
           memcmp(lattice_nodes(lattice, lattice->slots[slot]), nodes, bytes) != 0)
        slot = (slot + 1) & (lattice->slot_count - 1);
    return slot;
}

uint32_t lattice_find(const struct lattice *lattice, const uint32_t *nodes)
{
    return lattice->slots[slot_of(lattice, nodes)];
}

static void grow_slots(struct lattice *lattice)
{
    lattice->slot_count = lattice->slot_count ? lattice->slot_count * 2 : 1024;
    lattice->slots = mem_resize(lattice->slots, lattice->slot_count, sizeof *lattice->slots);
    for (size_t i = 0; i < lattice->slot_count; i++)
        lattice->slots[i] = LATTICE_NONE;
    for (uint32_t c = 0; c < lattice->cell_count; c++)
        lattice->slots[slot_of(lattice, lattice_nodes(lattice, c))] = c;
}

static void grow_cells(struct lattice *lattice)
{
    lattice->cell_capacity = lattice->cell_capacity ? lattice->cell_capacity * 2 : 512;
    size_t width = lattice->dimension_count ? lattice->dimension_count : 1;
    lattice->nodes = mem_resize(lattice->nodes, lattice->cell_capacity * width, sizeof *lattice->nodes);
    lattice->listed = mem_resize(lattice->listed, lattice->cell_capacity, sizeof *lattice->listed);
}

static void add_cell(struct lattice *lattice, const uint32_t *nodes, uint64_t listed)
{
    uint32_t old = lattice_find(lattice, nodes);
    if (old != LATTICE_NONE) {
        lattice->listed[old] |= listed;
        return;
    }
    if (lattice->cell_count == lattice->cell_capacity)
        grow_cells(lattice);
    uint32_t cell = (uint32_t)lattice->cell_count++;
    memcpy(&lattice->nodes[cell * lattice->dimension_count], nodes, lattice->dimension_count * sizeof *nodes);
    lattice->listed[cell] = listed;
    if (lattice->cell_count * 2 > lattice->slot_count)
        grow_slots(lattice);
    else
        lattice->slots[slot_of(lattice, nodes)] = cell;
}

/* Whether a table with these levels takes the node: periods of its own levels; of a hierarchy all levels down to its
 * deepest; of codes all. */
static bool takes(const struct space_dimension *dimension, uint32_t levels, uint32_t node)
{
    unsigned level = dimension->nodes[node].level;
    if (node == SPACE_TOTAL)
        return levels & 1;
    if (dimension->kind == SPACE_PERIOD)
        return levels >> level & 1;
    return dimension->kind == SPACE_CODED || levels >> level != 0;
}

/* `levels` as the table has them; the total is taken for linking too where another table lacks the dimension. */
static struct axis_nodes axis_take(const struct space *space, size_t d, uint32_t levels, bool total)
{
    const struct space_dimension *dimension = &space->dimensions[d];
    struct axis_nodes axis = { .dimension = d };
    axis.nodes = mem_zalloc(dimension->node_count, sizeof *axis.nodes);
    axis.listed = mem_zalloc(dimension->node_count, sizeof *axis.listed);
    for (uint32_t n = 0; n < dimension->node_count; n++) {
        if (!takes(dimension, levels, n) && !(n == SPACE_TOTAL && total))
            continue;
        bool own_level =
            levels >> dimension->nodes[n].level & 1 || (dimension->kind == SPACE_CODED && n != SPACE_TOTAL);
        axis.listed[axis.count] = own_level && !dimension->nodes[n].unseen;
        axis.nodes[axis.count++] = n;
    }
    return axis;
}

static void axis_free(struct axis_nodes *axes, size_t count)
{
    for (size_t a = 0; a < count; a++) {
        free(axes[a].nodes);
        free(axes[a].listed);
    }
}

/* Adds the product of the axes, the last one running fastest; `listed`: bits of the figures that its rows would
 * show. */
static int add_product(struct lattice *lattice, const struct axis_nodes *axes, size_t count, uint64_t listed,
                       struct err *err)
{
    double size = 1;
    for (size_t a = 0; a < count; a++)
        size *= (double)axes[a].count;
    if (size + (double)lattice->cell_count > LATTICE_MAX_CELLS)
        return err_set(err, ERR_DATA, "too large to audit: more than %d cells; nothing is known about its safety",
                       LATTICE_MAX_CELLS);
    size_t at[SPACE_MAX_DIMENSIONS] = { 0 };
    uint32_t nodes[SPACE_MAX_DIMENSIONS] = { 0 };
    for (size_t left = (size_t)size; left > 0; left--) {
        uint64_t shown = listed;
        for (size_t a = 0; a < count; a++) {
            nodes[axes[a].dimension] = axes[a].nodes[at[a]];
            shown = axes[a].listed[at[a]] ? shown : 0;
        }
        add_cell(lattice, nodes, shown);
        for (size_t a = count; a-- > 0 && ++at[a] == axes[a].count;)
            at[a] = 0;
    }
    return 0;
}

static uint32_t dimensions_of(const struct publication_table *table)
{
    uint32_t set = 0;
    for (size_t a = 0; a < table->axis_count; a++)
        set |= UINT32_C(1) << table->axes[a].dimension;
    return set;
}

/* Dimensions that every table has. */
static uint32_t common_dimensions(const struct publication *publication)
{
    uint32_t common = UINT32_MAX;
    for (size_t t = 0; t < publication->table_count; t++)
        common &= dimensions_of(&publication->tables[t]);
    return common;
}

static uint64_t figures_of(const struct publication_table *table)
{
    uint64_t set = 0;
    for (size_t f = 0; f < table->figure_count; f++)
        set |= UINT64_C(1) << table->figures[f];
    return set;
}

bool lattice_lists(const struct lattice *lattice, uint32_t cell, size_t figure)
{
    return lattice->listed[cell] >> figure & 1;
}

static int add_table(struct lattice *lattice, const struct publication_table *table, uint32_t common, struct err *err)
{
    struct axis_nodes axes[SPACE_MAX_DIMENSIONS];
    for (size_t a = 0; a < table->axis_count; a++) {
        size_t d = table->axes[a].dimension;
        axes[a] = axis_take(lattice->space, d, table->axes[a].levels, !(common >> d & 1));
    }
    int code = add_product(lattice, axes, table->axis_count, figures_of(table), err);
    axis_free(axes, table->axis_count);
    return code ? err_prefix(err, "'%s'", table->name) : 0;
}

/* The levels that any table has of a dimension. */
static uint32_t all_levels(const struct publication *publication, size_t dimension)
{
    uint32_t levels = 0;
    for (size_t t = 0; t < publication->table_count; t++)
        for (size_t a = 0; a < publication->tables[t].axis_count; a++)
            if (publication->tables[t].axes[a].dimension == dimension)
                levels |= publication->tables[t].axes[a].levels;
    return levels;
}

static int add_circle(struct lattice *lattice, const struct publication *publication, uint32_t common, struct err *err)
{
    uint32_t *sets = mem_zalloc(publication->table_count, sizeof *sets);
    for (size_t t = 0; t < publication->table_count; t++)
        sets[t] = dimensions_of(&publication->tables[t]) & ~common;
    uint32_t core = cycle_core(sets, publication->table_count);
    free(sets);
    if (!core)
        return 0;
    struct axis_nodes axes[SPACE_MAX_DIMENSIONS] = { 0 };
    size_t count = 0;
    for (size_t d = 0; d < lattice->dimension_count; d++)
        if ((core | common) >> d & 1)
            axes[count++] = axis_take(lattice->space, d, all_levels(publication, d), core >> d & 1);
    int code = add_product(lattice, axes, count, 0, err);
    axis_free(axes, count);
    return code ? err_prefix(err, "tables in a circle") : 0;
}

/* The cell's parts along a dimension, if all of them are cells. */
static void add_equation(struct lattice *lattice, uint32_t cell, uint32_t dimension)
{
    uint32_t nodes[SPACE_MAX_DIMENSIONS];
    memcpy(nodes, lattice_nodes(lattice, cell), lattice->dimension_count * sizeof *nodes);
    const struct space_node *node = &lattice->space->dimensions[dimension].nodes[nodes[dimension]];
    size_t first = lattice->part_count;
    for (size_t i = 0; i < node->part_count; i++) {
        nodes[dimension] = node->parts[i];
        uint32_t part = lattice_find(lattice, nodes);
        if (part == LATTICE_NONE) {
            lattice->part_count = first;
            return;
        }
        MEM_GROW(lattice->parts, lattice->part_count, lattice->part_capacity);
        lattice->parts[lattice->part_count++] = part;
    }
    if (lattice->part_count == first)
        return;
    MEM_GROW(lattice->equations, lattice->equation_count, lattice->equation_capacity);
    lattice->equations[lattice->equation_count++] =
        (struct lattice_equation){ cell, dimension, first, lattice->part_count - first };
}

static void link_cells(struct lattice *lattice)
{
    lattice->first_equation = mem_zalloc(lattice->cell_count + 1, sizeof *lattice->first_equation);
    for (uint32_t c = 0; c < lattice->cell_count; c++) {
        lattice->first_equation[c] = lattice->equation_count;
        for (uint32_t d = 0; d < lattice->dimension_count; d++)
            add_equation(lattice, c, d);
    }
    lattice->first_equation[lattice->cell_count] = lattice->equation_count;
}

/* Indexes the equations by the parts that stand in them. */
static void index_uses(struct lattice *lattice)
{
    lattice->first_use = mem_zalloc(lattice->cell_count + 2, sizeof *lattice->first_use);
    lattice->uses = mem_zalloc(lattice->part_count, sizeof *lattice->uses);
    size_t *next = lattice->first_use + 1; /* shifted by one while it counts, in place when it is filled */
    for (size_t i = 0; i < lattice->part_count; i++)
        next[lattice->parts[i] + 1]++;
    for (size_t c = 0; c < lattice->cell_count; c++)
        next[c + 1] += next[c];
    for (size_t e = 0; e < lattice->equation_count; e++)
        for (size_t i = 0; i < lattice->equations[e].count; i++)
            lattice->uses[next[lattice->parts[lattice->equations[e].first + i]]++] = e;
}

/* Visits a cell after its parts. The depth is that of the hierarchies, at most a few dozen. */
static void visit(struct lattice *lattice, uint32_t cell, bool *visited, size_t *count)
{
    if (visited[cell])
        return;
    visited[cell] = true;
    for (size_t e = lattice->first_equation[cell]; e < lattice->first_equation[cell + 1]; e++)
        for (size_t i = 0; i < lattice->equations[e].count; i++)
            visit(lattice, lattice->parts[lattice->equations[e].first + i], visited, count);
    lattice->order[(*count)++] = cell;
}

static void order_cells(struct lattice *lattice)
{
    lattice->order = mem_zalloc(lattice->cell_count, sizeof *lattice->order);
    bool *visited = mem_zalloc(lattice->cell_count, sizeof *visited);
    size_t count = 0;
    for (uint32_t c = 0; c < lattice->cell_count; c++)
        visit(lattice, c, visited, &count);
    free(visited);
}

static bool is_marked(const struct lattice *lattice, uint32_t cell, bool *const *marks)
{
    const uint32_t *nodes = lattice_nodes(lattice, cell);
    for (size_t d = 0; d < lattice->dimension_count; d++)
        if (marks[d] && !marks[d][nodes[d]])
            return false;
    return true;
}

static void mark_impossible(struct lattice *lattice, const struct impossibles *impossibles)
{
    lattice->impossible = mem_zalloc(lattice->cell_count, sizeof *lattice->impossible);
    for (size_t i = 0; i < impossibles->count; i++) {
        bool *marks[SPACE_MAX_DIMENSIONS];
        bool known = impossible_mark(&impossibles->list[i], lattice->space, marks) && impossibles->list[i].count;
        for (uint32_t c = 0; known && c < lattice->cell_count; c++)
            lattice->impossible[c] |= is_marked(lattice, c, marks);
        for (size_t d = 0; d < SPACE_MAX_DIMENSIONS; d++)
            free(marks[d]);
    }
}

int lattice_build(struct lattice *lattice, const struct publication *publication, struct err *err)
{
    *lattice = (struct lattice){ .space = &publication->space, .dimension_count = publication->space.count };
    grow_slots(lattice);
    uint32_t common = common_dimensions(publication);
    int code = 0;
    for (size_t t = 0; !code && t < publication->table_count; t++)
        code = add_table(lattice, &publication->tables[t], common, err);
    if (!code)
        code = add_circle(lattice, publication, common, err);
    if (code) {
        lattice_release(lattice);
        return code;
    }
    link_cells(lattice);
    index_uses(lattice);
    order_cells(lattice);
    mark_impossible(lattice, &publication->impossibles);
    return 0;
}

void lattice_release(struct lattice *lattice)
{
    free(lattice->nodes);
    free(lattice->listed);
    free(lattice->slots);
    free(lattice->equations);
    free(lattice->first_equation);
    free(lattice->parts);
    free(lattice->first_use);
    free(lattice->uses);
    free(lattice->order);
    free(lattice->impossible);
    *lattice = (struct lattice){ 0 };
}

uint32_t lattice_row(const struct lattice *lattice, const struct publication_table *table, size_t row)
{
    uint32_t nodes[SPACE_MAX_DIMENSIONS] = { 0 };
    for (size_t a = 0; a < table->axis_count; a++)
        nodes[table->axes[a].dimension] = table->nodes[row * table->axis_count + a];
    return lattice_find(lattice, nodes);
}
