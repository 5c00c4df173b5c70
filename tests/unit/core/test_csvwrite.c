#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/csvwrite.h"

struct example {
    const char *text, *expected;
};

static void check_texts(const struct example *examples, size_t count, enum csv_dialect dialect)
{
    for (size_t i = 0; i < count; i++) {
        struct strbuf out = { 0 };
        struct csvwrite writer;
        csvwrite_init(&writer, &out, dialect);
        csvwrite_integer(&writer, 1);
        size_t start = out.length + 1;
        csvwrite_text(&writer, examples[i].text);
        assert_string_equal(out.text + start, examples[i].expected);
        strbuf_release(&out);
    }
}
#define CHECK_TEXTS(examples, dialect) check_texts((examples), sizeof(examples) / sizeof *(examples), (dialect))

static void quotes_only_what_needs_it(void **state)
{
    (void)state;
    static const struct example rfc4180[] = {
        { "", "" },
        { "x", "x" },
        { " x ", " x " },
        { "1;5", "1;5" },
        { "a,b", "\"a,b\"" },
        { "say \"hi\"", "\"say \"\"hi\"\"\"" },
        { "\"", "\"\"\"\"" },
        { "a\nb", "\"a\nb\"" },
        { "a\r\nb", "\"a\r\nb\"" },
        { "M\xC3\xBCnchen", "M\xC3\xBCnchen" },
    };
    CHECK_TEXTS(rfc4180, CSV_DIALECT_RFC4180);
    static const struct example german[] = { { "a,b", "a,b" }, { "a;b", "\"a;b\"" }, { "a\"b", "\"a\"\"b\"" } };
    CHECK_TEXTS(german, CSV_DIALECT_GERMAN);
}

/* OWASP "CSV injection", with full-width signs and leading white space. */
static void defuses_formulas(void **state)
{
    (void)state;
    static const struct example examples[] = {
        { "=1+1", "'=1+1" },
        { "+49", "'+49" },
        { "-2", "'-2" },
        { "@SUM(A1)", "'@SUM(A1)" },
        { "\tx", "'\tx" },
        { "\rx", "\"'\rx\"" },
        { "\nx", "\"'\nx\"" },
        { " =x", "' =x" },
        { " \tx", "' \tx" },
        { "\xC2\xA0=x", "'\xC2\xA0=x" },         /* no-break space */
        { "\xE3\x80\x80@x", "'\xE3\x80\x80@x" }, /* ideographic space */
        { "\xEF\xBB\xBF=x", "'\xEF\xBB\xBF=x" }, /* byte order mark */
        { "\xE2\x80\x8B+x", "'\xE2\x80\x8B+x" }, /* zero width space */
        { "\xEF\xBC\x9D"
          "1",
          "'\xEF\xBC\x9D"
          "1" }, /* full-width = + - @ */
        { "\xEF\xBC\x8B"
          "1",
          "'\xEF\xBC\x8B"
          "1" },
        { "\xEF\xBC\x8D"
          "1",
          "'\xEF\xBC\x8D"
          "1" },
        { "\xEF\xBC\xA0"
          "x",
          "'\xEF\xBC\xA0"
          "x" },
        { "=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0" },
        { "=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"" },
        { "=", "'=" },
        { " ", " " },
        { "a=b", "a=b" },
        { "1-2", "1-2" },
        { "x@y", "x@y" },
        { "'=x", "'=x" },
        { "(total)", "(total)" },
    };
    CHECK_TEXTS(examples, CSV_DIALECT_RFC4180);
    static const struct example german[] = { { "=1;2", "\"'=1;2\"" }, { "-1,5", "'-1,5" } };
    CHECK_TEXTS(german, CSV_DIALECT_GERMAN);
}

static void writes_numbers_as_they_are(void **state)
{
    (void)state;
    static const struct {
        double value;
        int decimals;
        const char *rfc4180, *german;
    } examples[] = {
        { 0, 0, "0", "0" },
        { 4.25, 1, "4.2", "4,2" },
        { 4.75, 1, "4.8", "4,8" },
        { -1.5, 2, "-1.50", "-1,50" },
        { -0.0, 1, "0.0", "0,0" },
        { -0.04, 1, "0.0", "0,0" },
        { -0.06, 1, "-0.1", "-0,1" },
        { -0.4, 0, "0", "0" },
        { 1e21, 0, "1000000000000000000000", "1000000000000000000000" },
        { 1e-9, 3, "0.000", "0,000" },
        { 1234567.891, 2, "1234567.89", "1234567,89" },
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        for (int german = 0; german < 2; german++) {
            struct strbuf out = { 0 };
            struct csvwrite writer;
            csvwrite_init(&writer, &out, german ? CSV_DIALECT_GERMAN : CSV_DIALECT_RFC4180);
            csvwrite_decimal(&writer, examples[i].value, examples[i].decimals);
            assert_string_equal(out.text + (german ? 3 : 0), german ? examples[i].german : examples[i].rfc4180);
            strbuf_release(&out);
        }
    }
}

static void writes_records(void **state)
{
    (void)state;
    struct strbuf out = { 0 };
    struct csvwrite writer;
    csvwrite_init(&writer, &out, CSV_DIALECT_RFC4180);
    csvwrite_text(&writer, "a");
    csvwrite_text(&writer, "b");
    csvwrite_end(&writer);
    csvwrite_integer(&writer, INT64_MIN);
    csvwrite_empty(&writer);
    csvwrite_end(&writer);
    csvwrite_empty(&writer);
    csvwrite_text(&writer, "");
    csvwrite_end(&writer);
    assert_string_equal(out.text, "a,b\n-9223372036854775808,\n,\n");
    strbuf_release(&out);
}

static void a_record_of_one_empty_field_is_no_blank_line(void **state)
{
    (void)state;
    struct strbuf out = { 0 };
    struct csvwrite writer;
    csvwrite_init(&writer, &out, CSV_DIALECT_GERMAN);
    csvwrite_empty(&writer);
    csvwrite_end(&writer);
    csvwrite_text(&writer, "");
    csvwrite_end(&writer);
    assert_string_equal(out.text, "\xEF\xBB\xBF\"\"\n\"\"\n");
    strbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_only_what_needs_it),
        cmocka_unit_test(defuses_formulas),
        cmocka_unit_test(writes_numbers_as_they_are),
        cmocka_unit_test(writes_records),
        cmocka_unit_test(a_record_of_one_empty_field_is_no_blank_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
