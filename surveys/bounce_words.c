#include <ctype.h>
#include <string.h>

#include "core/strbuf.h"
#include "surveys/bounce.h"

/* What mail servers say, in the order in which it counts: a full mailbox also "cannot be delivered permanently". */
static const struct {
    enum bounce_kind kind;
    const char *words;
} phrases[] = {
    { BOUNCE_FULL, "mailbox is full" },
    { BOUNCE_FULL, "mailbox full" },
    { BOUNCE_FULL, "mail box full" },
    { BOUNCE_FULL, "mailfolder is full" },
    { BOUNCE_FULL, "full mailbox" },
    { BOUNCE_FULL, "disk quota" },
    { BOUNCE_FULL, "quota violation" },
    { BOUNCE_FULL, "exceeding their quota" },
    { BOUNCE_FULL, "over quota" },
    { BOUNCE_FULL, "overquota" },
    { BOUNCE_FULL, "over the maximum" },
    { BOUNCE_FULL, "over its quota" },
    { BOUNCE_FULL, "over his quota" },
    { BOUNCE_FULL, "quota exceeded" },
    { BOUNCE_FULL, "exceeded quota" },
    { BOUNCE_FULL, "exceeded storage" },
    { BOUNCE_FULL, "exceeds quota" },
    { BOUNCE_FULL, "exceeded its quota" },
    { BOUNCE_FULL, "exceeded mailbox" },
    { BOUNCE_FULL, "insufficient disk" },
    { BOUNCE_FULL, "postfach ist voll" },
    { BOUNCE_SOFT, "will retry" },
    { BOUNCE_SOFT, "will be retried" },
    { BOUNCE_SOFT, "will continue to be attempted" },
    { BOUNCE_SOFT, "will keep trying" },
    { BOUNCE_SOFT, "will continue trying" },
    { BOUNCE_SOFT, "delivery attempts will continue" },
    { BOUNCE_SOFT, "not yet been delivered" },
    { BOUNCE_SOFT, "has been delayed" },
    { BOUNCE_SOFT, "is delayed" },
    { BOUNCE_SOFT, "this is a warning message only" },
    { BOUNCE_SOFT, "warning: message" },
    { BOUNCE_SOFT, "do not need to resend" },
    { BOUNCE_SOFT, "still being attempted" },
    { BOUNCE_SOFT, "too many hops" },
    { BOUNCE_SOFT, "host not found, try again" },
    { BOUNCE_HARD, "user unknown" },
    { BOUNCE_HARD, "unknown user" },
    { BOUNCE_HARD, "unknown local" },
    { BOUNCE_HARD, "unknown recipient" },
    { BOUNCE_HARD, "unknown or illegal alias" },
    { BOUNCE_HARD, "unknown address" },
    { BOUNCE_HARD, "recipient unknown" },
    { BOUNCE_HARD, "user is unknown" },
    { BOUNCE_HARD, "user not known" },
    { BOUNCE_HARD, "unknown or illegal user" },
    { BOUNCE_HARD, "invalid final delivery userid" },
    { BOUNCE_HARD, "wrong or no longer valid" },
    { BOUNCE_HARD, "no such user" },
    { BOUNCE_HARD, "no such recipient" },
    { BOUNCE_HARD, "no such address" },
    { BOUNCE_HARD, "no such mailbox" },
    { BOUNCE_HARD, "no mailbox here by that name" },
    { BOUNCE_HARD, "no mailbox by that name" },
    { BOUNCE_HARD, "not a valid mailbox" },
    { BOUNCE_HARD, "not a valid user" },
    { BOUNCE_HARD, "not a known user" },
    { BOUNCE_HARD, "not our customer" },
    { BOUNCE_HARD, "not listed in" },
    { BOUNCE_HARD, "not found in directory" },
    { BOUNCE_HARD, "user not found" },
    { BOUNCE_HARD, "does not exist" },
    { BOUNCE_HARD, "doesn't exist" },
    { BOUNCE_HARD, "not exist" },
    { BOUNCE_HARD, "doesn't have a" },
    { BOUNCE_HARD, "does not have an account" },
    { BOUNCE_HARD, "invalid recipient" },
    { BOUNCE_HARD, "invalid address" },
    { BOUNCE_HARD, "invalid user" },
    { BOUNCE_HARD, "bad address" },
    { BOUNCE_HARD, "bad destination" },
    { BOUNCE_HARD, "address rejected" },
    { BOUNCE_HARD, "recipient rejected" },
    { BOUNCE_HARD, "recipient address was rejected" },
    { BOUNCE_HARD, "address unknown" },
    { BOUNCE_HARD, "mailbox unavailable" },
    { BOUNCE_HARD, "mailbox not found" },
    { BOUNCE_HARD, "mailbox unknown" },
    { BOUNCE_HARD, "account is disabled" },
    { BOUNCE_HARD, "account disabled" },
    { BOUNCE_HARD, "account has been disabled" },
    { BOUNCE_HARD, "account is inactive" },
    { BOUNCE_HARD, "account inactive" },
    { BOUNCE_HARD, "inactive user" },
    { BOUNCE_HARD, "account expired" },
    { BOUNCE_HARD, "account that you tried to reach" },
    { BOUNCE_HARD, "unroutable" },
    { BOUNCE_HARD, "unrouteable" },
    { BOUNCE_HARD, "unroutable address" },
    { BOUNCE_HARD, "host not found" },
    { BOUNCE_HARD, "host unknown" },
    { BOUNCE_HARD, "unknown host" },
    { BOUNCE_HARD, "domain not found" },
    { BOUNCE_HARD, "couldn't find any host" },
    { BOUNCE_HARD, "no route to domain" },
    { BOUNCE_HARD, "permanent fatal error" },
    { BOUNCE_HARD, "permanent error" },
    { BOUNCE_HARD, "is no longer" },
    { BOUNCE_HARD, "empfänger unbekannt" },
    { BOUNCE_SOFT, "timed out" },
    { BOUNCE_SOFT, "tempor" },
    { BOUNCE_SOFT, "deferred" },
    { BOUNCE_SOFT, "try again" },
    { BOUNCE_SOFT, "could not be delivered" },
    { BOUNCE_SOFT, "cannot be delivered" },
    { BOUNCE_SOFT, "can not be delivered" },
    { BOUNCE_SOFT, "couldn't be delivered" },
    { BOUNCE_SOFT, "not be delivered" },
    { BOUNCE_SOFT, "was not delivered" },
    { BOUNCE_SOFT, "wasn't able to deliver" },
    { BOUNCE_SOFT, "unable to deliver" },
    { BOUNCE_SOFT, "undeliverable" },
    { BOUNCE_SOFT, "undelivered" },
    { BOUNCE_SOFT, "delivery failed" },
    { BOUNCE_SOFT, "failed to deliver" },
    { BOUNCE_SOFT, "delivery to the following recipient" },
    { BOUNCE_SOFT, "did not reach" },
    { BOUNCE_SOFT, "returned to sender" },
    { BOUNCE_SOFT, "nicht zugestellt" },
};

