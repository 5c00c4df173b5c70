#include "core/config_scalar.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/calendar.h"

enum { MAX_NAME_LENGTH = 40 };

static size_t count_digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* The end of -?(0|[1-9][0-9]*) at the beginning of the text, or NULL. */
static const char *skip_integer(const char *text)
{
    text += *text == '-';
    size_t digits = count_digits(text);
    if (digits == 0 || (digits > 1 && *text == '0'))
        return NULL;
    return text + digits;
}

static const char *skip_fraction(const char *text)
{
    if (*text != '.')
        return text;
    size_t digits = count_digits(text + 1);
    return digits ? text + 1 + digits : NULL;
}

static const char *skip_exponent(const char *text)
{
    if (*text != 'e' && *text != 'E')
        return text;
    text++;
    text += *text == '-' || *text == '+';
    size_t digits = count_digits(text);
    return digits ? text + digits : NULL;
}

bool config_scalar_integer(const struct config_node *node, int64_t *value)
{
    const char *end = node->quoted ? NULL : skip_integer(node->value);
    if (!end || *end)
        return false;
    errno = 0;
    long long number = strtoll(node->value, NULL, 10);
    if (errno)
        return false;
    *value = number;
    return true;
}

bool config_scalar_number(const struct config_node *node, double *value)
{
    const char *end = node->quoted ? NULL : skip_integer(node->value);
    end = end ? skip_fraction(end) : NULL;
    end = end ? skip_exponent(end) : NULL;
    if (!end || *end)
        return false;
    double number = strtod(node->value, NULL);
    if (!isfinite(number))
        return false;
    *value = number;
    return true;
}

bool config_scalar_boolean(const struct config_node *node, bool *value)
{
    bool yes = strcmp(node->value, "true") == 0;
    if (node->quoted || (!yes && strcmp(node->value, "false") != 0))
        return false;
    *value = yes;
    return true;
}

bool config_scalar_date(const struct config_node *node)
{
    const char *text = node->value;
    if (strlen(text) != 10 || count_digits(text) != 4 || text[4] != '-' || count_digits(text + 5) != 2 ||
        text[7] != '-' || count_digits(text + 8) != 2)
        return false;
    struct calendar_date date = { 0 };
    return sscanf(text, "%4d-%2d-%2d", &date.year, &date.month, &date.day) == 3 && calendar_is_valid(date);
}

bool config_is_name(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return length > 0 && text[length] == '\0' && length <= MAX_NAME_LENGTH && *text >= 'a' && *text <= 'z';
}
