#include "surveys/definition.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/calendar.h"
#include "core/embed.h"
#include "core/mem.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "surveys/definition_build.h"

static const char *const channels[] = { "email", "phone", "chat", "social", NULL };
static const char *const transports[] = { "spool", "smtp", "handoff", NULL };
static const char *const anonymities[] = { "anonymous", "confidential", NULL };
static const char *const weekdays[] = { "monday",   "tuesday", "wednesday", "thursday", "friday",
                                        "saturday", "sunday",  NULL };

int build_choice(const char *text, const char *const *names, int fallback)
{
    for (int i = 0; text && names[i]; i++)
        if (strcmp(text, names[i]) == 0)
            return i;
    return fallback;
}

const char **build_list(struct build *build, const struct config_node *node, size_t *count)
{
    size_t n = 0;
    const char **list = arena_alloc(build->arena, (node ? node->count + 1 : 1) * sizeof *list);
    CONFIG_EACH(child, node)
        if (child->kind == CONFIG_SCALAR)
            list[n++] = child->value;
    *count = n;
    return list;
}

struct survey_texts build_texts(struct build *build, const struct config_node *node)
{
    struct survey_texts texts = { 0 };
    struct survey_text *list = arena_alloc(build->arena, (node ? node->count + 1 : 1) * sizeof *list);
    CONFIG_EACH(child, node) {
        if (child->kind == CONFIG_SCALAR)
            list[texts.count++] = (struct survey_text) { child->key, child->value };
    }
    texts.list = list;
    return texts;
}

static const struct survey_text *find_text(const struct survey_texts *texts, const char *language)
{
    for (size_t i = 0; language && i < texts->count; i++)
        if (strcmp(texts->list[i].language, language) == 0)
            return &texts->list[i];
    return NULL;
}

const struct survey_text *survey_text_for(const struct survey *survey, const struct survey_texts *texts, const char *language)
{
    const struct survey_text *text = find_text(texts, language);
    return text ? text : find_text(texts, survey->fallback);
}

const char *survey_text_in(const struct survey *survey, const struct survey_texts *texts, const char *language)
{
    const struct survey_text *text = survey_text_for(survey, texts, language);
    return text ? text->text : NULL;
}

void build_require_languages(struct build *build, const struct config_node *node, const struct survey_texts *texts)
{
    const struct survey *survey = build->survey;
    for (size_t i = 0; node && i < survey->language_count; i++)
        if (!find_text(texts, survey->languages[i]))
            config_problem_key(build->config, node, "no text in '%s'; 'languages' promises one", survey->languages[i]);
}

static int32_t read_day(const char *text, int32_t fallback)
{
    struct calendar_date date;
    if (!text || sscanf(text, "%4d-%2d-%2d", &date.year, &date.month, &date.day) != 3 || !calendar_is_valid(date))
        return fallback;
    return calendar_day(date);
}

/* Minutes since midnight of "hh:mm"; a problem and 0 if it is not one. */
static int read_minute(struct build *build, const struct config_node *quiet, const char *key, const char *fallback)
{
    const char *text = config_text(quiet, key, fallback);
    int hour, minute, end = 0;
    if (sscanf(text, "%2d:%2d%n", &hour, &minute, &end) == 2 && text[end] == '\0' && hour >= 0 && hour < 24 && minute >= 0 && minute < 60)
        return hour * 60 + minute;
    config_problem(build->config, config_get(quiet, key), "not a time of day; write it as 20:00");
    return 0;
}

static void compile_quiet(struct build *build, const struct config_node *quiet)
{
    struct survey *survey = build->survey;
    survey->quiet_from_minute = read_minute(build, quiet, "from", "20:00");
    survey->quiet_to_minute = read_minute(build, quiet, "to", "08:00");
    CONFIG_EACH(day, config_get(quiet, "weekdays")) {
        int number = build_choice(day->value, weekdays, -1);
        if (number >= 0)
            survey->quiet_weekdays |= 1u << number;
    }
}

