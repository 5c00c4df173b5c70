#include "surveys/plan.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/strbuf.h"
#include "surveys/lost.h"

#define QUERIES "surveys/sql/plan.sql"

enum { HASH_DIGITS_MIN = 16 };

static const char *anonymity_name(const struct survey *survey)
{
    return survey->anonymity == SURVEY_ANONYMOUS ? "anonymous" : "confidential";
}

static bool is_frozen_in(const struct candidate *candidate)
{
    return candidate->excluded == EXCLUDED_NOT || candidate->excluded == EXCLUDED_HOLDOUT;
}

/* Marketing sees this hash, so it is one of what marketing wrote, by whom and when: one of the audience would tell whether anybody came
 * or left since the last plan. The audience is bound by the plan's number, which the approval names in the ledger. After a halt
 * it is another plan, also within the same second. */
static void hash_plan(const struct survey *survey, int64_t halts, struct plan *plan)
{
    const int64_t facts[] = { plan->planned_at, survey->wave, halts };
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, PLAN_HASH_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)survey->name, strlen(survey->name) + 1);
    crypto_generichash_update(&state, (const unsigned char *)plan->planned_by, strlen(plan->planned_by) + 1);
    crypto_generichash_update(&state, (const unsigned char *)facts, sizeof facts);
    crypto_generichash_update(&state, plan->audience_digest, sizeof plan->audience_digest);
    crypto_generichash_update(&state, plan->questions_digest, sizeof plan->questions_digest);
    crypto_generichash_final(&state, plan->hash, PLAN_HASH_BYTES);
}

static int count_halts(struct db *surveys, const struct survey *survey, int64_t *halts, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "halts", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", survey->name);
    code = stmt_step(stmt, err);
    if (code == 1)
        *halts = stmt_integer(stmt, 0);
    stmt_free(stmt);
    return code < 0 ? code : 0;
}

int plan_check_promise(struct db *surveys, const struct survey *survey, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "other_anonymity", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", survey->name);
    stmt_bind_string(stmt, ":anonymity", anonymity_name(survey));
    code = stmt_step(stmt, err);
    stmt_free(stmt);
    if (code == 1)
        return err_set(err, ERR_USAGE, "survey '%s' has sent invitations that promise another anonymity; make a new survey", survey->name);
    return code;
}

/* A plan that could never be sent. */
static int check_end(const struct audience_input *input, struct err *err)
{
    char day[16];
    if (zone_day(input->zone, input->now) <= input->survey->ends_day)
        return 0;
    calendar_format_day(input->survey->ends_day, day);
    return err_set(err, ERR_USAGE, "survey '%s' ended on %s; set 'ends' in its file to a later day, or make a new survey", input->survey->name, day);
}

int plan_check(const struct audience_input *input, struct err *err)
{
    const struct history history = { input->surveys, input->survey, input->policy, input->now };
    int code = check_end(input, err);
    if (!code)
        code = plan_check_promise(input->surveys, input->survey, err);
    return code ? code : lost_check(&history, input->zone, err);
}

