#include "core/csvdecode.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicode/ucnv.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include "core/mem.h"

enum { UNITS = 32 * 1024, BOM_BYTES = 3 };

/* The bytes of a sequence that are still to come, and what the next of them may be (RFC 3629, section 4). */
struct utf8_state {
    unsigned missing;
    unsigned char low, high;
};

struct csvdecode {
    struct csvinput *input;
    struct slice raw;     /* what is left of the bytes read last */
    uint64_t raw_offset;  /* of raw.text in the unpacked file */
    bool unchecked;       /* bytes that are not UTF-8 pass */
    bool begun;           /* the BOM has been dealt with */
    bool ended, finished; /* no more bytes; no more text */
    size_t skipped;       /* bytes of a BOM before the text given last */
    const char *fault;    /* what is wrong right after the text given last */
    struct utf8_state state;
    uint64_t text_offset;  /* UTF-8: of the text given last */
    UConverter *converter; /* NULL for UTF-8 */
    bool is_unicode;       /* the charset is an encoding of Unicode */
    UChar *units;          /* the first `held` are left from the text before: half of a surrogate pair */
    int32_t held;
    uint64_t held_offset;
    int32_t *unit_offsets;
    uint8_t *text;
    uint64_t *text_offsets;
};

static bool has_name(const char *encoding, const char *name)
{
    return ucnv_compareNames(encoding, name) == 0;
}

static int open_converter(struct csvdecode *decode, const char *encoding, struct err *err)
{
    UErrorCode status = U_ZERO_ERROR;
    UConverter *converter = ucnv_open(encoding, &status);
    if (U_FAILURE(status))
        return err_set(err, ERR_CONFIG, "encoding '%s' is not known", encoding);
    ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    BUG_ON(U_FAILURE(status));
    decode->converter = converter;
    decode->is_unicode = strncasecmp(encoding, "utf", 3) == 0;
    decode->units = mem_alloc(UNITS * sizeof *decode->units);
    decode->unit_offsets = mem_alloc(UNITS * sizeof *decode->unit_offsets);
    decode->text = mem_alloc(UNITS * 3);
    decode->text_offsets = mem_alloc(UNITS * 3 * sizeof *decode->text_offsets);
    return 0;
}

int csvdecode_open(struct csvdecode **out, struct csvinput *input, const char *encoding, struct err *err)
{
    struct csvdecode *decode = mem_zalloc(1, sizeof *decode);
    int code = encoding && !has_name(encoding, "utf-8") ? open_converter(decode, encoding, err) : 0;
    if (code) {
        free(decode);
        return code;
    }
    decode->input = input;
    *out = decode;
    return 0;
}

void csvdecode_free(struct csvdecode *decode)
{
    if (!decode)
        return;
    if (decode->converter) {
        ucnv_close(decode->converter);
        explicit_bzero(decode->units, UNITS * sizeof *decode->units);
        explicit_bzero(decode->text, UNITS * 3);
    }
    free(decode->units);
    free(decode->unit_offsets);
    free(decode->text);
    free(decode->text_offsets);
    csvinput_free(decode->input);
    free(decode);
}

void csvdecode_leave_unchecked(struct csvdecode *decode)
{
    decode->unchecked = true;
}

/* How many of the bytes are ASCII other than NUL, eight at a time: such a byte less one has no high bit. */
static size_t plain_prefix(const unsigned char *bytes, size_t length)
{
    size_t i = 0;
    for (uint64_t word; length - i >= sizeof word; i += sizeof word) {
        memcpy(&word, bytes + i, sizeof word);
        if ((word | (word - 0x0101010101010101u)) & 0x8080808080808080u)
            break;
    }
    return i;
}

static bool begin_sequence(struct utf8_state *state, unsigned char lead)
{
    *state = (struct utf8_state){ 0, 0x80, 0xBF };
    if (lead >= 0xC2 && lead <= 0xDF)
        state->missing = 1;
    else if (lead >= 0xE0 && lead <= 0xEF)
        state->missing = 2;
    else if (lead >= 0xF0 && lead <= 0xF4)
        state->missing = 3;
    if (lead == 0xE0)
        state->low = 0xA0; /* no overlong forms, */
    else if (lead == 0xED)
        state->high = 0x9F; /* no surrogates, */
    else if (lead == 0xF0)
        state->low = 0x90;
    else if (lead == 0xF4)
        state->high = 0x8F; /* nothing past U+10FFFF */
    return state->missing > 0;
}

static bool continue_sequence(struct utf8_state *state, unsigned char byte)
{
    if (byte < state->low || byte > state->high)
        return false;
    *state = (struct utf8_state){ state->missing - 1, 0x80, 0xBF };
    return true;
}

/* How many bytes are good; if not all, `*fault` says why the next one is not. */
static size_t valid_prefix(struct utf8_state *state, const unsigned char *bytes, size_t length, const char **fault)
{
    static const char malformed[] = "bytes that are not UTF-8; perhaps the encoding is another";
    size_t i = 0;
    while (i < length) {
        if (!state->missing)
            i += plain_prefix(bytes + i, length - i);
        if (i == length)
            break;
        unsigned char byte = bytes[i];
        if (!state->missing && byte == 0)
            *fault = "a NUL byte";
        else if (state->missing ? !continue_sequence(state, byte) : byte >= 0x80 && !begin_sequence(state, byte))
            *fault = malformed;
        if (*fault)
            return i;
        i++;
    }
    return i;
}

