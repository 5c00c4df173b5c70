#include "stats/method/holt_winters.h"

#include <math.h>
#include <string.h>

static size_t cycle_of(const struct series *series)
{
    return series->season > 1 ? series->season : 1;
}

/* One period; gives the error. `seasonal` is the place of its season in the ring. */
static double step(const struct holt_winters_parameters *p, struct holt_winters_state *state, double value,
                   double *seasonal)
{
    double carried = p->phi * state->trend, expected = state->level + carried;
    if (isnan(value)) {
        state->level = expected;
        state->trend = carried;
        return 0;
    }
    double error = value - expected - *seasonal;
    double level = p->alpha * (value - *seasonal) + (1 - p->alpha) * expected;
    state->trend = p->beta * (level - state->level) + (1 - p->beta) * carried;
    state->level = level;
    *seasonal = p->gamma * (value - level) + (1 - p->gamma) * *seasonal;
    return error;
}

/* Turns the ring of seasonal values so that the next period's comes first. */
static void rotate(struct holt_winters_state *state, size_t cycle, size_t first)
{
    double turned[HOLT_WINTERS_MAX_SEASON];
    for (size_t i = 0; i < cycle; i++)
        turned[i] = state->seasonal[(first + i) % cycle];
    memcpy(state->seasonal, turned, cycle * sizeof *turned);
}

double holt_winters_filter(const struct series *series, const struct holt_winters_parameters *parameters,
                           struct holt_winters_state *state, double *errors)
{
    size_t cycle = cycle_of(series), place = 0;
    double squares = 0, none = 0;
    for (size_t i = 0; i < series->n; i++) {
        double *seasonal = cycle > 1 ? &state->seasonal[place] : &none;
        errors[i] = step(parameters, state, series->values[i], seasonal);
        none = 0;
        squares += errors[i] * errors[i];
        place = place + 1 < cycle ? place + 1 : 0;
    }
    rotate(state, cycle, place);
    return squares;
}

double holt_winters_expected(const struct holt_winters_state *state, double phi, size_t season, size_t h)
{
    double damping = 0, power = 1;
    for (size_t j = 1; j <= h; j++) {
        power *= phi;
        damping += power;
    }
    return state->level + damping * state->trend + (season > 1 ? state->seasonal[(h - 1) % season] : 0);
}
