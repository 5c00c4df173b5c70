#include "core/csvread_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/csvheader.h"
#include "core/mem.h"

enum { MAX_FIELD_BYTES = 1024 * 1024, MAX_FIELDS = 4096, PARSER_BLOCK_BYTES = 4096 };
enum { STRICT = CSV_STRICT | CSV_STRICT_FINI };

static const char lone_cr[] = "a CR without LF";

static int fault_at(struct csvread *reader, uint64_t line, const char *problem)
{
    reader->is_of_record = true;
    return err_set(&reader->failure, ERR_DATA, "%s:%llu: %s", reader->name, (unsigned long long)line, problem);
}

static int over_cap(struct csvread *reader, enum csvrecord_fit fit)
{
    const struct csvrecord *record = &reader->record;
    reader->is_of_record = true;
    return err_set(&reader->failure, ERR_DATA, "%s:%llu: a %s has more than %zu %s", reader->name,
                   (unsigned long long)reader->field_line, fit == CSVRECORD_FIELD_BYTES ? "field" : "record",
                   fit == CSVRECORD_FIELDS        ? record->max_fields
                   : fit == CSVRECORD_FIELD_BYTES ? record->max_field_bytes
                                                  : record->max_bytes,
                   fit == CSVRECORD_FIELDS ? "fields" : "bytes");
}

static void *resize(void *memory, size_t size)
{
    return mem_resize(memory, size, 1);
}

static int never_blank(unsigned char byte)
{
    (void)byte;
    return 0;
}

/* libcsv calls this at the end of each field; it cannot be stopped, so a record over its caps is noted here. */
static void on_field(void *field, size_t length, void *data)
{
    struct csvread *reader = data;
    if (reader->failure.code)
        return;
    enum csvrecord_fit fit = csvrecord_add(&reader->record, field, length);
    if (fit != CSVRECORD_FITS)
        over_cap(reader, fit);
    reader->field_line = reader->line;
}

static void on_record(int end, void *data)
{
    (void)end;
    struct csvread *reader = data;
    reader->complete = true;
}

/* Strict mode finds characters after a closing quote, but also refuses a quote inside an unquoted field, which RFC 4180
 * does not know and everybody reads as content: only that one byte is parsed without it. */
static int parse(struct csvread *reader, const char *text, size_t length)
{
    struct csv_parser *parser = &reader->parser;
    size_t done;
    while ((done = csv_parse(parser, text, length, on_field, on_record, reader)) < length && !parser->quoted) {
        csv_set_opts(parser, CSV_STRICT_FINI);
        csv_parse(parser, text + done, 1, on_field, on_record, reader);
        csv_set_opts(parser, STRICT);
        text += done + 1;
        length -= done + 1;
    }
    if (reader->failure.code)
        return reader->failure.code;
    if (parser->entry_pos > reader->record.max_field_bytes + 1) /* one may be the closing quote */
        return over_cap(reader, CSVRECORD_FIELD_BYTES);
    return done < length ? fault_at(reader, reader->line, "characters after a closing quote") : 0;
}

/* Parses up to the next CR or LF, or to the end of the window. A CR that is not content must precede a LF, which may
 * be in the next window. */
static int read_piece(struct csvread *reader)
{
    const char *start = reader->window.text + reader->at;
    size_t length = reader->window.length - reader->at;
    const char *end = memchr(start, '\n', length);
    if (end)
        length = (size_t)(end - start) + 1;
    const char *cr = memchr(start, '\r', length);
    if (cr)
        length = (size_t)(cr - start) + 1;
    reader->at += length;
    int code = parse(reader, start, length);
    const bool is_lf = start[length - 1] == '\n', is_cr = start[length - 1] == '\r', is_content = reader->begun && !reader->complete;
    reader->line += is_lf;
    reader->after_cr = is_cr && !is_content;
    reader->spans_lines |= (is_lf || is_cr) && is_content;
    return code;
}

/* Simple fields need no parser: they are split some times faster here. The rest of the line is for libcsv, and so is a
 * line with a CR that is not its end or with something over a cap: to say what is wrong. */
static void read_simple_fields(struct csvread *reader)
{
    const char *line = reader->window.text + reader->at;
    const char *newline = memchr(line, '\n', reader->window.length - reader->at);
    if (!newline)
        return;
    size_t length = (size_t)(newline - line);
    const char *cr = memchr(line, '\r', length);
    if (cr && cr + 1 != newline)
        return;
    length -= cr ? 1 : 0;
    size_t done = csvrecord_split(&reader->record, line, length, (char)reader->parser.delim_char);
    if (done <= length) {
        reader->at += done;
        return;
    }
    reader->at += (size_t)(newline - line) + 1;
    reader->line++;
    reader->complete = true;
}

