/* Decimal numbers of a cell as scaled integers, exactly: value × 10^decimals. No floating point takes part.
 *
 *   number = [+-] digits [point digits] | [+-] point digits        point: '.' or ','
 *
 * Digits beyond `decimals` are rounded half away from zero, or towards minus infinity for bands. No thousands separators,
 * no exponents, no blanks, no other digits than 0-9. */
#ifndef ETL_DECIMAL_H
#define ETL_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"

enum { DECIMAL_MAX_DECIMALS = 9 };
enum decimal_rounding { DECIMAL_NEAREST, DECIMAL_FLOOR };

struct decimal_format {
    char point;
    int decimals; /* 0 .. DECIMAL_MAX_DECIMALS */
    enum decimal_rounding rounding;
};

/* False, and `scaled` untouched, if the text is no number or does not fit. `inexact` (may be NULL): digits were lost. */
bool decimal_read(struct slice text, const struct decimal_format *format, int64_t *scaled, bool *inexact);

int64_t decimal_power(int decimals); /* 10^decimals, 0 .. 18 */

/* numerator × 10^decimals / denominator (positive), rounded; false if it does not fit. */
bool decimal_ratio(int64_t numerator, int64_t denominator, const struct decimal_format *format, int64_t *scaled);

#endif
