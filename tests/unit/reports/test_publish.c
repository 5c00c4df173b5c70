#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "reports/publish.h"
#include "stats/release_build.h"

static int make_folder(void **state)
{
    static char folder[64];
    snprintf(folder, sizeof folder, "/tmp/fallzahl-test-XXXXXX");
    *state = mkdtemp(folder);
    return *state && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    return chdir("/") == 0 && atomfile_remove_tree(*state, NULL) == 0 ? 0 : -1;
}

static const struct report_options no_options;

static struct release *release_of(const char *name, int64_t cases)
{
    static const struct released_column columns[] = {
        { .name = "month", .type = RELEASED_TEXT, .role = RELEASED_DIMENSION },
        { .name = "cases", .type = RELEASED_INTEGER, .role = RELEASED_COUNT },
    };
    const struct release_build build = { name, 0, 10, "0.1.0", "ab", "whole", NULL };
    const struct released_build table = { "tables", "t", "T", 1, columns, 2, NULL };
    const struct released_value row[] = { { .present = true, .text = "2026-01" },
                                          { .present = true, .integer = cases } };
    struct release *release = release_new(&build);
    release_add_row(release, release_add_table(release, &table), row);
    return release;
}

static int publish(const char *name, int64_t cases, const char *folder)
{
    struct release *release = release_of(name, cases);
    char *path = NULL;
    int code = publish_release(release, &no_options, folder, &path, NULL);
    if (!code) {
        char expected[64];
        snprintf(expected, sizeof expected, "%s/%s", folder, name);
        assert_string_equal(path, expected);
    }
    free(path);
    release_free(release);
    return code;
}

static bool exists(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0;
}

static mode_t mode_of(const char *path)
{
    struct stat found;
    assert_int_equal(lstat(path, &found), 0);
    return found.st_mode & 07777;
}

static void assert_latest(const char *folder, const char *expected)
{
    char path[64], target[64] = "";
    snprintf(path, sizeof path, "%s/latest", folder);
    assert_true(readlink(path, target, sizeof target - 1) > 0);
    assert_string_equal(target, expected);
}

static void swaps_latest_and_keeps_the_older(void **state)
{
    (void)state;
    umask(0077);
    assert_int_equal(publish("2026-01-31", 20, "p"), 0);
    umask(0022);
    assert_latest("p", "2026-01-31");
    assert_int_equal(publish("2026-02-28", 30, "p"), 0);
    assert_latest("p", "2026-02-28");
    assert_true(exists("p/2026-01-31/tables/t.csv"));
    assert_int_equal(mode_of("p/2026-01-31/tables"), 0755);
    assert_int_equal(mode_of("p/2026-01-31/tables/t.csv"), 0644);
}

static void the_same_release_again_is_done_already(void **state)
{
    (void)state;
    assert_int_equal(publish("2026-01-31", 20, "again"), 0);
    assert_int_equal(publish("2026-01-31", 20, "again"), 0);
    assert_latest("again", "2026-01-31");
    assert_false(exists("again/.staging-2026-01-31"));
}

static void another_release_of_that_name_is_refused(void **state)
{
    (void)state;
    struct strbuf table = { 0 };
    assert_int_equal(publish("2026-01-31", 20, "other"), 0);
    assert_int_equal(publish("2026-01-31", 21, "other"), ERR_CANTCREAT);
    assert_int_equal(atomfile_read("other/latest/tables/t.csv", 1000, &table, NULL), 0);
    assert_string_equal(table.text, "month,cases\n2026-01,20\n");
    assert_false(exists("other/.staging-2026-01-31"));
    strbuf_release(&table);
}

static void removes_what_a_killed_run_left(void **state)
{
    (void)state;
    assert_int_equal(atomfile_mkdir("left/.staging-2025-12-31/tables", 0700, NULL), 0);
    assert_int_equal(symlink("2025-12-31", "left/.tmp-latest"), 0);
    assert_int_equal(publish("2026-01-31", 20, "left"), 0);
    assert_false(exists("left/.staging-2025-12-31"));
    assert_false(exists("left/.tmp-latest"));
    assert_latest("left", "2026-01-31");
}

/* A file size limit stands in for a full disk. */
static void a_full_disk_leaves_the_last_release(void **state)
{
    (void)state;
    struct rlimit before, limit;
    assert_int_equal(publish("2026-01-31", 20, "full"), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){ 100, before.rlim_max };
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    int code = publish("2026-02-28", 30, "full");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(code, ERR_IO);
    assert_latest("full", "2026-01-31");
    assert_false(exists("full/2026-02-28"));
    assert_false(exists("full/.staging-2026-02-28"));
}

static void a_trial_is_private_and_replaces_the_last(void **state)
{
    (void)state;
    struct release *release = release_of("2026-01-31", 20);
    assert_int_equal(publish_trial(release, &no_options, "trial", NULL), 0);
    assert_int_equal(publish_trial(release, &no_options, "trial", NULL), 0);
    assert_int_equal(mode_of("trial"), 0700);
    assert_int_equal(mode_of("trial/tables"), 0700);
    assert_int_equal(mode_of("trial/tables/t.csv"), 0600);
    assert_true(exists("trial/manifest.json"));
    release_free(release);
}

static void cannot_publish_into_a_file(void **state)
{
    (void)state;
    struct release *release = release_of("2026-01-31", 20);
    struct err err;
    char *path = NULL;
    assert_int_equal(atomfile_write("file", 0600, (struct slice){ "", 0 }, NULL), 0);
    assert_int_equal(publish_release(release, &no_options, "file", &path, &err), ERR_CANTCREAT);
    assert_non_null(strstr(err.message, "'file'"));
    assert_null(path);
    release_free(release);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(swaps_latest_and_keeps_the_older),
        cmocka_unit_test(the_same_release_again_is_done_already),
        cmocka_unit_test(another_release_of_that_name_is_refused),
        cmocka_unit_test(removes_what_a_killed_run_left),
        cmocka_unit_test(a_full_disk_leaves_the_last_release),
        cmocka_unit_test(a_trial_is_private_and_replaces_the_last),
        cmocka_unit_test(cannot_publish_into_a_file),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
