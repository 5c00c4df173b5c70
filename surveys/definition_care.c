/* Slips of a careless or hostile author that would go unnoticed until the survey is out. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "surveys/definition_build.h"

/* Longest texts, in bytes: what a telephone shows, and what a mail server takes. */
enum { TITLE_MAX = 150, SUBJECT_MAX = 250, GREETING_MAX = 250, BODY_MAX = 8000, FOOTER_MAX = 2000, QUESTION_MAX = 1000, LABEL_MAX = 250, NAME_MAX_BYTES = 150 };

static void check_length(struct build *build, const struct config_node *text, size_t maximum)
{
    if (text && text->value && strlen(text->value) > maximum)
        config_problem(build->config, text, "longer than %zu bytes; shorten it", maximum);
}

static void check_lengths(struct build *build, const struct config_node *texts, size_t maximum)
{
    CONFIG_EACH(text, texts)
        check_length(build, text, maximum);
}

/* ---- fields in braces ---- */

static bool is_field(const char *name, size_t length)
{
    static const char *const known[] = { "link", "opt_out_link", "privacy_notice", "title", "expires" };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i]) == length && strncmp(known[i], name, length) == 0)
            return true;
    return false;
}

static void check_text_fields(struct build *build, const struct config_node *text, bool filled)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.- ";
    for (const char *at = text->value ? strchr(text->value, '{') : NULL; at; at = strchr(at + 1, '{')) {
        size_t length = strspn(at + 1, letters);
        if (!length || at[length + 1] != '}')
            continue;
        if (!filled)
            config_problem(build->config, text, "'{%.*s}' stands here as it is: fields are filled in in 'greeting', 'body' and 'footer' of 'message' only", (int)length, at + 1);
        else if (!is_field(at + 1, length))
            config_problem(build->config, text, "no field '{%.*s}'; there are {link}, {opt_out_link}, {privacy_notice}, {title} and {expires}",
                           (int)(length < 40 ? length : 40), at + 1);
    }
}

static void check_fields(struct build *build, const struct config_node *texts, bool filled)
{
    CONFIG_EACH(text, texts)
        check_text_fields(build, text, filled);
}

/* ---- languages ---- */

