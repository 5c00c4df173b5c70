#include "stats/protect/repair_program.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/protect/remainder.h"

/* What one unit of change in a published cell costs: more for greater cells, but not in proportion. */
static double price(const struct protect_problem *problem, uint32_t cell)
{
    const double dear = 1000; /* a forced cell goes only when nothing else helps */
    double unit = 1 + 0.2 * log2((double)problem_cases(problem, problem->cells[cell].row) + 1);
    return problem->cells[cell].state == PROTECT_FORCED ? dear * unit : unit;
}

bool repair_may_change(const struct repair_program *program, uint32_t cell)
{
    return program->withheld[cell] || program->audit->problem->cells[cell].state != PROTECT_PUBLISHED;
}

/* Published cells that are one unknown and nothing else: their price is the unknown's. */
static double *find_prices(const struct repair_program *program)
{
    const struct protect_problem *problem = program->audit->problem;
    double *prices = mem_zalloc(problem->unknown_count, sizeof *prices);
    for (uint32_t c = 0; c < problem->cell_count; c++) {
        struct protect_view view = problem_view(problem, problem->cells[c].row);
        if (program->withheld[c] || view.count != 1)
            continue;
        if (repair_may_change(program, c))
            prices[view.members[0]] += price(problem, c);
        else
            program->free[view.members[0]] = false;
    }
    return prices;
}

static void add_unknowns(struct repair_program *program)
{
    const struct protect_problem *problem = program->audit->problem;
    double *prices = find_prices(program);
    for (size_t u = 0; u < problem->unknown_count; u++) {
        program->column[u] = SIZE_MAX;
        program->apart[u] = prices[u] > 0;
        if (!program->free[u] || problem->unknowns[u].known_zero)
            continue;
        program->column[u] = program->column_count;
        program->column_count += program->apart[u] ? 2 : 1;
    }
    lp_add_columns(&program->lp, program->column_count);
    for (uint32_t u = 0; u < problem->unknown_count; u++) {
        size_t column = program->column[u];
        double fall = (double)(problem->unknowns[u].cases - system_lowest(problem, program->audit->options, u));
        if (column == SIZE_MAX)
            continue;
        lp_bound_column(&program->lp, column, program->apart[u] ? 0 : -fall, INFINITY);
        if (!program->apart[u])
            continue;
        lp_bound_column(&program->lp, column + 1, 0, fall);
        lp_set_cost(&program->lp, column, -prices[u]);
        lp_set_cost(&program->lp, column + 1, -prices[u]);
    }
    free(prices);
}

static size_t add_terms(struct repair_program *program, struct protect_view view)
{
    size_t count = 0;
    for (size_t i = 0; i < view.count; i++) {
        size_t column = program->column[view.members[i]];
        double coefficient = view.coefficients ? view.coefficients[i] : 1;
        if (column == SIZE_MAX)
            continue;
        lp_add_entry(&program->lp, column, coefficient);
        if (program->apart[view.members[i]])
            lp_add_entry(&program->lp, column + 1, -coefficient);
        count++;
    }
    return count;
}

static bool has_free(const struct repair_program *program, struct protect_view view)
{
    for (size_t i = 0; i < view.count; i++)
        if (program->column[view.members[i]] != SIZE_MAX)
            return true;
    return false;
}

/* Columns for the rise and the fall of each published sum that may change. */
static void add_slacks(struct repair_program *program)
{
    const struct protect_problem *problem = program->audit->problem;
    size_t first = program->column_count;
    for (uint32_t c = 0; c < problem->cell_count; c++) {
        struct protect_view view = problem_view(problem, problem->cells[c].row);
        bool is_sum = !program->withheld[c] && view.count > 1 && has_free(program, view);
        program->slack[c] = is_sum && repair_may_change(program, c) ? program->column_count : SIZE_MAX;
        program->column_count += program->slack[c] == SIZE_MAX ? 0 : 2;
    }
    lp_add_columns(&program->lp, program->column_count - first);
    for (uint32_t c = 0; c < problem->cell_count; c++)
        for (size_t i = 0; i < 2 && program->slack[c] != SIZE_MAX; i++) {
            lp_bound_column(&program->lp, program->slack[c] + i, 0, INFINITY);
            lp_set_cost(&program->lp, program->slack[c] + i, -price(problem, c));
        }
}

static void add_slack_terms(struct repair_program *program, uint32_t cell, double sign)
{
    if (program->slack[cell] == SIZE_MAX)
        return;
    lp_add_entry(&program->lp, program->slack[cell], sign);
    lp_add_entry(&program->lp, program->slack[cell] + 1, -sign);
}

/* What published cells below the sum change is in their columns: so its row is short. */
static void add_published_terms(struct repair_program *program, const uint32_t *cells, size_t count)
{
    const struct protect_problem *problem = program->audit->problem;
    for (size_t i = 0; i < count; i++) {
        struct protect_view view = problem_view(problem, problem->cells[cells[i]].row);
        if (view.count == 1)
            add_terms(program, view);
        else
            add_slack_terms(program, cells[i], 1);
    }
}

