/* Dimensions: order of nodes, subtrees, rare labels, reserved labels; periods of days as ISO 8601 and the calendar
 * have them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "core/calendar.h"
#include "stats/period.h"

static void preorder(void **state)
{
    (void)state;
    struct tree tree;
    struct arena arena;
    struct dimension dimension = { .levels = 2 };
    uint32_t node_of[16];
    tree_init(&tree);
    arena_init(&arena, false);
    uint32_t south = tree_add(&tree, TREE_ROOT, "south", TREE_BY_LABEL, false);
    uint32_t north = tree_add(&tree, TREE_ROOT, "north", TREE_BY_LABEL, false);
    uint32_t b = tree_add(&tree, north, "b", TREE_BY_LABEL, false);
    uint32_t a = tree_add(&tree, north, "a", TREE_BY_LABEL, false);
    uint32_t umlaut = tree_add(&tree, north, "\xc3\xa4", TREE_BY_LABEL, false);
    uint32_t south_a = tree_add(&tree, south, "a", TREE_BY_LABEL, false);
    assert_int_equal(tree_add(&tree, north, "a", TREE_BY_LABEL, true), a);
    tree_finish(&tree, &arena, &dimension, node_of);
    tree_release(&tree);
    static const char *const labels[] = { "(total)", "north", "a", "b", "\xc3\xa4", "south", "a" };
    static const uint32_t last[] = { 6, 4, 2, 3, 4, 6, 6 }, parent[] = { 0, 0, 1, 1, 1, 0, 5 };
    assert_int_equal(dimension.count, 7);
    for (size_t n = 0; n < 7; n++) {
        assert_string_equal(dimension.nodes[n].label, labels[n]);
        assert_int_equal(dimension.nodes[n].last, last[n]);
        assert_int_equal(dimension.nodes[n].parent, parent[n]);
        assert_int_equal(dimension.nodes[n].level, n == 0 ? 0 : n == 1 || n == 5 ? 1 : 2);
    }
    assert_int_equal(node_of[north], 1);
    assert_int_equal(node_of[b], 3);
    assert_int_equal(node_of[umlaut], 4);
    assert_int_equal(node_of[south_a], 6);
    arena_release(&arena);
}

static void bands_by_position(void **state)
{
    (void)state;
    struct tree tree;
    struct arena arena;
    struct dimension dimension = { .levels = 1 };
    uint32_t node_of[8];
    tree_init(&tree);
    arena_init(&arena, false);
    tree_add(&tree, TREE_ROOT, "(missing)", TREE_BY_LABEL, false);
    tree_add(&tree, TREE_ROOT, "100 and over", 2, true);
    tree_add(&tree, TREE_ROOT, "under 18", 0, true);
    tree_add(&tree, TREE_ROOT, "18-99", 1, true);
    tree_finish(&tree, &arena, &dimension, node_of);
    static const char *const labels[] = { "(total)", "under 18", "18-99", "100 and over", "(missing)" };
    for (size_t n = 0; n < 5; n++)
        assert_string_equal(dimension.nodes[n].label, labels[n]);
    tree_release(&tree);
    arena_release(&arena);
}

/* k = 10: nine persons are rare, ten are not; a named label stands whatever its persons; reserved ones never do. A named label
 * does not publish the rare one above it. */
static void rare_labels(void **state)
{
    (void)state;
    struct tree tree, merged;
    uint32_t image[16];
    tree_init(&tree);
    static const struct {
        const char *parent, *label;
        bool named;
        uint64_t persons;
        const char *expected;
    } rows[] = {
        { "", "big", false, 30, "big" },
        { "", "small", false, 9, "(other)" },
        { "", "tiny", false, 1, "(other)" },
        { "", "edge", false, 10, "edge" },
        { "", "named", true, 1, "named" },
        { "", "(total)", true, 50, "(other)" },
        { "", "(withheld)", false, 50, "(other)" },
        { "big", "x", false, 9, "(other)" },
        { "big", "y", false, 25, "y" },
        { "small", "z", false, 9, "(other)" },
        { "tiny", "kept", true, 1, "kept" },
    };
    uint64_t persons[16] = { 0 };
    uint32_t entries[16];
    enum { COUNT = sizeof rows / sizeof *rows };
    for (size_t i = 0; i < COUNT; i++) {
        uint32_t parent = TREE_ROOT;
        for (size_t j = 0; j < i; j++)
            if (!strcmp(rows[j].label, rows[i].parent))
                parent = entries[j];
        entries[i] = tree_add(&tree, parent, rows[i].label, TREE_BY_LABEL, rows[i].named);
        persons[entries[i]] = rows[i].persons;
    }
    tree_merge_rare(&tree, persons, 10, &merged, image);
    for (size_t i = 0; i < COUNT; i++) {
        const struct tree_entry *entry = &merged.entries[image[entries[i]]];
        assert_string_equal(entry->label, rows[i].expected);
        assert_int_equal(entry->level, tree.entries[entries[i]].level);
    }
    assert_int_equal(image[entries[1]], image[entries[5]]);
    assert_int_equal(merged.entries[image[entries[9]]].parent, image[entries[1]]);
    tree_release(&tree);
    tree_release(&merged);
}

