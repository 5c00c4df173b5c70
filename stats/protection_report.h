/* The checker's report: why each cell is withheld, and what protecting a period cost. For state/checks/ alone: which cells hold few
 * people is nobody else's business. No counts of people or cases of a cell are in it. */
#ifndef STATS_PROTECTION_REPORT_H
#define STATS_PROTECTION_REPORT_H

#include "core/strbuf.h"

struct protection_report { /* CSV, with a header once there is a line */
    struct strbuf cells;   /* table, period, figure, cell, rules, protects */
    struct strbuf tables;  /* table, period, figure, dimensions; cells and cases, how many of them are withheld, and were before the audit */
    struct strbuf notes;   /* lines: what the operator should know */
    struct strbuf waivers; /* waiver, table, period, cell; what became of it; expires, person, reason */
    struct strbuf audits;  /* period, figure; members, rounds, work of the audit */
};

void protection_report_release(struct protection_report *report);

#endif
