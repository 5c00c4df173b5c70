#include "surveys/message.h"

#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

#include "core/calendar.h"
#include "core/html.h"
#include "core/mem.h"
#include "surveys/page_text.h"

/* Replaces {field} by its value; an unknown field stays as it is. */
struct field {
    const char *name, *value;
};

static const struct field *find_field(const struct field *fields, const char *name, size_t length)
{
    for (; fields->name; fields++)
        if (strlen(fields->name) == length && strncmp(fields->name, name, length) == 0)
            return fields;
    return NULL;
}

static void fill(const char *text, const struct field *fields, struct strbuf *out)
{
    while (*text) {
        size_t plain = strcspn(text, "{"), name;
        strbuf_add(out, text, plain);
        text += plain;
        if (!*text)
            break;
        name = strcspn(text + 1, "{}");
        const struct field *field = text[name + 1] == '}' ? find_field(fields, text + 1, name) : NULL;
        if (field) {
            strbuf_adds(out, field->value);
            text += name + 2;
        } else {
            strbuf_addc(out, *text++);
        }
    }
}

static const char *text_of(const struct message *message, const struct survey_texts *texts)
{
    const char *text = survey_text_in(message->survey, texts, message->language);
    return text ? text : "";
}

static const char *subject_of(const struct message *message)
{
    return message->confirms ? page_text(PAGE_CONFIRM_TITLE, message->language) : text_of(message, &message->survey->subject);
}

static void add_link(const struct message *message, const char *kind, struct strbuf *out)
{
    const char *page = message->survey->page_url ? message->survey->page_url : "";
    size_t length = strlen(page);
    strbuf_addf(out, "%s%s%s/%s", page, length && page[length - 1] == '/' ? "" : "/", kind, message->token);
}

void message_text(const struct message *message, struct strbuf *out)
{
    const struct survey *survey = message->survey;
    struct strbuf link = { 0 }, opt_out = { 0 };
    char expires[16];
    add_link(message, message->confirms ? "c" : "a", &link);
    add_link(message, "o", &opt_out);
    calendar_format_day(message->expires_day, expires);
    const struct field fields[] = {
        { "link", strbuf_text(&link) },   { "opt_out_link", strbuf_text(&opt_out) },
        { "privacy_notice", survey->privacy_notice }, { "title", text_of(message, &survey->title) },
        { "expires", expires },           { message->confirms ? "sender" : NULL, survey->sender_name }, { NULL, NULL },
    };
    if (message->preview)
        strbuf_adds(out, page_text(PAGE_PREVIEW, message->language));
    const char *own[] = { text_of(message, &survey->greeting), text_of(message, &survey->body), text_of(message, &survey->footer) };
    const char *confirming[] = { page_text(PAGE_CONFIRM_MAIL, message->language), "", "" };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        const char *text = (message->confirms ? confirming : own)[i];
        if (!*text)
            continue;
        if (out->length)
            strbuf_adds(out, "\n\n");
        fill(text, fields, out);
    }
    strbuf_addc(out, '\n');
    strbuf_release(&link);
    strbuf_release(&opt_out);
}

/* A line of plain text with its https addresses as links. */
static void add_html_line(const char *line, struct strbuf *out)
{
    const char *url;
    while ((url = strstr(line, "https://"))) {
        char *before = mem_strndup(line, (size_t)(url - line)), *address = mem_strndup(url, strcspn(url, " \t<>\"'"));
        html_add_text(out, before);
        strbuf_adds(out, "<a href=\"");
        html_add_text(out, address);
        strbuf_adds(out, "\">");
        html_add_text(out, address);
        strbuf_adds(out, "</a>");
        line = url + strlen(address);
        free(before);
        free(address);
    }
    html_add_text(out, line);
}

static void add_html(const struct message *message, const char *text, struct strbuf *out)
{
    strbuf_addf(out, "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><title>", message->language);
    html_add_text(out, message->confirms ? subject_of(message) : text_of(message, &message->survey->title));
    strbuf_adds(out, "</title></head>\n<body style=\"font-family:sans-serif;line-height:1.5\">\n<p>");
    while (*text) {
        size_t length = strcspn(text, "\n");
        char *line = mem_strndup(text, length);
        add_html_line(line, out);
        free(line);
        text += length;
        if (text[0] == '\n' && text[1] == '\n') {
            strbuf_adds(out, "</p>\n<p>");
            text += strspn(text, "\n");
        } else if (*text) {
            strbuf_adds(out, text[1] ? "<br>\n" : "");
            text++;
        }
    }
    strbuf_adds(out, "</p>\n</body></html>\n");
}

static const char *domain_of(const struct survey *survey)
{
    const char *at = strrchr(survey->sender_address, '@');
    return survey->bounce_domain ? survey->bounce_domain : at + 1;
}

void message_return_path(const struct survey *survey, const char *id, struct strbuf *out)
{
    strbuf_addf(out, "bounce+%s@%s", id, domain_of(survey));
}

