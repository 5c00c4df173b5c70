/* Repair: what else to withhold so that a member which the audit found too narrow becomes safe. A linear program moves the
 * member to its goal while published cells may change at a cost; those that had to change are withheld, and the table
 * found is the witness. */
#ifndef STATS_PROTECT_REPAIR_H
#define STATS_PROTECT_REPAIR_H

#include "stats/protect/audit.h"

enum repair_result {
    REPAIR_DONE,
    REPAIR_IMPOSSIBLE, /* publications of earlier releases alone keep the member too narrow */
    REPAIR_GAVE_UP,    /* out of budget, or trouble with numbers */
};

/* Makes open members safe one after the other, each in a part of the system; those that are not to be had there in all of it, with one
 * linear program that is kept warm. In a large system only when nothing else gets on: call it again after another search. Returns whether it
 * got on. Adds PROTECT_AUDIT to
 * `withheld` and, for each cell it withholds, the member to `protects`. `results` per member, for those that were open. Contributors to whom earlier
 * publications tell too much are let go: to them the member is only as safe as these let it be. */
bool repair_members(struct audit *audit, unsigned *withheld, uint32_t *protects, enum repair_result *results);

#endif
