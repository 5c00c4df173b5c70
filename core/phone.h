/* Telephone numbers to E.164 (ITU-T E.164, E.123): numbering plans of Europe and the larger other countries. Part of
 * core/text.h's identifier rules, which state the contract. */
#ifndef CORE_PHONE_H
#define CORE_PHONE_H

#include "core/text.h"

struct phone_plan {
    char country[3];   /* ISO 3166 */
    const char *code;  /* the country code, without + */
    const char *trunk; /* what is dialled before a national number, alternatives by '|', longer first; "" if nothing */
    int least, most;   /* digits of a national number without trunk prefix */
    const char *exit;  /* what is dialled instead of +, where it is not 00 */
    bool keeps_zero;   /* the leading zero is part of the number (Italy) */
};

extern const struct phone_plan phone_plans[]; /* by country; the last has an empty country */

/* The plan of an ISO country code in either case, or NULL (also for NULL). */
const struct phone_plan *phone_plan(const char *country);

/* `text` is trimmed. Replaces `out` by "+…", or ERR_DATA. */
int phone_normalise(const char *country, struct slice text, struct strbuf *out, struct err *err);

#endif