static void compile_audience(struct build *build, const struct config_node *root)
{
    struct survey *survey = build->survey;
    const struct config_node *audience = config_get(root, "audience"), *quotas = config_get(root, "quotas");
    struct survey_filter *filters = arena_alloc(build->arena, (audience ? audience->count + 1 : 1) * sizeof *filters);
    CONFIG_EACH(child, audience) {
        struct survey_filter *filter = &filters[survey->audience_count++];
        filter->dimension = child->key;
        filter->labels = build_list(build, child, &filter->label_count);
    }
    struct survey_quota *limits = arena_alloc(build->arena, (quotas ? quotas->count + 1 : 1) * sizeof *limits);
    CONFIG_EACH(child, quotas)
        limits[survey->quota_count++] = (struct survey_quota) { config_text(child, "dimension", ""),
                                                                config_text(child, "label", ""),
                                                                config_integer(child, "maximum", 0) };
    survey->audience = filters;
    survey->quotas = limits;
    survey->segments = build_list(build, config_get(root, "segments"), &survey->segment_count);
}

static void compile_limits(struct survey *survey, const struct config_node *root)
{
    survey->closed_within_days = config_integer(root, "closed_within_days", 14);
    survey->sample_size = config_integer(root, "sample.size", 0);
    survey->seed = (uint64_t)config_integer(root, "sample.seed", 1);
    survey->holdout_percent = config_number(root, "holdout_percent", 0);
    survey->cap_days = config_integer(root, "cap.days", 90);
    survey->wave = config_integer(root, "wave", 1);
    survey->reminder_maximum = config_integer(root, "reminders.maximum", 0);
    survey->cap_invitations = config_integer(root, "cap.invitations", 1 + survey->reminder_maximum);
    survey->reminder_gap_days = config_integer(root, "reminders.gap_days", 7);
    survey->throttle_per_minute = config_integer(root, "throttle_per_minute", 0);
    survey->stop_bounce_percent = config_number(root, "stop_bounce_percent", 5);
    survey->expires_days = config_integer(root, "expires_days", 30);
    survey->begins_day = read_day(config_text(root, "begins", NULL), INT32_MIN);
    survey->ends_day = read_day(config_text(root, "ends", NULL), INT32_MAX);
    survey->cost_per_invitation = config_number(root, "cost.per_invitation", 0);
    survey->cost_currency = config_text(root, "cost.currency", NULL);
}

static void compile_identity(struct build *build, const struct config_node *root)
{
    struct survey *survey = build->survey;
    survey->controller = config_text(root, "controller", "");
    survey->purpose = config_text(root, "purpose", "service_survey");
    survey->source = config_text(root, "source", "");
    survey->title = build_texts(build, config_get(root, "title"));
    survey->channel = (enum survey_channel)build_choice(config_text(root, "channel", NULL), channels, SURVEY_EMAIL);
    survey->transport = (enum survey_transport)build_choice(config_text(root, "transport", NULL), transports, SURVEY_SPOOL);
    survey->anonymity = (enum survey_anonymity)build_choice(config_text(root, "anonymity", NULL), anonymities, SURVEY_ANONYMOUS);
    survey->four_eyes = config_boolean(root, "four_eyes", true);
    survey->double_opt_in = config_boolean(root, "double_opt_in", false);
    survey->languages = build_list(build, config_get(root, "languages"), &survey->language_count);
    survey->fallback = config_text(root, "fallback", NULL);
    survey->sender_name = config_text(root, "sender.name", NULL);
    survey->sender_address = config_text(root, "sender.address", NULL);
    survey->reply_to = config_text(root, "sender.reply_to", NULL);
    survey->bounce_domain = config_text(root, "sender.bounce_domain", NULL);
    survey->vendor = config_text(root, "vendor", NULL);
    survey->privacy_notice = config_text(root, "privacy_notice", "");
    survey->page_url = config_text(root, "page", NULL);
}

static void compile_message(struct build *build, const struct config_node *message)
{
    struct survey *survey = build->survey;
    survey->subject = build_texts(build, config_get(message, "subject"));
    survey->greeting = build_texts(build, config_get(message, "greeting"));
    survey->body = build_texts(build, config_get(message, "body"));
    survey->footer = build_texts(build, config_get(message, "footer"));
}

static char one_character(struct build *build, const struct config_node *responses, const char *key, char fallback)
{
    const char *text = config_text(responses, key, NULL);
    if (!text)
        return fallback;
    if (strlen(text) == 1)
        return *text;
    if (strcmp(text, "tab") == 0)
        return '\t';
    config_problem(build->config, config_get(responses, key), "one character, or 'tab'");
    return fallback;
}

static const char *read_encoding(struct build *build, const struct config_node *responses)
{
    const char *encoding = config_text(responses, "encoding", NULL);
    struct strbuf out = { 0 };
    if (encoding && text_decode(encoding, (struct slice){ "", 0 }, &out, NULL))
        config_problem(build->config, config_get(responses, "encoding"), "'%.80s' is no known encoding; expected one such as utf-8 or cp1252", encoding);
    strbuf_release(&out);
    return encoding;
}

