/* P5: a case is deleted at the latest one calendar year after closing, unless a hold covers it. */
#include "tests/unit/etl/loading.h"

#include <fcntl.h>

#include "core/calendar.h"
#include "etl/holds.h"
#include "etl/mask.h"
#include "etl/retention.h"

static int begin(void **state)
{
    *state = loading_begin();
    return 0;
}

static int end(void **state)
{
    loading_end(*state);
    return 0;
}

#define CASE(id, customer, email, day) { .case_id = (id), .identifiers = { (customer), (email) }, .closed_day = (day), .version = 1 }
enum { YEAR = 365, CLOSED = 19800, DUE = CLOSED + YEAR }; /* 2024-03-18 and 2025-03-18 */

static void retain(struct loading *loading, int32_t today, bool dry_run, struct retention_report *report)
{
    const struct retention retention = { .store = &loading->store, .tables = &loading->tables,
                                         .term = { .case_months = 12 }, .today = today, .dry_run = dry_run };
    struct err err;
    *report = (struct retention_report){ 0 };
    must(retention_run(&retention, report, &err), &err);
}

static uint64_t deleted(struct loading *loading, int32_t today)
{
    struct retention_report report;
    retain(loading, today, false, &report);
    uint64_t count = report.cases[RETENTION_TERM] + report.cases[RETENTION_RELEASED];
    retention_report_release(&report);
    return count;
}

static int64_t cases(struct loading *loading)
{
    return loading_integer(loading, "SELECT count(*) FROM case_cases");
}

static void hold(struct loading *loading, const struct hold_event *event)
{
    struct holds *holds;
    struct err err;
    must(holds_open(&holds, &loading->store, &err), &err);
    must(holds_record(holds, event, &err), &err);
    holds_free(holds);
}

static struct hold_event case_hold(struct loading *loading, const char *case_id, int64_t at, bool release)
{
    struct hold_event event = { .of_case = true, .reason = "lawsuit", .occurred_at = at, .release = release };
    pseudonym_derive(loading->store.cases, "case:cases", (struct slice){ case_id, strlen(case_id) }, event.hash);
    return event;
}

static struct hold_event person_hold(struct loading *loading, const char *kind, const char *text)
{
    struct hold_event event = { .reason = "open payment", .occurred_at = 1 };
    objection_hash(loading->store.objection, kind, (struct slice){ text, strlen(text) }, event.hash);
    return event;
}

static void test_p5_gone_on_the_anniversary_not_before(void **state)
{
    static const struct test_row rows[] = { CASE("1", "K1", NULL, CLOSED), CASE("2", "K2", NULL, CLOSED + 1) };
    loading_rows(*state, rows, 2);
    assert_int_equal(deleted(*state, DUE - 1), 0);
    assert_int_equal(deleted(*state, DUE), 1);
    assert_int_equal(loading_case(*state, 0, "1"), 0);
    assert_int_equal(deleted(*state, DUE), 0); /* a second night finds nothing */
    assert_int_equal(cases(*state), 1);
}

static void test_p5_leap_day(void **state)
{
    const int32_t leap = calendar_day((struct calendar_date){ 2024, 2, 29 });
    struct test_row row = CASE("1", "K1", NULL, leap);
    loading_rows(*state, &row, 1);
    assert_int_equal(deleted(*state, calendar_day((struct calendar_date){ 2025, 2, 27 })), 0);
    assert_int_equal(deleted(*state, calendar_day((struct calendar_date){ 2025, 2, 28 })), 1);
}

static void test_p5_a_late_night_catches_up(void **state)
{
    struct test_row rows[100];
    char names[100][16];
    for (int i = 0; i < 100; i++) {
        snprintf(names[i], sizeof names[i], "c%d", i);
        rows[i] = (struct test_row)CASE(names[i], names[i], NULL, CLOSED + i);
    }
    loading_rows(*state, rows, 100);
    struct retention_report report;
    retain(*state, DUE + 59, false, &report);
    assert_int_equal(report.cases[RETENTION_TERM], 60);
    assert_int_equal(report.persons, 60);
    assert_int_equal(report.month_count, 3);
    assert_int_equal(report.months[0].month, 3);
    assert_int_equal(report.months[0].cases[RETENTION_TERM], 14); /* 18 to 31 March 2024 */
    assert_int_equal(report.months[1].cases[RETENTION_TERM], 30);
    assert_int_equal(report.months[2].cases[RETENTION_TERM], 16);
    retention_report_release(&report);
    assert_int_equal(cases(*state), 40);
}

