/* P4: an objector's cases leave the store and never come back in, by whichever identifier they objected and whichever later
 * files hold. Erasure, holds, and the end of a consent to recordings (P6). */
#include "tests/unit/etl/loading.h"

#include <fcntl.h>

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

enum { DAY = 20000, SECONDS = 86400 };
#define AT(day) ((int64_t)(day) * SECONDS + SECONDS / 2)
#define ROW(id, customer, email, phone, day) { .case_id = (id), .identifiers = { (customer), (email), (phone) }, .closed_day = (day), .version = 1 }
#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct rights_outcome act(struct loading *loading, enum claim what, const char *kind, const char *text, int64_t at)
{
    const struct person_key key = { kind, { text, strlen(text) } };
    struct rights_outcome outcome = { 0 };
    struct rights *rights = loading_rights(loading);
    struct err err;
    must(db_begin(loading->store.db, &err), &err);
    must(rights_claim(rights, &key, what, at, &outcome, &err), &err);
    must(rights_settle(rights, &outcome, &err), &err);
    rights_free(rights);
    must(db_commit(loading->store.db, &err), &err);
    return outcome;
}

static void hold_case(struct loading *loading, const char *case_id, int64_t at, bool release)
{
    const struct rights_hold hold = { .source = &loading->list[0], .case_id = { case_id, strlen(case_id) },
                                      .reason = "x", .release = release, .at = at };
    struct rights *rights = loading_rights(loading);
    struct err err;
    must(rights_hold(rights, &hold, &(struct rights_outcome){ 0 }, &err), &err);
    rights_free(rights);
}

static int64_t cases(struct loading *loading)
{
    return loading_integer(loading, "SELECT count(*) FROM case_cases");
}

/* No label is stored that no case has, and how many have it is known. */
static void check_labels(struct loading *loading)
{
    static const char carried[] = "SELECT d_channel AS code, count(*) AS cases FROM case_cases WHERE d_channel IS NOT NULL GROUP BY 1";
    char sql[512];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM (SELECT code, cases FROM dimension_use EXCEPT %s)", carried);
    assert_int_equal(loading_integer(loading, sql), 0);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM (%s EXCEPT SELECT code, cases FROM dimension_use)", carried);
    assert_int_equal(loading_integer(loading, sql), 0);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM dimension_value WHERE code NOT IN (SELECT code FROM dimension_use)");
    assert_int_equal(loading_integer(loading, sql), 0);
}

static int64_t labelled(struct loading *loading, const char *label)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM dimension_value WHERE label = '%s'", label);
    return loading_integer(loading, sql);
}

static int64_t blank(struct loading *loading)
{
    return loading_integer(loading, "SELECT count(*) FROM case_cases WHERE m_value IS NULL");
}

static int64_t stored(struct loading *loading, const struct test_row *row)
{
    return (int64_t)loading_rows(loading, row, 1).stored;
}

static void retain(struct loading *loading, int32_t today)
{
    const struct retention retention = { .store = &loading->store, .tables = &loading->tables,
                                         .term = { .case_months = 12 }, .today = today };
    struct retention_report report = { 0 };
    struct err err;
    must(retention_run(&retention, &report, &err), &err);
    retention_report_release(&report);
}

static void test_p4_by_email_against_cases_known_by_number_and_phone(void **state)
{
    struct loading *loading = *state;
    static const struct test_row rows[] = {
        ROW("1", "K1", NULL, NULL, DAY), ROW("2", NULL, NULL, "+491", DAY), ROW("3", "K1", NULL, "+491", DAY),
        ROW("4", "K1", "a@b.de", NULL, DAY), ROW("5", "K2", "c@d.de", NULL, DAY),
    };
    static const struct test_row later[] = {
        ROW("11", "K1", NULL, NULL, DAY + 1), ROW("12", NULL, NULL, "+491", DAY + 1), ROW("13", NULL, "a@b.de", NULL, DAY + 1),
        ROW("14", "K2", NULL, NULL, DAY + 1),
    };
    loading_rows(loading, rows, COUNT(rows));
    struct rights_outcome outcome = act(loading, CLAIM_OBJECTION, "email", "a@b.de", AT(DAY));
    assert_true(outcome.known);
    assert_int_equal(outcome.removed, 4);
    assert_int_equal(cases(loading), 1);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM identifier"), 2);
    struct load_counts counts = loading_rows(loading, later, COUNT(later));
    assert_int_equal(counts.barred, 3);
    assert_int_equal(counts.stored, 1);
    loading_rows(loading, rows, COUNT(rows)); /* the old file once more */
    assert_int_equal(cases(loading), 2);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM identifier"), 2); /* nothing of K1 */
}

static void test_p4_known_before_any_case(void **state)
{
    static const struct test_row row = ROW("1", "K1", "a@b.de", NULL, DAY), next = ROW("2", "K1", NULL, NULL, DAY);
    struct rights_outcome outcome = act(*state, CLAIM_OBJECTION, "email", "a@b.de", AT(DAY));
    assert_false(outcome.known);
    assert_int_equal(stored(*state, &row), 0);
    assert_int_equal(stored(*state, &next), 0); /* the number belongs together with the e-mail by now */
}

static void test_p4_case_does_not_return_without_identifiers(void **state)
{
    static const struct test_row row = ROW("1", "K1", NULL, NULL, DAY),
                                 blank = { .case_id = "1", .closed_day = DAY, .version = 9 };
    loading_rows(*state, &row, 1);
    act(*state, CLAIM_OBJECTION, "id:customer", "K1", AT(DAY));
    assert_int_equal(stored(*state, &blank), 0);
    assert_int_equal(cases(*state), 0);
}

static void test_p4_corrected_case_of_an_objector_leaves(void **state)
{
    static const struct test_row row = ROW("1", "K1", NULL, NULL, DAY);
    struct test_row corrected = ROW("1", "K2", NULL, NULL, DAY);
    corrected.version = 2;
    loading_rows(*state, &row, 1);
    act(*state, CLAIM_OBJECTION, "id:customer", "K2", AT(DAY));
    struct load_counts counts = loading_rows(*state, &corrected, 1);
    assert_int_equal(counts.barred, 1);
    assert_int_equal(cases(*state), 0);
}

static void test_p4_who_shares_an_identifier_with_an_objector_is_the_objector(void **state)
{
    static const struct test_row other[] = { ROW("1", "K9", NULL, "+499", DAY), ROW("2", "K9", NULL, NULL, DAY),
                                             ROW("3", "K8", NULL, NULL, DAY) },
                                 link[] = { ROW("4", NULL, "a@b.de", "+499", DAY) },
                                 later[] = { ROW("5", "K9", NULL, NULL, DAY) };
    act(*state, CLAIM_OBJECTION, "email", "a@b.de", AT(DAY));
    loading_rows(*state, other, 3);
    assert_int_equal(cases(*state), 3);
    loading_rows(*state, link, 1);
    assert_int_equal(cases(*state), 1);
    assert_int_equal(stored(*state, later), 0);
}

