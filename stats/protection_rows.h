/* What the adapter in stats/protection.c reads: the rows of one period for one layer of figures, and the codes of a dimension
 * that occur in them. */
#ifndef STATS_PROTECTION_ROWS_H
#define STATS_PROTECTION_ROWS_H

#include "stats/domain.h"
#include "stats/protect/cross.h"
#include "stats/rows.h"

#define NO_MEASURE SIZE_MAX

/* What is added up of a value. Of scores it is how far they are from each end of their range, and how many are within the range of a
 * share or not: where that is next to nothing, it is known what nearly everybody answered. A standard deviation tells what the squares of values
 * add up to, of which a great one has a greater part than of the sum. LAYER_AS_IT_IS: every case of the period, with the value itself or
 * ROWS_NO_VALUE. */
enum layer_part { LAYER_VALUE, LAYER_SQUARE, LAYER_ABOVE_LOWEST, LAYER_BELOW_HIGHEST, LAYER_INSIDE, LAYER_OUTSIDE, LAYER_AS_IT_IS };

/* A frequency or magnitude table of its own: the cases, the contributors of a measure, or their amounts. */
struct layer {
    size_t measure; /* of the source; NO_MEASURE: the cases */
    bool amounts;   /* what the contributors' values add up to, else how many there are */
    enum layer_part part;
    int64_t lowest, highest; /* the range */
};

/* Rows with persons numbered from 0. Amounts of LAYER_VALUE and LAYER_SQUARE are in units so large that they add up to not much more than PERIOD_AMOUNTS, rounded up and
 * without their sign: the rules on amounts are about proportions. */
#define PERIOD_AMOUNTS 200000
struct period_rows {
    uint32_t *nodes;  /* row after row, `dimensions` each */
    uint32_t *person;
    uint32_t *amount; /* 1 where the layer counts */
    int64_t *value;   /* without its sign, but as it is */
    size_t count, capacity, dimensions;
    uint32_t persons;
    bool negative;    /* some value is below zero */
};

/* Which rows count: those with that node of the dimension, or all of them (PERIOD_ANY), of those that have the layer's measure. */
#define PERIOD_ANY SIZE_MAX
struct period_choice {
    size_t dimension;
    uint32_t node;
    struct layer layer;
};
int period_rows_read(struct period_rows *period, const struct row_source *rows, const struct period_choice *choice, struct err *err);
void period_rows_release(struct period_rows *period);

/* A dimension's nodes that occur in the period, as codes from 0, the total, in the order of nodes. */
struct codes {
    uint32_t *code_of; /* per node; CROSS_NOT_HERE: it does not occur */
    uint32_t *node_of; /* per code */
    uint32_t *parent;  /* per code */
    bool *leaf;
    uint32_t count;
    struct cross_axis axis;
};
void codes_find(struct codes *codes, const struct dimension *dimension, const struct period_rows *period, size_t d);
void codes_release(struct codes *codes);

#endif
