#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "surveys/redact.h"

static struct slice slice(const char *text)
{
    return (struct slice) { text, strlen(text) };
}

/* IBANs: examples of the SWIFT registry. Cards: the brands' published test numbers. Telephone numbers: Bundesnetzagentur
 * and Ofcom ranges for fiction. */
static void test_table(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
        size_t count;
    } cases[] = {
        { "All fine, thank you. 5 of 5!", "All fine, thank you. 5 of 5!", 0 },
        { "waited 3 weeks and 120 EUR", "waited 3 weeks and 120 EUR", 0 },
        { "write to Erika.Muster+shop@mail.example please", "write to [e-mail] please", 1 },
        { "j\xc3\xb6rg(at)b\xc3\xbc" "cher.example", "[e-mail]", 1 },
        { "see https://shop.example/o?id=7&x=1 ok", "see [link] ok", 1 },
        { "www.shop.example/x", "[link]", 1 },
        { "DE89 3704 0044 0532 0130 00", "[iban]", 1 },
        { "iban gb82WEST12345698765432.", "iban [iban].", 1 },
        { "card 4111 1111 1111 1111!", "card [card]!", 1 },
        { "amex 3782-822463-10005", "amex [card]", 1 },
        { "call 030 23125-042 or +49 (0)171 3920012", "call [phone] or [phone]", 2 },
        { "tel 020 7946 0123", "tel [phone]", 1 },
        { "my order O123456789 never came", "my order [number] never came", 1 },
        { "order #4711123", "order [number]", 1 },
        { "\x1b]0;owned\x07\x1b[2J\x1b[31mhi\r\nthere", "]0;owned[2J[31mhi\nthere", 0 },
        { "\xc2\x9b" "31ma\x7f\xe2\x80\xae" "b\xe2\x81\xa6" "c\xd8\x9c" "d\xe2\x80\x8f", "31mabcd", 0 }, /* C1's CSI, and bidi */
        { "a\x01@\x02mail.example, 4111\x1b 1111 1111 1111", "[e-mail], [card]", 2 },
        { "4111 1111 1111 1112", "[phone]", 1 }, /* no card: still a long number */
        { "mail a@b.example, card 5500005555555559, http://x.example", "mail [e-mail], card [card], [link]", 3 },
    };
    struct redactor *redactor = NULL;
    struct strbuf out = { 0 };
    redactor_init(&redactor);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t count = 0;
        assert_int_equal(redact_text(redactor, slice(cases[i].text), &out, &count, NULL), 0);
        assert_string_equal(strbuf_text(&out), cases[i].expected);
        assert_int_equal(count, cases[i].count);
    }
    strbuf_release(&out);
    redactor_free(redactor);
}

static void test_check_digits(void **state)
{
    (void)state;
    assert_true(redact_is_iban(slice("DE89370400440532013000")));
    assert_true(redact_is_iban(slice("NO9386011117947")));
    assert_false(redact_is_iban(slice("DE88370400440532013000")));
    assert_false(redact_is_iban(slice("DE89")));
    assert_true(redact_is_card(slice("378282246310005")));
    assert_false(redact_is_card(slice("378282246310006")));
    assert_false(redact_is_card(slice("41111111111111111111111111")));
}

static void test_long_and_broken(void **state)
{
    (void)state;
    struct redactor *redactor = NULL;
    struct strbuf text = { 0 }, out = { 0 };
    size_t count = 0;
    redactor_init(&redactor);
    for (int i = 0; i < 20000; i++)
        strbuf_adds(&text, "1 - ");
    assert_int_equal(redact_text(redactor, (struct slice) { strbuf_text(&text), text.length }, &out, &count, NULL), 0);
    assert_int_equal(redact_text(redactor, slice("\xff\xfe"), &out, &count, NULL), ERR_DATA);
    strbuf_release(&text);
    strbuf_release(&out);
    redactor_free(redactor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_check_digits),
        cmocka_unit_test(test_long_and_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
