#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/keyring.h"
#include "etl/quarantine.h"
#include "etl/quarantine_format.h"

static const unsigned char digest[32] = { 0xde, 0xad, 0xbe, 0xef, 1, 2, 3 };
static char folder[64], keys[80], other_keys[80];
static struct keyring *keyring, *other_keyring;
static const struct slice header_cells[] = { { "no", 2 }, { "mail", 4 } };
static const struct csv_record header = { .fields = header_cells, .count = 2, .line = 1 };

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/fallzahl-quarantine-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(keys, sizeof keys, "%s/keys", folder);
    snprintf(other_keys, sizeof other_keys, "%s/other", folder);
    return keyring_create(keys, NULL) || keyring_open(&keyring, keys, NULL) || keyring_create(other_keys, NULL) ||
           keyring_open(&other_keyring, other_keys, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    keyring_free(keyring);
    keyring_free(other_keyring);
    return atomfile_remove_tree(folder, NULL);
}

static size_t count_files(void)
{
    size_t count = 0;
    DIR *list = opendir(folder);
    for (struct dirent *entry; (entry = readdir(list));)
        count += entry->d_type == DT_REG;
    closedir(list);
    return count;
}

static struct quarantine *begin(int32_t expires_day)
{
    static struct quarantine_options options;
    options = (struct quarantine_options){ folder, keyring, "cases", "in.csv", expires_day };
    struct quarantine *quarantine = NULL;
    assert_int_equal(quarantine_begin(&quarantine, &options, &header, NULL), 0);
    return quarantine;
}

static void add(struct quarantine *quarantine, uint64_t line, const char *column, enum map_code code)
{
    static const struct slice cells[] = { { "CANARY-7", 8 }, { "canary\n\"\xC3\xA4@x", 12 }, { "", 0 } };
    const struct csv_record record = { .fields = cells, .count = 3, .line = line, .offset = line * 100, .number = line - 2 };
    const struct map_reject reject = { line, line * 100, column, code, "rules.some_rule" };
    assert_int_equal(quarantine_add(quarantine, &record, &reject, NULL), 0);
}

static char *path_of(const char *name)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static char *final_path(void)
{
    return path_of("in.csv-deadbeef.jsonl");
}

