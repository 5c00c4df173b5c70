#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "surveys/consent.h"

static char folder[64], path[96];
static struct db *db;

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/test_consent.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/surveys.db", folder);
    if (db_open(&db, path, "surveys", DB_CREATE, NULL))
        return -1;
    return db_exec(db, "INSERT INTO recipient (recipient, address_hash, channel) VALUES (1, x'01', 'email'), (2, x'02', 'email')", NULL);
}

static int teardown(void **state)
{
    (void)state;
    db_close(db);
    db = NULL;
    static const char *const suffixes[] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < 3; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        unlink(name);
    }
    return rmdir(folder);
}

static bool record(struct consent_event event)
{
    bool is_new = false;
    event.recipient = event.recipient ? event.recipient : 1;
    event.controller = event.controller ? event.controller : "nordhaus";
    event.purpose = event.purpose ? event.purpose : "service_survey";
    assert_int_equal(consent_record(db, &event, &is_new, NULL), 0);
    return is_new;
}

static enum consent_verdict check_for(const char *controller, bool double_opt_in, int64_t at)
{
    struct consent_event question = { .recipient = 1, .controller = controller, .purpose = "service_survey" };
    struct consent_state state;
    assert_int_equal(consent_check(db, &question, double_opt_in, at, &state, NULL), 0);
    return state.verdict;
}

static enum consent_verdict check(int64_t at)
{
    return check_for("nordhaus", false, at);
}

#define EVENT(kind_, ...) record((struct consent_event) { .kind = CONSENT_##kind_, .occurred_at = __VA_ARGS__ })

static void test_p3_no_opt_in_no_invitation(void **state)
{
    (void)state;
    assert_int_equal(check(100), CONSENT_NONE);
    EVENT(OPT_IN, 50);
    assert_int_equal(check(49), CONSENT_NONE);
    assert_int_equal(check(50), CONSENT_GIVEN);
}

static void test_p3_an_opt_in_names_its_brand_and_purpose(void **state)
{
    (void)state;
    EVENT(OPT_IN, 10, .controller = "velora");
    EVENT(OPT_IN, 10, .purpose = "newsletter");
    EVENT(OPT_IN, 10, .recipient = 2);
    assert_int_equal(check(100), CONSENT_NONE);
}

static void test_the_same_event_counts_once(void **state)
{
    (void)state;
    assert_true(EVENT(OPT_IN, 10, .recorded_at = 20));
    assert_false(EVENT(OPT_IN, 10, .recorded_at = 30));
    assert_true(EVENT(OPT_IN, 11));
}

static void test_occurrence_decides_not_arrival(void **state)
{
    (void)state;
    EVENT(OPT_OUT, 20);
    EVENT(OPT_IN, 10);
    assert_int_equal(check(100), CONSENT_OPTED_OUT);
    EVENT(OPT_IN, 30);
    assert_int_equal(check(100), CONSENT_GIVEN);
}

static void test_leaving_wins_a_tie(void **state)
{
    (void)state;
    EVENT(OPT_OUT, 20);
    EVENT(OPT_IN, 20);
    assert_int_equal(check(100), CONSENT_OPTED_OUT);
}

static void test_p3_a_case_flag_never_brings_anybody_back(void **state)
{
    (void)state;
    EVENT(OPT_IN, 10, .origin = CONSENT_FROM_CASE);
    assert_int_equal(check(100), CONSENT_GIVEN);
    EVENT(OPT_OUT, 20);
    EVENT(OPT_IN, 30, .origin = CONSENT_FROM_CASE);
    assert_int_equal(check(100), CONSENT_OPTED_OUT);
}

static void test_p4_an_objection_holds_for_the_group(void **state)
{
    (void)state;
    EVENT(OPT_IN, 10);
    EVENT(OPT_IN, 10, .controller = "velora");
    EVENT(OBJECTION, 20, .controller = CONSENT_ALL, .purpose = CONSENT_ALL);
    assert_int_equal(check(100), CONSENT_OBJECTED);
    assert_int_equal(check_for("velora", false, 100), CONSENT_OBJECTED);
    EVENT(OPT_IN, 30);
    assert_int_equal(check(100), CONSENT_OBJECTED);
}

static void test_a_withdrawn_objection_needs_a_new_opt_in(void **state)
{
    (void)state;
    EVENT(OPT_IN, 10);
    EVENT(OBJECTION, 20, .controller = CONSENT_ALL);
    EVENT(OPT_IN, 25);
    EVENT(OBJECTION_WITHDRAWN, 30, .controller = CONSENT_ALL);
    assert_int_equal(check(100), CONSENT_OPTED_OUT);
    EVENT(OPT_IN, 40);
    assert_int_equal(check(100), CONSENT_GIVEN);
}

static void test_double_opt_in_takes_the_persons_own_click(void **state)
{
    (void)state;
    EVENT(OPT_IN, 10);
    assert_int_equal(check_for("nordhaus", true, 100), CONSENT_UNCONFIRMED);
    EVENT(OPT_IN, 20, .origin = CONSENT_FROM_PAGE);
    assert_int_equal(check_for("nordhaus", true, 100), CONSENT_GIVEN);
}

static void test_the_ledger_is_append_only(void **state)
{
    (void)state;
    EVENT(OPT_IN, 10);
    assert_int_not_equal(db_exec(db, "UPDATE consent_event SET kind = 'opt_out'", NULL), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_p3_no_opt_in_no_invitation),
        TEST(test_p3_an_opt_in_names_its_brand_and_purpose),
        TEST(test_the_same_event_counts_once),
        TEST(test_occurrence_decides_not_arrival),
        TEST(test_leaving_wins_a_tie),
        TEST(test_p3_a_case_flag_never_brings_anybody_back),
        TEST(test_p4_an_objection_holds_for_the_group),
        TEST(test_a_withdrawn_objection_needs_a_new_opt_in),
        TEST(test_double_opt_in_takes_the_persons_own_click),
        TEST(test_the_ledger_is_append_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
