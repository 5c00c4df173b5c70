#include "surveys/page.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/embed.h"
#include "core/html.h"
#include "core/mem.h"
#include "surveys/page_part.h"

static void add_line(struct strbuf *out, const struct page *page, enum page_text text, const char *const *values)
{
    strbuf_adds(out, "<p>");
    page_add_text(out, text, page->language, values);
    strbuf_adds(out, "</p>\n");
}

const char *page_other_language(const struct page *page, const struct survey_texts *texts)
{
    const struct survey_text *text = survey_text_for(page->survey, texts, page->language);
    const char *own = page_language(page->language);
    size_t primary = text ? strcspn(text->language, "-") : 0;
    return !text || (strlen(own) == primary && strncmp(text->language, own, primary) == 0) ? NULL : text->language;
}

void page_add_survey_text(struct strbuf *out, const struct page *page, const struct survey_texts *texts)
{
    const char *other = page_other_language(page, texts);
    if (other)
        strbuf_addf(out, "<span lang=\"%s\">", other);
    html_add_text(out, survey_text_in(page->survey, texts, page->language));
    if (other)
        strbuf_adds(out, "</span>");
}

static void add_title(struct strbuf *out, const struct page *page, const char *title, bool wrong)
{
    const char *other = page->survey && !wrong ? page_other_language(page, &page->survey->title) : NULL;
    bool is_survey = other && strcmp(title, survey_text_in(page->survey, &page->survey->title, page->language)) == 0;
    strbuf_adds(out, "<title");
    if (is_survey)
        strbuf_addf(out, " lang=\"%s\"", other);
    strbuf_adds(out, ">");
    if (wrong) {
        page_add_text(out, PAGE_ERROR_TITLE, page->language, NULL);
        strbuf_adds(out, " – ");
    }
    html_add_text(out, title);
    strbuf_adds(out, " – ");
    html_add_text(out, page->brand.name);
    strbuf_adds(out, "</title>\n");
}

/* Texts of a survey in a language that is not shipped are marked as such; the words around them are English. */
static void add_head(struct strbuf *out, const struct page *page, const char *title, bool wrong)
{
    strbuf_addf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n", page_language(page->language));
    add_title(out, page, title, wrong);
    strbuf_adds(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<meta name=\"robots\" content=\"noindex\">\n<link rel=\"stylesheet\" href=\"../style/");
    html_add_text(out, page->brand.controller);
    strbuf_adds(out, ".css\">\n<link rel=\"icon\" href=\"data:,\">\n</head>\n<body>\n<header>\n");
    if (page->brand.logo_type) {
        strbuf_adds(out, "<img src=\"../logo/");
        html_add_text(out, page->brand.controller);
        strbuf_adds(out, "\" height=\"48\" alt=\"");
        html_add_text(out, page->brand.name);
        strbuf_adds(out, "\">\n");
    } else {
        strbuf_adds(out, "<p class=\"brand\">");
        html_add_text(out, page->brand.name);
        strbuf_adds(out, "</p>\n");
    }
    strbuf_adds(out, "</header>\n<main>\n");
}

static void add_link(struct strbuf *out, const struct page *page, const char *address, enum page_text text)
{
    strbuf_adds(out, "<li><a rel=\"noreferrer\" href=\"");
    html_add_text(out, address);
    strbuf_adds(out, "\">");
    page_add_text(out, text, page->language, NULL);
    strbuf_adds(out, "</a></li>\n");
}

static void add_foot(struct strbuf *out, const struct page *page)
{
    strbuf_adds(out, "</main>\n");
    if (!page->survey && !page->brand.imprint && !page->token) {
        strbuf_adds(out, "</body>\n</html>\n");
        return;
    }
    strbuf_adds(out, "<footer>\n<ul>\n");
    if (page->survey)
        add_link(out, page, page->survey->privacy_notice, PAGE_PRIVACY);
    if (page->brand.imprint)
        add_link(out, page, page->brand.imprint, PAGE_IMPRINT);
    if (page->token) {
        struct strbuf address = { 0 };
        strbuf_addf(&address, "../o/%s", page->token);
        add_link(out, page, strbuf_text(&address), PAGE_NO_MORE);
        strbuf_wipe(&address);
    }
    strbuf_adds(out, "</ul>\n</footer>\n</body>\n</html>\n");
}

enum page_text page_fault_text(enum answer_fault fault)
{
    switch (fault) {
    case ANSWER_MISSING:
        return PAGE_ERROR_MISSING;
    case ANSWER_TOO_LONG:
        return PAGE_ERROR_LONG;
    case ANSWER_EMPTY:
        return PAGE_ERROR_EMPTY;
    case ANSWER_GOOD:
    case ANSWER_UNKNOWN_QUESTION:
    case ANSWER_OUT_OF_RANGE:
    case ANSWER_REPEATED:
        break;
    }
    return PAGE_ERROR_RANGE;
}

