/* The engine on tables small enough to reason about: each rule withholds what it is for, and switched off it does not. So a rule that
 * stops working fails here. Cells are numbered by code: the total is 0, then the leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "stats/protect/cross.h"
#include "stats/protect/protect.h"

enum { K = 3, MOST_CODES = 8, MOST_RECORDS = 400 };

/* One line of a table: so many persons of so many cases each in that leaf; of the groups of the second dimension, if there is one. */
struct line {
    uint32_t leaf, other, persons, cases;
};

static struct cross_record records[MOST_RECORDS];
static const uint32_t under_total[MOST_CODES];
static const bool are_leaves[MOST_CODES] = { false, true, true, true, true, true, true, true };
static const struct cross_axis axis = { under_total };
/* Total, county 1 of the places 3 and 4, county 2 of place 5. */
static const uint32_t county_of[MOST_CODES] = { 0, 0, 0, 1, 1, 2 };
static const bool are_places[MOST_CODES] = { false, false, false, true, true, true };
static const struct cross_axis counties = { county_of };
static struct protect_problem problem;
static struct protect_result result;
static struct cross_map map;
static unsigned waived; /* bit c: cell c */
static unsigned unavailable; /* bit c: cell c */
static const struct cross_axis *first_axis = &axis;
static bool margins_are_out; /* earlier releases have published all cells but the inner ones */

static size_t make_records(const struct line *lines, size_t count)
{
    size_t made = 0;
    uint32_t person = 0;
    for (size_t i = 0; i < count; i++)
        for (uint32_t p = 0; p < lines[i].persons; p++)
            records[made++] = (struct cross_record) { { lines[i].leaf, lines[i].other }, person++, lines[i].cases };
    assert_true(made <= MOST_RECORDS);
    return made;
}

static void protect(const struct line *lines, size_t count, uint32_t codes, struct protect_options options)
{
    const uint32_t second = lines[0].other ? 3 : 0;
    const struct cross_dimension dimensions[] = { { codes, first_axis == &axis ? are_leaves : are_places, first_axis, 1, false }, { second, are_leaves, &axis, 1, second > 0 } };
    struct cross cross = { .dimensions = dimensions, .dimension_count = second ? 2 : 1, .records = records,
                           .record_count = make_records(lines, count), .zeros = true, .tables = 1 };
    struct err err = { 0 };
    problem_init(&problem);
    assert_int_equal(cross_build(&cross, &problem, &map, &err), 0);
    for (size_t c = 0; c < problem.cell_count; c++)
        if (waived >> c & 1)
            problem.cells[c].state = PROTECT_FORCED;
    for (size_t c = 0; c < problem.cell_count; c++)
        if (unavailable >> c & 1)
            problem.cells[c].state = PROTECT_UNAVAILABLE;
    for (size_t c = 0; c < problem.cell_count && margins_are_out; c++)
        if (!map.codes[2 * c] || !map.codes[2 * c + 1])
            problem.cells[c].state = PROTECT_PUBLISHED;
    problem_finish(&problem);
    assert_int_equal(protect_run(&problem, &options, &result, &err), 0);
}

static void release(void)
{
    protect_result_release(&result);
    cross_map_release(&map);
    problem_release(&problem);
}

static const struct protect_options plain = { .k = K, .audit = PROTECT_AUDIT_OFF };

/* How many cells the table withholds with the options, and with the rules switched off. */
static size_t withheld(const struct line *lines, size_t count, uint32_t codes, struct protect_options options, unsigned disabled)
{
    size_t found = 0;
    options.disabled = disabled;
    protect(lines, count, codes, options);
    for (size_t c = 0; c < problem.cell_count; c++)
        found += result.withheld[c] != 0;
    release();
    return found;
}

