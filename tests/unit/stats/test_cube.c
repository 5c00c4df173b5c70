/* The cube against a naive recomputation: for every combination of nodes of the whole domain, all rows are looked at
 * again, one by one, with code that shares nothing with the cube. And examples small enough to check by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sample.h"
#include "stats/cube.h"

enum { K = 3 };

struct naive {
    uint64_t cases, persons, top1, top2;
    struct {
        uint64_t n, persons, top1, top2, share;
        int64_t sum, squares;
        int64_t person_values[SAMPLE_MAX_ROWS];
    } m[SAMPLE_MEASURES];
};

static const struct cube_measure measures[] = {
    { "score", 0, true, 4, 5 },
    { "amount", 2, false, 0, 0 },
};
static const struct cube_table_measure wanted[] = {
    { 0, { 50 }, 1, 1 },
    { 1, { 10, 25, 50, 90 }, 4, 10 },
};

static bool is_under(const struct dimension *dimension, uint32_t node, uint32_t ancestor)
{
    for (;; node = dimension->nodes[node].parent) {
        if (node == ancestor)
            return true;
        if (node == 0)
            return false;
    }
}

static bool is_member(const struct sample *sample, size_t row, const size_t *dimensions, const uint32_t *at,
                      size_t count)
{
    for (size_t d = 0; d < count; d++)
        if (!is_under(&sample->dimensions[dimensions[d]], sample->nodes[row * sample->dimension_count + dimensions[d]],
                      at[d]))
            return false;
    return true;
}

static void raise_top(uint64_t *top1, uint64_t *top2, uint64_t value)
{
    if (value > *top1) {
        *top2 = *top1;
        *top1 = value;
    } else if (value > *top2) {
        *top2 = value;
    }
}

static void end_person(struct naive *naive, uint64_t cases, const int64_t *sums, const int64_t *counts)
{
    if (!cases)
        return;
    naive->persons++;
    raise_top(&naive->top1, &naive->top2, cases);
    for (size_t m = 0; m < SAMPLE_MEASURES; m++) {
        if (!counts[m])
            continue;
        raise_top(&naive->m[m].top1, &naive->m[m].top2, (uint64_t)llabs(sums[m]));
        int64_t twice = 2000 * sums[m], n = counts[m];
        int64_t rounded = twice < 0 ? -((-twice + n) / (2 * n)) : (twice + n) / (2 * n);
        naive->m[m].person_values[naive->m[m].persons++] = rounded;
    }
}

static void recompute(const struct sample *sample, const size_t *dimensions, const uint32_t *at, size_t count,
                      struct naive *out)
{
    memset(out, 0, sizeof *out);
    uint64_t cases = 0;
    int64_t sums[SAMPLE_MEASURES] = { 0 }, counts[SAMPLE_MEASURES] = { 0 };
    for (size_t r = 0; r < sample->rows; r++) {
        if (r && sample->person[r] != sample->person[r - 1]) {
            end_person(out, cases, sums, counts);
            cases = 0;
            memset(sums, 0, sizeof sums);
            memset(counts, 0, sizeof counts);
        }
        if (!is_member(sample, r, dimensions, at, count))
            continue;
        cases++;
        out->cases++;
        for (size_t m = 0; m < SAMPLE_MEASURES; m++) {
            int64_t value = sample->values[r * SAMPLE_MEASURES + m];
            if (value == ROWS_NO_VALUE)
                continue;
            counts[m]++;
            sums[m] += value;
            out->m[m].n++;
            out->m[m].sum += value;
            out->m[m].squares += value * value;
            out->m[m].share += m == 0 && value >= 4 && value <= 5;
        }
    }
    end_person(out, cases, sums, counts);
}

static int compare_values(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Sorted, the window by its definition, the mean in long double: exact for these small numbers but for a tie. */
static void check_quantile(const int64_t *values, size_t n, int percent, int64_t base, int64_t got)
{
    int64_t low = 0, high = (int64_t)n;
    while (200 * (low + 1) <= 2 * percent * (int64_t)n - 100 * K)
        low++;
    while (200 * (high - 1) >= 2 * percent * (int64_t)n + 100 * K)
        high--;
    if (2 * percent * (int64_t)n < 100 * K)
        high = K;
    if (2 * percent * (int64_t)n + 100 * K > 200 * (int64_t)n)
        low = (int64_t)n - K;
    long double sum = 0;
    for (int64_t i = low; i < high; i++)
        sum += values[i];
    long double mean = sum / (long double)(high - low) / 1000;
    assert_true(high - low == K || high - low == K + 1);
    assert_int_equal(got % base, 0);
    long double distance = mean - (long double)got;
    assert_true((distance < 0 ? -distance : distance) <= (long double)base / 2 + 1e-9L);
}

