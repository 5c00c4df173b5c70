#include <stdio.h>

#include "core/html.h"
#include "surveys/page_part.h"

static bool is_given(const struct page_question *shown, const char *value)
{
    for (size_t i = 0; i < shown->form->input_count; i++) {
        const struct answer_input *input = &shown->form->inputs[i];
        if (slice_equals(input->question, shown->question->id) && slice_equals(text_trim(input->value), value))
            return true;
    }
    return false;
}

/* What was typed, however wrong. */
static const char *given_text(const struct page_question *shown)
{
    for (size_t i = 0; i < shown->form->input_count; i++)
        if (slice_equals(shown->form->inputs[i].question, shown->question->id))
            return shown->form->inputs[i].value.text; /* forms keep them NUL-terminated */
    return "";
}

static bool is_one_field(const struct survey_question *question)
{
    return question->type == QUESTION_NUMBER || question->type == QUESTION_TEXT;
}

static bool is_scale(const struct survey_question *question)
{
    return question->type <= QUESTION_CES;
}

/* Which texts describe the controls: the ids that aria-describedby names. */
static void add_described_by(struct strbuf *out, const struct page_question *shown, bool has_hint)
{
    if (!has_hint && !shown->fault)
        return;
    strbuf_adds(out, " aria-describedby=\"");
    if (shown->fault)
        strbuf_addf(out, "e-%s%s", shown->question->id, has_hint ? " " : "");
    if (has_hint)
        strbuf_addf(out, "h-%s", shown->question->id);
    strbuf_adds(out, "\"");
}

static void add_title(struct strbuf *out, const struct page_question *shown)
{
    strbuf_addf(out, "%zu. ", shown->number);
    page_add_survey_text(out, shown->page, &shown->question->text);
    if (shown->question->required) {
        strbuf_adds(out, " <span class=\"required\">(");
        page_add_text(out, PAGE_REQUIRED, shown->page->language, NULL);
        strbuf_adds(out, ")</span>");
    }
}

static void add_error(struct strbuf *out, const struct page_question *shown)
{
    if (!shown->fault)
        return;
    strbuf_addf(out, "<p class=\"error\" id=\"e-%s\">", shown->question->id);
    page_add_text(out, page_fault_text(shown->fault), shown->page->language, NULL);
    strbuf_adds(out, "</p>\n");
}

/* One radio button or checkbox in its label. The first of a question has the id that the summary of errors links to. */
struct option {
    const char *type, *value;
    const char *label;                  /* in the page's language, or NULL: */
    const struct survey_texts *texts;
    bool first, checked;
};

static void add_option(struct strbuf *out, const struct page_question *shown, const struct option *option)
{
    strbuf_addf(out, "<label><input type=\"%s\" name=\"q.%s\" value=\"", option->type, shown->question->id);
    html_add_text(out, option->value);
    strbuf_adds(out, "\"");
    if (option->first)
        strbuf_addf(out, " id=\"q-%s\"", shown->question->id);
    strbuf_addf(out, "%s><span>", option->checked ? " checked" : "");
    if (option->label)
        html_add_text(out, option->label);
    else
        page_add_survey_text(out, shown->page, option->texts);
    strbuf_adds(out, "</span></label>\n");
}

static void add_points(struct strbuf *out, const struct page_question *shown)
{
    const struct survey_question *question = shown->question;
    strbuf_addf(out, "<div class=\"scale points-%lld\">\n", (long long)(question->highest - question->lowest + 1));
    for (int64_t point = question->lowest; point <= question->highest; point++) {
        char digits[24];
        snprintf(digits, sizeof digits, "%lld", (long long)point);
        struct option option = { "radio", digits, digits, NULL, point == question->lowest, is_given(shown, digits) };
        add_option(out, shown, &option);
    }
    strbuf_adds(out, "</div>\n");
}

static void add_choices(struct strbuf *out, const struct page_question *shown)
{
    const struct survey_question *question = shown->question;
    const char *type = question->type == QUESTION_MULTIPLE ? "checkbox" : "radio";
    strbuf_adds(out, "<div class=\"choices\">\n");
    for (size_t i = 0; i < question->choice_count; i++) {
        const struct survey_choice *choice = &question->choices[i];
        struct option option = { type, choice->id, NULL, &choice->label, i == 0, is_given(shown, choice->id) };
        add_option(out, shown, &option);
    }
    strbuf_adds(out, "</div>\n");
}

