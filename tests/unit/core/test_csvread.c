#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/csvread.h"
#include "core/mem.h"

static int file_of(const void *bytes, size_t length)
{
    int fd = memfd_create("csv", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static void dump_record(struct strbuf *out, const struct csv_record *record)
{
    strbuf_addf(out, "%llu@%llu", (unsigned long long)record->line, (unsigned long long)record->offset);
    for (size_t i = 0; i < record->count; i++) {
        assert_int_equal(record->fields[i].text[record->fields[i].length], 0);
        strbuf_addc(out, i ? '|' : '[');
        strbuf_add(out, record->fields[i].text, record->fields[i].length);
    }
    strbuf_adds(out, "] ");
}

/* Everything the reader says: the header and each record as line@offset[field|field], "! message" for an error. */
static char *dump(const void *bytes, size_t length, const struct csvread_options *options)
{
    struct strbuf out = { 0 };
    struct csvread *reader;
    struct err err = { 0 };
    struct csv_record record;
    int code = csvread_open_fd(&reader, file_of(bytes, length), "t", options, &err);
    if (!code) {
        for (size_t i = 0; i < csvread_header(reader)->count; i++) {
            assert_int_equal(csvread_header(reader)->fields[i].text[csvread_header(reader)->fields[i].length], 0);
            strbuf_addc(&out, i ? '|' : '[');
            strbuf_add(&out, csvread_header(reader)->fields[i].text, csvread_header(reader)->fields[i].length);
        }
        strbuf_adds(&out, "] ");
        for (uint64_t number = 0; (code = csvread_next(reader, &record, &err)) == 1; number++) {
            assert_int_equal(record.number, number);
            dump_record(&out, &record);
        }
        assert_int_equal(csvread_next(reader, &record, NULL), code); /* the end and an error are final */
        csvread_free(reader);
    }
    if (code)
        strbuf_addf(&out, "! %d %s", code, err.message);
    strbuf_addc(&out, ' ');
    return out.text;
}

struct example {
    const char *input;
    const char *expected;
};

static void check(const struct example *examples, size_t count, const struct csvread_options *options)
{
    for (size_t i = 0; i < count; i++) {
        struct strbuf expected = { 0 };
        strbuf_addf(&expected, "%s ", examples[i].expected);
        char *said = dump(examples[i].input, strlen(examples[i].input), options);
        if (strncmp(said, expected.text, expected.length) != 0)
            fail_msg("example %zu: expected %s\n  but the reader says %s", i, expected.text, said);
        free(said);
        strbuf_release(&expected);
    }
}
#define CHECK(examples, options) check((examples), sizeof(examples) / sizeof *(examples), (options))

static void reads_records_with_line_and_offset(void **state)
{
    (void)state;
    static const struct example examples[] = {
        { "a,b\n1,2\n3,4\n", "[a|b] 2@4[1|2] 3@8[3|4]" },
        { "a,b\r\n1,2\r\n3,4\r\n", "[a|b] 2@5[1|2] 3@10[3|4]" },
        { "a,b\n1,2\r\n3,4", "[a|b] 2@4[1|2] 3@9[3|4]" },
        { "a,b\n1,2", "[a|b] 2@4[1|2]" },
        { "a,b", "[a|b]" },
        { "a\n\"x\ny\"\nz\n", "[a] 2@2[x\ny] 4@8[z]" },
        { "a\r\n\"x\r\n\r\ny\"\r\nz\r\n", "[a] 2@3[x\r\n\r\ny] 5@13[z]" },
        { "a,b\n1\n1,2,3\n,\n", "[a|b] 2@4[1] 3@6[1|2|3] 4@12[|]" },
        { "a\n\"\"\n\"\"\"\"\n\"x\"\"y\"\n", "[a] 2@2[] 3@5[\"] 4@10[x\"y]" },
        { "a,b\n\"1,2\",\"3\n4\"\n", "[a|b] 2@4[1,2|3\n4]" },
        { "a\n\"x\"", "[a] 2@2[x]" },
        { "a,b,c\n\"1\",2,\"3\"\n\"\",\"\",\"\"\n", "[a|b|c] 2@6[1|2|3] 3@16[||]" },
        { "a,b,c\n1,\"2\"\"\",3\n1,\"2\n\",\"3\"\n", "[a|b|c] 2@6[1|2\"|3] 3@16[1|2\n|3]" },
        { "a,b\nx,\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\n", "[a|b] 2@4[x|\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80]" },
    };
    CHECK(examples, NULL);
}

static void skips_blank_lines_but_counts_them(void **state)
{
    (void)state;
    static const struct example examples[] = {
        { "\n\r\na\n\n1\r\n\r\n\n2\n\n", "[a] 5@6[1] 8@12[2]" },
        { "a,b\n \n1,2\n", "[a|b] 2@4[ ] 3@6[1|2]" },
    };
    CHECK(examples, NULL);
}

static void keeps_blanks_and_quotes_that_are_content(void **state)
{
    (void)state;
    static const struct example examples[] = {
        { "a,b\n 1 ,\t2\t\n", "[a|b] 2@4[ 1 |\t2\t]" },
        { "a,b\n\" 1 \",  \n", "[a|b] 2@4[ 1 |  ]" },
        { "a,b\n5\" pipe,6\xC2\xB0"
          "40'48\"E\n3,\"x\"\n",
          "[a|b] 2@4[5\" pipe|6\xC2\xB0"
          "40'48\"E] 3@23[3|x]" },
        { "a,b\n \"x\",y\"\"\n", "[a|b] 2@4[ \"x\"|y\"\"]" },
    };
    CHECK(examples, NULL);
}

static void trims_names_of_the_header_only(void **state)
{
    (void)state;
    static const struct example examples[] = {
        { "\xEF\xBB\xBF a ,\"b c\"\n1,2\n", "[a|b c] 2@13[1|2]" },
        { "\xEF\xBB\xBF\"a\",b\n1,2\n", "[a|b] 2@9[1|2]" },
        { "a,b,, \n1,2,,\n", "[a|b||] 2@7[1|2||]" },
    };
    CHECK(examples, NULL);
}

static void rejects_a_header_that_cannot_be_right(void **state)
{
    (void)state;
    static const struct example examples[] = {
        { "", "! -65 t:1: the file is empty" },
        { "\xEF\xBB\xBF", "! -65 t:1: the file is empty" },
        { "\n\r\n\n", "! -65 t:4: the file is empty" },
        { "a,,b\n", "! -65 t:1: a column of the header has no name" },
        { ",a\n", "! -65 t:1: a column of the header has no name" },
        { ",\n", "! -65 t:1: a column of the header has no name" },
        { "\nsecret,b,\" secret\"\n", "! -65 t:2: columns 1 and 3 of the header have the same name" },
    };
    CHECK(examples, NULL);
}

static void rejects_what_cannot_be_right(void **state)
{
    (void)state;
    static const struct example examples[] = {
        { "a,b\n1,2\n3,\"4\n5,6\n7,8\n", "[a|b] 2@4[1|2] ! -65 t:3: a quote that is never closed" },
        { "a,b\n1,\"2\n3\",\n4,\"x\ny\",\"\n5", "[a|b] 2@4[1|2\n3|] ! -65 t:5: a quote that is never closed" },
        { "a\n\"", "[a] ! -65 t:2: a quote that is never closed" },
        { "a,b\n\"1\"2,3\n", "[a|b] ! -65 t:2: characters after a closing quote" },
        { "a,b\n\"1\" ,3\n", "[a|b] ! -65 t:2: characters after a closing quote" },
        { "a,b\n\"1\n\" \"2\",3\n", "[a|b] ! -65 t:3: characters after a closing quote" },
        { "a,b\n1,2\n3\r4,5\n", "[a|b] 2@4[1|2] 3@8[3] ! -65 t:3: a CR without LF" },
        { "a,b\r1,2\r", "[a|b] ! -65 t:1: a CR without LF" },
        { "a\n1\r\r\n", "[a] 2@2[1] ! -65 t:2: a CR without LF" },
        { "a\n1\n\r2\n", "[a] 2@2[1] ! -65 t:3: a CR without LF" },
        { "a\n1\r", "[a] 2@2[1] ! -65 t:2: a CR without LF" },
        { "a,b,c\n1,2,3\n4,5", "[a|b|c] 2@6[1|2|3] ! -65 t:3: the last record is cut off" },
        { "a,b,,\n1", "[a|b||] ! -65 t:2: the last record is cut off" },
    };
    CHECK(examples, NULL);
}

static void keeps_a_lone_cr_inside_quotes(void **state)
{
    (void)state;
    static const struct example examples[] = { { "a\n\"1\r2\"\r\n\"\r\"\n", "[a] 2@2[1\r2] 3@9[\r]" } };
    CHECK(examples, NULL);
}

/* RFC 3629 section 4; Kuhn's stress test: overlong forms, surrogates, past U+10FFFF, stray and cut sequences. */
static void rejects_what_is_not_utf8(void **state)
{
    (void)state;
    static const char *const wrong[] = { "\x80",
                                         "\xBF",
                                         "\xC0\xAF",
                                         "\xC1\x81",
                                         "\xC3x",
                                         "\xC3\n",
                                         "\xE0\x80\xAF",
                                         "\xE0\x9F\xBF",
                                         "\xED\xA0\x80",
                                         "\xED\xBF\xBF",
                                         "\xE2\x82x",
                                         "\xF0\x80\x80\xAF",
                                         "\xF0\x8F\xBF\xBF",
                                         "\xF4\x90\x80\x80",
                                         "\xF5\x80\x80\x80",
                                         "\xF0\x9F\x98x",
                                         "\xFE",
                                         "\xFF",
                                         "12345678\x80",
                                         "1234567\xC3",
                                         "123\xE2\x82" };
    static const char *const right[] = { "\xC2\x80",         "\xDF\xBF",         "\xE0\xA0\x80",
                                         "\xED\x9F\xBF",     "\xEE\x80\x80",     "\xEF\xBF\xBF",
                                         "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "1234567\xC3\xA4" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct strbuf input = { 0 };
        strbuf_addf(&input, "a\n1\n%s\n2\n", wrong[i]);
        const struct example example = { input.text, "[a] 2@2[1] ! -65 t:3: bytes that are not UTF-8; perhaps the encoding is another" };
        check(&example, 1, NULL);
        strbuf_release(&input);
    }
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        struct strbuf input = { 0 }, expected = { 0 };
        strbuf_addf(&input, "a\n%s\n", right[i]);
        strbuf_addf(&expected, "[a] 2@2[%s]", right[i]);
        const struct example example = { input.text, expected.text };
        check(&example, 1, NULL);
        strbuf_release(&input);
        strbuf_release(&expected);
    }
    static const struct example cut[] = { { "a\n1\n2\xC3", "[a] 2@2[1] ! -65 t:3: a character that is cut off" } };
    CHECK(cut, NULL);
}

static void rejects_nul(void **state)
{
    (void)state;
    static const char input[] = "a\n1\n\"x\0y\"\n";
    char *said = dump(input, sizeof input - 1, NULL);
    assert_string_equal(said, "[a] 2@2[1] ! -65 t:3: a NUL byte ");
    free(said);
}

static void decodes_other_charsets(void **state)
{
    (void)state;
    static const struct example cp1252[] = {
        { "a,b\nx\xE4,\x80\n1,\x93q\x94\n", "[a|b] 2@4[x\xC3\xA4|\xE2\x82\xAC] 3@9[1|\xE2\x80\x9Cq\xE2\x80\x9D]" },
        { "a\n1\n\x81\n", "[a] 2@2[1] ! -65 t:3: bytes that are not of the stated encoding" },
        { "\xEF\xBB\xBF"
          "a\n",
          "! -65 t:1: a UTF-8 byte order mark, although another encoding is stated" },
        { "\xFF\xFE"
          "a\n",
          "! -65 t:1: a UTF-16 byte order mark, although another encoding is stated" },
    };
    CHECK(cp1252, &(struct csvread_options){ .encoding = "cp1252" });
    static const struct example latin9[] = {
        { "a\n\xA4\n", "[a] 2@2[\xE2\x82\xAC]" },
        { "a\n\x80\n", "[a] ! -65 t:2: bytes that are not of the stated encoding" },
    };
    CHECK(latin9, &(struct csvread_options){ .encoding = "iso-8859-15" });
    static const struct example sjis[] = {
        { "a,b\n\x83\x5C,1\n2,3\n", "[a|b] 2@4[\xE3\x82\xBD|1] 3@9[2|3]" }, /* the second byte is a backslash */
        { "a\n\x83", "[a] ! -65 t:2: a character that is cut off" },
    };
    CHECK(sjis, &(struct csvread_options){ .encoding = "shift_jis" });
    static const struct example utf8[] = { { "a\n\xC3\xA4\n", "[a] 2@2[\xC3\xA4]" } };
    CHECK(utf8, &(struct csvread_options){ .encoding = "UTF8" });
    static const struct example unknown[] = { { "a\n", "! -78 t: encoding 'klingon' is not known" } };
    CHECK(unknown, &(struct csvread_options){ .encoding = "klingon" });
}

#define UTF16LE_TEXT     "a\0,\0b\0\n\0\xE4\0,\0\x3D\xD8\x00\xDE\n\0001\0,\0002\0\n\0"
#define UTF16_DUMP(a, b) "[a|b] 2@" a "[\xC3\xA4|\xF0\x9F\x98\x80] 3@" b "[1|2]  "

static void decodes_utf16(void **state)
{
    (void)state;
    static const char little[] = "\xFF\xFE" UTF16LE_TEXT;
    static const char big[] = "\xFE\xFF\0a\0,\0b\0\n\0\xE4\0,\xD8\x3D\xDE\x00\0\n\0001\0,\0002\0\n";
    static const struct {
        const char *input;
        size_t length;
        const char *encoding, *expected;
    } examples[] = {
        { little, sizeof little - 1, "utf-16", UTF16_DUMP("10", "20") },
        { little, sizeof little - 1, "utf-16le", UTF16_DUMP("10", "20") },
        { little + 2, sizeof little - 3, "utf-16le", UTF16_DUMP("8", "18") },
        { big, sizeof big - 1, "utf-16", UTF16_DUMP("10", "20") },
        { big, sizeof big - 1, "utf-16be", UTF16_DUMP("10", "20") },
        { little, sizeof little - 1, NULL,
          "! -65 t:1: a UTF-16 byte order mark, although another encoding is stated " },
        { little, sizeof little - 1, "utf-16be", "! -65 t:1: a byte order mark of the other byte order " },
        { "\0a\0\n\xD8\x3D\0x\0\n", 10, "utf-16be", "[a] ! -65 t:2: bytes that are not of the stated encoding " },
        { "\0a\0\n\xDE\x00\0x\0\n", 10, "utf-16be", "[a] ! -65 t:2: bytes that are not of the stated encoding " },
        { "\0a\0\n\0x\xD8", 7, "utf-16be", "[a] ! -65 t:2: a character that is cut off " },
        { "\0a\0\n\0\0\0\n", 8, "utf-16be", "[a] ! -65 t:2: a NUL character " },
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        for (size_t block = 1; block < 30; block++) {
            const struct csvread_options options = { .encoding = examples[i].encoding, .block_bytes = block };
            char *said = dump(examples[i].input, examples[i].length, &options);
            if (strncmp(said, examples[i].expected, strlen(examples[i].expected) - 1) != 0)
                fail_msg("example %zu, blocks of %zu: %s", i, block, said);
            free(said);
        }
    }
}

static void takes_another_delimiter(void **state)
{
    (void)state;
    static const struct example semicolon[] = { { "a;b\n1,5;\"x;y\"\n", "[a|b] 2@4[1,5|x;y]" } };
    CHECK(semicolon, &(struct csvread_options){ .delimiter = ';' });
    static const struct example tab[] = { { "a\tb\n1\t\n\t\n \t2\n", "[a|b] 2@4[1|] 3@7[|] 4@9[ |2]" } };
    CHECK(tab, &(struct csvread_options){ .delimiter = '\t' });
}

static void keeps_caps(void **state)
{
    (void)state;
    static const struct example examples[] = {
        { "a,b,c\n12345,1,2\n", "[a|b|c] 2@6[12345|1|2]" },
        { "a,b\n1,123456\n", "[a|b] ! -65 t:2: a field has more than 5 bytes" },
        { "a,b\n1,2\n1,\"2\n3456\"\n", "[a|b] 2@4[1|2] ! -65 t:3: a field has more than 5 bytes" },
        { "a,b\n1,2,3\n1,2,3,4\n", "[a|b] 2@4[1|2|3] ! -65 t:3: a record has more than 3 fields" },
    };
    CHECK(examples, (&(struct csvread_options){ .max_field_bytes = 5, .max_fields = 3 }));
    for (size_t block = 1; block < 10; block++) {
        static const struct example exact[] = {
            { "a,b\n\"12345\",\"1\"\"45\"\n", "[a|b] 2@4[12345|1\"45]" },
            { "a,b\n1,\"123456\"x\n", "[a|b] ! -65 t:2: a field has more than 5 bytes" },
            { "a,b\n123456,\"1\"x\n", "[a|b] ! -65 t:2: a field has more than 5 bytes" },
        };
        CHECK(exact, (&(struct csvread_options){ .max_field_bytes = 5, .block_bytes = block }));
    }

    struct strbuf input = { 0 };
    strbuf_adds(&input, "a\n");
    for (int i = 0; i < 16; i++)
        strbuf_adds(&input, "1234,");
    strbuf_adds(&input, "\n");
    const struct example record = { input.text, "[a] ! -65 t:2: a record has more than 64 bytes" };
    check(&record, 1, &(struct csvread_options){ .max_field_bytes = 4 });
    strbuf_release(&input);
}

/* A field that never ends is given up at the cap, not at the end of the file or of the memory. */
static void ends_a_field_of_50_mb_early(void **state)
{
    (void)state;
    enum { FIELD_BYTES = 50 * 1000 * 1000, BLOCK_BYTES = 256 * 1024, CAP_BYTES = 1024 * 1024 };
    static const char *const starts[] = { "a\n", "a\n\"" };
    char *field = mem_alloc(FIELD_BYTES);
    memset(field, 'x', FIELD_BYTES);
    for (size_t i = 0; i < 2; i++) {
        int fd = file_of(starts[i], strlen(starts[i]));
        lseek(fd, 0, SEEK_END);
        assert_int_equal(write(fd, field, FIELD_BYTES), FIELD_BYTES);
        lseek(fd, 0, SEEK_SET);
        struct csvread *reader;
        struct csv_record record;
        struct err err;
        uint64_t done, total;
        assert_int_equal(csvread_open_fd(&reader, fd, "t", NULL, NULL), 0);
        assert_int_equal(csvread_next(reader, &record, &err), ERR_DATA);
        assert_string_equal(err.message, "t:2: a field has more than 1048576 bytes");
        csvread_progress(reader, &done, &total);
        assert_in_range(done, CAP_BYTES, CAP_BYTES + 2 * BLOCK_BYTES);
        assert_int_equal(total, FIELD_BYTES + strlen(starts[i]));
        csvread_free(reader);
    }
    free(field);
}

static void finds_columns_by_name(void **state)
{
    (void)state;
    struct csvread *reader;
    static const char input[] = " a ,b,,\n";
    assert_int_equal(csvread_open_fd(&reader, file_of(input, sizeof input - 1), "t", NULL, NULL), 0);
    assert_int_equal(csvread_column(reader, "a"), 0);
    assert_int_equal(csvread_column(reader, "b"), 1);
    assert_int_equal(csvread_column(reader, " a "), -1);
    assert_int_equal(csvread_column(reader, "B"), -1);
    assert_int_equal(csvread_column(reader, ""), -1);
    csvread_free(reader);
}

static void keeps_the_header_while_records_come(void **state)
{
    (void)state;
    struct csvread *reader;
    struct csv_record record;
    static const char input[] = "first,second\n11111111111111111,2\n3,4\n";
    assert_int_equal(csvread_open_fd(&reader, file_of(input, sizeof input - 1), "t", NULL, NULL), 0);
    assert_int_equal(csvread_next(reader, &record, NULL), 1);
    assert_int_equal(csvread_next(reader, &record, NULL), 1);
    assert_true(slice_equals(csvread_header(reader)->fields[0], "first"));
    assert_true(slice_equals(csvread_header(reader)->fields[1], "second"));
    csvread_free(reader);
}

static void cannot_open(void **state)
{
    (void)state;
    struct csvread *reader = NULL;
    struct err err;
    assert_int_equal(csvread_open(&reader, "/nonexistent/x.csv", NULL, &err), ERR_NOINPUT);
    assert_non_null(strstr(err.message, "/nonexistent/x.csv"));
    assert_int_equal(csvread_open(&reader, "/tmp", NULL, &err), ERR_NOINPUT);
    assert_string_equal(err.message, "/tmp: is a folder");
    assert_null(reader);
}

/* RFC 7693 has no vector of 32 bytes; these come from b2sum -l 256 (GNU coreutils). */
static void digests_the_file_as_it_is_on_disk(void **state)
{
    (void)state;
    static const char input[] = "\xEF\xBB\xBF"
                                "a,b\r\n1,2\r\n";
    static const unsigned char expected[32] = { 0x30, 0x54, 0xbd, 0x50, 0xab, 0x59, 0xe7, 0x96, 0x9d, 0xa6, 0xeb,
                                                0x30, 0xe1, 0x15, 0x2c, 0x27, 0x84, 0x37, 0xc3, 0xb3, 0x2a, 0x0c,
                                                0x52, 0x37, 0xba, 0x63, 0x79, 0xa8, 0x0d, 0x07, 0xf8, 0x8b };
    struct csvread *reader;
    struct csv_record record;
    unsigned char digest[32];
    assert_int_equal(csvread_open_fd(&reader, file_of(input, sizeof input - 1), "t", NULL, NULL), 0);
    while (csvread_next(reader, &record, NULL) == 1)
        ;
    csvread_digest(reader, digest);
    assert_memory_equal(digest, expected, sizeof digest);
    csvread_free(reader);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

/* The records, lines, offsets and errors do not depend on how the bytes come. */
static void chunk_boundaries_do_not_matter(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "a",     ",",      ",",   "\n",         "\r\n",     "\"",           "\"",
        "\"\"",  "\r",     " ",   "1234567890", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
        "x,y\n", "\"q\",", "\x80"
    };
    uint32_t seed = 1;
    for (int round = 0; round < 3000; round++) {
        struct strbuf input = { 0 };
        strbuf_adds(&input, round % 3 ? "h,i,j\n" : "\xEF\xBB\xBFh,i\r\n");
        uint32_t length = next_random(&seed) % 30;
        for (uint32_t i = 0; i < length; i++)
            strbuf_adds(&input, parts[next_random(&seed) % (sizeof parts / sizeof *parts - (round % 4 ? 1 : 0))]);
        char *whole = dump(input.text, input.length, NULL);
        for (size_t block = 1; block < 12; block++) {
            char *parted = dump(input.text, input.length, &(struct csvread_options){ .block_bytes = block });
            assert_string_equal(parted, whole);
            free(parted);
        }
        free(whole);
        strbuf_release(&input);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_records_with_line_and_offset),
        cmocka_unit_test(skips_blank_lines_but_counts_them),
        cmocka_unit_test(keeps_blanks_and_quotes_that_are_content),
        cmocka_unit_test(trims_names_of_the_header_only),
        cmocka_unit_test(rejects_a_header_that_cannot_be_right),
        cmocka_unit_test(rejects_what_cannot_be_right),
        cmocka_unit_test(keeps_a_lone_cr_inside_quotes),
        cmocka_unit_test(rejects_what_is_not_utf8),
        cmocka_unit_test(rejects_nul),
        cmocka_unit_test(decodes_other_charsets),
        cmocka_unit_test(decodes_utf16),
        cmocka_unit_test(takes_another_delimiter),
        cmocka_unit_test(keeps_caps),
        cmocka_unit_test(ends_a_field_of_50_mb_early),
        cmocka_unit_test(finds_columns_by_name),
        cmocka_unit_test(keeps_the_header_while_records_come),
        cmocka_unit_test(cannot_open),
        cmocka_unit_test(digests_the_file_as_it_is_on_disk),
        cmocka_unit_test(chunk_boundaries_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
