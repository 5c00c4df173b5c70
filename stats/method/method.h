/* Statistics: pure functions of numbers to numbers, one per file; they know nothing of cases, tables or files and
 * include nothing but core/ and each other.
 *
 * Each function returns METHOD_OK and fills its output, which then holds finite numbers only, or returns the reason why
 * there is no answer and leaves the output untouched. What is not a bug of the caller is never one: missing, short,
 * constant, zero and infinite input each have their reason. Functions allocate what they need and free it; they
 * keep no state and are safe to call from several threads. GSL's error handler is switched off before main(). */
#ifndef STATS_METHOD_METHOD_H
#define STATS_METHOD_METHOD_H

#include <stdbool.h>
#include <stddef.h>

enum method_reason {
    METHOD_OK,
    METHOD_EMPTY,          /* no value at all */
    METHOD_TOO_SHORT,      /* fewer values than the method needs */
    METHOD_TOO_FEW_CYCLES, /* fewer than two seasonal cycles, or too many holes in them */
    METHOD_GAPS,           /* a period is missing where the method needs every one */
    METHOD_CONSTANT,       /* all values are equal */
    METHOD_ONE_GROUP,      /* fewer than two groups or categories hold anything */
    METHOD_NO_EXPOSURE,    /* a denominator is missing or zero */
    METHOD_NO_SPREAD,      /* no standard deviation, so no test and no interval */
    METHOD_OUT_OF_RANGE,   /* a value that the method is not made for: infinite, negative count, share above one */
    METHOD_NO_FIT,         /* the fit found no finite answer */
    METHOD_REASONS
};

/* A short name for columns ("too_short", "" for METHOD_OK) and half a sentence for people. */
const char *method_reason_name(enum method_reason reason);
const char *method_reason_text(enum method_reason reason);

/* A series over equally spaced periods; value i belongs to period i. NAN is a missing period, not zero. */
struct series {
    const double *values;
    size_t n;
    size_t season; /* periods in a seasonal cycle: 12 for months, 4 for quarters, 52 for weeks; 1: none */
};

/* The present values with their period numbers, in order; to be freed with points_free(). */
struct points {
    double *time, *value;
    size_t n;
};
struct points points_of(const struct series *series);
void points_free(struct points *points);

/* The first objection to a series: OUT_OF_RANGE (infinite), EMPTY, TOO_SHORT (fewer than `minimum` present), CONSTANT. */
enum method_reason series_check(const struct series *series, size_t minimum);
/* GAPS if a value is missing, else as series_check(). */
enum method_reason series_check_complete(const struct series *series, size_t minimum);
/* How many values are present. */
size_t series_present(const struct series *series);
/* Whether the seasons can be told from the rest: the series spans two cycles, every season has a present value and at least
 * three quarters of them have two. */
bool series_has_two_cycles(const struct series *series);

/* P(|Z| >= |z|) and the quantile of the standard normal; the two-sided quantile of a confidence of 0.95 is 1.96. */
double normal_two_sided(double z);
double normal_quantile_of(double confidence);

/* Median of n >= 1 values; sorts them. */
double median_in_place(double *values, size_t n);

#endif
