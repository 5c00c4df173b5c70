/* A survey as surveys/<name>.yaml states it: who may be asked, how, in which languages, and what. Compiled and checked
 * once (file:line:column for every problem), read-only afterwards, valid until survey_free(). */
#ifndef SURVEYS_DEFINITION_H
#define SURVEYS_DEFINITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config.h"
#include "core/err.h"

enum survey_channel { SURVEY_EMAIL, SURVEY_PHONE, SURVEY_CHAT, SURVEY_SOCIAL };
enum survey_transport { SURVEY_SPOOL, SURVEY_SMTP, SURVEY_HANDOFF };
enum survey_anonymity { SURVEY_ANONYMOUS, SURVEY_CONFIDENTIAL };
enum question_type {
    QUESTION_SCALE,    /* points lowest..highest, labelled at both ends or at each point */
    QUESTION_NPS,      /* 0..10 */
    QUESTION_CSAT,     /* 1..5, top-2 box */
    QUESTION_CES,      /* 1..7 */
    QUESTION_SINGLE,
    QUESTION_MULTIPLE,
    QUESTION_NUMBER,
    QUESTION_TEXT,
};

struct survey_text { /* one text in one language */
    const char *language, *text;
};

struct survey_texts {
    const struct survey_text *list;
    size_t count;
};

struct survey_choice {
    const char *id;                /* stable over waves */
    struct survey_texts label;
};

struct survey_question {
    const char *id;                /* stable over waves */
    enum question_type type;
    bool required;
    struct survey_texts text;
    const struct survey_choice *choices; /* single, multiple */
    size_t choice_count;
    int64_t lowest, highest;       /* scale, nps, csat, ces, number */
    struct survey_texts low_label, high_label;
    int64_t max_length;            /* text: code points */
    const char *show_if_question;  /* NULL: always shown; else shown if that question's answer is one of the values */
    const char *const *show_if_values;
    size_t show_if_count;
    const char *column;            /* of it in a response CSV */
    const struct config_node *node;
};

/* Response CSVs of form tools and call centres. */
struct survey_responses {
    const char *token, *time;      /* columns; time NULL: none */
    const char *const *dates;
    size_t date_count;
    const char *encoding;          /* NULL: UTF-8 */
    char delimiter, separator;     /* of columns; of several choices in one cell */
};

struct survey_filter {             /* cases in the audience: the dimension has one of the labels */
    const char *dimension;
    const char *const *labels;
    size_t label_count;
};

struct survey_quota {
    const char *dimension, *label;
    int64_t maximum;
};

struct survey {
    const char *name, *controller, *purpose, *source;
    struct survey_texts title;
    enum survey_channel channel;
    enum survey_transport transport;
    enum survey_anonymity anonymity;
    bool four_eyes;
    bool double_opt_in;            /* only opt-ins that the person confirmed count */
    const char *const *languages;  /* the first is the fallback unless `fallback` names one */
    size_t language_count;
    const char *fallback;          /* NULL: people whose language has no text are not asked */
    int64_t closed_within_days;    /* window of eligible cases before the plan */
    const struct survey_filter *audience;
    size_t audience_count;
    const char *const *segments;   /* dimensions by which the plan shows its audience and results are cut */
    size_t segment_count;
    int64_t sample_size;           /* 0: all */
    uint64_t seed;
    double holdout_percent;
    const struct survey_quota *quotas;
    size_t quota_count;
    int64_t cap_invitations, cap_days; /* at most so many invitations and reminders of all surveys within so many days; policy_cap() too */
    int64_t wave;
    int64_t reminder_maximum, reminder_gap_days;
    int quiet_from_minute, quiet_to_minute; /* local minutes of the day in which nothing is sent; equal: none */
    unsigned quiet_weekdays;       /* bit 0 Monday .. bit 6 Sunday */
    int64_t throttle_per_minute;   /* 0: none */
    double stop_bounce_percent;
    int64_t expires_days;          /* an invitation's life */
    int32_t begins_day, ends_day;
    double cost_per_invitation;
    const char *cost_currency;
    const char *sender_name, *sender_address, *reply_to, *bounce_domain;
    const char *privacy_notice, *page_url, *vendor;
    struct survey_texts subject, greeting, body, footer;
    const struct survey_question *questions;
    size_t question_count;
    struct survey_responses responses;
    unsigned char audience_digest[32];  /* who is asked, when and how: a change after the approval stops sending */
    unsigned char questions_digest[32];
};

extern const struct config_rule survey_config_rules[];

/* Compiles the checked tree of one file; problems go to config_problem(). */
void survey_compile(struct survey **survey, struct config *config, const char *name);
void survey_free(struct survey *survey);

/* The text in `language`, else in the survey's fallback, else NULL. */
const struct survey_text *survey_text_for(const struct survey *survey, const struct survey_texts *texts, const char *language);
const char *survey_text_in(const struct survey *survey, const struct survey_texts *texts, const char *language);

#endif
