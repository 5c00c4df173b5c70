#define PCRE2_CODE_UNIT_WIDTH 8
#include "surveys/redact.h"

#include <ctype.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/uchar.h>

#include "core/mem.h"
#include "core/utf8.h"

enum { IBAN_SHORTEST = 15, IBAN_LONGEST = 34, CARD_SHORTEST = 12, CARD_LONGEST = 19 };
enum { MATCH_STEPS_MAX = 1000000 };

/* C0 but newline, DEL, C1: they would steer the reviewer's terminal. Dropped, and not counted. */
#define CONTROLS "[\\x{00}-\\x{09}\\x{0b}-\\x{1f}\\x{7f}-\\x{9f}]+"

/* What people put between the digits of a number. */
#define BETWEEN "[\\s.,/()_*:\\p{Pd}]"
#define GAP BETWEEN "{0,3}"
/* Where no such number goes on: half a number is not a card. */
#define BEGINS "(?<!\\p{N})(?<!\\p{N}" BETWEEN ")(?<!\\p{N}" BETWEEN BETWEEN ")(?<!\\p{N}" BETWEEN BETWEEN BETWEEN ")"
#define ENDS "(?!" GAP "[0-9])"
/* A dot as it is, also the ideographic one of domains, or written out. After one that stands alone only the commonest endings follow. */
#define BRACKETED(words) "\\s?[(\\[{<]\\s?(?:" words ")\\s?[)\\]}>]\\s?"
#define DOT "(?:\\s?[.\\x{3002}](?=\\S)|\\s\\.\\s|\\.\\s(?=(?:de|com|net|org|eu|at|ch|info)\\b)|" BRACKETED("\\.|dot|punkt|pkt|point") "|" \
            "[\\s_*-]+(?:dot|punkt|pkt|point)[\\s_*-]+)"
#define LOCAL "[\\p{L}\\p{N}._%+'-]+"
#define LABEL "[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]*[\\p{L}\\p{N}])?"
#define SIGN "(?:\\s?(?:@|&#64;|%40)\\s?|" BRACKETED("@|at|\\x{e4}t|aet|a|\\x{e4}") ")"

/* In order: what a pattern took is no longer there for the next. \b is a border of words in Unicode (PCRE2_UCP). */
static const struct rule {
    const char *pattern, *word;
    size_t (*taken)(struct slice text); /* how much of a match it is, from its start; NULL: all, the pattern is proof enough */
} rules[] = {
    { CONTROLS, "", NULL }, /* first: they could part what the others look for */
    { "(?i)\\b[a-z][a-z0-9+.-]*://\\S+|\\bwww\\.\\S+|(?<![\\p{L}\\p{N}@.-])(?:[\\p{L}\\p{N}-]+\\.)+\\p{L}{2,}/\\S+", "[link]", NULL },
    { "(?i)" LOCAL SIGN LABEL "(?:" DOT LABEL ")+", "[e-mail]", NULL },
    { "(?i)" LOCAL "(?:@|" BRACKETED("@|at|\\x{e4}t") ")" LABEL, "[e-mail]", NULL },
    { "(?i)" LOCAL "[\\s_*-]+(?:at|\\x{e4}t|aet|klammeraffe)[\\s_*-]+" LABEL "(?:(?:\\.|[\\s_*-]+(?:dot|punkt|pkt|point)[\\s_*-]+)" LABEL ")+", "[e-mail]", NULL },
    { "(?<![\\p{L}\\p{N}])@[\\p{L}\\p{N}_.]{2,}", "[name]", NULL },
    { "(?i)(?<![\\p{L}\\p{N}.-])(?:" LABEL "\\.)+(?:de|com|net|org|info|eu|at|ch|io|me|app|shop|biz)\\b", "[link]", NULL },
    { "(?i)\\b[A-Z]{2}" GAP "[0-9]{2}(?:" GAP "[A-Z0-9]){11,30}", "[iban]", redact_iban_bytes },
    { BEGINS "[0-9](?:" GAP "[0-9]){11,18}" ENDS, "[card]", redact_card_bytes },
    { "\\b[A-Z\\x{c4}\\x{d6}\\x{dc}]{1,3}[ \\p{Pd}]{1,3}[A-Z]{1,2}[ \\p{Pd}]{0,3}[1-9][0-9]{0,3}[EH]?\\b|\\b[A-Z]{2}[0-9]{2} ?[A-Z]{3}\\b", "[plate]", NULL },
    { "\\b[a-z\\x{e4}\\x{f6}\\x{fc}]{1,3}-[a-z]{1,2}[ -]?[1-9][0-9]{1,3}[eh]?\\b", "[plate]", NULL },
    { "\\b(?=[\\p{L}\\p{N}]*\\p{L})(?:\\p{L}*[0-9]){4,}[\\p{L}\\p{N}]*", "[number]", NULL }, /* letters and four digits, mixed */
    { "\\b(?:(?i:[A-Z]{1,6})[_./#\\p{Pd}]{0,2}|[A-Z]{1,3}[\\s_./#\\p{Pd}]{0,2})[0-9](?:[\\s_./\\p{Pd}]?[0-9]){4,}\\b", "[number]", NULL },
    { "#\\s?[0-9]{5,}", "[number]", NULL },
    { "(?i)(?:nummer|number|\\bnum|nr|\\bno|\\bid)[\\s.:=#]{0,3}\\K\\p{L}{0,6}[\\s_./-]?[0-9](?:[./_-]?[\\p{L}\\p{N}]|\\s[0-9]){2,}", "[number]", NULL },
    { "(?<![\\p{L}\\p{N}])(?:\\+|00)?\\(?[0-9](?:" GAP "[0-9]){6,}", "[phone]", NULL },
    { "(?<!\\p{N})[0-9]{5,}", "[number]", NULL },
};
enum { RULES = sizeof rules / sizeof *rules };

