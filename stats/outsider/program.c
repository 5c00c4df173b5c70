#include "stats/outsider/program.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* A fixed number for each cell that looks random: SplitMix64 (Steele, Lea, Flood 2014). Sums of them tell whether two
 * equations cover the same inner cells. */
static uint64_t fingerprint(uint64_t cell)
{
    uint64_t z = (cell + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static bool has_parts(const struct lattice *lattice, uint32_t cell)
{
    return lattice->first_equation[cell] < lattice->first_equation[cell + 1];
}

static const struct lattice_equation *first_equation(const struct lattice *lattice, uint32_t cell)
{
    return &lattice->equations[lattice->first_equation[cell]];
}

static uint64_t sum_fingerprints(const struct lattice *lattice, const struct lattice_equation *equation,
                                 const uint64_t *of)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < equation->count; i++)
        sum += of[lattice->parts[equation->first + i]];
    return sum;
}

/* Per cell: the sum of the fingerprints of its inner cells. */
static uint64_t *fingerprint_cells(const struct lattice *lattice)
{
    uint64_t *of = mem_zalloc(lattice->cell_count, sizeof *of);
    for (size_t i = 0; i < lattice->cell_count; i++) {
        uint32_t cell = lattice->order[i];
        of[cell] =
            has_parts(lattice, cell) ? sum_fingerprints(lattice, first_equation(lattice, cell), of) : fingerprint(cell);
    }
    return of;
}

static void touch(struct program *program, uint32_t column, double sign)
{
    /* A sum that cancelled to zero is listed twice: harmless, rows skip zeros and program_clear() sets them again. */
    if (program->sums[column] == 0)
        program->touched[program->touched_count++] = column;
    program->sums[column] += sign;
}

static double expand(struct program *program, uint32_t cell, double sign)
{
    const struct lattice *lattice = program->lattice;
    if (bounds_fixed(program->bounds, cell))
        return sign * program->bounds->low[cell];
    if (!has_parts(lattice, cell)) {
        touch(program, program->column_of[cell], sign);
        return 0;
    }
    const struct lattice_equation *equation = first_equation(lattice, cell);
    double constant = 0;
    for (size_t i = 0; i < equation->count; i++)
        constant += expand(program, lattice->parts[equation->first + i], sign);
    return constant;
}

static double expand_parts(struct program *program, const struct lattice_equation *equation, double sign)
{
    double constant = 0;
    for (size_t i = 0; i < equation->count; i++)
        constant += expand(program, program->lattice->parts[equation->first + i], sign);
    return constant;
}

double program_expand(struct program *program, uint32_t cell)
{
    return expand(program, cell, 1);
}

void program_clear(struct program *program)
{
    for (size_t i = 0; i < program->touched_count; i++)
        program->sums[program->touched[i]] = 0;
    program->touched_count = 0;
}

/* Makes a row of the last expansion: low <= constant + columns <= high. One without columns says nothing new. */
static void add_row(struct program *program, double constant, double low, double high)
{
    size_t first = program->entry_count;
    for (size_t i = 0; i < program->touched_count; i++) {
        uint32_t column = program->touched[i];
        if (program->sums[column] == 0)
            continue;
        if (program->entry_count == program->entry_capacity) {
            program->entry_capacity = program->entry_capacity ? program->entry_capacity * 2 : 1024;
            program->column = mem_resize(program->column, program->entry_capacity, sizeof *program->column);
            program->coefficient =
                mem_resize(program->coefficient, program->entry_capacity, sizeof *program->coefficient);
        }
        program->column[program->entry_count] = column;
        program->coefficient[program->entry_count++] = program->sums[column];
        program->sums[column] = 0;
    }
    program_clear(program);
    if (program->entry_count == first)
        return;
    MEM_GROW(program->rows, program->row_count, program->row_capacity);
    program->rows[program->row_count++] =
        (struct program_row){ first, program->entry_count - first, low - constant, high - constant };
}

/* Of a known cell: over the parts that leave the fewest columns, among equations that cover the same inner cells. */
static void add_known(struct program *program, uint32_t cell, const uint64_t *of)
{
    const struct lattice *lattice = program->lattice;
    const struct lattice_equation *best = first_equation(lattice, cell);
    size_t fewest = SIZE_MAX;
    for (size_t e = lattice->first_equation[cell]; e < lattice->first_equation[cell + 1]; e++) {
        if (sum_fingerprints(lattice, &lattice->equations[e], of) != of[cell])
            continue;
        expand_parts(program, &lattice->equations[e], 1);
        if (program->touched_count < fewest) {
            fewest = program->touched_count;
            best = &lattice->equations[e];
        }
        program_clear(program);
    }
    double constant = expand_parts(program, best, 1);
    add_row(program, constant, program->bounds->low[cell], program->bounds->high[cell]);
}

