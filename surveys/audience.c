#include "surveys/audience.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "surveys/eligible.h"
#include "surveys/history.h"
#include "surveys/reach.h"

#define QUERIES "surveys/sql/audience.sql"

const char *exclusion_name(enum exclusion exclusion)
{
    static const char *const names[] = {
        "no opt-in in force",     "opt-in not confirmed",   "opted out",         "objected",
        "no legal basis in the country", "bounced",       "asked too often",        "asked for this case", "asked in this wave",
        "no usable address", "no text in the language", "holdout",      "quota full",
        "sampled out",   "will be asked",
    };
    return names[exclusion];
}

void audience_release(struct audience *audience)
{
    arena_release(&audience->arena);
    free(audience->candidates);
    *audience = (struct audience) { 0 };
}

/* The same for ever for a seed, survey, wave and recipient; `use` separates sampling from holdout. */
static uint64_t draw(const struct survey *survey, const char *use, int64_t recipient)
{
    crypto_generichash_state state;
    uint64_t number;
    int64_t facts[] = { (int64_t)survey->seed, survey->wave, recipient };
    crypto_generichash_init(&state, NULL, 0, crypto_generichash_BYTES_MIN);
    crypto_generichash_update(&state, (const unsigned char *)use, strlen(use) + 1);
    crypto_generichash_update(&state, (const unsigned char *)survey->name, strlen(survey->name) + 1);
    crypto_generichash_update(&state, (const unsigned char *)facts, sizeof facts);
    unsigned char digest[crypto_generichash_BYTES_MIN];
    crypto_generichash_final(&state, digest, sizeof digest);
    memcpy(&number, digest, sizeof number);
    return number;
}

static enum exclusion exclusion_of(enum consent_verdict verdict)
{
    switch (verdict) {
    case CONSENT_GIVEN:
        return EXCLUDED_NOT;
    case CONSENT_UNCONFIRMED:
        return EXCLUDED_UNCONFIRMED;
    case CONSENT_OPTED_OUT:
        return EXCLUDED_OPTED_OUT;
    case CONSENT_OBJECTED:
        return EXCLUDED_OBJECTED;
    case CONSENT_NONE:
        break;
    }
    return EXCLUDED_NO_OPT_IN;
}

static void join(struct audience *audience, const struct reaches *reaches)
{
    const struct survey *survey = reaches->input->survey;
    size_t at = 0;
    for (size_t i = 0; i < audience->count; i++) {
        struct candidate *candidate = &audience->candidates[i];
        while (at < reaches->count && reaches->list[at].person < candidate->person)
            at++;
        if (at == reaches->count || reaches->list[at].person != candidate->person)
            continue;
        const struct reach *reach = &reaches->list[at];
        candidate->recipient = reach->recipient;
        candidate->language = reach->language;
        candidate->draw = draw(survey, "sample", reach->recipient);
        candidate->excluded = exclusion_of(reach->verdict);
        if (candidate->excluded == EXCLUDED_NOT && !reach->may_be_asked)
            candidate->excluded = EXCLUDED_COUNTRY;
        else if (candidate->excluded == EXCLUDED_NOT && !reach->has_address)
            candidate->excluded = EXCLUDED_NO_ADDRESS;
    }
}

/* What the history of messages says about a candidate with an opt-in. */
static int exclude_by_history(const struct audience_input *input, struct candidate *candidate, struct err *err)
{
    static const enum exclusion by_asking[] = {
        [HISTORY_NOT_ASKED] = EXCLUDED_NOT, [HISTORY_ASKED_CASE] = EXCLUDED_CASE_ASKED, [HISTORY_ASKED_WAVE] = EXCLUDED_WAVE_ASKED };
    const struct history history = { input->surveys, input->survey, input->policy, input->now };
    enum history_asked asked = HISTORY_NOT_ASKED;
    int yes = history_has_bounced(input->surveys, candidate->recipient, err);
    if (yes == 1)
        candidate->excluded = EXCLUDED_BOUNCED;
    if (yes == 0 && (yes = history_is_capped(&history, candidate->recipient, err)) == 1)
        candidate->excluded = EXCLUDED_CAP;
    if (yes == 0 && (yes = history_was_asked(&history, candidate->recipient, candidate->case_hash, &asked, err)) == 0)
        candidate->excluded = by_asking[asked];
    return yes < 0 ? yes : 0;
}

/* The person is held out, not the address: what is drawn is the first that the person was known by. */
static bool is_held_out(const struct survey *survey, const struct person_map *persons, const struct candidate *candidate)
{
    double share = (double)(draw(survey, "holdout", person_map_first(persons, candidate->recipient)) >> 11) / 9007199254740992.0; /* 2^53 */
    return share * 100.0 < survey->holdout_percent;
}

struct past {
    struct recipients touched, held_out; /* held_out: of the wave, by a plan before */
};

static int exclude_each(struct audience *audience, const struct audience_input *input, const struct past *past,
                        const struct person_map *persons, struct err *err)
{
    for (size_t i = 0; i < audience->count; i++) {
        struct candidate *candidate = &audience->candidates[i];
        bool no_address = candidate->excluded == EXCLUDED_NO_ADDRESS;
        if (candidate->excluded != EXCLUDED_NOT && !no_address)
            continue;
        candidate->excluded = EXCLUDED_NOT;
        int code = recipients_hold(&past->touched, candidate->recipient) ? exclude_by_history(input, candidate, err) : 0;
        if (code)
            return code;
        if (candidate->excluded != EXCLUDED_NOT)
            continue;
        if (no_address)
            candidate->excluded = EXCLUDED_NO_ADDRESS;
        else if (!candidate->language)
            candidate->excluded = EXCLUDED_NO_LANGUAGE;
        else if (recipients_hold(&past->held_out, candidate->recipient) || is_held_out(input->survey, persons, candidate))
            candidate->excluded = EXCLUDED_HOLDOUT;
    }
    return 0;
}

