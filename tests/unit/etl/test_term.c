#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/calendar.h"
#include "etl/term.h"

static int32_t day(int year, int month, int day_of_month)
{
    return calendar_day((struct calendar_date){ year, month, day_of_month });
}

static void test_due_days(void **state)
{
    static const struct {
        int months;
        struct calendar_date closed, due;
    } cases[] = {
        { 12, { 2025, 3, 15 }, { 2026, 3, 15 } },
        { 12, { 2024, 2, 29 }, { 2025, 2, 28 } }, /* a leap day: a year later there is none */
        { 12, { 2023, 2, 28 }, { 2024, 2, 28 } },
        { 12, { 2025, 12, 31 }, { 2026, 12, 31 } },
        { 1, { 2025, 1, 31 }, { 2025, 2, 28 } },
        { 1, { 2024, 1, 31 }, { 2024, 2, 29 } },
        { 6, { 2025, 8, 31 }, { 2026, 2, 28 } },
        { 3, { 2025, 12, 1 }, { 2026, 3, 1 } },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct term term = { .case_months = cases[i].months };
        assert_int_equal(term_due_day(&term, calendar_day(cases[i].closed)), calendar_day(cases[i].due));
    }
}

/* The definition, tried on every day of eight years: due days of what may stay lie after today, of the day before not. */
static void test_oldest_day_is_the_first_whose_due_day_has_not_come(void **state)
{
    (void)state;
    for (int months = 1; months <= 12; months++) {
        const struct term term = { .case_months = months };
        for (int32_t today = day(2023, 1, 1); today < day(2031, 1, 1); today++) {
            int32_t oldest = term_oldest_day(&term, today);
            assert_true(term_due_day(&term, oldest) > today);
            assert_true(term_due_day(&term, oldest - 1) <= today);
        }
    }
}

static void test_never_more_than_a_year(void **state)
{
    static const struct config_rule *const rules[] = { term_config_rules, NULL };
    static const char *const texts[] = { "retention: {months: 13}\n", "retention: {months: 0}\n",
                                         "retention: {years: 2}\n" };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct config *config = NULL;
        assert_int_equal(config_parse(&config, "t", texts[i], strlen(texts[i]), NULL), 0);
        config_check(config, rules);
        assert_int_equal(config_problem_count(config), 1);
        config_free(config);
    }
}

static void test_defaults(void **state)
{
    struct config *config = NULL;
    struct term term;
    (void)state;
    assert_int_equal(config_parse(&config, "t", "version: 1\n", 11, NULL), 0);
    term_compile(&term, config);
    assert_int_equal(term.case_months, 12);
    assert_int_equal(term.quarantine_days, 30);
    assert_int_equal(term.backup_days, 30);
    assert_int_equal(term.answer_days, 30);
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_due_days),
        cmocka_unit_test(test_oldest_day_is_the_first_whose_due_day_has_not_come),
        cmocka_unit_test(test_never_more_than_a_year),
        cmocka_unit_test(test_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