/* Always UTF-8: g_mime_text_part_set_text() would choose a character set by the text. */
static GMimeObject *text_part(const char *subtype, const char *text)
{
    GMimeTextPart *part = g_mime_text_part_new_with_subtype(subtype);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text, strlen(text));
    GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
    g_mime_text_part_set_charset(part, "utf-8");
    g_mime_part_set_content((GMimePart *)part, content);
    g_mime_part_set_content_encoding((GMimePart *)part, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    g_object_unref(content);
    g_object_unref(stream);
    return (GMimeObject *)part;
}

static void set_body(const struct message *message, GMimeMessage *mail)
{
    struct strbuf text = { 0 }, html = { 0 }, boundary = { 0 };
    message_text(message, &text);
    add_html(message, strbuf_text(&text), &html);
    strbuf_addf(&boundary, "=_%s", message->id);
    GMimeMultipart *body = g_mime_multipart_new_with_subtype("alternative");
    GMimeObject *plain = text_part("plain", strbuf_text(&text)), *rich = text_part("html", strbuf_text(&html));
    g_mime_multipart_set_boundary(body, strbuf_text(&boundary));
    g_mime_multipart_add(body, plain);
    g_mime_multipart_add(body, rich);
    g_mime_message_set_mime_part(mail, (GMimeObject *)body);
    g_object_unref(plain);
    g_object_unref(rich);
    g_object_unref(body);
    strbuf_release(&boundary);
    strbuf_wipe(&html);
    strbuf_wipe(&text);
}

static void set_header(GMimeMessage *mail, const char *name, struct strbuf *value)
{
    g_mime_object_set_header((GMimeObject *)mail, name, strbuf_text(value), "utf-8");
    strbuf_clear(value);
}

static void set_unsubscribe(const struct message *message, GMimeMessage *mail)
{
    struct strbuf value = { 0 };
    strbuf_addc(&value, '<');
    add_link(message, "o", &value);
    strbuf_addf(&value, ">, <mailto:unsubscribe+%s@%s>", message->id, domain_of(message->survey));
    set_header(mail, "List-Unsubscribe", &value);
    strbuf_adds(&value, "List-Unsubscribe=One-Click");
    set_header(mail, "List-Unsubscribe-Post", &value);
    strbuf_release(&value);
}

static void set_headers(const struct message *message, GMimeMessage *mail)
{
    const struct survey *survey = message->survey;
    struct strbuf value = { 0 };
    strbuf_addc(&value, '<');
    message_return_path(survey, message->id, &value);
    strbuf_addc(&value, '>');
    set_header(mail, "Return-Path", &value);
    if (message->preview) {
        strbuf_adds(&value, survey->name);
        set_header(mail, "X-Preview", &value);
    } else {
        set_unsubscribe(message, mail);
    }
    strbuf_adds(&value, "auto-generated");
    set_header(mail, "Auto-Submitted", &value);
    strbuf_addf(&value, "%s:%lld:%s:fallzahl", survey->name, (long long)survey->wave, survey->controller);
    set_header(mail, "Feedback-ID", &value);
    strbuf_release(&value);
}

static GMimeMessage *make_mail(const struct message *message)
{
    const struct survey *survey = message->survey;
    struct strbuf id = { 0 }, subject = { 0 };
    GMimeMessage *mail = g_mime_message_new(TRUE);
    GDateTime *date = g_date_time_new_from_unix_utc(message->now);
    strbuf_addf(&id, "%s@%s", message->id, domain_of(survey));
    g_mime_message_add_mailbox(mail, GMIME_ADDRESS_TYPE_FROM, survey->sender_name, survey->sender_address);
    g_mime_message_add_mailbox(mail, GMIME_ADDRESS_TYPE_TO, NULL, message->address);
    if (survey->reply_to)
        g_mime_message_add_mailbox(mail, GMIME_ADDRESS_TYPE_REPLY_TO, NULL, survey->reply_to);
    strbuf_addf(&subject, "%s%s", message->preview ? page_text(PAGE_PREVIEW_SUBJECT, message->language) : "", subject_of(message));
    g_mime_message_set_subject(mail, strbuf_text(&subject), "utf-8");
    g_mime_message_set_date(mail, date);
    g_mime_message_set_message_id(mail, strbuf_text(&id));
    g_date_time_unref(date);
    strbuf_release(&subject);
    strbuf_release(&id);
    return mail;
}

void message_build(const struct message *message, struct strbuf *out)
{
    g_mime_init();
    GMimeMessage *mail = make_mail(message);
    set_headers(message, mail);
    set_body(message, mail);
    GMimeFormatOptions *options = g_mime_format_options_new();
    g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
    GMimeStream *stream = g_mime_stream_mem_new();
    g_mime_object_write_to_stream((GMimeObject *)mail, options, stream);
    const GByteArray *bytes = g_mime_stream_mem_get_byte_array((GMimeStreamMem *)stream);
    strbuf_clear(out);
    strbuf_add(out, (const char *)bytes->data, bytes->len);
    g_mime_format_options_free(options);
    g_object_unref(stream);
    g_object_unref(mail);
}
