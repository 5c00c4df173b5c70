#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "core/atomfile.h"
#include "core/evidence.h"
#include "core/strbuf.h"

static char folder[] = "/tmp/fallzahl-evidence-XXXXXX";
static char path[64];

static struct evidence_act act(const char *name)
{
    return (struct evidence_act){ .path = path, .at = 1770087600, .act = name, .who = "nina", .program = "0.1.0" };
}

static int64_t log_act(const char *name)
{
    struct evidence_act one = act(name);
    struct err err;
    int64_t number = 0;
    assert_int_equal(evidence_intent(&one, &number, &err), 0);
    assert_int_equal(evidence_outcome(&one, number, 0, "{\"cases\":3}", &err), 0);
    return number;
}

static struct evidence_report verify(const struct evidence_head *head, bool *met)
{
    struct evidence_report report;
    struct err err;
    assert_int_equal(evidence_verify(path, head, head ? 1 : 0, met, &report, &err), 0);
    return report;
}

static void read_log(struct strbuf *text)
{
    assert_int_equal(atomfile_read(path, 1 << 20, text, NULL), 0);
}

static void write_log(const char *text, size_t length)
{
    assert_int_equal(atomfile_write(path, 0600, (struct slice){ text, length }, NULL), 0);
}

/* Three acts, six lines; gives their text. */
static void make_log(struct strbuf *text)
{
    log_act("ingest");
    log_act("retention");
    log_act("publish");
    read_log(text);
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/evidence.log", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return atomfile_remove_tree(folder, NULL);
}

