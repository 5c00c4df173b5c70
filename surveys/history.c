#include "surveys/history.h"

#include <string.h>

#include "surveys/audience.h"

#define QUERIES "surveys/sql/history.sql"

enum { SECONDS_PER_DAY = 86400 };

int history_is_capped(const struct history *history, int64_t recipient, struct err *err)
{
    const struct survey *survey = history->survey;
    const struct policy_cap group = policy_cap(history->policy);
    struct stmt *stmt = NULL;
    int code = db_prepare(history->surveys, QUERIES, "messages", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":recipient", recipient);
    stmt_bind_integer(stmt, ":since", history->now - survey->cap_days * SECONDS_PER_DAY);
    stmt_bind_integer(stmt, ":group_since", history->now - group.days * SECONDS_PER_DAY);
    code = stmt_step(stmt, err);
    if (code == 1)
        code = stmt_integer(stmt, 0) >= survey->cap_invitations || stmt_integer(stmt, 1) >= group.invitations;
    stmt_free(stmt);
    return code;
}

int history_was_asked(const struct history *history, int64_t recipient, const unsigned char *case_hash, enum history_asked *asked,
                      struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(history->surveys, QUERIES, "asked", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":recipient", recipient);
    stmt_bind_blob(stmt, ":case_hash", case_hash, CASE_HASH_BYTES);
    stmt_bind_string(stmt, ":survey", history->survey->name);
    stmt_bind_integer(stmt, ":wave", history->survey->wave);
    code = stmt_step(stmt, err);
    if (code == 1)
        *asked = stmt_integer(stmt, 0) ? HISTORY_ASKED_CASE : stmt_integer(stmt, 1) ? HISTORY_ASKED_WAVE : HISTORY_NOT_ASKED;
    stmt_free(stmt);
    return code < 0 ? code : 0;
}

/* 1: the query has an answer. Ends with the statement freed. */
static int ask(struct stmt *stmt, const struct history_invitation *invitation, struct err *err)
{
    stmt_bind_integer(stmt, ":recipient", invitation->recipient);
    stmt_bind_integer(stmt, ":invitation", invitation->invitation);
    int code = stmt_step(stmt, err);
    stmt_free(stmt);
    return code;
}

int history_was_asked_otherwise(const struct history *history, const struct history_invitation *invitation, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(history->surveys, QUERIES, "asked_otherwise", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", history->survey->name);
    stmt_bind_integer(stmt, ":wave", history->survey->wave);
    stmt_bind_blob(stmt, ":case_hash", invitation->case_hash, CASE_HASH_BYTES);
    return ask(stmt, invitation, err);
}

int history_is_held_out(const struct history *history, const struct history_invitation *invitation, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(history->surveys, QUERIES, "held_out", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":plan", invitation->plan);
    return ask(stmt, invitation, err);
}

int history_has_bounced(struct db *surveys, int64_t recipient, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "bounced", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":recipient", recipient);
    code = stmt_step(stmt, err);
    stmt_free(stmt);
    return code;
}
