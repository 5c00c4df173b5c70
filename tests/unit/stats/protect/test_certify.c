/* The certificate, given witnesses by hand: A is one person's case, B are two persons' and C is of many; their total is published. What
 * proves A and B at k = 3 is accepted, and with each thing that is wrong about it refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "stats/protect/certify.h"

enum { A, B, C, UNKNOWNS, FIRST_OF_C = 3, OTHERS = 8 };

static struct protect_problem problem;
static struct protect_members members;
static struct audit audit;
static unsigned withheld[UNKNOWNS + 1];
static struct protect_options options;
static uint32_t anna; /* who is alone in A */
static char message[300];

/* `greatest` cases of C are one person's. */
static void setup(int64_t greatest)
{
    const uint32_t all[] = { A, B, C };
    struct primary_judge judge;
    options = (struct protect_options) { .k = 3, .audit = PROTECT_AUDIT_X0 };
    problem_init(&problem);
    for (int u = 0; u < UNKNOWNS; u++)
        problem_add_unknown(&problem, false);
    problem_add_cell(&problem, (struct protect_cell) { .tables = 1 }, all, NULL, 3);
    for (uint32_t u = 0; u < UNKNOWNS; u++)
        problem_add_cell(&problem, (struct protect_cell) { .tables = 1 }, &all[u], NULL, 1);
    problem_add_contribution(&problem, A, anna, 1);
    problem_add_contribution(&problem, B, 1, 1);
    problem_add_contribution(&problem, B, 2, 1);
    for (uint32_t p = 0; p < OTHERS; p++)
        problem_add_contribution(&problem, C, FIRST_OF_C + p, p ? 1 : greatest);
    problem_finish(&problem);
    memset(withheld, 0, sizeof withheld);
    memset(&members, 0, sizeof members);
    primary_judge_init(&judge, &problem, &options);
    primary_find(&judge, withheld, &members);
    primary_judge_release(&judge);
    assert_int_equal(members.count, 2);
    withheld[C + 1] = PROTECT_ELIMINATION;
    audit_init(&audit, &problem, &options, &members);
}

static void add_witness(int64_t a, int64_t b, int64_t c)
{
    const int64_t changes[] = { a, b, c };
    witness_begin(&audit.witnesses, 1);
    for (uint32_t u = 0; u < UNKNOWNS; u++)
        if (changes[u])
            witness_add_change(&audit.witnesses, u, changes[u]);
    witness_end(&audit.witnesses);
}

static void release(void)
{
    audit_release(&audit);
    protect_members_release(&members);
    problem_release(&problem);
}

static bool is_certified(void)
{
    struct err err = { 0 };
    int code = certify(&audit, withheld, &err);
    strcpy(message, code ? err.message : "");
    assert_true(code == 0 || code == ERR_INTERNAL);
    return code == 0;
}

static void test_what_nobody_can_rule_out_is_accepted(void **state)
{
    (void)state;
    setup(1);
    add_witness(3, 0, -3);
    add_witness(0, 3, -3);
    assert_true(is_certified());
    release();
}

static void test_a_published_total_must_not_change(void **state)
{
    (void)state;
    setup(1);
    add_witness(3, 0, -3);
    add_witness(0, 3, -2);
    assert_false(is_certified());
    assert_non_null(strstr(message, "1 witnesses are impossible, 1 cells"));
    release();
}

static void test_too_narrow_for_outsiders(void **state)
{
    (void)state;
    setup(1);
    add_witness(3, 0, -3);
    add_witness(0, 2, -2);
    assert_false(is_certified());
    assert_non_null(strstr(message, "0 witnesses are impossible, 1 cells not proved safe, 0 not"));
    release();
}

