/* What the cube holds does not grow with the rows, once the budget for quantiles is full, and of a table without margins it
 * holds each cell once per thread. Rows are made as they are read; each cube is built by a process of its own, whose peak the
 * system tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sample.h"
#include "stats/cube.h"

enum { PARTS = 4, BATCH = 1024, DIMENSIONS = 3, PERSON_ROWS = 2, MONTHS = 6, GROUPS = 40, BUDGET_BYTES = 1024 * 1024 };

/* A sanitizer that keeps freed memory aside would be measured instead. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=0:thread_local_quarantine_size_kb=0";
}

struct made_rows {
    struct sample *sample;
    uint32_t persons;
};

struct made_reader {
    const struct made_rows *made;
    uint32_t next, end;
    int64_t person[BATCH], values[BATCH];
    uint32_t nodes[DIMENSIONS * BATCH];
};

static int made_open(const struct row_source *source, void **out, struct err *err)
{
    (void)err;
    struct made_reader *reader = mem_zalloc(1, sizeof *reader);
    reader->made = source->context;
    *out = reader;
    return 0;
}

static int made_seek(void *context, size_t part, struct err *err)
{
    (void)err;
    struct made_reader *reader = context;
    reader->next = (uint32_t)(reader->made->persons * part / PARTS);
    reader->end = (uint32_t)(reader->made->persons * (part + 1) / PARTS);
    return 0;
}

/* Both rows of a person are of one period and of two cells. */
static void make_row(struct made_reader *reader, size_t r, uint32_t person, uint32_t row)
{
    const struct sample *sample = reader->made->sample;
    uint32_t scattered = person * 2654435761u;
    size_t period = scattered % sample->leaf_count[0], cell = (scattered / 16 + row) % sample->leaf_count[1];
    size_t third = scattered / 4096 % sample->leaf_count[2];
    reader->person[r] = person;
    uint32_t *nodes = &reader->nodes[r * DIMENSIONS];
    nodes[0] = sample->leaves[0][period];
    nodes[1] = sample->leaves[1][cell];
    nodes[2] = sample->leaves[2][third];
    reader->values[r] = scattered % 5000;
}

static int made_next(void *context, struct rows *out, struct err *err)
{
    (void)err;
    struct made_reader *reader = context;
    size_t count = 0;
    for (; count < BATCH && reader->next < reader->end; reader->next++)
        for (uint32_t row = 0; row < PERSON_ROWS; row++)
            make_row(reader, count++, reader->next, row);
    *out = (struct rows){ count, reader->person, reader->nodes, reader->values };
    return count > 0;
}

static void add_leaves(struct sample *sample, const char *name, size_t count)
{
    static char texts[256][24];
    const char *labels[257] = { 0 };
    for (size_t i = 0; i < count; i++) {
        snprintf(texts[i], sizeof texts[i], "%03zu", i);
        labels[i] = texts[i];
    }
    sample_add_dimension(sample, name, 1, labels);
}

static void build(uint32_t persons, size_t thirds)
{
    static const size_t dimensions[DIMENSIONS] = { 0, 1, 2 };
    static const struct cube_measure measure = { .name = "amount", .decimals = 2 };
    static const struct cube_table_measure wanted = { 0, { 50 }, 1, 1 };
    static struct sample sample;
    sample_init(&sample);
    add_leaves(&sample, "month", MONTHS);
    add_leaves(&sample, "group", GROUPS);
    add_leaves(&sample, "third", thirds);
    struct made_rows made = { &sample, persons };
    struct row_source rows = { &made, DIMENSIONS, 1, PARTS, made_open, made_seek, made_next, free };
    struct cube_table_plan table = { .dimensions = dimensions, .dimension_count = DIMENSIONS, .measures = &wanted, .measure_count = 1 };
    struct cube_plan plan = { .dimensions = sample.dimensions, .dimension_count = DIMENSIONS, .measures = &measure, .measure_count = 1,
                              .tables = &table, .table_count = 1, .k = 10, .threads = 2, .quantile_budget = BUDGET_BYTES };
    struct cube *cube = NULL;
    struct err err;
    if (cube_build(&cube, &plan, &rows, &err) || cube->tables[0].cells.count < MONTHS * GROUPS * thirds * 9 / 10)
        _exit(1);
    cube_free(cube);
    _exit(0);
}

static int64_t peak_kib(uint32_t persons, size_t thirds)
{
    struct rusage usage;
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        build(persons, thirds);
    assert_int_equal(wait4(child, &status, 0, &usage), child);
    assert_int_equal(status, 0);
    return usage.ru_maxrss;
}

static void test_rows(void **state)
{
    enum { FEW = 190000, MANY = 3 * FEW, MARGIN_KIB = 320 };
    (void)state;
    int64_t few = peak_kib(FEW, 1), many = peak_kib(MANY, 1);
    printf("# peak: %lld KiB, of three times as many rows %lld KiB\n", (long long)few, (long long)many);
    assert_true(many < few + MARGIN_KIB);
}

static void test_cells(void **state)
{
    enum { PERSONS = 200000, THIRDS = 120, CELLS = MONTHS * GROUPS * THIRDS, MOST_BYTES = 420 };
    (void)state;
    int64_t few = peak_kib(PERSONS, 1), many = peak_kib(PERSONS, THIRDS);
    printf("# peak: %lld KiB, of %d times as many cells %lld KiB\n", (long long)few, THIRDS, (long long)many);
    assert_true((many - few) * 1024 < (int64_t)CELLS * MOST_BYTES); /* each of two threads has 112 bytes and a slot of the hash */
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_cells) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