static void test_frequency_and_the_cell_that_would_give_it_away(void **state)
{
    const struct line lines[] = { { 1, 0, 2, 1 }, { 2, 0, 5, 1 }, { 3, 0, 9, 1 } };
    (void)state;
    assert_int_equal(withheld(lines, 3, 4, plain, 0), 2);
    assert_int_equal(withheld(lines, 3, 4, plain, PROTECT_FREQUENCY), 0);
    /* the remainder rule sees the same where the elimination is off */
    assert_int_equal(withheld(lines, 3, 4, plain, PROTECT_ELIMINATION), 2);
    assert_int_equal(withheld(lines, 3, 4, plain, PROTECT_ELIMINATION | PROTECT_REMAINDER), 1);
}

/* Two by two and a cell of two persons: the row and the column need one more each, and these their crossing. */
static void test_elimination_closes_the_square(void **state)
{
    const struct line lines[] = { { 1, 1, 2, 1 }, { 1, 2, 20, 1 }, { 2, 1, 25, 1 }, { 2, 2, 30, 1 } };
    (void)state;
    assert_int_equal(withheld(lines, 4, 3, plain, PROTECT_ATTRIBUTE), 4);
    assert_int_equal(withheld(lines, 4, 3, plain, PROTECT_ATTRIBUTE | PROTECT_ELIMINATION), 3);
}

/* 16 = 7 + 6 + one + two: neither follows, but their sum, of three persons, is in nobody's interest at k = 4. */
static void test_remainder(void **state)
{
    const struct line lines[] = { { 1, 0, 1, 1 }, { 2, 0, 2, 1 }, { 3, 0, 6, 1 }, { 4, 0, 7, 1 } };
    struct protect_options options = { .k = 4, .audit = PROTECT_AUDIT_OFF };
    (void)state;
    protect(lines, 4, 5, options);
    assert_true(result.withheld[1] & PROTECT_FREQUENCY);
    assert_true(result.withheld[3] & (PROTECT_REMAINDER | PROTECT_ELIMINATION));
    assert_int_equal(result.withheld[4], 0);
    release();
    assert_int_equal(withheld(lines, 4, 5, options, PROTECT_REMAINDER), 2);
}

/* A county that has no row, of twelve persons: with the other county and one of its places there the two in its other place are left. */
static void test_deep_remainder(void **state)
{
    const struct line lines[] = { { 3, 0, 10, 1 }, { 4, 0, 2, 1 }, { 5, 0, 20, 1 } };
    const unsigned one_is_out = PROTECT_ELIMINATION, neither = PROTECT_ELIMINATION | PROTECT_REMAINDER;
    (void)state;
    first_axis = &counties;
    unavailable = 1u << 1;
    assert_int_equal(withheld(lines, 3, 6, plain, neither), 2);
    assert_int_equal(withheld(lines, 3, 6, plain, one_is_out), 3);
    unavailable = 0;
    first_axis = &axis;
}

static void test_dominance_and_p_percent(void **state)
{
    const struct line dominated[] = { { 1, 0, 1, 90 }, { 1, 0, 9, 1 }, { 2, 0, 40, 1 }, { 3, 0, 50, 1 } };
    const struct line estimated[] = { { 1, 0, 1, 60 }, { 1, 0, 1, 37 }, { 1, 0, 3, 1 }, { 2, 0, 40, 1 }, { 3, 0, 50, 1 } };
    struct protect_options dominance = plain, p_percent = plain;
    dominance.dominance_persons = 1;
    dominance.dominance_percent = 80;
    p_percent.p_percent = 10;
    (void)state;
    protect(dominated, 4, 4, dominance);
    assert_true(result.withheld[1] & PROTECT_DOMINANCE);
    release();
    assert_int_equal(withheld(dominated, 4, 4, dominance, PROTECT_DOMINANCE), 0);
    protect(estimated, 5, 4, p_percent);
    assert_true(result.withheld[1] & PROTECT_P_PERCENT);
    release();
    assert_int_equal(withheld(estimated, 5, 4, p_percent, PROTECT_P_PERCENT), 0);
}