static void test_p4_within_one_batch_in_any_order(void **state)
{
    static const struct test_row rows[] = { ROW("1", "K1", NULL, NULL, DAY), ROW("2", "K1", NULL, "+491", DAY),
                                            ROW("3", NULL, "a@b.de", "+491", DAY) };
    (void)state;
    for (int order = 0; order < 6; order++) {
        static const int orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
        struct loading *loading = loading_begin();
        struct test_row shuffled[3];
        for (int i = 0; i < 3; i++)
            shuffled[i] = rows[orders[order][i]];
        act(loading, CLAIM_OBJECTION, "email", "a@b.de", AT(DAY));
        struct load_counts counts = loading_rows(loading, shuffled, 3);
        assert_int_equal(counts.barred, 3);
        assert_int_equal(cases(loading), 0);
        assert_int_equal(loading_integer(loading, "SELECT count(*) FROM identifier"), 0);
        loading_end(loading);
    }
}

static void test_withdrawn_new_cases_may_enter_old_ones_stay_gone(void **state)
{
    static const struct test_row old = ROW("1", "K1", NULL, NULL, DAY), older = ROW("2", "K1", NULL, NULL, DAY + 10),
                                 fresh = ROW("3", "K1", NULL, NULL, DAY + 11);
    loading_rows(*state, &old, 1);
    act(*state, CLAIM_OBJECTION, "id:customer", "K1", AT(DAY + 5));
    act(*state, CLAIM_OBJECTION_WITHDRAWN, "id:customer", "K1", AT(DAY + 10));
    assert_int_equal(stored(*state, &old), 0);
    assert_int_equal(stored(*state, &older), 0); /* closed on the day of the withdrawal */
    assert_int_equal(stored(*state, &fresh), 1);
    act(*state, CLAIM_OBJECTION, "id:customer", "K1", AT(DAY + 20));
    assert_int_equal(cases(*state), 0);
}

/* The instant decides, not the arrival: every order of an objection, a withdrawal and the cases leaves the same. */
static void test_claims_in_any_order(void **state)
{
    static const int orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
    static const struct {
        enum claim first, second;
        int days[2];
        int64_t left, blank;
    } expected[] = {
        { CLAIM_OBJECTION, CLAIM_OBJECTION_WITHDRAWN, { 1, 10 }, 1, 0 },
        { CLAIM_OBJECTION, CLAIM_OBJECTION_WITHDRAWN, { 10, 1 }, 0, 0 },
        { CLAIM_OBJECTION, CLAIM_OBJECTION_WITHDRAWN, { 5, 5 }, 0, 0 },
        { CLAIM_ERASURE, CLAIM_OBJECTION_WITHDRAWN, { 5, 6 }, 1, 0 },
        { CLAIM_ERASURE, CLAIM_OBJECTION, { 1, 9 }, 0, 0 },
        { CLAIM_ERASURE, CLAIM_RECORDING_REFUSED, { 3, 1 }, 1, 1 },
        { CLAIM_RECORDING_REFUSED, CLAIM_RECORDING_ALLOWED, { 1, 5 }, 2, 1 },
        { CLAIM_RECORDING_REFUSED, CLAIM_RECORDING_ALLOWED, { 5, 1 }, 2, 2 },
        { CLAIM_RECORDING_REFUSED, CLAIM_RECORDING_ALLOWED, { 5, 5 }, 2, 2 },
    };
    static const struct source_consent recording = { .name = "call_recording" };
    struct test_row rows[] = { ROW("1", "K1", "a@b.de", NULL, DAY), ROW("2", "K1", NULL, NULL, DAY + 11) };
    rows[0].value = rows[1].value = 7;
    (void)state;
    for (size_t e = 0; e < COUNT(expected); e++)
        for (int order = 0; order < 6; order++) {
            struct loading *loading = loading_begin();
            loading->measures[0].consent = &recording;
            for (int i = 0; i < 6; i++) { /* all of it twice */
                int what = orders[order][i % 3];
                if (what == 0)
                    act(loading, expected[e].first, "email", "a@b.de", AT(DAY + expected[e].days[0]));
                else if (what == 1)
                    act(loading, expected[e].second, "id:customer", "K1", AT(DAY + expected[e].days[1]));
                else
                    loading_rows(loading, rows, 2);
            }
            assert_int_equal(cases(loading), expected[e].left);
            assert_int_equal(blank(loading), expected[e].blank);
            loading_end(loading);
        }
}

/* The group is known by two identifiers that the store no longer knows to belong together. */
static void test_second_objection_finds_what_the_store_knows_by_another_identifier(void **state)
{
    static const struct test_row both = ROW("1", "K1", "a@b.de", NULL, DAY), by_number = ROW("2", "K1", NULL, NULL, DAY + 11),
                                 other = ROW("3", "K2", NULL, NULL, DAY + 11);
    loading_rows(*state, &both, 1);
    act(*state, CLAIM_OBJECTION, "email", "a@b.de", AT(DAY));
    act(*state, CLAIM_OBJECTION_WITHDRAWN, "email", "a@b.de", AT(DAY + 10));
    assert_int_equal(stored(*state, &by_number), 1);
    assert_int_equal(stored(*state, &other), 1);
    act(*state, CLAIM_OBJECTION, "email", "a@b.de", AT(DAY + 20));
    assert_int_equal(loading_case(*state, 0, "2"), 0);
    assert_int_equal(cases(*state), 1);
}

/* A row shows that an objector and somebody who withdrew are one person, whose cases the store knows by a third identifier. */
static void test_row_that_joins_claimants_reaches_all_their_cases(void **state)
{
    static const struct test_row both = ROW("1", "K1", NULL, "+491", DAY), phone = ROW("2", NULL, NULL, "+491", DAY + 11),
                                 joining = ROW("3", "K1", "a@b.de", NULL, DAY + 12);
    loading_rows(*state, &both, 1);
    act(*state, CLAIM_OBJECTION, "phone", "+491", AT(DAY));
    act(*state, CLAIM_OBJECTION_WITHDRAWN, "phone", "+491", AT(DAY + 10));
    act(*state, CLAIM_OBJECTION, "email", "a@b.de", AT(DAY + 5));
    assert_int_equal(stored(*state, &phone), 1);
    act(*state, CLAIM_OBJECTION, "email", "a@b.de", AT(DAY + 11));
    assert_int_equal(cases(*state), 1);
    loading_rows(*state, &joining, 1);
    assert_int_equal(cases(*state), 0);
}

/* Nobody takes strangers along. */
static void test_shared_identifier_is_no_way_to_object(void **state)
{
    static const struct test_row rows[] = { ROW("1", "K1", NULL, "+490", DAY), ROW("2", "K2", NULL, "+490", DAY),
                                            ROW("3", "K3", NULL, "+490", DAY), ROW("4", "K4", NULL, "+490", DAY) },
                                 later[] = { ROW("5", "K5", NULL, "+490", DAY) };
    loading_rows(*state, rows, 4);
    struct rights_outcome outcome = act(*state, CLAIM_OBJECTION, "phone", "+490", AT(DAY));
    assert_true(outcome.shared);
    assert_int_equal(cases(*state), 4);
    outcome = act(*state, CLAIM_OBJECTION, "id:customer", "K2", AT(DAY));
    assert_int_equal(outcome.removed, 1);
    assert_int_equal(stored(*state, later), 1); /* the shared telephone bars nobody */
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM claimant_identifier"), 1);
}

