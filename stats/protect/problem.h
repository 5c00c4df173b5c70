/* A protection problem: what a reader could know about one system of linked tables, and what must stay unknown.
 *
 * Unknowns are the inner cells of one period system: the finest combinations of each table, zeros included where the
 * reader cannot tell them from withheld cells. A *cell* is a figure that may be published: a linear function of the
 * unknowns, almost always a plain sum. Tables that share inner cells share unknowns; tables that only share margins
 * have unknowns of their own and *equations* that equate the margins. A *family* is a cell and one partition of it into
 * children along one axis (one hierarchy of one dimension); it carries the remainder rule. *Contributions* say which
 * persons stand behind each unknown; from them come exact persons of any union, singletons, heavy persons, dominance
 * and what a contributor knows.
 *
 * The problem is built with the functions below and is then read-only to the engine. Indexes are given out in order
 * from 0. Everything is decided by the order in which things are added, so the caller adds them in an order that depends on
 * labels alone, never on truth values: then the result is a function of the input.
 *
 * A published figure of an earlier release is a cell with state PROTECT_PUBLISHED over this system's unknowns; the
 * engine takes it as given, first of all, and counts members that it already exposes as lost. */
#ifndef STATS_PROTECT_PROBLEM_H
#define STATS_PROTECT_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/mem.h"

enum { PROTECT_MAX_TABLES = 64, PROTECT_LAYER_BLOCKS = 32 };

enum protect_state {
    PROTECT_CANDIDATE,   /* to be decided */
    PROTECT_FORCED,      /* waived: its own primary rules do not count, but it may not expose another cell */
    PROTECT_PUBLISHED,   /* published by an earlier release: known whatever we decide */
    PROTECT_UNAVAILABLE, /* not to be published, but a member of families */
};

/* A contribution of `PROTECT_EACH_CASE` stands for as many persons as it has cases (no person known, by declaration). */
#define PROTECT_EACH_CASE UINT32_MAX

struct protect_contribution {
    uint32_t unknown;
    uint32_t person; /* numbered from 0 without large gaps; all cases without an identifier share one number */
    int64_t cases;   /* not negative; amounts, where the problem is about sums */
};

/* A linear function of the unknowns. */
struct protect_row {
    size_t first, count;      /* slice of member[] */
    size_t first_coefficient; /* in coefficient[]; PROTECT_ALL_ONE: a plain sum */
};
#define PROTECT_ALL_ONE SIZE_MAX

struct protect_unknown {
    int64_t cases;
    bool known_zero; /* structural zero, or zeros are public */
    bool is_amount;  /* how far values lie from an end of their range: not a number of cases */
    bool is_unjudged; /* an amount of which it is not said that it is little: it only tells of others */
    bool is_rest;    /* of a figure that is not published itself: nobody contributes to it */
    bool is_singleton; /* exactly one person stands behind it; by problem_finish() */
};

struct protect_cell {
    enum protect_state state;
    uint64_t tables;          /* bit t: a row of table t */
    double importance;        /* greater is published first, before size; 0 for most */
    bool published_before;    /* the same cell of the last period was published: decides ties */
    unsigned rules;           /* primary for reasons that the caller knows, as PROTECT_RANGE */
    struct protect_row row;
};

/* The children partition the parent up to zeros; children that hold no case need not be cells and are not listed. */
struct protect_family {
    uint32_t parent;
    uint32_t axis;       /* same number for all families along one hierarchy of one dimension */
    bool sensitive;      /* the dimension is marked `sensitive`: sharing one category is a disclosure */
    size_t first, count; /* slice of child[] */
};

/* One linear figure of a measure: sums over its contributors. */
struct protect_figure {
    const char *name;
    const int64_t *sum;       /* per contribution */
    bool may_be_negative;     /* then nothing is known about its sign */
    bool bounded;             /* lowest·n <= sum <= highest·n, and the reader knows it */
    int64_t lowest, highest;
    bool dominance;           /* dominance and p % apply: sums of amounts, not scores */
};

/* A measure has one status per cell: all of its figures are published there, or none. */
struct protect_measure {
    const char *name;
    const uint32_t *n;        /* per contribution: cases with a value */
    const struct protect_figure *figures;
    size_t figure_count;
};

