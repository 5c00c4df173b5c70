#include "stats/method/holt_winters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

void holt_winters_state_init(struct holt_winters_state *state, size_t columns, size_t season)
{
    *state = (struct holt_winters_state){
        .columns = columns,
        .season = season > 1 ? season : 1,
        .level = mem_zalloc(columns, sizeof *state->level),
        .trend = mem_zalloc(columns, sizeof *state->trend),
    };
    state->seasonal = mem_zalloc(columns * state->season, sizeof *state->seasonal);
}

void holt_winters_state_zero(struct holt_winters_state *state)
{
    memset(state->level, 0, state->columns * sizeof *state->level);
    memset(state->trend, 0, state->columns * sizeof *state->trend);
    memset(state->seasonal, 0, state->columns * state->season * sizeof *state->seasonal);
    state->place = 0;
}

void holt_winters_state_clear(struct holt_winters_state *state)
{
    free(state->level);
    free(state->trend);
    free(state->seasonal);
    *state = (struct holt_winters_state){ 0 };
}

static void carry_on(const struct holt_winters_parameters *p, struct holt_winters_state *state, double *errors)
{
    for (size_t c = 0; c < state->columns; c++) {
        state->trend[c] *= p->phi;
        state->level[c] += state->trend[c];
        errors[c] = 0;
    }
}

/* One period, `value` for the first column. In terms of the error: level += alpha e, trend += alpha beta e,
 * season += gamma (1 - alpha) e. */
static void step(const struct holt_winters_parameters *p, struct holt_winters_state *state, double value,
                 double *errors)
{
    double *seasonal = state->seasonal + state->place * state->columns;
    double trend_gain = p->alpha * p->beta, seasonal_gain = state->season > 1 ? p->gamma * (1 - p->alpha) : 0;
    for (size_t c = 0; c < state->columns; c++) {
        double carried = p->phi * state->trend[c], expected = state->level[c] + carried;
        double error = (c == 0 ? value : 0) - expected - seasonal[c];
        state->level[c] = expected + p->alpha * error;
        state->trend[c] = carried + trend_gain * error;
        seasonal[c] += seasonal_gain * error;
        errors[c] = error;
    }
}

void holt_winters_filter(const struct series *series, const struct holt_winters_parameters *parameters,
                         struct holt_winters_state *state, double *errors)
{
    for (size_t i = 0; i < series->n; i++, errors += state->columns) {
        if (isnan(series->values[i]))
            carry_on(parameters, state, errors);
        else
            step(parameters, state, series->values[i], errors);
        state->place = state->place + 1 < state->season ? state->place + 1 : 0;
    }
}

double holt_winters_expected(const struct holt_winters_state *state, size_t column, size_t h, double damping)
{
    size_t place = (state->place + h - 1) % state->season;
    return state->level[column] + damping * state->trend[column] + state->seasonal[place * state->columns + column];
}
