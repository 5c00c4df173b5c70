#include "stats/outsider/interval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "stats/outsider/program.h"

enum { MAX_COLUMNS = 100000 }; /* of one component; more would not fit a night */

/* Items of each component, contiguous. */
struct groups {
    size_t *first; /* per component, and one past the last */
    uint32_t *items;
};

struct solver {
    const struct lattice *lattice;
    const struct interval_question *question;
    struct interval_statistics *statistics;
    struct program program;
    struct groups columns, rows, cells;
    uint32_t *local;              /* per column: its number within its component */
    double *value;                /* per cell, in the witness at hand */
    double *low, *high;           /* per cell: proven bounds, on their way into `bounds` */
    double *seen_low, *seen_high; /* per cell: range over the witnesses */
    bool whole;
};

static double slack(double value)
{
    return 1e-6 + 1e-9 * fabs(value);
}

static void groups_build(struct groups *groups, size_t group_count, const uint32_t *group_of, size_t count)
{
    groups->first = mem_zalloc(group_count + 2, sizeof *groups->first);
    groups->items = mem_zalloc(count, sizeof *groups->items);
    size_t *next = groups->first + 1;
    for (size_t i = 0; i < count; i++)
        if (group_of[i] != LATTICE_NONE)
            next[group_of[i] + 1]++;
    for (size_t g = 0; g < group_count; g++)
        next[g + 1] += next[g];
    for (size_t i = 0; i < count; i++)
        if (group_of[i] != LATTICE_NONE)
            groups->items[next[group_of[i]]++] = (uint32_t)i;
}

static void groups_free(struct groups *groups)
{
    free(groups->first);
    free(groups->items);
}

static size_t group_size(const struct groups *groups, size_t group)
{
    return groups->first[group + 1] - groups->first[group];
}

/* Columns, rows and open cells by component; cells in an order in which parts come first. */
static void group_all(struct solver *solver)
{
    const struct program *program = &solver->program;
    const struct lattice *lattice = solver->lattice;
    groups_build(&solver->columns, program->component_count, program->component, program->column_count);
    for (size_t g = 0; g < program->component_count; g++)
        for (size_t i = solver->columns.first[g]; i < solver->columns.first[g + 1]; i++)
            solver->local[solver->columns.items[i]] = (uint32_t)(i - solver->columns.first[g]);
    size_t most = lattice->cell_count > program->row_count ? lattice->cell_count : program->row_count;
    uint32_t *group_of = mem_zalloc(most, sizeof *group_of);
    for (size_t r = 0; r < program->row_count; r++)
        group_of[r] = program->component[program->column[program->rows[r].first]];
    groups_build(&solver->rows, program->component_count, group_of, program->row_count);
    for (size_t i = 0; i < lattice->cell_count; i++) {
        uint32_t leader = program->leader[lattice->order[i]];
        group_of[i] = leader == LATTICE_NONE ? LATTICE_NONE : program->component[leader];
    }
    groups_build(&solver->cells, program->component_count, group_of, lattice->cell_count);
    for (size_t i = 0; i < solver->cells.first[program->component_count]; i++)
        solver->cells.items[i] = lattice->order[solver->cells.items[i]];
    free(group_of);
}

static void solver_init(struct solver *solver, const struct bounds *bounds)
{
    size_t cells = bounds->count;
    program_build(&solver->program, solver->lattice, bounds);
    solver->whole = bounds->whole;
    solver->local = mem_zalloc(solver->program.column_count, sizeof *solver->local);
    solver->value = mem_zalloc(cells, sizeof *solver->value);
    solver->low = mem_zalloc(cells, sizeof *solver->low);
    solver->high = mem_zalloc(cells, sizeof *solver->high);
    solver->seen_low = mem_zalloc(cells, sizeof *solver->seen_low);
    solver->seen_high = mem_zalloc(cells, sizeof *solver->seen_high);
    memcpy(solver->low, bounds->low, cells * sizeof *solver->low);
    memcpy(solver->high, bounds->high, cells * sizeof *solver->high);
    memcpy(solver->value, bounds->low, cells * sizeof *solver->value); /* of fixed cells; open ones are overwritten */
    for (size_t c = 0; c < cells; c++) {
        solver->seen_low[c] = INFINITY;
        solver->seen_high[c] = -INFINITY;
    }
    group_all(solver);
}

