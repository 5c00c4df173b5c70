#include <gmime/gmime.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/mem.h"
#include "core/strbuf.h"
#include "surveys/bounce.h"

enum { TEXT_MAX = 1 << 16 };

/* What the parts of a message say. */
struct reading {
    struct bounce_report *report;
    struct strbuf text;         /* of parts that people read */
    struct strbuf diagnostic;   /* Status and Diagnostic-Code of recipients who did not get it */
    bool has_delivery_report, has_recipient, is_failed, is_delayed, has_feedback, is_not_spam;
};

/* ---- which message ---- */

/* The id behind `mark` in an address (bounce+ID@, unsubscribe+ID@); false if there is none. */
static bool take_id(const char *text, const char *mark, char id[BOUNCE_ID_LENGTH + 1])
{
    for (const char *at = text ? strcasestr(text, mark) : NULL; at; at = strcasestr(at + 1, mark)) {
        const char *digits = at + strlen(mark);
        if (strspn(digits, "0123456789abcdefABCDEF") != BOUNCE_ID_LENGTH || digits[BOUNCE_ID_LENGTH] != '@')
            continue;
        for (size_t i = 0; i < BOUNCE_ID_LENGTH; i++)
            id[i] = (char)tolower((unsigned char)digits[i]);
        id[BOUNCE_ID_LENGTH] = '\0';
        return true;
    }
    return false;
}

static void take_envelope_id(const char *value, struct bounce_report *report)
{
    struct strbuf text = { 0 };
    while (value && isspace((unsigned char)*value))
        value++;
    strbuf_addf(&text, "bounce+%.*s@", BOUNCE_ID_LENGTH, value ? value : "");
    if (!report->id[0])
        take_id(strbuf_text(&text), "bounce+", report->id);
    strbuf_release(&text);
}

/* The addresses that a message came to. */
static bool find_address(GMimeObject *message, const char *mark, char id[BOUNCE_ID_LENGTH + 1])
{
    static const char *const headers[] = { "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc" };
    GMimeHeaderList *list = g_mime_object_get_header_list(message);
    for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
        for (size_t h = 0; h < sizeof headers / sizeof *headers; h++)
            if (strcasecmp(g_mime_header_get_name(header), headers[h]) == 0 && take_id(g_mime_header_get_raw_value(header), mark, id))
                return true;
    }
    return false;
}

/* ---- parts ---- */

static char *part_text(GMimePart *part)
{
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    if (!content)
        return mem_strdup("");
    GMimeStream *stream = g_mime_stream_mem_new();
    g_mime_data_wrapper_write_to_stream(content, stream);
    const GByteArray *bytes = g_mime_stream_mem_get_byte_array((GMimeStreamMem *)stream);
    size_t length = bytes->len < TEXT_MAX ? bytes->len : TEXT_MAX;
    char *text = mem_strndup(length ? (const char *)bytes->data : "", length);
    for (size_t i = 0; i < length; i++)
        if (!text[i])
            text[i] = ' ';
    g_object_unref(stream);
    return text;
}

/* The value of a field in the groups of a machine-readable part, from `from` on; NULL if there is none. To be freed. */
static char *field(const char *groups, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = groups; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        if (strncasecmp(line, name, length) != 0 || line[length] != ':')
            continue;
        const char *value = line + length + 1, *end = value + strcspn(value, "\n");
        while (end[0] == '\n' && (end[1] == ' ' || end[1] == '\t'))
            end += 1 + strcspn(end + 1, "\n");
        while (value < end && isspace((unsigned char)*value))
            value++;
        return mem_strndup(value, (size_t)(end - value));
    }
    return NULL;
}

static void take_status(const char *status, struct bounce_report *report)
{
    size_t length = status ? strspn(status, "0123456789.") : 0;
    if (length >= 5 && length < sizeof report->status) {
        memcpy(report->status, status, length);
        report->status[length] = '\0';
    }
}

/* Actions of RFC 3464 after which nothing is lost; some write `failure` or `error` for `failed`. The last is a delay. */
static const char *const harmless[] = { "delivered", "relayed", "expanded", "delayed", NULL };

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strncasecmp(text, *words, strlen(*words)) == 0)
            return true;
    return false;
}