/* The form while it is being written. */
struct writing {
    struct strbuf *out;
    const struct page *page;
    const struct page_form *form;
    struct answer_state *states; /* of each question */
    size_t *steps;
};

static bool is_here(const struct writing *writing, size_t question)
{
    return writing->steps[question] == writing->form->step && writing->states[question].shown;
}

static bool is_wrong(const struct writing *writing, size_t question)
{
    return writing->form->checked && is_here(writing, question) && page_is_fault(writing->form, writing->states[question].fault);
}

static bool has_errors(const struct writing *writing)
{
    bool wrong = writing->form->empty;
    for (size_t i = 0; i < writing->page->survey->question_count; i++)
        wrong = wrong || is_wrong(writing, i);
    return wrong;
}

static void add_error_link(const struct writing *writing, const struct survey_question *question, enum answer_fault fault)
{
    const struct page *page = writing->page;
    strbuf_addf(writing->out, "<li><a href=\"#q-%s\">", question->id);
    page_add_survey_text(writing->out, page, &question->text);
    strbuf_adds(writing->out, " ");
    page_add_text(writing->out, page_fault_text(fault), page->language, NULL);
    strbuf_adds(writing->out, "</a></li>\n");
}

/* What is wrong, on top and focused, each with a link to its field. */
static void add_errors(const struct writing *writing)
{
    const struct survey *survey = writing->page->survey;
    strbuf_adds(writing->out, "<div class=\"errors\" role=\"alert\" tabindex=\"-1\" autofocus>\n<h2>");
    page_add_text(writing->out, PAGE_ERROR_TITLE, writing->page->language, NULL);
    strbuf_adds(writing->out, "</h2>\n");
    if (writing->form->empty)
        add_line(writing->out, writing->page, PAGE_ERROR_EMPTY, NULL);
    else
        strbuf_adds(writing->out, "<ul>\n");
    for (size_t i = 0; i < survey->question_count; i++)
        if (!writing->form->empty && is_wrong(writing, i))
            add_error_link(writing, &survey->questions[i], writing->states[i].fault);
    strbuf_adds(writing->out, writing->form->empty ? "</div>\n" : "</ul>\n</div>\n");
}

static void add_intro(const struct writing *writing, size_t steps)
{
    const struct page *page = writing->page;
    char step[24], last[24];
    snprintf(step, sizeof step, "%zu", writing->form->step);
    snprintf(last, sizeof last, "%zu", steps);
    const char *values[] = { step, last, NULL };
    if (writing->form->step > steps) {
        strbuf_adds(writing->out, "<h2>");
        page_add_text(writing->out, PAGE_READY_TITLE, page->language, NULL);
        strbuf_adds(writing->out, "</h2>\n");
        add_line(writing->out, page, PAGE_READY, NULL);
        return;
    }
    if (steps > 1)
        add_line(writing->out, page, PAGE_STEP, values);
    if (writing->form->step == 1) {
        add_line(writing->out, page, PAGE_VOLUNTARY, NULL);
        add_line(writing->out, page, page->anonymous ? PAGE_ANONYMOUS : PAGE_CONFIDENTIAL, NULL);
    }
}

void page_format_digest(const struct survey *survey, char out[PAGE_DIGEST_DIGITS + 1])
{
    for (size_t i = 0; i < PAGE_DIGEST_DIGITS / 2; i++)
        snprintf(out + 2 * i, 3, "%02x", survey->questions_digest[i]);
}

/* Answers of other steps go along unseen. */
static void add_hidden(const struct writing *writing)
{
    const struct survey *survey = writing->page->survey;
    char digest[PAGE_DIGEST_DIGITS + 1];
    for (size_t i = 0; i < writing->form->input_count; i++) {
        const struct answer_input *input = &writing->form->inputs[i];
        for (size_t q = 0; q < survey->question_count; q++) {
            if (!slice_equals(input->question, survey->questions[q].id) || is_here(writing, q) || !text_trim(input->value).length)
                continue;
            strbuf_addf(writing->out, "<input type=\"hidden\" name=\"q.%s\" value=\"", survey->questions[q].id);
            html_add_text(writing->out, input->value.text);
            strbuf_adds(writing->out, "\">\n");
        }
    }
    page_format_digest(survey, digest);
    strbuf_addf(writing->out, "<input type=\"hidden\" name=\"questions\" value=\"%s\">\n", digest);
    strbuf_addf(writing->out, "<input type=\"hidden\" name=\"step\" value=\"%zu\">\n", writing->form->step);
}

