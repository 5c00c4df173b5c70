/* Salvaging: what cannot be right is of one line only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/csvread.h"
#include "core/strbuf.h"

static int file_of(const char *bytes, size_t length)
{
    int fd = memfd_create("csv", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

/* Each record as line@offset[field|field], behind it a ! if it is malformed; the failure, if the file ends with one. */
static char *dump(const char *bytes, size_t length, const struct csvread_options *options)
{
    struct strbuf out = { 0 };
    struct csvread *reader;
    struct err err = { 0 };
    struct csv_record record;
    int code = csvread_open_fd(&reader, file_of(bytes, length), "t", options, &err);
    if (!code) {
        while ((code = csvread_next(reader, &record, &err)) == 1) {
            csvread_clean(reader);
            strbuf_addf(&out, "%llu@%llu", (unsigned long long)record.line, (unsigned long long)record.offset);
            for (size_t i = 0; i < record.count; i++) {
                assert_int_equal(strlen(record.fields[i].text), record.fields[i].length);
                assert_true(text_is_utf8(record.fields[i]));
                strbuf_addf(&out, "%c%s", i ? '|' : '[', record.fields[i].text);
            }
            strbuf_adds(&out, record.cut ? "]!! " : record.malformed ? "]! " : "] ");
        }
        csvread_free(reader);
    }
    if (code)
        strbuf_addf(&out, "%s ", err.message);
    strbuf_adds(&out, ".");
    return out.text;
}

static const struct csvread_options salvaging = { .salvage = true };

static void a_fault_is_of_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *input, *expected;
    } examples[] = {
        { "a,b\n1,2\n3,4\n", "2@4[1|2] 3@8[3|4] ." },
        { "a,b\n1,2\n3,4", "2@4[1|2] 3@8[3|4]! ." },                                  /* it may have been 3,45 */
        { "a,b\r\n1,2\r\n3,4\r\n", "2@5[1|2] 3@10[3|4] ." },
        { "a,b\n1,\"2\n3,4\n5,6\n", "2@4[1|2]! 3@9[3|4] 4@13[5|6] ." },              /* a quote that is never closed */
        { "a,b\n1,2\n3,\"4", "2@4[1|2] 3@8[3|4]! ." },                                /* … and the last thing of the file */
        { "a,b\n1,\"2\n3,\"4\n5,6\n", "2@4[1|2]! 3@9[3|4]! 4@14[5|6] ." },            /* closed by the next one */
        { "a,b\n1,\"2\n3,\"4\"\n5,6\n", "2@4[1|2]! 3@9[3|4] 4@15[5|6] ." },
        { "a,b,c\n1,\"2,3\n4,5,\"\n7,8,9\n", "2@6[1|2|3]! 3@13[4|5|]! 4@19[7|8|9] ." }, /* closed where a cell ends: too few cells */
        { "a,b\n1,\"2\"x\n3,4\n", "2@4[1|2\"x]! 3@11[3|4] ." },                       /* behind a closing quote */
        { "a,b\n1,\"2\n2\"\n3,4\n", "2@4[1|2\n2] 4@12[3|4] ." },                      /* a line break in quotes is content */
        { "a,b\r\n1,\"2\r\n2\"\r\n3,4\r\n", "2@5[1|2\r\n2] 4@15[3|4] ." },
        { "a,b\r\n1,\"2\r\n3,4\r\n", "2@5[1|2]! 3@11[3|4] ." },
        { "a,b\n1,\xFC\n3,4\n", "2@4[1|?] 3@8[3|4] ." },                              /* bytes are for the caller to judge */
        { "a,b\n1,\xC3\n3,4\n", "2@4[1|?] 3@8[3|4] ." },                              /* a character cut off by the line end */
        { "a,b\n1,\xE2\x82,\n3,4\n", "2@4[1|??|] 3@10[3|4] ." },
        { "a,b\n1,2\r3,4\n5,6\n", "2@4[1|2] 3@8[3|4] 4@12[5|6] ." },                  /* a CR alone ends a line */
        { "a,b\r1,2\r3,4\r", "2@4[1|2] 3@8[3|4] ." },
        { "a,b\r\r1,2\r\r3,4", "3@5[1|2] 5@10[3|4]! ." },
        { "a,b\r1,\"2\r3,4\r5,6\r", "2@4[1|2]! 3@9[3|4] 4@13[5|6] ." },
        { "a,b,c\r1,\"2,3\r4,5,\"\r7,8,9\r", "2@6[1|2|3]! 3@13[4|5|]! 4@19[7|8|9] ." },
        { "a,b\r1,\"2\"x\r3,4\r", "2@4[1|2\"x]! 3@11[3|4] ." },
        { "a,b\r1,\"2\r2\"\r3,4\r", "2@4[1|2\r2] 3@12[3|4] ." },
        { "a,b\n1,2,3\n4\n", "2@4[1|2|3] 3@10[4] ." },                                /* counting cells is for the caller */
        { "a,b\n1,2\n3", "2@4[1|2] 3@8[3]! ." },                                      /* cut off */
        { "a,b\n\n1,\"\n\n3,4\n", "3@5[1|]! 5@10[3|4] ." },
        { "\xEF\xBB\xBF" "a,b\n1,\"2\n3,4\n", "2@7[1|2]! 3@12[3|4] ." },
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        char *said = dump(examples[i].input, strlen(examples[i].input), &salvaging);
        assert_string_equal(said, examples[i].expected);
        free(said);
    }
}