static void there_and_back(void **state)
{
    (void)state;
    struct quarantine *quarantine = begin(20500);
    assert_int_equal(count_files(), 0); /* nothing before the first row */
    add(quarantine, 7, "mail", MAP_BAD_IDENTIFIER);
    add(quarantine, 9, "", MAP_MISSING_CELLS);
    assert_int_equal(quarantine_count(quarantine), 2);
    assert_int_not_equal(access(final_path(), F_OK), 0); /* nothing under its name before the commit */
    assert_int_equal(quarantine_commit(quarantine, digest, NULL), 0);
    assert_int_equal(count_files(), 1);
    struct stat status;
    assert_int_equal(stat(final_path(), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);

    struct quarantine_reader *reader = NULL;
    struct quarantine_row row;
    assert_int_equal(quarantine_open(&reader, final_path(), keyring, NULL), 0);
    assert_string_equal(quarantine_about(reader)->source, "cases");
    assert_string_equal(quarantine_about(reader)->input, "in.csv");
    assert_int_equal(quarantine_about(reader)->expires_day, 20500);
    assert_int_equal(quarantine_header(reader)->cell_count, 2);
    assert_true(slice_equals(quarantine_header(reader)->cells[1], "mail"));
    assert_int_equal(quarantine_next(reader, &row, NULL), 1);
    assert_int_equal(row.line, 7);
    assert_int_equal(row.offset, 700);
    assert_string_equal(row.column, "mail");
    assert_string_equal(row.code, "bad_identifier");
    assert_string_equal(row.rule, "rules.some_rule");
    assert_int_equal(row.cell_count, 3);
    assert_true(slice_equals(row.cells[0], "CANARY-7"));
    assert_true(slice_equals(row.cells[1], "canary\n\"\xC3\xA4@x"));
    assert_int_equal(row.cells[2].length, 0);
    assert_int_equal(quarantine_next(reader, &row, NULL), 1);
    assert_int_equal(quarantine_next(reader, &row, NULL), 0);
    quarantine_close(reader);

    assert_int_equal(quarantine_open(&reader, final_path(), NULL, NULL), 0); /* without keys: places and reasons */
    assert_int_equal(quarantine_next(reader, &row, NULL), 1);
    assert_string_equal(row.code, "bad_identifier");
    assert_null(row.cells);
    quarantine_close(reader);
    assert_int_equal(quarantine_open(&reader, final_path(), other_keyring, NULL), ERR_DATA);
    unlink(final_path());
}

/* What stood in a cell is in the file in no form that can be read without the key. */
static void nothing_in_clear(void **state)
{
    (void)state;
    struct quarantine *quarantine = begin(20500);
    add(quarantine, 7, "mail", MAP_BAD_IDENTIFIER);
    assert_int_equal(quarantine_commit(quarantine, digest, NULL), 0);
    struct strbuf text = { 0 };
    assert_int_equal(atomfile_read(final_path(), 1 << 20, &text, NULL), 0);
    static const char *const forms[] = { "CANARY", "canary", "Q0FOQVJZ", "NBTkFSWS", "DQU5BUlkt", "43414e" };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        assert_null(strstr(text.text, forms[i]));
    strbuf_release(&text);
    unlink(final_path());
}

static void aborted(void **state)
{
    (void)state;
    struct quarantine *quarantine = begin(20500);
    add(quarantine, 7, "mail", MAP_BAD_IDENTIFIER);
    quarantine_abort(quarantine);
    assert_int_equal(count_files(), 0);
    quarantine_abort(NULL);
    quarantine_abort(begin(20500));
    assert_int_equal(quarantine_commit(begin(20500), digest, NULL), 0); /* no rows: no file */
    assert_int_equal(count_files(), 0);
}

/* Reading an input again gives the same file again, not a second one. */
static void committed_twice(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct quarantine *quarantine = begin(20500);
        add(quarantine, 7, "mail", MAP_BAD_IDENTIFIER);
        assert_int_equal(quarantine_commit(quarantine, digest, NULL), 0);
        assert_int_equal(count_files(), 1);
    }
    unlink(final_path());
}

static void summary(void **state)
{
    (void)state;
    struct quarantine *quarantine = begin(20500);
    struct strbuf text = { 0 };
    quarantine_summary(quarantine, &text);
    assert_int_equal(text.length, 0);
    add(quarantine, 7, "mail", MAP_BAD_IDENTIFIER);
    add(quarantine, 9, "", MAP_MISSING_CELLS);
    add(quarantine, 11, "mail", MAP_BAD_IDENTIFIER);
    quarantine_summary(quarantine, &text);
    assert_string_equal(text.text, "mail: bad_identifier 2 (first in line 7); missing_cells 1 (first in line 9)");
    strbuf_release(&text);
    quarantine_abort(quarantine);
}

static int expire(int32_t today, bool dry_run, size_t *removed)
{
    const struct quarantine_end end = { folder, 30, today, dry_run };
    *removed = 99;
    return quarantine_expire(&end, removed, NULL);
}

static void expiry(void **state)
{
    (void)state;
    size_t removed;
    struct quarantine *quarantine = begin(20500);
    add(quarantine, 7, "mail", MAP_BAD_IDENTIFIER);
    assert_int_equal(quarantine_commit(quarantine, digest, NULL), 0);
    assert_int_equal(expire(20499, false, &removed), 0);
    assert_int_equal(removed, 0);
    assert_int_equal(expire(20500, true, &removed), 0);
    assert_int_equal(removed, 1);
    assert_int_equal(access(final_path(), F_OK), 0);
    assert_int_equal(atomfile_write(path_of("broken.jsonl"), 0600, (struct slice){ "{}\n", 3 }, NULL), 0);
    assert_int_equal(expire(20500, false, &removed), ERR_DATA); /* one cannot be read, the other goes */
    assert_int_equal(removed, 1);
    assert_int_not_equal(access(final_path(), F_OK), 0);
    unlink(path_of("broken.jsonl"));
    assert_int_equal(expire(20500, false, &removed), 0);
    assert_int_equal(quarantine_expire(&(struct quarantine_end){ "/nowhere", 30, 1, false }, NULL, NULL), ERR_NOINPUT);
}

