/* UTF-8: the sequences of Markus Kuhn's stress test and of RFC 3629; normal forms: UAX #15; case: Unicode SpecialCasing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "core/text.h"

#define SLICE(literal) ((struct slice){ literal, sizeof(literal) - 1 })

static struct slice slice_of(const char *text)
{
    return (struct slice){ text, strlen(text) };
}

static void utf8_validity(void **state)
{
    (void)state;
    static const struct {
        struct slice text;
        bool valid;
    } rows[] = {
        { { "", 0 }, true },
        { { "plain text of more than eight bytes", 35 }, true },
        { { "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", 9 }, true },
        { { "\xEF\xBF\xBF", 3 }, true },
        { { "\xF4\x8F\xBF\xBF", 4 }, true },         /* U+10FFFF */
        { { "\xED\x9F\xBF\xEE\x80\x80", 6 }, true }, /* beside the surrogates */
        { { "\xF4\x90\x80\x80", 4 }, false },        /* U+110000 */
        { { "\xC0\x80", 2 }, false },                /* overlong NUL */
        { { "\xC1\xBF", 2 }, false },
        { { "\xE0\x9F\xBF", 3 }, false }, /* overlong */
        { { "\xF0\x8F\xBF\xBF", 4 }, false },
        { { "\xED\xA0\x80", 3 }, false }, /* surrogates */
        { { "\xED\xBF\xBF", 3 }, false },
        { { "\x80", 1 }, false },
        { { "12345678\xBF", 9 }, false },
        { { "\xC3", 1 }, false }, /* cut off */
        { { "\xE2\x82", 2 }, false },
        { { "\xF0\x9F\x98", 3 }, false },
        { { "\xC3(", 2 }, false },
        { { "\xF5\x80\x80\x80", 4 }, false },
        { { "\xFE\xFF", 2 }, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(text_is_utf8(rows[i].text), rows[i].valid);
}

static void trimming(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "", "" },
        { "a", "a" },
        { "  a b \t\r\n\v\f", "a b" },
        { " \t ", "" },
        { "\xC2\xA0 a\xC2\xA0", "a" }, /* NBSP */
        { "\xC2\x85"
          "a\xE1\x9A\x80",
          "a" }, /* NEL, ogham space */
        { "\xE2\x80\x80"
          "a\xE2\x80\x8A",
          "a" },
        { "\xE2\x80\xA8"
          "a\xE2\x80\xA9",
          "a" }, /* line, paragraph separator */
        { "\xE2\x80\xAF"
          "a\xE2\x81\x9F\xE3\x80\x80",
          "a" },
        { "\xE2\x80\x8B"
          "a",
          "\xE2\x80\x8B"
          "a" }, /* zero width space is no White_Space */
        { "\xC3\xA4 ", "\xC3\xA4" },
        { "\xC2\xA0", "" },
        { " \x80 ", "\x80" }, /* not UTF-8: stays */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(slice_equals(text_trim(slice_of(rows[i][0])), rows[i][1]));
}

typedef int function(struct slice text, struct strbuf *out, struct err *err);

static void check(function *call, const char *text, const char *expected)
{
    struct strbuf out = { 0 };
    strbuf_adds(&out, "what was there");
    int code = call(slice_of(text), &out, NULL);
    if (expected) {
        assert_int_equal(code, 0);
        assert_string_equal(strbuf_text(&out), expected);
        assert_int_equal(out.length, strlen(expected));
    } else {
        assert_int_equal(code, ERR_DATA);
        assert_string_equal(strbuf_text(&out), "what was there");
    }
    strbuf_release(&out);
}

static void normal_form(void **state)
{
    (void)state;
    check(text_nfc, "plain", "plain");
    check(text_nfc, "", "");
    check(text_nfc,
          "u\xCC\x88"
          "ber",
          "\xC3\xBC"
          "ber");
    check(text_nfc, "\xC3\xBC", "\xC3\xBC");
    check(text_nfc, "\xE2\x84\xAB", "\xC3\x85");                             /* ångström sign */
    check(text_nfc, "q\xCC\x87\xCC\xA3", "q\xCC\xA3\xCC\x87");               /* order of marks */
    check(text_nfc, "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", "\xED\x95\x9C"); /* hangul */
    check(text_nfc, "\xF0\x9D\x85\x9E", "\xF0\x9D\x85\x97\xF0\x9D\x85\xA5"); /* grows */
    check(text_nfc, "\xFF", NULL);
}