static void test_dry_run_counts_the_same_and_changes_nothing(void **state)
{
    static const struct test_row rows[] = { CASE("1", "K1", NULL, CLOSED), CASE("2", "K2", NULL, CLOSED) };
    struct retention_report report;
    loading_rows(*state, rows, 2);
    struct hold_event event = case_hold(*state, "2", 1, false);
    hold(*state, &event);
    retain(*state, DUE, true, &report);
    assert_int_equal(report.cases[RETENTION_TERM], 1);
    assert_int_equal(report.cases[RETENTION_HELD], 1);
    retention_report_release(&report);
    assert_int_equal(cases(*state), 2);
    assert_int_equal(loading_integer(*state, "SELECT sum(held) FROM case_cases"), 0);
}

static void test_p5_held_case_is_marked_and_goes_when_released(void **state)
{
    static const struct test_row rows[] = { CASE("1", "K1", NULL, CLOSED), CASE("2", "K1", NULL, CLOSED) };
    loading_rows(*state, rows, 2);
    struct hold_event event = case_hold(*state, "1", 100, false), release = case_hold(*state, "1", 200, true);
    hold(*state, &event);
    assert_int_equal(deleted(*state, DUE - 1), 0);
    assert_int_equal(loading_integer(*state, "SELECT sum(held) FROM case_cases"), 0); /* in statistics until then */
    assert_int_equal(deleted(*state, DUE), 1);
    assert_int_equal(loading_integer(*state, "SELECT held FROM case_cases"), 1);
    assert_int_equal(deleted(*state, DUE + 400), 0);
    hold(*state, &release);
    assert_int_equal(deleted(*state, DUE + 401), 1);
    assert_int_equal(cases(*state), 0);
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM hold"), 0); /* it ended long ago */
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM identifier"), 0);
}

/* The time of the event decides, not of arrival. */
static void test_holds_in_any_order(void **state)
{
    static const struct {
        int64_t held, released;
        bool expected;
    } cases[] = { { 100, 200, false }, { 200, 100, true }, { 150, 150, true } };
    static const struct test_row rows[] = { CASE("1", "K1", NULL, CLOSED) };
    (void)state;
    for (size_t i = 0; i < 6; i++) {
        struct loading *loading = loading_begin();
        struct hold_event events[] = { case_hold(loading, "1", cases[i / 2].held, false),
                                       case_hold(loading, "1", cases[i / 2].released, true) };
        loading_rows(loading, rows, 1);
        for (size_t e = 0; e < 4; e++)
            hold(loading, &events[(e + i) % 2]); /* each twice */
        assert_int_equal(deleted(loading, DUE), !cases[i / 2].expected);
        loading_end(loading);
    }
}

static void test_person_is_held_by_any_identifier_also_of_later_cases(void **state)
{
    static const struct test_row rows[] = { CASE("1", "K1", NULL, CLOSED), CASE("2", "K2", NULL, CLOSED) },
                                 later[] = { CASE("3", "K1", "a@b.de", CLOSED + 5) };
    struct hold_event event = person_hold(*state, "email", "a@b.de");
    hold(*state, &event); /* before anything is known of the person */
    loading_rows(*state, rows, 2);
    loading_rows(*state, later, 1);
    assert_int_equal(deleted(*state, DUE + 10), 1);
    assert_int_not_equal(loading_case(*state, 0, "1"), 0);
    assert_int_not_equal(loading_case(*state, 0, "3"), 0);
}

static void test_hold_outlives_a_rotation(void **state)
{
    struct loading *loading = *state;
    static const struct test_row rows[] = { CASE("1", "K1", NULL, CLOSED) }, again[] = { CASE("2", "K1", NULL, CLOSED + 1) };
    struct hold_event event = person_hold(loading, "id:customer", "K1");
    loading_rows(loading, rows, 1);
    hold(loading, &event);
    loading_make_key(loading, KEY_ANALYTICS, 2);
    loading_reopen(loading);
    assert_int_equal(deleted(loading, DUE), 0); /* under the old key */
    loading_rows(loading, again, 1);
    assert_int_equal(loading_integer(loading, "SELECT min(epoch) FROM identifier"), 2);
    assert_int_equal(deleted(loading, DUE + 10), 0);
    assert_int_equal(loading_integer(loading, "SELECT sum(held) FROM case_cases"), 2);
}

