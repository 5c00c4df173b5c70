/* What a scalar of the configuration may be read as. One meaning each, whatever YAML 1.1 makes of it: `012`, `1_000`,
 * `0x1F` and "12" in quotes are no numbers, `yes` and `on` no booleans. */
#ifndef CORE_CONFIG_SCALAR_H
#define CORE_CONFIG_SCALAR_H

#include "core/config.h"

bool config_scalar_integer(const struct config_node *node, int64_t *value); /* -?(0|[1-9][0-9]*), 64 bits */
bool config_scalar_number(const struct config_node *node,
                          double *value);                                /* and (\.[0-9]+)?([eE][+-]?[0-9]+)?, finite */
bool config_scalar_boolean(const struct config_node *node, bool *value); /* true, false */
bool config_scalar_date(const struct config_node *node);                 /* 2026-01-31, a day that exists */
bool config_is_name(const char *text);                                   /* [a-z][a-z0-9_]{0,39} */

#endif
