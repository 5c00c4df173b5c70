#include "stats/outsider/simplex.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/near.h"

/* x + y = 10, y + z in [4, 6], all from 0; x at most 8. */
static struct simplex *small_program(double x_low)
{
    static const size_t first[] = { 0, 2 }, count[] = { 2, 2 };
    static const uint32_t columns[] = { 0, 1, 1, 2 };
    static const double ones[] = { 1, 1, 1, 1 }, row_low[] = { 10, 4 }, row_high[] = { 10, 6 };
    const double low[] = { x_low, 0, 0 }, high[] = { 8, INFINITY, INFINITY };
    return simplex_open(&(struct simplex_shape){ 2, 3, first, count, columns, ones, row_low, row_high, low, high });
}

static void check(struct simplex *simplex, uint32_t column, double low, double high)
{
    size_t budget = 100;
    double value = NAN;
    simplex_set_objective(simplex, column, 1);
    assert_int_equal(simplex_solve(simplex, true, &budget, &value), SIMPLEX_OPTIMAL);
    assert_near(value, high, 1e-9);
    assert_near(simplex_column(simplex, column), high, 1e-9);
    assert_int_equal(simplex_solve(simplex, false, &budget, &value), SIMPLEX_OPTIMAL);
    assert_near(value, low, 1e-9);
    simplex_set_objective(simplex, column, 0);
    assert_true(budget < 100);
}

static void test_bounds_one_after_the_other(void **state)
{
    (void)state;
    struct simplex *simplex = small_program(0);
    assert_non_null(simplex);
    check(simplex, 0, 4, 8);
    check(simplex, 1, 2, 6);
    check(simplex, 2, 0, 4);
    check(simplex, 0, 4, 8);
    simplex_free(simplex);
}

static void test_infeasible(void **state)
{
    (void)state;
    struct simplex *simplex = small_program(-5);
    size_t budget = 100;
    double value;
    assert_int_equal(simplex_solve(simplex, true, &budget, &value), SIMPLEX_OPTIMAL);
    simplex_free(simplex);
    static const size_t first[] = { 0, 1 }, count[] = { 1, 1 };
    static const uint32_t columns[] = { 0, 0 };
    static const double ones[] = { 1, 1 }, row[] = { 3, 4 }, low = 0, high = INFINITY;
    simplex = simplex_open(&(struct simplex_shape){ 2, 1, first, count, columns, ones, row, row, &low, &high });
    assert_int_equal(simplex_solve(simplex, true, &budget, &value), SIMPLEX_INFEASIBLE);
    simplex_free(simplex);
}

static void test_unbounded_and_budget(void **state)
{
    (void)state;
    static const double low = 0, high = INFINITY;
    struct simplex *simplex =
        simplex_open(&(struct simplex_shape){ .column_count = 1, .column_low = &low, .column_high = &high });
    size_t budget = 100;
    double value;
    simplex_set_objective(simplex, 0, 1);
    assert_int_equal(simplex_solve(simplex, true, &budget, &value), SIMPLEX_UNBOUNDED);
    budget = 0;
    assert_int_equal(simplex_solve(simplex, true, &budget, &value), SIMPLEX_BUDGET);
    simplex_free(simplex);
}

/* GLPK aborts the process on its own errors unless they are caught: a column that stands twice in a row is one. */
static void test_an_error_inside_glpk_is_no_crash(void **state)
{
    (void)state;
    static const size_t first = 0, count = 2;
    static const uint32_t columns[] = { 0, 0 };
    static const double ones[] = { 1, 1 }, row = 3, low = 0, high = 1;
    assert_null(simplex_open(&(struct simplex_shape){ 1, 1, &first, &count, columns, ones, &row, &row, &low, &high }));
    struct simplex *simplex = small_program(0); /* and the next program is solved */
    check(simplex, 0, 4, 8);
    simplex_free(simplex);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds_one_after_the_other),
        cmocka_unit_test(test_infeasible),
        cmocka_unit_test(test_unbounded_and_budget),
        cmocka_unit_test(test_an_error_inside_glpk_is_no_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