static void solver_release(struct solver *solver)
{
    program_release(&solver->program);
    groups_free(&solver->columns);
    groups_free(&solver->rows);
    groups_free(&solver->cells);
    free(solver->local);
    free(solver->value);
    free(solver->low);
    free(solver->high);
    free(solver->seen_low);
    free(solver->seen_high);
}

/* A component's rows and columns as GLPK takes them, numbered within the component. */
struct shape_memory {
    size_t *first, *count;
    uint32_t *columns;
    double *coefficients, *row_low, *row_high, *column_low, *column_high;
};

static void copy_row(const struct solver *solver, const struct program_row *row, struct shape_memory *memory, size_t r)
{
    size_t first = r ? memory->first[r - 1] + memory->count[r - 1] : 0;
    memory->first[r] = first;
    memory->count[r] = row->count;
    memory->row_low[r] = row->low;
    memory->row_high[r] = row->high;
    for (size_t i = 0; i < row->count; i++) {
        memory->columns[first + i] = solver->local[solver->program.column[row->first + i]];
        memory->coefficients[first + i] = solver->program.coefficient[row->first + i];
    }
}

static struct shape_memory copy_component(const struct solver *solver, size_t component)
{
    const struct program *program = &solver->program;
    size_t rows = group_size(&solver->rows, component), columns = group_size(&solver->columns, component), entries = 0;
    const uint32_t *row = &solver->rows.items[solver->rows.first[component]];
    for (size_t r = 0; r < rows; r++)
        entries += program->rows[row[r]].count;
    struct shape_memory memory = {
        .first = mem_zalloc(rows, sizeof(size_t)),
        .count = mem_zalloc(rows, sizeof(size_t)),
        .columns = mem_zalloc(entries, sizeof(uint32_t)),
        .coefficients = mem_zalloc(entries, sizeof(double)),
        .row_low = mem_zalloc(rows, sizeof(double)),
        .row_high = mem_zalloc(rows, sizeof(double)),
        .column_low = mem_zalloc(columns, sizeof(double)),
        .column_high = mem_zalloc(columns, sizeof(double)),
    };
    for (size_t r = 0; r < rows; r++)
        copy_row(solver, &program->rows[row[r]], &memory, r);
    for (size_t c = 0; c < columns; c++) {
        uint32_t cell = program->cell_of[solver->columns.items[solver->columns.first[component] + c]];
        memory.column_low[c] = program->bounds->low[cell];
        memory.column_high[c] = program->bounds->high[cell];
    }
    return memory;
}

static struct simplex *open_component(const struct solver *solver, size_t component)
{
    struct shape_memory memory = copy_component(solver, component);
    struct simplex *simplex = simplex_open(&(struct simplex_shape){
        .row_count = group_size(&solver->rows, component),
        .column_count = group_size(&solver->columns, component),
        .first = memory.first,
        .count = memory.count,
        .columns = memory.columns,
        .coefficients = memory.coefficients,
        .row_low = memory.row_low,
        .row_high = memory.row_high,
        .column_low = memory.column_low,
        .column_high = memory.column_high,
    });
    free(memory.first);
    free(memory.count);
    free(memory.columns);
    free(memory.coefficients);
    free(memory.row_low);
    free(memory.row_high);
    free(memory.column_low);
    free(memory.column_high);
    return simplex;
}

static double cell_value(const struct solver *solver, const struct simplex *simplex, uint32_t cell)
{
    const struct lattice *lattice = solver->lattice;
    uint32_t column = solver->program.column_of[cell];
    if (column != LATTICE_NONE)
        return simplex_column(simplex, solver->local[column]);
    const struct lattice_equation *equation = &lattice->equations[lattice->first_equation[cell]];
    double sum = 0;
    for (size_t i = 0; i < equation->count; i++)
        sum += solver->value[lattice->parts[equation->first + i]];
    return sum;
}

/* Takes the solution at hand into the ranges of the component's cells. */
static void harvest(struct solver *solver, const struct simplex *simplex, size_t component)
{
    for (size_t i = solver->cells.first[component]; i < solver->cells.first[component + 1]; i++) {
        uint32_t cell = solver->cells.items[i];
        double value = cell_value(solver, simplex, cell);
        solver->value[cell] = value;
        solver->seen_low[cell] = fmin(solver->seen_low[cell], value);
        solver->seen_high[cell] = fmax(solver->seen_high[cell], value);
    }
}

static double round_low(const struct solver *solver, double value)
{
    return solver->whole ? ceil(value - slack(value)) : value - slack(value);
}

