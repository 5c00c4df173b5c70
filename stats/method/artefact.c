#include "stats/method/artefact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

static const double remaining_share = 0.25, first_step_share = 0.5;

static double median_of(const double *values, size_t n)
{
    double *copy = mem_zalloc(n, sizeof *copy);
    memcpy(copy, values, n * sizeof *copy);
    double median = median_in_place(copy, n);
    free(copy);
    return median;
}

static double largest(const double *values, size_t n)
{
    double most = values[0];
    for (size_t i = 1; i < n; i++)
        most = fmax(most, values[i]);
    return most;
}

/* The number of values before a fall that lasts to the end, or 0. */
static size_t lasting_fall(const double *values, size_t n)
{
    for (size_t split = 2; split < n; split++) {
        bool steep = values[split] < first_step_share * values[split - 1];
        if (steep && largest(values + split, n - split) < remaining_share * median_of(values, split))
            return split;
    }
    return 0;
}

static void reverse(double *values, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        double kept = values[i];
        values[i] = values[n - 1 - i];
        values[n - 1 - i] = kept;
    }
}

enum method_reason artefact_scan(const struct series *counts, enum artefact_side side, struct artefact *out)
{
    enum method_reason reason = series_check(counts, 3);
    if (reason != METHOD_OK)
        return reason;
    struct points points = points_of(counts);
    if (side == ARTEFACT_BEGINNING) {
        reverse(points.value, points.n);
        reverse(points.time, points.n);
    }
    size_t split = lasting_fall(points.value, points.n);
    struct artefact artefact = { .found = split > 0 };
    if (artefact.found) {
        artefact.last_sound = (size_t)points.time[split - 1];
        artefact.first_doubtful = (size_t)points.time[split];
        artefact.sound_level = median_of(points.value, split);
        artefact.doubtful_level = median_of(points.value + split, points.n - split);
    }
    points_free(&points);
    *out = artefact;
    return METHOD_OK;
}
