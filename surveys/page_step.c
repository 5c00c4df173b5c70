#include <stdlib.h>

#include "core/mem.h"
#include "surveys/page_part.h"

/* Steps never go back: a question after one of step 2 is on step 2 or later. */
void page_find_steps(const struct survey *survey, size_t *steps)
{
    size_t last = 1;
    for (size_t i = 0; i < survey->question_count; i++) {
        const struct survey_question *question = &survey->questions[i];
        for (size_t j = 0; question->show_if_question && j < i; j++)
            if (strcmp(survey->questions[j].id, question->show_if_question) == 0 && steps[j] >= last)
                last = steps[j] + 1;
        steps[i] = last;
    }
}

size_t page_steps(const struct survey *survey)
{
    size_t *steps = mem_zalloc(survey->question_count, sizeof *steps);
    page_find_steps(survey, steps);
    size_t last = survey->question_count ? steps[survey->question_count - 1] : 1;
    free(steps);
    return last;
}

size_t page_step_from(const struct survey *survey, const struct page_form *form, bool back)
{
    struct answer_state *states = mem_zalloc(survey->question_count, sizeof *states);
    size_t *steps = mem_zalloc(survey->question_count, sizeof *steps), found = back ? 1 : page_steps(survey) + 1;
    page_find_steps(survey, steps);
    answers_review(survey, form->inputs, form->input_count, states);
    for (size_t i = 0; i < survey->question_count; i++) {
        if (!states[i].shown)
            continue;
        if (back && steps[i] < form->step)
            found = steps[i];
        if (!back && steps[i] > form->step && steps[i] < found)
            found = steps[i];
    }
    free(states);
    free(steps);
    return found;
}

size_t page_fault_step(const struct survey *survey, const struct page_form *form)
{
    struct answer_state *states = mem_zalloc(survey->question_count, sizeof *states);
    size_t *steps = mem_zalloc(survey->question_count, sizeof *steps), found = 0;
    page_find_steps(survey, steps);
    answers_review(survey, form->inputs, form->input_count, states);
    for (size_t i = 0; i < survey->question_count && !found; i++)
        if (steps[i] <= form->step && page_is_fault(form, states[i].fault))
            found = steps[i];
    free(states);
    free(steps);
    return found;
}
