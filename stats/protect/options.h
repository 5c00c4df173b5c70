/* What the engine is asked to do. */
#ifndef STATS_PROTECT_OPTIONS_H
#define STATS_PROTECT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* Why a cell is withheld; bits, so that a cell may have several. The first group makes a cell primary. */
enum protect_rule {
    PROTECT_FREQUENCY = 1 << 0,    /* 1 <= persons < k */
    PROTECT_DOMINANCE = 1 << 1,    /* the n greatest persons hold more than a share */
    PROTECT_P_PERCENT = 1 << 2,    /* the second greatest person could estimate the greatest too well */
    PROTECT_ATTRIBUTE = 1 << 3,    /* all but fewer than k persons of a group share a sensitive category */
    PROTECT_RANGE = 1 << 4,        /* a bounded measure at an end of its range */
    PROTECT_CONTRIBUTORS = 1 << 5, /* 1 <= contributors < k */
    PROTECT_PRIMARY = (1 << 6) - 1,
    PROTECT_REMAINDER = 1 << 6,    /* else a remainder would be unsafe by one of the rules above */
    PROTECT_ELIMINATION = 1 << 7,  /* else something would be a linear combination of what is published */
    PROTECT_SINGLETON = 1 << 8,    /* else persons alone in their cells could compute each other */
    PROTECT_AUDIT = 1 << 9,        /* else an interval would be too narrow */
    PROTECT_CONTRIBUTOR = 1 << 10, /* else too narrow for somebody who knows their own cases */
    PROTECT_DROPPED = 1 << 11,     /* not available, or its table could not be made safe within the budget */
    PROTECT_COUNT_WITHHELD = 1 << 12, /* a measure under a withheld count */
    PROTECT_FORCED_UNSAFE = 1 << 13,  /* waived, but it would expose another cell */
};

enum protect_zeros {
    PROTECT_ZEROS_WITHHELD, /* no row: no cases, or withheld */
    PROTECT_ZEROS_PUBLIC,   /* zeros are rows: then a withheld cell is known not to be zero */
};

#define PROTECT_BUDGET UINT64_C(20000000)

enum protect_audit { PROTECT_AUDIT_OFF, PROTECT_AUDIT_X0, PROTECT_AUDIT_X1 };

struct protect_options {
    int64_t k;
    enum protect_zeros zeros;
    enum protect_audit audit;
    uint32_t dominance_persons; /* 0: no dominance rule */
    double dominance_percent;
    double p_percent;           /* 0: no p %-rule */
    bool amounts;               /* contributions are amounts, not cases: an interval must be p % of the greatest wide on each side */
    bool plain;                 /* as GaussSuppression's default, for comparison: no remainders, and of singletons what outsiders learn of them */
    int64_t least_amount;       /* with amounts: a union that has less is primary, whoever it is of; 0: no such rule */
    uint64_t budget;            /* simplex iterations for each table's audit; 0: PROTECT_BUDGET */
    unsigned disabled;          /* rules switched off: for tests that show each of them is needed */
};

#endif
