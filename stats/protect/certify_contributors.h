/* The certificate of the contributor's view: does it follow from the witnesses that nobody who knows their own cases can tell
 * a member? Written apart from the search and its doubts, from the contributions themselves: who is in an inner cell knows that
 * it holds at least their own, and who is alone in it knows it. */
#ifndef STATS_PROTECT_CERTIFY_CONTRIBUTORS_H
#define STATS_PROTECT_CERTIFY_CONTRIBUTORS_H

#include "stats/protect/audit.h"

struct certify_contributors {
    const struct audit *audit;
    uint32_t *stamp, now;   /* per knower: can rule out the witness in hand */
    uint32_t *ruling;       /* these knowers */
    size_t ruling_count;
    struct knowers *left;   /* per member: who can rule out every witness that lifts it */
    bool *lifted;           /* per member: by some witness */
};

void certify_contributors_init(struct certify_contributors *check, const struct audit *audit);
void certify_contributors_release(struct certify_contributors *check);

/* Each witness that is possible for outsiders, then each member that it moves. */
void certify_contributors_witness(struct certify_contributors *check, const struct witness *witness);
void certify_contributors_meet(struct certify_contributors *check, size_t member, double gain);

/* How many members somebody can tell although they are not recorded as lost or narrow. The mixtures that the audit claims are
 * computed again, and what does not hold of them does not count. */
size_t certify_contributors_end(struct certify_contributors *check);

#endif
