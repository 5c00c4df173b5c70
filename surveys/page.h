/* The survey page as HTML: no script, nothing from elsewhere, one column that fits a phone, every control with its label, errors
 * gathered on top and said at the field (WCAG 2.2 AA).
 *
 * Questions come in steps: one that depends on another's answer comes on a later step than that one, so that the page needs no
 * script to show it or not. A form holds the answers of the other steps in hidden fields. */
#ifndef SURVEYS_PAGE_H
#define SURVEYS_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/strbuf.h"
#include "surveys/answer.h"
#include "surveys/brand.h"
#include "surveys/page_text.h"

struct page {
    const struct survey *survey; /* NULL for a page about none */
    struct brand brand;
    const char *language;
    const char *token;           /* NULL: no link to the opt-out */
    bool anonymous;
    int32_t expires_day;
};

struct page_form {
    const struct answer_input *inputs;
    size_t input_count;
    size_t step;       /* from 1 */
    bool checked;      /* faults are shown */
    bool empty;        /* it is said that nothing was answered */
    bool finishing;    /* missing answers are shown too */
    enum page_text notice; /* said on top: of what was saved, or PAGE_NOTHING */
};

/* By which a form says which questions it shows. */
enum { PAGE_DIGEST_DIGITS = 16 };
void page_format_digest(const struct survey *survey, char out[PAGE_DIGEST_DIGITS + 1]);

/* The steps of a survey. The step after the last is that of sending when a step has nothing to show. */
size_t page_steps(const struct survey *survey);
/* The next (or with `back` the previous) step that shows a question; page_steps() + 1 if there is none after, 1 none before. */
size_t page_step_from(const struct survey *survey, const struct page_form *form, bool back);
/* The first step, up to the form's, with an answer at fault; missing ones count only with `finishing`. 0: none. */
size_t page_fault_step(const struct survey *survey, const struct page_form *form);

void page_add_form(struct strbuf *out, const struct page *page, const struct page_form *form);

/* A page that says one thing; `values` fills the text as in page_add_text(). */
void page_add_message(struct strbuf *out, const struct page *page, enum page_text title, enum page_text text, const char *const *values);

/* A page that asks one thing: a form with one button whose value is `deed`. */
void page_add_question(struct strbuf *out, const struct page *page, const enum page_text texts[3], const char *deed);

/* The style sheet in a brand's colour. */
void page_add_style(struct strbuf *out, const struct brand *brand);

#endif
