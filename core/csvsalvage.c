/* Reading on after a record that cannot be right. */
#include <stdlib.h>
#include <string.h>

#include "core/csvread_internal.h"
#include "core/mem.h"
#include "core/utf8.h"

/* What is held may be anybody's; no copy of it stays behind. */
static void reserve(struct csvread *reader, size_t from, size_t kept, size_t bytes)
{
    if (bytes <= reader->held_capacity) {
        memmove(reader->held, reader->held + from, kept);
        return;
    }
    char *held = mem_alloc(2 * bytes);
    if (kept)
        memcpy(held, reader->held + from, kept);
    csvsalvage_release(reader);
    reader->held = held;
    reader->held_capacity = 2 * bytes;
}

void csvsalvage_release(struct csvread *reader)
{
    if (reader->held)
        explicit_bzero(reader->held, reader->held_capacity);
    free(reader->held);
    reader->held = NULL;
    reader->held_capacity = 0;
}

int csvsalvage_refill(struct csvread *reader, bool *more)
{
    struct slice text;
    const size_t from = reader->begun ? reader->record_at : reader->window.length, kept = reader->window.length - from;
    int code = csvread_more(reader, &text);
    if (code)
        return code;
    *more = text.length > 0;
    if (!*more)
        return 0;
    reserve(reader, from, kept, kept + text.length);
    memcpy(reader->held + kept, text.text, text.length);
    reader->held_offset = csvdecode_offset(reader->decode, 0) - kept;
    reader->record_at = 0;
    reader->at -= from;
    reader->window = (struct slice){ reader->held, kept + text.length };
    return 0;
}

bool csvsalvage_is_due(const struct csvread *reader)
{
    if (!reader->salvages || !reader->header.count)
        return false;
    if (reader->failure.code)
        return reader->is_of_record;
    return reader->complete && reader->spans_lines && reader->record.field_count != reader->header.count;
}

/* Quotes around a piece are taken off; they may be the fault. False: over a cap. */
static bool add_piece(struct csvrecord *record, const char *text, const char *end)
{
    if (text < end && *text == '"')
        text++;
    if (text < end && end[-1] == '"')
        end--;
    return csvrecord_add(record, text, (size_t)(end - text)) == CSVRECORD_FITS;
}

/* Makes the record of a line. False if not all of it is in there. */
static bool cut(struct csvread *reader, const char *line, size_t length)
{
    const char *end = line + length, *comma;
    bool all = true;
    csvrecord_clear(&reader->record);
    for (; (comma = memchr(line, reader->parser.delim_char, (size_t)(end - line))); line = comma + 1)
        all &= add_piece(&reader->record, line, comma);
    return add_piece(&reader->record, line, end) && all;
}

/* LF, CR LF or CR: what ends the line, or NULL. */
static const char *find_end(const char *text, size_t length)
{
    const char *lf = memchr(text, '\n', length), *cr = memchr(text, '\r', lf ? (size_t)(lf - text) : length);
    return cr ? cr : lf;
}

/* Looks for the end of the line from there on, or until `most` bytes are held; NULL: not found, perhaps for the file's end. */
static int seek_end(struct csvread *reader, size_t from, size_t most, const char **end)
{
    bool more = true;
    int code = 0;
    reader->at = from;
    while (!code && more && reader->window.length - reader->record_at <= most) {
        *end = find_end(reader->window.text + reader->at, reader->window.length - reader->at);
        if (*end)
            return 0;
        reader->at = reader->window.length;
        code = csvsalvage_refill(reader, &more);
    }
    return code;
}

/* The rest of a line that is longer than any record. */
static int pass_line(struct csvread *reader, const char **end)
{
    bool more = true;
    int code = 0;
    reader->begun = false;
    while (!code && more && !*end) {
        reader->at = reader->window.length;
        code = csvsalvage_refill(reader, &more);
        if (!code && more)
            *end = find_end(reader->window.text + reader->at, reader->window.length - reader->at);
    }
    return code;
}

/* Of a CR the LF may follow. */
static void go_behind(struct csvread *reader, const char *end)
{
    if (!end) {
        reader->at = reader->window.length;
        reader->line = reader->record_line;
        return;
    }
    reader->at = (size_t)(end - reader->window.text) + 1;
    reader->after_cr = *end == '\r';
    reader->line = reader->record_line + !reader->after_cr;
}

int csvsalvage_line(struct csvread *reader)
{
    const unsigned char delimiter = reader->parser.delim_char;
    const char *end = NULL;
    reader->failure = (struct err){ 0 };
    reader->is_of_record = reader->ended = reader->after_cr = false;
    csv_free(&reader->parser);
    csvread_start_parser(reader, delimiter);
    int code = seek_end(reader, reader->record_at, reader->record.max_bytes, &end);
    if (code)
        return code;
    const char *line = reader->window.text + reader->record_at;
    reader->is_cut = !cut(reader, line, end ? (size_t)(end - line) : reader->window.length - reader->record_at);
    reader->complete = true;
    if (!end)
        code = pass_line(reader, &end);
    if (!code)
        go_behind(reader, end);
    return code;
}

bool csvread_is_text(struct slice field)
{
    return text_is_utf8(field) && !memchr(field.text, '\0', field.length);
}

static void clean(char *text, size_t length)
{
    for (size_t at = 0, step; at < length; at += step) {
        uint32_t rune;
        step = utf8_decode(text + at, text + length, &rune);
        if (step && rune)
            continue;
        text[at] = '?';
        step = 1;
    }
}

void csvread_clean(struct csvread *reader)
{
    struct csvrecord *record = &reader->record;
    for (size_t i = 0; i < record->field_count; i++)
        clean(record->bytes + (record->fields[i].text - record->bytes), record->fields[i].length);
}
