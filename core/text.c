#include "core/text.h"

#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/ucasemap.h>
#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "core/mem.h"
#include "core/utf8.h"

bool slice_equals(struct slice slice, const char *text)
{
    return strlen(text) == slice.length && memcmp(slice.text, text, slice.length) == 0;
}

bool text_is_ascii(struct slice text)
{
    size_t i = 0;
    uint64_t high = 0;
    for (; i + 8 <= text.length; i += 8) {
        uint64_t eight;
        memcpy(&eight, text.text + i, 8);
        high |= eight;
    }
    for (; i < text.length; i++)
        high |= (uint64_t)(unsigned char)text.text[i];
    return (high & UINT64_C(0x8080808080808080)) == 0;
}

bool text_is_utf8(struct slice text)
{
    if (text_is_ascii(text))
        return true;
    const char *end = text.text + text.length;
    for (const char *at = text.text; at < end;) {
        uint32_t rune;
        size_t length = utf8_decode(at, end, &rune);
        if (!length)
            return false;
        at += length;
    }
    return true;
}

/* The property White_Space of Unicode 15. */
static bool is_space(uint32_t rune)
{
    if (rune < 0x80)
        return rune == ' ' || (rune >= '\t' && rune <= '\r');
    return rune == 0x85 || rune == 0xA0 || rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200A) || rune == 0x2028 ||
           rune == 0x2029 || rune == 0x202F || rune == 0x205F || rune == 0x3000;
}

static struct slice trim_start(struct slice text)
{
    const char *end = text.text + text.length;
    while (text.length) {
        uint32_t rune;
        size_t length = utf8_decode(text.text, end, &rune);
        if (!length || !is_space(rune))
            break;
        text.text += length;
        text.length -= length;
    }
    return text;
}

static struct slice trim_end(struct slice text)
{
    while (text.length) {
        const char *end = text.text + text.length;
        size_t back = 1;
        while (back < 4 && back < text.length && (end[-(ptrdiff_t)back] & 0xC0) == 0x80)
            back++;
        uint32_t rune;
        if (utf8_decode(end - back, end, &rune) != back || !is_space(rune))
            break;
        text.length -= back;
    }
    return text;
}

struct slice text_trim(struct slice text)
{
    /* most cells have nothing to trim: their ends are printable ASCII */
    if (text.length && text.text[0] > ' ' && text.text[text.length - 1] > ' ')
        return text;
    return trim_end(trim_start(text));
}

static int not_utf8(struct err *err)
{
    return err_set(err, ERR_DATA, "text is not valid UTF-8");
}

static void replace(struct strbuf *out, const char *text, size_t length)
{
    strbuf_clear(out);
    strbuf_add(out, text, length);
}

/* ---- UTF-16, which ICU works on ---- */

struct wide {
    UChar *text;
    int32_t length;
    UChar local[256];
};

static void wide_release(struct wide *wide)
{
    if (wide->text != wide->local)
        free(wide->text);
}

/* The text is known to be valid and short of INT_MAX bytes. */
static void wide_from(struct wide *wide, struct slice text)
{
    UErrorCode status = U_ZERO_ERROR;
    wide->text = text.length <= 256 ? wide->local : mem_resize(NULL, text.length, sizeof(UChar));
    u_strFromUTF8(wide->text, (int32_t)(text.length <= 256 ? 256 : text.length), &wide->length, text.text,
                  (int32_t)text.length, &status);
    BUG_ON(U_FAILURE(status));
}

static void add_wide(struct strbuf *out, const UChar *text, int32_t length)
{
    size_t most = (size_t)length * 3;
    char *bytes = mem_alloc(most + 1);
    UErrorCode status = U_ZERO_ERROR;
    int32_t written = 0;
    u_strToUTF8(bytes, (int32_t)most + 1, &written, text, length, &status);
    BUG_ON(U_FAILURE(status));
    strbuf_add(out, bytes, (size_t)written);
    free(bytes);
}

static bool is_workable(struct slice text)
{
    return text.length < INT_MAX / 8 && text_is_utf8(text);
}

/* `growth`: how many times as long the form may be at most, in UTF-16 (UAX #15, section 14). */
static int normalise(struct slice text, const UNormalizer2 *form, int32_t growth, struct strbuf *out, struct err *err)
{
    if (text_is_ascii(text)) {
        replace(out, text.text, text.length);
        return 0;
    }
    if (!is_workable(text) || text.length > INT_MAX / 64)
        return not_utf8(err);
    UErrorCode status = U_ZERO_ERROR;
    struct wide wide;
    wide_from(&wide, text);
    int32_t room = wide.length * growth + 16;
    UChar *normal = mem_resize(NULL, (size_t)room, sizeof *normal);
    int32_t length = unorm2_normalize(form, wide.text, wide.length, normal, room, &status);
    BUG_ON(U_FAILURE(status));
    strbuf_clear(out);
    add_wide(out, normal, length);
    free(normal);
    wide_release(&wide);
    return 0;
}

