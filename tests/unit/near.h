/* cmocka 1.1.5 compares floats only: doubles with an absolute tolerance. Include after <cmocka.h>. */
#ifndef TESTS_UNIT_NEAR_H
#define TESTS_UNIT_NEAR_H

#include <math.h>

#define assert_near(actual, expected, tolerance)                                                                       \
    do {                                                                                                               \
        double actual_ = (actual), expected_ = (expected);                                                             \
        if (!(fabs(actual_ - expected_) <= (tolerance)))                                                               \
            fail_msg("%s is %.12g, not %.12g", #actual, actual_, expected_);                                           \
    } while (0)

#endif
