/* What a reader is made of, for core/csvread.c and core/csvsalvage.c alone. */
#ifndef CORE_CSVREAD_INTERNAL_H
#define CORE_CSVREAD_INTERNAL_H

#include <csv.h>

#include "core/csvdecode.h"
#include "core/csvread.h"
#include "core/csvrecord.h"

/* libcsv is given one physical line at a time, or what of it is in the window, so that lines and offsets are known. */
struct csvread {
    char *name;
    struct csvdecode *decode;
    struct csv_parser parser;
    struct slice window; /* decoded text; `at` bytes of it are read */
    size_t at;
    uint64_t line; /* physical line of the byte at `at` */

    bool begun, complete; /* of the record that is being read */
    bool spans_lines;     /* it holds an end of line */
    bool is_cut;          /* salvaged, and not all of the line is in it */
    bool after_cr;        /* the byte before `at` is a CR that is not content */
    uint64_t field_line;  /* on which the field that is being read begins */
    uint64_t record_line, record_offset, records;
    size_t record_at; /* in the window */
    struct csvrecord record;

    struct csv_record header;
    struct csvrecord header_record;
    size_t named_columns; /* columns of the header without empty names at its end */
    bool ended;
    struct err failure;   /* an error is final, but for: */
    bool salvages, is_of_record;
    char *held; /* salvaging: the window, from where the record begins on */
    size_t held_capacity;
    uint64_t held_offset; /* of its first byte in the unpacked stream */
};

void csvread_start_parser(struct csvread *reader, unsigned char delimiter);
uint64_t csvread_offset(const struct csvread *reader); /* of the byte at `at` */
/* The next text of the file; empty at its end. */
int csvread_more(struct csvread *reader, struct slice *text);

/* Reads on, and keeps the record that has begun in the window; `more`: false at the end of the file. */
int csvsalvage_refill(struct csvread *reader, bool *more);
/* What was read last is no record: either it broke a rule, or it took lines along that look like others. */
bool csvsalvage_is_due(const struct csvread *reader);
/* Makes a record of the line on which it began, and goes on after that line. */
int csvsalvage_line(struct csvread *reader);
void csvsalvage_release(struct csvread *reader); /* wipes */

#endif