static void compare_measure(const struct cube_table *table, size_t cell, size_t slot, struct naive *naive)
{
    const struct cell_sum *sum = &cellmap_at(&table->cells, cell)->sums[slot];
    size_t m = table->plan->measures[slot].measure;
    assert_int_equal(sum->n, naive->m[m].n);
    assert_int_equal(sum->persons, naive->m[m].persons);
    assert_int_equal(sum->sum, naive->m[m].sum);
    assert_true(sum->squares == naive->m[m].squares);
    assert_int_equal(sum->top1, naive->m[m].top1);
    assert_int_equal(sum->top2, naive->m[m].top2);
    assert_int_equal(sum->share, naive->m[m].share);
    if (naive->m[m].persons < K)
        return;
    qsort(naive->m[m].person_values, naive->m[m].persons, sizeof(int64_t), compare_values);
    for (size_t q = 0; q < wanted[m].percent_count; q++)
        check_quantile(naive->m[m].person_values, naive->m[m].persons, wanted[m].percents[q], wanted[m].base,
                       cube_quantile(table, cell, slot, q));
}

static void compare_cell(const struct sample *sample, const struct cube_table *table, const uint32_t *at)
{
    static struct naive naive;
    const struct cube_table_plan *plan = table->plan;
    recompute(sample, plan->dimensions, at, plan->dimension_count, &naive);
    cell_key key = 0;
    for (size_t d = 0; d < plan->dimension_count; d++)
        key |= layout_part(&table->layout, d, at[d]);
    uint32_t index = cellmap_find(&table->cells, key);
    if (!naive.cases || (!plan->margins && index == CELLMAP_NONE)) {
        assert_int_equal(index, CELLMAP_NONE);
        return;
    }
    assert_int_not_equal(index, CELLMAP_NONE);
    const struct cell *cell = cellmap_at(&table->cells, index);
    assert_int_equal(cell->cases, naive.cases);
    assert_int_equal(cell->persons, naive.persons);
    assert_int_equal(cell->top1, naive.top1);
    assert_int_equal(cell->top2, naive.top2);
    for (size_t m = 0; m < plan->measure_count; m++)
        compare_measure(table, index, m, &naive);
}

/* Every combination of nodes: an odometer over the table's dimensions; the period is never the total. */
static void compare_table(const struct sample *sample, const struct cube_table *table)
{
    const struct cube_table_plan *plan = table->plan;
    uint32_t at[SAMPLE_MAX_DIMENSIONS] = { 1 };
    for (;;) {
        compare_cell(sample, table, at);
        size_t d = plan->dimension_count;
        while (d-- > 0) {
            if (++at[d] < sample->dimensions[plan->dimensions[d]].count)
                break;
            at[d] = d == 0;
        }
        if (d == SIZE_MAX)
            return;
    }
}

static void random_rows(struct sample *sample, size_t rows)
{
    int64_t person = -1;
    sample->rows = 0;
    while (sample->rows < rows) {
        uint32_t cases = sample_random(10) ? sample_random(4) + 1 : sample_random(60) + 1;
        for (; cases && sample->rows < rows; cases--) {
            uint32_t nodes[SAMPLE_MAX_DIMENSIONS];
            for (size_t d = 0; d < sample->dimension_count; d++)
                nodes[d] = sample->leaves[d][sample_random((uint32_t)sample->leaf_count[d])];
            int64_t values[SAMPLE_MEASURES] = { 1 + sample_random(5), (int64_t)sample_random(4000) - 1000 };
            for (size_t m = 0; m < SAMPLE_MEASURES; m++)
                if (!sample_random(3))
                    values[m] = ROWS_NO_VALUE;
            sample_add_row(sample, person, nodes, values);
        }
        person += 1 + sample_random(3);
    }
}

