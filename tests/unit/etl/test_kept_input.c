#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/atomfile.h"
#include "core/calendar.h"
#include "core/mem.h"
#include "etl/kept_input.h"

static char folder[] = "/tmp/fallzahl-kept-XXXXXX";
static char keys[64], inputs[64], input[64], output[64], sealed[128];
static struct keyring *keyring;

static int begin(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(keys, sizeof keys, "%s/keys", folder);
    snprintf(inputs, sizeof inputs, "%s/inputs", folder);
    snprintf(input, sizeof input, "%s/in.csv", folder);
    snprintf(output, sizeof output, "%s/out.csv", folder);
    snprintf(sealed, sizeof sealed, "%s/2026-02-11.7.in.csv.sealed", inputs);
    return keyring_create(keys, NULL) || keyring_open(&keyring, keys, NULL) || atomfile_mkdir(inputs, 0700, NULL);
}

static int end(void **state)
{
    (void)state;
    keyring_free(keyring);
    return atomfile_remove_tree(folder, NULL);
}

static void write_file(const char *path, const char *data, size_t length)
{
    assert_int_equal(atomfile_write(path, 0600, (struct slice){ data, length }, NULL), 0);
}

static void keep(void)
{
    const struct calendar_date day = { 2026, 2, 11 };
    const struct kept_input kept = { inputs, keyring, calendar_day(day), 7, "in.csv" };
    struct err err;
    int fd = open(input, O_RDONLY);
    if (kept_input_write(&kept, fd, &err))
        fail_msg("%s", err.message);
    close(fd);
}

static int unseal(void)
{
    int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int code = kept_input_read(sealed, keyring, fd, NULL);
    close(fd);
    return code;
}

/* Nothing, less than a piece, exactly pieces, pieces and a bit. */
static void test_what_is_sealed_comes_back(void **state)
{
    static const size_t lengths[] = { 0, 1, 5000, 1 << 20, 2 << 20, (2 << 20) + 17 };
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct strbuf back = { 0 };
        char *data = mem_alloc(lengths[i] + 1);
        for (size_t b = 0; b < lengths[i]; b++)
            data[b] = (char)(b * 31 + i);
        write_file(input, data, lengths[i]);
        keep();
        assert_int_equal(unseal(), 0);
        assert_int_equal(atomfile_read(output, 4 << 20, &back, NULL), 0);
        assert_int_equal(back.length, lengths[i]);
        assert_memory_equal(back.text ? back.text : "", data, lengths[i]);
        strbuf_release(&back);
        free(data);
    }
}

static void test_changed_or_cut_is_refused(void **state)
{
    struct strbuf whole = { 0 };
    char *data = mem_zalloc(1, (2 << 20) + 17);
    (void)state;
    write_file(input, data, (2 << 20) + 17);
    free(data);
    keep();
    assert_int_equal(atomfile_read(sealed, 4 << 20, &whole, NULL), 0);
    static const size_t places[] = { 0, 4, 8, 60, 1 << 20, (1 << 20) + 60, (2 << 20) + 100 };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        whole.text[places[i]] ^= 1;
        write_file(sealed, whole.text, whole.length);
        assert_int_equal(unseal(), ERR_DATA);
        whole.text[places[i]] ^= 1;
    }
    size_t piece = 4 + (1 << 20) + 40; /* length, data, nonce and tag */
    const size_t cuts[] = { 0, 3, 4, 100, 4 + piece, 4 + 2 * piece, whole.length - 1 };
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        write_file(sealed, whole.text, cuts[i]);
        assert_int_equal(unseal(), ERR_DATA);
    }
    strbuf_release(&whole);
}

static void test_goes_on_its_day(void **state)
{
    uint64_t removed;
    (void)state;
    write_file(input, "x", 1);
    keep();
    char other[128];
    snprintf(other, sizeof other, "%s/notes.txt", inputs);
    write_file(other, "x", 1);
    assert_int_equal(kept_input_expire(inputs, calendar_day((struct calendar_date){ 2026, 2, 10 }), false, &removed, NULL), 0);
    assert_int_equal(removed, 0);
    assert_int_equal(access(sealed, F_OK), 0);
    assert_int_equal(kept_input_expire(inputs, calendar_day((struct calendar_date){ 2026, 2, 11 }), false, &removed, NULL), 0);
    assert_int_equal(removed, 1);
    assert_int_equal(access(sealed, F_OK), -1);
    assert_int_equal(access(other, F_OK), 0);
    assert_int_equal(kept_input_expire("/nonexistent", 0, false, &removed, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_sealed_comes_back),
        cmocka_unit_test(test_changed_or_cut_is_refused),
        cmocka_unit_test(test_goes_on_its_day),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
