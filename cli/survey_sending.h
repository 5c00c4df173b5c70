/* All that a survey's sending consists of, in order: what must not go is taken back, invitations, due reminders, files for vendors, mail
 * to the server. By `survey NAME send` and by the night. */
#ifndef CLI_SURVEY_SENDING_H
#define CLI_SURVEY_SENDING_H

#include "cli/session.h"
#include "surveys/dispatch.h"
#include "surveys/send.h"
#include "surveys/submit.h"

struct survey_sending {
    const struct session *session;
    const struct keyring *keyring;
    struct db *surveys, *intake; /* intake: NULL if there is no page */
    char *outbox;
    int64_t now;
};

struct survey_sent {
    struct send_result invitations, reminders, confirmations;
    struct dispatch_result dispatch;
    struct submit_result submitted;
};

/* state/intake.db, read only, if there is one. */
int survey_sending_open_intake(struct survey_sending *sending, struct err *err);

/* Adds to the result. ERR_USAGE if the survey may not be sent now: what was to be taken back is. */
int survey_sending_run(const struct survey_sending *sending, const struct survey *survey, struct survey_sent *sent, struct err *err);

/* Takes back what waits, and tells vendors, without sending: for halt, and for surveys that may not be sent. */
int survey_sending_take_back(const struct survey_sending *sending, const struct survey *survey, struct dispatch_result *result, struct err *err);

/* Rewrites the withdrawn files of the survey's hand-offs, and nothing else: after an objection. */
int survey_sending_tell_vendor(const struct survey_sending *sending, const struct survey *survey, bool everybody, struct err *err);

/* Reads the mailbox of `surveys.bounces`, if there is one. */
struct survey_bounces {
    int64_t hard, soft, full, auto_replies, complaints, unsubscribed, unknown; /* unknown: about no message of ours, or unreadable */
};
int survey_sending_read_bounces(const struct survey_sending *sending, struct survey_bounces *bounces, struct err *err);

/* The mail server with user and password read; a zeroed one is fine to release. */
struct survey_login {
    struct smtp_options options;
    struct mail_login login;
};
int survey_login_read(struct survey_login *login, const struct session *session, struct err *err);
void survey_login_release(struct survey_login *login);

#endif
