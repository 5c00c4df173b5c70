/* Expected forms: RFC 5890/UTS 46 examples (bücher, faß.de, the Greek and the Japanese test domains), E.164 and E.123
 * and the countries' published dialling rules. The telephone numbers are of ranges set aside for drama or obviously made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/phone.h"
#include "core/text.h"
#include "tests/unit/core/phone_examples.h"

static struct slice slice_of(const char *text)
{
    return (struct slice){ text, strlen(text) };
}

/* NULL expected: refused, and the message does not hold the text. */
static void check(enum identifier_kind kind, const char *country, const char *text, const char *expected)
{
    struct strbuf out = { 0 };
    struct err err = { 0 };
    int code = identifier_normalise(kind, country, slice_of(text), &out, &err);
    if (expected ? code != 0 || strcmp(strbuf_text(&out), expected) != 0 : code != ERR_DATA)
        print_error("'%s' %s: code %d, '%s'\n", text, country ? country : "", code, strbuf_text(&out));
    assert_int_equal(code, expected ? 0 : ERR_DATA);
    if (expected) {
        assert_string_equal(strbuf_text(&out), expected);
        struct strbuf again = { 0 };
        assert_int_equal(identifier_normalise(kind, country, slice_of(expected), &again, NULL), 0);
        assert_string_equal(strbuf_text(&again), expected);
        strbuf_release(&again);
    } else if (strlen(text) > 2) {
        assert_null(strstr(err.message, text));
    }
    strbuf_release(&out);
}

static void email(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "anna@example.org", "anna@example.org" },
        { "  Anna.Beck+shop@Example.ORG \t", "anna.beck+shop@example.org" },
        { "anna@example.org.", "anna@example.org" },
        { "a@b.example\xE3\x80\x82", "a@b.example" },
        { "none@none", "none@none" },
        { "a@b\xC3\xBC"
          "cher.example",
          "a@xn--bcher-kva.example" },
        { "a@B\xC3\x9C"
          "CHER.example",
          "a@xn--bcher-kva.example" },
        { "a@bu\xCC\x88"
          "cher.example",
          "a@xn--bcher-kva.example" }, /* decomposed */
        { "a@xn--bcher-kva.example", "a@xn--bcher-kva.example" },
        { "a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example" },
        { "a@fa\xC3\x9F.de", "a@xn--fa-hia.de" }, /* non-transitional: not fass.de */
        { "a@\xE4\xBE\x8B\xE3\x81\x88.\xE3\x83\x86\xE3\x82\xB9\xE3\x83\x88", "a@xn--r8jz45g.xn--zckzah" },
        { "a@\xE4\xBE\x8B\xE3\x81\x88\xE3\x80\x82\xE3\x83\x86\xE3\x82\xB9\xE3\x83\x88",
          "a@xn--r8jz45g.xn--zckzah" }, /* 。 */
        { "J\xC3\x9CRGEN@example.org", "j\xC3\xBCrgen@example.org" },
        { "ju\xCC\x88rgen@example.org", "j\xC3\xBCrgen@example.org" },
        { "\xC2\xA0"
          "a@b.example\xC2\xA0",
          "a@b.example" },
        { "!#$%&'*+/=?^_`{|}~-@b.example", "!#$%&'*+/=?^_`{|}~-@b.example" },
        { "mailto:Anna@b.example", "anna@b.example" },
        { "MAILTO: anna@b.example", "anna@b.example" },
        /* UAX #15, NFKC: full-width and other compatible forms */
        { "\xEF\xBD\x81\xEF\xBD\x8E\xEF\xBD\x8E\xEF\xBD\x81\xEF\xBC\xA0\xEF\xBD\x82\xEF\xBC\x8E" "example", "anna@b.example" },
        { "\xEF\xBC\xA1" "nna@b.example", "anna@b.example" },
        { "\xEF\xAC\x81" "nn@b.example", "finn@b.example" }, /* the ligature U+FB01 */
        { "anna\xEF\xB9\xAB" "b.example", "anna@b.example" }, /* U+FE6B small @ */
        /* Default_Ignorable_Code_Point (DerivedCoreProperties.txt) */
        { "an\xC2\xADna@b.example", "anna@b.example" }, /* U+00AD soft hyphen */
        { "anna@b\xC2\xAD.example", "anna@b.example" },
        { "\xE2\x80\x8B" "anna@b.example\xE2\x80\x8B", "anna@b.example" }, /* U+200B zero width space */
        { "\xE2\x80\x8E" "anna@b.example \xE2\x80\x8F", "anna@b.example" }, /* U+200E, U+200F */
        { "\xE2\x81\xA6" "anna@b.example\xE2\x81\xA9", "anna@b.example" }, /* U+2066 .. U+2069 isolates */
        { "\xE2\x80\xAE" "anna@b.example\xE2\x80\xAC", "anna@b.example" }, /* U+202E, U+202C */
        { "\xEF\xBB\xBF" "anna@b.example", "anna@b.example" }, /* U+FEFF */
        { "an\xE2\x81\xA0na@b.example", "anna@b.example" }, /* U+2060 word joiner */
        { "a\xE2\x80\x8Dnna@b.example", "anna@b.example" }, /* U+200D */
        { "ann\xCD\x8F" "a@b.example", "anna@b.example" }, /* U+034F */
        { "anna\xEF\xB8\x8F@b.example", "anna@b.example" }, /* U+FE0F variation selector */
        /* a zero width non-joiner makes another domain where IDNA allows it (RFC 5892, A.1; UTS #46, IdnaTestV2) */
        { "a@\xD9\x86\xD8\xA7\xD9\x85\xD9\x87\xE2\x80\x8C\xD8\xA7\xDB\x8C.com", "a@xn--mgba3gch31f060k.com" },
        { "a@\xD9\x86\xD8\xA7\xD9\x85\xD9\x87\xD8\xA7\xDB\x8C.com", "a@xn--mgba3gch31f.com" },
        /* refused */
        { "", NULL },
        { "anna", NULL },
        { "@", NULL },
        { "anna@", NULL },
        { "@example.org", NULL },
        { "a@b@c.example", NULL },
        { "a b@c.example", NULL },
        { "a@b c.example", NULL },
        { "a@b..example", NULL },
        { "a@.example", NULL },
        { "a@b.example..", NULL },
        { "a@.", NULL },
        { "a@-b.example", NULL },
        { "a@b-.example", NULL },
        { "a@b_c.example", NULL },
        { "a@b.example,", NULL },
        { "a@b.example; c@d.example", NULL },
        { "Anna <a@b.example>", NULL },
        { "mailto:a%2Bb@b.example", NULL }, /* RFC 6068: an encoded +, not a % */
        { "mailto:", NULL },
        { "a@b\xEF\xBC\xA0" "c.example", NULL },
        { "a\xEF\xB9\xA4@c.example", NULL }, /* U+FE64 small <, by NFKC */
        { "\xE2\x80\x8B@c.example", NULL }, /* nothing to be seen before the @ */
        { "\"a b\"@c.example", NULL },
        { "a@[192.0.2.1]", NULL },
        { "a@xn--\xC3\xBC.example", NULL },
        { "a@xn--0.example", NULL },
        { "a\x01@b.example", NULL },
        { "a@\xFF.example", NULL },
        { "0123456789012345678901234567890123456789012345678901234567890123x@b.example", NULL },
        { "a@0123456789012345678901234567890123456789012345678901234567890123.example", NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(IDENTIFIER_EMAIL, NULL, rows[i][0], rows[i][1]);
}

