#include "surveys/form.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

enum { BOUNDARY_MAX_BYTES = 70 }; /* RFC 2046 */

void form_init(struct form *form)
{
    *form = (struct form){ 0 };
    arena_init(&form->arena, true);
}

void form_release(struct form *form)
{
    free(form->answers);
    free(form->controls);
    arena_release(&form->arena);
    *form = (struct form){ 0 };
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The decoded text in the arena; NULL if it cannot be right. */
static char *decode(struct form *form, struct slice text)
{
    char *out = arena_alloc(&form->arena, text.length + 1);
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.text[i] == '+' ? ' ' : text.text[i];
        if (c == '%') {
            int high = i + 2 < text.length ? hex_digit(text.text[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(text.text[i + 2]) : -1;
            if (low < 0)
                return NULL;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (!c)
            return NULL;
        out[length++] = c;
    }
    return text_is_utf8((struct slice){ out, length }) ? out : NULL;
}

static void add_answer(struct form *form, const char *question, const char *value)
{
    MEM_GROW(form->answers, form->answer_count, form->answer_capacity);
    form->answers[form->answer_count++] = (struct answer_input){ { question, strlen(question) }, { value, strlen(value) } };
}

void form_add_answer(struct form *form, const char *question, struct slice value)
{
    add_answer(form, arena_strdup(&form->arena, question), arena_strndup(&form->arena, value.text, value.length));
}

/* NULL for a text that could not be decoded. */
static int add_field(struct form *form, const char *name, const char *value, struct err *err)
{
    if (!name || !value)
        return err_set(err, ERR_DATA, "a form field is not encoded as it must be");
    if (form->answer_count + form->control_count == FORM_MAX_FIELDS)
        return err_set(err, ERR_DATA, "a form has more than %d fields", FORM_MAX_FIELDS);
    if (strncmp(name, "q.", 2) == 0) {
        add_answer(form, name + 2, value);
        return 0;
    }
    MEM_GROW(form->controls, form->control_count, form->control_capacity);
    form->controls[form->control_count++] = (struct form_control){ name, value };
    return 0;
}

static int add_encoded(struct form *form, struct slice field, struct err *err)
{
    const char *equals = memchr(field.text, '=', field.length);
    size_t name_length = equals ? (size_t)(equals - field.text) : field.length;
    struct slice rest = { equals ? equals + 1 : "", equals ? field.length - name_length - 1 : 0 };
    return add_field(form, decode(form, (struct slice){ field.text, name_length }), decode(form, rest), err);
}

static int read_encoded(struct form *form, struct slice body, struct err *err)
{
    for (size_t at = 0; at < body.length;) {
        const char *end = memchr(body.text + at, '&', body.length - at);
        size_t length = end ? (size_t)(end - body.text) - at : body.length - at;
        int code = length ? add_encoded(form, (struct slice){ body.text + at, length }, err) : 0;
        if (code)
            return code;
        at += length + 1;
    }
    return 0;
}

/* The value of a parameter in a header's value, as it is or in quotes; empty if it is not there. */
static struct slice parameter(struct slice header, const char *name)
{
    size_t length = strlen(name);
    for (size_t at = 0; at + length < header.length; at++) {
        const char *here = header.text + at, *end = header.text + header.length;
        if (!at || !strchr("; \t", here[-1]) || strncasecmp(here, name, length) != 0 || here[length] != '=')
            continue;
        const char *value = here + length + 1;
        bool quoted = value < end && *value == '"';
        const char *stop = value += quoted;
        while (stop < end && (quoted ? *stop != '"' : !strchr("; \t\r\n", *stop)))
            stop++;
        return (struct slice){ value, (size_t)(stop - value) };
    }
    return (struct slice){ "", 0 };
}

/* The text as it stands; NULL if it cannot be right. */
static const char *copy_plain(struct form *form, struct slice text)
{
    bool good = text_is_utf8(text) && !(text.length && memchr(text.text, '\0', text.length));
    return good ? arena_strndup(&form->arena, text.text, text.length) : NULL;
}

/* What stands between two borders: headers, an empty line, the value, a line end. Headers end at their first empty line. */
static int add_part(struct form *form, struct slice part, struct err *err)
{
    const char *gap = memmem(part.text, part.length, "\r\n\r\n", 4);
    if (!gap || part.length < 2 || memcmp(part.text + part.length - 2, "\r\n", 2) != 0 || gap + 4 > part.text + part.length - 2)
        return err_set(err, ERR_DATA, "a part of a form is not as it must be");
    struct slice name = parameter((struct slice){ part.text, (size_t)(gap - part.text) }, "name");
    struct slice value = { gap + 4, (size_t)(part.text + part.length - 2 - (gap + 4)) };
    return name.length ? add_field(form, copy_plain(form, name), copy_plain(form, value), err) : 0;
}

static int read_parts(struct form *form, struct slice boundary, struct slice body, struct err *err)
{
    char border[2 + BOUNDARY_MAX_BYTES];
    if (!boundary.length || boundary.length > BOUNDARY_MAX_BYTES)
        return err_set(err, ERR_DATA, "a form in parts has no boundary, or one that is too long");
    memcpy(border, "--", 2);
    memcpy(border + 2, boundary.text, boundary.length);
    const char *end = body.text + body.length, *at = memmem(body.text, body.length, border, boundary.length + 2);
    int code = at ? 0 : err_set(err, ERR_DATA, "a form in parts has none");
    while (at && !code) {
        const char *part = at + boundary.length + 2;
        at = memmem(part, (size_t)(end - part), border, boundary.length + 2);
        if (at)
            code = add_part(form, (struct slice){ part, (size_t)(at - part) }, err);
    }
    return code;
}

static bool is_type(const char *given, const char *wanted)
{
    size_t length = strlen(wanted);
    return given && strncasecmp(given, wanted, length) == 0 && strchr("; ", given[length]) != NULL;
}

int form_read(struct form *form, const char *type, struct slice body, struct err *err)
{
    if (body.length > FORM_MAX_BYTES)
        return err_set(err, ERR_DATA, "a form has more than %d bytes", FORM_MAX_BYTES);
    if (is_type(type, "application/x-www-form-urlencoded"))
        return read_encoded(form, body, err);
    if (is_type(type, "multipart/form-data"))
        return read_parts(form, parameter((struct slice){ type, strlen(type) }, "boundary"), body, err);
    return err_set(err, ERR_DATA, "the body is no form");
}

const char *form_control(const struct form *form, const char *name)
{
    for (size_t i = form->control_count; i-- > 0;)
        if (strcmp(form->controls[i].name, name) == 0)
            return form->controls[i].value;
    return "";
}