static void test_denied_identifier_is_no_way_to_object(void **state)
{
    struct loading *loading = *state;
    static const struct slice list[] = { { "none@none", 9 } };
    loading->identifiers[TEST_EMAIL].denied = (struct source_denied){ list, 1 };
    assert_true(act(loading, CLAIM_OBJECTION, "email", "none@none", AT(DAY)).shared);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM claimant"), 0);
}

/* A telephone that turns out to be a shop's only after an objector was seen with it: the strangers are let in again. */
static void test_shared_identifier_found_out_later_lets_strangers_in(void **state)
{
    struct loading *loading = *state;
    static const struct test_row objector = ROW("0", "K0", "a@b.de", "+490", DAY);
    static const char *const names[] = { "K1", "K2", "K3", "K4", "K5" }, *const more[] = { "n1", "n2", "n3", "n4", "n5" };
    act(loading, CLAIM_OBJECTION, "email", "a@b.de", AT(DAY));
    loading_rows(loading, &objector, 1);
    for (int i = 0; i < 5; i++) {
        struct test_row row = ROW(names[i], names[i], NULL, "+490", DAY);
        assert_int_equal(stored(loading, &row), i >= 2); /* after K0, K1 and K2 one too many */
    }
    for (int i = 0; i < 5; i++) {
        struct test_row row = ROW(more[i], names[i], NULL, NULL, DAY);
        assert_int_equal(stored(loading, &row), 1);
    }
    struct test_row still = ROW("x", "K0", NULL, NULL, DAY);
    assert_int_equal(stored(loading, &still), 0); /* K0 was seen with the e-mail itself */
    assert_true(act(loading, CLAIM_OBJECTION, "phone", "+490", AT(DAY)).shared);
}

/* The address that was named may be set aside; the objection by it stands. */
static void test_p4_named_identifier_that_is_set_aside_later_goes_on_barring(void **state)
{
    struct loading *loading = *state;
    static const char *const names[] = { "K1", "K2", "K3", "K4", "K5", "K6" };
    static const struct test_row alone = ROW("a", NULL, "a@b.de", NULL, DAY), before = ROW("w", NULL, "a@b.de", NULL, DAY + 10),
                                 after = ROW("x", NULL, "a@b.de", NULL, DAY + 12);
    act(loading, CLAIM_OBJECTION, "email", "a@b.de", AT(DAY));
    for (int i = 0; i < 6; i++) {
        struct test_row row = ROW(names[i], names[i], "a@b.de", NULL, DAY);
        assert_int_equal(stored(loading, &row), 0);
    }
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM claimant_identifier WHERE bound = 2"), 1);
    assert_int_equal(stored(loading, &alone), 0);
    for (int i = 0; i < 6; i++) { /* strangers, without it */
        struct test_row row = ROW(names[i], names[i], NULL, NULL, DAY);
        assert_int_equal(stored(loading, &row), 1);
    }
    act(loading, CLAIM_OBJECTION_WITHDRAWN, "email", "a@b.de", AT(DAY + 11)); /* it can be taken back as well */
    assert_int_equal(stored(loading, &before), 0);
    assert_int_equal(stored(loading, &after), 1);
    assert_int_equal(cases(loading), 7);
}

/* What an opt-in tells of the contact must not bring it back. */
static void test_p4_named_identifier_that_is_set_aside_is_still_an_objectors(void **state)
{
    struct loading *loading = *state;
    static const char *const names[] = { "K1", "K2", "K3", "K4", "K5", "K6" };
    const struct person_key key = { "email", { "a@b.de", 6 } };
    int64_t at[CLAIMS];
    struct err err;
    act(loading, CLAIM_OBJECTION, "email", "a@b.de", AT(DAY));
    for (int i = 0; i < 6; i++) {
        struct test_row row = ROW(names[i], names[i], "a@b.de", NULL, DAY);
        loading_rows(loading, &row, 1);
    }
    struct rights *rights = loading_rights(loading);
    assert_true(rights_claimed(rights, &key, at));
    assert_int_equal(at[CLAIM_OBJECTION], AT(DAY));
    must(rights_learn(rights, &key, 1, at, &err), &err);
    assert_int_equal(at[CLAIM_OBJECTION], AT(DAY));
    rights_free(rights);
}

static void test_p4_rotation_does_not_help(void **state)
{
    struct loading *loading = *state;
    static const struct test_row rows[] = { ROW("1", "K1", "a@b.de", NULL, DAY) },
                                 later[] = { ROW("2", "K1", NULL, NULL, DAY) };
    char path[160];
    loading_rows(loading, rows, 1);
    loading_make_key(loading, KEY_ANALYTICS, 2);
    loading_reopen(loading);
    act(loading, CLAIM_OBJECTION, "email", "a@b.de", AT(DAY)); /* the store knows it under the old key */
    assert_int_equal(cases(loading), 0);
    must(db_exec(loading->store.db, "DELETE FROM store_key WHERE purpose = 'analytics' AND epoch = 1", NULL), NULL);
    snprintf(path, sizeof path, "%s/analytics.1", loading->keys);
    assert_int_equal(unlink(path), 0);
    loading_reopen(loading);
    assert_int_equal(stored(loading, later), 0);
}

static void test_hold_keeps_a_case_of_an_objector_out_of_statistics_only(void **state)
{
    struct loading *loading = *state;
    static const struct test_row rows[] = { ROW("1", "K1", NULL, NULL, DAY), ROW("2", "K1", NULL, NULL, DAY) };
    struct test_row newer = ROW("1", "K1", NULL, NULL, DAY);
    newer.version = 2;
    loading_rows(loading, rows, 2);
    hold_case(loading, "1", AT(DAY), false);
    struct rights_outcome outcome = act(loading, CLAIM_OBJECTION, "id:customer", "K1", AT(DAY));
    assert_int_equal(outcome.removed, 1);
    assert_int_equal(outcome.held, 1);
    assert_int_equal(loading_integer(loading, "SELECT held FROM case_cases"), 1);
    loading_rows(loading, &newer, 1);
    assert_int_equal(loading_integer(loading, "SELECT held FROM case_cases"), 1);
    retain(loading, DAY + 1);
    assert_int_equal(cases(loading), 1);
    hold_case(loading, "1", AT(DAY + 2), true);
    retain(loading, DAY + 3);
    assert_int_equal(cases(loading), 0);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM identifier"), 0);
}

/* ---- what would leave stays for a hold ---- */

static void hold_person(struct loading *loading, const char *customer)
{
    const struct person_key key = { "id:customer", { customer, strlen(customer) } };
    const struct rights_hold hold = { .key = &key, .reason = "x", .at = AT(DAY) };
    struct rights *rights = loading_rights(loading);
    struct err err;
    must(rights_hold(rights, &hold, &(struct rights_outcome){ 0 }, &err), &err);
    rights_free(rights);
}

