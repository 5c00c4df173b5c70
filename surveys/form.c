#include "surveys/form.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"

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

static int add_field(struct form *form, struct slice field, struct err *err)
{
    const char *equals = memchr(field.text, '=', field.length);
    size_t name_length = equals ? (size_t)(equals - field.text) : field.length;
    struct slice rest = { equals ? equals + 1 : "", equals ? field.length - name_length - 1 : 0 };
    const char *name = decode(form, (struct slice){ field.text, name_length }), *value = decode(form, rest);
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

int form_read(struct form *form, struct slice body, struct err *err)
{
    if (body.length > FORM_MAX_BYTES)
        return err_set(err, ERR_DATA, "a form has more than %d bytes", FORM_MAX_BYTES);
    for (size_t at = 0; at < body.length;) {
        const char *end = memchr(body.text + at, '&', body.length - at);
        size_t length = end ? (size_t)(end - body.text) - at : body.length - at;
        int code = length ? add_field(form, (struct slice){ body.text + at, length }, err) : 0;
        if (code)
            return code;
        at += length + 1;
    }
    return 0;
}

const char *form_control(const struct form *form, const char *name)
{
    for (size_t i = form->control_count; i-- > 0;)
        if (strcmp(form->controls[i].name, name) == 0)
            return form->controls[i].value;
    return "";
}