static void rare_joins_other_of_the_data(void **state)
{
    (void)state;
    struct tree tree, merged;
    uint32_t image[4];
    tree_init(&tree);
    uint32_t other = tree_add(&tree, TREE_ROOT, "(other)", TREE_BY_LABEL, true);
    uint32_t rare = tree_add(&tree, TREE_ROOT, "x", TREE_BY_LABEL, false);
    tree_merge_rare(&tree, (uint64_t[]){ 0, 100, 2 }, 5, &merged, image);
    assert_int_equal(image[rare], image[other]);
    assert_int_equal(merged.count, 2);
    tree_release(&tree);
    tree_release(&merged);
}

static const char *label_of(const struct dimension *dimension, const uint32_t *of_day, int year, int month, int day)
{
    return dimension->nodes[of_day[calendar_day((struct calendar_date){ year, month, day }) - PERIOD_FIRST_DAY]].label;
}

static void periods(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, false);
    static const struct {
        const char *kind;
        int year, month, day;
        const char *label;
        int32_t last[3];
    } rows[] = {
        { "month", 2016, 2, 29, "2016-02", { 2016, 2, 29 } },
        { "month", 1900, 1, 1, "1900-01", { 1900, 1, 31 } },
        { "month", 2199, 12, 31, "2199-12", { 2199, 12, 31 } },
        { "quarter", 2026, 3, 31, "2026-Q1", { 2026, 3, 31 } },
        { "quarter", 2026, 4, 1, "2026-Q2", { 2026, 6, 30 } },
        { "quarter", 2026, 12, 31, "2026-Q4", { 2026, 12, 31 } },
        { "week", 2005, 1, 1, "2004-W53", { 2005, 1, 2 } },
        { "week", 2008, 12, 29, "2009-W01", { 2009, 1, 4 } },
        { "week", 2010, 1, 3, "2009-W53", { 2010, 1, 3 } },
        { "year", 2024, 7, 1, "2024", { 2024, 12, 31 } },
        { "weekday", 2026, 1, 31, "Saturday", { 2199, 12, 28 } },
        { "weekday", 1900, 1, 1, "Monday", { 2199, 12, 30 } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum period_kind kind;
        struct dimension dimension = { 0 };
        const uint32_t *of_day;
        uint32_t missing;
        assert_true(period_kind_parse(rows[i].kind, &kind));
        period_dimension(kind, &arena, &dimension, &of_day, &missing);
        assert_string_equal(label_of(&dimension, of_day, rows[i].year, rows[i].month, rows[i].day), rows[i].label);
        uint32_t node =
            of_day[calendar_day((struct calendar_date){ rows[i].year, rows[i].month, rows[i].day }) - PERIOD_FIRST_DAY];
        assert_int_equal(dimension.last_day[node],
                         calendar_day((struct calendar_date){ rows[i].last[0], rows[i].last[1], rows[i].last[2] }));
        assert_string_equal(dimension.nodes[missing].label, "(missing)");
        assert_int_equal(missing, dimension.count - 1);
    }
    arena_release(&arena);
}

static void kinds(void **state)
{
    (void)state;
    enum period_kind kind;
    assert_false(period_kind_parse("hour", &kind));
    assert_true(period_kind_parse("weekday", &kind));
    assert_false(period_is_base(kind));
    assert_false(period_is_base(PERIOD_YEAR));
    assert_true(period_is_base(PERIOD_WEEK));
    struct arena arena;
    struct dimension dimension = { 0 };
    const uint32_t *of_day;
    uint32_t missing;
    arena_init(&arena, false);
    period_dimension(PERIOD_WEEKDAY, &arena, &dimension, &of_day, &missing);
    assert_int_equal(dimension.count, 9);
    assert_string_equal(dimension.nodes[1].label, "Monday");
    assert_string_equal(dimension.nodes[7].label, "Sunday");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(preorder),    cmocka_unit_test(bands_by_position),
        cmocka_unit_test(rare_labels), cmocka_unit_test(rare_joins_other_of_the_data),
        cmocka_unit_test(periods),     cmocka_unit_test(kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