/* The textbook argument for the p %-rule (it is in the Handbook on Statistical Disclosure Control of Hundepool et al., too), by arithmetic alone.
 * Near: of a total of 100,000 the two greatest have 50,000 and 49,000. 50,000 is not more than 90 % of it, so the (1, 90) rule finds nothing; but
 * the second knows that the first has at most 100,000 - 49,000 = 51,000, off by 1,000 or 2 %: so p = 2.1 finds it and p = 2 does not. Far:
 * with 50,000 and 10,000 it is 90,000, off by 40,000 or 80 %: p = 81 finds it. The two greatest together have 99 % and 60 %: a (2, 98) and a (2, 59) rule
 * find them, a (2, 99) rule does not. One is 100 here. */
static void test_published_examples(void **state)
{
    const struct line near[] = { { 1, 0, 1, 500 }, { 1, 0, 1, 490 }, { 1, 0, 10, 1 }, { 2, 0, 40, 30 }, { 3, 0, 50, 30 } };
    const struct line far[] = { { 1, 0, 1, 500 }, { 1, 0, 1, 100 }, { 1, 0, 40, 10 }, { 2, 0, 40, 30 }, { 3, 0, 50, 30 } };
    static const struct {
        uint32_t persons;
        double percent, p_percent;
        bool near_is_found, far_is_found;
    } rows[] = {
        { 1, 90, 0, false, false }, { 0, 0, 10, true, false }, { 0, 0, 2.1, true, false }, { 0, 0, 2, false, false },
        { 2, 98, 0, true, false },  { 2, 99, 0, false, false }, { 0, 0, 81, true, true }, { 2, 59, 0, true, true },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct protect_options options = plain;
        options.dominance_persons = rows[i].persons;
        options.dominance_percent = rows[i].percent;
        options.p_percent = rows[i].p_percent;
        protect(near, 5, 4, options);
        if ((result.withheld[1] & PROTECT_PRIMARY) ? !rows[i].near_is_found : rows[i].near_is_found)
            fail_msg("near, row %zu", i);
        release();
        protect(far, 5, 4, options);
        if ((result.withheld[1] & PROTECT_PRIMARY) ? !rows[i].far_is_found : rows[i].far_is_found)
            fail_msg("far, row %zu", i);
        release();
    }
}

static unsigned rules_of_waived(void)
{
    unsigned rules = 0;
    for (size_t c = 0; c < problem.cell_count; c++)
        if (waived >> c & 1)
            rules |= result.withheld[c];
    waived = 0;
    return rules;
}

/* Cells 1 and 2 are each one person's for the most. With a waiver for 1 others go for the sake of 2; with one for all others, too, one of
 * these does not hold. */
static void test_waivers(void **state)
{
    const struct line lines[] = { { 1, 0, 1, 90 }, { 1, 0, 9, 1 }, { 2, 0, 1, 90 }, { 2, 0, 9, 1 }, { 3, 0, 50, 1 } };
    struct protect_options options = plain;
    options.dominance_persons = 1;
    options.dominance_percent = 80;
    (void)state;
    waived = 1u << 1;
    protect(lines, 5, 4, options);
    assert_int_equal(rules_of_waived(), 0);
    assert_true(result.withheld[2] & PROTECT_DOMINANCE);
    assert_true(result.withheld[0] || result.withheld[3]);
    release();
    options.disabled = PROTECT_REMAINDER; /* which would see it, too */
    waived = 1u << 0 | 1u << 1 | 1u << 3;
    protect(lines, 5, 4, options);
    assert_int_equal(rules_of_waived(), PROTECT_FORCED_UNSAFE);
    assert_true(result.withheld[2] & PROTECT_DOMINANCE);
    release();
}