static void phone(void **state)
{
    (void)state;
    static const struct {
        const char *country, *text, *expected;
    } rows[] = {
        { "DE", "+49 30 23125123", "+493023125123" },
        { "DE", "0049 30 23125123", "+493023125123" },
        { "DE", "030 23125123", "+493023125123" },
        { "DE", "030/23125-123", "+493023125123" },
        { "DE", "(030) 231 25 123", "+493023125123" },
        { "DE", "+49 (0) 30 23125123", "+493023125123" },
        { "DE", "+49 (0)30/23125.123", "+493023125123" },
        { "DE", "0049 (0)30 23125123", "+493023125123" },
        { "DE", "+49 030 23125123", "+493023125123" },
        { "DE", "30 23125123", "+493023125123" }, /* a spreadsheet ate the zero */
        { "de",
          "030\xC2\xA0"
          "23125\xE2\x80\x93"
          "123",
          "+493023125123" },
        { "AT", "0049 30 23125123", "+493023125123" },
        { "AT", "01 234567", "+431234567" },
        { "CH", "044 668 18 00", "+41446681800" },
        { "FR", "01 99 00 12 34", "+33199001234" },
        { "FR", "33199001234", "+33199001234" }, /* the + got lost */
        { "GB", "(020) 7946 0123", "+442079460123" },
        { "GB", "+44 (0)20 7946 0123", "+442079460123" },
        { "IT", "06 1234 5678", "+390612345678" }, /* Italy keeps the zero */
        { "IT", "+39 06 1234 5678", "+390612345678" },
        { "DE", "+39 06 1234 5678", "+390612345678" },
        { "IT", "320 123 4567", "+393201234567" },
        { "SM", "0549 886377", "+3780549886377" },
        { "ES", "912 345 678", "+34912345678" },
        { "ES", "+34 (0) 912 345 678", "+34912345678" },
        { "HU", "06 1 234 5678", "+3612345678" },
        { "HU", "+36 (06) 1 234 5678", "+3612345678" },
        { "RU", "8 (912) 345-67-89", "+79123456789" },
        { "RU", "812 345-67-89", "+78123456789" }, /* St Petersburg: this 8 is its own */
        { "DE", "+7 812 345 67 89", "+78123456789" },
        { "BY", "8 029 123-45-67", "+375291234567" },
        { "LT", "8 612 34567", "+37061234567" },
        { "LT", "0 612 34567", "+37061234567" },
        { "NL", "020 123 4567", "+31201234567" },
        { "SE", "08-465 004 00", "+46846500400" },
        { "PL", "22 123 45 67", "+48221234567" },
        { "CZ", "224 123 456", "+420224123456" },
        { "DK", "32 12 34 56", "+4532123456" },
        { "GR", "21 1234 5678", "+302112345678" },
        { "US", "(212) 555-0123", "+12125550123" },
        { "US", "1 212 555 0123", "+12125550123" },
        { "US", "011 49 30 23125123", "+493023125123" },
        { "AU", "0011 49 30 23125123", "+493023125123" },
        { "AU", "(02) 5550 1234", "+61255501234" },
        { "MX", "+52 1 55 1234 5678", "+525512345678" },
        { "DE", "+354 410 4000", "+3544104000" },
        { NULL, "+49 30 23125123", "+493023125123" },
        { NULL, "0049 30 23125123", "+493023125123" },
        { "DE", "+2428123456", "+2428123456" }, /* a country without a plan here */
        { "DE", "tel:+49-30-23125123", "+493023125123" }, /* RFC 3966 */
        { "DE", "TEL:030 23125123", "+493023125123" },
        { "DE", "\xEF\xBC\x8B\xEF\xBC\x94\xEF\xBC\x99 30 23125123", "+493023125123" }, /* full-width +49, UAX #15 */
        { "DE", "\xEF\xBC\x88" "030\xEF\xBC\x89 23125\xEF\xBC\x8D" "123", "+493023125123" },
        { "DE", "\xE2\x81\xA6+49 30 23125123\xE2\x81\xA9", "+493023125123" }, /* isolates, as an address book copies */
        { "DE", "\xE2\x80\xAA+49 30 23125123\xE2\x80\xAC", "+493023125123" },
        { "DE", "+49 30 231\xE2\x80\x8B" "25123", "+493023125123" },
        { "DE", "030 23125\xC2\xAD" "123", "+493023125123" },
        { "DE", "030 23125\xE2\x80\x91" "123", "+493023125123" }, /* U+2011 non-breaking hyphen */
        /* refused */
        { "DE", "", NULL },
        { "DE", "tel:", NULL },
        { "DE", "tel:030 23125123;ext=12", NULL },
        { "DE", "030 2312512\xC2\xB3", NULL }, /* a footnote's mark is no digit */
        { "DE", "030 2312512\xE2\x91\xA2", NULL },
        { "DE", "\xE2\x80\x8B", NULL },
        { "DE", "+", NULL },
        { "DE", "n/a", NULL },
        { "DE", "0", NULL },
        { "DE", "0123", NULL },
        { "DE", "030 23125123 ext. 12", NULL },
        { "DE", "030 23125123 x12", NULL },
        { "DE", "030 23125123#12", NULL },
        { "DE", "030 CALL-NOW", NULL },
        { "DE", "++49 30 23125123", NULL },
        { "DE", "49+30 23125123", NULL },
        { "DE", "030 2312512345678901", NULL },
        { "DE", "+49 30 23125123456789", NULL },
        { "DE", "+0 30 23125123", NULL },
        { "DE", "+49", NULL },
        { "DE", "0000000000", NULL },
        { "FR", "01 99 00 12 3", NULL },
        { "FR", "01 99 00 12 345", NULL },
        { "DE", "123456789012345678901234567890", NULL },
        { NULL, "030 23125123", NULL },
        { "ZZ", "030 23125123", NULL },
        { "DE", "+123456", NULL },
        { "DE", "\xD9\xA0\xD9\xA1\xD9\xA2\xD9\xA3\xD9\xA4\xD9\xA5\xD9\xA6", NULL },
        { "DE", "030 23125123; 030 23125124", NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(IDENTIFIER_PHONE, rows[i].country, rows[i].text, rows[i].expected);
}

static void phone_of_every_country(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof phone_examples / sizeof *phone_examples; i++) {
        const struct phone_example *example = &phone_examples[i];
        check(IDENTIFIER_PHONE, example->country, example->national, example->e164);
        check(IDENTIFIER_PHONE, "DE", example->e164, example->e164);
    }
}

/* Every plan: its codes form a prefix code, and national and international forms of one number agree. */
static void phone_plans_are_sound(void **state)
{
    (void)state;
    for (const struct phone_plan *plan = phone_plans; plan->country[0]; plan++) {
        assert_true(plan->least >= 4 && plan->least <= plan->most);
        assert_true(strlen(plan->code) + (size_t)plan->most <= 15);
        for (const struct phone_plan *other = phone_plans; other->country[0]; other++)
            assert_true(strcmp(other->code, plan->code) == 0 ||
                        strncmp(other->code, plan->code, strlen(plan->code)) != 0);
        char national[40] = { 0 }, international[40] = { 0 }, expected[40] = { 0 };
        char number[20] = { 0 };
        memset(number, '5', (size_t)plan->most);
        size_t trunk = strcspn(plan->trunk, "|");
        snprintf(national, sizeof national, "%.*s%s", (int)trunk, plan->trunk, number);
        snprintf(international, sizeof international, "00%s%s", plan->code, number);
        snprintf(expected, sizeof expected, "+%s%s", plan->code, number);
        check(IDENTIFIER_PHONE, plan->country, national, expected);
        check(IDENTIFIER_PHONE, "DE", international, expected);
        assert_true(identifier_knows_country(plan->country));
    }
    assert_false(identifier_knows_country("XX"));
    assert_false(identifier_knows_country(""));
    assert_false(identifier_knows_country(NULL));
}

static void id(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "C-1009", "C-1009" },
        { " c-1009\xC2\xA0", "c-1009" },
        { "Caller 2403", "Caller 2403" },
        { "Mu\xCC\x88ller", "M\xC3\xBCller" },
        { "\xE2\x80\x8E" "C-1009\xE2\x80\x8B ", "C-1009" }, /* Default_Ignorable_Code_Point */
        { "C\xC2\xB2", "C\xC2\xB2" }, /* no NFKC: it may be another number */
        { "tel:5", "tel:5" },
        { "\xE2\x80\x8B", NULL },
        { "", NULL },
        { "  ", NULL },
        { "a\nb", NULL },
        { "a\x7F", NULL },
        { "\xC3", NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(IDENTIFIER_ID, NULL, rows[i][0], rows[i][1]);
    char text[258];
    memset(text, 'x', 257);
    text[257] = '\0';
    check(IDENTIFIER_ID, NULL, text, NULL);
    text[256] = '\0';
    check(IDENTIFIER_ID, NULL, text, text);
}

static size_t put_rune(uint32_t rune, char *out)
{
    if (rune < 0x80)
        return (size_t)sprintf(out, "%c", (int)rune);
    if (rune < 0x800)
        return (size_t)sprintf(out, "%c%c", (int)(0xC0 | rune >> 6), (int)(0x80 | (rune & 0x3F)));
    if (rune < 0x10000)
        return (size_t)sprintf(out, "%c%c%c", (int)(0xE0 | rune >> 12), (int)(0x80 | (rune >> 6 & 0x3F)), (int)(0x80 | (rune & 0x3F)));
    return (size_t)sprintf(out, "%c%c%c%c", (int)(0xF0 | rune >> 18), (int)(0x80 | (rune >> 12 & 0x3F)),
                           (int)(0x80 | (rune >> 6 & 0x3F)), (int)(0x80 | (rune & 0x3F)));
}

/* Normalising twice changes nothing, with any character that has letters, marks or compatible forms. */
static void every_character_is_stable(void **state)
{
    (void)state;
    static const uint32_t ranges[][2] = { { 0x80, 0xD7FF }, { 0xF900, 0xFFFF }, { 0x10400, 0x104FF }, { 0x1D100, 0x1F2FF }, { 0x2F800, 0x2FA1F }, { 0xE0000, 0xE01FF } };
    struct strbuf once = { 0 }, twice = { 0 };
    for (size_t r = 0; r < sizeof ranges / sizeof *ranges; r++)
        for (uint32_t rune = ranges[r][0]; rune <= ranges[r][1]; rune++) {
            char text[32] = "A";
            size_t length = 1 + put_rune(rune, text + 1);
            strcpy(text + length, "B@c.example");
            if (identifier_normalise(IDENTIFIER_EMAIL, NULL, slice_of(text), &once, NULL))
                continue;
            assert_int_equal(identifier_normalise(IDENTIFIER_EMAIL, NULL, (struct slice){ once.text, once.length }, &twice, NULL), 0);
            if (strcmp(strbuf_text(&once), strbuf_text(&twice)) != 0)
                print_error("U+%04X\n", (unsigned)rune);
            assert_string_equal(strbuf_text(&once), strbuf_text(&twice));
        }
    strbuf_release(&once);
    strbuf_release(&twice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(email),
        cmocka_unit_test(phone),
        cmocka_unit_test(phone_of_every_country),
        cmocka_unit_test(phone_plans_are_sound),
        cmocka_unit_test(id),
        cmocka_unit_test(every_character_is_stable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