/* What does not say when it goes, goes by its last change. */
static void expiry_of_what_is_damaged(void **state)
{
    (void)state;
    size_t removed;
    int32_t day = 0;
    const struct timespec times[2] = { { .tv_sec = 20000 * 86400 + 5 }, { .tv_sec = 20000 * 86400 + 5 } };
    assert_int_equal(atomfile_write(path_of("empty.jsonl"), 0600, (struct slice){ "", 0 }, NULL), 0);
    assert_int_equal(utimensat(AT_FDCWD, path_of("empty.jsonl"), times, 0), 0);
    assert_int_equal(quarantine_term(path_of("empty.jsonl"), 30, &day, NULL), ERR_DATA);
    assert_int_equal(day, 20030);
    assert_int_equal(expire(20029, false, &removed), ERR_DATA);
    assert_int_equal(removed, 0);
    assert_int_equal(expire(20030, false, &removed), 0);
    assert_int_equal(removed, 1);
    assert_int_not_equal(access(path_of("empty.jsonl"), F_OK), 0);
}

/* A row cannot be moved to another line, changed or cut short without being noticed. */
static void forgery(void **state)
{
    (void)state;
    struct quarantine *quarantine = begin(20500);
    add(quarantine, 7, "mail", MAP_BAD_IDENTIFIER);
    assert_int_equal(quarantine_commit(quarantine, digest, NULL), 0);
    static const char *const edits[][2] = {
        { "\"line\":7", "\"line\":8" },
        { "\"row\":\"", "\"row\":\"A" },
        { "\"row\":", "\"raw\":" },
        { "\"code\":\"bad_", "\"code\": 5}" },
        { "\"input\":\"in.csv", "\"input\":\"on.csv" },
        { "\"epoch\":1", "\"epoch\":2" },
        { "\"format\":1", "\"format\":2" },
        { "\"expires\":\"2026", "\"expires\":\"20x6" },
    };
    struct strbuf text = { 0 };
    assert_int_equal(atomfile_read(final_path(), 1 << 20, &text, NULL), 0);
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        char *at = strstr(text.text, edits[i][0]);
        if (i == 1) /* the row, not the header */
            at = strstr(strstr(text.text, "\"rule\""), edits[i][0]);
        assert_non_null(at);
        struct strbuf forged = { 0 };
        strbuf_add(&forged, text.text, (size_t)(at - text.text));
        strbuf_adds(&forged, edits[i][1]);
        strbuf_adds(&forged, at + strlen(edits[i][0]));
        assert_int_equal(
            atomfile_write(path_of("forged.jsonl"), 0600, (struct slice){ forged.text, forged.length }, NULL), 0);
        struct quarantine_reader *reader = NULL;
        struct quarantine_row row;
        int code = quarantine_open(&reader, path_of("forged.jsonl"), keyring, NULL);
        if (!code)
            code = quarantine_next(reader, &row, NULL);
        assert_int_equal(code, ERR_DATA);
        quarantine_close(reader);
        strbuf_release(&forged);
    }
    strbuf_release(&text);
    unlink(path_of("forged.jsonl"));
    unlink(final_path());
}

static void packed_cells(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        int cells;
    } rows[] = {
        { "", 0, 0 },
        { "\0\0\0\0\0", 5, 1 },
        { "\1\0\0\0a\0", 6, 1 },
        { "\1\0\0\0a\0\0\0\0\0\0", 11, 2 },
        { "\0\0\0\0", 4, -1 },
        { "\2\0\0\0a\0", 6, -1 },
        { "\xFF\xFF\xFF\xFF"
          "a\0",
          6, -1 },
        { "\0\0\0\0\0x", 6, -1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t count = 99;
        struct slice *cells = quarantine_unpack((struct slice){ rows[i].bytes, rows[i].length }, &count);
        assert_int_equal(cells != NULL, rows[i].cells >= 0);
        assert_int_equal(count, rows[i].cells >= 0 ? rows[i].cells : 99);
        free(cells);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),  cmocka_unit_test(nothing_in_clear), cmocka_unit_test(aborted),
        cmocka_unit_test(committed_twice), cmocka_unit_test(summary),          cmocka_unit_test(expiry),
        cmocka_unit_test(forgery),         cmocka_unit_test(packed_cells),
        cmocka_unit_test(expiry_of_what_is_damaged),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