/* 52 less 50 are two persons of two cells: of two waivers that say so one does not hold, whichever rule finds it. */
static void test_waivers_and_remainders(void **state)
{
    const struct line lines[] = { { 1, 0, 1, 1 }, { 2, 0, 1, 1 }, { 3, 0, 50, 1 } };
    const unsigned off[] = { 0, PROTECT_ELIMINATION };
    struct protect_options options = plain;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        waived = 1u << 0 | 1u << 3;
        options.disabled = off[i];
        protect(lines, 3, 4, options);
        assert_int_equal(rules_of_waived(), PROTECT_FORCED_UNSAFE);
        assert_int_equal(result.report.members_lost, 0);
        release();
    }
}

/* All but two of the twenty in the first leaf share category 1 of the sensitive dimension. */
static void test_attribute(void **state)
{
    const struct line lines[] = { { 1, 1, 18, 1 }, { 1, 2, 5, 1 }, { 2, 1, 20, 1 }, { 2, 2, 30, 1 } };
    const struct line alike[] = { { 1, 1, 18, 1 }, { 2, 1, 20, 1 }, { 2, 2, 30, 1 } };
    (void)state;
    assert_int_equal(withheld(lines, 4, 3, plain, 0), 0);
    assert_true(withheld(alike, 3, 3, plain, 0) > 0);
    assert_int_equal(withheld(alike, 3, 3, plain, PROTECT_ATTRIBUTE), 0);
}

/* How far answers are from the end of their range: two of eight persons by one point, then all others together by plenty. What is left of the
 * total must not be next to nothing either. */
static void test_range_of_cells_and_remainders(void **state)
{
    const struct line lines[] = { { 1, 0, 2, 1 }, { 2, 0, 6, 0 }, { 3, 0, 40, 1 }, { 4, 0, 50, 1 } };
    struct protect_options options = { .k = K, .amounts = true, .least_amount = K };
    const unsigned others = PROTECT_FREQUENCY | PROTECT_ATTRIBUTE;
    (void)state;
    options.disabled = others;
    protect(lines, 4, 5, options);
    assert_true(result.withheld[1] & PROTECT_RANGE);
    assert_true(result.withheld[2] & PROTECT_RANGE);
    assert_true(result.withheld[3] != 0);
    assert_int_equal(result.withheld[4], 0);
    release();
    assert_int_equal(withheld(lines, 4, 5, options, others | PROTECT_RANGE), 0);
    assert_int_equal(withheld(lines, 4, 5, options, others | PROTECT_REMAINDER), 2);
}

/* One person with four cases beside five of one: from 0 to 9 is less than k of that person's weight. */
static void test_audit_widens_intervals(void **state)
{
    const struct line lines[] = { { 1, 0, 1, 4 }, { 2, 0, 5, 1 }, { 3, 0, 100, 1 } };
    struct protect_options options = plain;
    (void)state;
    assert_int_equal(withheld(lines, 3, 4, options, PROTECT_CONTRIBUTOR), 2);
    options.audit = PROTECT_AUDIT_X0;
    protect(lines, 3, 4, options);
    assert_true(result.report.open_before_repair > 0);
    assert_true(result.withheld_before_audit[1] && result.withheld_before_audit[2] && !result.withheld_before_audit[3]);
    assert_true(result.ranges[0].high - result.ranges[0].low >= K * 4);
    release();
    assert_int_equal(withheld(lines, 3, 4, options, PROTECT_CONTRIBUTOR), 3);
}

/* Of 1,000 a tenth must be possible on either side; the 50 of others beside it are too little for that. */
static void test_audit_widens_intervals_of_amounts(void **state)
{
    const struct line lines[] = { { 1, 0, 1, 1000 }, { 2, 0, 5, 10 }, { 3, 0, 200, 10 } };
    const struct protect_options options = { .k = K, .audit = PROTECT_AUDIT_X0, .p_percent = 10, .amounts = true, .disabled = PROTECT_CONTRIBUTOR };
    (void)state;
    protect(lines, 3, 4, options);
    assert_true(result.withheld[1] & PROTECT_PRIMARY);
    assert_true(result.ranges[0].high >= 100 && result.ranges[0].low <= -100);
    release();
}

