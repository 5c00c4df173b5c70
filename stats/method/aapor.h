/* Outcome rates of a survey: American Association for Public Opinion Research, "Standard Definitions: Final
 * Dispositions of Case Codes and Outcome Rates for Surveys" (10th edition, 2023), the formulas for RR1–6, COOP1–4,
 * REF1–3 and CON1–3. Not-eligible cases enter none of them but the estimate of e. */
#ifndef STATS_METHOD_AAPOR_H
#define STATS_METHOD_AAPOR_H

#include <stdint.h>

struct aapor_dispositions {
    int64_t complete;        /* I */
    int64_t partial;         /* P */
    int64_t refusal;         /* R: refusal and break-off */
    int64_t non_contact;     /* NC */
    int64_t other;           /* O: eligible, contacted, no interview for another reason */
    int64_t unknown_address; /* UH: unknown whether there is an eligible household or address */
    int64_t unknown_other;   /* UO: unknown eligibility for another reason */
    int64_t not_eligible;    /* NE */
};

/* Shares in [0, 1]; NaN where the denominator is 0: not defined, which is not the same as none. */
struct aapor_rates {
    double response[6];    /* RR1 … RR6 */
    double cooperation[4]; /* COOP1 … COOP4 */
    double refusal[3];     /* REF1 … REF3 */
    double contact[3];     /* CON1 … CON3 */
};

/* The share e of unknown cases that is eligible, by proportional allocation (CASRO): known eligible of all of known
 * eligibility; 1 (the conservative end) when none is known. */
double aapor_eligible_share(const struct aapor_dispositions *dispositions);

/* The rates at `eligible_share` e in [0, 1]. No count may be negative (BUG). */
struct aapor_rates aapor_rates(const struct aapor_dispositions *dispositions, double eligible_share);

#endif