static double round_high(const struct solver *solver, double value)
{
    return solver->whole ? floor(value + slack(value)) : value + slack(value);
}

static bool is_settled(const struct solver *solver, uint32_t cell)
{
    const struct interval_question *question = solver->question;
    return question->settled && solver->seen_low[cell] <= solver->seen_high[cell] &&
           question->settled(question->context, cell, round_low(solver, solver->seen_low[cell]),
                             round_high(solver, solver->seen_high[cell]));
}

static enum simplex_result bound(struct solver *solver, struct simplex *simplex, uint32_t cell, bool greatest)
{
    double value;
    solver->statistics->programs++;
    enum simplex_result result = simplex_solve(simplex, greatest, solver->question->budget_iterations, &value);
    if (result == SIMPLEX_UNBOUNDED) {
        if (greatest)
            solver->seen_high[cell] = INFINITY;
        else
            solver->seen_low[cell] = -INFINITY;
        return SIMPLEX_OPTIMAL;
    }
    if (result != SIMPLEX_OPTIMAL)
        return result;
    harvest(solver, simplex, solver->program.component[solver->program.leader[cell]]);
    value = solver->value[cell];
    if (greatest)
        solver->high[cell] = fmin(solver->high[cell], round_high(solver, value));
    else
        solver->low[cell] = fmax(solver->low[cell], round_low(solver, value));
    return result;
}

/* Whether a witness reaches the proven bound: then there is nothing to gain. */
static bool reached(double seen, double proven)
{
    return isinf(proven) ? seen == proven : fabs(seen - proven) <= slack(proven);
}

/* The bounds of one cell. One that a witness reaches needs no program. */
static enum simplex_result solve_cell(struct solver *solver, struct simplex *simplex, uint32_t cell)
{
    struct program *program = &solver->program;
    enum simplex_result result = SIMPLEX_OPTIMAL;
    program_expand(program, cell);
    for (size_t i = 0; i < program->touched_count; i++)
        simplex_set_objective(simplex, solver->local[program->touched[i]], program->sums[program->touched[i]]);
    if (!reached(solver->seen_high[cell], solver->high[cell]))
        result = bound(solver, simplex, cell, true);
    if (result == SIMPLEX_OPTIMAL && !is_settled(solver, cell) && !reached(solver->seen_low[cell], solver->low[cell]))
        result = bound(solver, simplex, cell, false);
    for (size_t i = 0; i < program->touched_count; i++)
        simplex_set_objective(simplex, solver->local[program->touched[i]], 0);
    program_clear(program);
    return result;
}

static enum simplex_result solve_component(struct solver *solver, size_t component)
{
    const size_t *first = &solver->cells.first[component];
    bool wanted = false;
    for (size_t i = first[0]; i < first[1]; i++)
        wanted = wanted || solver->question->wanted[solver->cells.items[i]];
    if (!wanted)
        return SIMPLEX_OPTIMAL;
    if (group_size(&solver->columns, component) > MAX_COLUMNS)
        return SIMPLEX_BUDGET;
    struct simplex *simplex = open_component(solver, component);
    enum simplex_result result = simplex ? SIMPLEX_OPTIMAL : SIMPLEX_FAILED;
    for (size_t i = first[0]; i < first[1] && result == SIMPLEX_OPTIMAL; i++) {
        uint32_t cell = solver->cells.items[i];
        if (solver->question->wanted[cell] && !is_settled(solver, cell))
            result = solve_cell(solver, simplex, cell);
    }
    simplex_free(simplex);
    return result;
}

enum simplex_result interval_solve(struct bounds *bounds, const struct lattice *lattice,
                                   const struct interval_question *question, struct interval_statistics *statistics)
{
    struct solver solver = { .lattice = lattice, .question = question, .statistics = statistics };
    solver_init(&solver, bounds);
    statistics->components += solver.program.component_count;
    statistics->columns += solver.program.column_count;
    statistics->rows += solver.program.row_count;
    enum simplex_result result = SIMPLEX_OPTIMAL;
    for (size_t g = 0; g < solver.program.component_count && result == SIMPLEX_OPTIMAL; g++)
        result = solve_component(&solver, g);
    if (result == SIMPLEX_OPTIMAL) {
        memcpy(bounds->low, solver.low, bounds->count * sizeof *bounds->low);
        memcpy(bounds->high, solver.high, bounds->count * sizeof *bounds->high);
    }
    solver_release(&solver);
    return result;
}