/* The LF that must follow a CR; salvaging, a CR alone ends a line, too. */
static int pass_lf(struct csvread *reader)
{
    const bool is_there = reader->window.text[reader->at] == '\n';
    if (!is_there && !reader->salvages)
        return fault_at(reader, reader->line, lone_cr);
    reader->after_cr = false;
    reader->at += is_there;
    reader->line++;
    return 0;
}

uint64_t csvread_offset(const struct csvread *reader)
{
    return reader->salvages ? reader->held_offset + reader->at : csvdecode_offset(reader->decode, reader->at);
}

/* Passes over blank lines, then begins a record, if there is one. */
static bool begin_record(struct csvread *reader)
{
    const struct slice window = reader->window;
    for (; reader->at < window.length && window.text[reader->at] == '\n'; reader->at++)
        reader->line++;
    if (reader->at == window.length || window.text[reader->at] == '\r')
        return false;
    reader->begun = true;
    reader->record_line = reader->field_line = reader->line;
    reader->record_offset = csvread_offset(reader);
    reader->record_at = reader->at;
    return true;
}

/* The end of the file: the last record may lack its line end. */
static int end_file(struct csvread *reader)
{
    reader->ended = true;
    if (reader->after_cr && !reader->salvages)
        return fault_at(reader, reader->line, lone_cr);
    if (!reader->begun)
        return 0;
    if (csv_fini(&reader->parser, on_field, on_record, reader) != 0)
        return fault_at(reader, reader->field_line, "a quote that is never closed");
    if (!reader->failure.code && reader->record.field_count < reader->named_columns)
        return fault_at(reader, reader->record_line, "the last record is cut off");
    return reader->failure.code;
}

int csvread_more(struct csvread *reader, struct slice *text)
{
    int code = csvdecode_read(reader->decode, text, &reader->failure);
    if (code == ERR_DATA)
        return err_prefix(&reader->failure, "%s:%llu", reader->name, (unsigned long long)reader->line);
    return code ? err_prefix(&reader->failure, "%s", reader->name) : 0;
}

static int refill(struct csvread *reader)
{
    bool more = true;
    int code = reader->salvages ? csvsalvage_refill(reader, &more) : csvread_more(reader, &reader->window);
    if (code)
        return code;
    if (!reader->salvages) {
        more = reader->window.length > 0;
        reader->at = 0;
    }
    return more ? 0 : end_file(reader);
}

static int step(struct csvread *reader)
{
    if (reader->at == reader->window.length)
        return refill(reader);
    if (reader->after_cr)
        return pass_lf(reader);
    if (!reader->begun && begin_record(reader))
        read_simple_fields(reader);
    return !reader->complete && reader->at < reader->window.length ? read_piece(reader) : 0;
}

int csvread_next(struct csvread *reader, struct csv_record *record, struct err *err)
{
    reader->begun = reader->complete = reader->spans_lines = reader->is_cut = false;
    csvrecord_clear(&reader->record);
    int code = reader->failure.code;
    while (!code && !reader->complete && !reader->ended)
        code = step(reader);
    bool is_malformed = csvsalvage_is_due(reader);
    if (is_malformed)
        code = csvsalvage_line(reader);
    if (code) {
        if (err)
            *err = reader->failure;
        return code;
    }
    if (!reader->complete)
        return 0;
    *record = (struct csv_record){ reader->record.fields, reader->record.field_count, reader->record_line,
                                   reader->record_offset, reader->records++,
                                   is_malformed || (reader->salvages && reader->ended), reader->is_cut };
    return 1;
}

/* Takes the first record out of the buffers, so that it lives as long as the reader. */
static void keep_header(struct csvread *reader)
{
    reader->header_record = reader->record;
    reader->record = (struct csvrecord){ .max_field_bytes = reader->record.max_field_bytes,
                                         .max_fields = reader->record.max_fields,
                                         .max_bytes = reader->record.max_bytes };
    reader->records = 0;
}

/* Trimmed names end in a NUL, as all fields do. */
static void end_names(struct csvrecord *header)
{
    for (size_t i = 0; i < header->field_count; i++)
        header->bytes[header->fields[i].text + header->fields[i].length - header->bytes] = '\0';
}

