#include "stats/tabulate/number.h"

#include <stdbool.h>
#include <string.h>

#include "stats/tabulate/tabulate.h"

static const char not_plain[] = "not a plain decimal number";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int64_t number_power(int decimals)
{
    int64_t power = 1;
    while (decimals-- > 0)
        power *= 10;
    return power;
}

const char *number_read_amount(const char *text, char point, int64_t *mantissa, int *decimals)
{
    int64_t value = 0;
    int digits = 0, after = 0;
    bool pointed = false;
    if (text[0] == '-' && (is_digit(text[1]) || text[1] == point))
        return "a negative amount: sums that may fall below zero cannot be protected";
    for (; *text; text++) {
        if (*text == point && !pointed) {
            pointed = true;
            continue;
        }
        if (!is_digit(*text))
            return not_plain;
        value = value * 10 + (*text - '0');
        digits++;
        after += pointed;
        if (value > TABULATE_MOST)
            return "too many digits";
        if (after > TABULATE_MAX_DECIMALS)
            return "more than 9 decimals";
    }
    if (!digits)
        return not_plain;
    *mantissa = value;
    *decimals = after;
    return NULL;
}

const char *number_read_count(const char *text, uint32_t *count)
{
    uint64_t value = 0;
    if (!*text)
        return "no number of cases";
    for (; *text; text++) {
        if (!is_digit(*text))
            return "not a whole number of cases";
        value = value * 10 + (uint64_t)(*text - '0');
        if (value > UINT32_MAX)
            return "more than 4,294,967,295 cases";
    }
    *count = (uint32_t)value;
    return NULL;
}