struct redactor {
    pcre2_code *codes[RULES];
    pcre2_match_context *limits;
};

void redactor_init(struct redactor **redactor)
{
    struct redactor *made = mem_zalloc(1, sizeof *made);
    for (size_t i = 0; i < RULES; i++) {
        int problem;
        PCRE2_SIZE place;
        made->codes[i] = pcre2_compile((PCRE2_SPTR)rules[i].pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP,
                                       &problem, &place, NULL);
        if (!made->codes[i])
            BUG("redaction pattern %zu does not compile at %zu", i, place);
    }
    made->limits = pcre2_match_context_create(NULL);
    if (!made->limits)
        mem_fail();
    pcre2_set_match_limit(made->limits, MATCH_STEPS_MAX);
    *redactor = made;
}

void redactor_free(struct redactor *redactor)
{
    if (!redactor)
        return;
    for (size_t i = 0; i < RULES; i++)
        pcre2_code_free(redactor->codes[i]);
    pcre2_match_context_free(redactor->limits);
    free(redactor);
}

/* Letters and digits of the text, upper case, and where each ends; at most `size` of them. */
static size_t compact(struct slice text, char *out, size_t *ends, size_t size)
{
    size_t length = 0;
    for (size_t i = 0; i < text.length && length < size; i++) {
        if (!isalnum((unsigned char)text.text[i]))
            continue;
        out[length] = (char)toupper((unsigned char)text.text[i]);
        ends[length++] = i + 1;
    }
    return length;
}

static bool is_iban(const char *iban, size_t length)
{
    unsigned remainder = 0;
    for (size_t i = 0; i < length; i++) {
        char c = iban[(i + 4) % length]; /* the first four go to the end */
        unsigned value = c >= 'A' ? (unsigned)(c - 'A') + 10 : (unsigned)(c - '0');
        remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
    }
    return remainder == 1;
}

static bool is_card(const char *card, size_t length)
{
    unsigned sum = 0;
    for (size_t i = 0; i < length; i++) {
        char c = card[length - 1 - i];
        if (c > '9')
            return false;
        unsigned value = (unsigned)(c - '0') << (i % 2);
        sum += value > 9 ? value - 9 : value;
    }
    return sum % 10 == 0;
}

/* How many characters an IBAN of the country has (SWIFT's IBAN registry); 0: none has its own. */
static size_t iban_length(const char country[2])
{
    static const char lengths[] =
        "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27"
        "GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28"
        "PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";
    for (const char *at = lengths; *at; at += 4)
        if (memcmp(at, country, 2) == 0)
            return (size_t)(at[2] - '0') * 10 + (size_t)(at[3] - '0');
    return 0;
}

