/* One code point of UTF-8 (RFC 3629: no overlongs, no surrogates, nothing above U+10FFFF). */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Its length in bytes, 1 to 4, or 0 if the bytes at `at` (before `end`, at least one) are not a code point. */
static inline size_t utf8_decode(const char *at, const char *end, uint32_t *rune)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char first = (unsigned char)*at;
    if (first < 0x80) {
        *rune = first;
        return 1;
    }
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || (size_t)(end - at) < length)
        return 0;
    uint32_t value = first & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | ((unsigned char)at[i] & 0x3FU);
    }
    if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *rune = value;
    return length;
}

/* A text for a terminal or a log, in its place: a '?' stands for each byte that is no UTF-8 or of a control character, as `ls` shows names. */
static inline void utf8_make_plain(char *text, size_t length)
{
    uint32_t rune;
    for (size_t at = 0, step; at < length; at += step) {
        step = utf8_decode(text + at, text + length, &rune);
        const bool is_plain = step && rune >= 0x20 && (rune < 0x7F || rune > 0x9F);
        step = step ? step : 1;
        for (size_t i = at; !is_plain && i < at + step; i++)
            text[i] = '?';
    }
}

#endif
