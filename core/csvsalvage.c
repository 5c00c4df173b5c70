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
    const bool line_is_open = reader->after_cr || reader->ended; /* its end is not counted yet */
    if (!reader->salvages || !reader->header.count)
        return false;
    if (reader->failure.code)
        return reader->is_of_record;
    return reader->complete && reader->record.field_count != reader->header.count &&
           reader->line - reader->record_line > (line_is_open ? 0 : 1);
}

/* Quotes around a piece are taken off; they may be the fault. */
static void add_piece(struct csvrecord *record, const char *text, const char *end)
{
    if (text < end && *text == '"')
        text++;
    if (text < end && end[-1] == '"')
        end--;
    csvrecord_add(record, text, (size_t)(end - text));
}

static void cut(struct csvread *reader, const char *line, size_t length)
{
    const char *end = line + length, *comma;
    if (length && end[-1] == '\r')
        end--;
    csvrecord_clear(&reader->record);
    for (; (comma = memchr(line, reader->parser.delim_char, (size_t)(end - line))); line = comma + 1)
        add_piece(&reader->record, line, comma);
    add_piece(&reader->record, line, end);
}

/* The rest of a line that is longer than any record. */
static int pass_line(struct csvread *reader)
{
    bool more = true;
    const char *newline = NULL;
    int code = 0;
    reader->begun = false;
    while (!code && more && !newline) {
        newline = memchr(reader->window.text + reader->at, '\n', reader->window.length - reader->at);
        reader->at = newline ? (size_t)(newline - reader->window.text) + 1 : reader->window.length;
        if (!newline)
            code = csvsalvage_refill(reader, &more);
    }
    reader->line = reader->record_line + 1;
    return code;
}

/* A CR that is no line end was found behind a record that is complete: what follows on the line is the next one. */
static void begin_here(struct csvread *reader)
{
    reader->begun = true;
    reader->record_at = reader->at;
    reader->record_line = reader->line;
    reader->record_offset = csvread_offset(reader);
}

int csvsalvage_line(struct csvread *reader)
{
    const unsigned char delimiter = reader->parser.delim_char;
    const char *newline = NULL;
    bool more = true;
    int code = 0;
    if (!reader->begun)
        begin_here(reader);
    reader->failure = (struct err){ 0 };
    reader->is_of_record = reader->ended = reader->after_cr = false;
    csv_free(&reader->parser);
    csvread_start_parser(reader, delimiter);
    while (!code && more && reader->window.length - reader->record_at <= reader->record.max_bytes) {
        newline = memchr(reader->window.text + reader->record_at, '\n', reader->window.length - reader->record_at);
        if (newline)
            break;
        reader->at = reader->window.length;
        code = csvsalvage_refill(reader, &more);
    }
    if (code)
        return code;
    const char *line = reader->window.text + reader->record_at;
    cut(reader, line, newline ? (size_t)(newline - line) : reader->window.length - reader->record_at);
    reader->at = reader->record_at;
    reader->complete = true;
    return pass_line(reader);
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
