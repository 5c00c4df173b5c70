#include <string.h>

#include "surveys/definition_build.h"

static const char *const types[] = { "scale", "nps", "csat", "ces", "single", "multiple", "number", "text", NULL };

struct range {
    int64_t lowest, highest;
};

static struct range default_range(enum question_type type)
{
    switch (type) {
    case QUESTION_NPS:
        return (struct range) { 0, 10 };
    case QUESTION_CSAT:
    case QUESTION_SCALE:
        return (struct range) { 1, 5 };
    case QUESTION_CES:
        return (struct range) { 1, 7 };
    case QUESTION_NUMBER:
    case QUESTION_SINGLE:
    case QUESTION_MULTIPLE:
    case QUESTION_TEXT:
        break;
    }
    return (struct range) { 0, 1000000 };
}

const struct config_node *build_ready_question(const struct config_node *library, const struct config_node *question)
{
    const char *use = config_text(question, "use", NULL);
    return use ? config_get(library, use) : NULL;
}

/* A question, and the ready one that it may use: what it says itself goes first. */
struct asked {
    const struct config_node *node, *ready;
};

static const struct config_node *get(const struct asked *asked, const char *key)
{
    const struct config_node *own = config_get(asked->node, key);
    return own || !asked->ready ? own : config_get(asked->ready, key);
}

/* Problems of a text from the library are shown where it is used. */
static void require_languages(struct build *build, const struct asked *asked, const char *key, const struct survey_texts *texts)
{
    if (get(asked, key))
        build_require_languages(build, config_get(asked->node, key) ? config_get(asked->node, key) : asked->node, texts);
}

static void compile_range(struct build *build, const struct config_node *node, struct survey_question *question)
{
    struct range range = default_range(question->type);
    const struct config_node *given = config_get(node, "range");
    bool settable = question->type == QUESTION_SCALE || question->type == QUESTION_NUMBER;
    if (given && !settable)
        config_problem_key(build->config, given, "only 'scale' and 'number' take a range; this type has its own");
    else if (given && given->count != 2)
        config_problem(build->config, given, "a range is [lowest, highest]");
    else if (given) {
        range.lowest = config_integer(given->children, "", 0);
        range.highest = config_integer(given->children->next, "", 0);
        if (range.lowest >= range.highest)
            config_problem(build->config, given, "the lowest value must be below the highest");
        else if (question->type == QUESTION_SCALE && range.highest - range.lowest > 10)
            config_problem(build->config, given, "a scale has at most 11 points");
    }
    question->lowest = range.lowest;
    question->highest = range.highest;
}

static void compile_choices(struct build *build, const struct asked *asked, struct survey_question *question)
{
    const struct config_node *node = asked->node, *given = get(asked, "choices");
    bool wanted = question->type == QUESTION_SINGLE || question->type == QUESTION_MULTIPLE;
    if (wanted && (!given || given->count < 2))
        config_problem(build->config, node, "'%s' needs at least two choices", types[question->type]);
    if (!wanted && given)
        config_problem_key(build->config, given, "only 'single' and 'multiple' take choices");
    struct survey_choice *choices = arena_alloc(build->arena, (given ? given->count + 1 : 1) * sizeof *choices);
    CONFIG_EACH(child, given) {
        struct survey_choice *choice = &choices[question->choice_count];
        choice->id = config_text(child, "id", "");
        choice->label = build_texts(build, config_get(child, "label"));
        build_require_languages(build, config_get(child, "label"), &choice->label);
        for (size_t i = 0; i < question->choice_count; i++)
            if (strcmp(choices[i].id, choice->id) == 0)
                config_problem(build->config, child, "two choices have the id '%s'", choice->id);
        question->choice_count++;
    }
    question->choices = choices;
}

static const struct survey_question *find(const struct survey_question *list, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].id, id) == 0)
            return &list[i];
    return NULL;
}

static void compile_condition(struct build *build, struct survey_question *list, size_t at)
{
    struct survey_question *question = &list[at];
    const struct config_node *condition = config_get(question->node, "show_if");
    if (!condition)
        return;
    question->show_if_question = config_text(condition, "question", "");
    question->show_if_values = build_list(build, config_get(condition, "is"), &question->show_if_count);
    const struct survey_question *asked = find(list, at, question->show_if_question);
    if (!asked)
        config_problem(build->config, condition, "'%s' is not an earlier question", question->show_if_question);
    else if (asked->type == QUESTION_TEXT)
        config_problem(build->config, condition, "a text answer cannot decide what is shown");
}

static void compile_question(struct build *build, const struct config_node *node, struct survey_question *question)
{
    const struct asked asked = { node, build_ready_question(build->library, node) };
    question->node = node;
    question->id = config_text(node, "id", "");
    question->type = (enum question_type)build_choice(config_text(node, "type", config_text(asked.ready, "type", NULL)), types, QUESTION_TEXT);
    question->required = config_boolean(node, "required", false);
    question->text = build_texts(build, get(&asked, "text"));
    question->low_label = build_texts(build, get(&asked, "low"));
    question->high_label = build_texts(build, get(&asked, "high"));
    question->column = config_text(node, "column", question->id);
    question->max_length = config_integer(node, "max_length", config_integer(asked.ready, "max_length", 1000));
    require_languages(build, &asked, "text", &question->text);
    require_languages(build, &asked, "low", &question->low_label);
    require_languages(build, &asked, "high", &question->high_label);
    compile_range(build, node, question);
    compile_choices(build, &asked, question);
    if (config_get(node, "use") && !asked.ready)
        config_problem(build->config, config_get(node, "use"), "'%.80s' is no ready question", config_text(node, "use", ""));
    else if (!get(&asked, "type") || !get(&asked, "text"))
        config_problem(build->config, node, "a question needs 'type' and 'text', or 'use' with a ready one");
}

void build_questions(struct build *build, const struct config_node *questions)
{
    size_t count = 0;
    struct survey_question *list = arena_alloc(build->arena, (questions ? questions->count + 1 : 1) * sizeof *list);
    CONFIG_EACH(node, questions) {
        compile_question(build, node, &list[count]);
        if (find(list, count, list[count].id))
            config_problem(build->config, node, "two questions have the id '%s'", list[count].id);
        compile_condition(build, list, count);
        count++;
    }
    if (questions && !count)
        config_problem(build->config, questions, "a survey needs at least one question");
    build->survey->questions = list;
    build->survey->question_count = count;
}
