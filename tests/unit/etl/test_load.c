#include "tests/unit/etl/loading.h"

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

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define CASE(id, when, amount) { .case_id = (id), .identifiers = { "K1" }, .closed_day = 20000, .version = (when), .value = (amount) }

static int64_t value_of(struct loading *loading)
{
    return loading_integer(loading, "SELECT coalesce(sum(m_value), 0) FROM case_cases");
}

static void test_newest_version_wins_in_any_order(void **state)
{
    static const int orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
    static const struct test_row versions[] = { CASE("1", 100, 1), CASE("1", 200, 2), CASE("1", 300, 3) };
    (void)state;
    for (size_t i = 0; i < 12; i++) {
        struct loading *loading = loading_begin();
        struct test_row rows[3];
        for (int v = 0; v < 3; v++)
            rows[v] = versions[orders[i % 6][v]];
        if (i < 6)
            loading_rows(loading, rows, 3);
        else
            for (int v = 0; v < 3; v++)
                loading_rows(loading, &rows[v], 1);
        assert_int_equal(value_of(loading), 3);
        assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_cases"), 1);
        loading_end(loading);
    }
}

static void test_of_equal_versions_the_last_wins(void **state)
{
    static const struct test_row rows[] = { CASE("1", 100, 1), CASE("1", 100, 2) }, later[] = { CASE("1", 100, 3) };
    loading_rows(*state, rows, 2);
    assert_int_equal(value_of(*state), 2);
    loading_rows(*state, later, 1);
    assert_int_equal(value_of(*state), 3);
}

static void test_without_updated_at_the_sequence_of_files_decides(void **state)
{
    struct loading *loading = *state;
    static const struct test_row first[] = { CASE("1", 0, 1) }, second[] = { CASE("1", 0, 2) };
    loading->list[0].updated_at = NULL;
    loading_rows(loading, first, 1);
    loading_rows(loading, second, 1);
    assert_int_equal(value_of(loading), 2);
    loading->list[0].updated_at = "updated_at";
}

static void test_row_without_updated_at_is_the_oldest(void **state)
{
    static const struct test_row rows[] = { CASE("1", 100, 1), CASE("1", 0, 2) };
    loading_rows(*state, rows, 2);
    assert_int_equal(value_of(*state), 1);
}

static void test_reopened_case_leaves_and_does_not_come_back(void **state)
{
    struct loading *loading = *state;
    static const struct test_row closed[] = { CASE("1", 100, 1) }, older[] = { CASE("1", 150, 2) },
                                 newer[] = { CASE("1", 300, 3) },
                                 open[] = { { .case_id = "1", .version = 200, .open = true } };
    loading_rows(loading, closed, 1);
    struct load_counts counts = loading_rows(loading, open, 1);
    assert_int_equal(counts.left, 1);
    assert_int_equal(loading_case(loading, 0, "1"), 0);
    assert_int_equal(loading_integer(loading, "SELECT expires FROM case_key WHERE id IS NULL"), 30000);
    counts = loading_rows(loading, older, 1);
    assert_int_equal(counts.stale, 1);
    assert_int_equal(loading_case(loading, 0, "1"), 0);
    counts = loading_rows(loading, newer, 1);
    assert_int_equal(counts.stored, 1);
    assert_int_equal(value_of(loading), 3);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_key WHERE expires IS NOT NULL"), 0);
}

static void test_opening_that_arrives_before_the_older_closing(void **state)
{
    static const struct test_row rows[] = { { .case_id = "1", .version = 200, .open = true }, CASE("1", 100, 1) };
    loading_rows(*state, &rows[0], 1);
    loading_rows(*state, &rows[1], 1);
    assert_int_equal(loading_case(*state, 0, "1"), 0);
}

static void test_past_term_is_counted_not_stored(void **state)
{
    static const struct test_row rows[] = {
        { .case_id = "1", .identifiers = { "K1" }, .closed_day = 19634, .version = 1 },
        { .case_id = "2", .identifiers = { "K2" }, .closed_day = 19635, .version = 1 },
    };
    struct load_counts counts =
        loading_run(*state, &(struct loading_file){ .rows = rows, .count = 2, .oldest_day = 19635 }, NULL);
    assert_int_equal(counts.past_term, 1);
    assert_int_equal(counts.stored, 1);
    assert_int_equal(loading_case(*state, 0, "1"), 0);
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM case_key"), 1);
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM identifier"), 1); /* nothing of K1 */
}

static void test_correction_to_a_closing_past_its_term_removes_the_case(void **state)
{
    static const struct test_row now[] = { CASE("1", 100, 1) },
                                 then[] = { { .case_id = "1", .closed_day = 19000, .version = 200 } };
    loading_rows(*state, now, 1);
    loading_run(*state, &(struct loading_file){ .rows = then, .count = 1, .oldest_day = 19635 }, NULL);
    assert_int_equal(loading_case(*state, 0, "1"), 0);
}