static int add_plan(struct db *surveys, const struct survey *survey, const struct plan *plan, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "add_plan", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", survey->name);
    stmt_bind_integer(stmt, ":wave", survey->wave);
    stmt_bind_integer(stmt, ":now", plan->planned_at);
    stmt_bind_string(stmt, ":who", plan->planned_by);
    stmt_bind_blob(stmt, ":hash", plan->hash, sizeof plan->hash);
    stmt_bind_blob(stmt, ":audience", plan->audience_digest, sizeof plan->audience_digest);
    stmt_bind_blob(stmt, ":questions", plan->questions_digest, sizeof plan->questions_digest);
    stmt_bind_string(stmt, ":anonymity", anonymity_name(survey));
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

static char *segment_json(const struct survey *survey, const struct candidate *candidate)
{
    json_t *object = json_object();
    for (size_t i = 0; i < survey->segment_count; i++)
        json_object_set_new(object, survey->segments[i], json_string(candidate->segments[i]));
    char *text = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
    json_decref(object);
    if (!text)
        mem_fail();
    return text;
}

static int by_recipient(const void *left, const void *right)
{
    const struct candidate *const *a = left, *const *b = right;
    return ((*a)->recipient > (*b)->recipient) - ((*a)->recipient < (*b)->recipient);
}

/* Those who are frozen in, in the order of the table's key: that of the draw would touch a page for each. To be freed. */
static const struct candidate **frozen_in(const struct audience *audience, size_t *count)
{
    const struct candidate **list = mem_alloc(audience->count * sizeof *list);
    *count = 0;
    for (size_t i = 0; i < audience->count; i++)
        if (is_frozen_in(&audience->candidates[i]))
            list[(*count)++] = &audience->candidates[i];
    if (*count)
        qsort(list, *count, sizeof *list, by_recipient);
    return list;
}

static int add_recipients(struct db *surveys, const struct survey *survey, const struct audience *audience, int64_t plan,
                          struct err *err)
{
    struct stmt *stmt = NULL;
    size_t count;
    const struct candidate **list = frozen_in(audience, &count);
    int code = db_prepare(surveys, QUERIES, "add_recipient", &stmt, err);
    for (size_t i = 0; i < count && !code; i++) {
        const struct candidate *candidate = list[i];
        char *segment = segment_json(survey, candidate), *quotas = audience_quotas_json(survey, candidate);
        stmt_bind_integer(stmt, ":plan", plan);
        stmt_bind_integer(stmt, ":recipient", candidate->recipient);
        stmt_bind_blob(stmt, ":case_hash", candidate->case_hash, sizeof candidate->case_hash);
        stmt_bind_string(stmt, ":language", candidate->language);
        stmt_bind_string(stmt, ":segment", segment);
        stmt_bind_integer(stmt, ":holdout", candidate->excluded == EXCLUDED_HOLDOUT);
        stmt_bind_string(stmt, ":quotas", quotas);
        code = stmt_run(stmt, err);
        free(segment);
        free(quotas);
    }
    stmt_free(stmt);
    free(list);
    return code;
}

/* 1 and its number if there is a plan with that hash. */
static int find_hash(struct db *surveys, const unsigned char hash[PLAN_HASH_BYTES], int64_t *plan, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "find_hash", &stmt, err);
    if (code)
        return code;
    stmt_bind_blob(stmt, ":hash", hash, PLAN_HASH_BYTES);
    code = stmt_step(stmt, err);
    if (code == 1)
        *plan = stmt_integer(stmt, 0);
    stmt_free(stmt);
    return code;
}

static int store_plan(struct db *surveys, const struct survey *survey, const struct audience *audience, struct plan *plan,
                      struct err *err)
{
    int code = db_begin(surveys, err);
    if (code)
        return code;
    code = add_plan(surveys, survey, plan, err);
    if (!code) {
        plan->id = db_last_id(surveys);
        code = add_recipients(surveys, survey, audience, plan->id, err);
    }
    if (!code)
        code = db_commit(surveys, err);
    if (code)
        db_rollback(surveys);
    return code;
}

int plan_make(struct db *surveys, const struct survey *survey, const struct audience *audience, const char *who,
              int64_t now, struct plan *plan, struct err *err)
{
    struct plan made = { .planned_at = now };
    int code = plan_check_promise(surveys, survey, err);
    if (code)
        return code;
    snprintf(made.planned_by, sizeof made.planned_by, "%s", who);
    memcpy(made.audience_digest, survey->audience_digest, sizeof made.audience_digest);
    memcpy(made.questions_digest, survey->questions_digest, sizeof made.questions_digest);
    int64_t halts = 0;
    code = count_halts(surveys, survey, &halts, err);
    if (code)
        return code;
    hash_plan(survey, halts, &made);
    int found = find_hash(surveys, made.hash, &made.id, err);
    if (found < 0)
        return found;
    if (!found)
        code = store_plan(surveys, survey, audience, &made, err);
    if (!code)
        *plan = made;
    return code;
}

