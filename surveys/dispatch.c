#include "surveys/dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/strbuf.h"
#include "surveys/outgoing.h"
#include "surveys/spool.h"

#define QUERIES "surveys/sql/dispatch.sql"

struct waiting {
    char id[2 * PSEUDONYM_BYTES + 1];
    struct sending_key key;
    struct outgoing outgoing;
    int64_t expires_at;
    bool is_answered, is_uncertain;
};

struct waiting_list {
    struct waiting *list;
    size_t count, capacity;
};

static int collect(const struct send_input *input, struct waiting_list *waiting, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "waiting", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", input->survey->name);
    while ((code = stmt_step(stmt, err)) == 1) {
        MEM_GROW(waiting->list, waiting->count, waiting->capacity);
        struct waiting *is = &waiting->list[waiting->count++];
        *is = (struct waiting) { .key = { stmt_integer(stmt, 1), stmt_integer(stmt, 2) }, .expires_at = stmt_integer(stmt, 5),
                                 .is_answered = strcmp(stmt_text(stmt, 6, NULL), "answered") == 0,
                                 .is_uncertain = strcmp(stmt_text(stmt, 7, NULL), "uncertain") == 0 };
        is->outgoing = (struct outgoing) { .recipient = stmt_integer(stmt, 3), .number = is->key.number, .epoch = (uint32_t)stmt_integer(stmt, 4) };
        snprintf(is->id, sizeof is->id, "%s", stmt_text(stmt, 0, NULL));
    }
    stmt_free(stmt);
    return code;
}

static int set(struct db *surveys, const char *query, struct sending_key key, const char *state, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, query, &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":invitation", key.invitation);
    stmt_bind_string(stmt, ":state", state);
    if (strcmp(query, "set_sending") == 0)
        stmt_bind_integer(stmt, ":number", key.number);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

int dispatch_set_state(struct db *surveys, struct sending_key key, const char *state, struct err *err)
{
    int code = set(surveys, number_confirms(key.number) ? "set_confirmation" : "set_sending", key, state, err);
    return code || key.number ? code : set(surveys, "set_invitation", key, state, err);
}

/* Whether the message may stay in the spool. */
static int may_stay(const struct send_input *input, struct waiting *waiting, bool *stays, struct err *err)
{
    enum suppression suppression;
    struct arena arena;
    struct contact contact;
    *stays = false;
    if (waiting->is_answered || waiting->expires_at <= input->now)
        return 0;
    arena_init(&arena, true);
    outgoing_name(input, &waiting->outgoing);
    int found = contact_get(input->surveys, input->keyring, waiting->outgoing.recipient, input->survey->controller, &arena, &contact, err);
    int code = found < 0 ? found : outgoing_suppression(input, &waiting->outgoing, found ? &contact : NULL, false, &suppression, err);
    arena_release(&arena);
    if (!code)
        *stays = suppression == SUPPRESSED_NOT;
    return code;
}

/* A message whose answer was not seen goes nowhere any more, whatever became of the run that sent it. */
static int settle(const struct send_input *input, const struct waiting *waiting, enum spool_state *found, struct dispatch_result *result,
                  struct err *err)
{
    int code = spool_find(input->outbox, waiting->id, found, err);
    if (!code && waiting->is_uncertain && *found == SPOOL_WAITING)
        code = spool_take(input->outbox, waiting->id, err);
    if (code < 0 || waiting->is_uncertain || *found == SPOOL_WAITING || *found == SPOOL_NONE)
        return code < 0 ? code : 0;
    result->sent += *found == SPOOL_TAKEN;
    result->pulled += *found == SPOOL_PULLED;
    return dispatch_set_state(input->surveys, waiting->key, spool_state_name(*found), err);
}

static int sweep_one(const struct send_input *input, struct waiting *waiting, bool is_halted, struct dispatch_result *result, struct err *err)
{
    enum spool_state found = SPOOL_NONE;
    bool stays = false;
    int code = settle(input, waiting, &found, result, err);
    if (code || waiting->is_uncertain || found != SPOOL_WAITING)
        return code;
    if (!is_halted)
        code = may_stay(input, waiting, &stays, err);
    if (code || stays)
        return code;
    int pulled = spool_pull(input->outbox, waiting->id, err);
    return pulled < 0 ? pulled : settle(input, waiting, &found, result, err); /* what copied it to sent/ meanwhile has sent it */
}

