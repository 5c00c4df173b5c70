/* Protection by threshold: what it must guarantee, checked against the rows themselves, and examples by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sample.h"
#include "stats/threshold.h"

enum { K = 5 };

static const struct cube_measure measures[] = { { "score", 0, true, 4, 5 }, { "amount", 2, false, 0, 0 } };
static const struct cube_table_measure wanted[] = { { 0, { 0 }, 0, 1 }, { 1, { 0 }, 0, 1 } };
static const size_t dimensions[] = { 0, 1, 2 };
static const struct cube_table_plan table_plan = { dimensions, 3, true, wanted, 2 };

static struct sample sample;
static struct cube *cube;
static struct protected_table result;

static void protect(void)
{
    static struct cube_plan plan;
    plan = (struct cube_plan){
        .dimensions = sample.dimensions,
        .dimension_count = 3,
        .measures = measures,
        .measure_count = 2,
        .tables = &table_plan,
        .table_count = 1,
        .k = K,
        .threads = 2,
    };
    struct rows rows = sample_rows(&sample);
    struct rows_memory memory;
    struct err err;
    rows_memory_init(&memory, &rows, 3, SAMPLE_MEASURES, 4);
    assert_int_equal(cube_build(&cube, &plan, &memory.source, &err), 0);
    assert_int_equal(threshold_protect(cube, &memory.source, NULL, &result, &err), 0);
    rows_memory_release(&memory);
}

static void release(void)
{
    protected_release(&result);
    cube_free(cube);
    sample_release(&sample);
}

static const char *const months[] = { "2026-01", NULL };
static const char *const places[] = { "north/a", "north/b", "south/c", "south/d", NULL };
static const char *const things[] = { "x", "y", "z", NULL };
enum { NORTH = 1, A = 2, B = 3, SOUTH = 4, C = 5, D = 6, X = 1, Y = 2, Z = 3 };

static void start(void)
{
    sample_init(&sample);
    sample_add_dimension(&sample, "month", 1, months);
    sample_add_dimension(&sample, "place", 2, places);
    sample_add_dimension(&sample, "thing", 1, things);
}

/* Persons numbered from `first` on with one case each; the first `valued` of them with an amount. */
static void add_persons(int64_t first, int64_t count, uint32_t place, uint32_t thing, int64_t valued)
{
    for (int64_t i = 0; i < count; i++)
        sample_add_row(&sample, first + i, (uint32_t[]){ 1, place, thing },
                       (int64_t[]){ ROWS_NO_VALUE, i < valued ? 100 : ROWS_NO_VALUE });
}

static uint32_t index_of(uint32_t place, uint32_t thing)
{
    const struct layout *layout = &cube->tables[0].layout;
    cell_key key = layout_part(layout, 0, 1) | layout_part(layout, 1, place) | layout_part(layout, 2, thing);
    uint32_t index = cellmap_find(&cube->tables[0].cells, key);
    assert_int_not_equal(index, CELLMAP_NONE);
    return index;
}

static bool is_published(uint32_t place, uint32_t thing)
{
    return result.cells[index_of(place, thing)];
}

static const struct protected_remainder *find_remainder(uint32_t place, uint32_t thing, size_t dimension)
{
    for (size_t i = 0; i < result.remainder_count; i++)
        if (result.remainders[i].parent == index_of(place, thing) && result.remainders[i].dimension == dimension)
            return &result.remainders[i];
    return NULL;
}

static uint64_t remainder_cases(uint32_t place, uint32_t thing, size_t dimension)
{
    const struct protected_remainder *remainder = find_remainder(place, thing, dimension);
    return remainder ? remainder->cell->cases : 0;
}

/* Four of one thing are too few (k - 1), five are enough (k). */
static void k_itself(void **state)
{
    (void)state;
    for (int64_t persons = K - 1; persons <= K; persons++) {
        start();
        add_persons(100, persons, A, X, 0);
        protect();
        assert_int_equal(is_published(0, 0), persons == K);
        assert_int_equal(is_published(A, X), persons == K);
        assert_int_equal(result.remainder_count, 0);
        release();
    }
}

