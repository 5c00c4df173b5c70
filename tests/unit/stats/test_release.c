#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/err.h"
#include "stats/release_build.h"

static const struct release_build facts = { "2026-01-31", 1769817600, 10, "0.1.0", "ab", "whole", NULL };

static const struct released_column columns[] = {
    { .name = "month", .type = RELEASED_TEXT, .role = RELEASED_DIMENSION },
    { .name = "cases", .type = RELEASED_INTEGER, .role = RELEASED_COUNT },
    { .name = "mean",
      .type = RELEASED_DECIMAL,
      .role = RELEASED_FIGURE,
      .decimals = 1,
      .bounded = true,
      .minimum = 1,
      .maximum = 5 },
};

static struct released_table *add(struct release *release, const char *folder, const char *name,
                                  const struct released_column *list, size_t count)
{
    const struct released_build build = { folder, name, "title", 3, list, count, NULL };
    return release_add_table(release, &build);
}

static void gives_back_what_was_put_in(void **state)
{
    (void)state;
    struct release *release = release_new(&facts);
    struct released_table *table = add(release, "tables", "t", columns, 3);
    char text[32];
    for (int i = 0; i < 5000; i++) {
        snprintf(text, sizeof text, "label %d", i % 1500);
        const struct released_value row[] = {
            { .present = true, .text = text },
            { .present = true, .integer = i },
            { .present = i % 2 == 0, .decimal = i / 4.0 },
        };
        release_add_row(release, table, row);
    }
    assert_string_equal(release_name(release), "2026-01-31");
    assert_int_equal(release_as_of(release), 1769817600);
    assert_int_equal(release_k(release), 10);
    assert_string_equal(release_program(release), "0.1.0");
    assert_string_equal(release_config_digest(release), "ab");
    assert_string_equal(release_protection(release), "whole");
    assert_int_equal(release_table_count(release), 1);
    assert_ptr_equal(release_table(release, 0), table);
    assert_string_equal(released_name(table), "t");
    assert_string_equal(released_folder(table), "tables");
    assert_string_equal(released_title(table), "title");
    assert_int_equal(released_version(table), 3);
    assert_int_equal(released_column_count(table), 3);
    assert_string_equal(released_column(table, 2)->name, "mean");
    assert_true(released_column(table, 2)->bounded);
    assert_int_equal(released_row_count(table), 5000);
    for (size_t i = 0; i < 5000; i++) {
        snprintf(text, sizeof text, "label %zu", i % 1500);
        assert_string_equal(released_value(table, i, 0).text, text);
        assert_int_equal(released_value(table, i, 1).integer, i);
        assert_true(released_value(table, i, 2).present == (i % 2 == 0));
        assert_true(released_value(table, i, 2).decimal == (i % 2 == 0 ? (double)i / 4.0 : 0.0));
    }
    release_free(release);
    release_free(NULL);
}

static void tables_may_grow_in_turn_and_share_a_name_in_two_folders(void **state)
{
    (void)state;
    struct release *release = release_new(&facts);
    struct released_table *first = add(release, "tables", "t", columns, 3);
    struct released_table *second = add(release, "trends", "t", columns, 3);
    const struct released_value row[] = { { .present = true, .text = "x" },
                                          { .present = false },
                                          { .present = false } };
    release_add_row(release, second, row);
    release_add_row(release, first, row);
    release_add_row(release, second, row);
    assert_int_equal(released_row_count(first), 1);
    assert_int_equal(released_row_count(second), 2);
    assert_false(released_value(second, 1, 1).present);
    release_free(release);
}

/* What breaks the rules, each in a process of its own. */
static void bad_release_name(void)
{
    struct release_build build = facts;
    build.name = "../x";
    release_new(&build);
}

static void bad_table_name(void)
{
    add(release_new(&facts), "tables", "a/b", columns, 3);
}

static void bad_folder(void)
{
    add(release_new(&facts), "..", "t", columns, 3);
}

static void table_twice(void)
{
    struct release *release = release_new(&facts);
    add(release, "tables", "t", columns, 3);
    add(release, "tables", "t", columns, 3);
}

static void column_twice(void)
{
    const struct released_column twice[] = { columns[0], columns[1], columns[1] };
    add(release_new(&facts), "tables", "t", twice, 3);
}

static void dimension_after_cases(void)
{
    const struct released_column order[] = { columns[1], columns[0] };
    add(release_new(&facts), "tables", "t", order, 2);
}

static void figure_before_cases(void)
{
    const struct released_column order[] = { columns[0], columns[2], columns[1] };
    add(release_new(&facts), "tables", "t", order, 3);
}

static void add_value(struct released_value text, struct released_value decimal)
{
    struct release *release = release_new(&facts);
    const struct released_value row[] = { text, { .present = false }, decimal };
    release_add_row(release, add(release, "tables", "t", columns, 3), row);
}

static void not_finite(void)
{
    add_value((struct released_value){ .present = false }, (struct released_value){ .present = true, .decimal = NAN });
}

static void not_utf8(void)
{
    add_value((struct released_value){ .present = true, .text = "\xFF" }, (struct released_value){ .present = false });
}

static void what_contradicts_the_rules_ends_the_program(void **state)
{
    (void)state;
    static void (*const breaches[])(void) = { bad_release_name,    bad_table_name, bad_folder,
                                              table_twice,         column_twice,   dimension_after_cases,
                                              figure_before_cases, not_finite,     not_utf8 };
    for (size_t i = 0; i < sizeof breaches / sizeof *breaches; i++) {
        pid_t child = fork();
        if (child == 0) {
            dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
            breaches[i]();
            _exit(0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) != -ERR_INTERNAL)
            fail_msg("breach %zu went through", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_what_was_put_in),
        cmocka_unit_test(tables_may_grow_in_turn_and_share_a_name_in_two_folders),
        cmocka_unit_test(what_contradicts_the_rules_ends_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