int plan_newest(struct db *surveys, const struct survey *survey, struct plan *plan, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "newest", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", survey->name);
    stmt_bind_integer(stmt, ":wave", survey->wave);
    code = stmt_step(stmt, err);
    if (code == 1) {
        *plan = (struct plan) { .id = stmt_integer(stmt, 0), .planned_at = stmt_integer(stmt, 6),
                                .approved_at = stmt_integer(stmt, 7), .halted = stmt_integer(stmt, 8) != 0,
                                .halted_at = stmt_integer(stmt, 8) };
        memcpy(plan->hash, stmt_blob(stmt, 1, NULL), sizeof plan->hash);
        memcpy(plan->audience_digest, stmt_blob(stmt, 2, NULL), sizeof plan->audience_digest);
        memcpy(plan->questions_digest, stmt_blob(stmt, 3, NULL), sizeof plan->questions_digest);
        snprintf(plan->planned_by, sizeof plan->planned_by, "%s", stmt_text(stmt, 4, NULL));
        snprintf(plan->approved_by, sizeof plan->approved_by, "%s", stmt_text(stmt, 5, NULL));
        snprintf(plan->halted_by, sizeof plan->halted_by, "%s", stmt_text(stmt, 9, NULL));
    }
    stmt_free(stmt);
    return code;
}

static int check_unchanged(const struct plan *plan, const struct survey *survey, struct err *err)
{
    if (plan->halted && strcmp(plan->halted_by, PLAN_STOPPED_BY_BOUNCES) == 0)
        return err_set(err, ERR_USAGE, "survey '%s' was stopped: more than %g %% of its messages bounced; find out why, then plan and approve it again",
                       survey->name, survey->stop_bounce_percent);
    if (plan->halted)
        return err_set(err, ERR_USAGE, "survey '%s' is halted; to go on, plan and approve it again", survey->name);
    if (memcmp(plan->audience_digest, survey->audience_digest, sizeof plan->audience_digest) != 0)
        return err_set(err, ERR_USAGE, "who is asked, when or how changed in the file of survey '%s' since it was planned; plan and approve it again", survey->name);
    if (memcmp(plan->questions_digest, survey->questions_digest, sizeof plan->questions_digest) != 0)
        return err_set(err, ERR_USAGE, "the questions or texts of survey '%s' changed since it was planned; plan and approve it again", survey->name);
    return 0;
}

static bool is_hash(const struct plan *plan, const char *hash)
{
    char digits[2 * PLAN_HASH_BYTES + 1];
    sodium_bin2hex(digits, sizeof digits, plan->hash, sizeof plan->hash);
    return strlen(hash) >= HASH_DIGITS_MIN && strncasecmp(digits, hash, strlen(hash)) == 0;
}

int plan_approve(struct db *surveys, const struct survey *survey, const char *hash, const char *who, int64_t now,
                 struct err *err)
{
    struct plan plan;
    struct stmt *stmt = NULL;
    int code = plan_newest(surveys, survey, &plan, err);
    if (code < 0)
        return code;
    if (code == 0 || !is_hash(&plan, hash))
        return err_set(err, ERR_USAGE, "the newest plan of survey '%s' has another hash", survey->name);
    code = check_unchanged(&plan, survey, err);
    if (code)
        return code;
    if (survey->four_eyes && strcmp(plan.planned_by, who) == 0)
        return err_set(err, ERR_USAGE, "survey '%s' asks for four eyes: whoever planned it may not approve it", survey->name);
    code = db_prepare(surveys, QUERIES, "approve", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":plan", plan.id);
    stmt_bind_integer(stmt, ":now", now);
    stmt_bind_string(stmt, ":who", who);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

int plan_may_send(const struct plan *plan, const struct survey *survey, struct err *err)
{
    if (!plan->approved_at)
        return err_set(err, ERR_USAGE, "the plan of survey '%s' is not approved", survey->name);
    return check_unchanged(plan, survey, err);
}

int plan_halt(struct db *surveys, const struct survey *survey, const char *who, int64_t now, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "halt", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", survey->name);
    stmt_bind_integer(stmt, ":now", now);
    stmt_bind_string(stmt, ":who", who);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}
