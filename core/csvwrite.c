#include "core/csvwrite.h"

#include <math.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "core/err.h"

static bool is_german(const struct csvwrite *writer)
{
    return writer->dialect == CSV_DIALECT_GERMAN;
}

void csvwrite_init(struct csvwrite *writer, struct strbuf *out, enum csv_dialect dialect)
{
    *writer = (struct csvwrite){ .out = out, .dialect = dialect };
    if (is_german(writer))
        strbuf_adds(out, "\xEF\xBB\xBF");
}

static void begin_field(struct csvwrite *writer)
{
    if (writer->inside_record)
        strbuf_addc(writer->out, is_german(writer) ? ';' : ',');
    else
        writer->record_start = writer->out->length;
    writer->inside_record = true;
}

static bool is_ignored(UChar32 character)
{
    enum { BYTE_ORDER_MARK = 0xFEFF, ZERO_WIDTH_SPACE = 0x200B };
    return u_isUWhiteSpace(character) || character == BYTE_ORDER_MARK || character == ZERO_WIDTH_SPACE;
}

static bool starts_formula(UChar32 character)
{
    static const UChar32 starts[] = { '=', '+', '-', '@', '\t', '\r', '\n', 0xFF1D, 0xFF0B, 0xFF0D, 0xFF20 };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (character == starts[i])
            return true;
    return false;
}

/* Spreadsheets look past white space, and East Asian ones read full-width signs as the plain ones (OWASP, "CSV
 * injection"). */
static bool is_formula(const char *text, size_t length)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t i = 0;
    while (i < length) {
        UChar32 character;
        U8_NEXT(bytes, i, length, character);
        if (starts_formula(character))
            return true;
        if (!is_ignored(character))
            return false;
    }
    return false;
}

static void add_quoted(struct strbuf *out, const char *text)
{
    for (const char *quote; (quote = strchr(text, '"')); text = quote + 1) {
        strbuf_add(out, text, (size_t)(quote - text) + 1);
        strbuf_addc(out, '"');
    }
    strbuf_adds(out, text);
}

void csvwrite_text(struct csvwrite *writer, const char *text)
{
    begin_field(writer);
    struct strbuf *out = writer->out;
    bool quoted = strpbrk(text, is_german(writer) ? ";\"\r\n" : ",\"\r\n") != NULL;
    if (quoted)
        strbuf_addc(out, '"');
    if (is_formula(text, strlen(text)))
        strbuf_addc(out, '\'');
    add_quoted(out, text);
    if (quoted)
        strbuf_addc(out, '"');
}

void csvwrite_integer(struct csvwrite *writer, int64_t value)
{
    begin_field(writer);
    strbuf_addf(writer->out, "%lld", (long long)value);
}

void csvwrite_decimal(struct csvwrite *writer, double value, int decimals)
{
    BUG_ON(!isfinite(value) || decimals < 0);
    begin_field(writer);
    struct strbuf *out = writer->out;
    size_t start = out->length;
    strbuf_addf(out, "%.*f", decimals, value);
    char *number = out->text + start;
    if (number[0] == '-' && !strpbrk(number, "123456789")) {
        memmove(number, number + 1, strlen(number));
        out->length--;
    }
    char *point = strchr(number, '.');
    if (point && is_german(writer))
        *point = ',';
}

void csvwrite_empty(struct csvwrite *writer)
{
    begin_field(writer);
}

void csvwrite_end(struct csvwrite *writer)
{
    BUG_ON(!writer->inside_record);
    if (writer->out->length == writer->record_start)
        strbuf_adds(writer->out, "\"\"");
    strbuf_addc(writer->out, '\n');
    writer->inside_record = false;
}
