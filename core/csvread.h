/* Reading CSV (RFC 4180 and what is found in the wild) through libcsv, with its traps closed.
 *
 * A reader gives one record at a time with the physical line and byte offset at which it begins. All fields of a
 * record are NUL-terminated and stay valid until the next call. Blank lines are skipped but counted. A BOM is removed.
 * Blanks are content; so is a quote inside a field that does not begin with one.
 * What cannot be right ends the file with ERR_DATA and "file:line: problem": an unterminated quote, characters after
 * a closing quote, a NUL, bytes that are not of the stated encoding, a field or record over its cap, a CR without LF
 * outside quotes, a last record that is cut off (fewer fields than the header and no line end). After an error the
 * reader gives no further record. Messages never hold the content of a cell.
 *
 * With `salvage` such a fault is of one line: it is given as `malformed`, and reading goes on with the next line, so that a quote that
 * is never closed takes no other record along. So is a last record without line end, for it may have been cut in its last field. A CR alone ends
 * a line, too. Fields may then hold any bytes, which csvread_clean() makes text of. What is wrong with the header, or with the file (it cannot be read or unpacked, is of another encoding by its BOM), still ends it.
 *
 * Plain or .xz (and whatever libarchive unpacks as a single stream), told apart by content, not by name.
 * The input is never held in memory as a whole. */
#ifndef CORE_CSVREAD_H
#define CORE_CSVREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/text.h"

enum { CSVREAD_RECORD_FIELDS = 16 };

struct csvread_options {
    char delimiter;         /* 0: ',' */
    const char *encoding;   /* NULL: "utf-8"; else a charset of text_decode() */
    size_t max_field_bytes; /* 0: 1 MiB; a record may have CSVREAD_RECORD_FIELDS times as many */
    size_t max_fields;      /* 0: 4,096 */
    size_t block_bytes;     /* how much is read at once; 0: 256 KiB */
    bool salvage;           /* UTF-8 only: one row that cannot be right does not end the file, see csv_record.malformed */
};

struct csv_record {
    const struct slice *fields;
    size_t count;
    uint64_t line;   /* physical line on which the record begins, from 1 */
    uint64_t offset; /* byte offset of its first byte in the unpacked stream */
    uint64_t number; /* records before this one, the header not counted: 0 for the first data record */
    bool malformed;  /* salvaged: its line breaks a rule above; cut at the delimiters, for whoever has to look at it */
    bool cut;        /* salvaged: its line is over a cap, and not all of it is here */
};

struct csvread;

/* Opens `path` and reads the header. ERR_NOINPUT if it cannot be opened, ERR_DATA if it is empty, or its header has a name
 * twice or an empty name for a column (empty trailing names are allowed and are never matched). */
int csvread_open(struct csvread **reader, const char *path, const struct csvread_options *options, struct err *err);
/* The same on an open descriptor, which the reader takes over; `name` is for messages. */
int csvread_open_fd(struct csvread **reader, int fd, const char *name, const struct csvread_options *options,
                    struct err *err);
void csvread_free(struct csvread *reader);

const struct csv_record *csvread_header(const struct csvread *reader);
/* Index of the column with that name (exact after trimming), or -1. */
int csvread_column(const struct csvread *reader, const char *name);

/* 1: `record` is the next record; 0: the end; negative: error. A record may have more or fewer fields than the
 * header: that is for the caller to judge. */
int csvread_next(struct csvread *reader, struct csv_record *record, struct err *err);

/* Salvaging: is the field text (UTF-8, no NUL)? */
bool csvread_is_text(struct slice field);
/* Salvaging: makes each byte of the current record that is no text (NUL, not UTF-8) a '?'. */
void csvread_clean(struct csvread *reader);

/* Bytes of the file on disk consumed so far and in all (0 if unknown), for progress. */
void csvread_progress(const struct csvread *reader, uint64_t *done_bytes, uint64_t *total_bytes);

/* BLAKE2b-256 of the bytes of the file on disk; valid once csvread_next() has returned 0. */
void csvread_digest(const struct csvread *reader, unsigned char digest[32]);

#endif
