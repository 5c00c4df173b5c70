#include "etl/decimal.h"

#include "core/err.h"

static inline bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

int64_t decimal_power(int decimals)
{
    BUG_ON(decimals < 0 || decimals > 18);
    int64_t power = 1;
    while (decimals-- > 0)
        power *= 10;
    return power;
}

/* Appends a digit to a number that is built with its sign, so that the lowest int64 can be read too. */
static inline bool append(int64_t *value, int digit, bool negative)
{
    return !__builtin_mul_overflow(*value, 10, value) &&
           !__builtin_add_overflow(*value, negative ? -digit : digit, value);
}

/* The digits behind the last one kept: what they add to the number. */
struct rest {
    int first; /* -1: none */
    bool nonzero;
};

static int rounding_step(const struct rest *rest, bool negative, enum decimal_rounding rounding)
{
    if (rounding == DECIMAL_FLOOR)
        return negative && rest->nonzero ? -1 : 0;
    if (rest->first < 5)
        return 0;
    return negative ? -1 : 1;
}

/* Reads digits up to `end` or the first other character, the first `most` of them into `value`, the others into `rest`;
 * returns where it stopped, or NULL on overflow. */
static const char *read_digits(const char *at, const char *end, int64_t *value, bool negative)
{
    for (; at < end && is_digit(*at); at++)
        if (!append(value, *at - '0', negative))
            return NULL;
    return at;
}

static const char *skip_rest(const char *at, const char *end, struct rest *rest)
{
    for (; at < end && is_digit(*at); at++) {
        rest->first = rest->first < 0 ? *at - '0' : rest->first;
        rest->nonzero |= *at != '0';
    }
    return at;
}

bool decimal_read(struct slice text, const struct decimal_format *format, int64_t *scaled, bool *inexact)
{
    const char *at = text.text, *end = text.text + text.length;
    bool negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    int64_t value = 0;
    const char *integer = at;
    at = read_digits(at, end, &value, negative);
    if (!at)
        return false;
    bool has_digits = at > integer, has_point = at < end && *at == format->point;
    if (has_point && (++at == end || !is_digit(*at)))
        return false;
    struct rest rest = { .first = -1 };
    int missing = format->decimals;
    const char *kept_end = has_point && end - at > missing ? at + missing : end;
    const char *fraction = at;
    if (has_point && !(at = read_digits(at, kept_end, &value, negative)))
        return false;
    missing -= (int)(at - fraction);
    if (has_point)
        at = skip_rest(at, end, &rest);
    if (at != end || (!has_digits && !has_point))
        return false;
    if (__builtin_mul_overflow(value, decimal_power(missing), &value) ||
        __builtin_add_overflow(value, rounding_step(&rest, negative, format->rounding), &value))
        return false;
    *scaled = value;
    if (inexact)
        *inexact = rest.nonzero;
    return true;
}

bool decimal_ratio(int64_t numerator, int64_t denominator, const struct decimal_format *format, int64_t *scaled)
{
    BUG_ON(denominator <= 0);
    int64_t value;
    if (__builtin_mul_overflow(numerator, decimal_power(format->decimals), &value))
        return false;
    int64_t quotient = value / denominator, remainder = value % denominator;
    if (format->rounding == DECIMAL_FLOOR)
        quotient -= remainder < 0;
    else if (remainder >= denominator - remainder)
        quotient++;
    else if (-remainder >= denominator + remainder)
        quotient--;
    *scaled = quotient;
    return true;
}
