/* The ledger (state/releases.db): everything that was ever published, and nothing that was withheld. A table's period is
 * published once, under one version of the table, and never again, whatever arrives late, is corrected or deleted.
 *
 * A release is staged in one transaction: its rows and frozen periods stand in the ledger before a file of it exists.
 * Then its folder is written from the ledger alone and it is marked published. A run that is killed between the two
 * finds it staged and writes the same folder again. */
#ifndef STATS_LEDGER_H
#define STATS_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

struct ledger;

int ledger_open(struct ledger **ledger, const char *path, struct err *err);
int ledger_open_read(struct ledger **ledger, const char *path, struct err *err); /* ERR_NOINPUT if there is none */
void ledger_close(struct ledger *ledger); /* NULL is fine; what was staged and not committed is gone */

/* What a table publishes and how. Two tables of one name with different definitions are versions of it. */
struct ledger_version {
    int64_t id;                    /* by the ledger */
    int64_t version;               /* by the ledger: 1, 2, … per name */
    const char *name, *source;
    const char *period_unit;       /* week, month, quarter, year */
    unsigned char definition[32];  /* digest of all that decides its figures */
    const char *title;
    const char *columns;           /* JSON, as stats/ledger_table.h writes and reads it */
    const char *dimensions;        /* JSON: digest of each dimension's definition by its name; NULL: not known (imported) */
};

/* Finds the version of that name and definition, or adds it; fills in id and version. */
int ledger_version_get(struct ledger *ledger, struct ledger_version *version, struct err *err);

struct ledger_release {
    int64_t id;                    /* by the ledger */
    const char *name;              /* folder below published/ */
    int64_t as_of;
    const char *program, *config_digest;
    int64_t k;
    bool imported;                 /* published by others: known, never shown */
};

/* begin → add… → stage. All in one transaction, which ledger_stage() commits and ledger_close() or an error undoes. */
int ledger_begin(struct ledger *ledger, struct ledger_release *release, struct err *err);
int ledger_add_row(struct ledger *ledger, int64_t version, int64_t period, int64_t row, const char *cells,
                   struct err *err);
/* Says that the table's period is published. Its rows come first. */
int ledger_add_period(struct ledger *ledger, int64_t version, int64_t period, struct err *err);
/* Says that the table does not get the period and is never to try again. */
int ledger_add_unfit(struct ledger *ledger, const char *table, int64_t period, struct err *err);
int ledger_freeze(struct ledger *ledger, const char *source, const char *unit, int64_t period, struct err *err);
/* A cell that earlier publications alone expose: *is_new tells whether to raise the alarm. */
int ledger_add_lost(struct ledger *ledger, int64_t version, int64_t period, const char *cell, bool *is_new,
                    struct err *err);
int ledger_stage(struct ledger *ledger, struct err *err);
void ledger_abandon(struct ledger *ledger); /* undoes all since ledger_begin() */

int ledger_mark_published(struct ledger *ledger, int64_t release, struct err *err);
/* ERR_NOINPUT if there is no such release, ERR_USAGE if it is withdrawn already. Stays known to protection. */
int ledger_withdraw(struct ledger *ledger, const char *name, const char *because, int64_t now, struct err *err);
int ledger_sign_gap(struct ledger *ledger, const char *source, int64_t period, const char *who, int64_t now,
                    struct err *err);

/* 1: yes, 0: no, negative: error. */
/* In any version: 1: published; 2: found unfit. */
int ledger_has_period(struct ledger *ledger, const char *table, int64_t period, struct err *err);
int ledger_is_frozen(struct ledger *ledger, const char *source, int64_t period, struct err *err);
int ledger_has_signed_gap(struct ledger *ledger, const char *source, int64_t period, struct err *err);

/* The callbacks return 0 to go on or a negative code that ends the walk. Texts are valid during the call only. */
struct ledger_listed {
    struct ledger_release release;
    const char *state; /* staged, published, withdrawn */
};
int ledger_each_release(struct ledger *ledger, int (*visit)(void *context, const struct ledger_listed *listed, struct err *err),
                        void *context, struct err *err);

struct ledger_row {
    int64_t version, period, row, release;
    const char *cells;
};
/* The rows of a table version in order of period and row: those that a release shows (published up to it, not
 * withdrawn), or with `release` 0 all that a reader ever saw. */
int ledger_each_row(struct ledger *ledger, int64_t version, int64_t release,
                    int (*visit)(void *context, const struct ledger_row *row, struct err *err), void *context,
                    struct err *err);
/* The base periods that the release froze. */
struct ledger_frozen {
    const char *source, *unit;
    int64_t period, release;
};
int ledger_each_frozen(struct ledger *ledger, int64_t release,
                       int (*visit)(void *context, const struct ledger_frozen *frozen, struct err *err), void *context,
                       struct err *err);
/* All frozen periods of a source, ascending. */
int ledger_each_frozen_of(struct ledger *ledger, const char *source,
                          int (*visit)(void *context, const struct ledger_frozen *frozen, struct err *err), void *context,
                          struct err *err);
/* What was frozen or published (imported too) of all sources, ascending of each. */
int ledger_each_taken(struct ledger *ledger, int (*visit)(void *context, const struct ledger_frozen *frozen, struct err *err), void *context,
                      struct err *err);
/* The versions in order of name and version. */
int ledger_each_version(struct ledger *ledger, int (*visit)(void *context, const struct ledger_version *version, struct err *err),
                        void *context, struct err *err);

/* ---- what is known of some days: all that any release ever showed, withdrawn or not ---- */

struct ledger_span {
    const char *source;
    int64_t from, to; /* days on which a period of the rows begins */
};
/* The versions that were published there, be it without a row, in order of name and version. */
int ledger_each_known(struct ledger *ledger, const struct ledger_span *span,
                      int (*visit)(void *context, const struct ledger_version *version, struct err *err), void *context,
                      struct err *err);
int ledger_each_known_row(struct ledger *ledger, int64_t version, const struct ledger_span *span,
                          int (*visit)(void *context, const struct ledger_row *row, struct err *err), void *context,
                          struct err *err);
/* The kinds of publications that they came from, each once. */
struct ledger_kind {
    const char *unit; /* of the tables' periods */
    bool imported, withdrawn;
};
int ledger_each_kind(struct ledger *ledger, const struct ledger_span *span,
                     int (*visit)(void *context, const struct ledger_kind *kind, struct err *err), void *context, struct err *err);
/* The least and the greatest k of the releases that they came from; untouched if there are none. */
int ledger_ks(struct ledger *ledger, const struct ledger_span *span, int64_t *least, int64_t *greatest, struct err *err);

#endif