static struct cube *build(const struct cube_plan *plan, const struct sample *sample, size_t parts)
{
    struct rows rows = sample_rows(sample);
    struct rows_memory memory;
    struct cube *cube = NULL;
    struct err err;
    rows_memory_init(&memory, &rows, sample->dimension_count, SAMPLE_MEASURES, parts);
    assert_int_equal(cube_build(&cube, plan, &memory.source, &err), 0);
    rows_memory_release(&memory);
    return cube;
}

static void random_against_naive(void **state)
{
    (void)state;
    static const size_t all[] = { 0, 1, 2, 3 }, two[] = { 0, 2 }, other_period[] = { 3, 1 }, alone[] = { 0 };
    static struct sample sample;
    const struct cube_table_plan tables[] = {
        { all, 4, true, wanted, 2 },   { two, 2, true, wanted + 1, 1 }, { other_period, 2, true, wanted, 1 },
        { alone, 1, true, wanted, 2 }, { all, 3, false, wanted, 2 },
    };
    for (unsigned trial = 0; trial < 40; trial++) {
        sample_seed = trial + 1;
        sample_init(&sample);
        sample_add_random_dimension(&sample, "period", 1, 3);
        sample_add_random_dimension(&sample, "place", 1 + trial % 3, 3);
        sample_add_random_dimension(&sample, "thing", 1 + trial / 3 % 2, 4);
        sample_add_random_dimension(&sample, "week", 1, 2);
        random_rows(&sample, sample_random(300));
        struct cube_plan plan = {
            .dimensions = sample.dimensions,
            .dimension_count = 4,
            .measures = measures,
            .measure_count = 2,
            .tables = tables,
            .table_count = 5,
            .k = K,
            .threads = 1 + trial % 3,
            .quantile_budget = trial % 2 ? 1 + sample_random(200) : 0,
        };
        struct cube *cube = build(&plan, &sample, 1 + sample_random(9));
        for (size_t t = 0; t < plan.table_count; t++)
            compare_table(&sample, &cube->tables[t]);
        cube_free(cube);
        sample_release(&sample);
    }
}

static void assert_same(const struct cube *one, const struct cube *other)
{
    for (size_t t = 0; t < one->plan->table_count; t++) {
        const struct cube_table *a = &one->tables[t], *b = &other->tables[t];
        assert_int_equal(a->cells.count, b->cells.count);
        assert_memory_equal(a->cells.cells, b->cells.cells, a->cells.count * a->cells.stride);
        assert_memory_equal(a->quantiles, b->quantiles, a->cells.count * a->quantile_count * sizeof(int64_t));
    }
}

/* Law: the same bytes whatever the number of parts and threads and the budget for quantiles. */
static void same_however_split(void **state)
{
    (void)state;
    static const size_t all[] = { 0, 1, 2 };
    static struct sample sample;
    const struct cube_table_plan tables[] = { { all, 3, true, wanted, 2 }, { all, 2, true, wanted + 1, 1 } };
    sample_seed = 99;
    sample_init(&sample);
    sample_add_random_dimension(&sample, "period", 1, 6);
    sample_add_random_dimension(&sample, "place", 2, 5);
    sample_add_random_dimension(&sample, "thing", 1, 8);
    random_rows(&sample, SAMPLE_MAX_ROWS);
    struct cube_plan plan = {
        .dimensions = sample.dimensions,
        .dimension_count = 3,
        .measures = measures,
        .measure_count = 2,
        .tables = tables,
        .table_count = 2,
        .k = K,
        .threads = 1,
    };
    struct cube *whole = build(&plan, &sample, 1);
    for (unsigned trial = 1; trial < 12; trial++) {
        struct cube_plan other_plan = plan;
        other_plan.threads = 1 + trial % 8;
        other_plan.quantile_budget = trial % 3 ? 0 : trial * 500;
        struct cube *other = build(&other_plan, &sample, trial * trial);
        assert_same(whole, other);
        cube_free(other);
    }
    cube_free(whole);
    sample_release(&sample);
}