/* 4 + 3 withheld things hold 7 persons together: their remainder is published, nothing else goes. */
static void a_remainder_that_holds_k(void **state)
{
    (void)state;
    start();
    add_persons(100, 9, A, X, 0);
    add_persons(200, 4, A, Y, 0);
    add_persons(300, 3, A, Z, 0);
    protect();
    assert_true(is_published(A, X));
    assert_false(is_published(A, Y));
    assert_false(is_published(A, Z));
    assert_int_equal(remainder_cases(A, 0, 2), 7);
    assert_int_equal(remainder_cases(0, 0, 2), 7);
    release();
}

/* The same numbers, but the 4 are the same persons as the 3 and one more: the union is 4, so x goes too. */
static void persons_of_several_cells(void **state)
{
    (void)state;
    start();
    for (int64_t i = 0; i < 4; i++) {
        add_persons(100 + i, 1, A, Y, 0);
        if (i < 3)
            add_persons(100 + i, 1, A, Z, 0);
    }
    add_persons(200, 9, A, X, 0);
    protect();
    assert_true(is_published(A, 0));
    assert_false(is_published(A, X));
    assert_int_equal(remainder_cases(A, 0, 2), 16);
    release();
}

/* One small cell takes the smallest published one along, and equally many: the first. */
static void the_smallest_goes_along(void **state)
{
    (void)state;
    start();
    add_persons(100, 20, A, X, 0);
    add_persons(200, 6, A, Y, 0);
    add_persons(300, 1, A, Z, 0);
    protect();
    assert_true(is_published(A, X));
    assert_false(is_published(A, Y));
    assert_int_equal(remainder_cases(A, 0, 2), 7);
    release();
    start();
    add_persons(100, 6, A, X, 0);
    add_persons(200, 6, A, Y, 0);
    add_persons(300, 1, A, Z, 0);
    protect();
    assert_false(is_published(A, X));
    assert_true(is_published(A, Y));
    release();
}

/* 8 persons in north with things of 4 and 4, who are the same 4 twice: nothing below to take along, so north goes. */
static void the_cell_above_goes(void **state)
{
    (void)state;
    start();
    for (int64_t i = 0; i < 4; i++) {
        add_persons(100 + i, 1, A, X, 0);
        add_persons(100 + i, 1, A, Y, 0);
    }
    add_persons(200, 1, A, Z, 0);
    add_persons(300, 30, C, X, 0);
    add_persons(400, 30, D, Y, 0);
    protect();
    assert_true(is_published(0, 0));
    assert_true(is_published(NORTH, 0)); /* 5 persons, x and y and z together hold 5 */
    assert_int_equal(remainder_cases(NORTH, 0, 2), 9);
    release();
    start();
    for (int64_t i = 0; i < 4; i++) {
        add_persons(100 + i, 1, A, X, 0);
        add_persons(100 + i, 1, B, X, 0);
    }
    add_persons(200, 9, C, X, 0);
    add_persons(300, 9, D, X, 0);
    protect();
    assert_false(is_published(NORTH, 0)); /* 4 persons */
    assert_false(is_published(SOUTH, 0)); /* the only other one: goes along */
    assert_int_equal(remainder_cases(0, 0, 1), 26);
    release();
}

/* A measure with 4 contributors is withheld under a published count, and takes another cell's along. */
static void contributors(void **state)
{
    (void)state;
    start();
    add_persons(100, 9, A, X, 9);
    add_persons(200, 9, A, Y, 4);
    add_persons(300, 9, A, Z, 7);
    protect();
    size_t amount = 1;
    assert_true(is_published(A, Y));
    assert_false(result.measures[index_of(A, Y) * 2 + amount]);
    assert_false(result.measures[index_of(A, Z) * 2 + amount]); /* the smallest other one */
    assert_true(result.measures[index_of(A, X) * 2 + amount]);
    assert_true(result.measures[index_of(A, 0) * 2 + amount]);
    assert_false(result.measures[index_of(A, 0) * 2]); /* nobody gave a score */
    assert_int_equal(result.remainder_count, 0);
    release();
}