struct protect_problem {
    struct arena arena; /* for what the builder's caller wants to live as long */
    struct protect_unknown *unknowns;
    size_t unknown_count, unknown_capacity;
    struct protect_cell *cells;
    size_t cell_count, cell_capacity;
    struct protect_family *families;
    size_t family_count, family_capacity;
    struct protect_row *equations; /* known though no row of a table, e.g. equality of a shared margin */
    size_t equation_count, equation_capacity;
    struct protect_contribution *contributions; /* sorted by unknown, then person, after problem_finish() */
    size_t contribution_count, contribution_capacity;
    struct protect_measure *measures;
    size_t measure_count, measure_capacity;

    uint32_t *member; /* unknowns of rows */
    size_t member_count, member_capacity;
    double *coefficient;
    size_t coefficient_count, coefficient_capacity;
    uint32_t *child; /* cells of families */
    size_t child_count, child_capacity;

    size_t *first_contribution; /* per unknown, and one past the last; by problem_finish() */
    size_t *first_family;       /* per cell, and one past the last: slice of family_of[], the families it is parent of */
    uint32_t *family_of;
    size_t layer_size;          /* not 0: unknowns that many apart are of one inner cell, and move together; see lift.h */
    uint64_t layer_blocks[PROTECT_LAYER_BLOCKS]; /* bits of such layers: the rest is held at the truth first */
    size_t layer_block_count;
    double amount_scale;        /* not 0: amounts move so much further than cases do */
    uint32_t person_count;      /* greatest person + 1 */
    size_t *first_of_person;    /* per person, and one past the last: slice of of_person[], the contributions of a person */
    size_t *of_person;
};

void problem_init(struct protect_problem *problem);
void problem_release(struct protect_problem *problem);

uint32_t problem_add_unknown(struct protect_problem *problem, bool known_zero);
/* `cell` gives state, tables, importance, published_before; the row is filled in. `coefficients` NULL: all 1.
 * A member stands once in a row. */
uint32_t problem_add_cell(struct protect_problem *problem, struct protect_cell cell, const uint32_t *members,
                          const double *coefficients, size_t count);
void problem_add_equation(struct protect_problem *problem, const uint32_t *members, const double *coefficients,
                          size_t count);
/* `family` gives parent, axis and sensitive. */
void problem_add_family(struct protect_problem *problem, struct protect_family family, const uint32_t *children,
                        size_t count);
/* Returns its index: measures' arrays are parallel to the contributions and in the order added; problem_finish() does not
 * reorder them, so contributions must come sorted by unknown, and at most one for each unknown and person. */
size_t problem_add_contribution(struct protect_problem *problem, uint32_t unknown, uint32_t person, int64_t cases);
void problem_add_measure(struct protect_problem *problem, struct protect_measure measure);

/* Builds the indexes and each unknown's cases. */
void problem_finish(struct protect_problem *problem);

/* A row for reading; `coefficients` NULL: all 1. */
struct protect_view {
    const uint32_t *members;
    const double *coefficients;
    size_t count;
};
struct protect_view problem_view(const struct protect_problem *problem, struct protect_row row);

/* The plain sum of a row's cases, its coefficients not looked at: its size. */
int64_t problem_cases(const struct protect_problem *problem, struct protect_row row);

/* Exact distinct persons of unions of unknowns. One counter holds a stamp per person; count with persons_begin(), any
 * number of persons_add…(), and sum up what they return. */
struct protect_persons {
    const struct protect_problem *problem;
    uint32_t *stamp;
    uint32_t now;
};
void persons_init(struct protect_persons *persons, const struct protect_problem *problem);
void persons_release(struct protect_persons *persons);
void persons_begin(struct protect_persons *persons);
/* Whether the person is new to the union, and is now in it. */
bool persons_meet(struct protect_persons *persons, uint32_t person);
/* New persons that the unknown brings into the union. */
uint64_t persons_add(struct protect_persons *persons, uint32_t unknown);
/* The same, counting persons with at least one value of the measure. */
uint64_t persons_add_contributors(struct protect_persons *persons, const struct protect_measure *measure, uint32_t unknown);
uint64_t persons_of_row(struct protect_persons *persons, struct protect_row row);

#endif