static const char *const months[] = { "2026-01", "2026-02", NULL };
static const char *const places[] = { "north/a", "north/b", "south/c", NULL };

static bool is_there(const struct cube_table *table, uint32_t period, uint32_t place)
{
    cell_key key = layout_part(&table->layout, 0, period) | layout_part(&table->layout, 1, place);
    return cellmap_find(&table->cells, key) != CELLMAP_NONE;
}

static const struct cell *find(const struct cube_table *table, uint32_t period, uint32_t place)
{
    assert_true(is_there(table, period, place));
    cell_key key = layout_part(&table->layout, 0, period) | layout_part(&table->layout, 1, place);
    return cellmap_at(&table->cells, cellmap_find(&table->cells, key));
}

/* Person 1 has cases in a and b in January and c in February; persons 2 and 3 only in a; 4 in c in January. */
static void by_hand(void **state)
{
    (void)state;
    static const size_t dimensions[] = { 0, 1 };
    static struct sample sample;
    const struct cube_table_plan table_plan = { dimensions, 2, true, wanted + 1, 1 };
    sample_init(&sample);
    sample_add_dimension(&sample, "month", 1, months);
    sample_add_dimension(&sample, "place", 2, places);
    enum { JANUARY = 1, FEBRUARY = 2, NORTH = 1, A = 2, B = 3, SOUTH = 4, C = 5 };
    static const struct {
        int64_t person;
        uint32_t nodes[2];
        int64_t values[2];
    } rows[] = {
        { 1, { JANUARY, A }, { ROWS_NO_VALUE, 1000 } }, { 1, { JANUARY, B }, { ROWS_NO_VALUE, 2000 } },
        { 1, { JANUARY, A }, { ROWS_NO_VALUE, 3000 } }, { 1, { FEBRUARY, C }, { ROWS_NO_VALUE, 500 } },
        { 2, { JANUARY, A }, { ROWS_NO_VALUE, -700 } }, { 3, { JANUARY, A }, { ROWS_NO_VALUE, ROWS_NO_VALUE } },
        { 4, { JANUARY, C }, { ROWS_NO_VALUE, 100 } },
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        sample_add_row(&sample, rows[r].person, rows[r].nodes, rows[r].values);
    struct cube_plan plan = { .dimensions = sample.dimensions,
                              .dimension_count = 2,
                              .measures = measures,
                              .measure_count = 2,
                              .tables = &table_plan,
                              .table_count = 1,
                              .k = K,
                              .threads = 2 };
    struct cube *cube = build(&plan, &sample, 3);
    const struct cube_table *table = &cube->tables[0];
    static const struct {
        uint32_t at[2];
        uint64_t cases, persons, top1, top2, n, contributors;
        int64_t sum;
    } cells[] = {
        { { JANUARY, 0 }, 6, 4, 3, 1, 5, 3, 5400 },    { { JANUARY, NORTH }, 5, 3, 3, 1, 4, 2, 5300 },
        { { JANUARY, A }, 4, 3, 2, 1, 3, 2, 3300 },    { { JANUARY, B }, 1, 1, 1, 0, 1, 1, 2000 },
        { { JANUARY, SOUTH }, 1, 1, 1, 0, 1, 1, 100 }, { { JANUARY, C }, 1, 1, 1, 0, 1, 1, 100 },
        { { FEBRUARY, 0 }, 1, 1, 1, 0, 1, 1, 500 },    { { FEBRUARY, SOUTH }, 1, 1, 1, 0, 1, 1, 500 },
        { { FEBRUARY, C }, 1, 1, 1, 0, 1, 1, 500 },
    };
    assert_int_equal(table->cells.count, sizeof cells / sizeof *cells);
    for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
        const struct cell *cell = find(table, cells[c].at[0], cells[c].at[1]);
        assert_int_equal(cell->cases, cells[c].cases);
        assert_int_equal(cell->persons, cells[c].persons);
        assert_int_equal(cell->top1, cells[c].top1);
        assert_int_equal(cell->top2, cells[c].top2);
        assert_int_equal(cell->sums[0].n, cells[c].n);
        assert_int_equal(cell->sums[0].persons, cells[c].contributors);
        assert_int_equal(cell->sums[0].sum, cells[c].sum);
    }
    assert_int_equal(find(table, JANUARY, NORTH)->sums[0].top1, 6000);
    assert_int_equal(find(table, JANUARY, NORTH)->sums[0].top2, 700);
    assert_false(is_there(table, FEBRUARY, NORTH));
    /* January's total has contributions by persons 1, 2 and 4 of 20.00, -7.00 and 1.00 on average: 4.67, to 0.10. */
    assert_int_equal(cube_quantile(table, 0, 0, 2), 470);
    cube_free(cube);
    sample_release(&sample);
}