static void case_mapping(void **state)
{
    (void)state;
    check(text_lower, "ABC xyz @[`{ 019", "abc xyz @[`{ 019");
    check(text_upper, "abc XYZ @[`{ 019", "ABC XYZ @[`{ 019");
    check(text_lower, "\xC3\x84RGER", "\xC3\xA4rger");
    check(text_upper,
          "stra\xC3\x9F"
          "e",
          "STRASSE");
    check(text_lower, "\xC4\xB0", "i\xCC\x87");                                /* dotted I, whatever the locale */
    check(text_lower, "\xCE\xA3\xCE\x91\xCE\xA3", "\xCF\x83\xCE\xB1\xCF\x82"); /* final sigma */
    check(text_upper, "\xCE\x90", "\xCE\x99\xCC\x88\xCC\x81");                 /* one becomes three */
    check(text_lower, "\xC3", NULL);
    check(text_upper, "\xED\xA0\x80", NULL);
}

static void long_texts(void **state)
{
    (void)state;
    struct strbuf text = { 0 }, out = { 0 };
    for (int i = 0; i < 5000; i++)
        strbuf_adds(&text, "a\xCC\x88");
    assert_int_equal(text_nfc((struct slice){ text.text, text.length }, &out, NULL), 0);
    assert_int_equal(out.length, 10000);
    assert_memory_equal(out.text + 9998, "\xC3\xA4", 2);
    strbuf_release(&text);
    strbuf_release(&out);
}

static void space_folding(void **state)
{
    (void)state;
    check(text_fold_space,
          "  a \t b\xC2\xA0\xC2\xA0"
          "c\n",
          "a b c");
    check(text_fold_space, "", "");
    check(text_fold_space, " \xC2\xA0 ", "");
    check(text_fold_space, "a\xFF", NULL);
}

static void charsets(void **state)
{
    (void)state;
    static const struct {
        const char *charset;
        struct slice in;
        const char *out;
    } rows[] = {
        { "cp1252", { "\x80 \xE4", 3 }, "\xE2\x82\xAC \xC3\xA4" },
        { "windows-1252", { "\x93q\x94", 3 }, "\xE2\x80\x9Cq\xE2\x80\x9D" },
        { "iso-8859-1", { "\xE4", 1 }, "\xC3\xA4" },
        { "iso-8859-15", { "\xA4", 1 }, "\xE2\x82\xAC" },
        { "utf-16le", { "a\0\xAC\x20\x3D\xD8\x00\xDE", 8 }, "a\xE2\x82\xAC\xF0\x9F\x98\x80" },
        { "utf-8", { "\xC3\xA4", 2 }, "\xC3\xA4" },
        { "koi8-r", { "\xC1", 1 }, "\xD0\xB0" },
        { "cp1252", { "", 0 }, "" },
    };
    struct strbuf out = { 0 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(text_decode(rows[i].charset, rows[i].in, &out, NULL), 0);
        assert_string_equal(strbuf_text(&out), rows[i].out);
    }
    assert_int_equal(text_decode("no-such-charset", SLICE("a"), &out, NULL), ERR_CONFIG);
    assert_int_equal(text_decode("utf-8", SLICE("\xC3"), &out, NULL), ERR_DATA);
    assert_int_equal(text_decode("utf-16le", SLICE("a\0b"), &out, NULL), ERR_DATA);
    assert_int_equal(text_decode("utf-16le", SLICE("\x3D\xD8"), &out, NULL), ERR_DATA);
    assert_int_equal(text_decode("us-ascii", SLICE("\xE4"), &out, NULL), ERR_DATA);
    strbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_validity), cmocka_unit_test(trimming),   cmocka_unit_test(normal_form),
        cmocka_unit_test(case_mapping),  cmocka_unit_test(long_texts), cmocka_unit_test(space_folding),
        cmocka_unit_test(charsets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