int text_nfc(struct slice text, struct strbuf *out, struct err *err)
{
    UErrorCode status = U_ZERO_ERROR;
    return normalise(text, unorm2_getNFCInstance(&status), 3, out, err);
}

int text_nfkc(struct slice text, struct strbuf *out, struct err *err)
{
    UErrorCode status = U_ZERO_ERROR;
    return normalise(text, unorm2_getNFKCInstance(&status), 18, out, err);
}

int text_visible(struct slice text, bool joiners, struct strbuf *out, struct err *err)
{
    if (!text_is_utf8(text))
        return not_utf8(err);
    strbuf_clear(out);
    strbuf_add(out, "", 0);
    const char *end = text.text + text.length;
    for (const char *at = text.text; at < end;) {
        uint32_t rune = 0;
        size_t length = utf8_decode(at, end, &rune);
        if (!u_hasBinaryProperty((UChar32)rune, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || (joiners && (rune == 0x200C || rune == 0x200D)))
            strbuf_add(out, at, length);
        at += length;
    }
    return 0;
}

/* ---- case ---- */

static UCaseMap *root_case_map;
static pthread_once_t root_case_once = PTHREAD_ONCE_INIT;

static void open_root_case_map(void)
{
    UErrorCode status = U_ZERO_ERROR;
    root_case_map = ucasemap_open("", 0, &status);
    BUG_ON(U_FAILURE(status));
}

typedef int32_t case_function(const UCaseMap *map, char *to, int32_t room, const char *from, int32_t length,
                              UErrorCode *status);

static int map_case(struct slice text, case_function *function, struct strbuf *out, struct err *err)
{
    if (!is_workable(text))
        return not_utf8(err);
    pthread_once(&root_case_once, open_root_case_map);
    size_t room = text.length * 3 + 1; /* full mappings give at most three characters for one: U+0390 */
    char *mapped = mem_alloc(room);
    UErrorCode status = U_ZERO_ERROR;
    int32_t length = function(root_case_map, mapped, (int32_t)room, text.text, (int32_t)text.length, &status);
    BUG_ON(U_FAILURE(status));
    replace(out, mapped, (size_t)length);
    free(mapped);
    return 0;
}

static void map_ascii_case(struct slice text, char first, struct strbuf *out)
{
    strbuf_clear(out);
    strbuf_add(out, text.text, text.length);
    for (size_t i = 0; i < out->length; i++)
        if ((unsigned char)(out->text[i] - first) < 26)
            out->text[i] ^= 0x20;
}

int text_lower(struct slice text, struct strbuf *out, struct err *err)
{
    if (!text_is_ascii(text))
        return map_case(text, ucasemap_utf8ToLower, out, err);
    map_ascii_case(text, 'A', out);
    return 0;
}

int text_upper(struct slice text, struct strbuf *out, struct err *err)
{
    if (!text_is_ascii(text))
        return map_case(text, ucasemap_utf8ToUpper, out, err);
    map_ascii_case(text, 'a', out);
    return 0;
}

int text_fold_space(struct slice text, struct strbuf *out, struct err *err)
{
    if (!text_is_utf8(text))
        return not_utf8(err);
    text = text_trim(text);
    strbuf_clear(out);
    strbuf_add(out, "", 0);
    const char *end = text.text + text.length;
    bool in_run = false;
    for (const char *at = text.text; at < end;) {
        uint32_t rune = 0;
        size_t length = utf8_decode(at, end, &rune);
        bool space = is_space(rune);
        if (!space)
            strbuf_add(out, at, length);
        else if (!in_run)
            strbuf_addc(out, ' ');
        in_run = space;
        at += length;
    }
    return 0;
}

/* ---- charsets ---- */

int text_decode(const char *charset, struct slice in, struct strbuf *out, struct err *err)
{
    UErrorCode status = U_ZERO_ERROR;
    UConverter *converter = ucnv_open(charset, &status);
    if (U_FAILURE(status))
        return err_set(err, ERR_CONFIG, "unknown encoding '%s'", charset);
    ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    strbuf_clear(out);
    strbuf_add(out, "", 0);
    size_t room = in.length * 2 + 16; /* no charset gives more than two UTF-16 units for a byte */
    UChar *wide = mem_resize(NULL, room, sizeof *wide), *to = wide;
    const char *at = in.text;
    ucnv_toUnicode(converter, &to, wide + room, &at, in.text + in.length, NULL, 1, &status);
    if (U_SUCCESS(status) && to - wide < INT_MAX / 4)
        add_wide(out, wide, (int32_t)(to - wide));
    free(wide);
    ucnv_close(converter);
    if (U_FAILURE(status))
        return err_set(err, ERR_DATA, "text is not valid in encoding '%s'", charset);
    return 0;
}

char *text_plain(const char *text)
{
    char *plain = mem_strdup(text);
    utf8_make_plain(plain, strlen(plain));
    return plain;
}