/* A radio button cannot be taken back; this one can be chosen instead. */
static void add_no_answer(struct strbuf *out, const struct page_question *shown)
{
    struct option option = { "radio", "", page_text(PAGE_NO_ANSWER, shown->page->language), NULL, false, false };
    if (shown->question->required || shown->question->type == QUESTION_MULTIPLE)
        return;
    strbuf_adds(out, "<div class=\"choices none\">\n");
    add_option(out, shown, &option);
    strbuf_adds(out, "</div>\n");
}

static bool add_ends(struct strbuf *out, const struct page_question *shown)
{
    const struct survey_question *question = shown->question;
    const struct page *page = shown->page;
    if (!is_scale(question) || !survey_text_for(page->survey, &question->low_label, page->language) ||
        !survey_text_for(page->survey, &question->high_label, page->language))
        return false;
    strbuf_addf(out, "<p class=\"hint\" id=\"h-%s\">%lld = ", question->id, (long long)question->lowest);
    page_add_survey_text(out, page, &question->low_label);
    strbuf_addf(out, ", %lld = ", (long long)question->highest);
    page_add_survey_text(out, page, &question->high_label);
    strbuf_adds(out, "</p>\n");
    return true;
}

static void add_group(struct strbuf *out, const struct page_question *shown)
{
    struct strbuf hint = { 0 };
    bool has_hint = add_ends(&hint, shown);
    strbuf_addf(out, "<fieldset class=\"question%s\"", shown->fault ? " wrong" : "");
    add_described_by(out, shown, has_hint);
    strbuf_adds(out, ">\n<legend>");
    add_title(out, shown);
    strbuf_adds(out, "</legend>\n");
    add_error(out, shown);
    strbuf_adds(out, strbuf_text(&hint));
    strbuf_release(&hint);
    if (is_scale(shown->question))
        add_points(out, shown);
    else
        add_choices(out, shown);
    add_no_answer(out, shown);
    strbuf_adds(out, "</fieldset>\n");
}

static void add_field_hint(struct strbuf *out, const struct page_question *shown)
{
    const struct survey_question *question = shown->question;
    char first[24], second[24];
    bool text = question->type == QUESTION_TEXT;
    snprintf(first, sizeof first, "%lld", (long long)(text ? question->max_length : question->lowest));
    snprintf(second, sizeof second, "%lld", (long long)question->highest);
    const char *values[] = { first, second, NULL };
    strbuf_addf(out, "<p class=\"hint\" id=\"h-%s\">", question->id);
    page_add_text(out, text ? PAGE_TEXT_LIMIT : PAGE_NUMBER_LIMITS, shown->page->language, values);
    strbuf_adds(out, "</p>\n");
}

static void add_field(struct strbuf *out, const struct page_question *shown)
{
    const struct survey_question *question = shown->question;
    const char *id = question->id, *invalid = shown->fault ? " aria-invalid=\"true\"" : "";
    strbuf_addf(out, "<div class=\"question%s\">\n<label class=\"title\" for=\"q-%s\">", shown->fault ? " wrong" : "", id);
    add_title(out, shown);
    strbuf_adds(out, "</label>\n");
    add_error(out, shown);
    add_field_hint(out, shown);
    if (question->type == QUESTION_TEXT) {
        strbuf_addf(out, "<textarea id=\"q-%s\" name=\"q.%s\" rows=\"4\" maxlength=\"%lld\"%s", id, id, (long long)question->max_length, invalid);
        add_described_by(out, shown, true);
        strbuf_adds(out, ">\n"); /* the first line break is not part of the value */
        html_add_text(out, given_text(shown));
        strbuf_adds(out, "</textarea>\n</div>\n");
        return;
    }
    strbuf_addf(out, "<input id=\"q-%s\" name=\"q.%s\" type=\"text\" inputmode=\"numeric\" autocomplete=\"off\" maxlength=\"20\"%s value=\"", id, id, invalid);
    html_add_text(out, given_text(shown));
    strbuf_adds(out, "\"");
    add_described_by(out, shown, true);
    strbuf_adds(out, ">\n</div>\n");
}

void page_add_controls(struct strbuf *out, const struct page_question *shown)
{
    if (is_one_field(shown->question))
        add_field(out, shown);
    else
        add_group(out, shown);
}