/* One person and two: outsiders know that they are three together, the one knows that the others are two. */
static void test_contributors_view(void **state)
{
    const struct line lines[] = { { 1, 0, 1, 1 }, { 2, 0, 2, 1 }, { 3, 0, 8, 1 }, { 4, 0, 9, 1 } };
    struct protect_options options = plain;
    options.audit = PROTECT_AUDIT_X0;
    (void)state;
    assert_int_equal(withheld(lines, 4, 5, options, PROTECT_CONTRIBUTOR), 2);
    assert_true(withheld(lines, 4, 5, options, 0) > 2);
}

/* Rows 1 9 10 and 26 0 4, of which all margins are out. Who is the 1 knows so: to them the 4 is 4 − x, where x is the 0. It cannot be more,
 * as the rules ask; that it can be less is lost with any inner cell. */
static void test_what_earlier_publications_narrow_for_a_contributor_stays_as_it_is(void **state)
{
    const struct line lines[] = { { 1, 1, 1, 1 }, { 2, 1, 9, 1 }, { 3, 1, 10, 1 }, { 1, 2, 26, 1 }, { 3, 2, 4, 1 } };
    const struct protect_options options = { .k = 6, .audit = PROTECT_AUDIT_X0, .disabled = PROTECT_ATTRIBUTE };
    (void)state;
    margins_are_out = true;
    protect(lines, 5, 4, options);
    margins_are_out = false;
    assert_true(result.report.members_lost > 0);
    for (size_t c = 0; c < problem.cell_count; c++)
        assert_int_equal(result.withheld[c] != 0, problem.cells[c].state == PROTECT_CANDIDATE);
    release();
}

static void test_nothing_is_published_that_the_budget_does_not_prove(void **state)
{
    const struct line lines[] = { { 1, 0, 1, 4 }, { 2, 0, 5, 1 }, { 3, 0, 100, 1 } };
    struct protect_options options = plain;
    options.audit = PROTECT_AUDIT_X0;
    options.budget = 1;
    (void)state;
    protect(lines, 3, 4, options);
    assert_true(result.report.dropped_tables != 0);
    for (size_t c = 0; c < problem.cell_count; c++)
        assert_true(result.withheld[c] != 0);
    release();
}

static void test_the_same_twice(void **state)
{
    const struct line lines[] = { { 1, 1, 2, 1 }, { 1, 2, 4, 2 }, { 2, 1, 5, 1 }, { 2, 2, 1, 7 }, { 3, 1, 6, 1 }, { 3, 2, 9, 1 } };
    struct protect_options options = plain;
    unsigned first[64];
    options.audit = PROTECT_AUDIT_X0;
    (void)state;
    protect(lines, 6, 4, options);
    size_t bytes = problem.cell_count * sizeof *first;
    memcpy(first, result.withheld, bytes);
    release();
    protect(lines, 6, 4, options);
    assert_memory_equal(first, result.withheld, bytes);
    release();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frequency_and_the_cell_that_would_give_it_away),
        cmocka_unit_test(test_elimination_closes_the_square),
        cmocka_unit_test(test_remainder),
        cmocka_unit_test(test_deep_remainder),
        cmocka_unit_test(test_dominance_and_p_percent),
        cmocka_unit_test(test_published_examples),
        cmocka_unit_test(test_waivers),
        cmocka_unit_test(test_waivers_and_remainders),
        cmocka_unit_test(test_attribute),
        cmocka_unit_test(test_range_of_cells_and_remainders),
        cmocka_unit_test(test_audit_widens_intervals),
        cmocka_unit_test(test_audit_widens_intervals_of_amounts),
        cmocka_unit_test(test_contributors_view),
        cmocka_unit_test(test_what_earlier_publications_narrow_for_a_contributor_stays_as_it_is),
        cmocka_unit_test(test_nothing_is_published_that_the_budget_does_not_prove),
        cmocka_unit_test(test_the_same_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
