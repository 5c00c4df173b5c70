#define PCRE2_CODE_UNIT_WIDTH 8
#include "surveys/redact.h"

#include <ctype.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

enum { IBAN_SHORTEST = 15, IBAN_LONGEST = 34, CARD_SHORTEST = 12, CARD_LONGEST = 19 };
enum { MATCH_STEPS_MAX = 1000000 };

/* C0 but newline, DEL, C1, and what turns the direction of writing: they would steer the reviewer's terminal. Dropped, and not counted. */
#define CONTROLS "[\\x{00}-\\x{09}\\x{0b}-\\x{1f}\\x{7f}-\\x{9f}\\x{61c}\\x{200e}\\x{200f}\\x{202a}-\\x{202e}\\x{2066}-\\x{2069}]+"

/* In order: what a pattern took is no longer there for the next. \b is a border of words in Unicode (PCRE2_UCP). */
static const struct rule {
    const char *pattern, *word;
    bool (*is)(struct slice text); /* NULL: the pattern is proof enough */
} rules[] = {
    { CONTROLS, "", NULL }, /* first: they could part what the others look for */
    { "(?i)\\b(?:https?|ftp)://\\S+|\\bwww\\.\\S+", "[link]", NULL },
    { "(?i)[\\p{L}\\p{N}._%+'-]+\\s?(?:@|\\(at\\)|\\[at\\]|\\{at\\})\\s?[\\p{L}\\p{N}-]+(?:\\.[\\p{L}\\p{N}-]+)+", "[e-mail]", NULL },
    { "(?i)\\b[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]){11,30}\\b", "[iban]", redact_is_iban },
    { "(?<![\\p{N}])[0-9](?:[ -]?[0-9]){11,18}(?![\\p{N}])", "[card]", redact_is_card },
    { "(?i)\\b[A-Z]{1,6}[-_ /#]?[0-9][0-9-]{3,}[0-9]\\b", "[number]", NULL },
    { "#\\s?[0-9]{5,}", "[number]", NULL },
    { "(?<![\\p{L}\\p{N}])(?:\\+|00)?\\(?[0-9](?:[ ./()-]{0,3}[0-9]){6,}", "[phone]", NULL },
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

/* Letters and digits of the text, upper case; 0 if there are more than `size`. */
static size_t compact(struct slice text, char *out, size_t size)
{
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.text[i];
        if (c == ' ' || c == '-')
            continue;
        if (length == size || !isalnum(c))
            return 0;
        out[length++] = (char)toupper(c);
    }
    return length;
}

bool redact_is_iban(struct slice text)
{
    char iban[IBAN_LONGEST];
    size_t length = compact(text, iban, sizeof iban);
    unsigned remainder = 0;
    if (length < IBAN_SHORTEST)
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = iban[(i + 4) % length]; /* the first four go to the end */
        unsigned value = c >= 'A' ? (unsigned)(c - 'A') + 10 : (unsigned)(c - '0');
        remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
    }
    return remainder == 1;
}

bool redact_is_card(struct slice text)
{
    char card[CARD_LONGEST];
    size_t length = compact(text, card, sizeof card);
    unsigned sum = 0;
    if (length < CARD_SHORTEST)
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = card[length - 1 - i];
        if (c > '9')
            return false;
        unsigned value = (unsigned)(c - '0') << (i % 2);
        sum += value > 9 ? value - 9 : value;
    }
    return sum % 10 == 0;
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
        struct slice taken = { in.text + span[0], span[1] - span[0] };
        at = span[1];
        if (rules[rule].is && !rules[rule].is(taken))
            continue;
        strbuf_add(out, in.text + copied, span[0] - copied);
        strbuf_adds(out, rules[rule].word);
        copied = span[1];
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

int redact_text(const struct redactor *redactor, struct slice text, struct strbuf *out, size_t *count,
                struct err *err)
{
    if (!text_is_utf8(text))
        return err_set(err, ERR_DATA, "the text is not UTF-8");
    struct strbuf before = { 0 }, after = { 0 };
    size_t replaced = 0;
    strbuf_add(&before, text.text, text.length);
    for (size_t i = 0; i < RULES; i++) {
        strbuf_clear(&after);
        replaced += apply(redactor, i, (struct slice) { strbuf_text(&before), before.length }, &after);
        struct strbuf swap = before;
        before = after;
        after = swap;
    }
    strbuf_clear(out);
    strbuf_add(out, strbuf_text(&before), before.length);
    strbuf_wipe(&before);
    strbuf_wipe(&after);
    *count = replaced;
    return 0;
}