static void add_questions(const struct writing *writing)
{
    const struct survey *survey = writing->page->survey;
    size_t number = 0;
    for (size_t i = 0; i < survey->question_count; i++) {
        number += writing->states[i].shown && writing->steps[i] <= writing->form->step;
        if (!is_here(writing, i))
            continue;
        struct page_question shown = { writing->page, writing->form, &survey->questions[i], number,
                                       is_wrong(writing, i) ? writing->states[i].fault : ANSWER_GOOD };
        page_add_controls(writing->out, &shown);
    }
}

static void add_button(const struct writing *writing, const char *deed, enum page_text text, bool main)
{
    strbuf_addf(writing->out, "<button name=\"do\" value=\"%s\"%s>", deed, main ? " class=\"main\"" : "");
    page_add_text(writing->out, text, writing->page->language, NULL);
    strbuf_adds(writing->out, "</button>\n");
}

/* The button that a press of Enter means comes first. */
static void add_buttons(const struct writing *writing, size_t steps)
{
    bool last = writing->form->step >= steps;
    strbuf_adds(writing->out, "<div class=\"buttons\">\n");
    add_button(writing, last ? "send" : "next", last ? PAGE_SEND : PAGE_NEXT, true);
    if (writing->form->step > 1)
        add_button(writing, "back", PAGE_BACK, false);
    add_button(writing, "save", PAGE_SAVE, false);
    strbuf_adds(writing->out, "</div>\n");
}

static void add_notice(const struct writing *writing, const char *const *values)
{
    strbuf_adds(writing->out, "<div class=\"notice\" role=\"status\">\n");
    add_line(writing->out, writing->page, writing->form->notice, values);
    strbuf_adds(writing->out, "</div>\n");
}

static void write_form(struct writing *writing)
{
    const struct page *page = writing->page;
    size_t steps = page_steps(page->survey);
    const char *title = survey_text_in(page->survey, &page->survey->title, page->language);
    bool wrong = has_errors(writing);
    char day[16];
    page_format_day(page->expires_day, page->language, day);
    const char *values[] = { day, NULL };
    add_head(writing->out, page, title, wrong);
    strbuf_adds(writing->out, "<h1>");
    page_add_survey_text(writing->out, page, &page->survey->title);
    strbuf_adds(writing->out, "</h1>\n");
    if (wrong)
        add_errors(writing);
    if (writing->form->notice)
        add_notice(writing, values);
    add_intro(writing, steps);
    strbuf_addf(writing->out, "<form method=\"post\" action=\"%s\" novalidate>\n", page->token);
    add_hidden(writing);
    add_questions(writing);
    add_buttons(writing, steps);
    strbuf_adds(writing->out, "</form>\n");
    add_line(writing->out, page, PAGE_UNSENT, values);
    add_foot(writing->out, page);
}

void page_add_form(struct strbuf *out, const struct page *page, const struct page_form *form)
{
    size_t count = page->survey->question_count;
    struct writing writing = { .out = out, .page = page, .form = form, .states = mem_zalloc(count, sizeof *writing.states),
                               .steps = mem_zalloc(count, sizeof *writing.steps) };
    page_find_steps(page->survey, writing.steps);
    answers_review(page->survey, form->inputs, form->input_count, writing.states);
    write_form(&writing);
    free(writing.states);
    free(writing.steps);
}

void page_add_message(struct strbuf *out, const struct page *page, enum page_text title, enum page_text text, const char *const *values)
{
    add_head(out, page, page_text(title, page->language), false);
    strbuf_adds(out, "<h1>");
    page_add_text(out, title, page->language, NULL);
    strbuf_adds(out, "</h1>\n");
    add_line(out, page, text, values);
    add_foot(out, page);
}

void page_add_question(struct strbuf *out, const struct page *page, const enum page_text texts[3], const char *deed)
{
    const char *values[] = { page->brand.name, NULL };
    struct page bare = *page;
    bare.token = NULL; /* no link to itself */
    add_head(out, page, page_text(texts[0], page->language), false);
    strbuf_adds(out, "<h1>");
    page_add_text(out, texts[0], page->language, NULL);
    strbuf_adds(out, "</h1>\n");
    add_line(out, page, texts[1], values);
    strbuf_addf(out, "<form method=\"post\" action=\"%s\">\n<div class=\"buttons\"><button name=\"do\" value=\"%s\" class=\"main\">", page->token, deed);
    page_add_text(out, texts[2], page->language, NULL);
    strbuf_adds(out, "</button></div>\n</form>\n");
    add_foot(out, &bare);
}

void page_add_style(struct strbuf *out, const struct brand *brand)
{
    const struct embed_file *sheet = embed_find("surveys/embed/page.css");
    BUG_ON(!sheet);
    strbuf_addf(out, ":root{--brand:%s}\n", brand->colour);
    strbuf_add(out, sheet->text, sheet->length);
}
