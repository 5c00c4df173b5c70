/* The rules for the header of a CSV file. */
#ifndef CORE_CSVHEADER_H
#define CORE_CSVHEADER_H

#include <stddef.h>

#include "core/err.h"
#include "core/text.h"

/* Trims the names and counts those before the empty ones at the end. ERR_DATA for a name that stands twice and for an
 * empty one before others. Messages give columns by number: a file without a header shows its first row here. */
int csvheader_check(struct slice *names, size_t count, size_t *named_columns, struct err *err);

#endif
