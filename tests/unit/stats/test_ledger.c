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
#include "stats/ledger.h"

struct fixture {
    char folder[64], path[96];
    struct ledger *ledger;
    struct ledger_version version;
};

static int setup(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){ .version = { .name = "channels",
                                             .source = "cases",
                                             .period_unit = "month",
                                             .definition = { 1 },
                                             .title = "Channels",
                                             .columns = "[]" } };
    snprintf(fixture.folder, sizeof fixture.folder, "/tmp/test_ledger.XXXXXX");
    if (!mkdtemp(fixture.folder))
        return -1;
    snprintf(fixture.path, sizeof fixture.path, "%s/releases.db", fixture.folder);
    *state = &fixture;
    return ledger_open(&fixture.ledger, fixture.path, NULL);
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    ledger_close(fixture->ledger);
    static const char *const suffixes[] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", fixture->path, suffixes[i]);
        unlink(path);
    }
    return rmdir(fixture->folder);
}

static int64_t stage(struct fixture *fixture, const char *name, int64_t period, const char *cells)
{
    struct ledger_release release = { .name = name, .as_of = 1000, .program = "0", .config_digest = "d", .k = 10 };
    assert_int_equal(ledger_version_get(fixture->ledger, &fixture->version, NULL), 0);
    assert_int_equal(ledger_begin(fixture->ledger, &release, NULL), 0);
    assert_int_equal(ledger_add_row(fixture->ledger, fixture->version.id, period, 0, cells, NULL), 0);
    assert_int_equal(ledger_add_period(fixture->ledger, fixture->version.id, period, NULL), 0);
    assert_int_equal(ledger_freeze(fixture->ledger, "cases", "month", period, NULL), 0);
    return release.id;
}

static int append_row(void *context, const struct ledger_row *row, struct err *err)
{
    (void)err;
    strbuf_addf(context, "%lld:%s ", (long long)row->period, row->cells);
    return 0;
}

static void assert_rows(struct fixture *fixture, int64_t release, const char *expected)
{
    struct strbuf rows = { 0 };
    assert_int_equal(ledger_each_row(fixture->ledger, fixture->version.id, release, append_row, &rows, NULL), 0);
    assert_string_equal(strbuf_text(&rows), expected);
    strbuf_release(&rows);
}

static int append_release(void *context, const struct ledger_listed *listed, struct err *err)
{
    (void)err;
    strbuf_addf(context, "%s=%s ", listed->release.name, listed->state);
    return 0;
}

static void assert_releases(struct fixture *fixture, const char *expected)
{
    struct strbuf text = { 0 };
    assert_int_equal(ledger_each_release(fixture->ledger, append_release, &text, NULL), 0);
    assert_string_equal(strbuf_text(&text), expected);
    strbuf_release(&text);
}

static void test_a_period_is_published_once(void **state)
{
    struct fixture *fixture = *state;
    stage(fixture, "a", 5, "[1]");
    assert_int_equal(ledger_stage(fixture->ledger, NULL), 0);
    assert_int_equal(ledger_has_period(fixture->ledger, "channels", 5, NULL), 1);
    assert_int_equal(ledger_has_period(fixture->ledger, "channels", 6, NULL), 0);
    assert_int_equal(ledger_has_period(fixture->ledger, "places", 5, NULL), 0);
    assert_int_equal(ledger_is_frozen(fixture->ledger, "cases", 5, NULL), 1);
    struct ledger_release again = { .name = "b", .program = "0", .config_digest = "d", .k = 10 };
    assert_int_equal(ledger_begin(fixture->ledger, &again, NULL), 0);
    assert_true(ledger_add_row(fixture->ledger, fixture->version.id, 5, 0, "[2]", NULL) < 0);
}

static void test_what_is_not_staged_is_gone(void **state)
{
    struct fixture *fixture = *state;
    stage(fixture, "a", 5, "[1]");
    ledger_close(fixture->ledger);
    fixture->ledger = NULL;
    assert_int_equal(ledger_open(&fixture->ledger, fixture->path, NULL), 0);
    assert_releases(fixture, "");
    assert_int_equal(ledger_is_frozen(fixture->ledger, "cases", 5, NULL), 0);
}

static void test_a_definition_is_a_version(void **state)
{
    struct fixture *fixture = *state;
    struct ledger_version first = fixture->version, second = fixture->version, same = fixture->version;
    second.definition[31] = 7;
    assert_int_equal(ledger_version_get(fixture->ledger, &first, NULL), 0);
    assert_int_equal(ledger_version_get(fixture->ledger, &second, NULL), 0);
    assert_int_equal(ledger_version_get(fixture->ledger, &same, NULL), 0);
    assert_int_equal(first.version, 1);
    assert_int_equal(second.version, 2);
    assert_int_equal(same.id, first.id);
    assert_int_not_equal(second.id, first.id);
}

/* A release shows what was published up to it; a withdrawn one is shown no more and still known. */
static void test_shown_and_seen(void **state)
{
    struct fixture *fixture = *state;
    struct err err = { 0 };
    int64_t first = stage(fixture, "a", 5, "[1]");
    assert_int_equal(ledger_stage(fixture->ledger, NULL), 0);
    assert_releases(fixture, "a=staged ");
    assert_int_equal(ledger_mark_published(fixture->ledger, first, NULL), 0);
    int64_t second = stage(fixture, "b", 6, "[2]");
    assert_int_equal(ledger_stage(fixture->ledger, NULL), 0);
    assert_int_equal(ledger_mark_published(fixture->ledger, second, NULL), 0);
    assert_rows(fixture, first, "5:[1] ");
    assert_rows(fixture, second, "5:[1] 6:[2] ");
    assert_int_equal(ledger_withdraw(fixture->ledger, "a", "wrong export", 2000, NULL), 0);
    assert_rows(fixture, second, "6:[2] ");
    assert_rows(fixture, 0, "5:[1] 6:[2] ");
    assert_int_equal(ledger_has_period(fixture->ledger, "channels", 5, NULL), 1);
    assert_releases(fixture, "a=withdrawn b=published ");
    assert_int_equal(ledger_withdraw(fixture->ledger, "a", "again", 2000, &err), ERR_USAGE);
    assert_int_equal(ledger_withdraw(fixture->ledger, "c", "none", 2000, &err), ERR_NOINPUT);
}

static void test_a_lost_cell_alarms_once(void **state)
{
    struct fixture *fixture = *state;
    bool is_new = false;
    stage(fixture, "a", 5, "[1]");
    assert_int_equal(ledger_add_lost(fixture->ledger, fixture->version.id, 5, "[\"x\"]", &is_new, NULL), 0);
    assert_true(is_new);
    assert_int_equal(ledger_add_lost(fixture->ledger, fixture->version.id, 5, "[\"x\"]", &is_new, NULL), 0);
    assert_false(is_new);
}

static void test_signed_gap(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(ledger_has_signed_gap(fixture->ledger, "cases", 5, NULL), 0);
    assert_int_equal(ledger_sign_gap(fixture->ledger, "cases", 5, "operator", 1000, NULL), 0);
    assert_int_equal(ledger_sign_gap(fixture->ledger, "cases", 5, "operator", 1001, NULL), 0);
    assert_int_equal(ledger_has_signed_gap(fixture->ledger, "cases", 5, NULL), 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_period_is_published_once), TEST(test_what_is_not_staged_is_gone),
        TEST(test_a_definition_is_a_version),  TEST(test_shown_and_seen),
        TEST(test_a_lost_cell_alarms_once),    TEST(test_signed_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
