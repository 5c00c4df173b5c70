/* The linear program of repair: the cheapest change of the published cells that moves a member to its goal.
 *
 * Columns: one for each unknown that may move, then two for each published sum, its rise and its fall. A published cell of
 * one unknown needs no columns of its own: the unknown's rise and fall are taken apart. */
#ifndef STATS_PROTECT_REPAIR_PROGRAM_H
#define STATS_PROTECT_REPAIR_PROGRAM_H

#include "stats/protect/audit.h"

/* Where a member is repaired: below two cells above it, one along its first hierarchy and one along its last. */
struct repair_around {
    uint32_t cells[2]; /* PROTECT_NONE: in the whole system */
};

struct repair_program {
    const struct audit *audit;
    const unsigned *withheld;
    struct lp lp;           /* without `problem` it could not be made */
    bool *free;             /* per unknown: it may move */
    size_t *column;         /* per unknown: of its rise (or of both); SIZE_MAX: it does not move */
    bool *apart;            /* per unknown: its fall has the next column */
    size_t *slack;          /* per cell: its rise, and its fall next to it; SIZE_MAX: none */
    size_t column_count;
    size_t goal;            /* column: how far the member has moved */
};

/* With `around` not NULL only what is below these cells may move. */
void repair_program_open(struct repair_program *program, const struct audit *audit, const unsigned *withheld,
                         const struct repair_around *around);
void repair_program_close(struct repair_program *program);

/* Whether the cell may change: all that is not published yet. */
bool repair_may_change(const struct repair_program *program, uint32_t cell);
/* The bounds of an unknown's columns: as everybody knows them, or narrower. */
void repair_program_bound(struct repair_program *program, uint32_t unknown, double least, double most);
/* A cell that is withheld now may change for nothing. */
void repair_program_free(struct repair_program *program, uint32_t cell);

/* Ties the goal's column to the member: its change less the goal is 0. Returns false if nothing of it may move. Drop the last row of
 * the linear program afterwards. */
bool repair_program_aim(struct repair_program *program, size_t member, double direction, double amount);
/* Per unknown: the change that was found. */
void repair_program_read(const struct repair_program *program, double *changes);

#endif