static void test_update_counts_and_keeps_when_it_was_released(void **state)
{
    struct loading *loading = *state;
    static const struct test_row first[] = { CASE("1", 100, 1) },
                                 other[] = { { .case_id = "1", .identifiers = { "K2" }, .closed_day = 20001, .version = 200 } };
    loading_rows(loading, first, 1);
    must(db_exec(loading->store.db, "UPDATE case_cases SET held = 1, released = 7", NULL), NULL);
    int64_t before = loading_person(loading, 0, "1");
    loading_rows(loading, other, 1);
    assert_int_not_equal(loading_person(loading, 0, "1"), before);
    assert_int_equal(loading_integer(loading, "SELECT held FROM case_cases"), 0); /* what may be stored is a case like any other */
    assert_int_equal(loading_integer(loading, "SELECT released FROM case_cases"), -7); /* counted by 7 in another version */
    assert_int_equal(loading_integer(loading, "SELECT closed_day FROM case_cases"), 20001);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_cases WHERE m_value IS NULL"), 1);
}

static void test_second_reading_changes_nothing(void **state)
{
    struct loading *loading = *state;
    static const struct test_row rows[] = { CASE("1", 100, 1), CASE("2", 100, 2), CASE("3", 100, 4),
                                            { .case_id = "4", .closed_day = 20000, .version = 1 } };
    static const char content[] = "SELECT sum(id * (1 + coalesce(m_value, 9)) + d_channel + coalesce(i_customer, 0)) FROM case_cases";
    loading_rows(loading, rows, COUNT(rows));
    int64_t before = loading_integer(loading, content);
    struct load_counts counts = loading_rows(loading, rows, COUNT(rows));
    assert_int_equal(counts.stored, 0);
    assert_int_equal(counts.updated, 4);
    assert_int_equal(loading_integer(loading, content), before);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM dimension_value"), 1);
}

static void test_rolled_back_file_leaves_nothing(void **state)
{
    static const struct test_row rows[] = { CASE("1", 100, 1) };
    loading_run(*state, &(struct loading_file){ .rows = rows, .count = 1, .roll_back = true }, NULL);
    assert_int_equal(loading_integer(*state, "SELECT (SELECT count(*) FROM case_cases) + (SELECT count(*) FROM case_key)"
                                             " + (SELECT count(*) FROM identifier) + (SELECT count(*) FROM dimension_value)"
                                             " + (SELECT sum(last) FROM counter)"), 0);
}

static void test_each_case_for_itself(void **state)
{
    struct loading *loading = *state;
    static const struct test_row rows[] = { { .case_id = "1", .closed_day = 20000, .version = 1 },
                                            { .case_id = "2", .closed_day = 20000, .version = 1 } };
    loading->list[0].person = SOURCE_PERSON_NONE;
    loading->list[0].identifier_count = 0;
    loading_reopen(loading);
    loading_rows(loading, rows, 2);
    struct load_counts counts = loading_rows(loading, rows, 2);
    assert_int_equal(counts.updated, 2);
    assert_int_equal(counts.unidentified, 0);
    assert_true(loading_person(loading, 0, "1") > 0);
    assert_int_not_equal(loading_person(loading, 0, "1"), loading_person(loading, 0, "2"));
    assert_int_equal(loading_integer(loading, "SELECT per_case FROM source WHERE name = 'cases'"), 1);
    loading->list[0].identifier_count = TEST_IDENTIFIERS;
}

static void test_rows_without_case_numbers_are_cases_of_their_own(void **state)
{
    struct loading *loading = *state;
    static const struct test_row rows[] = { { .case_id = "", .closed_day = 20000 } };
    loading->list[0].case_id = NULL;
    loading_rows(loading, rows, 1);
    loading_rows(loading, rows, 1);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_cases"), 2);
    loading->list[0].case_id = "case_no";
}

static void test_labels_get_one_code(void **state)
{
    struct loading *loading = *state;
    static const struct test_row rows[] = {
        { .case_id = "1", .closed_day = 20000, .version = 1, .channel = "chat" },
        { .case_id = "2", .closed_day = 20005, .version = 1, .channel = "phone" },
        { .case_id = "3", .closed_day = 19999, .version = 1, .channel = "chat" },
    };
    loading_run(loading, &(struct loading_file){ .rows = rows, .count = 3, .batch_rows = 1 }, NULL);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM dimension_value"), 2);
    assert_int_equal(loading_integer(loading, "SELECT count(DISTINCT d_channel) FROM case_cases"), 2);
    assert_int_equal(loading_integer(loading, "SELECT cases FROM dimension_use JOIN dimension_value USING (code) WHERE label = 'chat'"), 2);
    assert_int_equal(loading_integer(loading, "SELECT max(level) FROM dimension_value"), 1);
}

static void test_snapshot_notes_what_the_file_still_holds(void **state)
{
    struct loading *loading = *state;
    static const struct test_row first[] = { CASE("1", 100, 1), CASE("2", 100, 1), CASE("3", 100, 1) },
                                 second[] = { CASE("1", 50, 1), { .case_id = "2", .rejected = true } };
    loading->list[0].delivery = SOURCE_SNAPSHOT;
    loading_rows(loading, first, 3);
    loading_rows(loading, second, 2);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_cases WHERE file = 2"), 2);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_cases WHERE file = 1"), 1);
    loading->list[0].delivery = SOURCE_DELTA;
}

