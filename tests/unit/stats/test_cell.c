/* Laws of cells: merging is associative and commutative, the zeroed cell is neutral, overflow is reported. Expected
 * numbers are worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "stats/cellmap.h"

static struct cell *make(struct cellmap *map, cell_key key, const int64_t *values, size_t count)
{
    struct cell *cell = cellmap_at(map, cellmap_get(map, key));
    for (size_t i = 0; i < count; i++) {
        cell->cases++;
        assert_false(cell_add_value(&cell->sums[0], values[i], values[i] >= 4));
    }
    cell_seal(cell, 1);
    return cell;
}

static void three_persons(void **state)
{
    (void)state;
    struct cellmap map;
    cellmap_init(&map, 1);
    make(&map, 1, (int64_t[]){ 5, 3 }, 2);
    make(&map, 2, (int64_t[]){ -9 }, 1);
    make(&map, 3, (int64_t[]){ 4, 4, 4 }, 3);
    for (unsigned order = 0; order < 6; order++) {
        static const unsigned orders[6][3] = { { 1, 2, 3 }, { 1, 3, 2 }, { 2, 1, 3 },
                                               { 2, 3, 1 }, { 3, 1, 2 }, { 3, 2, 1 } };
        uint32_t total = cellmap_get(&map, 10 + order);
        for (size_t i = 0; i < 3; i++)
            assert_false(
                cell_merge(cellmap_at(&map, total), cellmap_at(&map, cellmap_find(&map, orders[order][i])), 1));
        const struct cell *cell = cellmap_at(&map, total);
        assert_int_equal(cell->cases, 6);
        assert_int_equal(cell->persons, 3);
        assert_int_equal(cell->top1, 3);
        assert_int_equal(cell->top2, 2);
        assert_int_equal(cell->sums[0].n, 6);
        assert_int_equal(cell->sums[0].persons, 3);
        assert_int_equal(cell->sums[0].sum, 11);
        assert_int_equal((int64_t)cell->sums[0].squares, 25 + 9 + 81 + 48);
        assert_int_equal(cell->sums[0].top1, 12);
        assert_int_equal(cell->sums[0].top2, 9);
        assert_int_equal(cell->sums[0].share, 4);
    }
    cellmap_release(&map);
}

static void a_case_without_a_value(void **state)
{
    (void)state;
    struct cellmap map;
    cellmap_init(&map, 1);
    struct cell *cell = cellmap_at(&map, cellmap_get(&map, 1));
    cell->cases = 2;
    cell_seal(cell, 1);
    assert_int_equal(cell->persons, 1);
    assert_int_equal(cell->sums[0].persons, 0);
    assert_int_equal(cell->sums[0].top1, 0);
    cellmap_release(&map);
}

static void overflow(void **state)
{
    (void)state;
    struct cell_sum sum = { .sum = INT64_MAX - 5 };
    assert_false(cell_add_value(&sum, 5, false));
    assert_true(cell_add_value(&sum, 1, false));
    sum = (struct cell_sum){ .sum = INT64_MIN + 5 };
    assert_true(cell_add_value(&sum, -6, false));
}

/* Full keys are compared: keys that differ only above 64 bits, or by 2^20 steps, are different cells. */
static void map_of_many(void **state)
{
    (void)state;
    struct cellmap map;
    cellmap_init(&map, 0);
    enum { COUNT = 30000 };
    for (uint64_t i = 0; i < COUNT; i++) {
        assert_int_equal(cellmap_get(&map, (cell_key)(COUNT - i) << 20), 2 * i);
        assert_int_equal(cellmap_get(&map, (cell_key)(COUNT - i) << 84), 2 * i + 1);
    }
    assert_int_equal(map.count, 2 * COUNT);
    for (uint64_t i = 0; i < COUNT; i++) {
        assert_int_equal(cellmap_find(&map, (cell_key)(COUNT - i) << 84), 2 * i + 1);
        assert_int_equal(cellmap_find(&map, ((cell_key)(COUNT - i) << 84) + 1), CELLMAP_NONE);
    }
    cellmap_sort(&map);
    for (size_t i = 1; i < map.count; i++)
        assert_true(cellmap_at(&map, i - 1)->key < cellmap_at(&map, i)->key);
    assert_int_equal(cellmap_find(&map, (cell_key)1 << 20), 0);
    cellmap_clear(&map);
    assert_int_equal(cellmap_find(&map, (cell_key)1 << 20), CELLMAP_NONE);
    for (uint64_t i = 0; i < 20; i++)
        assert_int_equal(cellmap_get(&map, i * 3), i);
    cellmap_clear(&map);
    assert_int_equal(cellmap_find(&map, 3), CELLMAP_NONE);
    assert_int_equal(cellmap_get(&map, 57), 0);
    cellmap_release(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_persons),
        cmocka_unit_test(a_case_without_a_value),
        cmocka_unit_test(overflow),
        cmocka_unit_test(map_of_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
