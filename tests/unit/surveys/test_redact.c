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

/* Texts beyond ASCII in bytes of UTF-8: umlauts, full-width and circled letters and digits, Arabic-Indic digits, zero-width characters,
 * no-break and thin blanks, dashes. IBANs: examples of the SWIFT registry. Cards: the brands' published test numbers. Telephone numbers: Bundesnetzagentur
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
        { "Ich war am 3.5. um 10:30 Uhr bei 2 von 4 Filialen - 10/10!", "Ich war am 3.5. um 10:30 Uhr bei 2 von 4 Filialen - 10/10!", 0 },
        { "I was at home. It rained at 5. The IT at work is o.k., e.g. fast", "I was at home. It rained at 5. The IT at work is o.k., e.g. fast", 0 },
        { "Qualit\xc3\xa4t ist gut. Der Punkt ist: 24 Stunden.", "Qualit\xc3\xa4t ist gut. Der Punkt ist: 24 Stunden.", 0 },
        { "write to Erika.Muster+shop@mail.example please", "write to [e-mail] please", 1 },
        { "j\xc3\xb6rg(at)b\xc3\xbc" "cher.example", "[e-mail]", 1 },
        { "erika [at] mail [dot] example, ok", "[e-mail], ok", 1 },
        { "erika.muster at mail dot example ok", "[e-mail] ok", 1 },
        { "erika \xc3\xa4t mail punkt de bitte", "[e-mail] bitte", 1 },
        { "ERIKA AT MAIL.EXAMPLE", "[e-mail]", 1 },
        { "erika@mail punkt de", "[e-mail]", 1 },
        { "erika (\xc3\xa4t) mail . de", "[e-mail]", 1 },
        { "erika-at-mail-dot-de", "[e-mail]", 1 },
        { "erika&#64;mail.example", "[e-mail]", 1 },
        { "erika@gmx bitte", "[e-mail] bitte", 1 },
        { "erika (at) gmx bitte", "[e-mail] bitte", 1 },
        { "\xef\xbd\x85\xef\xbd\x92\xef\xbd\x89\xef\xbd\x8b\xef\xbd\x81\xef\xbc\xa0\xef\xbd\x8d\xef\xbd\x81\xef\xbd\x89\xef\xbd\x8c\xef\xbc\x8e\xef\xbd\x85\xef\xbd\x98\xef\xbd\x81\xef\xbd\x8d\xef\xbd\x90\xef\xbd\x8c\xef\xbd\x85", "[e-mail]", 1 },
        { "erika@mail\xe3\x80\x82" "example", "[e-mail]", 1 },
        { "eri\xe2\x80\x8bka\xe2\x80\x8d@ma\xc2\xadil.exam\xef\xbb\xbfple", "[e-mail]", 1 },
        { "on Insta I am @erika_m89", "on Insta I am [name]", 1 },
        { "see https://shop.example/o?id=7&x=1 ok", "see [link] ok", 1 },
        { "www.shop.example/x", "[link]", 1 },
        { "hxxps://a.example/b and t.example/erika", "[link] and [link]", 2 },
        { "my page: erika-muster.de.", "my page: [link].", 1 },
        { "DE89 3704 0044 0532 0130 00", "[iban]", 1 },
        { "iban gb82WEST12345698765432.", "iban [iban].", 1 },
        { "DE89 3704 0044 0532 0130 00 bitte", "[iban] bitte", 1 },
        { "DE 89-3704.0044 / 0532 \xe2\x80\x93 0130 00", "[iban]", 1 },
        { "GB82\xc2\xa0WEST\xe2\x80\x89" "1234\x0a" "5698 7654 32 thanks", "[iban] thanks", 1 },
        { "\xef\xbc\xa4\xef\xbc\xa5\xef\xbc\x98\xef\xbc\x99\xe3\x80\x80\xef\xbc\x93\xef\xbc\x97\xef\xbc\x90\xef\xbc\x94\xe3\x80\x80\xef\xbc\x90\xef\xbc\x90\xef\xbc\x94\xef\xbc\x94\xe3\x80\x80\xef\xbc\x90\xef\xbc\x95\xef\xbc\x93\xef\xbc\x92\xe3\x80\x80\xef\xbc\x90\xef\xbc\x91\xef\xbc\x93\xef\xbc\x90\xe3\x80\x80\xef\xbc\x90\xef\xbc\x90", "[iban]", 1 },
        { "DE\xe2\x80\x8b" "89\xe2\x80\x8c" "3704 0044\xe2\x81\xa0 0532 0130 00", "[iban]", 1 },
        { "card 4111 1111 1111 1111!", "card [card]!", 1 },
        { "amex 3782-822463-10005", "amex [card]", 1 },
        { "4111\xe2\x80\x90" "1111\xe2\x80\x91" "1111\xe2\x80\x92" "1111", "[card]", 1 },
        { "\xd9\xa4\xd9\xa1\xd9\xa1\xd9\xa1 \xd9\xa1\xd9\xa1\xd9\xa1\xd9\xa1 \xd9\xa1\xd9\xa1\xd9\xa1\xd9\xa1 \xd9\xa1\xd9\xa1\xd9\xa1\xd9\xa1", "[card]", 1 },
        { "call 030 23125-042 or +49 (0)171 3920012", "call [phone] or [phone]", 2 },
        { "tel 020 7946 0123", "tel [phone]", 1 },
        { "\xef\xbc\x90\xef\xbc\x91\xef\xbc\x97\xef\xbc\x91\xe3\x80\x80\xef\xbc\x93\xef\xbc\x99\xef\xbc\x92\xef\xbc\x90\xef\xbc\x90\xef\xbc\x91\xef\xbc\x92", "[phone]", 1 },
        { "0\xe2\x80\x8b" "1\xe2\x80\x8b" "7\xe2\x80\x8b" "1\xe2\x80\x8b" "3\xe2\x80\x8b" "9\xe2\x80\x8b" "2\xe2\x80\x8b" "0", "[phone]", 1 },
        { "0171_39*20 \xe2\x80\x94 012", "[phone]", 1 },
        { "\xe2\x91\xa0\xe2\x91\xa6\xe2\x91\xa0\xe2\x91\xa2\xe2\x91\xa8\xe2\x91\xa1\xe2\x93\xaa\xe2\x93\xaa", "[phone]", 1 },
        { "born 12.03.1985", "born [phone]", 1 },
        { "my order O123456789 never came", "my order [number] never came", 1 },
        { "order #4711123", "order [number]", 1 },
        { "AB 12-34.5", "[number]", 1 },
        { "Kundennummer: 4711, Kd.-Nr. K-4712", "Kundennummer: [number], Kd.-Nr. [number]", 2 },
        { "Kundennr. K 12 34 ist meine, tel 030-90 18 20", "Kundennr. [number] ist meine, tel [phone]", 2 },
        { "foo.example/abc, linkedin.com/in/erika", "[link] [link]", 2 },
        { "customer no. 4711a", "customer no. [number]", 1 },
        { "10115 Berlin, 54321", "[number] Berlin, [number]", 2 },
        { "parcel JJD01A2B3C", "parcel [number]", 1 },
        { "mein Auto B-AB 1234, seins M XY 12E, hers ab-c 123", "mein Auto [plate], seins [plate], hers [plate]", 3 },
        { "AB12 CDE", "[plate]", 1 },
        { "Mo-Fr 9-17, COVID-19, ISO 9001, iPhone 14", "Mo-Fr 9-17, COVID-19, ISO 9001, iPhone 14", 0 },
        { "Paket 1Z999AA10123456784, Art.-Nr. 123.456.78.", "Paket [number], Art.-Nr. [number].", 2 },
        { "0171,392,0012 or 1.299,00 EUR", "[phone] or 1.299,00 EUR", 1 },
        { "0171 392 0012 / 1299 00", "[phone]", 1 },
        { "\x1b]0;owned\x07\x1b[2J\x1b[31mhi\x0d\x0athere", "]0;owned[2J[31mhi\x0athere", 0 },
        { "\xc2\x9b" "31ma\x7f\xe2\x80\xae" "b\xe2\x81\xa6" "c\xd8\x9c" "d\xe2\x80\x8f", "31mabcd", 0 },
        { "a\x01@\x02mail.example, 4111\x1b 1111 1111 1111", "[e-mail], [card]", 2 },
        { "4111 1111 1111 1112", "[phone]", 1 },
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
    assert_int_equal(redact_iban_bytes(slice("DE89370400440532013000")), 22);
    assert_int_equal(redact_iban_bytes(slice("NO9386011117947")), 15);
    assert_int_equal(redact_iban_bytes(slice("NO93 8601 1117 947 bitte")), 18);
    assert_int_equal(redact_iban_bytes(slice("NO93 8601 1117 947 12 bitte")), 21);
    assert_int_equal(redact_iban_bytes(slice("DE89")), 0);
    assert_int_equal(redact_card_bytes(slice("3782 822463 10005")), 17);
    assert_int_equal(redact_card_bytes(slice("378282246310006")), 0);
    assert_int_equal(redact_card_bytes(slice("41111111111111111111111111")), 0);
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
