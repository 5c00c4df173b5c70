/* Protection of linked tables as the cube gives them: what a reader who subtracts must not find. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"
#include "stats/protection.h"
#include "stats/protection_work.h"

enum { K = 5, TABLES_MAX = 3 };

static const char *const months[] = { "2026-01", NULL };
static const char *const places[] = { "a", "b", "c", NULL };
static const char *const things[] = { "x", "y", "z", NULL };
static const char *const ways[] = { "p", "q", NULL };

static struct sample sample;
static struct cube *cube;
static bool *published[TABLES_MAX];
static struct protection_pattern patterns[TABLES_MAX];
static struct protection_counts counts;
static size_t table_count;

static const size_t place_thing[] = { 0, 1, 2 }, thing_way[] = { 0, 2, 3 }, way_place[] = { 0, 3, 1 };
static struct cube_table_plan plans[] = {
    { place_thing, 3, true, NULL, 0 },
    { thing_way, 3, true, NULL, 0 },
    { way_place, 3, true, NULL, 0 },
};
static const struct table_dimension plain[3];
static const struct table_spec spec = { .dimensions = plain, .dimension_count = 3 };
static const struct table_spec *const specs[] = { &spec, &spec, &spec };

static void start(void)
{
    sample_init(&sample);
    sample_add_dimension(&sample, "month", 1, months);
    sample_add_dimension(&sample, "place", 1, places);
    sample_add_dimension(&sample, "thing", 1, things);
    sample_add_dimension(&sample, "way", 1, ways);
}

static void add(int64_t *person, int64_t count, uint32_t place, uint32_t thing, uint32_t way)
{
    for (int64_t i = 0; i < count; i++)
        sample_add_row(&sample, ++*person, (uint32_t[]) { 1, place, thing, way }, (int64_t[]) { ROWS_NO_VALUE, ROWS_NO_VALUE });
}

static int decide(size_t tables)
{
    static struct cube_plan plan;
    struct rows rows = sample_rows(&sample);
    struct rows_memory memory;
    struct err err = { 0 };
    table_count = tables;
    plan = (struct cube_plan) { .dimensions = sample.dimensions, .dimension_count = 4, .tables = plans, .table_count = tables, .k = K, .threads = 1 };
    rows_memory_init(&memory, &rows, 4, SAMPLE_MEASURES, 2);
    assert_int_equal(cube_build(&cube, &plan, &memory.source, &err), 0);
    for (size_t t = 0; t < tables; t++)
        patterns[t].cells = published[t] = calloc(cube->tables[t].cells.count, sizeof **published);
    counts = (struct protection_counts) { 0 };
    int code = protection_decide(cube, &memory.source, specs, NULL, patterns, &counts, &err);
    rows_memory_release(&memory);
    return code;
}

static void release(void)
{
    for (size_t t = 0; t < table_count; t++)
        free(published[t]);
    cube_free(cube);
    sample_release(&sample);
}

static bool is_published(size_t t, uint32_t one, uint32_t other)
{
    const struct layout *layout = &cube->tables[t].layout;
    cell_key key = layout_part(layout, 0, 1) | layout_part(layout, 1, one) | layout_part(layout, 2, other);
    uint32_t cell = cellmap_find(&cube->tables[t].cells, key);
    return cell != CELLMAP_NONE && published[t][cell];
}

/* ---- an attacker of its own: unknowns are the full cross; what is a combination of published figures? ---- */

enum { UNKNOWNS = 3 * 3 * 2 };

static void equation(size_t t, cell_key key, double *row)
{
    const size_t *dimensions = plans[t].dimensions;
    const struct layout *layout = &cube->tables[t].layout;
    for (uint32_t u = 0; u < UNKNOWNS; u++) {
        uint32_t node[] = { 1, u / 6 + 1, u / 2 % 3 + 1, u % 2 + 1 };
        bool inside = true;
        for (size_t d = 1; d < 3; d++) {
            uint32_t wanted = layout_node(layout, key, d);
            inside = inside && (!wanted || node[dimensions[d]] == wanted);
        }
        row[u] = inside;
    }
}

static size_t eliminate_row(double (*basis)[UNKNOWNS], size_t rank, double *row)
{
    for (size_t b = 0; b < rank; b++) {
        size_t pivot = 0;
        while (fabs(basis[b][pivot]) < 1e-9)
            pivot++;
        double factor = row[pivot] / basis[b][pivot];
        for (size_t u = 0; u < UNKNOWNS; u++)
            row[u] -= factor * basis[b][u];
    }
    for (size_t u = 0; u < UNKNOWNS; u++)
        if (fabs(row[u]) > 1e-9)
            return 1;
    return 0;
}