/* The only case stays through the row, marked, until it is released. */
static void check_stays(struct loading *loading, const struct test_row *row, int32_t today)
{
    struct load_counts counts = loading_run(loading, &(struct loading_file){ .rows = row, .count = 1, .oldest_day = today - 364 }, NULL);
    assert_int_equal(counts.held, 1);
    assert_int_equal(counts.left + counts.past_term, 0);
    assert_int_equal(cases(loading), 1);
    assert_int_equal(loading_integer(loading, "SELECT held FROM case_cases"), 1);
    assert_int_not_equal(loading_case(loading, 0, "1"), 0);
    retain(loading, today);
    assert_int_equal(cases(loading), 1);
    check_labels(loading);
}

static const struct test_row held_row = ROW("1", "K1", NULL, NULL, DAY);

static void test_held_case_past_its_term_is_delivered_again(void **state)
{
    loading_rows(*state, &held_row, 1);
    hold_case(*state, "1", AT(DAY), false);
    retain(*state, DAY + 370);
    check_stays(*state, &held_row, DAY + 371);
    hold_case(*state, "1", AT(DAY + 371), true);
    retain(*state, DAY + 372);
    assert_int_equal(cases(*state), 0);
}

static void test_case_of_a_held_person_past_its_term_is_delivered_again(void **state)
{
    loading_rows(*state, &held_row, 1);
    hold_person(*state, "K1");
    check_stays(*state, &held_row, DAY + 371); /* before any night marked it */
}

static void test_case_of_a_held_objector_past_its_term_is_delivered_again(void **state)
{
    loading_rows(*state, &held_row, 1);
    hold_case(*state, "1", AT(DAY), false);
    act(*state, CLAIM_OBJECTION, "id:customer", "K1", AT(DAY));
    check_stays(*state, &held_row, DAY + 371);
}

static void test_held_case_is_corrected_to_a_closing_past_the_term(void **state)
{
    struct test_row corrected = held_row;
    corrected.closed_day = DAY - 400;
    corrected.version = 2;
    loading_rows(*state, &held_row, 1);
    hold_case(*state, "1", AT(DAY), false);
    check_stays(*state, &corrected, DAY + 1);
}

static void test_held_case_that_is_open_again(void **state)
{
    struct test_row open = held_row, closed = held_row;
    open.open = true;
    open.version = 2;
    closed.version = 3;
    loading_rows(*state, &held_row, 1);
    hold_case(*state, "1", AT(DAY), false);
    check_stays(*state, &open, DAY + 1);
    loading_rows(*state, &held_row, 1); /* older than the opening */
    assert_int_equal(loading_integer(*state, "SELECT held FROM case_cases"), 1);
    loading_rows(*state, &closed, 1);
    assert_int_equal(loading_integer(*state, "SELECT held FROM case_cases"), 0);
}

/* The hold is on the case, and the objector's number comes with a correction: nothing had marked it before. */
static void test_held_case_that_turns_out_to_be_an_objectors(void **state)
{
    struct test_row corrected = ROW("1", "K2", NULL, NULL, DAY);
    corrected.version = 2;
    loading_rows(*state, &held_row, 1);
    hold_case(*state, "1", AT(DAY), false);
    act(*state, CLAIM_OBJECTION, "id:customer", "K2", AT(DAY));
    check_stays(*state, &corrected, DAY + 1);
}

static void test_released_hold_is_over_while_others_stand(void **state)
{
    struct loading *loading = *state;
    static const struct test_row rows[] = { ROW("1", "K1", NULL, NULL, DAY), ROW("2", "K2", NULL, NULL, DAY) };
    loading_rows(loading, rows, 2);
    hold_case(loading, "1", AT(DAY), false);
    hold_case(loading, "2", AT(DAY), false);
    hold_case(loading, "1", AT(DAY + 1), true);
    retain(loading, DAY + 400);
    assert_int_equal(loading_case(loading, 0, "1"), 0);
    assert_int_not_equal(loading_case(loading, 0, "2"), 0);
}

static void test_erasure(void **state)
{
    struct loading *loading = *state;
    static const struct test_row rows[] = { ROW("1", "K1", "a@b.de", NULL, DAY), ROW("2", "K1", NULL, NULL, DAY + 10),
                                            ROW("3", "K2", NULL, NULL, DAY) };
    struct test_row corrected = ROW("1", "K1", NULL, NULL, DAY), fresh = ROW("4", "K1", NULL, NULL, DAY + 11);
    corrected.version = 5;
    loading_rows(loading, rows, 3);
    struct rights_outcome outcome = act(loading, CLAIM_ERASURE, "email", "a@b.de", AT(DAY + 5));
    assert_int_equal(outcome.removed, 1); /* what was closed later came later */
    assert_int_equal(stored(loading, &corrected), 0);
    outcome = act(loading, CLAIM_ERASURE, "id:customer", "K1", AT(DAY + 10));
    assert_int_equal(outcome.removed, 1);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM identifier"), 1);
    assert_int_equal(stored(loading, &fresh), 1); /* an erasure is no objection */
    assert_int_equal(act(loading, CLAIM_ERASURE, "id:customer", "K1", AT(DAY + 10)).removed, 0);
    assert_int_equal(cases(loading), 2);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM claimant_identifier"), 2);
    retain(loading, 30000); /* what keeps it away goes when nothing could come any more */
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_key"), 0);
    assert_int_equal(loading_integer(loading, "SELECT (SELECT count(*) FROM claimant) + (SELECT count(*) FROM claimant_identifier)"
                                              " + (SELECT count(*) FROM claimant_link)"), 0);
}

static void test_erasure_known_before_its_cases(void **state)
{
    static const struct test_row both = ROW("1", "K1", "a@b.de", NULL, DAY), number = ROW("2", "K1", NULL, NULL, DAY + 5),
                                 fresh = ROW("3", "K1", NULL, NULL, DAY + 6);
    act(*state, CLAIM_ERASURE, "email", "a@b.de", AT(DAY + 5));
    assert_int_equal(stored(*state, &both), 0);
    assert_int_equal(stored(*state, &number), 0);
    assert_int_equal(stored(*state, &fresh), 1);
}

static void test_p4_objection_outlives_erasure(void **state)
{
    static const struct test_row row = ROW("1", "K1", NULL, NULL, DAY), later = ROW("2", "K1", NULL, NULL, DAY + 900);
    loading_rows(*state, &row, 1);
    act(*state, CLAIM_OBJECTION, "id:customer", "K1", AT(DAY + 1));
    act(*state, CLAIM_ERASURE, "id:customer", "K1", AT(DAY + 2));
    retain(*state, DAY + 899);
    assert_int_equal(stored(*state, &later), 0);
}

