/* What became of a survey, in numbers that may be shown. */
#ifndef SURVEYS_STATUS_H
#define SURVEYS_STATUS_H

#include <stdint.h>

#include "core/db.h"
#include "core/err.h"
#include "core/strbuf.h"
#include "surveys/definition.h"

/* Plan, approval, and messages by state, sizes as in plan_format_size(). */
int status_describe(struct db *surveys, const struct survey *survey, int64_t k, struct strbuf *out, struct err *err);

/* Plan and approval alone. */
int status_describe_plan(struct db *surveys, const struct survey *survey, struct strbuf *out, struct err *err);

#endif
