/* Is the ledger as new as what it must protect against? One restored from an older backup does not know the newest releases,
 * and would publish their periods anew from cases that have changed: every difference would tell of somebody. */
#ifndef CLI_LEDGER_GUARD_H
#define CLI_LEDGER_GUARD_H

#include "core/workspace.h"
#include "stats/ledger.h"

/* 0 if the ledger knows each release that is in published/ or that state/evidence.log says was made, and each withdrawal.
 * ERR_DATA, with what is to be done, if not: nothing may be published, withdrawn or moved then. */
int ledger_guard(const struct workspace *workspace, struct ledger *ledger, struct err *err);

#endif
