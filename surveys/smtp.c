#include "surveys/smtp.h"

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/mem.h"
#include "core/strbuf.h"

enum { LINE_MAX_BYTES = 4096, MILLISECONDS = 1000 };

struct smtp {
    CURL *curl;
    int timeout_ms;
    bool knows_dsn, knows_utf8; /* what EHLO's answer offered */
    bool is_broken;
    char line[LINE_MAX_BYTES];  /* of the server's answer */
    struct strbuf received;     /* not yet used */
};

bool smtp_is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 || strcmp(host, "[::1]") == 0 || strncmp(host, "127.", 4) == 0;
}

/* ---- connecting ---- */

/* Lines of the server while libcurl connects: after STARTTLS it says EHLO again, and what was said before does not count. */
static size_t note_offer(char *line, size_t size, size_t count, void *context)
{
    struct smtp *smtp = context;
    size_t length = size * count;
    if (length >= 7 && strncmp(line, "250", 3) == 0 && strncasecmp(line + 4, "DSN", 3) == 0)
        smtp->knows_dsn = true;
    if (length >= 12 && strncmp(line, "250", 3) == 0 && strncasecmp(line + 4, "SMTPUTF8", 8) == 0)
        smtp->knows_utf8 = true;
    return length;
}

static size_t ignore_body(char *data, size_t size, size_t count, void *context)
{
    (void)data, (void)context;
    return size * count;
}

static void set_options(struct smtp *smtp, const struct smtp_options *options)
{
    CURL *curl = smtp->curl;
    struct strbuf url = { 0 };
    strbuf_addf(&url, "%s://%s:%d", options->tls == SMTP_IMPLICIT_TLS ? "smtps" : "smtp", options->host, options->port);
    curl_easy_setopt(curl, CURLOPT_URL, strbuf_text(&url));
    strbuf_release(&url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(options->tls == SMTP_NO_TLS ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)smtp->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 3L * smtp->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, note_offer);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, smtp);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore_body);
    if (options->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca_file);
    if (options->user) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, options->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, options->password);
    }
}

static int connect_error(const struct smtp_options *options, CURLcode result, struct err *err)
{
    bool refused = result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CONNECT_ERROR || result == CURLE_USE_SSL_FAILED ||
                   result == CURLE_LOGIN_DENIED || result == CURLE_SSL_CACERT_BADFILE;
    return err_set(err, refused ? ERR_PERMISSION : ERR_AGAIN, "cannot submit mail to %s:%d: %s", options->host, options->port,
                   curl_easy_strerror(result));
}

int smtp_open(struct smtp **smtp, const struct smtp_options *options, struct err *err)
{
    if (options->tls == SMTP_NO_TLS && !smtp_is_loopback(options->host))
        return err_set(err, ERR_CONFIG, "mail to %s must go by TLS; only a server on this machine may do without", options->host);
    struct smtp *made = mem_zalloc(1, sizeof *made);
    made->timeout_ms = options->timeout_seconds * MILLISECONDS;
    made->curl = curl_easy_init();
    if (!made->curl)
        mem_fail();
    set_options(made, options);
    CURLcode result = curl_easy_perform(made->curl);
    if (result != CURLE_OK) {
        made->is_broken = true;
        smtp_close(made);
        return connect_error(options, result, err);
    }
    *smtp = made;
    return 0;
}

/* ---- bytes ---- */

static bool wait_for(const struct smtp *smtp, short events)
{
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(smtp->curl, CURLINFO_ACTIVESOCKET, &socket);
    struct pollfd poll_for = { .fd = socket, .events = events };
    int ready;
    do
        ready = poll(&poll_for, 1, smtp->timeout_ms);
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

static bool put(struct smtp *smtp, const char *data, size_t length)
{
    while (length) {
        size_t done = 0;
        CURLcode result = curl_easy_send(smtp->curl, data, length, &done);
        if (result == CURLE_AGAIN && wait_for(smtp, POLLOUT))
            continue;
        if (result != CURLE_OK)
            return false;
        data += done;
        length -= done;
    }
    return true;
}

/* A line of the server, without its end; false if the connection or the patience ended. */
static bool get_line(struct smtp *smtp)
{
    const char *end;
    while (!(end = memchr(strbuf_text(&smtp->received), '\n', smtp->received.length))) {
        char block[1024];
        size_t got = 0;
        CURLcode result = curl_easy_recv(smtp->curl, block, sizeof block, &got);
        if (result == CURLE_AGAIN && wait_for(smtp, POLLIN))
            continue;
        if (result != CURLE_OK || got == 0 || smtp->received.length > LINE_MAX_BYTES)
            return false;
        strbuf_add(&smtp->received, block, got);
    }
    size_t length = (size_t)(end - smtp->received.text), used = length + 1;
    length -= length && end[-1] == '\r';
    snprintf(smtp->line, sizeof smtp->line, "%.*s", (int)(length < sizeof smtp->line ? length : sizeof smtp->line - 1), smtp->received.text);
    memmove(smtp->received.text, smtp->received.text + used, smtp->received.length - used + 1);
    smtp->received.length -= used;
    return true;
}

/* The last line of an answer decides: its code, 0 if none came. */
static int get_reply(struct smtp *smtp, struct smtp_reply *reply)
{
    do {
        if (!get_line(smtp) || !isdigit((unsigned char)smtp->line[0]) || !isdigit((unsigned char)smtp->line[1]) || !isdigit((unsigned char)smtp->line[2])) {
            smtp->is_broken = true;
            return 0;
        }
    } while (smtp->line[3] == '-');
    reply->code = (smtp->line[0] - '0') * 100 + (smtp->line[1] - '0') * 10 + (smtp->line[2] - '0');
    size_t length = smtp->line[3] ? strspn(smtp->line + 4, "0123456789.") : 0;
    bool is_enhanced = length >= 5 && length < sizeof reply->enhanced && smtp->line[5] == '.';
    snprintf(reply->enhanced, sizeof reply->enhanced, "%.*s", is_enhanced ? (int)length : 0, smtp->line + 4);
    return reply->code;
}

/* ---- the dialogue ---- */

/* True for an answer 2yz or 3yz; else the reply says what became of the letter. */
static bool hear(struct smtp *smtp, struct smtp_reply *reply)
{
    int code = get_reply(smtp, reply);
    smtp->is_broken |= code == 0 || code == 421;
    if (code >= 200 && code < 400)
        return true;
    reply->outcome = code >= 500 ? SMTP_REFUSED : code == 421 || code == 0 ? SMTP_BROKEN : SMTP_LATER;
    return false;
}

static bool say(struct smtp *smtp, const char *command, struct smtp_reply *reply)
{
    if (put(smtp, command, strlen(command)))
        return hear(smtp, reply);
    smtp->is_broken = true;
    reply->outcome = SMTP_BROKEN;
    return false;
}

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text > 126 || (unsigned char)*text <= 32)
            return false;
    return true;
}

