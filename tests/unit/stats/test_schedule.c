#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/calendar.h"
#include "stats/schedule.h"

static int32_t day(int year, int month, int number)
{
    return calendar_day((struct calendar_date){ year, month, number });
}

static struct schedule_span january(void)
{
    return (struct schedule_span){ day(2026, 1, 1), day(2026, 1, 31) };
}

static enum schedule_state check(const struct schedule_input *input, bool gap_signed)
{
    int32_t missing = 0;
    return schedule_check(input, january(), gap_signed, &missing);
}

static void test_over_and_grace(void **state)
{
    (void)state;
    struct schedule_input input = { .as_of_day = day(2026, 1, 31), .grace_days = 2 };
    assert_int_equal(check(&input, true), SCHEDULE_OPEN);
    input.as_of_day = day(2026, 2, 1);
    assert_int_equal(check(&input, true), SCHEDULE_GRACE);
    input.as_of_day = day(2026, 2, 2);
    assert_int_equal(check(&input, true), SCHEDULE_GRACE);
    input.as_of_day = day(2026, 2, 3);
    assert_int_equal(check(&input, false), SCHEDULE_READY);
    input.grace_days = 0;
    input.as_of_day = day(2026, 2, 1);
    assert_int_equal(check(&input, false), SCHEDULE_READY);
}

/* A month of which the first days are past their term will never be whole, whatever is signed. */
static void test_past(void **state)
{
    (void)state;
    struct schedule_input input = { .as_of_day = day(2027, 1, 2), .kept_from_day = day(2026, 1, 2) };
    assert_int_equal(check(&input, true), SCHEDULE_PAST);
    input.kept_from_day = day(2026, 1, 1);
    assert_int_equal(check(&input, false), SCHEDULE_READY);
}

static void test_monthly_file(void **state)
{
    (void)state;
    struct schedule_span before = { day(2025, 12, 1), day(2025, 12, 31) }, some = { day(2026, 1, 3), day(2026, 1, 29) };
    struct schedule_input input = {
        .expect = SCHEDULE_EXPECT_MONTHLY, .as_of_day = day(2026, 3, 1), .accepted = &before, .accepted_count = 1
    };
    assert_int_equal(check(&input, false), SCHEDULE_GAP);
    assert_int_equal(check(&input, true), SCHEDULE_READY);
    input.accepted = &some;
    assert_int_equal(check(&input, false), SCHEDULE_READY);
}

static void test_daily_files(void **state)
{
    (void)state;
    struct schedule_span days[] = { { day(2026, 1, 1), day(2026, 1, 14) }, { day(2026, 1, 16), day(2026, 1, 31) } };
    struct schedule_input input = {
        .expect = SCHEDULE_EXPECT_DAILY, .as_of_day = day(2026, 3, 1), .accepted = days, .accepted_count = 2
    };
    int32_t missing = 0;
    assert_int_equal(schedule_check(&input, january(), false, &missing), SCHEDULE_GAP);
    assert_int_equal(missing, day(2026, 1, 15));
    days[0].to++;
    assert_int_equal(check(&input, false), SCHEDULE_READY);
}

/* The first week of 2026 begins on Monday 29 December 2025. */
static void test_weekly_files(void **state)
{
    (void)state;
    struct schedule_span weeks[] = { { day(2025, 12, 30), day(2025, 12, 30) }, { day(2026, 1, 5), day(2026, 1, 31) } };
    struct schedule_input input = {
        .expect = SCHEDULE_EXPECT_WEEKLY, .as_of_day = day(2026, 3, 1), .accepted = weeks, .accepted_count = 2
    };
    assert_int_equal(check(&input, false), SCHEDULE_READY);
    weeks[0].from = weeks[0].to = day(2025, 12, 28);
    assert_int_equal(check(&input, false), SCHEDULE_GAP);
}

static void test_a_rejected_file_holds_what_it_covers(void **state)
{
    (void)state;
    struct schedule_span held = { day(2026, 2, 1), day(2026, 2, 28) };
    struct schedule_input input = { .as_of_day = day(2026, 3, 10), .held = &held, .held_count = 1 };
    assert_int_equal(check(&input, false), SCHEDULE_READY);
    held.from = day(2026, 1, 31);
    assert_int_equal(check(&input, false), SCHEDULE_HELD);
    held = (struct schedule_span){ 1, 0 }; /* not known what it covers */
    assert_int_equal(check(&input, false), SCHEDULE_HELD);
    assert_int_equal(check(&input, true), SCHEDULE_READY);
}

static void test_what_a_name_tells(void **state)
{
    static const struct {
        const char *name;
        const char *from, *to; /* NULL: nothing */
    } names[] = {
        { "cases-2026-02.csv", "2026-02-01", "2026-02-28" },
        { "2024-02.csv.xz", "2024-02-01", "2024-02-29" },
        { "cases-2026-12-31.csv", "2026-12-31", "2026-12-31" },
        { "cases-7-2026-02-crm1.csv", "2026-02-01", "2026-02-28" },
        { "cases.csv", NULL, NULL },
        { "cases-2026-13.csv", NULL, NULL },
        { "cases-2026-02-30.csv", NULL, NULL },
        { "cases-2026-2.csv", NULL, NULL },
        { "cases-12026-02.csv", NULL, NULL },
        { "cases-2026-021.csv", NULL, NULL },
        { "cases-2026-02-2.csv", NULL, NULL },
        { "cases-2026-02-281.csv", NULL, NULL },
        { "cases-20260228.csv", NULL, NULL },
        { "cases-2026-01-to-2026-02.csv", NULL, NULL },
        { "", NULL, NULL },
        { "2026-", NULL, NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct schedule_span span;
        char from[16], to[16];
        assert_int_equal(schedule_name_span(names[i].name, &span), names[i].from != NULL);
        if (!names[i].from)
            continue;
        calendar_format_day(span.from, from);
        calendar_format_day(span.to, to);
        assert_string_equal(from, names[i].from);
        assert_string_equal(to, names[i].to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_over_and_grace),
        cmocka_unit_test(test_past), cmocka_unit_test(test_monthly_file),
        cmocka_unit_test(test_daily_files),
        cmocka_unit_test(test_weekly_files),
        cmocka_unit_test(test_a_rejected_file_holds_what_it_covers),
        cmocka_unit_test(test_what_a_name_tells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
