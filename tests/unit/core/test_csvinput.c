#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/csvinput.h"
#include "core/csvread.h"

/* "a,b\n1,2\n" and nothing, packed by xz 5.4, gzip 1.12, bzip2 1.0.8 and zstd 1.5. */
static const unsigned char packed_xz[] = {
    0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x04, 0xe6, 0xd6, 0xb4, 0x46, 0x02, 0x00, 0x21, 0x01,
    0x16, 0x00, 0x00, 0x00, 0x74, 0x2f, 0xe5, 0xa3, 0x01, 0x00, 0x07, 0x61, 0x2c, 0x62, 0x0a, 0x31,
    0x2c, 0x32, 0x0a, 0x00, 0xbe, 0x9c, 0xbd, 0x49, 0xb5, 0x12, 0x2a, 0xfe, 0x00, 0x01, 0x20, 0x08,
    0xbb, 0x19, 0xd9, 0xbb, 0x1f, 0xb6, 0xf3, 0x7d, 0x01, 0x00, 0x00, 0x00, 0x00, 0x04, 0x59, 0x5a,
};
static const unsigned char packed_gzip[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x4b, 0xd4, 0x49, 0xe2,
    0x32, 0xd4, 0x31, 0xe2, 0x02, 0x00, 0x7b, 0x07, 0x97, 0x0a, 0x08, 0x00, 0x00, 0x00,
};
static const unsigned char packed_bzip2[] = {
    0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0xbf, 0x87, 0x40, 0x7f, 0x00, 0x00,
    0x03, 0x59, 0x00, 0x00, 0x10, 0x00, 0x04, 0x30, 0x00, 0x30, 0x00, 0x20, 0x00, 0x30, 0xc0, 0x08,
    0x69, 0xb2, 0x88, 0x23, 0x27, 0x8b, 0xb9, 0x22, 0x9c, 0x28, 0x48, 0x5f, 0xc3, 0xa0, 0x3f, 0x80,
};
static const unsigned char packed_zstd[] = {
    0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0x41, 0x00, 0x00, 0x61, 0x2c,
    0x62, 0x0a, 0x31, 0x2c, 0x32, 0x0a, 0x35, 0xe7, 0xca, 0xce,
};
static const unsigned char packed_empty[] = {
    0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x04, 0xe6, 0xd6, 0xb4, 0x46, 0x00, 0x00, 0x00, 0x00,
    0x1c, 0xdf, 0x44, 0x21, 0x1f, 0xb6, 0xf3, 0x7d, 0x01, 0x00, 0x00, 0x00, 0x00, 0x04, 0x59, 0x5a,
};
/* b2sum -l 256 of packed_xz */
static const unsigned char xz_digest[] = {
    0x98, 0xbd, 0x73, 0xf1, 0xe7, 0x17, 0x85, 0xfe, 0x46, 0xcf, 0x25, 0x4d, 0xe7, 0xee, 0xfd, 0x8a,
    0x08, 0xb8, 0x30, 0xe1, 0xd9, 0xd2, 0x30, 0x0a, 0x2d, 0x68, 0x6b, 0xfd, 0xec, 0x85, 0x86, 0xf6,
};

static int file_of(const void *bytes, size_t length)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

/* Reads all; the code of the first error, or 0. */
static int unpack(const void *bytes, size_t length, size_t block_bytes, struct strbuf *out, unsigned char digest[32])
{
    struct csvinput *input;
    struct slice slice;
    int code = csvinput_open(&input, file_of(bytes, length), block_bytes, NULL);
    if (code)
        return code;
    while (!(code = csvinput_read(input, &slice, NULL)) && slice.length)
        strbuf_add(out, slice.text, slice.length);
    if (!code) {
        uint64_t done, total;
        csvinput_progress(input, &done, &total);
        assert_int_equal(done, length);
        assert_int_equal(total, length);
        assert_int_equal(csvinput_read(input, &slice, NULL), 0);
        assert_int_equal(slice.length, 0);
        csvinput_digest(input, digest);
    }
    csvinput_free(input);
    return code;
}

static void unpacks_what_it_recognises_by_content(void **state)
{
    (void)state;
    static const struct {
        const unsigned char *bytes;
        size_t length;
        const char *expected;
    } examples[] = {
        { packed_xz, sizeof packed_xz, "a,b\n1,2\n" },
        { packed_gzip, sizeof packed_gzip, "a,b\n1,2\n" },
        { packed_bzip2, sizeof packed_bzip2, "a,b\n1,2\n" },
        { packed_zstd, sizeof packed_zstd, "a,b\n1,2\n" },
        { (const unsigned char *)"BZh9 is no magic", 16, "BZh9 is no magic" },
        { (const unsigned char *)"", 0, "" },
    };
    unsigned char digest[32];
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        for (size_t block = 0; block < 20; block++) {
            struct strbuf text = { 0 };
            assert_int_equal(unpack(examples[i].bytes, examples[i].length, block, &text, digest), 0);
            assert_string_equal(strbuf_text(&text), examples[i].expected);
            strbuf_release(&text);
        }
    }
}