static bool say_envelope(struct smtp *smtp, const struct smtp_letter *letter, struct smtp_reply *reply)
{
    struct strbuf command = { 0 };
    bool needs_utf8 = !is_ascii(letter->to);
    if (strpbrk(letter->to, "<>\r\n ") || (needs_utf8 && !smtp->knows_utf8)) {
        *reply = (struct smtp_reply) { SMTP_REFUSED, 553, "5.6.7" }; /* no server of ours can write to it */
        return false;
    }
    strbuf_addf(&command, "MAIL FROM:<%s>%s", letter->from, needs_utf8 ? " SMTPUTF8" : "");
    if (smtp->knows_dsn)
        strbuf_addf(&command, " RET=HDRS ENVID=%s", letter->id);
    strbuf_adds(&command, "\r\n");
    bool good = say(smtp, strbuf_text(&command), reply);
    if (!good && reply->outcome == SMTP_REFUSED)
        reply->outcome = SMTP_LATER; /* it is about us, not about the recipient: somebody has to look */
    strbuf_clear(&command);
    strbuf_addf(&command, "RCPT TO:<%s>\r\n", letter->to);
    good = good && say(smtp, strbuf_text(&command), reply);
    strbuf_wipe(&command);
    return good;
}

/* Lines that begin with a dot get another one (RFC 5321, 4.5.2). */
static bool put_message(struct smtp *smtp, struct slice message)
{
    struct strbuf stuffed = { 0 };
    bool at_begin = true;
    for (size_t i = 0; i < message.length; i++) {
        if (at_begin && message.text[i] == '.')
            strbuf_addc(&stuffed, '.');
        strbuf_addc(&stuffed, message.text[i]);
        at_begin = message.text[i] == '\n';
    }
    if (!at_begin)
        strbuf_adds(&stuffed, "\r\n");
    bool good = put(smtp, strbuf_text(&stuffed), stuffed.length);
    strbuf_wipe(&stuffed);
    return good;
}

static void put_data(struct smtp *smtp, const struct smtp_letter *letter, struct smtp_reply *reply)
{
    if (!say(smtp, "DATA\r\n", reply))
        return;
    reply->code = 0;
    /* Without the dot nothing was accepted; one that the socket refused was never sent. */
    if (!put_message(smtp, letter->message) || !put(smtp, ".\r\n", 3)) {
        smtp->is_broken = true;
        reply->outcome = SMTP_BROKEN;
        return;
    }
    reply->outcome = hear(smtp, reply) ? SMTP_ACCEPTED : reply->outcome;
    if (reply->outcome == SMTP_BROKEN)
        reply->outcome = reply->code == 421 ? SMTP_LATER : SMTP_UNCERTAIN;
}

void smtp_send(struct smtp *smtp, const struct smtp_letter *letter, struct smtp_reply *reply)
{
    struct smtp_reply reset;
    *reply = (struct smtp_reply) { .outcome = SMTP_BROKEN };
    if (smtp->is_broken)
        return;
    if (say_envelope(smtp, letter, reply))
        put_data(smtp, letter, reply);
    if (!smtp->is_broken && reply->outcome != SMTP_ACCEPTED)
        say(smtp, "RSET\r\n", &reset);
}

void smtp_close(struct smtp *smtp)
{
    if (!smtp)
        return;
    if (!smtp->is_broken)
        put(smtp, "QUIT\r\n", 6);
    curl_easy_cleanup(smtp->curl);
    strbuf_release(&smtp->received);
    free(smtp);
}
