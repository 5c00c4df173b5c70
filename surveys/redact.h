/* Redaction of free-text answers before a reviewer sees them: what identifies somebody becomes a word in brackets.
 *
 * Found are links and domains, e-mail addresses (also with "(at)", "ät" or "dot" written out) and names with an @ before them, IBANs (ISO
 * 13616, check digits by ISO 7064 mod 97-10), payment cards (ISO/IEC 7812, Luhn), number plates (German, British), telephone numbers
 * (seven digits or more, as people write them), numbers of orders, customers and contracts (after such a word, with letters, or of five
 * digits or more). A number that fails its check digits is still taken as another number: redaction errs to the safe side.
 *
 * The text is looked at and given back in compatibility form (NFKC, UAX #15) with the digits of all scripts as 0 to 9, without control
 * characters, which could steer a terminal, and without what no reader sees: zero-width characters, marks of direction. Names of people
 * cannot be found by rule: that is what the review is for. */
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

/* How many bytes from the start are one with right check digits, whatever stands between its characters; 0: it is none. A card is so as a
 * whole, an IBAN with the digits that follow it. */
size_t redact_iban_bytes(struct slice text);
size_t redact_card_bytes(struct slice text);

#endif