/* How many cells with 1..K-1 persons follow exactly from what is published. */
static size_t count_exposed(void)
{
    double basis[UNKNOWNS][UNKNOWNS];
    size_t rank = 0, exposed = 0;
    for (size_t t = 0; t < table_count; t++)
        for (size_t c = 0; c < cube->tables[t].cells.count; c++) {
            double row[UNKNOWNS];
            equation(t, cellmap_at(&cube->tables[t].cells, c)->key, row);
            if (published[t][c] && eliminate_row(basis, rank, row))
                memcpy(basis[rank++], row, sizeof row);
        }
    for (size_t t = 0; t < table_count; t++)
        for (size_t c = 0; c < cube->tables[t].cells.count; c++) {
            double row[UNKNOWNS];
            const struct cell *cell = cellmap_at(&cube->tables[t].cells, c);
            equation(t, cell->key, row);
            if (cell->persons < K)
                exposed += published[t][c] || !eliminate_row(basis, rank, row);
        }
    return exposed;
}

/* ---- tests ---- */

static void test_a_small_cell_takes_others_with_it(void **state)
{
    (void)state;
    int64_t person = 0;
    start();
    for (uint32_t place = 1; place <= 3; place++)
        for (uint32_t thing = 1; thing <= 3; thing++)
            add(&person, place == 1 && thing == 1 ? 2 : 20 + place * thing, place, thing, 1);
    assert_int_equal(decide(1), 0);
    assert_true(is_published(0, 0, 0));
    assert_false(is_published(0, 1, 1));
    assert_int_equal(count_exposed(), 0);
    assert_int_equal(counts.primary, 1);
    assert_true(counts.secondary + counts.repaired >= 3);
    release();
}

/* The small cell stands in one table; the other table shows the margin that would give it away. */
static void test_linked_tables_are_protected_together(void **state)
{
    (void)state;
    int64_t person = 0;
    start();
    add(&person, 3, 1, 1, 1);
    add(&person, 40, 2, 2, 1);
    add(&person, 30, 3, 2, 2);
    add(&person, 25, 2, 3, 2);
    assert_int_equal(decide(2), 0);
    assert_int_equal(count_exposed(), 0);
    assert_false(is_published(0, 0, 1)); /* thing x holds the three alone */
    assert_false(is_published(1, 1, 0));
    release();
}

static void test_one_person_with_nearly_all_cases(void **state)
{
    (void)state;
    int64_t person = 0;
    start();
    add(&person, 30, 2, 1, 1);
    add(&person, 30, 2, 2, 1);
    add(&person, 30, 1, 2, 1);
    add(&person, 6, 1, 1, 1);
    for (int i = 0; i < 100; i++) /* the last of them */
        sample_add_row(&sample, person, (uint32_t[]) { 1, 1, 1, 1 }, (int64_t[]) { ROWS_NO_VALUE, ROWS_NO_VALUE });
    assert_int_equal(decide(1), 0);
    assert_false(is_published(0, 1, 1));
    release();
}

/* Without margins nothing adds up: only the small cell and the one that a single person fills are withheld. */
static void test_a_table_without_margins_withholds_the_primary_cells_alone(void **state)
{
    (void)state;
    static const struct cube_table_plan flat = { place_thing, 3, false, NULL, 0 };
    struct cube_table_plan kept = plans[0];
    int64_t person = 0;
    start();
    add(&person, 30, 1, 1, 1);
    add(&person, 30, 1, 2, 1);
    add(&person, 6, 2, 1, 1);
    for (int i = 0; i < 100; i++)
        sample_add_row(&sample, person, (uint32_t[]) { 1, 2, 1, 1 }, (int64_t[]) { ROWS_NO_VALUE, ROWS_NO_VALUE });
    plans[0] = flat;
    assert_int_equal(decide(1), 0);
    assert_true(is_published(0, 1, 1));
    assert_true(is_published(0, 1, 2));
    assert_false(is_published(0, 2, 1));
    plans[0] = kept;
    release();
}

static void test_a_cycle_of_tables_is_refused(void **state)
{
    (void)state;
    int64_t person = 0;
    start();
    add(&person, 30, 1, 1, 1);
    assert_int_equal(decide(3), ERR_CONFIG);
    release();
}

static void test_a_table_to_be_protected_only_makes_no_cycle(void **state)
{
    (void)state;
    int64_t person = 0;
    start();
    add(&person, 30, 1, 1, 1);
    patterns[2].protect_only = true;
    assert_int_equal(decide(3), 0);
    patterns[2].protect_only = false;
    assert_true(is_published(0, 1, 1));
    assert_true(is_published(1, 1, 1));
    assert_false(is_published(2, 1, 1));
    release();
}

