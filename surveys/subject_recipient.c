#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "surveys/spool.h"
#include "surveys/subject_part.h"

const char *subject_text(const json_t *json, const char *key, const char *fallback)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text ? text : fallback;
}

int subject_prepare(const struct subject_desk *desk, const char *query, int64_t recipient, struct stmt **stmt, struct err *err)
{
    int code = db_prepare(desk->surveys, SUBJECT_QUERIES, query, stmt, err);
    if (!code)
        stmt_bind_integer(*stmt, ":recipient", recipient);
    return code;
}

static int run_for(const struct subject_desk *desk, const char *query, int64_t recipient, const int64_t *at, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = subject_prepare(desk, query, recipient, &stmt, err);
    if (code)
        return code;
    if (at)
        stmt_bind_integer(stmt, ":at", *at);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

int subject_record(const struct subject_notice *notice, int64_t recipient, const struct consent_event *what, struct err *err)
{
    struct consent_event event = *what;
    bool is_new = false;
    event.recipient = recipient;
    event.origin = CONSENT_FROM_EVENT;
    event.text_version = subject_text(notice->json, "source", NULL);
    event.recorded_at = notice->recorded_at;
    event.evidence = notice->has_evidence ? notice->evidence : NULL;
    int code = consent_record(notice->desk->surveys, &event, &is_new, err);
    notice->effects->consents += !code && is_new;
    return code;
}

int subject_record_for_all(const struct subject_notice *notice, int64_t recipient, enum consent_kind kind, int64_t at, struct err *err)
{
    return subject_record(notice, recipient, &(struct consent_event){ .controller = CONSENT_ALL, .purpose = CONSENT_ALL, .kind = kind,
                                                              .occurred_at = at }, err);
}

int subject_is_welcome(const struct subject_desk *desk, int64_t recipient, const char *controller, struct err *err)
{
    struct stmt *stmt = NULL;
    int step = 0, code = subject_prepare(desk, "purposes", recipient, &stmt, err);
    bool welcome = false;
    while (!code && !welcome && (step = stmt_step(stmt, err)) > 0) {
        struct consent_event question = { .recipient = recipient, .controller = controller, .purpose = stmt_text(stmt, 0, NULL) };
        struct consent_state state;
        code = consent_check(desk->surveys, &question, false, desk->now, &state, err);
        welcome = !code && (state.verdict == CONSENT_GIVEN || state.verdict == CONSENT_UNCONFIRMED);
    }
    stmt_free(stmt);
    return code ? code : step < 0 ? step : welcome;
}

static int drop_contact(const struct subject_desk *desk, int64_t recipient, const char *controller, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = subject_prepare(desk, "drop_contact", recipient, &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":controller", controller);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

/* Contacts without a consent in force go. *left: how many stay. */
static int keep_welcome_contacts(const struct subject_desk *desk, int64_t recipient, size_t *left, struct err *err)
{
    struct stmt *stmt = NULL;
    struct arena arena;
    const char **controllers = NULL;
    size_t count = 0, capacity = 0;
    int step = 0, code = subject_prepare(desk, "contacts", recipient, &stmt, err);
    arena_init(&arena, false);
    while (!code && (step = stmt_step(stmt, err)) > 0) {
        MEM_GROW(controllers, count, capacity);
        controllers[count++] = arena_strdup(&arena, stmt_text(stmt, 0, NULL));
    }
    stmt_free(stmt);
    code = code ? code : step;
    *left = count;
    for (size_t i = 0; i < count && !code; i++) {
        int welcome = subject_is_welcome(desk, recipient, controllers[i], err);
        code = welcome < 0 ? welcome : welcome ? 0 : drop_contact(desk, recipient, controllers[i], err);
        *left -= welcome == 0;
    }
    free(controllers);
    arena_release(&arena);
    return code;
}

static int withdraw_message(const struct subject_notice *notice, const char *id, struct err *err)
{
    static const char *const queries[] = { "withdraw_invitation", "withdraw_sending", "withdraw_confirmation" };
    enum spool_state state = SPOOL_PULLED;
    int code = 0, pulled = spool_pull(notice->desk->outbox, id, err);
    if (pulled >= 0)
        code = spool_find(notice->desk->outbox, id, &state, err);
    if (pulled < 0 || code)
        return pulled < 0 ? pulled : code;
    if (state == SPOOL_TAKEN) { /* it has left, but what it said does not stay here */
        code = spool_empty(notice->desk->outbox, id, err);
        return code < 0 ? code : 0;
    }
    notice->effects->withdrawn += pulled;
    for (size_t i = 0; i < sizeof queries / sizeof *queries && !code; i++) {
        struct stmt *stmt = NULL;
        code = db_prepare(notice->desk->surveys, SUBJECT_QUERIES, queries[i], &stmt, err);
        if (code)
            return code;
        stmt_bind_string(stmt, ":file_name", id);
        code = stmt_run(stmt, err);
        stmt_free(stmt);
    }
    return code;
}

/* Messages that nobody has picked up are taken back, before the transaction commits: whoever was killed in between finds the rows as
 * they were and does it again. */
static int withdraw_messages(const struct subject_notice *notice, int64_t recipient, int64_t until, struct err *err)
{
    struct stmt *stmt = NULL;
    struct arena arena;
    const char **ids = NULL;
    size_t count = 0, capacity = 0;
    int step = 0, code = subject_prepare(notice->desk, "messages", recipient, &stmt, err);
    arena_init(&arena, false);
    if (!code)
        stmt_bind_integer(stmt, ":until", until);
    while (!code && (step = stmt_step(stmt, err)) > 0) {
        MEM_GROW(ids, count, capacity);
        ids[count++] = arena_strdup(&arena, stmt_text(stmt, 0, NULL));
    }
    stmt_free(stmt);
    code = code ? code : step;
    for (size_t i = 0; i < count && !code; i++)
        code = withdraw_message(notice, ids[i], err);
    free(ids);
    arena_release(&arena);
    return code;
}

int subject_conclude(const struct subject_notice *notice, int64_t recipient, struct err *err)
{
    size_t left;
    int code = keep_welcome_contacts(notice->desk, recipient, &left, err);
    if (code || left)
        return code;
    code = withdraw_messages(notice, recipient, INT64_MAX, err);
    return code ? code : run_for(notice->desk, "leave_plans", recipient, NULL, err);
}

static int drop_token(struct db *intake, const void *hash, size_t length, struct err *err)
{
    static const char *const queries[] = { "drop_waiting", "drop_acts", "drop_ticket" };
    int code = 0;
    for (size_t i = 0; i < sizeof queries / sizeof *queries && !code; i++) {
        struct stmt *stmt = NULL;
        code = db_prepare(intake, SUBJECT_QUERIES, queries[i], &stmt, err);
        if (code)
            return code;
        stmt_bind_blob(stmt, ":hash", hash, length);
        code = stmt_run(stmt, err);
        stmt_free(stmt);
    }
    return code;
}

/* What the page knows of the invitations: links, answers that were begun or wait. */
static int erase_intake(const struct subject_desk *desk, int64_t recipient, int64_t at, struct err *err)
{
    struct stmt *stmt = NULL;
    int step = 0, code = desk->intake ? db_begin(desk->intake, err) : 0;
    if (code || !desk->intake)
        return code;
    code = subject_prepare(desk, "tokens", recipient, &stmt, err);
    if (!code)
        stmt_bind_integer(stmt, ":at", at);
    while (!code && (step = stmt_step(stmt, err)) > 0) {
        size_t length;
        const void *hash = stmt_blob(stmt, 0, &length);
        code = drop_token(desk->intake, hash, length, err);
    }
    stmt_free(stmt);
    if (!code && step == 0)
        return db_commit(desk->intake, err);
    db_rollback(desk->intake);
    return code ? code : step;
}

static int erase(const struct subject_notice *notice, int64_t recipient, int64_t at, struct err *err)
{
    int code = withdraw_messages(notice, recipient, at, err);
    if (!code)
        code = subject_record_for_all(notice, recipient, CONSENT_OPT_OUT, at, err);
    if (!code)
        code = run_for(notice->desk, "erase_contacts", recipient, &at, err);
    if (!code)
        code = erase_intake(notice->desk, recipient, at, err);
    if (!code)
        code = run_for(notice->desk, "erase_responses", recipient, &at, err);
    if (!code)
        code = run_for(notice->desk, "keep_references", recipient, &at, err);
    if (!code)
        code = run_for(notice->desk, "erase_sendings", recipient, &at, err);
    if (!code)
        code = run_for(notice->desk, "erase_invitations", recipient, &at, err);
    if (!code)
        code = run_for(notice->desk, "erase_confirmations", recipient, &at, err);
    return code ? code : subject_conclude(notice, recipient, err);
}

int subject_claim(const struct subject_notice *notice, int64_t recipient, const struct subject_claims *claims, struct err *err)
{
    int code = 0;
    if (claims->objected_at != INT64_MIN)
        code = subject_record_for_all(notice, recipient, CONSENT_OBJECTION, claims->objected_at, err);
    if (!code && claims->withdrawn_at != INT64_MIN)
        code = subject_record_for_all(notice, recipient, CONSENT_OBJECTION_WITHDRAWN, claims->withdrawn_at, err);
    if (!code && claims->erased_at != INT64_MIN)
        code = erase(notice, recipient, claims->erased_at, err);
    return code ? code : subject_conclude(notice, recipient, err);
}
