/* From an edition to what an outsider knows of every cell: all its equations, interval arithmetic, then linear
 * programs. */
#ifndef STATS_OUTSIDER_SOLVE_H
#define STATS_OUTSIDER_SOLVE_H

#include "stats/outsider/bounds.h"
#include "stats/outsider/edition.h"
#include "stats/outsider/interval.h"

struct solve_options {
    double k;
    bool zeros_public; /* absent cells hold at least one case */
    bool all;          /* tight bounds of every absent cell, not only where the verdict needs them */
    double percent;    /* a sum known more closely than this is known */
    size_t budget_iterations;
};

enum solve_result {
    SOLVE_DONE,
    SOLVE_CONTRADICTION, /* no data could give these figures; `dimension` says where it showed, if by arithmetic */
    SOLVE_TOO_LARGE,     /* the budget is spent, or a program could not be solved */
};

struct solution {
    struct bounds *figures; /* as many as the publication has */
    size_t figure_count;
    enum solve_result result;
    size_t dimension; /* SOLVE_ANYWHERE: a linear program found it */
    struct interval_statistics statistics;
};
#define SOLVE_ANYWHERE SIZE_MAX

/* Takes what it uses from `*budget_iterations`. */
void solve_edition(struct solution *solution, const struct edition *edition, const struct publication *publication,
                   const struct lattice *lattice, const struct solve_options *options, size_t *budget_iterations);
void solution_release(struct solution *solution);

#endif
