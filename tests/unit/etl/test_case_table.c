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

static int64_t has_column(struct loading *loading, const char *name)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM pragma_table_info('case_cases') WHERE name = '%s'", name);
    return loading_integer(loading, sql);
}

static const struct test_row a_case[] = { { .case_id = "1", .identifiers = { "K1" }, .closed_day = 20000, .version = 1,
                                            .value = 5 } };

static void test_table_of_the_configuration(void **state)
{
    assert_int_equal(has_column(*state, "i_email"), 1);
    assert_int_equal(has_column(*state, "d_channel"), 1);
    assert_int_equal(has_column(*state, "d_month"), 0); /* derived from the days */
    assert_int_equal(has_column(*state, "m_value"), 1);
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM dimension WHERE kind = 'period'"), 2);
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM identifier_kind"), 3);
    assert_int_equal(loading_integer(*state, "SELECT count(*) FROM identifier_kind WHERE name = 'id:customer'"), 1);
}

static void test_opening_again_changes_nothing(void **state)
{
    struct loading *loading = *state;
    loading_rows(loading, a_case, 1);
    loading_reopen(loading);
    assert_int_equal(loading_integer(loading, "SELECT max(version) FROM dimension"), 1);
    assert_int_equal(loading_integer(loading, "SELECT m_value FROM case_cases"), 5);
}

static void test_new_dimension_is_null_in_old_cases(void **state)
{
    struct loading *loading = *state;
    loading_rows(loading, a_case, 1);
    loading->dimensions[1].name = "category";
    loading->dimensions[1].kind = DIMENSION_CATEGORY;
    loading_reopen(loading);
    assert_int_equal(loading_integer(loading, "SELECT d_category IS NULL FROM case_cases"), 1);
    assert_int_equal(loading_integer(loading, "SELECT m_value FROM case_cases"), 5);
}

static void test_removed_columns_go_with_their_values(void **state)
{
    struct loading *loading = *state;
    loading_rows(loading, a_case, 1);
    loading->dimensions[0].name = "route";
    loading->measures[0].name = "amount";
    loading->identifiers[TEST_PHONE].name = "mobile";
    loading_reopen(loading);
    assert_int_equal(has_column(loading, "d_channel"), 0);
    assert_int_equal(has_column(loading, "m_value"), 0);
    assert_int_equal(has_column(loading, "i_phone"), 0);
    assert_int_equal(has_column(loading, "d_route"), 1);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM dimension_value"), 0);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM measure WHERE name = 'value'"), 0);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_cases"), 1);
    loading->dimensions[0].name = "channel"; /* back again: a new version */
    loading_reopen(loading);
    assert_int_equal(loading_integer(loading, "SELECT min(version) FROM dimension WHERE name = 'channel'"), 2);
}

static void test_changed_mapping_is_a_new_version(void **state)
{
    struct loading *loading = *state;
    loading_rows(loading, a_case, 1);
    loading->dimensions[0].definition[0] = 1;
    loading_reopen(loading);
    assert_int_equal(loading_integer(loading, "SELECT min(version) FROM dimension WHERE name = 'channel'"), 2);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM dimension_value"), 1); /* codes stay */
    assert_int_equal(loading_integer(loading, "SELECT d_channel IS NULL FROM case_cases"), 0);
    loading_reopen(loading);
    assert_int_equal(loading_integer(loading, "SELECT max(version) FROM dimension WHERE name = 'channel'"), 2);
}

static void test_other_depth_starts_anew(void **state)
{
    static const char *const levels[] = { "group", "channel" };
    struct loading *loading = *state;
    loading_rows(loading, a_case, 1);
    loading->dimensions[0].level_names = levels;
    loading->dimensions[0].level_count = 2;
    loading_reopen(loading);
    assert_int_equal(loading_integer(loading, "SELECT d_channel IS NULL FROM case_cases"), 1);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM dimension_value"), 0);
    assert_int_equal(loading_integer(loading, "SELECT max(levels) FROM dimension"), 2);
}

static void test_measure_that_changes_its_unit_is_refused(void **state)
{
    struct loading *loading = *state;
    struct case_tables tables = { 0 };
    struct err err;
    loading->measures[0].decimals = 0;
    assert_int_equal(case_tables_sync(&tables, &loading->store, &loading->sources, &err), ERR_CONFIG);
    assert_non_null(strstr(err.message, "'value'"));
    assert_int_equal(tables.count, 0);
    loading->measures[0].decimals = 2;
    loading->measures[0].unit = NULL;
    assert_int_equal(case_tables_sync(&tables, &loading->store, &loading->sources, &err), ERR_CONFIG);
}

static void test_source_that_left_the_configuration_keeps_its_cases(void **state)
{
    struct loading *loading = *state;
    loading_rows(loading, a_case, 1);
    loading->sources.list = &loading->list[1];
    loading->sources.count = 1;
    loading_reopen(loading);
    assert_int_equal(loading->tables.count, 2);
    assert_null(loading->tables.list[0].source);
    assert_int_equal(loading->tables.list[0].identifier_column_count, 3);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM case_cases"), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_table_of_the_configuration),
        TEST(test_opening_again_changes_nothing),
        TEST(test_new_dimension_is_null_in_old_cases),
        TEST(test_removed_columns_go_with_their_values),
        TEST(test_changed_mapping_is_a_new_version),
        TEST(test_other_depth_starts_anew),
        TEST(test_measure_that_changes_its_unit_is_refused),
        TEST(test_source_that_left_the_configuration_keeps_its_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