/* Equations of the cell that cover other inner cells than its first. */
static void add_links(struct program *program, uint32_t cell, const uint64_t *of)
{
    const struct lattice *lattice = program->lattice;
    for (size_t e = lattice->first_equation[cell] + 1; e < lattice->first_equation[cell + 1]; e++) {
        if (sum_fingerprints(lattice, &lattice->equations[e], of) == of[cell])
            continue;
        double constant = expand_parts(program, &lattice->equations[e], 1) + expand(program, cell, -1);
        add_row(program, constant, 0, 0);
    }
}

static void add_rows(struct program *program)
{
    const struct lattice *lattice = program->lattice;
    uint64_t *of = fingerprint_cells(lattice);
    for (uint32_t c = 0; c < lattice->cell_count; c++) {
        if (!has_parts(lattice, c))
            continue;
        if (bounds_fixed(program->bounds, c) || program->bounds->given[c])
            add_known(program, c, of);
        add_links(program, c, of);
    }
    free(of);
}

static void add_columns(struct program *program)
{
    for (uint32_t c = 0; c < program->lattice->cell_count; c++) {
        program->column_of[c] = LATTICE_NONE;
        if (bounds_fixed(program->bounds, c) || has_parts(program->lattice, c))
            continue;
        program->column_of[c] = (uint32_t)program->column_count;
        program->cell_of[program->column_count++] = c;
    }
}

/* Union by following to the root; paths are halved on the way. */
static uint32_t root(uint32_t *parent, uint32_t column)
{
    while (parent[column] != column)
        column = parent[column] = parent[parent[column]];
    return column;
}

static void unite(uint32_t *parent, uint32_t a, uint32_t b)
{
    parent[root(parent, a)] = root(parent, b);
}

/* The leader of an open cell: one of its columns, all of which are united. */
static void unite_cell(struct program *program, uint32_t cell)
{
    const struct lattice *lattice = program->lattice;
    program->leader[cell] = program->column_of[cell];
    if (bounds_fixed(program->bounds, cell) || !has_parts(lattice, cell))
        return;
    const struct lattice_equation *equation = first_equation(lattice, cell);
    for (size_t i = 0; i < equation->count; i++) {
        uint32_t leader = program->leader[lattice->parts[equation->first + i]];
        if (leader == LATTICE_NONE)
            continue;
        if (program->leader[cell] != LATTICE_NONE)
            unite(program->component, leader, program->leader[cell]);
        program->leader[cell] = leader;
    }
}

static void find_components(struct program *program)
{
    for (uint32_t c = 0; c < program->column_count; c++)
        program->component[c] = c;
    for (size_t r = 0; r < program->row_count; r++)
        for (size_t i = 1; i < program->rows[r].count; i++)
            unite(program->component, program->column[program->rows[r].first],
                  program->column[program->rows[r].first + i]);
    for (size_t i = 0; i < program->lattice->cell_count; i++)
        unite_cell(program, program->lattice->order[i]);
    uint32_t *number = mem_zalloc(program->column_count, sizeof *number);
    for (uint32_t c = 0; c < program->column_count; c++)
        if (root(program->component, c) == c)
            number[c] = (uint32_t)program->component_count++;
    uint32_t *component = mem_zalloc(program->column_count, sizeof *component);
    for (uint32_t c = 0; c < program->column_count; c++)
        component[c] = number[root(program->component, c)];
    free(number);
    free(program->component);
    program->component = component;
}

void program_build(struct program *program, const struct lattice *lattice, const struct bounds *bounds)
{
    *program = (struct program){ .lattice = lattice, .bounds = bounds };
    program->column_of = mem_zalloc(lattice->cell_count, sizeof *program->column_of);
    program->cell_of = mem_zalloc(lattice->cell_count, sizeof *program->cell_of);
    program->leader = mem_zalloc(lattice->cell_count, sizeof *program->leader);
    add_columns(program);
    program->component = mem_zalloc(program->column_count, sizeof *program->component);
    program->sums = mem_zalloc(program->column_count, sizeof *program->sums);
    program->touched = mem_zalloc(program->column_count * 2, sizeof *program->touched);
    add_rows(program);
    find_components(program);
}

void program_release(struct program *program)
{
    free(program->column_of);
    free(program->cell_of);
    free(program->leader);
    free(program->component);
    free(program->sums);
    free(program->touched);
    free(program->rows);
    free(program->column);
    free(program->coefficient);
    *program = (struct program){ 0 };
}