static void test_acts_are_chained(void **state)
{
    (void)state;
    struct stat status;
    assert_int_equal(verify(NULL, NULL).head.number, 0);
    assert_int_equal(log_act("ingest"), 1);
    assert_int_equal(log_act("publish"), 3);
    struct evidence_report report = verify(NULL, NULL);
    assert_int_equal(report.head.number, 4);
    assert_int_equal(report.broken_line, 0);
    assert_int_equal(report.open, 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
}

/* The hashes by coreutils: (head -c 32 /dev/zero; printf '{"number":1}') | b2sum -l 256, the second over that hash and the
 * next JSON. */
static void test_hash_is_blake2b_of_the_hash_before_and_the_json(void **state)
{
    (void)state;
    static const char *const json[] = { "{\"number\":1}", "{\"number\":2}" };
    static const char *const hashes[] = { "af88820b38ad93072d69c0b1fed6daa978aa62335e80d95746238b9557ec3671",
                                          "fb9213ac0d2c74a904f89a177108192862190fa3de5149b29a9a39d598573a5f" };
    struct strbuf text = { 0 };
    for (int i = 0; i < 2; i++)
        strbuf_addf(&text, "%s %s\n", hashes[i], json[i]);
    write_log(text.text, text.length);
    struct evidence_report report = verify(NULL, NULL);
    assert_int_equal(report.broken_line, 0);
    assert_int_equal(report.head.number, 2);
    strbuf_release(&text);
}

static void test_a_killed_act_stays_open(void **state)
{
    (void)state;
    struct evidence_act one = act("ingest");
    int64_t number = 0;
    assert_int_equal(evidence_intent(&one, &number, NULL), 0);
    assert_int_equal(verify(NULL, NULL).open, 1);
    log_act("ingest");
    assert_int_equal(verify(NULL, NULL).open, 1);
}

static void test_every_changed_byte_shows(void **state)
{
    (void)state;
    struct strbuf text = { 0 };
    make_log(&text);
    for (size_t i = 0; i < text.length; i++) {
        char before = text.text[i];
        bool met = false;
        struct evidence_head head = verify(NULL, NULL).head;
        text.text[i] = (char)(before ^ (i % 2 ? 1 : ' '));
        write_log(text.text, text.length);
        struct evidence_report report = verify(&head, &met);
        assert_true(report.broken_line > 0 || !met);
        text.text[i] = before;
        write_log(text.text, text.length);
    }
    strbuf_release(&text);
}

static const char *line_at(const struct strbuf *text, int number)
{
    const char *at = text->text;
    for (int i = 1; i < number; i++)
        at = strchr(at, '\n') + 1;
    return at;
}

static void test_a_removed_line_shows(void **state)
{
    (void)state;
    struct strbuf text = { 0 }, less = { 0 };
    make_log(&text);
    for (int gone = 1; gone < 6; gone++) {
        strbuf_clear(&less);
        strbuf_add(&less, text.text, (size_t)(line_at(&text, gone) - text.text));
        strbuf_adds(&less, line_at(&text, gone + 1));
        write_log(less.text, less.length);
        assert_int_equal(verify(NULL, NULL).broken_line, gone);
    }
    strbuf_release(&text);
    strbuf_release(&less);
}

static void test_reordered_lines_show(void **state)
{
    (void)state;
    struct strbuf text = { 0 }, other = { 0 };
    make_log(&text);
    const char *third = line_at(&text, 3), *fourth = line_at(&text, 4), *fifth = line_at(&text, 5);
    strbuf_add(&other, text.text, (size_t)(third - text.text));
    strbuf_add(&other, fourth, (size_t)(fifth - fourth));
    strbuf_add(&other, third, (size_t)(fourth - third));
    strbuf_adds(&other, fifth);
    write_log(other.text, other.length);
    assert_int_equal(verify(NULL, NULL).broken_line, 3);
    strbuf_release(&text);
    strbuf_release(&other);
}

static void test_a_tail_cut_off_shows_against_a_head(void **state)
{
    (void)state;
    struct strbuf text = { 0 };
    bool met = false;
    make_log(&text);
    struct evidence_head head = verify(NULL, NULL).head;
    write_log(text.text, (size_t)(line_at(&text, 5) - text.text));
    struct evidence_report report = verify(&head, &met);
    assert_int_equal(report.broken_line, 0);
    assert_false(met);
    log_act("forged");
    verify(&head, &met);
    assert_false(met);
    write_log(text.text, text.length);
    verify(&head, &met);
    assert_true(met);
    strbuf_release(&text);
}

/* Whoever writes is killed at any byte: the next append goes on from the last whole line and says what it cut. */
static void test_a_torn_line_is_cut_off(void **state)
{
    (void)state;
    struct strbuf text = { 0 }, now = { 0 };
    make_log(&text);
    const char *last = line_at(&text, 6);
    for (size_t length = (size_t)(last - text.text) + 1; length < text.length; length += 7) {
        write_log(text.text, length);
        struct evidence_report report = verify(NULL, NULL);
        assert_true(report.torn);
        assert_int_equal(report.head.number, 5);
        log_act("retention");
        report = verify(NULL, NULL);
        assert_false(report.torn);
        assert_int_equal(report.broken_line, 0);
        assert_int_equal(report.head.number, 7);
        strbuf_clear(&now);
        read_log(&now);
        assert_non_null(strstr(now.text, "\"cut_bytes\":"));
    }
    strbuf_release(&text);
    strbuf_release(&now);
}

static void test_a_first_line_that_is_torn(void **state)
{
    (void)state;
    write_log("0123", 4);
    log_act("ingest");
    assert_int_equal(verify(NULL, NULL).broken_line, 0);
    assert_int_equal(verify(NULL, NULL).head.number, 2);
}

static void test_a_damaged_last_line_stops_no_act_and_stays_visible(void **state)
{
    (void)state;
    struct strbuf text = { 0 };
    make_log(&text);
    text.text[text.length - 5] ^= 1;
    write_log(text.text, text.length);
    log_act("objection");
    assert_int_equal(verify(NULL, NULL).broken_line, 6);
    strbuf_release(&text);
}

static void test_two_processes_append_at_once(void **state)
{
    (void)state;
    pid_t child = fork();
    for (int i = 0; i < 20; i++)
        log_act(child ? "serve" : "run");
    if (child == 0)
        _exit(0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(verify(NULL, NULL).head.number, 80);
    assert_int_equal(verify(NULL, NULL).broken_line, 0);
}

static void test_files_of_others_are_refused(void **state)
{
    (void)state;
    struct evidence_act one = act("ingest");
    struct evidence_report report;
    int64_t number;
    char other[80];
    log_act("ingest");
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(evidence_intent(&one, &number, NULL), ERR_PERMISSION);
    assert_int_equal(evidence_verify(path, NULL, 0, NULL, &report, NULL), ERR_PERMISSION);
    assert_int_equal(chmod(path, 0600), 0);
    snprintf(other, sizeof other, "%s.other", path);
    assert_int_equal(rename(path, other), 0);
    assert_int_equal(symlink(other, path), 0);
    assert_int_equal(evidence_intent(&one, &number, NULL), ERR_PERMISSION);
    assert_int_equal(evidence_verify(path, NULL, 0, NULL, &report, NULL), ERR_PERMISSION);
}

static void test_a_line_that_is_too_long_is_refused(void **state)
{
    (void)state;
    struct evidence_act one = act("ingest");
    struct strbuf long_name = { 0 };
    int64_t number;
    for (int i = 0; i < EVIDENCE_LINE_BYTES_MAX; i++)
        strbuf_addc(&long_name, 'x');
    one.about = long_name.text;
    assert_int_equal(evidence_intent(&one, &number, NULL), ERR_INTERNAL);
    assert_int_equal(verify(NULL, NULL).head.number, 0);
    strbuf_release(&long_name);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        T(test_acts_are_chained),
        T(test_hash_is_blake2b_of_the_hash_before_and_the_json),
        T(test_a_killed_act_stays_open),
        T(test_every_changed_byte_shows),
        T(test_a_removed_line_shows),
        T(test_reordered_lines_show),
        T(test_a_tail_cut_off_shows_against_a_head),
        T(test_a_torn_line_is_cut_off),
        T(test_a_first_line_that_is_torn),
        T(test_a_damaged_last_line_stops_no_act_and_stays_visible),
        T(test_two_processes_append_at_once),
        T(test_files_of_others_are_refused),
        T(test_a_line_that_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