static void test_p6_refused_recording_blanks_what_is_bound_to_it(void **state)
{
    static const struct source_consent recording = { .name = "call_recording" }, photo = { .name = "photo" };
    struct loading *loading = *state;
    struct test_row rows[] = { ROW("1", "K1", "a@b.de", NULL, DAY), ROW("2", "K1", NULL, NULL, DAY + 10), ROW("3", "K2", NULL, NULL, DAY),
                               ROW("4", NULL, "a@b.de", NULL, DAY + 5), ROW("5", "K1", NULL, NULL, DAY + 20),
                               ROW("6", "K1", NULL, NULL, DAY + 21) };
    for (int i = 0; i < 6; i++)
        rows[i].value = 7;
    loading->measures[0].consent = &recording;
    loading->dimensions[0].consent = &photo;
    loading_rows(loading, rows, 3);
    struct rights_outcome outcome = act(loading, CLAIM_RECORDING_REFUSED, "id:customer", "K1", AT(DAY + 5));
    assert_int_equal(outcome.blanked, 2);
    assert_int_equal(outcome.removed, 0);
    assert_int_equal(blank(loading), 2);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_cases WHERE d_channel IS NULL"), 0);
    loading_rows(loading, &rows[3], 1); /* by another identifier */
    assert_int_equal(blank(loading), 3);
    loading_rows(loading, rows, 3); /* once more what was delivered before */
    assert_int_equal(blank(loading), 3);
    act(loading, CLAIM_RECORDING_ALLOWED, "email", "a@b.de", AT(DAY + 20));
    loading_rows(loading, &rows[4], 2);
    assert_int_equal(blank(loading), 4); /* from the day after on it is kept */
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_cases WHERE m_value = 7"), 2);
    retain(loading, DAY + 800);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM claimant"), 0);
}

static void test_p6_label_is_blank_whichever_comes_first(void **state)
{
    static const struct source_consent recording = { .name = "call_recording" };
    static const struct test_row row = ROW("1", "K1", NULL, NULL, DAY), other = ROW("2", "K1", NULL, NULL, DAY + 1);
    struct loading *loading = *state;
    loading->dimensions[0].consent = &recording;
    loading_rows(loading, &row, 1);
    act(loading, CLAIM_RECORDING_REFUSED, "id:customer", "K1", AT(DAY + 5));
    loading_rows(loading, &other, 1);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_cases WHERE d_channel IS NULL"), 2);
    check_labels(loading);
    loading->dimensions[0].consent = NULL;
}

static void test_p6_refusal_stands_until_it_is_taken_back(void **state)
{
    act(*state, CLAIM_RECORDING_REFUSED, "id:customer", "K1", AT(DAY));
    retain(*state, DAY + 4000);
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM claimant"), 1);
}

/* ---- a newer version that does not say whose the case is ---- */

static const struct test_row said = ROW("1", "K1", NULL, NULL, DAY), unsaid = { .case_id = "1", .closed_day = DAY, .version = 2, .value = 7 },
                             reopened = { .case_id = "1", .closed_day = DAY, .version = 2, .open = true };

/* The case, and then the newer version: in the same file, or the next. */
static void load_both(struct loading *loading, bool at_once)
{
    const struct test_row rows[] = { said, unsaid };
    loading_rows(loading, rows, at_once ? 2 : 1);
    loading_rows(loading, &unsaid, 1);
}

static void check_unsaid_is_the_persons(struct loading *loading, bool at_once)
{
    load_both(loading, at_once);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_cases WHERE id > 0 AND i_customer IS NOT NULL AND m_value = 7"), 1);
    assert_int_equal(act(loading, CLAIM_OBJECTION, "id:customer", "K1", AT(DAY)).removed, 1);
    assert_int_equal(cases(loading), 0);
    load_both(loading, at_once);
    assert_int_equal(cases(loading), 0);
}

static void test_p4_version_without_identifiers_leaves_the_case_to_its_person(void **state)
{
    check_unsaid_is_the_persons(*state, false);
}

static void test_p4_version_without_identifiers_in_the_same_file(void **state)
{
    check_unsaid_is_the_persons(*state, true);
}

/* A hotline's number, which many cases carry, in the place of the customer's. */
static void check_shared_is_the_persons(struct loading *loading, bool at_once)
{
    static char names[12][16];
    struct test_row rows[12];
    const struct test_row mine[] = { said, { .case_id = "1", .identifiers = { NULL, NULL, "+49301" }, .closed_day = DAY, .version = 2, .value = 7 } };
    for (int i = 0; i < 12; i++) {
        snprintf(names[i], sizeof names[i], "S%d", i);
        rows[i] = (struct test_row)ROW(names[i], names[i], NULL, "+49301", DAY);
    }
    loading_rows(loading, rows, COUNT(rows));
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM identifier WHERE person IS NULL"), 1);
    loading_rows(loading, mine, at_once ? 2 : 1);
    loading_rows(loading, &mine[1], 1);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_cases WHERE id > 0 AND i_customer IS NOT NULL AND m_value = 7"), 1);
    assert_int_equal(act(loading, CLAIM_OBJECTION, "id:customer", "K1", AT(DAY)).removed, 1);
    assert_int_equal(cases(loading), COUNT(rows));
    loading_rows(loading, mine, at_once ? 2 : 1);
    loading_rows(loading, &mine[1], 1);
    assert_int_equal(cases(loading), COUNT(rows));
}

static void test_p4_version_with_a_shared_identifier_leaves_the_case_to_its_person(void **state)
{
    check_shared_is_the_persons(*state, false);
}

static void test_p4_version_with_a_shared_identifier_in_the_same_file(void **state)
{
    check_shared_is_the_persons(*state, true);
}

static void test_p4_known_before_versions_without_identifiers(void **state)
{
    const struct test_row reopening[] = { said, reopened };
    struct test_row closed_again = unsaid;
    closed_again.version = 3;
    act(*state, CLAIM_OBJECTION, "id:customer", "K1", AT(DAY));
    load_both(*state, true);
    assert_int_equal(cases(*state), 0);
    loading_rows(*state, &reopening[1], 1); /* what is known of it is not unlearnt */
    loading_rows(*state, &closed_again, 1);
    assert_int_equal(cases(*state), 0);
}

static void test_version_without_identifiers_stays_under_the_hold_of_its_person(void **state)
{
    struct loading *loading = *state;
    const struct person_key key = { "id:customer", { "K1", 2 } };
    const struct rights_hold hold = { .key = &key, .reason = "x", .at = AT(DAY) };
    struct rights *rights = loading_rights(loading);
    struct err err;
    must(rights_hold(rights, &hold, &(struct rights_outcome){ 0 }, &err), &err);
    rights_free(rights);
    load_both(loading, false);
    retain(loading, DAY + 800);
    assert_int_equal(cases(loading), 1);
    assert_int_equal(loading_integer(loading, "SELECT held FROM case_cases"), 1);
}

static void test_p6_version_without_identifiers_is_blank_as_well(void **state)
{
    static const struct source_consent recording = { .name = "call_recording" };
    struct loading *loading = *state;
    loading->measures[0].consent = &recording;
    act(loading, CLAIM_RECORDING_REFUSED, "id:customer", "K1", AT(DAY));
    load_both(loading, false);
    assert_int_equal(cases(loading), 1);
    assert_int_equal(blank(loading), 1);
}

/* P1: nothing is kept of who has no stored case; the closed version tells in time. */
static void test_p4_rows_that_are_not_stored_tell_nothing(void **state)
{
    struct loading *loading = *state;
    struct test_row open = ROW("1", "K1", "a@b.de", NULL, DAY), closed = open;
    const struct test_row other = ROW("2", "K1", NULL, NULL, DAY);
    open.open = true;
    closed.version = 2;
    act(loading, CLAIM_OBJECTION, "email", "a@b.de", AT(DAY));
    loading_rows(loading, &open, 1);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM claimant_identifier"), 1);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM identifier"), 0);
    assert_int_equal(stored(loading, &other), 1);
    assert_int_equal(stored(loading, &closed), 0);
    assert_int_equal(cases(loading), 0);
}

