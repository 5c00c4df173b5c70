/* A batch: some hundred thousand rows on their way from the reader to the store. Case numbers are hashed and labels coded
 * when a row is added; identifiers are hashed, and their normalised text stays beside the hash until the batch is cleared,
 * because a new or re-keyed identifier needs it again. Clearing wipes that text.
 *
 * All arrays have room for BATCH_ROWS rows; memory does not depend on the length of the file. */
#ifndef ETL_BATCH_H
#define ETL_BATCH_H

#include "etl/case_row.h"
#include "etl/case_table.h"
#include "etl/dictionary.h"
#include "etl/sort.h"

enum { BATCH_ROWS = 131072 };

enum batch_state {
    BATCH_STORE,    /* a closed case */
    BATCH_LEAVE,    /* open, or past its term: no version of it may be in the store */
    BATCH_SEEN,     /* rejected: a snapshot still holds the case */
};

struct batch_row {
    unsigned char key[PSEUDONYM_BYTES]; /* of the case */
    int64_t version;
    int32_t closed_day, opened_day;     /* opened_day: BATCH_NO_DAY if unknown */
    uint32_t line;
    uint8_t state;                      /* enum batch_state */
    bool past_term;
};
#define BATCH_NO_DAY INT32_MIN
#define BATCH_NO_VALUE INT64_MIN

struct batch_identifier {               /* length 0: the row has none */
    unsigned char pseudonym[PSEUDONYM_BYTES];
    unsigned char hash[PSEUDONYM_BYTES]; /* under the objection key */
    uint32_t text, length;              /* of the normalised text, in batch.texts */
};

struct batch_opt_in { /* as struct case_opt_in; texts are in batch.texts */
    uint32_t row;
    uint32_t language, language_length, country, country_length;
    const struct source_opt_in *opt_in;
    const char *controller; /* or NULL */
    enum case_word word;
    int64_t stated_at;
};

struct batch {
    const struct case_table *table;
    struct batch_row *rows;
    struct batch_identifier *identifiers; /* row after row, one for each of the source */
    int64_t *codes;                     /* row after row, one for each dimension with a column, or BATCH_NO_VALUE */
    int64_t *values;                    /* row after row, one for each measure */
    size_t count, code_count;           /* rows; codes of a row */
    struct sort_key *key_order;         /* by batch_finish(): rows by case key */
    struct sort_key *identifier_order;  /*     and positions in `identifiers` by pseudonym, without the empty ones */
    size_t identifier_count;
    char *texts;
    size_t text_used, text_size;
    struct batch_opt_in *opt_ins;
    size_t opt_in_count, opt_in_capacity;
};

/* What rows are turned into numbers with. Only the reader uses it. */
struct batch_maker {
    const struct store *store;
    struct dictionary *dictionary;
    int64_t file;                       /* version of rows without one of their own */
    int32_t oldest_day;                 /* a case closed before this day is past its term */
    bool by_file;                       /* the source has no updated_at */
    bool has_case_ids;
    bool keeps_opened;                  /* a dimension needs the day of opening */
    char *case_domain;                  /* "case:<source>" */
    struct strbuf *kind_names;          /* per identifier of the source */
    size_t kind_count;
};

void batch_init(struct batch *batch, const struct case_table *table);
void batch_clear(struct batch *batch); /* keeps the memory, wipes the texts */
void batch_release(struct batch *batch);

void batch_maker_init(struct batch_maker *maker, const struct store *store, const struct case_table *table,
                      struct dictionary *dictionary);
void batch_maker_release(struct batch_maker *maker);

/* Adds a row; a batch with BATCH_ROWS rows takes no more. */
void batch_add(struct batch *batch, struct batch_maker *maker, const struct case_row *row);

/* No more rows: puts them in order. */
void batch_finish(struct batch *batch);

#endif
