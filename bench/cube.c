/* cube CASES.db THREADS none|all: the job's table from the store, and how many of its cells hold k persons. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/case_source.h"
#include "stats/cube.h"

enum { K = 10 };

static const struct table_dimension month = { .name = "month", .is_period = true, .kind = PERIOD_MONTH };
static const struct table_dimension others[] = {
    { .name = "brand" }, { .name = "country" }, { .name = "channel" }, { .name = "category" }
};
static const struct table_dimension *const dimensions[] = { &month, &others[0], &others[1], &others[2], &others[3] };
static const char *const names[] = { "handling", "satisfaction" };

static int run(struct db *db, size_t threads, bool margins, struct err *err)
{
    static const size_t all[] = { 0, 1, 2, 3, 4 };
    static const struct cube_measure measures[] = { { .name = "handling", .decimals = 2 }, { .name = "satisfaction" } };
    static const struct cube_table_measure figures[] = { { 0, { 50 }, 1, 1 }, { 1, { 0 }, 0, 1 } };
    struct case_request request = { .source = "cases",
                                    .dimensions = dimensions,
                                    .dimension_count = 5,
                                    .measures = names,
                                    .measure_count = 2,
                                    .k = K,
                                    .threads = threads };
    struct cube_table_plan table = { all, 5, margins, figures, 2 };
    struct cube_plan plan = { .dimension_count = 5,
                              .measures = measures,
                              .measure_count = 2,
                              .tables = &table,
                              .table_count = 1,
                              .k = K,
                              .threads = threads };
    struct case_source *cases = NULL;
    struct cube *cube = NULL;
    int failed = case_source_open(&cases, db, &request, err);
    if (failed)
        return failed;
    plan.dimensions = case_source_dimensions(cases);
    failed = cube_build(&cube, &plan, case_source_rows(cases), err);
    size_t large = 0;
    for (size_t c = 0; !failed && c < cube->tables[0].cells.count; c++)
        large += cellmap_at(&cube->tables[0].cells, c)->persons >= K;
    if (!failed)
        printf("%zu\n", large);
    cube_free(cube);
    case_source_free(cases);
    return failed;
}

int main(int argc, char **argv)
{
    struct db *db = NULL;
    struct err err;
    if (argc != 4)
        return 64;
    int failed = db_open(&db, argv[1], "cases", DB_READ, &err);
    if (!failed)
        failed = run(db, strtoul(argv[2], NULL, 10), !strcmp(argv[3], "all"), &err);
    if (failed)
        fprintf(stderr, "cube: %s\n", err.message);
    db_close(db);
    return failed ? 70 : 0;
}