static void nothing_and_one(void **state)
{
    (void)state;
    static const size_t dimensions[] = { 0, 1 };
    static struct sample sample;
    const struct cube_table_plan table_plan = { dimensions, 2, true, wanted, 2 };
    sample_init(&sample);
    sample_add_dimension(&sample, "month", 1, months);
    sample_add_dimension(&sample, "place", 2, places);
    struct cube_plan plan = { .dimensions = sample.dimensions,
                              .dimension_count = 2,
                              .measures = measures,
                              .measure_count = 2,
                              .tables = &table_plan,
                              .table_count = 1,
                              .k = K };
    struct cube *cube = build(&plan, &sample, 4);
    assert_int_equal(cube->tables[0].cells.count, 0);
    cube_free(cube);
    sample_add_row(&sample, 7, (uint32_t[]){ 1, 2 }, (int64_t[]){ 5, ROWS_NO_VALUE });
    cube = build(&plan, &sample, 4);
    assert_int_equal(cube->tables[0].cells.count, 3);
    const struct cell *cell = find(&cube->tables[0], 1, 0);
    assert_int_equal(cell->cases, 1);
    assert_int_equal(cell->persons, 1);
    assert_int_equal(cell->sums[0].share, 1);
    assert_int_equal(cell->sums[1].n, 0);
    assert_int_equal(cell->sums[1].persons, 0);
    cube_free(cube);
    sample_release(&sample);
}

/* 63 bits are kept, not wrapped: 10^15 ten thousand times is too much, within a person, between persons and threads. */
static void sums_too_large(void **state)
{
    (void)state;
    static const size_t dimensions[] = { 0, 1 };
    static struct sample sample;
    enum { ROWS = 12000 };
    static int64_t person[ROWS], values[ROWS];
    static uint32_t nodes[ROWS * 2];
    const struct cube_table_measure plain = { 0, { 0 }, 0, 1 };
    const struct cube_table_plan table_plan = { dimensions, 2, true, &plain, 1 };
    sample_init(&sample);
    sample_add_dimension(&sample, "month", 1, months);
    sample_add_dimension(&sample, "place", 2, places);
    for (int spread = 0; spread < 3; spread++) {
        for (size_t r = 0; r < ROWS; r++) {
            person[r] = spread == 1 ? (int64_t)r : 1;
            nodes[2 * r] = 1;
            nodes[2 * r + 1] = spread == 2 && r % 2 ? 3 : 2;
            values[r] = CELL_VALUE_LIMIT;
        }
        struct rows rows = { ROWS, person, nodes, values };
        struct rows_memory memory;
        rows_memory_init(&memory, &rows, 2, 1, 5);
        struct cube_plan plan = { .dimensions = sample.dimensions,
                                  .dimension_count = 2,
                                  .measures = measures,
                                  .measure_count = 1,
                                  .tables = &table_plan,
                                  .table_count = 1,
                                  .k = K };
        struct cube *cube = NULL;
        struct err err;
        assert_int_equal(cube_build(&cube, &plan, &memory.source, &err), ERR_DATA);
        assert_null(cube);
        rows_memory_release(&memory);
    }
    sample_release(&sample);
}