/* The measure of a remainder: 3 + 4 contributors of two withheld cells. */
static void contributors_of_a_remainder(void **state)
{
    (void)state;
    for (int64_t valued = 3; valued <= 4; valued++) {
        start();
        add_persons(100, 9, A, X, 9);
        add_persons(200, 4, A, Y, valued);
        add_persons(300, 3, A, Z, 1);
        protect();
        const struct protected_remainder *remainder = find_remainder(A, 0, 2);
        assert_non_null(remainder);
        bool enough = valued + 1 >= K;
        assert_int_equal(remainder && remainder->measures[1], enough);
        assert_false(remainder && remainder->measures[0]);
        if (enough && remainder)
            assert_int_equal(remainder->cell->sums[1].sum, 500);
        assert_int_equal(result.measures[index_of(A, X) * 2 + 1], enough); /* else it would give the four away */
        release();
    }
}

static void random_rows(size_t rows)
{
    int64_t person = 0;
    while (sample.rows < rows) {
        person++;
        for (uint32_t cases = sample_random(3) + 1; cases && sample.rows < rows; cases--) {
            uint32_t nodes[3];
            for (size_t d = 0; d < 3; d++) {
                uint32_t leaves = (uint32_t)sample.leaf_count[d];
                uint32_t one = sample_random(leaves), other = sample_random(leaves);
                nodes[d] = sample.leaves[d][one < other ? one : other];
            }
            int64_t values[2] = { 1 + sample_random(5), sample_random(1000) };
            if (sample_random(3))
                values[0] = ROWS_NO_VALUE;
            sample_add_row(&sample, person, nodes, values);
        }
    }
}

static bool is_under(size_t d, uint32_t node, uint32_t ancestor)
{
    while (node > ancestor)
        node = sample.dimensions[d].nodes[node].parent;
    return node == ancestor;
}

static bool row_is_in(size_t row, uint32_t cell)
{
    const struct cube_table *table = &cube->tables[0];
    for (size_t d = 0; d < 3; d++)
        if (!is_under(d, sample.nodes[row * 3 + d],
                      layout_node(&table->layout, cellmap_at(&table->cells, cell)->key, d)))
            return false;
    return true;
}

static bool is_child(uint32_t child, uint32_t parent, size_t dimension)
{
    const struct cube_table *table = &cube->tables[0];
    for (size_t d = 0; d < 3; d++) {
        uint32_t below = layout_node(&table->layout, cellmap_at(&table->cells, child)->key, d);
        uint32_t above = layout_node(&table->layout, cellmap_at(&table->cells, parent)->key, d);
        if (d == dimension ? below == 0 || sample.dimensions[d].nodes[below].parent != above : below != above)
            return false;
    }
    return true;
}

static bool is_below(uint32_t cell, uint32_t above, size_t dimension)
{
    const struct cube_table *table = &cube->tables[0];
    for (size_t d = 0; d < 3; d++) {
        uint32_t node = layout_node(&table->layout, cellmap_at(&table->cells, cell)->key, d);
        uint32_t ancestor = layout_node(&table->layout, cellmap_at(&table->cells, above)->key, d);
        if (d == dimension ? node == ancestor || !is_under(d, node, ancestor) : node != ancestor)
            return false;
    }
    return true;
}

static bool is_shown(uint32_t cell, size_t layer)
{
    return layer ? result.measures[cell * 2 + layer - 1] : result.cells[cell];
}

/* Is the row in the parent, but in no published cell below it along the dimension? */
static bool is_left(size_t row, uint32_t parent, size_t dimension, size_t layer)
{
    if (!row_is_in(row, parent) || (layer && sample.values[row * 2 + layer - 1] == ROWS_NO_VALUE))
        return false;
    for (uint32_t c = 0; c < cube->tables[0].cells.count; c++)
        if (is_shown(c, layer) && is_below(c, parent, dimension) && row_is_in(row, c))
            return false;
    return true;
}