/* Lower case, runs of white space and quoting as one blank, so that a phrase is found over line ends. */
static void flatten(const char *text, struct strbuf *out)
{
    bool blank = false;
    for (; *text; text++) {
        bool is_space = isspace((unsigned char)*text) || *text == '>' || *text == '|';
        if (!is_space && blank && out->length)
            strbuf_addc(out, ' ');
        if (!is_space)
            strbuf_addc(out, (char)tolower((unsigned char)*text));
        blank = is_space;
    }
}

enum bounce_kind bounce_kind_of_words(const char *text)
{
    struct strbuf flat = { 0 };
    enum bounce_kind kind = BOUNCE_NONE;
    flatten(text, &flat);
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases && kind == BOUNCE_NONE; i++)
        if (strstr(strbuf_text(&flat), phrases[i].words))
            kind = phrases[i].kind;
    strbuf_wipe(&flat);
    return kind;
}

/* A code of three numbers behind an SMTP reply code ("550-5.7.1 ...", "550 5.1.1 ..."), written to `status`. */
bool bounce_find_status(const char *text, char status[BOUNCE_STATUS_MAX])
{
    for (; *text; text++) {
        size_t digits = strspn(text, "0123456789");
        const char *code = text + digits + 1;
        if (digits == 3 && (text[0] == '4' || text[0] == '5') && (text[3] == ' ' || text[3] == '-') && code[0] == text[0] && code[1] == '.') {
            size_t length = strspn(code, "0123456789.");
            if (length >= 5 && length < BOUNCE_STATUS_MAX) {
                memcpy(status, code, length);
                status[length] = '\0';
                return true;
            }
        }
        text += digits ? digits - 1 : 0;
    }
    return false;
}

/* RFC 3463 and the IANA registry: X.1 are addresses, X.2 mailboxes; but 1.7 and 1.8 are about the sender. */
enum bounce_kind bounce_kind_of_status(const char *status)
{
    static const char *const hard[] = { "1.0", "1.1", "1.2", "1.3", "1.4", "1.6", "1.10", "2.0", "2.1", "4.4", NULL };
    char class = status[0];
    if ((class != '4' && class != '5') || status[1] != '.')
        return BOUNCE_NONE;
    const char *detail = status + 2;
    if (strcmp(detail, "2.2") == 0)
        return BOUNCE_FULL;
    if (strcmp(detail, "0.0") == 0)
        return BOUNCE_NONE;
    for (size_t i = 0; class == '5' && hard[i]; i++)
        if (strcmp(detail, hard[i]) == 0)
            return BOUNCE_HARD;
    return BOUNCE_SOFT;
}
