/* Sending: from an approved plan to messages in the spool, each exactly once however often the run is killed.
 *
 * Each message is one transaction: the recipient's consent, bounces, cap and quiet hours are looked at again, the invitation is reserved
 * (unique by survey, recipient and wave) with a record of the decision, the message goes into the spool, commit. Its number,
 * token and file name follow from survey, recipient and wave alone: a run that was killed after the link finds the
 * message there, or its marker in outbox/sent/, and writes none. */
#ifndef SURVEYS_SEND_H
#define SURVEYS_SEND_H

#include <stdbool.h>
#include <stdint.h>

#include "core/calendar.h"
#include "core/db.h"
#include "core/err.h"
#include "core/keyring.h"
#include "surveys/definition.h"
#include "surveys/plan.h"
#include "surveys/policy.h"

struct send_input {
    struct db *surveys;
    struct db *intake;        /* or NULL: there is no page */
    const struct keyring *keyring;
    const struct survey *survey;
    const struct zone *zone;  /* the workspace's */
    const char *outbox;
    int64_t now;
    const struct survey_policy *policy; /* NULL: consent everywhere */
};

struct send_result {
    int64_t spooled;          /* messages that this run brought into the spool */
    int64_t found;            /* messages that were there already, from a run that was killed */
    int64_t refused;          /* no longer to be asked: consent, bounce or cap changed since the plan */
    int64_t quiet;            /* to be sent later: it is night there */
};

/* When a link that is sent now stops working. */
int64_t send_expiry(const struct send_input *input);

/* The newest plan; 1, or 0 if there is none. If more than the survey's share of the messages that left since its approval bounced for
 * good, it is halted: a list that bounces is a list that should not be mailed, and somebody has to look. */
int send_stop_on_bounces(const struct send_input *input, struct plan *plan, struct err *err);

/* Invitations of the newest plan. ERR_USAGE if it may not be sent (plan_may_send()), or the survey is over. */
int send_invitations(const struct send_input *input, struct send_result *result, struct err *err);

/* Reminders that are due: to whom has an open invitation, not answered, the gap passed. */
int send_reminders(const struct send_input *input, struct send_result *result, struct err *err);

#endif
