#include "core/phone.h"

#include <string.h>

#include "core/utf8.h"

enum { MAX_E164_DIGITS = 15, MIN_E164_DIGITS = 7, MAX_DIGITS = 24 };

struct digits {
    char text[MAX_DIGITS + 1];
    size_t length;
    bool international; /* it began with + */
};

const struct phone_plan *phone_plan(const char *country)
{
    if (!country)
        return NULL;
    for (const struct phone_plan *plan = phone_plans; plan->country[0]; plan++)
        if (strcasecmp(plan->country, country) == 0)
            return plan;
    return NULL;
}

static const struct phone_plan *plan_of_code(const char *digits)
{
    for (const struct phone_plan *plan = phone_plans; plan->country[0]; plan++)
        if (strncmp(digits, plan->code, strlen(plan->code)) == 0)
            return plan;
    return NULL;
}

/* What people put between digits: blanks, hyphens and dashes, dots, slashes, brackets. */
static bool is_separator(uint32_t rune)
{
    if (rune < 0x80)
        return rune != 0 && strchr(" -./()\t", (int)rune) != NULL;
    return rune == 0xA0 || rune == 0x202F || (rune >= 0x2000 && rune <= 0x200A) || (rune >= 0x2010 && rune <= 0x2015) ||
           rune == 0x2212;
}

static int read_digits(struct slice text, struct digits *digits, struct err *err)
{
    const char *end = text.text + text.length;
    for (const char *at = text.text; at < end;) {
        uint32_t rune;
        size_t length = utf8_decode(at, end, &rune);
        if (!length)
            return err_set(err, ERR_DATA, "not a telephone number: it is not valid UTF-8");
        at += length;
        if (rune == '+' && !digits->length && !digits->international)
            digits->international = true;
        else if (rune >= '0' && rune <= '9' && digits->length < MAX_DIGITS)
            digits->text[digits->length++] = (char)rune;
        else if (!is_separator(rune))
            return err_set(err, ERR_DATA,
                           "not a telephone number: it has more than digits and separators, or too many digits");
    }
    return digits->length ? 0 : err_set(err, ERR_DATA, "not a telephone number: it has no digits");
}

static void drop(struct digits *digits, size_t count)
{
    digits->length -= count;
    memmove(digits->text, digits->text + count, digits->length + 1);
}

static bool begins(const struct digits *digits, const char *prefix)
{
    return strncmp(digits->text, prefix, strlen(prefix)) == 0;
}

static void drop_exit_code(struct digits *digits, const struct phone_plan *home)
{
    const char *exit = home && home->exit && begins(digits, home->exit) ? home->exit : "00";
    if (digits->international || !begins(digits, exit))
        return;
    drop(digits, strlen(exit));
    digits->international = true;
}

/* Drops the trunk prefix of a national number. A national number begins with 0 only in the plans that keep it; where
 * the prefix is another digit, it is one if the number were too long otherwise. */
static void drop_trunk_prefix(struct digits *national, const struct phone_plan *plan)
{
    if (plan->keeps_zero)
        return;
    for (const char *prefix = *plan->trunk ? plan->trunk : "0"; *prefix;) {
        size_t length = strcspn(prefix, "|");
        bool is_prefix = strncmp(national->text, prefix, length) == 0;
        bool is_long = national->length > (size_t)plan->most;
        if (is_prefix && (is_long || *prefix == '0') && national->length - length >= (size_t)plan->least) {
            drop(national, length);
            return;
        }
        prefix += length + (prefix[length] == '|');
    }
}

static bool fits(const struct digits *national, const struct phone_plan *plan)
{
    return national->length >= (size_t)plan->least && national->length <= (size_t)plan->most &&
           (national->text[0] != '0' || plan->keeps_zero);
}

/* Takes the country code off an international number whose plan is known; the plan, or NULL. */
static const struct phone_plan *split_country_code(struct digits *digits)
{
    const struct phone_plan *plan = plan_of_code(digits->text);
    if (plan)
        drop(digits, strlen(plan->code));
    return plan;
}

static int add_number(const char *code, const struct digits *digits, struct strbuf *out, struct err *err)
{
    size_t length = strlen(code) + digits->length;
    if (length < MIN_E164_DIGITS || length > MAX_E164_DIGITS)
        return err_set(err, ERR_DATA, "not a telephone number: it has too %s digits",
                       length < MIN_E164_DIGITS ? "few" : "many");
    strbuf_clear(out);
    strbuf_addc(out, '+');
    strbuf_adds(out, code);
    strbuf_add(out, digits->text, digits->length);
    return 0;
}

/* A number too long for its own country that begins with the country code has merely lost its +. */
static void find_lost_plus(struct digits *digits, const struct phone_plan *home)
{
    struct digits national = *digits;
    drop_trunk_prefix(&national, home);
    if (fits(&national, home) || !begins(digits, home->code))
        return;
    national = *digits;
    drop(&national, strlen(home->code));
    digits->international = fits(&national, home);
}

int phone_normalise(const char *country, struct slice text, struct strbuf *out, struct err *err)
{
    struct digits digits = { 0 };
    int code = read_digits(text, &digits, err);
    if (code)
        return code;
    const struct phone_plan *home = phone_plan(country);
    drop_exit_code(&digits, home);
    if (!digits.international && !home)
        return err_set(err, ERR_DATA, "telephone number without a country code, and no known country stands beside it");
    if (!digits.international)
        find_lost_plus(&digits, home);
    if (digits.international && digits.text[0] == '0')
        return err_set(err, ERR_DATA, "not a telephone number: no country code begins with 0");
    const struct phone_plan *plan = digits.international ? split_country_code(&digits) : home;
    if (!plan)
        return add_number("", &digits, out, err);
    drop_trunk_prefix(&digits, plan);
    if (!fits(&digits, plan))
        return err_set(err, ERR_DATA, "not a telephone number of its country: too few or too many digits");
    return add_number(plan->code, &digits, out, err);
}
