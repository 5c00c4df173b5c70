/* Numbers in the cells of a CSV file, exactly. */
#ifndef STATS_TABULATE_NUMBER_H
#define STATS_TABULATE_NUMBER_H

#include <stdint.h>

/* Plain digits with at most one point: `mantissa` / 10^`decimals`. NULL, or what is wrong. */
const char *number_read_amount(const char *text, char point, int64_t *mantissa, int *decimals);

/* Plain digits. NULL, or what is wrong. */
const char *number_read_count(const char *text, uint32_t *count);

/* 10^decimals, 0 to 18. */
int64_t number_power(int decimals);

#endif
