/* Bodies of forms: application/x-www-form-urlencoded (WHATWG URL, section 5) from the page, multipart/form-data (RFC 7578) from mail
 * programs that unsubscribe with one click (RFC 8058). Fields of questions are named
 * "q." and the question's id; all others are the page's own controls, of which the last one given counts. */
#ifndef SURVEYS_FORM_H
#define SURVEYS_FORM_H

#include <stddef.h>

#include "core/err.h"
#include "core/mem.h"
#include "surveys/answer.h"

enum { FORM_MAX_BYTES = 64 * 1024, FORM_MAX_FIELDS = 1000 };

struct form_control {
    const char *name, *value;
};

/* Everything points into the arena. */
struct form {
    struct arena arena; /* wiped */
    struct answer_input *answers;
    size_t answer_count, answer_capacity;
    struct form_control *controls;
    size_t control_count, control_capacity;
};

void form_init(struct form *form);
void form_release(struct form *form);

/* Adds the fields of a body. ERR_DATA: a content type (the header's value, or NULL) that is none of the two, too long, too many fields, a
 * broken %-sequence or part, a NUL, or not UTF-8. */
int form_read(struct form *form, const char *type, struct slice body, struct err *err);

/* Adds one answer, both texts copied. */
void form_add_answer(struct form *form, const char *question, struct slice value);

/* The control's value, "" if it was not given. */
const char *form_control(const struct form *form, const char *name);

#endif