static struct slice read_utf8(struct csvdecode *decode)
{
    struct slice raw = decode->raw;
    if (!raw.length && decode->state.missing)
        decode->fault = "a character that is cut off";
    if (!decode->unchecked)
        raw.length = valid_prefix(&decode->state, (const unsigned char *)raw.text, raw.length, &decode->fault);
    decode->text_offset = decode->raw_offset;
    decode->raw_offset += raw.length;
    decode->raw.length = 0;
    return raw;
}

static const char *character_fault(const struct csvdecode *decode, uint32_t character)
{
    if (character == 0)
        return "a NUL character";
    if (character == 0xFFFE)
        return "a byte order mark of the other byte order";
    /* C1 controls are no text: the file is of the Windows code page that is like the stated ISO charset */
    if (!decode->is_unicode && character >= 0x80 && character < 0xA0)
        return "bytes that are not of the stated encoding";
    return NULL;
}

/* Where the unit `i` comes from; `base` is the origin of a character begun in the bytes before these. */
static uint64_t unit_offset(const struct csvdecode *decode, int32_t i, uint64_t base)
{
    if (i < decode->held)
        return decode->held_offset;
    int32_t offset = decode->unit_offsets[i];
    return offset < 0 ? base : decode->raw_offset + (uint64_t)offset;
}

/* Writes the units as UTF-8 with the offset of each byte's origin; holds back half of a surrogate pair. */
static struct slice units_to_text(struct csvdecode *decode, int32_t count, uint64_t base)
{
    size_t length = 0;
    int32_t still_held = 0;
    for (int32_t i = 0; i < count; i++) {
        uint64_t offset = unit_offset(decode, i, base);
        uint32_t character = decode->units[i];
        if (U16_IS_LEAD(character) && i + 1 == count) {
            decode->held_offset = offset;
            still_held = 1;
            break;
        }
        if (U16_IS_LEAD(character))
            character = (character << 10) + decode->units[++i] - (uint32_t)U16_SURROGATE_OFFSET;
        decode->fault = character_fault(decode, character);
        if (decode->fault)
            break;
        size_t at = length;
        U8_APPEND_UNSAFE(decode->text, length, character);
        for (; at < length; at++)
            decode->text_offsets[at] = offset;
    }
    if (still_held)
        decode->units[0] = decode->units[count - 1];
    decode->held = still_held;
    return (struct slice){ (const char *)decode->text, length };
}

static struct slice read_converted(struct csvdecode *decode)
{
    UErrorCode status = U_ZERO_ERROR;
    uint64_t base = decode->raw_offset - (uint64_t)ucnv_toUCountPending(decode->converter, &status);
    const char *source = decode->raw.text;
    UChar *target = decode->units + decode->held;
    ucnv_toUnicode(decode->converter, &target, decode->units + UNITS, &source, source + decode->raw.length,
                   decode->unit_offsets + decode->held, decode->ended, &status);
    int32_t count = (int32_t)(target - decode->units);
    struct slice text = units_to_text(decode, count, base);
    if (U_FAILURE(status) && status != U_BUFFER_OVERFLOW_ERROR && !decode->fault)
        decode->fault = status == U_TRUNCATED_CHAR_FOUND ? "a character that is cut off"
                                                         : "bytes that are not of the stated encoding";
    size_t used = (size_t)(source - decode->raw.text);
    decode->raw = (struct slice){ source, decode->raw.length - used };
    decode->raw_offset += used;
    return text;
}

static bool begins_with(struct slice text, const char *start)
{
    size_t length = strlen(start);
    return text.length >= length && memcmp(text.text, start, length) == 0;
}

static const char *bom_fault(const struct csvdecode *decode)
{
    bool utf8 = begins_with(decode->raw, "\xEF\xBB\xBF");
    bool utf16 = begins_with(decode->raw, "\xFF\xFE") || begins_with(decode->raw, "\xFE\xFF");
    if (utf8 && decode->converter)
        return "a UTF-8 byte order mark, although another encoding is stated";
    if (utf16 && !decode->is_unicode)
        return "a UTF-16 byte order mark, although another encoding is stated";
    return NULL;
}

static int read_text(struct csvdecode *decode, struct slice *text, struct err *err)
{
    if (!decode->raw.length && !decode->ended) {
        int code = csvinput_read(decode->input, &decode->raw, err);
        if (code)
            return code;
        decode->ended = decode->raw.length == 0;
    }
    if (!decode->begun)
        decode->fault = bom_fault(decode);
    if (decode->fault)
        return 0;
    *text = decode->converter ? read_converted(decode) : read_utf8(decode);
    return 0;
}

int csvdecode_read(struct csvdecode *decode, struct slice *out, struct err *err)
{
    struct slice text = { "", 0 };
    while (!text.length && !decode->fault && !decode->finished) {
        decode->skipped = 0;
        int code = read_text(decode, &text, err);
        if (code)
            return code;
        decode->finished = decode->ended && !text.length;
        if (!decode->begun && begins_with(text, "\xEF\xBB\xBF")) {
            decode->skipped = BOM_BYTES;
            text = (struct slice){ text.text + BOM_BYTES, text.length - BOM_BYTES };
        }
        decode->begun = decode->begun || decode->skipped || text.length;
    }
    if (!text.length && decode->fault)
        return err_set(err, ERR_DATA, "%s", decode->fault);
    *out = text;
    return 0;
}

uint64_t csvdecode_offset(const struct csvdecode *decode, size_t index)
{
    index += decode->skipped;
    return decode->converter ? decode->text_offsets[index] : decode->text_offset + index;
}

const struct csvinput *csvdecode_input(const struct csvdecode *decode)
{
    return decode->input;
}