static int by_draw(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    if (a->draw != b->draw)
        return a->draw < b->draw ? -1 : 1;
    if (a->recipient != b->recipient)
        return a->recipient < b->recipient ? -1 : 1;
    return (a->person > b->person) - (a->person < b->person);
}

static bool fits_quotas(const struct survey *survey, const struct candidate *candidate, const int64_t *used)
{
    for (size_t q = 0; q < survey->quota_count; q++)
        if (candidate->quota_labels[q] && used[q] >= survey->quotas[q].maximum)
            return false;
    return true;
}

/* What counts against the limits. */
struct limits {
    int64_t asked, *used; /* used: by quota */
};

char *audience_quotas_json(const struct survey *survey, const struct candidate *candidate)
{
    json_t *labels = json_object();
    for (size_t q = 0; q < survey->quota_count; q++)
        if (candidate->quota_labels[q] && json_object_set_new(labels, survey->quotas[q].dimension, json_string(candidate->quota_labels[q])))
            mem_fail();
    char *text = survey->quota_count ? json_dumps(labels, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(labels);
    return text;
}

/* Those who were asked in the wave already, by whatever plan. */
static void count_asked(struct limits *limits, const struct survey *survey, const char *quotas, int64_t count)
{
    json_t *labels = quotas ? json_loads(quotas, 0, NULL) : NULL;
    limits->asked += count;
    for (size_t q = 0; q < survey->quota_count; q++) {
        const char *label = json_string_value(json_object_get(labels, survey->quotas[q].dimension));
        if (label && strcmp(label, survey->quotas[q].label) == 0)
            limits->used[q] += count;
    }
    json_decref(labels);
}

static int limits_read(struct limits *limits, const struct audience_input *input, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "asked_in_wave", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", input->survey->name);
    stmt_bind_integer(stmt, ":wave", input->survey->wave);
    while ((code = stmt_step(stmt, err)) == 1)
        count_asked(limits, input->survey, stmt_is_null(stmt, 0) ? NULL : stmt_text(stmt, 0, NULL), stmt_integer(stmt, 1));
    stmt_free(stmt);
    return code;
}

/* Limits that depend on who else is asked: in the order of the draw, so that they are fair and repeatable. */
static void exclude_in_turn(struct audience *audience, const struct survey *survey, struct limits *limits)
{
    int64_t *used = limits->used, last = 0;
    for (size_t i = 0; i < audience->count; i++) {
        struct candidate *candidate = &audience->candidates[i];
        bool held_out = candidate->excluded == EXCLUDED_HOLDOUT;
        if (candidate->excluded != EXCLUDED_NOT && !held_out)
            continue;
        if (candidate->recipient == last)
            candidate->excluded = EXCLUDED_WAVE_ASKED;
        else if (held_out)
            last = candidate->recipient;
        else if (!fits_quotas(survey, candidate, used))
            candidate->excluded = EXCLUDED_QUOTA;
        else if (survey->sample_size && limits->asked >= survey->sample_size)
            candidate->excluded = EXCLUDED_SAMPLE;
        if (candidate->excluded != EXCLUDED_NOT)
            continue;
        last = candidate->recipient;
        limits->asked++;
        for (size_t q = 0; q < survey->quota_count; q++)
            used[q] += candidate->quota_labels[q] != NULL;
    }
}

/* One state of both databases for all questions, and one lock instead of one for each. */
static int begin_reading(const struct audience_input *input, struct err *err)
{
    int code = db_exec(input->cases, "BEGIN", err);
    return code ? code : db_exec(input->surveys, "BEGIN", err);
}

static int read_all(struct audience *audience, const struct audience_input *input, struct reaches *reaches, struct limits *limits, struct err *err)
{
    struct past past = { 0 };
    struct person_map persons = { 0 };
    int code = begin_reading(input, err);
    if (!code)
        code = eligible_collect(audience, input, err);
    if (!code)
        code = reaches_collect(reaches, err);
    if (!code)
        code = reaches_note_persons(reaches, &persons, err);
    if (!code)
        code = recipients_read(input->surveys, "touched", NULL, &past.touched, err);
    if (!code)
        code = recipients_read(input->surveys, "held_out_before", input->survey, &past.held_out, err);
    if (!code)
        code = limits_read(limits, input, err);
    if (!code) {
        join(audience, reaches);
        code = exclude_each(audience, input, &past, &persons, err);
    }
    free(past.touched.list);
    free(past.held_out.list);
    person_map_release(&persons);
    db_rollback(input->cases);
    if (!code && !input->look_only)
        code = db_commit(input->surveys, err);
    db_rollback(input->surveys);
    return code;
}

int audience_build(struct audience *audience, const struct audience_input *input, struct err *err)
{
    struct audience made = { 0 };
    arena_init(&made.arena, true);
    struct reaches reaches = { .input = input };
    struct limits limits = { 0, mem_zalloc(input->survey->quota_count + 1, sizeof *limits.used) };
    int code = read_all(&made, input, &reaches, &limits, err);
    reaches_release(&reaches);
    if (code) {
        free(limits.used);
        audience_release(&made);
        return code;
    }
    if (made.count)
        qsort(made.candidates, made.count, sizeof *made.candidates, by_draw);
    exclude_in_turn(&made, input->survey, &limits);
    free(limits.used);
    *audience = made;
    return 0;
}
