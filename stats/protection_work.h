/* What the files of the adapter share: the tables of one period and layer at work. For stats/protection*.c alone. */
#ifndef STATS_PROTECTION_WORK_H
#define STATS_PROTECTION_WORK_H

#include "stats/protect/protect.h"
#include "stats/protection.h"
#include "stats/protection_links.h"
#include "stats/protection_rows.h"

#define NO_AXIS PERIOD_ANY
#define NO_WAVE SIZE_MAX

/* A combination that cannot be: per dimension of the source which nodes are part of it, NULL where any is. */
struct impossible {
    bool **of;
    size_t parts;
};

struct work {
    const struct cube *cube;
    const struct row_source *rows;
    const struct table_spec *const *specs;
    const struct case_measure *measures; /* of the source */
    const struct protection_pattern *patterns;
    struct protection_counts *counts;
    struct layer layer;
    struct period_rows period;
    struct codes *codes;               /* per dimension of the source */
    struct protection_table *tables;   /* crosses of dimensions, none within another */
    size_t table_count;
    struct face *faces;                /* the tables of the cube that take part */
    size_t face_count;
    struct impossible *impossible;
    size_t impossible_count;
    bool asked_only;                   /* tables that are to be protected only do not take part */
    size_t wave;                       /* the dimension with the number of a survey's wave; NO_WAVE */
    bool **waves;                      /* per dimension that is a table's period, per node and wave: are there rows? NULL for others */
    bool **present;                    /* with an axis, while a problem is built: per dimension, per node of the axis and of it: are there rows? */
    size_t axis;                       /* the shortest period, where it is an axis of all tables; else NO_AXIS: one period alone */
};

/* A table of the cube as part of a cross that has all of its dimensions: its cells are cells of the cross. */
struct face {
    size_t table, cross;
    size_t dimensions[LAYOUT_MAX_DIMENSIONS + 1], count; /* of the source, without the period, with the axis in front */
};

/* The tables by the period dimension (with an axis all) as faces, and a cross for each set of dimensions that is in no other's. Without
 * those to be protected only if work->asked_only, or if a cycle or too many crosses come of them. */
int protection_gather(struct work *work, size_t dimension, struct err *err);
/* Leaves them out: true if there were any. protection_gather() comes next. */
bool protection_leave_out(struct work *work, uint32_t period);

/* The index of a cross's cell in the face's table of the cube, CELLMAP_NONE if that has none. */
uint32_t protection_cube_cell(const struct work *work, const struct face *face, uint32_t period, uint32_t cell);

/* Structural zeros: finds them in the cube; refuses (ERR_DATA) cases in them, for a reader takes them for empty. */
void protection_find_impossible(struct work *work);
void protection_release_impossible(struct work *work);
int protection_check_impossible(const struct work *work, struct err *err);
/* For struct cross, whose context is this. */
struct crossing {
    const struct work *work;
    const struct protection_table *table;
};
bool protection_is_impossible(const void *context, const uint32_t *leaves);
/* The waves of a survey's rows. Rows of one wave are one of each person; over several waves nobody can tell of how many people they are, so no
 * figure is. */
int protection_find_waves(struct work *work, struct err *err);
void protection_release_waves(struct work *work);
/* Is the cell of the table over several waves? */
bool protection_is_over_waves(const struct work *work, size_t table, uint32_t cube_cell);
/* Where periods are an axis: which nodes of each dimension the rows of each of them have. When these were published by themselves, what they had no
 * row of was known to be empty (codes_find()), and so it is here: else what was safe then were lost now, or the other way round. */
void protection_find_present(struct work *work);
void protection_release_present(struct work *work);
/* Is one of the leaves in no row of the period that is the first of them? */
bool protection_is_absent(const struct crossing *crossing, const uint32_t *leaves);
/* Where the pattern says whether the cell may be published in this layer; NULL: it is not asked for, or its count is withheld. */
bool *protection_place(const struct work *work, const struct face *face, uint32_t at);
/* Do readers know the cell of this layer already? */
bool protection_is_known(const struct work *work, const struct face *face, uint32_t at);
/* May it be published whatever its own rules say? */
bool protection_is_waived(const struct work *work, const struct face *face, uint32_t at);
/* The rules for which the measure's figures may not be published there. */
unsigned protection_rules(const struct work *work, const struct face *face, uint32_t cube_cell);

/* Would the figures of a measure tell of nearly everybody's values? */
bool protection_implies_category(const struct case_measure *measure, const struct table_measure *spec, const struct cell_sum *sum, uint64_t k);

/* What the engine is asked for in this layer. */
struct protect_options protection_options(const struct work *work);

/* The problem of the rows that were read, with the tables' maps. */
int protection_build(struct work *work, uint32_t period, struct protect_problem *problem, struct err *err);
/* Do two tables share two dimensions? Then empty combinations count as known (stats/protection_problem.c). */
bool protection_shares_two(const struct work *work);
/* Takes the result into patterns and counts. */
void protection_take(const struct work *work, uint32_t period, struct protect_problem *problem, const struct protect_result *result);
/* Counts what the result did, and marks what it found lost. */
void protection_note(const struct work *work, uint32_t period, const struct protect_problem *problem, const struct protect_result *result);

/* Notes that the tables that are to be protected only do not take part in the period. */
void protection_tell_left_out(const struct work *work, uint32_t period);
/* Protects all figures of the period together, which are protected each by itself: takes measures back where a reader of all of
 * them could tell too much, and cells where that does not help. The tables have the dimensions that the counts are published by. */
int protection_join(struct work *work, size_t dimension, uint32_t period, struct err *err);

/* Notes that the table has just lost its last dimension. */
void protection_tell_coarsened(const struct work *work, uint32_t period, size_t t);

/* Adds a result to the checker's report; `milliseconds` it took. */
void protection_tell(const struct work *work, uint32_t period, const struct protect_problem *problem, const struct protect_result *result,
                     int64_t milliseconds);
/* Adds a cell that the audit of all figures together withheld, of the layer's figure. */
struct protection_joint_loss {
    const struct face *face;
    uint32_t cell;      /* of the problem of cases */
    unsigned rules;
    uint32_t protects;  /* a cell of the problem of cases, or PROTECT_NONE */
    bool below;         /* what is withheld below that */
    const char *figure; /* of it: what `protects` is a number of */
};
void protection_tell_joint_loss(const struct work *work, uint32_t period, const struct protection_joint_loss *loss);
/* Marks the cell of the problem of cases as lost in the tables that have it and that readers know. */
void protection_note_lost(const struct work *work, uint32_t period, uint32_t cell);
/* Adds the audit of all figures together. */
void protection_tell_joint(const struct work *work, uint32_t period, const struct protect_result *result, int64_t milliseconds);

#endif