/* ---- nothing remains in the bytes ---- */

static bool is_in_store(struct loading *loading, const unsigned char *what)
{
    static unsigned char bytes[16 << 20];
    bool found = false;
    for (int file = 0; file < 2; file++) {
        char path[96];
        snprintf(path, sizeof path, "%s%s", loading->path, file ? "-wal" : "");
        int fd = open(path, O_RDONLY);
        ssize_t got = fd < 0 ? 0 : read(fd, bytes, sizeof bytes);
        if (fd >= 0)
            close(fd);
        found |= got > 0 && memmem(bytes, (size_t)got, what, PSEUDONYM_BYTES);
    }
    return found;
}

static void test_p4_nothing_remains(void **state)
{
    struct loading *loading = *state;
    enum { PEOPLE = 300 };
    static char names[PEOPLE][16];
    struct err err;
    for (int i = 0; i < PEOPLE; i++) {
        snprintf(names[i], sizeof names[i], "N%d", i);
        struct test_row row = ROW(names[i], names[i], NULL, NULL, DAY);
        loading_rows(loading, &row, 1);
    }
    for (int i = 0; i < PEOPLE; i += 3)
        act(loading, i % 2 ? CLAIM_OBJECTION : CLAIM_ERASURE, "id:customer", names[i], AT(DAY));
    must(db_checkpoint(loading->store.db, &err), &err);
    for (int i = 0; i < PEOPLE; i++) {
        struct slice name = { names[i], strlen(names[i]) };
        unsigned char pseudonym[PSEUDONYM_BYTES], hash[PSEUDONYM_BYTES], masked[PSEUDONYM_BYTES];
        pseudonym_derive(loading->store.analytics, "id:customer", name, pseudonym);
        objection_hash(loading->store.objection, "id:customer", name, hash);
        objection_mask(loading->store.analytics, pseudonym, hash, masked);
        assert_int_equal(is_in_store(loading, pseudonym), i % 3 != 0);
        assert_int_equal(is_in_store(loading, masked), i % 3 != 0);
        assert_int_equal(is_in_store(loading, hash), i % 3 == 0); /* the register recognises them */
    }
}

/* ---- labels: one may be all that is left of somebody ---- */

static void test_p4_label_of_a_barred_row_never_enters(void **state)
{
    struct loading *loading = *state;
    struct test_row rows[] = { ROW("1", "K1", NULL, NULL, DAY), ROW("2", "K2", NULL, NULL, DAY) };
    unsigned char bytes[PSEUDONYM_BYTES] = "Erika Mustermann";
    rows[0].channel = "Erika Mustermann";
    act(loading, CLAIM_OBJECTION, "id:customer", "K1", AT(DAY));
    loading_rows(loading, rows, COUNT(rows));
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM dimension_value"), 1);
    assert_int_equal(labelled(loading, "email"), 1);
    assert_false(is_in_store(loading, bytes)); /* before any checkpoint */
}

static void test_p4_label_leaves_with_the_last_case_that_has_it(void **state)
{
    struct loading *loading = *state;
    struct test_row rows[] = { ROW("1", "K1", NULL, NULL, DAY), ROW("2", "K1", NULL, NULL, DAY), ROW("3", "K2", NULL, NULL, DAY) };
    unsigned char bytes[PSEUDONYM_BYTES] = "Erika Mustermann";
    struct err err;
    rows[0].channel = "Erika Mustermann";
    rows[1].channel = rows[2].channel = "chat";
    loading_rows(loading, rows, COUNT(rows));
    must(db_checkpoint(loading->store.db, &err), &err);
    assert_true(is_in_store(loading, bytes)); /* the control */
    assert_int_equal(act(loading, CLAIM_ERASURE, "id:customer", "K1", AT(DAY)).labels, 1);
    must(db_checkpoint(loading->store.db, &err), &err);
    assert_false(is_in_store(loading, bytes));
    assert_int_equal(labelled(loading, "chat"), 1);
    check_labels(loading);
}

static void test_label_that_a_correction_changes_leaves(void **state)
{
    struct loading *loading = *state;
    struct test_row row = ROW("1", "K1", NULL, NULL, DAY);
    row.channel = "Erika Mustermann";
    loading_rows(loading, &row, 1);
    row.channel = "chat";
    row.version = 2;
    loading_rows(loading, &row, 1);
    assert_int_equal(labelled(loading, "Erika Mustermann"), 0);
    check_labels(loading);
    row.open = true;
    row.version = 3;
    loading_rows(loading, &row, 1);
    assert_int_equal(labelled(loading, "chat"), 0);
}

/* Within one file: stored by the first batch, taken away by the second, there again by the third. */
static void test_label_comes_back_in_the_file_in_which_it_left(void **state)
{
    struct loading *loading = *state;
    struct test_row first = ROW("1", "K1", "e@x.de", NULL, DAY),
                    rows[] = { ROW("2", "K2", "o@x.de", NULL, DAY), ROW("3", "K1", "o@x.de", NULL, DAY), ROW("4", "K3", NULL, NULL, DAY) };
    first.channel = rows[2].channel = "chat";
    loading_rows(loading, &first, 1);
    act(loading, CLAIM_OBJECTION, "email", "o@x.de", AT(DAY));
    loading_run(loading, &(struct loading_file){ .rows = rows, .count = 3, .batch_rows = 1 }, NULL);
    assert_int_equal(cases(loading), 1);
    assert_int_equal(labelled(loading, "chat"), 1);
    check_labels(loading);
}

static void test_what_the_configuration_names_stays(void **state)
{
    struct loading *loading = *state;
    struct test_row row = ROW("1", "K1", NULL, NULL, DAY);
    loading_rows(loading, &row, 1);
    must(db_exec(loading->store.db, "UPDATE dimension_value SET named = 1", NULL), NULL);
    act(loading, CLAIM_OBJECTION, "id:customer", "K1", AT(DAY));
    assert_int_equal(labelled(loading, "email"), 1);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM dimension_use"), 0);
}

static void test_p6_label_that_a_refusal_blanks_leaves(void **state)
{
    struct loading *loading = *state;
    static const struct source_consent recording = { .name = "call_recording" };
    struct test_row rows[] = { ROW("1", "K1", NULL, NULL, DAY), ROW("2", "K2", NULL, NULL, DAY), ROW("3", "K1", NULL, NULL, DAY) };
    unsigned char bytes[PSEUDONYM_BYTES] = "Erika Mustermann";
    rows[0].channel = "heard";
    rows[2].channel = "Erika Mustermann";
    loading->dimensions[0].consent = &recording;
    loading_rows(loading, rows, 2);
    assert_int_equal(act(loading, CLAIM_RECORDING_REFUSED, "id:customer", "K1", AT(DAY)).labels, 1);
    assert_int_equal(labelled(loading, "heard"), 0);
    check_labels(loading);
    loading_rows(loading, &rows[2], 1);
    assert_int_equal(cases(loading), 3);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM dimension_value"), 1);
    assert_false(is_in_store(loading, bytes));
    loading->dimensions[0].consent = NULL;
}

