/* Submission over SMTP (RFC 6409, 5321). libcurl connects, negotiates TLS (RFC 3207, 8314), checks the certificate and logs in
 * (RFC 4954); the dialogue of each message is spoken here, because what a message's fate is depends on which answer was
 * seen. TLS is required unless the server is on the loopback interface and the settings say `none`. */
#ifndef SURVEYS_SMTP_H
#define SURVEYS_SMTP_H

#include <stdbool.h>

#include "core/err.h"
#include "core/text.h"

enum smtp_tls { SMTP_STARTTLS, SMTP_IMPLICIT_TLS, SMTP_NO_TLS };

struct smtp_options {
    const char *host;
    int port;
    enum smtp_tls tls;
    const char *user, *password; /* NULL: no login */
    const char *ca_file;         /* NULL: the system's */
    int timeout_seconds;         /* for each answer */
};

struct smtp;

/* ERR_CONFIG for no TLS beyond the loopback interface; ERR_AGAIN if the server is not there or does not want us now;
 * ERR_PERMISSION for a certificate or a login that does not hold. */
int smtp_open(struct smtp **smtp, const struct smtp_options *options, struct err *err);
void smtp_close(struct smtp *smtp); /* NULL is fine; says QUIT if the connection still stands */

struct smtp_letter {
    const char *id;         /* ENVID (RFC 3461), where the server knows it */
    const char *from, *to;  /* envelope */
    struct slice message;   /* CRLF line ends */
};

enum smtp_outcome {
    SMTP_ACCEPTED,
    SMTP_LATER,     /* 4yz: greylisting, full, busy */
    SMTP_REFUSED,   /* 5yz */
    SMTP_BROKEN,    /* the connection ended before the final dot: nothing was accepted */
    SMTP_UNCERTAIN, /* it ended after the final dot, before the answer (RFC 1047): nobody knows */
};

struct smtp_reply {
    enum smtp_outcome outcome;
    int code;              /* 0: none was seen */
    char enhanced[16];     /* RFC 3463, "5.1.1", or empty */
};

/* Sends one letter. After SMTP_BROKEN and SMTP_UNCERTAIN the connection is gone: close it. */
void smtp_send(struct smtp *smtp, const struct smtp_letter *letter, struct smtp_reply *reply);

bool smtp_is_loopback(const char *host);

#endif