/* The sum's family along which its row is shortest; PROTECT_NONE: none is shorter than the sum itself. */
static uint32_t choose_family(struct remainder *remainder, uint32_t cell)
{
    const struct protect_problem *problem = remainder->problem;
    struct protect_view view = problem_view(problem, problem->cells[cell].row);
    uint32_t best = PROTECT_NONE;
    size_t least = view.count;
    for (size_t i = problem->first_family[cell]; i < problem->first_family[cell + 1] && !view.coefficients; i++) {
        remainder_deep(remainder, problem->family_of[i]);
        if (remainder->count + remainder->cell_count >= least)
            continue;
        least = remainder->count + remainder->cell_count;
        best = problem->family_of[i];
    }
    return best;
}

/* A published sum: what is below it changes by its rise less its fall. */
static void add_sum(struct repair_program *program, struct remainder *remainder, uint32_t cell)
{
    const struct protect_problem *problem = program->audit->problem;
    uint32_t family = choose_family(remainder, cell);
    lp_begin_row(&program->lp);
    if (family == PROTECT_NONE) {
        add_terms(program, problem_view(problem, problem->cells[cell].row));
    } else {
        remainder_deep(remainder, family);
        add_terms(program, (struct protect_view) { remainder->unknowns, NULL, remainder->count });
        add_published_terms(program, remainder->cells, remainder->cell_count);
    }
    add_slack_terms(program, cell, -1);
    lp_end_row(&program->lp, 0, 0);
}

static void add_rows(struct repair_program *program)
{
    const struct protect_problem *problem = program->audit->problem;
    struct remainder remainder;
    remainder_init(&remainder, problem, program->withheld);
    for (uint32_t c = 0; c < problem->cell_count; c++)
        if (!program->withheld[c] && problem_view(problem, problem->cells[c].row).count > 1
            && has_free(program, problem_view(problem, problem->cells[c].row)))
            add_sum(program, &remainder, c);
    remainder_release(&remainder);
    for (size_t e = 0; e < problem->equation_count; e++) {
        lp_begin_row(&program->lp);
        if (add_terms(program, problem_view(problem, problem->equations[e])))
            lp_end_row(&program->lp, 0, 0);
    }
}

static void free_below(struct repair_program *program, uint32_t cell)
{
    struct protect_view view = problem_view(program->audit->problem, program->audit->problem->cells[cell].row);
    for (size_t i = 0; i < view.count; i++)
        program->free[view.members[i]] = true;
}

void repair_program_open(struct repair_program *program, const struct audit *audit, const unsigned *withheld,
                         const struct repair_around *around)
{
    const struct protect_problem *problem = audit->problem;
    *program = (struct repair_program) { .audit = audit, .withheld = withheld };
    program->column = mem_zalloc(problem->unknown_count, sizeof *program->column);
    program->apart = mem_zalloc(problem->unknown_count, sizeof *program->apart);
    program->slack = mem_zalloc(problem->cell_count, sizeof *program->slack);
    program->free = mem_alloc(problem->unknown_count + 1);
    memset(program->free, !around, problem->unknown_count + 1);
    for (int i = 0; around && i < 2; i++)
        free_below(program, around->cells[i]);
    lp_open(&program->lp);
    add_unknowns(program);
    add_slacks(program);
    add_rows(program);
}

void repair_program_close(struct repair_program *program)
{
    lp_close(&program->lp);
    free(program->free);
    free(program->column);
    free(program->apart);
    free(program->slack);
}

bool repair_program_aim(struct repair_program *program, size_t member, double direction, double amount)
{
    const double worth = 1e5; /* a unit of the goal is worth more than any change that it may need */
    lp_begin_row(&program->lp);
    if (!add_terms(program, protect_member_view(program->audit->members, member)))
        return false;
    program->goal = lp_add_columns(&program->lp, 1);
    lp_add_entry(&program->lp, program->goal, -direction);
    lp_end_row(&program->lp, 0, 0);
    lp_bound_column(&program->lp, program->goal, -INFINITY, amount);
    lp_set_cost(&program->lp, program->goal, worth);
    lp_begin_with(&program->lp, program->goal);
    return true;
}

void repair_program_read(const struct repair_program *program, double *changes)
{
    for (size_t u = 0; u < program->audit->problem->unknown_count; u++) {
        size_t column = program->column[u];
        changes[u] = column == SIZE_MAX ? 0 : lp_value(&program->lp, column);
        if (column != SIZE_MAX && program->apart[u])
            changes[u] -= lp_value(&program->lp, column + 1);
    }
}

void repair_program_free(struct repair_program *program, uint32_t cell)
{
    const struct protect_problem *problem = program->audit->problem;
    struct protect_view view = problem_view(problem, problem->cells[cell].row);
    size_t column = view.count == 1 ? program->column[view.members[0]] : program->slack[cell];
    for (size_t i = 0; i < 2 && column != SIZE_MAX; i++)
        lp_set_cost(&program->lp, column + i, 0);
}

void repair_program_bound(struct repair_program *program, uint32_t unknown, double least, double most)
{
    const struct protect_problem *problem = program->audit->problem;
    size_t column = program->column[unknown];
    double lowest = (double)(system_lowest(problem, program->audit->options, unknown) - problem->unknowns[unknown].cases);
    if (column == SIZE_MAX)
        return;
    least = fmax(least, lowest);
    lp_bound_column(&program->lp, column, program->apart[unknown] ? 0 : least, most);
    if (program->apart[unknown])
        lp_bound_column(&program->lp, column + 1, 0, -least);
}
