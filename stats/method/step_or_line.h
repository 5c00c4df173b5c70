/* Does a series rise and fall steadily, or did it change its level once? Least squares with seasonal means and either a line
 * or a step at the period that fits best; the shape is the step where it fits better by the criterion of Schwarz (1978). By the
 * theorem of Frisch & Waugh (1933) both need only the values less their seasonal means.
 *
 * The p values are those of the regression with normal errors: of the slope, of the step (times the number of places it could
 * have been at: Bonferroni), and of equal seasons beside the shape (F). They find more in two or three years than rank tests
 * within the seasons can, and trust single wild values more: ask both. */
#ifndef STATS_METHOD_STEP_OR_LINE_H
#define STATS_METHOD_STEP_OR_LINE_H

#include "stats/method/method.h"

enum { STEP_OR_LINE_MARGIN = 3 }; /* present values on either side of a step, at least */

struct step_or_line {
    bool is_step;
    size_t last_before, first_after; /* of the best step */
    double step, slope;              /* its height; the line's rise per period */
    double line_p, step_p;
    bool has_season; /* two full cycles */
    double season_p;
};

/* Seasonal means from two full cycles on, else one mean. `variance_factor` (1, or more where the errors are autocorrelated, see
 * hamed_rao.h) divides the F values. Needs 6 present values, with a season 3 more than seasons. EMPTY, TOO_SHORT, CONSTANT (also where
 * nothing but the season varies), OUT_OF_RANGE. */
enum method_reason step_or_line(const struct series *series, double variance_factor, struct step_or_line *out);

/* The effects of the seasons beside the shape, season 0 first, summing to 0, into effects[0 .. season); without two cycles: 0. */
void step_or_line_effects(const struct series *series, const struct step_or_line *shape, double *effects);

/* The series less its season, the seasonal effects taken beside the shape and summing to 0, into out[0..n); missing values stay
 * missing. Without two full cycles a copy. */
void step_or_line_without_season(const struct series *series, const struct step_or_line *shape, double *out);

#endif