int dispatch_sweep(const struct send_input *input, bool is_halted, struct dispatch_result *result, struct err *err)
{
    struct waiting_list waiting = { 0 };
    int code = collect(input, &waiting, err);
    if (!code)
        code = db_begin(input->surveys, err);
    for (size_t i = 0; i < waiting.count && !code; i++)
        code = sweep_one(input, &waiting.list[i], is_halted, result, err);
    if (!code)
        code = db_commit(input->surveys, err);
    db_rollback(input->surveys);
    free(waiting.list);
    return code;
}

struct orphans {
    struct db *surveys;
    const char *outbox;
    struct dispatch_result *result;
};

static int drop_orphan(void *context, const char *id, struct err *err)
{
    const struct orphans *orphans = context;
    struct stmt *stmt = NULL;
    if (strncmp(id, PROOF_PREFIX, strlen(PROOF_PREFIX)) == 0)
        return 0;
    int code = db_prepare(orphans->surveys, QUERIES, "vouches", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":file_name", id);
    code = stmt_step(stmt, err);
    stmt_free(stmt);
    if (code)
        return code < 0 ? code : 0;
    orphans->result->dropped++;
    return spool_drop(orphans->outbox, id, err);
}

int dispatch_drop_orphans(struct db *surveys, const char *outbox, struct dispatch_result *result, struct err *err)
{
    struct orphans orphans = { surveys, outbox, result };
    return spool_each(outbox, drop_orphan, &orphans, err);
}

struct forgetting {
    struct db *surveys;
    const char *folder, *survey;
    int64_t *count;
};

static int forget_marker(void *context, const char *id, struct err *err)
{
    const struct forgetting *forgetting = context;
    struct stmt *stmt = NULL;
    int code = db_prepare(forgetting->surveys, QUERIES, "is_of", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":file_name", id);
    stmt_bind_string(stmt, ":survey", forgetting->survey);
    code = stmt_step(stmt, err);
    stmt_free(stmt);
    if (code <= 0)
        return code;
    ++*forgetting->count;
    return spool_drop(forgetting->folder, id, err);
}

int dispatch_forget(struct db *surveys, const char *outbox, const char *survey, int64_t *count, struct err *err)
{
    static const char *const folders[] = { "", "/sent", "/pulled" };
    int code = 0;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && !code; i++) {
        struct strbuf folder = { 0 };
        strbuf_addf(&folder, "%s%s", outbox, folders[i]);
        struct forgetting forgetting = { surveys, strbuf_text(&folder), survey, count };
        code = spool_each(strbuf_text(&folder), forget_marker, &forgetting, err);
        strbuf_release(&folder);
    }
    return code;
}

struct emptying {
    struct db *surveys;
    const char *outbox;
    int64_t before, *count;
};

static int empty_old(void *context, const char *id, struct err *err)
{
    const struct emptying *emptying = context;
    struct stmt *stmt = NULL;
    int code = db_prepare(emptying->surveys, QUERIES, "is_recent", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":file_name", id);
    stmt_bind_integer(stmt, ":before", emptying->before);
    code = stmt_step(stmt, err);
    stmt_free(stmt);
    if (code)
        return code < 0 ? code : 0;
    code = spool_empty(emptying->outbox, id, err);
    *emptying->count += code == 1;
    return code < 0 ? code : 0;
}

int dispatch_empty_sent(struct db *surveys, const char *outbox, int64_t before, int64_t *count, struct err *err)
{
    struct strbuf folder = { 0 };
    struct emptying emptying = { surveys, outbox, before, count };
    strbuf_addf(&folder, "%s/sent", outbox);
    int code = spool_each(strbuf_text(&folder), empty_old, &emptying, err);
    strbuf_release(&folder);
    return code;
}
