/* Hand-off to a vendor (call centre, chat, social media, a mail provider): a CSV with the minimum of fields, a manifest, a
 * file of those who must not be contacted any more. Entered in the disclosure ledger.
 *
 * One hand-off is one transaction: all its invitations are reserved, the CSV is put in place, commit. Then each row's marker is
 * left in outbox/sent/, and the manifest is written last: a CSV without a manifest is not complete and nobody takes it.
 * Killed at any instant, the next run goes on where it stopped; a row whose marker is there is in no second file. */
#ifndef SURVEYS_HANDOFF_H
#define SURVEYS_HANDOFF_H

#include "surveys/outgoing.h"

struct handoff_batch {
    const struct send_input *input;
    int64_t expires_at;      /* the vendor's file */
    struct outgoing *list;   /* from the plan, or due for a reminder */
    size_t count;
};

int handoff_send(const struct handoff_batch *batch, struct send_result *result, struct err *err);

/* Completes hand-offs that were committed: markers, manifest. */
int handoff_finish(const struct send_input *input, struct err *err);

/* Rewrites <name>.withdrawn.csv beside each hand-off of the survey that has not expired: the references that must not be
 * contacted, all of them if the survey is halted or nobody can tell who is left; no key is needed for that. */
int handoff_recheck(const struct send_input *input, bool is_halted, struct err *err);

/* Deletes the files of hand-offs that expired before `today`, of all surveys, wherever in the outbox they lie; the ledger says so. Adds
 * to *count. `outbox` NULL: no file is touched, for a rehearsal (db_rehearse()). */
int handoff_expire(struct db *surveys, const char *outbox, int32_t today, int64_t now, int64_t *count, struct err *err);

#endif
