/* Hierarchies: what stands under what, and how overlapping groupings are taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/strbuf.h"
#include "stats/tabulate/hierarchy.h"

static struct hierarchy hierarchy;
static struct err err;

/* Reads "child,parent" lines and finishes. */
static int load(const char *lines)
{
    char path[] = "/tmp/hierarchy-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_true(write(fd, "child,parent\n", 13) == 13);
    assert_true(write(fd, lines, strlen(lines)) == (ssize_t)strlen(lines));
    close(fd);
    hierarchy_init(&hierarchy, "(total)");
    int code = hierarchy_read(&hierarchy, path, &err);
    if (!code)
        code = hierarchy_finish(&hierarchy, &err);
    unlink(path);
    return code;
}

static uint32_t code_of(const char *label)
{
    uint32_t found = labels_find(&hierarchy.labels, label);
    assert_int_not_equal(found, LABELS_NONE);
    return hierarchy.code_of[found];
}

/* The label of the parent on the axis, "" if it is not there. */
static const char *parent(size_t axis, const char *label)
{
    uint32_t code = hierarchy.axes[axis].parent[code_of(label)];
    return code == CROSS_NOT_HERE ? "" : hierarchy.label_of[code];
}

/* The laws: on every axis each leaf leads to the total, and whoever has a child on it is on it; every line of the file is
 * on some axis. */
static void check_laws(void)
{
    for (size_t a = 0; a < hierarchy.axis_count; a++)
        for (uint32_t c = 1; c < hierarchy.code_count; c++) {
            uint32_t at = c, steps = 0;
            if (hierarchy.leaf[c])
                assert_int_not_equal(hierarchy.axes[a].parent[c], CROSS_NOT_HERE);
            while (at && hierarchy.axes[a].parent[c] != CROSS_NOT_HERE) {
                at = hierarchy.axes[a].parent[at];
                assert_true(at < hierarchy.code_count && ++steps <= HIERARCHY_MAX_LEVELS);
            }
        }
    for (size_t e = 0; e < hierarchy.edge_count; e++) {
        bool found = false;
        for (size_t a = 0; a < hierarchy.axis_count; a++)
            found = found || hierarchy.axes[a].parent[hierarchy.edges[e].child] == hierarchy.edges[e].parent;
        assert_true(found);
    }
}

static void codes_are_in_order_of_labels(void **state)
{
    (void)state;
    assert_int_equal(load("b,g\na,g\nc,h\n"), 0);
    static const char *const expected[] = { "(total)", "a", "b", "c", "g", "h" };
    assert_int_equal(hierarchy.code_count, 6);
    for (uint32_t c = 0; c < 6; c++)
        assert_string_equal(hierarchy.label_of[c], expected[c]);
    assert_true(hierarchy.leaf[code_of("a")] && !hierarchy.leaf[code_of("g")] && !hierarchy.leaf[0]);
    hierarchy_release(&hierarchy);
}

static void one_grouping_is_one_axis(void **state)
{
    (void)state;
    assert_int_equal(load("a,g\nb,g\nc,h\ng,world\nh,world\nworld,(total)\nd,(total)\n"), 0);
    assert_int_equal(hierarchy.axis_count, 1);
    assert_string_equal(parent(0, "a"), "g");
    assert_string_equal(parent(0, "g"), "world");
    assert_string_equal(parent(0, "world"), "(total)");
    assert_string_equal(parent(0, "d"), "(total)");
    check_laws();
    hierarchy_release(&hierarchy);
}

/* The order of lines and labels mixes both groupings: n1 and s2 share b, and so on, in a chain. */
static void two_groupings_are_two_axes(void **state)
{
    (void)state;
    assert_int_equal(load("a,1\nb,1\nc,4\nd,4\ne,7\nf,7\nb,2\nc,2\nd,9\ne,9\n"), 0);
    assert_int_equal(hierarchy.axis_count, 2);
    for (size_t a = 0; a < 2; a++) {
        bool first = strcmp(parent(a, "b"), "1") == 0;
        assert_string_equal(parent(a, "c"), first ? "4" : "2");
        assert_string_equal(parent(a, "d"), first ? "4" : "9");
        assert_string_equal(parent(a, "a"), first ? "1" : "(total)"); /* the second grouping leaves it out */
        assert_string_equal(parent(a, "f"), first ? "7" : "(total)");
    }
    check_laws();
    hierarchy_release(&hierarchy);
}

static void groupings_below_a_group(void **state)
{
    (void)state;
    assert_int_equal(load("a,x\nb,x\nc,y\nd,y\na,p\nc,p\nb,q\nd,q\nx,g\ny,g\np,g\nq,g\ne,h\n"), 0);
    assert_int_equal(hierarchy.axis_count, 2);
    for (size_t a = 0; a < 2; a++) {
        assert_string_equal(parent(a, "g"), "(total)");
        assert_string_equal(parent(a, "e"), "h");
    }
    check_laws();
    hierarchy_release(&hierarchy);
}

static void what_cannot_be_right(void **state)
{
    (void)state;
    static const char *const files[] = { "a,b\nb,a\n", "a,b\nb,c\nc,b\n", "a,a\n", "a,\n", ",b\n", "", "a,(withheld)\n", "(total),a\n", "a,b,c\n" };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        assert_int_equal(load(files[i]), ERR_DATA);
        hierarchy_release(&hierarchy);
    }
}

/* Any graph without circles keeps the laws, or is refused for its size. */
static void random_graphs(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;
    for (int trial = 0; trial < 500; trial++) {
        struct strbuf lines = { 0 };
        for (int i = 0; i < 2 + trial % 25; i++) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            unsigned child = (unsigned)(seed % 11), above = child + 1 + (unsigned)(seed / 11 % 4);
            strbuf_addf(&lines, "v%u,v%u\n", child, above);
        }
        if (load(strbuf_text(&lines)) == 0)
            check_laws();
        hierarchy_release(&hierarchy);
        strbuf_release(&lines);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_in_order_of_labels), cmocka_unit_test(one_grouping_is_one_axis),
        cmocka_unit_test(two_groupings_are_two_axes),   cmocka_unit_test(groupings_below_a_group),
        cmocka_unit_test(what_cannot_be_right),         cmocka_unit_test(random_graphs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