/* A language of two or three small letters, and what may follow. */
static bool is_tag(const char *tag)
{
    size_t length = strspn(tag, "abcdefghijklmnopqrstuvwxyz");
    if (length < 2 || length > 3)
        return false;
    for (tag += length; *tag == '-'; tag += length + 1) {
        length = strspn(tag + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
        if (!length || length > 8)
            return false;
    }
    return !*tag;
}

/* An earlier element of the list with the same text, ignoring case; or NULL. */
static const struct config_node *earlier_same(const struct config_node *list, const struct config_node *element)
{
    CONFIG_EACH(before, list) {
        if (before == element)
            return NULL;
        if (before->value && element->value && strcasecmp(before->value, element->value) == 0)
            return before;
    }
    return NULL;
}

static void check_no_twice(struct build *build, const struct config_node *list)
{
    CONFIG_EACH(element, list)
        if (earlier_same(list, element))
            config_problem(build->config, element, "'%.80s' stands in the list twice; remove one", element->value);
}

static void check_languages(struct build *build, const struct config_node *languages)
{
    check_no_twice(build, languages);
    CONFIG_EACH(language, languages)
        if (language->value && !is_tag(language->value))
            config_problem(build->config, language, "not a language tag (BCP 47); expected one such as de, or pt-BR");
}

static bool is_language(const struct survey *survey, const char *key)
{
    for (size_t i = 0; i < survey->language_count; i++)
        if (key && strcmp(survey->languages[i], key) == 0)
            return true;
    return false;
}

/* Texts that nobody would see. */
static void check_promised(struct build *build, const struct config_node *texts)
{
    CONFIG_EACH(text, texts)
        if (build->survey->language_count && text->key && !is_language(build->survey, text->key))
            config_problem_key(build->config, text, "'%.40s' is not among 'languages'; add it there or remove the text", text->key);
}

static void check_texts(struct build *build, const struct config_node *texts, size_t maximum, bool filled)
{
    check_lengths(build, texts, maximum);
    check_fields(build, texts, filled);
    check_promised(build, texts);
}

/* ---- times ---- */

static void check_times(struct build *build, const struct config_node *root)
{
    const struct survey *survey = build->survey;
    const struct config_node *quiet = config_get(root, "quiet"), *reminders = config_get(root, "reminders");
    if (quiet && survey->quiet_from_minute == survey->quiet_to_minute && survey->quiet_from_minute)
        config_problem(build->config, quiet, "'from' and 'to' are the same time; write \"00:00\" for both if no hour is to be quiet");
    check_no_twice(build, config_get(quiet, "weekdays"));
    if (survey->quiet_weekdays == 0x7f)
        config_problem(build->config, config_get(quiet, "weekdays"), "all days are quiet: nothing would ever be sent; leave one out");
    if (survey->reminder_maximum && survey->reminder_maximum * survey->reminder_gap_days >= survey->expires_days)
        config_problem(build->config, reminders, "the last reminder would come after the link has run out; 'expires_days' has to be more than %lld",
                       (long long)(survey->reminder_maximum * survey->reminder_gap_days));
    if (survey->begins_day > INT32_MIN && survey->ends_day < INT32_MAX && survey->reminder_maximum
        && survey->begins_day + survey->reminder_gap_days > survey->ends_day)
        config_problem(build->config, reminders, "the first reminder would come after 'ends'");
}

/* ---- who ---- */

static void check_quota(struct build *build, const struct config_node *quota, size_t at)
{
    const struct survey *survey = build->survey;
    const struct survey_quota *own = &survey->quotas[at];
    for (size_t i = 0; i < at; i++)
        if (strcmp(survey->quotas[i].dimension, own->dimension) == 0 && strcmp(survey->quotas[i].label, own->label) == 0)
            config_problem(build->config, quota, "a second quota of '%.80s'; remove one", own->label);
    for (size_t i = 0; i < survey->audience_count; i++) {
        const struct survey_filter *filter = &survey->audience[i];
        bool is_in = strcmp(filter->dimension, own->dimension) != 0;
        for (size_t l = 0; l < filter->label_count; l++)
            is_in = is_in || strcmp(filter->labels[l], own->label) == 0;
        if (!is_in)
            config_problem(build->config, quota, "'%.80s' is not in 'audience.%.80s': the quota would never be reached", own->label, own->dimension);
    }
}

static void check_people(struct build *build, const struct config_node *root)
{
    const struct survey *survey = build->survey;
    const struct config_node *quotas = config_get(root, "quotas"), *currency = config_get(root, "cost.currency");
    size_t at = 0;
    CONFIG_EACH(quota, quotas)
        check_quota(build, quota, at++);
    CONFIG_EACH(filter, config_get(root, "audience"))
        check_no_twice(build, filter);
    check_no_twice(build, config_get(root, "segments"));
    if (currency && currency->value && (strlen(currency->value) != 3 || strspn(currency->value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3))
        config_problem(build->config, currency, "not a currency code (ISO 4217) such as EUR");
    if (survey->throttle_per_minute && survey->transport != SURVEY_SMTP)
        config_problem_key(build->config, config_get(root, "throttle_per_minute"), "only 'transport: smtp' keeps a pace; whatever takes the messages of this one sets its own");
    if (survey->vendor && survey->transport != SURVEY_HANDOFF)
        config_problem_key(build->config, config_get(root, "vendor"), "only 'transport: handoff' has a vendor");
    if (survey->double_opt_in && survey->channel != SURVEY_EMAIL)
        config_problem_key(build->config, config_get(root, "double_opt_in"), "an opt-in is confirmed by e-mail only: on this channel nobody could be asked");
}

/* ---- questions ---- */

static bool is_choice_of(const struct survey_question *question, const char *value)
{
    for (size_t i = 0; i < question->choice_count; i++)
        if (strcmp(question->choices[i].id, value) == 0)
            return true;
    return false;
}

static bool is_number_of(const struct survey_question *question, const char *value)
{
    const char *digits = value + (*value == '-');
    if (!*digits || strlen(digits) > 10 || digits[strspn(digits, "0123456789")])
        return false;
    int64_t number = 0;
    for (const char *c = digits; *c; c++)
        number = number * 10 + (*c - '0');
    number = *value == '-' ? -number : number;
    return number >= question->lowest && number <= question->highest;
}

static void check_condition(struct build *build, const struct survey_question *question, size_t at)
{
    const struct survey *survey = build->survey;
    const struct survey_question *asked = NULL;
    for (size_t i = 0; i < at && question->show_if_question; i++)
        if (strcmp(survey->questions[i].id, question->show_if_question) == 0)
            asked = &survey->questions[i];
    if (!asked)
        return;
    bool chooses = asked->type == QUESTION_SINGLE || asked->type == QUESTION_MULTIPLE;
    CONFIG_EACH(value, config_get(question->node, "show_if.is"))
        if (value->value && asked->type != QUESTION_TEXT && !(chooses ? is_choice_of : is_number_of)(asked, value->value))
            config_problem(build->config, value, "'%.80s' is no answer to '%.80s': the question would not be shown for it", value->value, asked->id);
}

static void check_question_keys(struct build *build, const struct survey_question *question)
{
    const struct config_node *node = question->node;
    bool labelled = question->type <= QUESTION_CES;
    if (!labelled && (config_get(node, "low") || config_get(node, "high")))
        config_problem_key(build->config, config_get(node, "low") ? config_get(node, "low") : config_get(node, "high"), "only scales have labels at their ends");
    if (question->type != QUESTION_TEXT && config_get(node, "max_length"))
        config_problem_key(build->config, config_get(node, "max_length"), "only 'text' has a length");
    check_texts(build, config_get(node, "text"), QUESTION_MAX, false);
    check_texts(build, config_get(node, "low"), LABEL_MAX, false);
    check_texts(build, config_get(node, "high"), LABEL_MAX, false);
    CONFIG_EACH(choice, config_get(node, "choices"))
        check_texts(build, config_get(choice, "label"), LABEL_MAX, false);
}

/* Answers are handed over with one column per question, and per choice of several: <question>_<choice>. */
static bool has_column(const struct survey_question *question, const char *column)
{
    size_t length = strlen(question->id);
    if (question->type == QUESTION_TEXT)
        return false;
    if (question->type != QUESTION_MULTIPLE)
        return strcmp(question->id, column) == 0;
    return strncmp(question->id, column, length) == 0 && column[length] == '_' && is_choice_of(question, column + length + 1);
}

static bool is_taken(const struct survey *survey, const char *column)
{
    static const char *const own[] = { "response", "week", "wave" };
    bool taken = false;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        taken = taken || strcmp(own[i], column) == 0;
    for (size_t i = 0; i < survey->segment_count; i++)
        taken = taken || strcmp(survey->segments[i], column) == 0;
    return taken;
}

static void check_handover_column(struct build *build, const struct config_node *node, const char *column, size_t at)
{
    const struct survey *survey = build->survey;
    bool taken = is_taken(survey, column);
    for (size_t i = 0; i < at && !taken; i++)
        taken = has_column(&survey->questions[i], column);
    if (taken)
        config_problem(build->config, node, "the column '%.80s' of the answers would be there twice; choose another id", column);
}

static void check_columns(struct build *build, const struct survey_question *question, size_t at)
{
    const struct survey *survey = build->survey;
    const struct config_node *given = config_get(question->node, "column") ? config_get(question->node, "column") : question->node;
    bool imported = strcasecmp(question->column, survey->responses.token) == 0
                    || (survey->responses.time && strcasecmp(question->column, survey->responses.time) == 0);
    for (size_t i = 0; i < at && !imported; i++)
        imported = strcasecmp(survey->questions[i].column, question->column) == 0;
    if (imported)
        config_problem(build->config, given, "the column '%.80s' of response CSVs has two meanings; set 'column'", question->column);
    if (question->type != QUESTION_TEXT && question->type != QUESTION_MULTIPLE)
        check_handover_column(build, question->node, question->id, at);
    for (size_t i = 0; i < question->choice_count && question->type == QUESTION_MULTIPLE; i++) {
        char column[128];
        snprintf(column, sizeof column, "%s_%s", question->id, question->choices[i].id);
        check_handover_column(build, question->node, column, at);
    }
}

void build_check_care(struct build *build, const struct config_node *root)
{
    const struct survey *survey = build->survey;
    const struct config_node *message = config_get(root, "message");
    check_languages(build, config_get(root, "languages"));
    check_texts(build, config_get(root, "title"), TITLE_MAX, false);
    check_texts(build, config_get(message, "subject"), SUBJECT_MAX, false);
    check_texts(build, config_get(message, "greeting"), GREETING_MAX, true);
    check_texts(build, config_get(message, "body"), BODY_MAX, true);
    check_texts(build, config_get(message, "footer"), FOOTER_MAX, true);
    check_length(build, config_get(root, "sender.name"), NAME_MAX_BYTES);
    check_length(build, config_get(root, "vendor"), NAME_MAX_BYTES);
    check_times(build, root);
    check_people(build, root);
    for (size_t i = 0; i < survey->question_count; i++) {
        check_question_keys(build, &survey->questions[i]);
        check_condition(build, &survey->questions[i], i);
        check_columns(build, &survey->questions[i], i);
    }
    if (survey->responses.delimiter == survey->responses.separator)
        config_problem(build->config, config_get(root, "responses"), "'delimiter' and 'separator' are the same character");
}
