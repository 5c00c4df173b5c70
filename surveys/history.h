/* What somebody had already, over all surveys, brands and channels: messages against the frequency caps, invitations about a case or in a
 * wave. The person counts, not the address: recipients that share an identifier are one. Nothing here asks for a survey's name but
 * the wave, so that a renamed survey starts nothing anew. */
#ifndef SURVEYS_HISTORY_H
#define SURVEYS_HISTORY_H

#include "core/db.h"
#include "surveys/policy.h"

struct history {
    struct db *surveys;
    const struct survey *survey;
    const struct survey_policy *policy; /* NULL: the cap of a workspace that sets none */
    int64_t now;
};

/* Has the person had so many messages that the group's cap or the survey's excludes another one now? 1 yes, 0 no, or an error. */
int history_is_capped(const struct history *history, int64_t recipient, struct err *err);

enum history_asked {
    HISTORY_NOT_ASKED,
    HISTORY_ASKED_CASE, /* about this very case, by whatever survey */
    HISTORY_ASKED_WAVE, /* in this wave of the survey */
};

/* `case_hash` as in struct candidate. */
int history_was_asked(const struct history *history, int64_t recipient, const unsigned char *case_hash, enum history_asked *asked,
                      struct err *err);

/* An invitation that was made or is to be made. */
struct history_invitation {
    int64_t invitation, recipient;
    int64_t plan;                   /* of one that is to be made; else 0 */
    const unsigned char *case_hash; /* so too */
};

/* Has its person another invitation about the case or in the wave, that came before or was answered? Two recipients may have turned out to
 * be one person. 1 yes, 0 no, or an error. */
int history_was_asked_otherwise(const struct history *history, const struct history_invitation *invitation, struct err *err);
/* Is its person held out of its plan, by whichever address? 1 yes, 0 no, or an error. */
int history_is_held_out(const struct history *history, const struct history_invitation *invitation, struct err *err);

/* Did mail to the recipient bounce for good, or did a complaint come back? 1 yes, 0 no, or an error. */
int history_has_bounced(struct db *surveys, int64_t recipient, struct err *err);

#endif
