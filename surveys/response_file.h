/* Answers from elsewhere: the CSV of a form tool or a call centre, a row for each response, into the intake as if they had come through
 * the page: sealed, once per invitation.
 *
 * Columns go by the header: `responses` of the survey's file says which is which, else a column is called like the question's id and
 * the token's is `token`. Other columns are dropped in the reader. A choice may be its id or its label in any language;
 * several choices stand in one cell. A row that cannot be right is rejected with its reason, the others are taken. Reading a
 * file twice changes nothing. */
#ifndef SURVEYS_RESPONSE_FILE_H
#define SURVEYS_RESPONSE_FILE_H

#include <stdint.h>

#include "core/calendar.h"
#include "core/csvread.h"
#include "core/db.h"
#include "core/err.h"
#include "surveys/definition.h"

enum response_fault {
    RESPONSE_EXTRA_CELLS,
    RESPONSE_MISSING_CELLS,
    RESPONSE_NO_TOKEN,       /* empty, or nothing that can be a token */
    RESPONSE_UNKNOWN_TOKEN,  /* of no invitation of this survey, or of one that opted out */
    RESPONSE_BAD_TIME,
    RESPONSE_IN_FUTURE,
    RESPONSE_LATE,           /* given after the invitation had expired, or read after what became of it was handed over */
    RESPONSE_EARLY,          /* given before the invitation was made */
    RESPONSE_NO_ANSWER,      /* no question is answered, or a required one is not */
    RESPONSE_BAD_ANSWER,     /* not a value that the question has */
};

struct response_reject {
    const char *column;      /* the question, or what it is about; "" for the row */
    enum response_fault fault;
    const char *rule;        /* a sentence without content of the cell */
};

struct response_counts {
    uint64_t rows, stored, already, rejected, dropped_columns;
};

struct response_file {
    struct db *intake, *surveys; /* `surveys`: may be NULL, then nothing is known of when an invitation was made */
    const struct survey *survey;
    const struct zone *zone;
    int64_t now;
    /* Is told the header first, then each reject. */
    int (*begin)(void *context, const struct csv_record *header, struct err *err);
    int (*reject)(void *context, const struct csv_record *record, const struct response_reject *reject, struct err *err);
    /* Is called when all was read and just before it is stored, with the digest of the file. */
    int (*commit)(void *context, const unsigned char digest[32], struct err *err);
    void *context;
};

/* ERR_NOINPUT; ERR_DATA for a file that cannot be right: nothing of it is stored then. */
int response_file_read(const struct response_file *file, const char *path, struct response_counts *counts, struct err *err);

#endif
