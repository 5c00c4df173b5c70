/* Fuzz target: a body is parsed, checked and shown again as a page. What is accepted is accepted again when it comes back as the page
 * holds it, and gives the same answers; no byte that was sent is markup in the page. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "surveys/form.h"
#include "surveys/page.h"
#include "tests/fuzz/survey.h"

static struct survey *survey;
static const struct brands brands;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    survey = fuzz_survey();
    return 0;
}

static void add(void *context, const char *question, struct slice value)
{
    form_add_answer(context, question, value);
}

/* Answers that were accepted are accepted again, and are the same. */
static void check_again(const struct strbuf *json)
{
    struct form form;
    struct strbuf again = { 0 };
    struct answer_result result;
    form_init(&form);
    if (!answers_each(survey, strbuf_text(json), add, &form))
        __builtin_trap();
    answers_check(survey, form.answers, form.answer_count, false, &again, &result);
    if (result.fault != ANSWER_GOOD || strcmp(strbuf_text(json), strbuf_text(&again)) != 0)
        __builtin_trap();
    strbuf_release(&again);
    form_release(&form);
}

static size_t count(const struct strbuf *page, char wanted)
{
    size_t found = 0;
    for (size_t i = 0; i < page->length; i++)
        found += page->text[i] == wanted;
    return found;
}

static void check_page(const struct form *form)
{
    const struct page page = { .survey = survey, .brand = brands_find(&brands, "nordhaus"), .language = "en", .token = "t" };
    for (size_t step = 1; step <= page_steps(survey) + 1; step++) {
        const struct page_form shown = { .inputs = form->answers, .input_count = form->answer_count, .step = step, .checked = true, .empty = true,
                                         .notice = PAGE_SAVED };
        struct strbuf out = { 0 };
        page_add_form(&out, &page, &shown);
        page_fault_step(survey, &shown);
        page_step_from(survey, &shown, true);
        if (count(&out, '<') != count(&out, '>') || strlen(out.text) != out.length)
            __builtin_trap();
        strbuf_release(&out);
    }
}

/* A body that begins with a border is one in parts. */
static int read_body(struct form *form, struct slice body)
{
    char type[128] = "application/x-www-form-urlencoded";
    if (body.length > 3 && memcmp(body.text, "--", 2) == 0) {
        const char *end = memchr(body.text, '\r', body.length < 80 ? body.length : 80);
        snprintf(type, sizeof type, "multipart/form-data; boundary=\"%.*s\"", end ? (int)(end - body.text) - 2 : 1, body.text + 2);
    }
    return form_read(form, type, body, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct form form;
    struct strbuf json = { 0 };
    struct answer_result result;
    form_init(&form);
    if (read_body(&form, (struct slice){ (const char *)data, size }) == 0) {
        answers_check(survey, form.answers, form.answer_count, false, &json, &result);
        if (result.fault == ANSWER_GOOD)
            check_again(&json);
        check_page(&form);
    }
    strbuf_release(&json);
    form_release(&form);
    return 0;
}