/* Outsiders may take A for nobody; who is there may not. */
static void test_who_is_alone_knows_the_cell(void **state)
{
    (void)state;
    setup(1);
    add_witness(3, 0, -3);
    add_witness(-1, 3, -2);
    assert_false(is_certified());
    assert_non_null(strstr(message, "0 witnesses are impossible, 0 cells not proved safe, 1 not from contributors"));
    add_witness(1, 3, -4); /* nor for two persons */
    assert_false(is_certified());
    add_witness(0, 1, -1); /* so far one more is enough for the contributor: the width is there */
    assert_true(is_certified());
    release();
}

/* Six of the thirteen cases are one person's, who knows that there are no fewer. */
static void test_own_cases_are_kept(void **state)
{
    (void)state;
    setup(6);
    add_witness(8, 0, -8);
    add_witness(0, 8, -8);
    assert_false(is_certified());
    assert_non_null(strstr(message, "0 cells not proved safe, 2 not from contributors"));
    add_witness(0, 7, -7);
    assert_false(is_certified());
    assert_non_null(strstr(message, "0 cells not proved safe, 1 not from contributors"));
    add_witness(7, 0, -7);
    assert_true(is_certified());
    release();
}

static void claim(uint32_t member, uint32_t knower, uint32_t second, double share)
{
    MEM_GROW(audit.mixtures, audit.mixture_count, audit.mixture_capacity);
    audit.mixtures[audit.mixture_count++] = (struct audit_mixture) { member, knower, { 1, second }, share };
}

/* One lower and one higher in A come to the truth there, and B is three or two higher. */
static void test_mixtures_are_computed_again(void **state)
{
    (void)state;
    setup(1);
    add_witness(3, 0, -3);
    add_witness(-1, 3, -2);
    add_witness(1, 2, -3);
    assert_false(is_certified());
    claim(B, anna, 2, 0.9);           /* A is still lower */
    claim(B, 1, 2, 0.5);              /* of somebody else */
    claim(A, anna, 2, 0.5);           /* of another cell */
    claim(B, anna, 17, 0.5);          /* no witness */
    claim(B, anna, 2, -0.5);          /* not between them */
    claim(B, anna, PROTECT_NONE, 0.5); /* half of it, and of the truth: A is lower still */
    claim(B, anna, PROTECT_NONE, 0); /* the truth does not lift it */
    assert_false(is_certified());
    claim(B, anna, 2, 0.5);
    assert_true(is_certified());
    release();
}

static void test_who_is_let_go_is_in_the_record(void **state)
{
    (void)state;
    setup(1);
    add_witness(3, 0, -3);
    add_witness(-1, 3, -2);
    doubts_forget(&audit.doubts[B], anna);
    assert_false(is_certified());
    members.members[B].narrow = true;
    assert_true(is_certified());
    audit.doubts[B].let_go[0] = 1;
    assert_false(is_certified());
    members.members[B].lost = true;
    assert_true(is_certified());
    release();
}

/* Where each case is a person of its own, each of B knows of one, and who is A knows A. */
static void test_cases_that_are_persons(void **state)
{
    (void)state;
    anna = PROTECT_EACH_CASE;
    setup(1);
    add_witness(3, 0, -3);
    add_witness(-1, 3, -2);
    assert_false(is_certified());
    add_witness(0, 3, -3);
    assert_true(is_certified());
    release();
    anna = 0;
}

static void test_a_witness_that_lifts_is_needed(void **state)
{
    (void)state;
    setup(1);
    add_witness(3, 0, -3);
    assert_false(is_certified());
    assert_non_null(strstr(message, "1 not from contributors"));
    release();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_nobody_can_rule_out_is_accepted),
        cmocka_unit_test(test_a_published_total_must_not_change),
        cmocka_unit_test(test_too_narrow_for_outsiders),
        cmocka_unit_test(test_who_is_alone_knows_the_cell),
        cmocka_unit_test(test_own_cases_are_kept),
        cmocka_unit_test(test_mixtures_are_computed_again),
        cmocka_unit_test(test_who_is_let_go_is_in_the_record),
        cmocka_unit_test(test_cases_that_are_persons),
        cmocka_unit_test(test_a_witness_that_lifts_is_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