static void test_store_of_before_is_counted_once(void **state)
{
    struct loading *loading = *state;
    struct test_row rows[] = { ROW("1", "K1", NULL, NULL, DAY), ROW("2", "K2", NULL, NULL, DAY) };
    rows[0].channel = "chat";
    loading_rows(loading, rows, COUNT(rows));
    must(db_exec(loading->store.db, "INSERT INTO dimension_value (code, dimension, level, label) SELECT 9, dimension, 1, 'nobody''s'"
                                    " FROM dimension WHERE name = 'channel' LIMIT 1;"
                                    " DELETE FROM dimension_use; UPDATE dimension SET counted = 0;"
                                    " UPDATE case_cases SET d_channel = 0 WHERE d_channel IN"
                                    " (SELECT code FROM dimension_value WHERE label = 'chat')", NULL), NULL);
    loading_reopen(loading);
    check_labels(loading);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_cases WHERE d_channel IS NULL"), 1);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM dimension_value"), 1);
    assert_int_equal(loading_integer(loading, "SELECT min(counted) FROM dimension"), 1);
}

/* ---- random histories against a simple model ---- */

enum { PERSONS = 6, CASES = 40, STEPS = 120, YEAR = 365, IDS = 3 };

static uint64_t random_state;

static int random_below(int limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (int)((random_state >> 33) % (uint64_t)limit);
}

/* A case belongs to a person; its rows always carry the customer number, and e-mail and telephone now and then. */
struct model {
    struct {
        bool stored, marked, held; /* held: a hold on the case is in force */
        int32_t day;
        int64_t version;
    } cases[CASES];
    struct {
        bool known[IDS];      /* by the store, together with the number */
        int group[IDS];       /* in the register: of which group, 0: not in it */
        int64_t objected[IDS + 1], withdrawn[IDS + 1], erased[IDS + 1]; /* of the group; 0: never */
    } persons[PERSONS];
};

static bool is_barred(const struct model *model, int person, int group, int32_t day)
{
    int64_t objected = model->persons[person].objected[group], withdrawn = model->persons[person].withdrawn[group];
    if (!group)
        return false;
    return (objected && (withdrawn <= objected || day <= withdrawn / SECONDS)) || day <= model->persons[person].erased[group] / SECONDS;
}

static bool has_cases(const struct model *model, int person)
{
    for (int c = person; c < CASES; c += PERSONS)
        if (model->cases[c].stored)
            return true;
    return false;
}

static void forget(struct model *model)
{
    for (int p = 0; p < PERSONS; p++)
        if (!has_cases(model, p))
            memset(model->persons[p].known, 0, sizeof model->persons[p].known);
}

static void end_barred(struct model *model, int person, int group)
{
    for (int c = person; c < CASES; c += PERSONS) {
        if (!model->cases[c].stored || model->cases[c].marked || !is_barred(model, person, group, model->cases[c].day))
            continue;
        if (model->cases[c].held)
            model->cases[c].marked = true;
        else
            model->cases[c].stored = false;
    }
}

static void take_over(int64_t *instants, int from, int to)
{
    instants[to] = instants[from] > instants[to] ? instants[from] : instants[to];
    instants[from] = 0;
}

/* All of `which` are of one group from now on. */
static int join(struct model *model, int person, const bool *which)
{
    int group = 0;
    for (int i = 0; i < IDS && !group; i++)
        if (which[i])
            group = model->persons[person].group[i];
    if (!group) /* the first number that is free */
        for (group = 1; group == model->persons[person].group[0] || group == model->persons[person].group[1] ||
                        group == model->persons[person].group[2];)
            group++;
    for (int i = 0; i < IDS; i++) {
        int other = model->persons[person].group[i];
        if (!which[i] || other == group)
            continue;
        for (int k = 0; k < IDS; k++)
            if (other && model->persons[person].group[k] == other)
                model->persons[person].group[k] = group;
        model->persons[person].group[i] = group;
        if (!other)
            continue;
        take_over(model->persons[person].objected, other, group);
        take_over(model->persons[person].withdrawn, other, group);
        take_over(model->persons[person].erased, other, group);
    }
    return group;
}

static void model_row(struct model *model, int c, const bool *carries, int64_t version, int32_t oldest)
{
    int person = c % PERSONS, group = 0;
    bool together[IDS];
    if (model->cases[c].day < oldest) {
        model->cases[c].stored &= model->cases[c].held || model->cases[c].marked; /* its newest version is past its term */
        model->cases[c].marked = model->cases[c].stored;
        return;
    }
    for (int i = 0; i < IDS; i++) {
        together[i] = carries[i] || model->persons[person].known[i];
        if (carries[i] && model->persons[person].group[i])
            group = model->persons[person].group[i];
    }
    if (group) {
        group = join(model, person, together);
        end_barred(model, person, group);
    }
    if (is_barred(model, person, group, model->cases[c].day)) {
        if (!model->cases[c].marked)
            model->cases[c].stored = false;
        return;
    }
    for (int i = 0; i < IDS; i++)
        model->persons[person].known[i] |= carries[i];
    model->cases[c].stored = true;
    model->cases[c].marked = false;
    model->cases[c].version = version;
}

/* Who was erased only is forgotten when nothing of that time could come any more. */
static void forget_claims(struct model *model, int32_t oldest)
{
    for (int p = 0; p < PERSONS; p++)
        for (int i = 0; i < IDS; i++) {
            int group = model->persons[p].group[i];
            if (group && !model->persons[p].objected[group] && !model->persons[p].withdrawn[group] &&
                model->persons[p].erased[group] / SECONDS < oldest)
                model->persons[p].group[i] = 0;
        }
}

static void model_night(struct model *model, int32_t today)
{
    forget_claims(model, today - YEAR + 1);
    for (int c = 0; c < CASES; c++) {
        if (!model->cases[c].stored)
            continue;
        bool due = model->cases[c].day + YEAR <= today;
        if (model->cases[c].held)
            model->cases[c].marked |= due;
        else if (due || model->cases[c].marked)
            model->cases[c].stored = model->cases[c].marked = false;
    }
    forget(model);
}

static char person_texts[PERSONS][IDS][24], case_texts[CASES][16];
static const char *const kinds[IDS] = { "id:customer", "email", "phone" };

static void compare(struct loading *loading, const struct model *model, int step)
{
    for (int c = 0; c < CASES; c++) {
        bool there = loading_case(loading, 0, case_texts[c]) != 0;
        if (there != model->cases[c].stored)
            fail_msg("step %d: case %d is %s", step, c, there ? "there" : "gone");
    }
    check_labels(loading);
    int64_t marked = 0;
    for (int c = 0; c < CASES; c++)
        marked += model->cases[c].stored && model->cases[c].marked;
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_cases WHERE held = 1"), marked);
}