static void test_person_goes_with_the_last_case(void **state)
{
    static const struct test_row rows[] = { CASE("1", "K1", "a@b.de", CLOSED), CASE("2", "K1", NULL, CLOSED + 9),
                                            CASE("3", "K3", NULL, CLOSED + 9) };
    loading_rows(*state, rows, 3);
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM identifier_link"), 2);
    deleted(*state, DUE);
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM identifier"), 3);
    deleted(*state, DUE + 9);
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM identifier"), 0);
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM identifier_link"), 0);
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM person_check"), 0);
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM case_key"), 0);
}

static void test_person_stays_for_a_case_in_another_source(void **state)
{
    static const struct test_row first[] = { CASE("1", "K1", NULL, CLOSED) }, second[] = { CASE("1", "K1", NULL, CLOSED + 50) };
    loading_run(*state, &(struct loading_file){ .source = 0, .rows = first, .count = 1 }, NULL);
    loading_run(*state, &(struct loading_file){ .source = 1, .rows = second, .count = 1 }, NULL);
    deleted(*state, DUE);
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM identifier"), 1);
}

/* Whoever lost the last case in another way is forgotten, too. */
static void test_persons_without_cases_are_forgotten(void **state)
{
    static const struct test_row rows[] = { CASE("1", "K1", NULL, CLOSED), CASE("2", "K2", NULL, CLOSED) },
                                 changes[] = { { .case_id = "1", .version = 2, .open = true },
                                               { .case_id = "2", .identifiers = { "K3" }, .closed_day = CLOSED, .version = 2 },
                                               { .case_id = "2", .identifiers = { "K4" }, .closed_day = CLOSED, .version = 1 } };
    loading_rows(*state, rows, 2);
    loading_rows(*state, changes, 2);
    loading_rows(*state, &changes[2], 1);
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM identifier"), 4);
    deleted(*state, CLOSED + 10);
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM identifier"), 1);
    assert_int_equal(cases(*state), 1);
}

static void test_labels_that_no_case_has_go(void **state)
{
    struct loading *loading = *state;
    static const struct test_row rows[] = {
        { .case_id = "1", .closed_day = CLOSED, .version = 1, .channel = "only this one" },
        { .case_id = "2", .closed_day = CLOSED, .version = 1, .channel = "held" },
        { .case_id = "3", .closed_day = CLOSED, .version = 1, .channel = "chat" },
        { .case_id = "4", .closed_day = CLOSED + 50, .version = 1, .channel = "chat" },
    };
    loading_rows(loading, rows, 4);
    must(db_exec(loading->store.db, "UPDATE dimension_value SET named = (label = 'named')", NULL), NULL);
    struct hold_event event = case_hold(loading, "2", 1, false);
    hold(loading, &event);
    struct retention_report report;
    retain(loading, DUE, false, &report);
    assert_int_equal(report.labels, 1);
    retention_report_release(&report);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM dimension_value"), 2);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM dimension_value WHERE label = 'only this one'"), 0);
}

static void test_public_data_has_no_term(void **state)
{
    struct loading *loading = *state;
    static const struct test_row rows[] = { CASE("1", NULL, NULL, CLOSED) };
    loading->list[0].personal = false;
    loading->list[0].person = SOURCE_PERSON_NONE;
    loading_reopen(loading);
    loading_rows(loading, rows, 1);
    assert_int_equal(deleted(loading, DUE + 4000), 0);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM dimension_value"), 1);
}

static void test_source_that_left_the_configuration_ends_all_the_same(void **state)
{
    struct loading *loading = *state;
    static const struct test_row rows[] = { CASE("1", "K1", NULL, CLOSED) };
    loading_rows(loading, rows, 1);
    loading->sources.list = &loading->list[1];
    loading->sources.count = 1;
    loading_reopen(loading);
    assert_int_equal(deleted(loading, DUE), 1);
}