/* A word that follows may look like more of it; digits that follow are. */
size_t redact_iban_bytes(struct slice text)
{
    char iban[IBAN_LONGEST];
    size_t ends[IBAN_LONGEST], all = compact(text, iban, ends, IBAN_LONGEST), length = all < IBAN_SHORTEST ? 0 : iban_length(iban);
    if (!length || length > all || !is_iban(iban, length))
        return 0;
    while (length < all && isdigit((unsigned char)iban[length]))
        length++;
    return ends[length - 1];
}

size_t redact_card_bytes(struct slice text)
{
    char card[CARD_LONGEST + 1];
    size_t ends[CARD_LONGEST + 1], length = compact(text, card, ends, CARD_LONGEST + 1);
    return length >= CARD_SHORTEST && length <= CARD_LONGEST && is_card(card, length) ? text.length : 0;
}

/* One rule over `in`. A pattern that gives up on a text (match limit) blanks all of it. */
static size_t apply(const struct redactor *redactor, size_t rule, struct slice in, struct strbuf *out)
{
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(redactor->codes[rule], NULL);
    if (!match)
        mem_fail();
    size_t at = 0, copied = 0, count = 0;
    int found;
    while (at < in.length && (found = pcre2_match(redactor->codes[rule], (PCRE2_SPTR)in.text, in.length, at, 0, match, redactor->limits)) > 0) {
        const PCRE2_SIZE *span = pcre2_get_ovector_pointer(match);
        struct slice matched = { in.text + span[0], span[1] - span[0] };
        size_t taken = rules[rule].taken ? rules[rule].taken(matched) : matched.length;
        at = span[0] + (taken ? taken : 1);
        if (!taken)
            continue;
        strbuf_add(out, in.text + copied, span[0] - copied);
        strbuf_adds(out, rules[rule].word);
        copied = at;
        count += *rules[rule].word != '\0';
    }
    pcre2_match_data_free(match);
    if (at < in.length && found < 0 && found != PCRE2_ERROR_NOMATCH) {
        strbuf_clear(out);
        strbuf_adds(out, "[text]");
        return count + 1;
    }
    strbuf_add(out, in.text + copied, in.length - copied);
    return count;
}

/* Decimal digits of all scripts as 0 to 9, which the rules know. */
static void fold_digits(struct slice text, struct strbuf *out)
{
    const char *end = text.text + text.length;
    strbuf_clear(out);
    for (const char *at = text.text; at < end;) {
        uint32_t rune = 0;
        size_t length = utf8_decode(at, end, &rune);
        if (rune > 0x7f && u_charType((UChar32)rune) == U_DECIMAL_DIGIT_NUMBER)
            strbuf_addc(out, (char)('0' + u_charDigitValue((UChar32)rune)));
        else
            strbuf_add(out, at, length);
        at += length;
    }
}

/* As the rules know it: without what no reader sees, in compatibility form, its digits those of ASCII. */
static int prepare(struct slice text, struct strbuf *out, struct err *err)
{
    struct strbuf visible = { 0 }, normal = { 0 };
    int code = text_visible(text, false, &visible, err);
    if (!code)
        code = text_nfkc((struct slice){ strbuf_text(&visible), visible.length }, &normal, err);
    if (!code)
        fold_digits((struct slice){ strbuf_text(&normal), normal.length }, out);
    strbuf_wipe(&visible);
    strbuf_wipe(&normal);
    return code;
}

int redact_text(const struct redactor *redactor, struct slice text, struct strbuf *out, size_t *count,
                struct err *err)
{
    struct strbuf before = { 0 }, after = { 0 };
    size_t replaced = 0;
    int code = prepare(text, &before, err);
    for (size_t i = 0; i < RULES && !code; i++) {
        strbuf_clear(&after);
        replaced += apply(redactor, i, (struct slice) { strbuf_text(&before), before.length }, &after);
        struct strbuf swap = before;
        before = after;
        after = swap;
    }
    if (!code) {
        strbuf_clear(out);
        strbuf_add(out, strbuf_text(&before), before.length);
        *count = replaced;
    }
    strbuf_wipe(&before);
    strbuf_wipe(&after);
    return code;
}