/* Hypergraphs from Beeri, Fagin, Maier, Yannakakis (1983): acyclic ones reduce to nothing. */
static void test_trees_and_cycles(void **state)
{
    (void)state;
    static const size_t ab[] = { 0, 1 }, bc[] = { 1, 2 }, ca[] = { 2, 0 }, abc[] = { 0, 1, 2 }, cde[] = { 2, 3, 4 }, aef[] = { 0, 4, 5 }, ace[] = { 0, 2, 4 }, f[] = { 5 };
#define TABLE(set) { .dimensions = set, .count = sizeof set / sizeof *set }
    struct protection_table chain[] = { TABLE(ab), TABLE(bc) }, cycle[] = { TABLE(ab), TABLE(bc), TABLE(ca) },
                            covered[] = { TABLE(ab), TABLE(bc), TABLE(ca), TABLE(abc) }, famous[] = { TABLE(abc), TABLE(cde), TABLE(aef), TABLE(ace) },
                            famous_cycle[] = { TABLE(abc), TABLE(cde), TABLE(aef) }, apart[] = { TABLE(ab), TABLE(f) };
    assert_true(links_are_tree(chain, 1));
    assert_true(links_are_tree(chain, 2));
    assert_false(links_are_tree(cycle, 3));
    assert_true(links_are_tree(covered, 4));
    assert_true(links_are_tree(famous, 4));
    assert_false(links_are_tree(famous_cycle, 3));
    assert_true(links_are_tree(apart, 2));
}

/* Random linked tables: nothing small is ever a combination of what is published. */
static void test_random_tables_expose_nobody(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;
    for (int round = 0; round < 60; round++) {
        int64_t person = 0;
        start();
        for (uint32_t u = 0; u < UNKNOWNS; u++) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            add(&person, (int64_t)(seed % 3 ? seed % 11 : seed % 60), u / 6 + 1, u / 2 % 3 + 1, u % 2 + 1);
        }
        assert_int_equal(decide(2), 0);
        if (count_exposed())
            fail_msg("round %d exposes somebody", round);
        release();
    }
}

/* Answers from 1 to 5, and what their figures say of nearly all persons at k = 5. */
static void test_figures_that_name_a_category(void **state)
{
    enum { MEAN = 1u << TABLE_MEAN, SD = 1u << TABLE_SD, SHARE = 1u << TABLE_SHARE };
    static const struct case_measure score = { .is_bounded = true, .lowest = 1, .highest = 5 }, amount = { 0 };
    static const struct {
        const struct case_measure *measure;
        unsigned figures;
        uint64_t n;
        int64_t sum, squares;
        uint64_t share;
        bool named;
    } rows[] = {
        { &score, MEAN, 20, 100, 500, 0, true },           /* 5.00: all gave a 5 */
        { &score, MEAN, 12, 59, 291, 0, true },            /* 59/12: eleven gave a 5 and one a 4 */
        { &score, MEAN, 12, 13, 15, 0, true },             /* eleven ones and a two */
        { &score, MEAN, 20, 95, 455, 0, false },           /* five points short, as many as k */
        { &score, MEAN, 12, 37, 115, 0, false },           /* the mean of eleven threes and a four says little */
        { &score, MEAN | SD, 12, 37, 115, 0, true },       /* its standard deviation says it all */
        { &score, MEAN | SD, 12, 35, 103, 0, true },       /* eleven threes and a two */
        { &score, MEAN | SD, 12, 36, 132, 0, false },      /* 2 4 in turn */
        { &amount, MEAN | SD, 12, -1200, 120000, 0, true }, /* all the same, below zero */
        { &amount, MEAN | SD, 12, -1199, 119801, 0, true }, /* all but one */
        { &amount, MEAN, 12, -1200, 120000, 0, false },
        { &score, SHARE, 20, 60, 220, 16, true },          /* four of twenty outside the range */
        { &score, SHARE, 20, 60, 220, 4, true },
        { &score, SHARE, 20, 60, 220, 10, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct table_measure figures = { .figures = rows[i].figures };
        const struct cell_sum sum = { .n = rows[i].n, .sum = rows[i].sum, .squares = rows[i].squares, .share = rows[i].share };
        if (protection_implies_category(rows[i].measure, &figures, &sum, K) != rows[i].named)
            fail_msg("row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_small_cell_takes_others_with_it),
        cmocka_unit_test(test_linked_tables_are_protected_together),
        cmocka_unit_test(test_one_person_with_nearly_all_cases),
        cmocka_unit_test(test_a_table_without_margins_withholds_the_primary_cells_alone),
        cmocka_unit_test(test_a_cycle_of_tables_is_refused),
        cmocka_unit_test(test_a_table_to_be_protected_only_makes_no_cycle),
        cmocka_unit_test(test_trees_and_cycles),
        cmocka_unit_test(test_figures_that_name_a_category),
        cmocka_unit_test(test_random_tables_expose_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
