/* Moves away from the truth: by hand in small tables, and against GLPK in made-up ones. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stats/protect/lp.h"
#include "stats/protect/tableau.h"

/* A table of rows × columns with all margins published: its cells are the variables. */
static struct block cross(size_t rows, size_t columns)
{
    struct block block = { .variable_count = rows * columns, .row_count = rows + columns };
    size_t at = 0;
    block.first_entry = mem_zalloc(rows + columns + 1, sizeof *block.first_entry);
    block.entries = mem_zalloc(2 * rows * columns, sizeof *block.entries);
    for (size_t r = 0; r < rows; r++, block.first_entry[r] = at)
        for (size_t c = 0; c < columns; c++)
            block.entries[at++] = (struct system_entry) { (uint32_t)(r * columns + c), 1 };
    for (size_t c = 0; c < columns; c++, block.first_entry[rows + c] = at)
        for (size_t r = 0; r < rows; r++)
            block.entries[at++] = (struct system_entry) { (uint32_t)(r * columns + c), 1 };
    return block;
}

static void open_with(struct tableau *tableau, const struct block *block, const double *truth, double reach)
{
    tableau_open(tableau, block, truth);
    for (uint32_t v = 0; v < block->variable_count; v++)
        tableau_bound(tableau, v, -truth[v], reach);
}

static void assert_kept(const struct tableau *tableau, const struct block *block)
{
    for (size_t r = 0; r < block->row_count; r++) {
        double sum = 0;
        for (size_t i = block->first_entry[r]; i < block->first_entry[r + 1]; i++)
            sum += block->entries[i].coefficient * tableau->value[block->entries[i].variable];
        assert_true(fabs(sum) < 1e-6);
    }
    for (size_t v = 0; v < tableau->variable_count; v++)
        assert_true(tableau->value[v] > tableau->lower[v] - 1e-6 && tableau->value[v] < tableau->upper[v] + 1e-6);
}

/* 3 1 | 4     the first cell can rise by 1 and fall by 3 (to 0, while the others become 4, 5 and 0)
 * 2 3 | 5 */
static void two_by_two(void **state)
{
    (void)state;
    const double truth[] = { 3, 1, 2, 3 };
    const uint32_t first = 0;
    struct block block = cross(2, 2);
    struct tableau tableau;
    open_with(&tableau, &block, truth, 100);
    tableau_aim(&tableau, &first, 1, 1);
    assert_false(tableau_improve(&tableau, 2, 100));
    assert_true(fabs(tableau.objective - 1) < 1e-9);
    assert_kept(&tableau, &block);
    tableau_rest(&tableau);
    tableau_aim(&tableau, &first, 1, -1);
    assert_true(tableau_improve(&tableau, 3, 100));
    assert_true(fabs(tableau.value[0] + 3) < 1e-9 && fabs(tableau.value[1] - 3) < 1e-9);
    /* of somebody who knows that the last cell is at least 2 */
    tableau_rest(&tableau);
    tableau_bound(&tableau, 3, -1, 100);
    tableau_aim(&tableau, &first, 1, -1);
    assert_false(tableau_improve(&tableau, 3, 100));
    assert_true(fabs(tableau.objective - 1) < 1e-9);
    assert_kept(&tableau, &block);
    tableau_close(&tableau);
    block_release(&block);
}

/* No iteration, no move; what is enough is not gone beyond where that can be told. */
static void limits(void **state)
{
    (void)state;
    const double truth[] = { 3, 1, 2, 3 };
    const uint32_t all[] = { 0, 1 };
    struct block block = cross(2, 2);
    struct tableau tableau;
    open_with(&tableau, &block, truth, 100);
    tableau_aim(&tableau, all, 1, 1);
    assert_false(tableau_improve(&tableau, 1, 0));
    assert_true(tableau.iterations == 0 && tableau.value[0] == 0);
    tableau_aim(&tableau, all, 2, 1); /* a published sum */
    assert_false(tableau_improve(&tableau, 1, 100));
    assert_true(fabs(tableau.objective) < 1e-9);
    tableau_close(&tableau);
    block_release(&block);
}

static double by_glpk(const struct block *block, const double *truth, double reach, uint32_t variable, double direction)
{
    struct lp lp;
    lp_open(&lp);
    lp_add_columns(&lp, block->variable_count);
    for (size_t v = 0; v < block->variable_count; v++)
        lp_bound_column(&lp, v, -truth[v], reach);
    for (size_t r = 0; r < block->row_count; r++) {
        lp_begin_row(&lp);
        for (size_t i = block->first_entry[r]; i < block->first_entry[r + 1]; i++)
            lp_add_entry(&lp, block->entries[i].variable, block->entries[i].coefficient);
        lp_end_row(&lp, 0, 0);
    }
    lp_set_cost(&lp, variable, direction);
    assert_int_equal(lp_maximise(&lp, UINT64_MAX), LP_OPTIMAL);
    double objective = lp_objective(&lp);
    lp_close(&lp);
    return objective;
}

static void made_up(uint32_t seed)
{
    const size_t rows = 3 + seed % 5, columns = 3 + seed % 7;
    struct block block = cross(rows, columns);
    struct tableau tableau;
    double *truth = mem_zalloc(block.variable_count, sizeof *truth);
    uint32_t random = seed;
    for (size_t v = 0; v < block.variable_count; v++) {
        random = random * 1664525 + 1013904223;
        truth[v] = random >> 30 ? (double)(random >> 24 & 15) : 0;
    }
    for (size_t i = 0; i < 2 * rows * columns && seed % 2; i += 3) /* not only plain sums */
        block.entries[i].coefficient = 1 + (double)(i % 4);
    open_with(&tableau, &block, truth, 50);
    for (uint32_t v = 0; v < block.variable_count; v++)
        for (double direction = 1; direction >= -1; direction -= 2) {
            tableau_rest(&tableau);
            tableau_aim(&tableau, &v, 1, direction);
            tableau_improve(&tableau, INFINITY, 1000);
            assert_true(fabs(tableau.objective - direction * tableau.value[v]) < 1e-6);
            assert_true(fabs(tableau.objective - by_glpk(&block, truth, 50, v, direction)) < 1e-6);
            assert_kept(&tableau, &block);
        }
    tableau_close(&tableau);
    block_release(&block);
    free(truth);
}

static void as_far_as_glpk(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 40; seed++)
        made_up(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_by_two),
        cmocka_unit_test(limits),
        cmocka_unit_test(as_far_as_glpk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
