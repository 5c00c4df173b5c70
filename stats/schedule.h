/* When a period may be published (PROTECTION 6): it is over, its grace has passed, and every file that should cover it was
 * accepted, or an operator signed the gap. Pure: the callers bring what is stored. */
#ifndef STATS_SCHEDULE_H
#define STATS_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum schedule_expect { SCHEDULE_EXPECT_NONE, SCHEDULE_EXPECT_DAILY, SCHEDULE_EXPECT_WEEKLY, SCHEDULE_EXPECT_MONTHLY };

/* Days of closing, both inclusive. */
struct schedule_span {
    int32_t from, to;
};

struct schedule_input {
    enum schedule_expect expect;
    int32_t as_of_day;                    /* local day of the run */
    int32_t kept_from_day;                /* cases closed before it may be gone already */
    int32_t grace_days;                   /* days after a period's last day in which late cases may still come */
    const struct schedule_span *accepted; /* what the accepted files cover */
    size_t accepted_count;
    const struct schedule_span *held; /* what rejected or unread files cover; from > to: not known, so everything */
    size_t held_count;
};

enum schedule_state {
    SCHEDULE_READY,
    SCHEDULE_OPEN,  /* not over yet */
    SCHEDULE_GRACE, /* over, but its grace has not passed */
    SCHEDULE_HELD,  /* a rejected or unread file covers it */
    SCHEDULE_GAP,   /* an expected file has not come */
    SCHEDULE_PAST,  /* begins before what is kept: it will never be whole */
    SCHEDULE_TAKEN, /* a source that is not configured any more has published it */
};

/* The state of the period; of a gap, *missing is the first day that no file covers. A signed gap is READY. */
enum schedule_state schedule_check(const struct schedule_input *input, struct schedule_span period, bool gap_signed,
                                   int32_t *missing);

/* The days that the one date in a file's name tells: cases-2026-02.csv a month, cases-2026-02-28.csv a day. False: there is none or
 * more than one. */
bool schedule_name_span(const char *name, struct schedule_span *span);

const char *schedule_state_name(enum schedule_state state);
bool schedule_expect_parse(const char *text, enum schedule_expect *expect);

#endif
