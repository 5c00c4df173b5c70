/* Witnesses: tables that agree with the truth on all that is published and are possible for all the reader knows. What
 * a member is in several of them, a reader cannot narrow down further. Each is kept as exact changes from the truth,
 * whole numbers over one denominator, per unknown; withholding more never spoils one.
 *
 * With a denominator of 1 the witness is a table of whole numbers, so that a reader gains nothing by knowing that counts
 * are whole. Others prove the interval for a reader who solves linear programs, not integer ones. */
#ifndef STATS_PROTECT_WITNESS_H
#define STATS_PROTECT_WITNESS_H

#include "stats/protect/primary.h"

/* Denominators from here on are those of witnesses whose changes are known to this precision only: corners of the polyhedron
 * with large denominators, rounded. The greater the changes, the less precise, so that sums of all of them fit: changes may
 * come to WITNESS_MOST in all. */
#define WITNESS_INEXACT ((int64_t)1 << 22)
#define WITNESS_MOST    ((int64_t)1 << 39)
#define WITNESS_TOLERANCE 1e-7

struct witness_change {
    uint32_t unknown;
    int64_t change; /* times the witness's denominator */
};
struct witness {
    size_t first, count;
    int64_t denominator;
};

struct witness_set {
    struct witness *witnesses;
    size_t count, capacity;
    struct witness_change *changes;
    size_t change_count, change_capacity;
};

void witness_set_release(struct witness_set *set);
/* Adds an empty witness; witness_add_change() extends it. */
void witness_begin(struct witness_set *set, int64_t denominator);
void witness_drop_last(struct witness_set *set);
void witness_add_change(struct witness_set *set, uint32_t unknown, int64_t change);
/* Puts the changes of the witness added last in the order of unknowns, as witness_change() needs them. */
void witness_end(struct witness_set *set);
double witness_change(const struct witness_set *set, size_t witness, uint32_t unknown);

/* The witnesses that change an unknown, and by how much: a slice for each unknown. */
struct witness_index {
    size_t *first; /* per unknown, and one past the last */
    uint32_t *witness;
    double *change;
};
void witness_index_init(struct witness_index *index, const struct witness_set *set, size_t unknown_count);
void witness_index_release(struct witness_index *index);

/* The least denominator up to a dozen that makes all of these whole, as answers of linear programs are; else an inexact one. */
int64_t witness_denominator(const double *changes, size_t count);
/* For changes whose sizes add up to this. */
int64_t witness_inexact_denominator(double size);
bool witness_is_inexact(int64_t denominator);
int64_t witness_scaled(double change, int64_t denominator);

#endif
