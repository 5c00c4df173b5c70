/* Redaction of free-text answers before a reviewer sees them: what identifies somebody becomes a word in brackets.
 *
 * Found are links, e-mail addresses, IBANs (ISO 13616, check digits by ISO 7064 mod 97-10), payment cards (ISO/IEC 7812,
 * Luhn), telephone numbers (seven digits or more, as people write them) and order numbers (letters and five digits or
 * more). A number that fails its check digits is still taken as a telephone or order number: redaction errs to the safe
 * side. Control characters, which could steer a terminal, and those that turn the direction of writing are dropped. Names of people cannot be found by rule: that is what the review is for. */
#ifndef SURVEYS_REDACT_H
#define SURVEYS_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/strbuf.h"
#include "core/text.h"

struct redactor; /* compiled patterns; read-only once made, may be shared by threads */

void redactor_init(struct redactor **redactor);
void redactor_free(struct redactor *redactor);

/* Replaces `out` by the redacted text; *count is how much was replaced. ERR_DATA for text that is not UTF-8. */
int redact_text(const struct redactor *redactor, struct slice text, struct strbuf *out, size_t *count,
                struct err *err);

/* The check digits alone, blanks and hyphens ignored. */
bool redact_is_iban(struct slice text);
bool redact_is_card(struct slice text);

#endif
