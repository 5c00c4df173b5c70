/* What the files of the page share. */
#ifndef SURVEYS_PAGE_PART_H
#define SURVEYS_PAGE_PART_H

#include <string.h>

#include "surveys/page.h"

/* The step of each question, from 1. */
void page_find_steps(const struct survey *survey, size_t *steps);

/* Missing answers are no fault until the response is to be finished. */
static inline bool page_is_fault(const struct page_form *form, enum answer_fault fault)
{
    return fault != ANSWER_GOOD && (fault != ANSWER_MISSING || form->finishing);
}

enum page_text page_fault_text(enum answer_fault fault);

/* The language of a survey's text where it is another than that of the page's own words, else NULL: what is read aloud changes its
 * voice there (WCAG 3.1.2). */
const char *page_other_language(const struct page *page, const struct survey_texts *texts);
/* A survey's text, marked with its language where that is another than the page's. */
void page_add_survey_text(struct strbuf *out, const struct page *page, const struct survey_texts *texts);

/* One question with its controls. */
struct page_question {
    const struct page *page;
    const struct page_form *form;
    const struct survey_question *question;
    size_t number;           /* that people see */
    enum answer_fault fault; /* to be shown, or ANSWER_GOOD */
};
void page_add_controls(struct strbuf *out, const struct page_question *shown);

#endif
