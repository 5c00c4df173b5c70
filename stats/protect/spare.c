#include "stats/protect/spare.h"

#include <math.h>
#include <stdlib.h>

/* Withheld cells that might be published, by unknown. */
struct spare {
    const struct audit *audit;
    uint32_t *cells;
    size_t count;
    size_t *first;      /* per unknown, and one past the last: slice of place[] and coefficient[] */
    uint32_t *place;    /* in cells[] */
    double *coefficient;
    double *sum;        /* per place: change in the witness in hand */
    bool *moved;        /* per place: by some witness */
};

static bool may_be_published(const struct protect_cell *cell, unsigned rules)
{
    const unsigned secondary = PROTECT_REMAINDER | PROTECT_ELIMINATION | PROTECT_SINGLETON | PROTECT_AUDIT | PROTECT_CONTRIBUTOR
        | PROTECT_FORCED_UNSAFE;
    return rules && !(rules & ~secondary) && (cell->state == PROTECT_CANDIDATE || cell->state == PROTECT_FORCED);
}

static struct protect_view view_of(const struct spare *spare, size_t place)
{
    return problem_view(spare->audit->problem, spare->audit->problem->cells[spare->cells[place]].row);
}

static void index_unknowns(struct spare *spare)
{
    size_t unknowns = spare->audit->problem->unknown_count;
    spare->first = mem_zalloc(unknowns + 2, sizeof *spare->first);
    for (size_t p = 0; p < spare->count; p++)
        for (size_t i = 0; i < view_of(spare, p).count; i++)
            spare->first[view_of(spare, p).members[i] + 2]++;
    for (size_t u = 2; u < unknowns + 2; u++)
        spare->first[u] += spare->first[u - 1];
    spare->place = mem_zalloc(spare->first[unknowns + 1], sizeof *spare->place);
    spare->coefficient = mem_zalloc(spare->first[unknowns + 1], sizeof *spare->coefficient);
    for (uint32_t p = 0; p < spare->count; p++) {
        struct protect_view view = view_of(spare, p);
        for (size_t i = 0; i < view.count; i++) {
            size_t at = spare->first[view.members[i] + 1]++;
            spare->place[at] = p;
            spare->coefficient[at] = view.coefficients ? view.coefficients[i] : 1;
        }
    }
}

static void begin(struct spare *spare, const unsigned *withheld)
{
    const struct protect_problem *problem = spare->audit->problem;
    spare->cells = mem_zalloc(problem->cell_count, sizeof *spare->cells);
    for (uint32_t c = 0; c < problem->cell_count; c++)
        if (may_be_published(&problem->cells[c], withheld[c]))
            spare->cells[spare->count++] = c;
    index_unknowns(spare);
    spare->sum = mem_zalloc(spare->count, sizeof *spare->sum);
    spare->moved = mem_zalloc(spare->count, sizeof *spare->moved);
}

static void end(struct spare *spare)
{
    free(spare->cells);
    free(spare->first);
    free(spare->place);
    free(spare->coefficient);
    free(spare->sum);
    free(spare->moved);
}

/* Adds up the changes of the cells that the witness touches, then marks those that moved and clears the sums. */
static void take(struct spare *spare, const struct witness *witness)
{
    const struct witness_change *changes = spare->audit->witnesses.changes + witness->first;
    double tolerance = WITNESS_TOLERANCE * (double)witness->denominator;
    for (size_t i = 0; i < witness->count; i++)
        for (size_t at = spare->first[changes[i].unknown]; at < spare->first[changes[i].unknown + 1]; at++)
            spare->sum[spare->place[at]] += spare->coefficient[at] * (double)changes[i].change;
    for (size_t i = 0; i < witness->count; i++)
        for (size_t at = spare->first[changes[i].unknown]; at < spare->first[changes[i].unknown + 1]; at++) {
            uint32_t place = spare->place[at];
            spare->moved[place] = spare->moved[place] || fabs(spare->sum[place]) > tolerance;
            spare->sum[place] = 0;
        }
}

size_t spare_publish(const struct audit *audit, unsigned *withheld, uint32_t *protects)
{
    struct spare spare = { .audit = audit };
    size_t published = 0;
    begin(&spare, withheld);
    for (size_t w = 0; w < audit->witnesses.count; w++)
        take(&spare, &audit->witnesses.witnesses[w]);
    for (size_t p = 0; p < spare.count; p++) {
        if (spare.moved[p])
            continue;
        withheld[spare.cells[p]] = 0;
        protects[spare.cells[p]] = PROTECT_NONE;
        published++;
    }
    end(&spare);
    return published;
}