static void digests_the_packed_bytes(void **state)
{
    (void)state;
    struct strbuf text = { 0 };
    unsigned char digest[32];
    assert_int_equal(unpack(packed_xz, sizeof packed_xz, 0, &text, digest), 0);
    assert_memory_equal(digest, xz_digest, 32);
    strbuf_release(&text);
}

static void rejects_a_packed_file_that_is_cut_off(void **state)
{
    (void)state;
    unsigned char digest[32];
    for (size_t length = 6; length < sizeof packed_xz; length++) {
        struct strbuf text = { 0 };
        assert_int_equal(unpack(packed_xz, length, 0, &text, digest), ERR_DATA);
        strbuf_release(&text);
    }
}

static void rejects_a_packed_file_that_is_damaged(void **state)
{
    (void)state;
    unsigned char bytes[sizeof packed_xz], digest[32];
    for (size_t i = 6; i < sizeof bytes; i++) {
        struct strbuf text = { 0 };
        memcpy(bytes, packed_xz, sizeof bytes);
        bytes[i] ^= 0x10;
        assert_int_equal(unpack(bytes, sizeof bytes, 0, &text, digest), ERR_DATA);
        strbuf_release(&text);
    }
}

static void rejects_a_packed_file_of_nothing(void **state)
{
    (void)state;
    unsigned char digest[32];
    struct strbuf text = { 0 };
    assert_int_equal(unpack(packed_empty, sizeof packed_empty, 0, &text, digest), ERR_DATA);
    strbuf_release(&text);
}

static void rejects_what_follows_a_packed_stream(void **state)
{
    (void)state;
    unsigned char bytes[sizeof packed_xz + 5], digest[32];
    struct strbuf text = { 0 };
    memcpy(bytes, packed_xz, sizeof packed_xz);
    memcpy(bytes + sizeof packed_xz, "3,4\n", 5);
    assert_int_equal(unpack(bytes, sizeof bytes, 0, &text, digest), ERR_DATA);
    strbuf_release(&text);
}

static void reads_packed_csv(void **state)
{
    (void)state;
    struct csvread *reader;
    struct csv_record record;
    unsigned char digest[32];
    assert_int_equal(csvread_open_fd(&reader, file_of(packed_xz, sizeof packed_xz), "t.xz", NULL, NULL), 0);
    assert_int_equal(csvread_column(reader, "b"), 1);
    assert_int_equal(csvread_next(reader, &record, NULL), 1);
    assert_string_equal(record.fields[1].text, "2");
    assert_int_equal(csvread_next(reader, &record, NULL), 0);
    csvread_digest(reader, digest);
    assert_memory_equal(digest, xz_digest, 32);
    csvread_free(reader);
}

static void names_the_file_that_cannot_be_unpacked(void **state)
{
    (void)state;
    struct csvread *reader = NULL;
    struct err err;
    assert_int_equal(csvread_open_fd(&reader, file_of(packed_xz, 40), "t.xz", NULL, &err), ERR_DATA);
    assert_memory_equal(err.message, "t.xz: cannot unpack: ", 21);
    assert_null(reader);
}

static void refuses_a_folder_and_reports_a_read_error(void **state)
{
    (void)state;
    struct csvinput *input = NULL;
    struct err err;
    assert_int_equal(csvinput_open(&input, open("/", O_RDONLY | O_DIRECTORY), 0, &err), ERR_NOINPUT);
    assert_int_equal(csvinput_open(&input, open("/dev/null", O_WRONLY), 0, &err), ERR_IO);
    assert_string_equal(err.message, "cannot read: Bad file descriptor");
    assert_null(input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unpacks_what_it_recognises_by_content),
        cmocka_unit_test(digests_the_packed_bytes),
        cmocka_unit_test(rejects_a_packed_file_that_is_cut_off),
        cmocka_unit_test(rejects_a_packed_file_that_is_damaged),
        cmocka_unit_test(rejects_a_packed_file_of_nothing),
        cmocka_unit_test(rejects_what_follows_a_packed_stream),
        cmocka_unit_test(reads_packed_csv),
        cmocka_unit_test(names_the_file_that_cannot_be_unpacked),
        cmocka_unit_test(refuses_a_folder_and_reports_a_read_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
