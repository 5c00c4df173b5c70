/* Subject events done in the store, and handed on to the surveys by the journal.
 *
 * An event that concerns surveys as well is written, sealed under a key derived from the objection key, to subject_journal in the transaction that does its
 * first half; who has done the second half clears it. What a killed run left there the next one does first: every half
 * may be done again. All within a transaction of the caller. */
#ifndef ETL_SUBJECT_STORE_H
#define ETL_SUBJECT_STORE_H

#include "etl/rights.h"
#include "etl/subject.h"

struct subject_store {
    const struct store *store;
    const struct sources *sources;
    struct rights *rights;
    int64_t now;
};

struct subject_outcome {
    bool already;                /* it was applied before */
    bool refused;                /* nothing was done: */
    struct subject_fault fault;
    struct rights_outcome rights;
};

int subject_store_apply(const struct subject_store *subjects, const struct subject_event *event, struct subject_outcome *outcome,
                        struct err *err);

/* Calls `visit` for each event of the journal, as JSON: kind, controller, purpose, channel, address, language, country, source,
 * evidence (hex), occurred_at, recorded_at, identifiers [{kind, value}], known_by [hex] (by what a claimant is recognised, as hashes under the
 * objection key) and, of an opt-in, what that person claimed before: objected_at, withdrawn_at, erased_at. *last: its last number, 0 for
 * an empty journal. */
int subject_journal_each(const struct store *store, int (*visit)(void *context, struct slice json, struct err *err), void *context,
                         int64_t *last, struct err *err);
/* Adds to the journal that all contacts have to be looked through (surveys/subject.h): some could not be read, or what was learnt may concern
 * some. Nothing is sent until then. */
int subject_journal_ask_sweep(const struct store *store, struct err *err);
int subject_journal_clear(const struct store *store, int64_t last, struct err *err);

#endif