/* Names of cases whose ids would be the same for one person: found by trying. */
static void find_equal_ids(const struct loading *loading, char names[3][16])
{
    enum { NAMES = 40000 };
    int *first = mem_zalloc(1 << 24, sizeof *first);
    for (int i = 1, found = 1; i < NAMES && found < 3; i++) {
        unsigned char key[PSEUDONYM_BYTES];
        char name[16];
        int length = snprintf(name, sizeof name, "c%d", i);
        pseudonym_derive(loading->store.cases, "case:cases", (struct slice){ name, (size_t)length }, key);
        int low = key[0] << 16 | key[1] << 8 | key[2];
        if (first[low] && found == 1) {
            snprintf(names[0], sizeof names[0], "c%d", first[low]);
            snprintf(names[1], sizeof names[1], "%s", name);
            snprintf(names[2], sizeof names[2], "other");
            found = 3;
        }
        first[low] = i;
    }
    free(first);
}

static void test_taken_id_is_avoided(void **state)
{
    struct loading *loading = *state;
    char names[3][16] = { "", "", "" };
    find_equal_ids(loading, names);
    assert_true(names[1][0]);
    struct test_row rows[3];
    for (int i = 0; i < 3; i++)
        rows[i] = (struct test_row)CASE(names[i], 100, i + 1);
    loading_rows(loading, rows, 3); /* both in one batch */
    int64_t first = loading_case(loading, 0, names[0]), second = loading_case(loading, 0, names[1]);
    assert_int_equal(first > second ? first - second : second - first, 1);
    assert_int_equal(value_of(loading), 6);
    for (int i = 0; i < 3; i++) {
        rows[i].version = 200;
        rows[i].value = 10;
        loading_rows(loading, &rows[i], 1); /* newer versions keep their ids */
    }
    assert_int_equal(loading_case(loading, 0, names[0]), first);
    assert_int_equal(loading_case(loading, 0, names[1]), second);
    assert_int_equal(value_of(loading), 30);
}

static void test_taken_id_is_avoided_when_persons_merge(void **state)
{
    struct loading *loading = *state;
    char names[3][16] = { "", "", "" };
    find_equal_ids(loading, names);
    struct test_row rows[3] = { CASE(names[0], 100, 1), CASE(names[1], 100, 2), CASE(names[2], 100, 3) };
    rows[1].identifiers[TEST_CUSTOMER] = NULL;
    rows[1].identifiers[TEST_EMAIL] = "a@b.de";
    loading_rows(loading, rows, 2);
    rows[2].identifiers[TEST_EMAIL] = "a@b.de";
    loading_rows(loading, &rows[2], 1);
    assert_int_equal(loading_person(loading, 0, names[0]), loading_person(loading, 0, names[1]));
    assert_int_not_equal(loading_case(loading, 0, names[0]), loading_case(loading, 0, names[1]));
    assert_int_equal(value_of(loading), 6);
}

static void test_other_key_is_refused(void **state)
{
    struct loading *loading = *state;
    struct store store = { 0 };
    struct err err;
    char path[128];
    snprintf(path, sizeof path, "%s/objection.1", loading->keys);
    assert_int_equal(unlink(path), 0);
    struct keyring *keyring;
    must(keyring_open(&keyring, loading->keys, &err), &err);
    assert_int_equal(store_open(&store, loading->path, keyring, &err), ERR_PERMISSION);
    keyring_free(keyring);
    must(keyring_create(loading->keys, &err), &err); /* a new one in its place */
    must(keyring_open(&keyring, loading->keys, &err), &err);
    assert_int_equal(store_open(&store, loading->path, keyring, &err), ERR_PERMISSION);
    assert_non_null(strstr(err.message, "objection.1"));
    keyring_free(keyring);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_newest_version_wins_in_any_order),
        TEST(test_of_equal_versions_the_last_wins),
        TEST(test_without_updated_at_the_sequence_of_files_decides),
        TEST(test_row_without_updated_at_is_the_oldest),
        TEST(test_reopened_case_leaves_and_does_not_come_back),
        TEST(test_opening_that_arrives_before_the_older_closing),
        TEST(test_past_term_is_counted_not_stored),
        TEST(test_correction_to_a_closing_past_its_term_removes_the_case),
        TEST(test_update_counts_and_keeps_when_it_was_released),
        TEST(test_second_reading_changes_nothing),
        TEST(test_rolled_back_file_leaves_nothing),
        TEST(test_each_case_for_itself),
        TEST(test_rows_without_case_numbers_are_cases_of_their_own),
        TEST(test_labels_get_one_code),
        TEST(test_snapshot_notes_what_the_file_still_holds),
        TEST(test_taken_id_is_avoided),
        TEST(test_taken_id_is_avoided_when_persons_merge),
        TEST(test_other_key_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
