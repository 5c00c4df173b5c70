/* The rights of the persons, done in the store: objection and its withdrawal (P4), erasure, holds, the consent to recordings
 * (P6); and the screen that keeps out of every import what may not be stored.
 *
 * The instant of an event decides, not when it arrives; applying one twice changes nothing (etl/claimants.h). All within a
 * transaction of the caller; after a rollback the rights are opened anew. Of a case that left no version is stored that
 * does not say whose it is. A case under a hold stays, marked and out of statistics and surveys, until the hold is released. */
#ifndef ETL_RIGHTS_H
#define ETL_RIGHTS_H

#include "etl/batch.h"
#include "etl/claimants.h"
#include "etl/term.h"

struct rights_options {
    const struct store *store;
    const struct case_tables *tables;
    const struct sources *sources;
    struct term term;
};

struct rights;

int rights_open(struct rights **rights, const struct rights_options *options, struct err *err);
void rights_free(struct rights *rights);

/* What became of an event. */
struct rights_outcome {
    bool shared;         /* the identifier is set aside or denied: it identifies nobody, and nothing was done */
    bool known;          /* cases of the person, or the case, are stored; it applies to what comes in later too */
    bool ended;          /* of a release: a hold for that reason stood until now */
    uint64_t removed, held; /* cases that left; that stayed for a hold */
    uint64_t blanked;    /* cases that lost what was bound to a consent */
    uint64_t labels;     /* that no case has any more */
};

int rights_claim(struct rights *rights, const struct person_key *key, enum claim claim, int64_t at,
                 struct rights_outcome *outcome, struct err *err);

struct rights_hold {
    const struct person_key *key; /* of a person; or NULL and: */
    const struct source *source;  /* of a case */
    struct slice case_id;         /* normalised */
    const char *reason;           /* not empty */
    bool release;
    int64_t at;
};
int rights_hold(struct rights *rights, const struct rights_hold *hold, struct rights_outcome *outcome, struct err *err);
/* Changes nothing: outcome->known alone. */
int rights_hold_look(struct rights *rights, const struct rights_hold *hold, struct rights_outcome *outcome, struct err *err);

/* Does a hold cover the stored case, or its person? */
int rights_is_held(struct rights *rights, const unsigned char case_key[PSEUDONYM_BYTES], int64_t person, bool *held, struct err *err);

/* Identifiers that are said to be of one person. If one of them is a claimant's, all are from now on. at[]: what that person
 * claimed, INT64_MIN: never. */
int rights_learn(struct rights *rights, const struct person_key *keys, size_t count, int64_t at[CLAIMS], struct err *err);

/* Whom the identifier belongs to. `shared`: it is set aside or denied, so it identifies nobody. */
int rights_is_shared(struct rights *rights, const struct person_key *key, struct person_found *found, bool *shared, struct err *err);

/* The person named by these left surveys: whatever else belongs together with one of them in the store is recognised from now on. An
 * identifier that is set aside or denied names nobody here. */
int rights_leave(struct rights *rights, const struct person_key *keys, size_t count, int64_t at, struct err *err);

/* Adds by what the claimant with the identifier is recognised; nothing if it is no claimant's. */
int rights_known_by(struct rights *rights, const struct person_key *key, struct person_hashes *hashes, struct err *err);
/* The same of a row's person. */
int rights_row_known_by(struct rights *rights, const struct batch *batch, size_t row, struct person_hashes *hashes, struct err *err);

/* What the person with the identifier claimed; true if anything. */
bool rights_claimed(struct rights *rights, const struct person_key *key, int64_t at[CLAIMS]);

/* After a number of events or an import, before the commit: finds whoever else claims have come to concern, and deletes labels
 * that no case has any more. Costs nothing as a rule, but a pass over all identifiers if the register knows a claimant by more than what
 * the store knows. */
int rights_settle(struct rights *rights, struct rights_outcome *outcome, struct err *err);

/* Since it was asked last: was a claimant found to be known by more? Then contacts kept elsewhere may be that person's. */
bool rights_take_grown(struct rights *rights);

/* Before a batch is stored: barred[row] where the row may not be stored; blanks what is bound to a consent that was refused.
 * What the rows tell of claimants is learnt, and what the store had of them by then leaves. */
int rights_screen(struct rights *rights, struct batch *batch, bool *barred, struct err *err);

/* The same for a newer version of a case that is stored, which does not say whose it is: the person's. */
int rights_screen_stored(struct rights *rights, struct batch *batch, size_t row, int64_t person, bool *barred, struct err *err);

/* Did the row's person ever object, whatever came of it? A flag in an export is no new opt-in then. */
bool rights_has_objected(const struct rights *rights, const struct batch *batch, size_t row);

#endif