static void nul_is_no_text(void **state)
{
    (void)state;
    static const char input[] = "a,b\n1\0,2\n3,4\n";
    char *said = dump(input, sizeof input - 1, &salvaging);
    assert_string_equal(said, "2@4[1?|2] 3@9[3|4] .");
    free(said);
}

static void what_is_wrong_with_the_file_still_ends_it(void **state)
{
    (void)state;
    static const struct {
        const char *input;
        size_t length;
        const char *expected;
    } examples[] = {
        { "", 0, "t:1: the file is empty ." },
        { "a,\"b\n1,2\n", 9, "t:1: a quote that is never closed ." },
        { "a,a\n1,2\n", 8, "t:1: columns 1 and 2 of the header have the same name ." },
        { "a,\xFC\n1,2\n", 8, "t:1: bytes that are not UTF-8; perhaps the encoding is another ." },
        { "\xFF\xFE" "a\0\n\0", 6, "t:1: a UTF-16 byte order mark, although another encoding is stated ." },
        { "a\0\n\0" "1\0\n\0", 8, "t:1: bytes that are not UTF-8; perhaps the encoding is another ." },
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        char *said = dump(examples[i].input, examples[i].length, &salvaging);
        assert_string_equal(said, examples[i].expected);
        free(said);
    }
}

static void a_line_over_the_caps_is_passed_over(void **state)
{
    (void)state;
    struct strbuf input = { 0 };
    strbuf_adds(&input, "a,b\n1,");
    for (int i = 0; i < 5000; i++)
        strbuf_addc(&input, 'x');
    strbuf_adds(&input, "\n3,4\n");
    for (size_t block = 1; block < 9000; block = block * 3 + 1) {
        char *said = dump(input.text, input.length, &(struct csvread_options){ .salvage = true, .max_field_bytes = 10, .block_bytes = block });
        assert_non_null(strstr(said, "2@4[1]!! 3@5007[3|4] ."));
        free(said);
    }
    strbuf_release(&input);
}

static uint32_t next_random(uint32_t *seed)
{
    return *seed = *seed * 1664525u + 1013904223u, *seed >> 8;
}

static void make_noise(uint32_t *seed, struct strbuf *input)
{
    static const char *const parts[] = { "a", ",", ",", ",", "\n", "\n", "\r\n", "\"", "\"\"", "\r", "\xC3\xA4", "\x80", "x,y,z\n", ",\"q\"" };
    strbuf_adds(input, "h,i,j\n");
    for (uint32_t left = next_random(seed) % 30; left; left--)
        strbuf_adds(input, parts[next_random(seed) % (sizeof parts / sizeof *parts)]);
}

/* How the bytes come does not matter, and no noise is a fault of the file. */
static void noise_ends_with_its_line(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 3000; round++) {
        struct strbuf input = { 0 };
        make_noise(&seed, &input);
        char *whole = dump(input.text, input.length, &salvaging);
        assert_null(strstr(whole, "t:")); /* no failure */
        for (size_t block = 1; block < 12; block++) {
            char *parted = dump(input.text, input.length, &(struct csvread_options){ .salvage = true, .block_bytes = block });
            assert_string_equal(parted, whole);
            free(parted);
        }
        free(whole);
        strbuf_release(&input);
    }
}

/* Without a fault it says what the strict reader says. */
static void what_is_right_is_read_the_same(void **state)
{
    (void)state;
    uint32_t seed = 7;
    int right = 0;
    for (int round = 0; round < 5000; round++) {
        struct strbuf input = { 0 };
        make_noise(&seed, &input);
        char *strict = dump(input.text, input.length, NULL), *salvaged = dump(input.text, input.length, &salvaging);
        if (!strstr(strict, "t:") && !strchr(salvaged, '!')) {
            assert_string_equal(strict, salvaged);
            right++;
        }
        free(strict);
        free(salvaged);
        strbuf_release(&input);
    }
    assert_true(right > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fault_is_of_one_line),
        cmocka_unit_test(nul_is_no_text),
        cmocka_unit_test(what_is_wrong_with_the_file_still_ends_it),
        cmocka_unit_test(a_line_over_the_caps_is_passed_over),
        cmocka_unit_test(noise_ends_with_its_line),
        cmocka_unit_test(what_is_right_is_read_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
