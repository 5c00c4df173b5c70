/* A table with two or more withheld cells in every line, of which one, w|b, is known exactly all the same: 47. Repaired by
 * any one more: with x|d it is in [0, 78], with x|b, y|a or z|a in [0, 141]. Facts of the tests of sdcTable (R), bounds of GLPK. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "stats/protect/cross.h"
#include "stats/protect/protect.h"

enum { SIDE = 4, W = 1, B = 2 };
static const uint32_t cases[SIDE][SIDE] = { { 30, 47, 64, 89 }, { 90, 124, 5, 31 }, { 92, 100, 59, 85 }, { 800, 991, 651, 685 } };
static const bool given[SIDE][SIDE] = {
    { true, true, true, false }, { true, false, true, false }, { false, true, false, true }, { false, true, false, true }
};

static struct protect_problem problem;
static struct cross_map map;

static uint32_t cell_at(uint32_t row, uint32_t column)
{
    for (uint32_t c = 0; c < map.cell_count; c++)
        if (map.codes[c * 2] == row && map.codes[c * 2 + 1] == column)
            return c;
    fail();
    return 0;
}

static void build(void)
{
    static const bool leaf[SIDE + 1] = { false, true, true, true, true };
    static const uint32_t parent[SIDE + 1] = { 0 };
    static const struct cross_axis axis = { parent };
    const struct cross_dimension dimensions[2] = { { SIDE + 1, leaf, &axis, 1, false }, { SIDE + 1, leaf, &axis, 1, false } };
    struct cross_record records[SIDE * SIDE];
    for (uint32_t i = 0; i < SIDE * SIDE; i++)
        records[i] = (struct cross_record) { .leaves = { i / SIDE + 1, i % SIDE + 1 }, .person = PROTECT_EACH_CASE, .cases = cases[i / SIDE][i % SIDE] };
    struct cross cross = { .dimensions = dimensions, .dimension_count = 2, .records = records, .record_count = SIDE * SIDE, .zeros = true, .tables = 1 };
    struct err err;
    problem_init(&problem);
    assert_int_equal(cross_build(&cross, &problem, &map, &err), 0);
    for (uint32_t r = 0; r < SIDE; r++)
        for (uint32_t c = 0; c < SIDE; c++)
            if (given[r][c])
                problem.cells[cell_at(r + 1, c + 1)].rules = PROTECT_RANGE;
    problem_finish(&problem);
}

static size_t count_withheld(const struct protect_result *result)
{
    size_t count = 0;
    for (uint32_t c = 0; c < map.cell_count; c++)
        count += result->withheld[c] != 0;
    return count;
}

/* What is proved of w|b, as cases. */
static void find_range(const struct protect_result *result, double *low, double *high)
{
    uint32_t cell = cell_at(W, B);
    for (size_t m = 0; m < result->members.count; m++)
        if (result->members.members[m].cell == cell) {
            *low = (double)cases[W - 1][B - 1] + result->ranges[m].low;
            *high = (double)cases[W - 1][B - 1] + result->ranges[m].high;
        }
}

static void two_in_every_line_is_not_enough(void **state)
{
    (void)state;
    struct protect_result result;
    struct err err;
    struct protect_options options = { .k = 5, .audit = PROTECT_AUDIT_X0 };
    build();
    assert_int_equal(protect_run(&problem, &options, &result, &err), 0);
    assert_int_equal(result.report.dropped_tables, 0);
    assert_true(count_withheld(&result) >= 10);
    for (uint32_t r = 1; r <= SIDE; r++) {
        assert_int_equal(result.withheld[cell_at(r, 0)], 0);
        for (uint32_t c = 1; c <= SIDE; c++)
            assert_true(!given[r - 1][c - 1] || result.withheld[cell_at(r, c)]);
    }
    double low = 47, high = 47;
    find_range(&result, &low, &high);
    assert_true(low >= 0 && low <= 47 && high >= 47 && high <= 141);
    assert_true(high - low >= 5);
    protect_result_release(&result);
    cross_map_release(&map);
    problem_release(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_in_every_line_is_not_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
