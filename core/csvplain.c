#include "core/csvplain.h"

#include <string.h>

struct csvplain csvplain_find(const char *text, size_t length, int delimiter)
{
    const struct csvplain none = { 0, 0, false };
    const char *newline = memchr(text, '\n', length);
    if (!newline)
        return none;
    size_t line = (size_t)(newline - text);
    const char *quote = memchr(text, '"', line);
    const char *cr = memchr(text, '\r', quote ? (size_t)(quote - text) : line);
    if (cr && cr + 1 != newline)
        return none;
    if (!quote)
        return (struct csvplain){ line - (cr ? 1 : 0), line + 1, true };
    const char *last = memrchr(text, delimiter, (size_t)(quote - text));
    if (!last)
        return none;
    return (struct csvplain){ (size_t)(last - text), (size_t)(last - text) + 1, false };
}
