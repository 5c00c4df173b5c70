/* Cells of one person each: who is alone in a cell knows it. The table is that of https://github.com/sdcTools/UserSupport/issues/135,
 * as GaussSuppression protects it: at k = 3, with zeros published, 7 cells are primary and two more have to go, the total of H and H in 1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "stats/protect/classes.h"
#include "stats/protect/cross.h"
#include "stats/protect/protect.h"

enum { TOTAL, A, B, H, M, W, CODES };

static struct cross_record records[] = {
    { .leaves = { 1, A }, .cases = 1 }, { .leaves = { 1, B }, .cases = 1 }, { .leaves = { 1, H }, .cases = 7 }, { .leaves = { 1, M }, .cases = 1 },
    { .leaves = { 2, A }, .cases = 1 }, { .leaves = { 2, M }, .cases = 2 }, { .leaves = { 2, W }, .cases = 8 },
};
static const uint32_t under_total[CODES];
static const bool are_leaves[CODES] = { false, true, true, true, true, true };
static const struct cross_axis axis = { under_total };
static struct protect_problem problem;
static struct protect_result result;
static struct cross_map map;

static void protect(struct protect_options options)
{
    static const struct cross_dimension dimensions[] = { { 3, are_leaves, &axis, 1, false }, { CODES, are_leaves, &axis, 1, false } };
    const struct cross cross = { .dimensions = dimensions, .dimension_count = 2, .records = records,
                                 .record_count = sizeof records / sizeof *records, .tables = 1 };
    struct err err = { 0 };
    for (size_t r = 0; r < cross.record_count; r++)
        records[r].person = PROTECT_EACH_CASE;
    options.k = 3;
    options.zeros = PROTECT_ZEROS_PUBLIC;
    problem_init(&problem);
    assert_int_equal(cross_build(&cross, &problem, &map, &err), 0);
    problem_finish(&problem);
    assert_int_equal(protect_run(&problem, &options, &result, &err), 0);
}

static void release(void)
{
    protect_result_release(&result);
    cross_map_release(&map);
    problem_release(&problem);
}

static unsigned rules_of(uint32_t row, uint32_t column)
{
    for (uint32_t c = 0; c < map.cell_count; c++)
        if (map.codes[2 * c] == row && map.codes[2 * c + 1] == column)
            return result.withheld[map.first_cell + c];
    fail_msg("no such cell");
    return 0;
}

static size_t count(unsigned rules)
{
    size_t found = 0;
    for (uint32_t c = 0; c < problem.cell_count; c++)
        found += (result.withheld[c] & rules) != 0;
    return found;
}

static void test_as_the_reference(void **state)
{
    (void)state;
    protect((struct protect_options) { .plain = true, .audit = PROTECT_AUDIT_OFF });
    assert_int_equal(count(PROTECT_FREQUENCY), 7);
    assert_int_equal(count(~0u), 9);
    assert_true(rules_of(TOTAL, H) && rules_of(1, H));
    release();
    /* without the rule 10 - 7 says that A, B and M in 1 are three together, and so one each */
    protect((struct protect_options) { .plain = true, .audit = PROTECT_AUDIT_OFF, .disabled = PROTECT_SINGLETON });
    assert_int_equal(rules_of(1, TOTAL) | rules_of(1, H) | rules_of(TOTAL, H), 0);
    release();
}

/* With a total of 3 for M who is alone at M in 1 knows that M in 2 is two, and 11 - 8 - 2 is somebody else: A in 2. */
static void test_what_contributors_know(void **state)
{
    (void)state;
    protect((struct protect_options) { .audit = PROTECT_AUDIT_OFF });
    assert_true(rules_of(TOTAL, M) | rules_of(TOTAL, W) | rules_of(2, W) | rules_of(2, TOTAL));
    release();
}

/* Five cells that no figure tells apart: what cannot be is known; cells of one person are one, but not with cells of more. */
static void test_merging(void **state)
{
    static const int64_t cases[] = { 1, 5, 1, 0, 2 };
    const uint32_t members[] = { 0, 1, 2, 3, 4 };
    const struct protect_view view = { members, NULL, 5 };
    struct classes classes;
    (void)state;
    problem_init(&problem);
    for (uint32_t u = 0; u < 5; u++) {
        problem_add_unknown(&problem, u == 3);
        if (cases[u])
            problem_add_contribution(&problem, u, PROTECT_EACH_CASE, cases[u]);
    }
    problem_finish(&problem);
    classes_find(&classes, &problem, &view, 1);
    assert_int_equal(classes.count, 2);
    assert_int_equal(classes.of[3], PROTECT_NONE);
    assert_true(classes.singleton[classes.of[0]] && classes.of[0] == classes.of[2]);
    assert_true(!classes.singleton[classes.of[1]] && classes.of[1] == classes.of[4]);
    assert_int_equal(classes.cases[classes.of[0]], 2);
    assert_int_equal(classes.cases[classes.of[1]], 7);
    classes_release(&classes);
    problem_release(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_the_reference),
        cmocka_unit_test(test_what_contributors_know),
        cmocka_unit_test(test_merging),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