static void random_import(struct loading *loading, struct model *model, int32_t today, int64_t *version)
{
    static const char *const labels[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
    struct test_row rows[6];
    int count = 1 + random_below(6);
    for (int r = 0; r < count; r++) {
        int c = random_below(CASES);
        bool carries[IDS] = { true, random_below(2) == 0, random_below(3) == 0 };
        if (!model->cases[c].day)
            model->cases[c].day = today - random_below(60);
        rows[r] = (struct test_row)ROW(case_texts[c], NULL, NULL, NULL, model->cases[c].day);
        rows[r].version = ++*version;
        rows[r].channel = labels[random_below(8)];
        for (int i = 0; i < IDS; i++)
            rows[r].identifiers[i] = carries[i] ? person_texts[c % PERSONS][i] : NULL;
        loading_run(loading, &(struct loading_file){ .rows = &rows[r], .count = 1, .oldest_day = today - YEAR + 1 }, NULL);
        model_row(model, c, carries, *version, today - YEAR + 1);
    }
}

static void random_statement(struct loading *loading, struct model *model, int32_t today)
{
    int person = random_below(PERSONS), i = random_below(IDS);
    static const enum claim claims[] = { CLAIM_OBJECTION, CLAIM_OBJECTION_WITHDRAWN, CLAIM_ERASURE };
    enum claim claim = claims[random_below(3)];
    int64_t at = AT(today - random_below(40));
    act(loading, claim, kinds[i], person_texts[person][i], at);
    bool together[IDS];
    for (int k = 0; k < IDS; k++)
        together[k] = k == i || (model->persons[person].known[i] && model->persons[person].known[k]);
    int group = join(model, person, together);
    int64_t *latest = claim == CLAIM_OBJECTION ? &model->persons[person].objected[group]
                      : claim == CLAIM_ERASURE ? &model->persons[person].erased[group]
                                               : &model->persons[person].withdrawn[group];
    if (at > *latest)
        *latest = at;
    for (int k = 0; k < IDS; k++)
        if (model->persons[person].known[k] && model->persons[person].group[k] == group)
            end_barred(model, person, group);
    forget(model);
}

static void random_hold(struct loading *loading, struct model *model, int32_t today)
{
    int c = random_below(CASES);
    bool release = model->cases[c].held;
    hold_case(loading, case_texts[c], AT(today), release);
    model->cases[c].held = !release;
}

static void play(uint64_t seed)
{
    struct loading *loading = loading_begin();
    struct model model;
    int32_t today = DAY;
    int64_t version = 0;
    int epoch = 1;
    memset(&model, 0, sizeof model);
    random_state = seed;
    loading->list[0].max_persons = 100;
    for (int step = 0; step < STEPS; step++) {
        today += random_below(12);
        int what = random_below(20);
        if (what < 10)
            random_import(loading, &model, today, &version);
        else if (what < 13)
            random_statement(loading, &model, today);
        else if (what < 15)
            random_hold(loading, &model, today);
        else if (what < 19) {
            retain(loading, today);
            model_night(&model, today);
        } else if (epoch < 6) {
            loading_make_key(loading, KEY_ANALYTICS, ++epoch);
            loading_reopen(loading);
        }
        compare(loading, &model, step);
    }
    loading_end(loading);
}

static void test_random_histories(void **state)
{
    (void)state;
    for (int p = 0; p < PERSONS; p++) {
        snprintf(person_texts[p][0], sizeof person_texts[p][0], "K%d", p);
        snprintf(person_texts[p][1], sizeof person_texts[p][1], "m%d@x.de", p);
        snprintf(person_texts[p][2], sizeof person_texts[p][2], "+49%d", p);
    }
    for (int c = 0; c < CASES; c++)
        snprintf(case_texts[c], sizeof case_texts[c], "c%d", c);
    const char *more = getenv("FALLZAHL_SEEDS"); /* how many histories, for a longer run */
    uint64_t last = more ? strtoull(more, NULL, 10) : 6;
    for (uint64_t seed = 1; seed <= last; seed++)
        play(seed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_p4_by_email_against_cases_known_by_number_and_phone),
        TEST(test_p4_known_before_any_case),
        TEST(test_p4_case_does_not_return_without_identifiers),
        TEST(test_p4_corrected_case_of_an_objector_leaves),
        TEST(test_p4_who_shares_an_identifier_with_an_objector_is_the_objector),
        cmocka_unit_test(test_p4_within_one_batch_in_any_order),
        TEST(test_withdrawn_new_cases_may_enter_old_ones_stay_gone),
        cmocka_unit_test(test_claims_in_any_order),
        TEST(test_second_objection_finds_what_the_store_knows_by_another_identifier),
        TEST(test_row_that_joins_claimants_reaches_all_their_cases),
        TEST(test_shared_identifier_is_no_way_to_object),
        TEST(test_denied_identifier_is_no_way_to_object),
        TEST(test_shared_identifier_found_out_later_lets_strangers_in),
        TEST(test_p4_named_identifier_that_is_set_aside_later_goes_on_barring),
        TEST(test_p4_named_identifier_that_is_set_aside_is_still_an_objectors),
        TEST(test_p4_rotation_does_not_help),
        TEST(test_hold_keeps_a_case_of_an_objector_out_of_statistics_only),
        TEST(test_held_case_past_its_term_is_delivered_again),
        TEST(test_case_of_a_held_person_past_its_term_is_delivered_again),
        TEST(test_case_of_a_held_objector_past_its_term_is_delivered_again),
        TEST(test_held_case_is_corrected_to_a_closing_past_the_term),
        TEST(test_held_case_that_is_open_again),
        TEST(test_held_case_that_turns_out_to_be_an_objectors),
        TEST(test_released_hold_is_over_while_others_stand),
        TEST(test_erasure),
        TEST(test_erasure_known_before_its_cases),
        TEST(test_p4_objection_outlives_erasure),
        TEST(test_p6_refused_recording_blanks_what_is_bound_to_it),
        TEST(test_p6_label_is_blank_whichever_comes_first),
        TEST(test_p6_refusal_stands_until_it_is_taken_back),
        TEST(test_p4_version_without_identifiers_leaves_the_case_to_its_person),
        TEST(test_p4_version_without_identifiers_in_the_same_file),
        TEST(test_p4_version_with_a_shared_identifier_leaves_the_case_to_its_person),
        TEST(test_p4_version_with_a_shared_identifier_in_the_same_file),
        TEST(test_p4_known_before_versions_without_identifiers),
        TEST(test_version_without_identifiers_stays_under_the_hold_of_its_person),
        TEST(test_p6_version_without_identifiers_is_blank_as_well),
        TEST(test_p4_rows_that_are_not_stored_tell_nothing),
        TEST(test_p4_nothing_remains),
        TEST(test_p4_label_of_a_barred_row_never_enters),
        TEST(test_p4_label_leaves_with_the_last_case_that_has_it),
        TEST(test_label_that_a_correction_changes_leaves),
        TEST(test_label_comes_back_in_the_file_in_which_it_left),
        TEST(test_what_the_configuration_names_stays),
        TEST(test_p6_label_that_a_refusal_blanks_leaves),
        TEST(test_store_of_before_is_counted_once),
        cmocka_unit_test(test_random_histories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
