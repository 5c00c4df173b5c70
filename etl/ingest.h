/* Reading a file of closed cases into the store: one transaction a file.
 *
 * A file is stored whole or not at all (but for rows in quarantine). Reading it a second time changes nothing: a file is known
 * by a keyed digest of its bytes. Killed at any instant, the next reading gives the same store. The raw identifier
 * reaches no disk: the store and its log hold pseudonyms only, and SQLite sorts in memory.
 *
 * Order of the last steps: kept input, quarantine file, contacts, commit, removal of the input. Each can be repeated. */
#ifndef ETL_INGEST_H
#define ETL_INGEST_H

#include "etl/load.h"
#include "etl/map.h"
#include "etl/term.h"

/* What a row says of somebody who might be asked in surveys. Texts are valid during the call and hold personal data. */
struct ingest_identifier {
    const char *kind;      /* as in cases.db: email, phone, id:<name> */
    struct slice value;    /* normalised */
};

struct ingest_contact {
    const struct source_opt_in *opt_in;
    enum case_word word;
    int64_t stated_at;
    int32_t closed_day;
    const char *controller;
    struct slice address, language, country;
    const struct ingest_identifier *identifiers;
    size_t identifier_count;
    const struct person_hashes *known_by; /* if the row is of a claimant: by what else; as hashes under the objection key */
};

/* Who takes contacts. Its store is another than that of the cases: it is committed first, and what it does twice it does once,
 * so that a run killed between the two commits is repaired by reading the file again. */
struct ingest_desk {
    void *context;
    int (*begin)(void *context, struct err *err);
    int (*take)(void *context, const struct ingest_contact *contact, struct err *err);
    int (*commit)(void *context, struct err *err);
    void (*rollback)(void *context); /* no-op after commit */
};

struct ingest { /* what it needs; all the caller's */
    const struct store *store;
    const struct case_tables *tables;
    const struct sources *sources;
    struct term term;
    const struct ingest_desk *desk; /* or NULL: contacts are dropped */
    const char *quarantine_folder, *inputs_folder;
    int64_t now;      /* instant */
    bool keep;        /* do not remove the input */
    bool quiet;       /* no progress bar */
};

struct ingest_result {
    bool already;     /* the file was stored before; nothing changed */
    int64_t file;     /* input_file.file */
    int32_t from, to; /* days of closing in it; from > to if there are none */
    uint64_t vanished, vanished_held, dropped_columns; /* vanished_held: not in the snapshot, but kept for a hold */
    struct map_counts map;
    struct load_counts load;
    struct identity_counts identity;
    struct strbuf notes; /* lines for the operator: what was rejected or set aside, where */
};

/* Reads the file. ERR_DATA: it was rejected, nothing of it is stored, it stays where it is; ERR_NOINPUT, ERR_IO, ….
 * `result` is zeroed by the caller and released with ingest_result_release(), also after a failure: its notes say what was
 * rejected. */
int ingest_file(const struct ingest *ingest, const struct source *source, const char *path,
                struct ingest_result *result, struct err *err);
void ingest_result_release(struct ingest_result *result);

/* The result as one line of JSON: counts only. */
void ingest_result_json(const struct ingest_result *result, struct strbuf *out);

#endif
