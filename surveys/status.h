/* What became of a survey, in numbers that may be shown, and of one person, in words for the data protection officer. */
#ifndef SURVEYS_STATUS_H
#define SURVEYS_STATUS_H

#include <stdint.h>

#include "core/db.h"
#include "core/err.h"
#include "core/keyring.h"
#include "core/strbuf.h"
#include "surveys/contact.h"
#include "surveys/definition.h"
#include "surveys/history.h"

/* Plan, approval, and messages by state, sizes as in plan_format_size(). */
int status_describe(struct db *surveys, const struct survey *survey, int64_t k, struct strbuf *out, struct err *err);

/* Why the person behind the identifier was asked or not: each invitation with its decision, and what holds now, for
 * the survey's controller and purpose. Says so if nothing is known. */
int status_why(const struct history *history, const struct keyring *keyring, const struct contact_identifier *identifier,
               struct strbuf *out, struct err *err);

#endif