static void read_recipient(struct reading *reading, const char *group)
{
    char *action = field(group, "Action"), *status = field(group, "Status"), *diagnostic = field(group, "Diagnostic-Code");
    bool failed = action ? !is_one_of(action, harmless) : status && status[0] == '5';
    reading->has_recipient |= action || status;
    if (action && is_one_of(action, harmless + 3))
        reading->is_delayed = true;
    if (failed && !reading->is_failed) {
        reading->is_failed = true;
        take_status(status, reading->report);
    }
    if (failed || reading->is_delayed)
        strbuf_addf(&reading->diagnostic, "%s %s\n", status ? status : "", diagnostic ? diagnostic : "");
    free(action);
    free(status);
    free(diagnostic);
}

/* Groups of fields with blank lines between them (RFC 3464): the first about the message, the others about recipients. */
static void read_delivery_report(struct reading *reading, char *text)
{
    char *envelope_id = field(text, "Original-Envelope-Id");
    take_envelope_id(envelope_id, reading->report);
    free(envelope_id);
    reading->has_delivery_report = true;
    char *to = text;
    for (const char *from = text; *from; from++)
        if (*from != '\r')
            *to++ = *from;
    *to = '\0';
    for (char *group = text, *end; group && *group; group = end ? end + 2 : NULL) {
        end = strstr(group, "\n\n");
        if (end)
            end[1] = '\0';
        read_recipient(reading, group);
    }
}

static void read_feedback(struct reading *reading, const char *text)
{
    char *type = field(text, "Feedback-Type"), *sender = field(text, "Original-Mail-From"), *envelope_id = field(text, "Original-Envelope-Id");
    reading->has_feedback = true;
    reading->is_not_spam = type && strncasecmp(type, "not-spam", 8) == 0;
    take_id(sender, "bounce+", reading->report->id);
    take_envelope_id(envelope_id, reading->report);
    free(type);
    free(sender);
    free(envelope_id);
}

/* The head of the message that came back: its Return-Path is ours. */
static void read_original(struct reading *reading, const char *text)
{
    char *path = field(text, "Return-Path");
    if (!reading->report->id[0])
        take_id(path, "bounce+", reading->report->id);
    free(path);
}

static void read_part(struct reading *reading, GMimeObject *part)
{
    GMimeContentType *type = g_mime_object_get_content_type(part);
    if (!GMIME_IS_PART(part))
        return;
    char *text = part_text((GMimePart *)part);
    if (g_mime_content_type_is_type(type, "message", "delivery-status") || g_mime_content_type_is_type(type, "message", "global-delivery-status"))
        read_delivery_report(reading, text);
    else if (g_mime_content_type_is_type(type, "message", "feedback-report"))
        read_feedback(reading, text);
    else if (g_mime_content_type_is_type(type, "text", "rfc822-headers"))
        read_original(reading, text);
    else if (g_mime_content_type_is_type(type, "text", "*") && reading->text.length < TEXT_MAX)
        strbuf_addf(&reading->text, "%s\n", text);
    explicit_bzero(text, strlen(text));
    free(text);
}

static void visit(GMimeObject *parent, GMimeObject *part, gpointer context)
{
    struct reading *reading = context;
    (void)parent;
    if (GMIME_IS_MESSAGE_PART(part)) {
        GMimeMessage *inner = g_mime_message_part_get_message((GMimeMessagePart *)part);
        const char *path = inner ? g_mime_object_get_header((GMimeObject *)inner, "Return-Path") : NULL;
        if (!reading->report->id[0])
            take_id(path, "bounce+", reading->report->id);
        return;
    }
    read_part(reading, part);
}

/* ---- what it is ---- */

static bool header_has(GMimeMessage *message, const char *name, const char *words)
{
    const char *value = g_mime_object_get_header((GMimeObject *)message, name);
    return value && strcasestr(value, words);
}

static bool has_reply_subject(GMimeMessage *message)
{
    const char *subject = g_mime_message_get_subject(message);
    static const char *const subjects[] = { "out of office", "automatic reply", "auto:", "autoreply", "abwesenheit", "automatische antwort", "vacation" };
    for (size_t i = 0; subject && i < sizeof subjects / sizeof *subjects; i++)
        if (strcasestr(subject, subjects[i]))
            return true;
    return false;
}

static bool is_auto_reply(GMimeMessage *message)
{
    return header_has(message, "Auto-Submitted", "auto-replied") || header_has(message, "X-Autoreply", "") ||
           header_has(message, "X-Autorespond", "") || header_has(message, "Precedence", "auto_reply") ||
           header_has(message, "X-Auto-Response-Suppress", "All");
}

