/* The invitation as an e-mail: multipart/alternative (plain text and HTML) in the recipient's language, with the headers that a
 * bulk mail owes (RFC 2369 and 8058 List-Unsubscribe, RFC 3834 Auto-Submitted, VERP return path). The same input gives
 * the same bytes. Holds no personal data but the address in To. */
#ifndef SURVEYS_MESSAGE_H
#define SURVEYS_MESSAGE_H

#include <stdint.h>

#include "core/strbuf.h"
#include "surveys/definition.h"
#include "surveys/token.h"

struct message {
    const struct survey *survey;
    const char *language;
    const char *address;
    const char *id;            /* deterministic name of this message: [a-z0-9]+ */
    char token[TOKEN_LENGTH + 1];
    int64_t now;               /* Date */
    int32_t expires_day;
    bool reminder;
    bool preview;              /* says so in the subject, a header and the first paragraph; its links are nobody's */
    bool confirms;             /* asks to confirm an opt-in: texts of the program, in its languages */
};

/* The whole message as RFC 5322 with CRLF line ends. */
void message_build(const struct message *message, struct strbuf *out);

/* The plain text alone, as `preview` shows it. */
void message_text(const struct message *message, struct strbuf *out);

/* Address of the envelope sender of a message: bounces that come back to it name their message. */
void message_return_path(const struct survey *survey, const char *id, struct strbuf *out);

#endif
