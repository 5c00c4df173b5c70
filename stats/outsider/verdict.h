/* What an outsider's knowledge of a cell means. */
#ifndef STATS_OUTSIDER_VERDICT_H
#define STATS_OUTSIDER_VERDICT_H

#include "stats/outsider/edition.h"
#include "stats/outsider/solve.h"

enum verdict_kind {
    VERDICT_PUBLISHED, /* a published count from 1 to k - 1 */
    VERDICT_REMAINDER, /* a known cell less its known parts holds 1 to k - 1 */
    VERDICT_EXACT,     /* an absent cell is known exactly and not zero */
    VERDICT_NARROW,    /* an absent cell is known to hold at least 1 and fewer than k */
    VERDICT_RESTATED,  /* two releases show the same cell 1 to k - 1 apart */
    VERDICT_SUM,       /* an absent sum, of perhaps few contributors, is known too closely */
    VERDICT_UNIFORM,   /* a mean at an end of its range: all but fewer than k, and than half, gave the same answer */
    VERDICT_SMALL,     /* an absent cell is known to hold fewer than k, perhaps none; or a shown cell has exactly so many values, k or
                          more: unsafe only to the strict */
    VERDICT_SAFE,      /* listed when all intervals are asked for */
    VERDICT_KINDS,
};

struct verdict {
    enum verdict_kind kind;
    size_t release, minus; /* as in struct edition */
    size_t figure;
    uint32_t cell;
    double low, high;
};

struct verdicts {
    struct verdict *items;
    size_t count, capacity;
    size_t of_kind[VERDICT_KINDS];
};

/* What the cells and figures mean. */
struct verdict_view {
    const struct publication *publication;
    const struct lattice *lattice;
};

const char *verdict_name(enum verdict_kind kind);
bool verdict_is_unsafe(enum verdict_kind kind, bool strict);

/* What the published figures say by themselves: published small counts, remainders, means at an end. */
void verdict_shown(struct verdicts *verdicts, const struct edition *edition, const struct publication *publication,
                   const struct lattice *lattice, double k);
/* Rows for what is withheld that hold 1 to k - 1. */
void verdict_withheld_rows(struct verdicts *verdicts, const struct publication *publication,
                           const struct lattice *lattice, double k);
/* What follows for absent cells from a solution. */
void verdict_absent(struct verdicts *verdicts, const struct edition *edition, const struct solution *solution,
                    const struct verdict_view *view, const struct solve_options *options);
/* Remainders that show only when computed cells are taken as published. */
void verdict_computed(struct verdicts *verdicts, const struct edition *edition, const struct solution *solution,
                      const struct verdict_view *view, double k);
/* Cells that a difference of two editions shows to have changed by 1 to k - 1. */
void verdict_difference(struct verdicts *verdicts, const struct edition *difference, const struct lattice *lattice,
                        double k);

void verdicts_release(struct verdicts *verdicts);

#endif