static void compile_responses(struct build *build, const struct config_node *responses)
{
    static const char *const iso[] = { "iso" };
    struct survey_responses *out = &build->survey->responses;
    const struct config_node *dates = config_get(responses, "dates");
    out->token = config_text(responses, "token", "token");
    out->time = config_text(responses, "time", NULL);
    out->dates = dates ? build_list(build, dates, &out->date_count) : iso;
    out->date_count = dates ? out->date_count : 1;
    out->delimiter = one_character(build, responses, "delimiter", ',');
    out->separator = one_character(build, responses, "separator", ';');
    out->encoding = read_encoding(build, responses);
    for (size_t i = 0; dates && i < out->date_count; i++) {
        struct date_format *format;
        if (date_format_compile(&format, out->dates[i], NULL))
            config_problem(build->config, dates, "'%s' is not a date format", out->dates[i]);
        else
            date_format_free(format);
    }
}

/* What the approval of the questions binds; it pauses the page as well. */
static const char *const question_keys[] = { "title", "questions", "message", "sender", "privacy_notice", "page",
                                             "expires_days", "reminders", NULL };
/* What changes neither who is asked, nor what, when or how: how answers are read from elsewhere, and what the plan says of cost. */
static const char *const free_keys[] = { "version", "responses", "cost", NULL };

/* Two surveys ask the same people the same things in the same way if these digests agree. Whatever is not named above is bound by the
 * approval, also keys that are still to come. */
static void compile_digests(struct survey *survey, const struct config_node *root)
{
    crypto_generichash_state audience, questions;
    crypto_generichash_init(&audience, NULL, 0, sizeof survey->audience_digest);
    crypto_generichash_init(&questions, NULL, 0, sizeof survey->questions_digest);
    for (size_t i = 0; question_keys[i]; i++)
        build_digest_node(&questions, question_keys[i], config_get(root, question_keys[i]), "column");
    CONFIG_EACH(child, root) {
        const char *key = child->key ? child->key : "";
        if (build_choice(key, question_keys, -1) < 0 && build_choice(key, free_keys, -1) < 0)
            build_digest_node(&audience, key, child, NULL);
    }
    crypto_generichash_final(&audience, survey->audience_digest, sizeof survey->audience_digest);
    crypto_generichash_final(&questions, survey->questions_digest, sizeof survey->questions_digest);
}

static void open_library(struct survey_file *file)
{
    static const char name[] = "surveys/embed/questions.yaml";
    const struct embed_file *embedded = embed_find(name);
    struct err err;
    if (!embedded || config_parse(&file->library, name, embedded->text, strlen(embedded->text), &err))
        BUG("the library of questions cannot be read: %s", embedded ? err.message : "it is not there");
}

/* The wording of ready questions is part of what was approved. */
static void digest_library(struct survey *survey, const struct config_node *library, const struct config_node *questions)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof survey->questions_digest);
    crypto_generichash_update(&state, survey->questions_digest, sizeof survey->questions_digest);
    CONFIG_EACH(question, questions) {
        const struct config_node *ready = build_ready_question(library, question);
        if (ready)
            build_digest_node(&state, ready->key, ready, NULL);
    }
    crypto_generichash_final(&state, survey->questions_digest, sizeof survey->questions_digest);
}

void survey_compile(struct survey **survey, struct config *config, const char *name)
{
    struct survey_file *file = mem_zalloc(1, sizeof *file);
    const struct config_node *root = config_root(config);
    open_library(file);
    struct build build = { &file->arena, config, &file->survey, config_root(file->library) };
    file->survey.name = arena_strdup(build.arena, name);
    compile_identity(&build, root);
    compile_limits(&file->survey, root);
    compile_quiet(&build, config_get(root, "quiet"));
    compile_audience(&build, root);
    compile_message(&build, config_get(root, "message"));
    build_questions(&build, config_get(root, "questions"));
    compile_responses(&build, config_get(root, "responses"));
    build_check(&build, root);
    build_check_care(&build, root);
    compile_digests(&file->survey, root);
    digest_library(&file->survey, build.library, config_get(root, "questions"));
    *survey = &file->survey;
}

void survey_free(struct survey *survey)
{
    if (!survey)
        return;
    struct survey_file *file = (struct survey_file *)survey; /* its first member */
    arena_release(&file->arena);
    config_free(file->library);
    free(file);
}
