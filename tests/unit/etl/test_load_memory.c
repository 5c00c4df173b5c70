/* What the database holds in memory while a file is loaded does not grow with the rows: neither of the file nor of the
 * store. Counted by SQLite itself, so that no allocator, sanitizer or machine matters. */
#include <sqlite3.h>

#include "tests/unit/etl/loading.h"

enum { FEW = 10000, MANY = 4 * FEW, BATCH = 2048, CACHE_KIB = 256 };

static char texts[MANY][2][16];
static struct test_row rows[MANY];

/* In an order in which neighbours in the file are neighbours in no table: each row has a person and a day of its own. */
static void make_rows(int64_t version)
{
    for (int i = 0; i < MANY; i++) {
        snprintf(texts[i][0], sizeof texts[i][0], "C%d", i);
        snprintf(texts[i][1], sizeof texts[i][1], "K%d", i);
        rows[i] = (struct test_row){ .case_id = texts[i][0], .identifiers = { texts[i][1] },
                                     .closed_day = 20000 + i * 7919 % 365, .version = version, .value = i + 1 };
    }
}

static int64_t peak_kib(struct loading *loading, size_t count)
{
    struct load_counts counts;
    db_set_cache_kib(loading->store.db, CACHE_KIB);
    sqlite3_memory_highwater(1);
    counts = loading_run(loading, &(struct loading_file){ .rows = rows, .count = count, .batch_rows = BATCH }, NULL);
    assert_int_equal(counts.stored + counts.updated, count);
    return sqlite3_memory_highwater(1) / 1024;
}

static void assert_flat(int64_t few, int64_t many)
{
    printf("# peak: %lld KiB, of four times as many rows %lld KiB\n", (long long)few, (long long)many);
    assert_true(few > CACHE_KIB);
    assert_true(many < few + few / 2);
}

static void test_new_cases_and_newer_versions(void **state)
{
    int64_t added[2], updated[2];
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct loading *loading = loading_begin();
        make_rows(100);
        added[i] = peak_kib(loading, i ? MANY : FEW);
        make_rows(200);
        updated[i] = peak_kib(loading, i ? MANY : FEW);
        loading_end(loading);
    }
    assert_flat(added[0], added[1]);
    assert_flat(updated[0], updated[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_new_cases_and_newer_versions) };
    sqlite3_initialize(); /* now it goes on counting its memory, which db_open() would turn off */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