static size_t union_members(const struct cube_table *table, uint32_t *members, size_t capacity)
{
    size_t count = 1 + sample_random((uint32_t)capacity);
    for (size_t i = 0; i < count; i++)
        members[i] = sample_random((uint32_t)table->cells.count);
    return count;
}

/* A union's persons and figures, recomputed from rows that are a member of any of its cells. */
static void unions_against_naive(void **state)
{
    (void)state;
    static const size_t all[] = { 0, 1, 2 };
    static struct sample sample;
    const struct cube_table_plan tables[] = { { all, 3, true, wanted, 2 }, { all, 2, true, wanted + 1, 1 } };
    for (unsigned trial = 0; trial < 20; trial++) {
        sample_seed = 1000 + trial;
        sample_init(&sample);
        sample_add_random_dimension(&sample, "period", 1, 1);
        sample_add_random_dimension(&sample, "place", 2, 3);
        sample_add_random_dimension(&sample, "thing", 1, 4);
        random_rows(&sample, 150);
        struct cube_plan plan = {
            .dimensions = sample.dimensions,
            .dimension_count = 3,
            .measures = measures,
            .measure_count = 2,
            .tables = tables,
            .table_count = 2,
            .k = K,
            .threads = 1 + trial % 3,
        };
        struct rows rows = sample_rows(&sample);
        struct rows_memory memory;
        struct cube *cube = NULL;
        struct err err;
        rows_memory_init(&memory, &rows, 3, SAMPLE_MEASURES, 5);
        assert_int_equal(cube_build(&cube, &plan, &memory.source, &err), 0);
        struct cube_unions unions = { 0 };
        for (size_t u = 0; u < 30; u++) {
            uint32_t members[6];
            size_t count = union_members(&cube->tables[u % 2], members, 6);
            cube_unions_add(&unions, u % 2, members, count);
        }
        assert_int_equal(cube_unite(cube, &memory.source, &unions, &err), 0);
        for (size_t u = 0; u < unions.count; u++) {
            const struct cube_union *one = &unions.list[u];
            const struct cube_table *table = &cube->tables[one->table];
            struct sample part = sample;
            part.rows = 0;
            for (size_t r = 0; r < sample.rows; r++) {
                bool member = false;
                for (size_t i = 0; i < one->count && !member; i++) {
                    uint32_t at[3];
                    for (size_t d = 0; d < table->plan->dimension_count; d++)
                        at[d] = layout_node(&table->layout, cellmap_at(&table->cells, one->members[i])->key, d);
                    member = is_member(&sample, r, all, at, table->plan->dimension_count);
                }
                if (member)
                    sample_add_row(&part, sample.person[r], sample.nodes + r * 3, sample.values + r * SAMPLE_MEASURES);
            }
            static struct naive naive;
            recompute(&part, all, (uint32_t[]){ 0, 0, 0 }, 3, &naive);
            assert_int_equal(one->cell->cases, naive.cases);
            assert_int_equal(one->cell->persons, naive.persons);
            assert_int_equal(one->cell->top1, naive.top1);
            for (size_t m = 0; m < table->plan->measure_count; m++) {
                size_t measure = table->plan->measures[m].measure;
                assert_int_equal(one->cell->sums[m].persons, naive.m[measure].persons);
                assert_int_equal(one->cell->sums[m].sum, naive.m[measure].sum);
                assert_int_equal(one->cell->sums[m].n, naive.m[measure].n);
            }
        }
        cube_unions_release(&unions);
        cube_free(cube);
        rows_memory_release(&memory);
        sample_release(&sample);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_against_naive),
        cmocka_unit_test(same_however_split),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(nothing_and_one),
        cmocka_unit_test(sums_too_large),
        cmocka_unit_test(unions_against_naive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
