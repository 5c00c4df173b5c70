/* Quarantine: rows that cannot be right, kept for a while so that someone can look (DESIGN 7). One file per input,
 * quarantine/<input>-<first 8 hex digits of its digest>.jsonl, mode 0600: a line on the whole, the header, then a line per row
 * with place and reason in clear and the row itself encrypted under KEY_QUARANTINE.
 *
 * Written beside, under a temporary name, while the input is read; quarantine_commit() makes it appear and is called
 * just before the store commits: killed in between, the input is read again and the same file replaced. What is not
 * committed is removed, by the next run at the latest (atomfile_clean()). Memory does not grow with the rows. */
#ifndef ETL_QUARANTINE_H
#define ETL_QUARANTINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/csvread.h"
#include "core/err.h"
#include "core/keyring.h"
#include "core/strbuf.h"
#include "etl/map.h"

struct quarantine;

struct quarantine_options {
    const char *folder; /* of the quarantine */
    const struct keyring *keyring;
    const char *source;  /* name of the source */
    const char *input;   /* name of the input file, without folder */
    int32_t expires_day; /* local day from which quarantine_expire() removes it */
};

/* Nothing is written before the first row is added; options and header must live until the end. ERR_CONFIG if there is no quarantine key. */
int quarantine_begin(struct quarantine **quarantine, const struct quarantine_options *options,
                     const struct csv_record *header, struct err *err);
int quarantine_add(struct quarantine *quarantine, const struct csv_record *record, const struct map_reject *reject,
                   struct err *err);
uint64_t quarantine_count(const struct quarantine *quarantine);
/* Counts by column and code with the first line of each, for messages: "closed_at: bad_date 12 (first in line 34); …". */
void quarantine_summary(const struct quarantine *quarantine, struct strbuf *out);
/* Appends the name of the file, without folder, that commit makes for an input. */
void quarantine_name(const char *input, const unsigned char digest[32], struct strbuf *out);
/* Makes the file appear, if there is one; `digest` is the input's. Ends with the quarantine freed, also on failure. */
int quarantine_commit(struct quarantine *quarantine, const unsigned char digest[32], struct err *err);
void quarantine_abort(struct quarantine *quarantine); /* NULL is fine */

/* The day on which the file goes: the one in its head; of a file that is damaged and does not say (ERR_DATA), `damaged_days` after it was
 * last changed. */
int quarantine_term(const char *path, int damaged_days, int32_t *day, struct err *err);

/* Removes the files that have expired on `today`, or only counts them; `removed` may be NULL. A file that does not say when is an error
 * until it goes; the others are removed nevertheless. */
struct quarantine_end {
    const char *folder;
    int damaged_days;
    int32_t today;
    bool dry_run;
};
int quarantine_expire(const struct quarantine_end *end, size_t *removed, struct err *err);
/* Paths of all files of the quarantine, sorted; to be freed, each and the list (NULL-ended). */
int quarantine_list(const char *folder, char ***paths, struct err *err);

/* ---- reading ---- */

struct quarantine_file {
    const char *source, *input;
    int32_t expires_day;
};

struct quarantine_row {
    uint64_t line, offset;
    const char *column, *code, *rule;
    const struct slice *cells; /* decrypted; NULL without a keyring */
    size_t cell_count;
};

struct quarantine_reader;

/* `keyring` NULL: places and reasons only. ERR_NOINPUT; ERR_DATA if the file is damaged, was changed, or its key is gone. */
int quarantine_open(struct quarantine_reader **reader, const char *path, const struct keyring *keyring,
                    struct err *err);
void quarantine_close(struct quarantine_reader *reader); /* wipes */
const struct quarantine_file *quarantine_about(const struct quarantine_reader *reader);
/* The input's header as a row; its cells are NULL without a keyring. */
const struct quarantine_row *quarantine_header(const struct quarantine_reader *reader);
/* 1: a row, valid until the next call; 0: the end. */
int quarantine_next(struct quarantine_reader *reader, struct quarantine_row *row, struct err *err);

#endif
