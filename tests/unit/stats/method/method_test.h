/* What the tests of stats/method share. */
#ifndef TESTS_UNIT_STATS_METHOD_METHOD_TEST_H
#define TESTS_UNIT_STATS_METHOD_METHOD_TEST_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "stats/method/method.h"
#include "tests/unit/near.h"

/* A series literal: season, then the values. */
#define SERIES(season, ...)                                                                                            \
    ((struct series){ (const double[]){ __VA_ARGS__ }, sizeof((const double[]){ __VA_ARGS__ }) / sizeof(double),       \
                      (season) })

#endif