static void test_tombstones_and_what_is_set_aside_expire(void **state)
{
    struct loading *loading = *state;
    struct test_row rows[6];
    static const char *const names[] = { "1", "2", "3", "4", "5", "6" };
    for (int i = 0; i < 5; i++)
        rows[i] = (struct test_row)CASE(names[i], names[i], "none@none", CLOSED);
    rows[5] = (struct test_row){ .case_id = "6", .open = true, .version = 1 };
    loading_rows(loading, rows, 6);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM identifier WHERE person IS NULL"), 1);
    deleted(loading, DUE - 1);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_key WHERE id IS NULL"), 1);
    deleted(loading, DUE);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM identifier"), 0);
    deleted(loading, 30000); /* tombstones of the tests expire on that day */
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_key"), 0);
}

/* ---- nothing remains in the bytes of the files ---- */

static bool is_in_file(const char *path, const unsigned char *what, size_t length)
{
    static unsigned char bytes[16 << 20];
    int fd = open(path, O_RDONLY);
    ssize_t got = fd < 0 ? 0 : read(fd, bytes, sizeof bytes);
    if (fd >= 0)
        close(fd);
    assert_true(got < (ssize_t)sizeof bytes);
    return got > 0 && memmem(bytes, (size_t)got, what, length);
}

static bool is_in_store(struct loading *loading, const unsigned char *what)
{
    char log[96];
    snprintf(log, sizeof log, "%s-wal", loading->path);
    return is_in_file(loading->path, what, PSEUDONYM_BYTES) || is_in_file(log, what, PSEUDONYM_BYTES);
}

static void test_p5_nothing_remains(void **state)
{
    struct loading *loading = *state;
    enum { CASES = 400 };
    static struct test_row rows[CASES];
    static char names[CASES][16], mails[CASES][32];
    struct err err;
    for (int i = 0; i < CASES; i++) {
        snprintf(names[i], sizeof names[i], "N%d", i);
        snprintf(mails[i], sizeof mails[i], "n%d@x.de", i / 2);
        rows[i] = (struct test_row)CASE(names[i], names[i], mails[i], CLOSED + i % 2 * 100);
    }
    loading_run(loading, &(struct loading_file){ .rows = rows, .count = CASES, .batch_rows = 50 }, NULL);
    must(db_checkpoint(loading->store.db, &err), &err);
    unsigned char key[PSEUDONYM_BYTES], pseudonym[PSEUDONYM_BYTES], masked[PSEUDONYM_BYTES];
    for (int day = 0; day < 2; day++) {
        assert_int_equal(deleted(loading, DUE + day * 100), CASES / 2);
        must(db_checkpoint(loading->store.db, &err), &err);
        for (int i = 0; i < CASES; i++) {
            struct slice name = { names[i], strlen(names[i]) };
            pseudonym_derive(loading->store.cases, "case:cases", name, key);
            pseudonym_derive(loading->store.analytics, "id:customer", name, pseudonym);
            objection_hash(loading->store.objection, "id:customer", name, masked);
            objection_mask(loading->store.analytics, pseudonym, masked, masked);
            assert_int_equal(is_in_store(loading, key), i % 2 == 1 && day == 0);
            /* Pairs share an e-mail: the person lives as long as one of its cases. */
            assert_int_equal(is_in_store(loading, pseudonym), day == 0);
            assert_int_equal(is_in_store(loading, masked), day == 0);
        }
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_p5_gone_on_the_anniversary_not_before),
        TEST(test_p5_leap_day),
        TEST(test_p5_a_late_night_catches_up),
        TEST(test_dry_run_counts_the_same_and_changes_nothing),
        TEST(test_p5_held_case_is_marked_and_goes_when_released),
        cmocka_unit_test(test_holds_in_any_order),
        TEST(test_person_is_held_by_any_identifier_also_of_later_cases),
        TEST(test_hold_outlives_a_rotation),
        TEST(test_person_goes_with_the_last_case),
        TEST(test_person_stays_for_a_case_in_another_source),
        TEST(test_persons_without_cases_are_forgotten),
        TEST(test_labels_that_no_case_has_go),
        TEST(test_public_data_has_no_term),
        TEST(test_source_that_left_the_configuration_ends_all_the_same),
        TEST(test_tombstones_and_what_is_set_aside_expire),
        TEST(test_p5_nothing_remains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
