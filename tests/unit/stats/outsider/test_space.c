#include "stats/outsider/space.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct space space;

static int tear_down(void **state)
{
    (void)state;
    space_release(&space);
    remove("test_space.csv");
    return 0;
}

static struct space_dimension *add(const char *name, enum space_kind kind)
{
    size_t dimension = 0;
    assert_int_equal(space_dimension(&space, name, kind, &dimension, NULL), 0);
    return &space.dimensions[dimension];
}

/* The parts of a node as "b+c". */
static void check_parts(const struct space_dimension *dimension, const char *key, const char *expected)
{
    struct strbuf text = { 0 };
    const struct space_node *node = &dimension->nodes[names_find(&dimension->keys, key)];
    for (size_t i = 0; i < node->part_count; i++) {
        if (i)
            strbuf_addc(&text, '+');
        space_label(dimension, node->parts[i], "T", &text);
    }
    assert_string_equal(strbuf_text(&text), expected);
    strbuf_release(&text);
}

static void test_paths(void **state)
{
    (void)state;
    struct space_dimension *place = add("place", SPACE_PATH);
    space_node(place, "EU\x1f"
                      "DE");
    space_node(place, "UK");
    space_node(place, "EU\x1f"
                      "FR");
    space_finish(&space);
    check_parts(place, "", "EU+UK");
    check_parts(place, "EU", "EU/DE+EU/FR");
    check_parts(place, "UK", "");
    assert_int_equal(place
                         ->nodes[names_find(&place->keys, "EU\x1f"
                                                          "FR")]
                         .level,
                     2);
}

static void test_an_open_dimension_has_an_unseen_part_everywhere(void **state)
{
    (void)state;
    struct space_dimension *place = add("place", SPACE_PATH);
    space_node(place, "EU\x1f"
                      "DE");
    place->open = true;
    space_finish(&space);
    check_parts(place, "", "EU+(unseen)");
    check_parts(place, "EU", "EU/DE+(unseen)");
    space_finish(&space); /* again changes nothing */
    check_parts(place, "", "EU+(unseen)");
    assert_int_equal(place->node_count, 5);
}

static void test_periods(void **state)
{
    (void)state;
    struct space_dimension *period = add("(period)", SPACE_PERIOD);
    space_node(period, "2026-Q1");
    space_node(period, "2026-02");
    space_node(period, "2025");
    space_node(period, "2026-07");
    space_finish(&space);
    check_parts(period, "2026-Q1", "2026-02+2026-01+2026-03");
    check_parts(period, "2025", "2025-Q1+2025-Q2+2025-Q3+2025-Q4");
    check_parts(period, "2025-Q4", "2025-10+2025-11+2025-12");
    check_parts(period, "", "2026-Q1+2025+2026-07");
}

static void test_months_alone_make_years(void **state)
{
    (void)state;
    struct space_dimension *period = add("(period)", SPACE_PERIOD);
    space_node(period, "2025");
    space_node(period, "2025-12");
    space_finish(&space);
    assert_int_equal(period->nodes[names_find(&period->keys, "2025")].part_count, 12);
}

static void test_period_levels(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned level;
    } cases[] = {
        { "2026", SPACE_YEAR },
        { "2026-Q4", SPACE_QUARTER },
        { "2026-12", SPACE_MONTH },
        { "2026-W53", SPACE_WEEK },
        { "2026-Q5", SPACE_OTHER_PERIOD },
        { "m01", SPACE_OTHER_PERIOD },
        { "", SPACE_OTHER_PERIOD },
        { "202", SPACE_OTHER_PERIOD },
        { "2026-1", SPACE_OTHER_PERIOD },
        { "2026-W5", SPACE_OTHER_PERIOD },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(space_period_level(cases[i].text), cases[i].level);
}

static int read(const char *text, struct err *err)
{
    FILE *file = fopen("test_space.csv", "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return space_read_hierarchy(&space, "code", "test_space.csv", "T", err);
}

static void test_codes(void **state)
{
    (void)state;
    assert_int_equal(read("child,parent\na,x\nb,x\nc,y\nx,T\n", NULL), 0);
    space_finish(&space);
    check_parts(&space.dimensions[0], "", "x+y");
    check_parts(&space.dimensions[0], "x", "a+b");
    space_finish(&space);
    check_parts(&space.dimensions[0], "", "x+y");
}

static void test_two_groupings_meet_in_the_leaves(void **state)
{
    (void)state;
    assert_int_equal(read("parent,child\nx,a\nx,b\ny,c\ns,a\ns,c\nt,b\n", NULL), 0);
    space_finish(&space);
    check_parts(&space.dimensions[0], "", "a+b+c");
    check_parts(&space.dimensions[0], "s", "a+c");
}

static void test_codes_become_paths(void **state)
{
    (void)state;
    assert_int_equal(read("child,parent\na,x\nb,x\nx,T\nc,y\n", NULL), 0);
    assert_int_equal(space_make_paths(&space.dimensions[0], NULL), 0);
    space_finish(&space);
    check_parts(&space.dimensions[0], "", "x+y");
    check_parts(&space.dimensions[0], "x", "x/a+x/b");
    struct err err = { 0 };
    space_release(&space);
    assert_int_equal(read("child,parent\na,x\na,y\n", NULL), 0);
    assert_int_equal(space_make_paths(&space.dimensions[0], &err), ERR_DATA);
}

static void test_bad_hierarchies(void **state)
{
    (void)state;
    struct err err = { 0 };
    assert_int_equal(read("child,parent\na,b\nb,a\n", &err), ERR_DATA);
    assert_non_null(strstr(err.message, "circle"));
    assert_int_equal(read("child,above\na,b\n", &err), ERR_DATA);
    assert_non_null(strstr(err.message, "no column 'parent'"));
    assert_int_equal(read("child,parent\na\n", &err), ERR_DATA);
    assert_int_equal(space_read_hierarchy(&space, "code", "no such file", "T", &err), ERR_NOINPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_paths, tear_down),
        cmocka_unit_test_teardown(test_an_open_dimension_has_an_unseen_part_everywhere, tear_down),
        cmocka_unit_test_teardown(test_periods, tear_down),
        cmocka_unit_test_teardown(test_months_alone_make_years, tear_down),
        cmocka_unit_test_teardown(test_period_levels, tear_down),
        cmocka_unit_test_teardown(test_codes, tear_down),
        cmocka_unit_test_teardown(test_two_groupings_meet_in_the_leaves, tear_down),
        cmocka_unit_test_teardown(test_codes_become_paths, tear_down),
        cmocka_unit_test_teardown(test_bad_hierarchies, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