static int check_header(struct csvread *reader)
{
    for (size_t i = 0; i < reader->header.count; i++)
        if (!csvread_is_text(reader->header.fields[i])) /* salvaging; else the decoder has found it */
            return err_set(&reader->failure, ERR_DATA, "bytes that are not UTF-8; perhaps the encoding is another");
    return csvheader_check(reader->header_record.fields, reader->header.count, &reader->named_columns, &reader->failure);
}

static int read_header(struct csvread *reader, struct err *err)
{
    int code = csvread_next(reader, &reader->header, &reader->failure);
    if (code == 0)
        code = fault_at(reader, reader->line, "the file is empty");
    if (code > 0) {
        keep_header(reader);
        code = check_header(reader);
        end_names(&reader->header_record);
        if (code)
            err_prefix(&reader->failure, "%s:%llu", reader->name, (unsigned long long)reader->header.line);
    }
    if (code && err)
        *err = reader->failure;
    return code;
}

static int open_decoder(struct csvread *reader, int fd, const struct csvread_options *options, struct err *err)
{
    struct csvinput *input = NULL;
    int code = csvinput_open(&input, fd, options->block_bytes, err);
    if (!code)
        code = csvdecode_open(&reader->decode, input, options->encoding, err);
    if (!code && options->salvage)
        csvdecode_leave_unchecked(reader->decode);
    if (!code)
        return 0;
    if (!reader->decode)
        csvinput_free(input);
    err_prefix(err, "%s", reader->name);
    return code;
}

void csvread_start_parser(struct csvread *reader, unsigned char delimiter)
{
    csv_init(&reader->parser, STRICT);
    csv_set_delim(&reader->parser, delimiter);
    csv_set_space_func(&reader->parser, never_blank); /* or it would trim blanks */
    csv_set_realloc_func(&reader->parser, resize);
    csv_set_blk_size(&reader->parser, PARSER_BLOCK_BYTES);
}

int csvread_open_fd(struct csvread **out, int fd, const char *name, const struct csvread_options *given,
                    struct err *err)
{
    static const struct csvread_options defaults;
    const struct csvread_options *options = given ? given : &defaults;
    struct csvread *reader = mem_zalloc(1, sizeof *reader);
    reader->name = mem_strdup(name);
    size_t field_bytes = options->max_field_bytes ? options->max_field_bytes : MAX_FIELD_BYTES;
    reader->record = (struct csvrecord){ .max_field_bytes = field_bytes,
                                         .max_fields = options->max_fields ? options->max_fields : MAX_FIELDS,
                                         .max_bytes = field_bytes * CSVREAD_RECORD_FIELDS };
    reader->line = 1;
    reader->salvages = options->salvage && !options->encoding;
    csvread_start_parser(reader, options->delimiter ? (unsigned char)options->delimiter : ',');
    int code = open_decoder(reader, fd, options, err);
    if (!code)
        code = read_header(reader, err);
    if (code) {
        csvread_free(reader);
        return code;
    }
    *out = reader;
    return 0;
}

int csvread_open(struct csvread **reader, const char *path, const struct csvread_options *options, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(err, ERR_NOINPUT, "cannot open '%s'", path);
    return csvread_open_fd(reader, fd, path, options, err);
}

void csvread_free(struct csvread *reader)
{
    if (!reader)
        return;
    if (reader->parser.entry_buf)
        explicit_bzero(reader->parser.entry_buf, reader->parser.entry_size);
    csv_free(&reader->parser);
    csvdecode_free(reader->decode);
    csvsalvage_release(reader);
    csvrecord_release(&reader->record);
    csvrecord_release(&reader->header_record);
    free(reader->name);
    free(reader);
}

const struct csv_record *csvread_header(const struct csvread *reader)
{
    return &reader->header;
}

int csvread_column(const struct csvread *reader, const char *name)
{
    for (size_t i = 0; i < reader->named_columns; i++)
        if (slice_equals(reader->header.fields[i], name))
            return (int)i;
    return -1;
}

void csvread_progress(const struct csvread *reader, uint64_t *done_bytes, uint64_t *total_bytes)
{
    csvinput_progress(csvdecode_input(reader->decode), done_bytes, total_bytes);
}

void csvread_digest(const struct csvread *reader, unsigned char digest[32])
{
    csvinput_digest(csvdecode_input(reader->decode), digest);
}
