/* What a rule accepts, in words: "a whole number from 1 to 9". For messages ("expected …") and the reference. */
#ifndef CORE_CONFIG_DESCRIBE_H
#define CORE_CONFIG_DESCRIBE_H

#include "core/config.h"
#include "core/strbuf.h"

void config_describe(struct strbuf *out, const struct config_rule *rule); /* appends */

#endif
