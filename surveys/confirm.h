/* Double opt-in: the message that asks somebody to confirm their opt-in, with the link to the page that does.
 *
 * One per recipient, brand and purpose, whatever survey sends it; exactly once into the spool, as invitations (send.h). Another one only
 * for whom the last link ran out, and who then asked again (an event, not a flag in an export); three within 365 days at most, so that
 * nobody can have somebody else flooded. It counts against no cap. It is taken back as invitations are when it is not needed any more: confirmed, left, bounced, expired. */
#ifndef SURVEYS_CONFIRM_H
#define SURVEYS_CONFIRM_H

#include "surveys/send.h"

/* To everybody whose opt-in the survey needs confirmed. By e-mail only; for a survey that was found ready to send. */
int confirm_send(const struct send_input *input, struct send_result *result, struct err *err);

#endif
