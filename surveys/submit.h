/* Submission of the messages that wait in the spool, over SMTP. A message is written down as `uncertain` before the server hears of it,
 * and as what became of it afterwards: killed at any instant, none is sent a second time on its own. 4yz and lost
 * connections before the final dot are tried again with growing gaps while the invitation lives. */
#ifndef SURVEYS_SUBMIT_H
#define SURVEYS_SUBMIT_H

#include "surveys/send.h"
#include "surveys/smtp.h"

struct submit_input {
    const struct send_input *send;
    const struct smtp_options *smtp;
    void (*pause)(int64_t ms); /* for throttle_per_minute; NULL: sleeps */
};

struct submit_result {
    int64_t sent, later, failed, uncertain, pulled;
};

/* ERR_AGAIN, ERR_PERMISSION if the server cannot be reached: what was not tried waits. Adds to the result. */
int submit_waiting(const struct submit_input *input, struct submit_result *result, struct err *err);

/* Seconds to wait after so many tries: a quarter of an hour, doubled each time, at most a day. */
int64_t submit_gap_seconds(int64_t tries);

#endif