/* Who writes mail that comes back, where it is no delivery report. */
static bool is_from_daemon(GMimeMessage *message)
{
    static const char *const senders[] = { "mailer-daemon", "postmaster", "mail delivery", "mdaemon", "mail-daemon", "mailer_daemon", "maildelivery",
                                           "mailsystem", "mail system", "mail_administrator", "mail administrator", "root@", "daemon@" };
    const char *path = g_mime_object_get_header((GMimeObject *)message, "Return-Path");
    if (path && (strcmp(path, "<>") == 0 || strcasestr(path, "mailer-daemon")))
        return true;
    if (g_mime_object_get_header((GMimeObject *)message, "X-Failed-Recipients"))
        return true;
    for (size_t i = 0; i < sizeof senders / sizeof *senders; i++)
        if (header_has(message, "From", senders[i]) || header_has(message, "Sender", senders[i]))
            return true;
    static const char *const subjects[] = { "undeliver", "returned mail", "delivery fail", "failure notice", "delivery status", "mail failure",
                                            "delivery problem", "nondeliverable", "non-delivery", "unzustellbar", "mail delivery", "delivery notification",
                                            "delivery report", "not be delivered", "returning message" };
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
        if (header_has(message, "Subject", subjects[i]))
            return true;
    return false;
}

static enum bounce_kind kind_of_report(const struct reading *reading)
{
    const char *diagnostic = strbuf_text(&reading->diagnostic);
    char status[BOUNCE_STATUS_MAX];
    enum bounce_kind words = bounce_kind_of_words(diagnostic);
    if (!reading->is_failed)
        return !reading->is_delayed ? BOUNCE_NONE : words == BOUNCE_FULL ? BOUNCE_FULL : BOUNCE_SOFT;
    enum bounce_kind kind = bounce_kind_of_status(reading->report->status);
    if (kind == BOUNCE_NONE && bounce_find_status(diagnostic, status))
        kind = bounce_kind_of_status(status);
    if (words == BOUNCE_FULL || kind == BOUNCE_NONE)
        kind = words;
    if (kind == BOUNCE_NONE)
        kind = bounce_kind_of_words(strbuf_text(&reading->text));
    return kind == BOUNCE_NONE ? BOUNCE_SOFT : kind;
}

static enum bounce_kind kind_of(const struct reading *reading, GMimeMessage *message)
{
    char id[BOUNCE_ID_LENGTH + 1];
    if (reading->has_feedback)
        return reading->is_not_spam ? BOUNCE_NONE : BOUNCE_COMPLAINT;
    if (reading->has_recipient)
        return kind_of_report(reading);
    if (find_address((GMimeObject *)message, "unsubscribe+", id))
        return BOUNCE_UNSUBSCRIBE;
    if (has_reply_subject(message))
        return BOUNCE_AUTO_REPLY;
    /* Some servers call their reports automatic replies. */
    bool is_daemon = reading->has_delivery_report || is_from_daemon(message);
    enum bounce_kind kind = is_daemon ? bounce_kind_of_words(strbuf_text(&reading->text)) : BOUNCE_NONE;
    if (kind == BOUNCE_NONE && is_auto_reply(message))
        return BOUNCE_AUTO_REPLY;
    return kind == BOUNCE_NONE && is_daemon ? BOUNCE_SOFT : kind;
}

static void read_message(GMimeMessage *message, struct bounce_report *report)
{
    struct reading reading = { .report = report };
    find_address((GMimeObject *)message, "bounce+", report->id);
    GMimeObject *body = g_mime_message_get_mime_part(message);
    if (GMIME_IS_MULTIPART(body))
        g_mime_multipart_foreach((GMimeMultipart *)body, visit, &reading);
    else if (body)
        visit(NULL, body, &reading);
    report->kind = kind_of(&reading, message);
    if (report->kind == BOUNCE_UNSUBSCRIBE)
        find_address((GMimeObject *)message, "unsubscribe+", report->id);
    strbuf_wipe(&reading.text);
    strbuf_wipe(&reading.diagnostic);
}

void bounce_parse(struct slice text, struct bounce_report *report)
{
    *report = (struct bounce_report) { .kind = BOUNCE_NONE };
    g_mime_init();
    text = text_trim(text); /* an empty line before the head would end it */
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text.text, text.length);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    if (message) {
        read_message(message, report);
        g_object_unref(message);
    }
    g_object_unref(parser);
    g_object_unref(stream);
}