/* Distinct persons of what is left; layer > 0: with a value of that measure. */
static size_t persons_left(uint32_t parent, size_t dimension, size_t layer)
{
    size_t persons = 0;
    bool seen = false;
    for (size_t r = 0; r < sample.rows; r++) {
        if (r && sample.person[r] != sample.person[r - 1])
            seen = false;
        if (!seen && is_left(r, parent, dimension, layer)) {
            seen = true;
            persons++;
        }
    }
    return persons;
}

static void check_family(uint32_t parent, size_t dimension)
{
    const struct cube_table *table = &cube->tables[0];
    for (size_t layer = 0; layer < 3; layer++) {
        if (!is_shown(parent, layer))
            continue;
        bool is_leaf = true;
        for (uint32_t c = 0; c < table->cells.count; c++)
            is_leaf &= !is_below(c, parent, dimension);
        size_t persons = is_leaf ? 0 : persons_left(parent, dimension, layer);
        assert_true(persons == 0 || persons >= K);
    }
    if (!result.cells[parent])
        return;
    uint64_t cases = cellmap_at(&table->cells, parent)->cases, below = 0;
    for (uint32_t c = 0; c < table->cells.count; c++)
        if (is_child(c, parent, dimension)) {
            below++;
            cases -= result.cells[c] ? cellmap_at(&table->cells, c)->cases : 0;
        }
    for (size_t i = 0; i < result.remainder_count; i++)
        if (result.remainders[i].parent == parent && result.remainders[i].dimension == dimension)
            cases -= result.remainders[i].cell->cases;
    if (below)
        assert_int_equal(cases, 0); /* the table adds up */
}

static void guarantees(void **state)
{
    (void)state;
    size_t withheld = 0, published = 0, remainders = 0;
    for (unsigned trial = 0; trial < 25; trial++) {
        sample_seed = 500 + trial;
        sample_init(&sample);
        sample_add_random_dimension(&sample, "period", 1, 2);
        sample_add_random_dimension(&sample, "place", 1 + trial % 2, 4);
        sample_add_random_dimension(&sample, "thing", 1, 5);
        random_rows(40 + sample_random(160));
        protect();
        const struct cube_table *table = &cube->tables[0];
        for (uint32_t c = 0; c < table->cells.count; c++) {
            const struct cell *cell = cellmap_at(&table->cells, c);
            if (result.cells[c])
                assert_true(cell->persons >= K);
            for (size_t m = 0; m < 2; m++)
                if (result.measures[c * 2 + m])
                    assert_true(result.cells[c] && cell->sums[m].persons >= K);
            for (size_t d = 1; d < 3; d++)
                check_family(c, d);
            *(result.cells[c] ? &published : &withheld) += 1;
        }
        remainders += result.remainder_count;
        release();
    }
    assert_true(withheld > 100 && published > 100 && remainders > 100);
}

static void large_cells_all_stay(void **state)
{
    (void)state;
    start();
    for (uint32_t place = A; place <= D; place++)
        for (uint32_t thing = X; thing <= Z && place != SOUTH; thing++)
            add_persons(100 * place + 10 * thing, K, place, thing, K);
    protect();
    for (size_t c = 0; c < cube->tables[0].cells.count; c++)
        assert_true(result.cells[c] && result.measures[c * 2 + 1]);
    assert_int_equal(result.remainder_count, 0);
    release();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(k_itself),
        cmocka_unit_test(a_remainder_that_holds_k),
        cmocka_unit_test(persons_of_several_cells),
        cmocka_unit_test(the_smallest_goes_along),
        cmocka_unit_test(the_cell_above_goes),
        cmocka_unit_test(contributors),
        cmocka_unit_test(contributors_of_a_remainder),
        cmocka_unit_test(guarantees),
        cmocka_unit_test(large_cells_all_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
