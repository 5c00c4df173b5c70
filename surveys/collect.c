#include "surveys/collect.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "surveys/consent.h"
#include "surveys/intake.h"
#include "surveys/token.h"

#define QUERIES "surveys/sql/collect.sql"

/* Queries of one database with another's rows as parameters. */
struct pair {
    struct stmt *from, *to;
};

static int prepare_pair(struct pair *pair, struct db *from, const char *read, struct db *to, const char *write, struct err *err)
{
    *pair = (struct pair){ 0 };
    int code = db_prepare(from, QUERIES, read, &pair->from, err);
    return code ? code : db_prepare(to, QUERIES, write, &pair->to, err);
}

static void free_pair(struct pair *pair)
{
    stmt_free(pair->from);
    stmt_free(pair->to);
}

static int add_seals(const struct collect_input *input, struct err *err)
{
    uint32_t epochs[PSEUDONYM_MAX_EPOCHS];
    size_t count = keyring_epochs(input->keyring, KEY_TOKEN, epochs);
    struct stmt *stmt = NULL;
    int code = db_prepare(input->intake, QUERIES, "add_seal", &stmt, err);
    for (size_t i = 0; i < count && !code; i++) {
        unsigned char public_key[KEY_BYTES], secret_key[KEY_BYTES];
        intake_key_pair(keyring_key(input->keyring, KEY_TOKEN, epochs[i]), public_key, secret_key);
        explicit_bzero(secret_key, sizeof secret_key);
        stmt_bind_integer(stmt, ":epoch", epochs[i]);
        stmt_bind_blob(stmt, ":public_key", public_key, sizeof public_key);
        code = stmt_run(stmt, err);
    }
    stmt_free(stmt);
    return code;
}

/* The page asks what was approved last, also whoever was invited by an earlier plan. */
static int add_approved(const struct collect_input *input, struct err *err)
{
    struct pair pair;
    size_t length;
    int code = prepare_pair(&pair, input->surveys, "approved", input->intake, "add_approved", err);
    if (!code) {
        stmt_bind_string(pair.from, ":survey", input->survey->name);
        code = stmt_step(pair.from, err);
    }
    if (code == 1) {
        const void *digest = stmt_blob(pair.from, 0, &length);
        stmt_bind_string(pair.to, ":survey", input->survey->name);
        stmt_bind_blob(pair.to, ":questions", digest, length);
        code = stmt_run(pair.to, err);
    }
    free_pair(&pair);
    return code;
}

static int add_ticket(const struct collect_input *input, const struct pair *pair, struct collect_result *result, struct err *err)
{
    size_t length;
    const void *hash = stmt_blob(pair->from, 0, &length);
    stmt_bind_blob(pair->to, ":hash", hash, length);
    stmt_bind_string(pair->to, ":kind", stmt_text(pair->from, 1, NULL));
    stmt_bind_string(pair->to, ":survey", input->survey->name);
    stmt_bind_string(pair->to, ":controller", input->survey->controller);
    stmt_bind_string(pair->to, ":language", stmt_text(pair->from, 2, NULL));
    stmt_bind_string(pair->to, ":segment", stmt_text(pair->from, 3, NULL));
    stmt_bind_integer(pair->to, ":expires", stmt_integer(pair->from, 4));
    stmt_bind_integer(pair->to, ":anonymous", strcmp(stmt_text(pair->from, 5, NULL), "anonymous") == 0);
    stmt_bind_integer(pair->to, ":wave", stmt_integer(pair->from, 6));
    stmt_bind_integer(pair->to, ":finished", stmt_integer(pair->from, 7));
    stmt_bind_integer(pair->to, ":opted_out", stmt_integer(pair->from, 8));
    stmt_bind_integer(pair->to, ":confirmed", stmt_integer(pair->from, 9));
    int code = stmt_run(pair->to, err);
    result->issued += code ? 0 : db_changes(input->intake);
    return code;
}

static int add_tickets(const struct collect_input *input, struct collect_result *result, struct err *err)
{
    struct pair pair;
    int code = prepare_pair(&pair, input->surveys, "links", input->intake, "add_ticket", err), step = 0;
    if (!code) {
        stmt_bind_string(pair.from, ":survey", input->survey->name);
        stmt_bind_integer(pair.from, ":now", input->now);
    }
    while (!code && (step = stmt_step(pair.from, err)) == 1)
        code = add_ticket(input, &pair, result, err);
    free_pair(&pair);
    return code ? code : step;
}

int collect_issue(const struct collect_input *input, struct collect_result *result, struct err *err)
{
    int code = db_begin(input->intake, err);
    if (code)
        return code;
    code = add_seals(input, err);
    if (!code)
        code = add_approved(input, err);
    if (!code)
        code = add_tickets(input, result, err);
    if (!code)
        return db_commit(input->intake, err);
    db_rollback(input->intake);
    return code;
}

/* Runs the query `write` of surveys.db for each token hash that `read` gives in intake.db; counts the rows that changed. */
static int mark(const struct collect_input *input, const char *read, const char *write, int64_t *changed, struct err *err)
{
    struct pair pair;
    int code = prepare_pair(&pair, input->intake, read, input->surveys, write, err), step = 0;
    if (!code)
        stmt_bind_string(pair.from, ":survey", input->survey->name);
    while (!code && (step = stmt_step(pair.from, err)) == 1) {
        size_t length;
        const void *hash = stmt_blob(pair.from, 0, &length);
        stmt_bind_blob(pair.to, ":hash", hash, length);
        code = stmt_run(pair.to, err);
        *changed += code ? 0 : db_changes(input->surveys);
    }
    free_pair(&pair);
    return code ? code : step;
}

static int find_recipient(const struct collect_input *input, const void *hash, int64_t *recipient, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "recipient_of", &stmt, err);
    if (code)
        return code;
    stmt_bind_blob(stmt, ":hash", hash, TOKEN_HASH_BYTES);
    code = stmt_step(stmt, err);
    *recipient = code == 1 ? stmt_integer(stmt, 0) : 0;
    stmt_free(stmt);
    return code < 0 ? code : 0;
}

/* Clicks as they were read: what comes later stays for the next time. */
struct act_list {
    struct recorded_act {
        unsigned char hash[TOKEN_HASH_BYTES];
        bool confirms; /* else it is an opt-out */
        int64_t occurred_at;
    } *list;
    size_t count, capacity;
};

static const char *kind_of(const struct recorded_act *act)
{
    return act->confirms ? "confirm" : "opt_out";
}

static int record_act(const struct collect_input *input, const struct recorded_act *act, struct collect_result *result, struct err *err)
{
    struct consent_event event = { .controller = input->survey->controller, .purpose = input->survey->purpose,
                                   .kind = act->confirms ? CONSENT_OPT_IN : CONSENT_OPT_OUT, .origin = CONSENT_FROM_PAGE,
                                   .occurred_at = act->occurred_at, .recorded_at = input->now };
    bool is_new = false;
    int code = find_recipient(input, act->hash, &event.recipient, err);
    if (!code && event.recipient)
        code = consent_record(input->surveys, &event, &is_new, err);
    *(act->confirms ? &result->confirmations : &result->opt_outs) += is_new;
    return code;
}

static int read_acts(const struct collect_input *input, struct act_list *acts, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->intake, QUERIES, "acts", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", input->survey->name);
    while ((code = stmt_step(stmt, err)) == 1) {
        size_t length;
        const void *hash = stmt_blob(stmt, 0, &length);
        if (length != TOKEN_HASH_BYTES)
            continue;
        MEM_GROW(acts->list, acts->count, acts->capacity);
        memcpy(acts->list[acts->count].hash, hash, length);
        acts->list[acts->count].confirms = strcmp(stmt_text(stmt, 1, NULL), "confirm") == 0;
        acts->list[acts->count++].occurred_at = stmt_integer(stmt, 2);
    }
    stmt_free(stmt);
    return code;
}

static int mark_refused(const struct collect_input *input, const unsigned char hash[TOKEN_HASH_BYTES], struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "mark_refused", &stmt, err);
    if (code)
        return code;
    stmt_bind_blob(stmt, ":hash", hash, TOKEN_HASH_BYTES);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

static int record_acts(const struct collect_input *input, const struct act_list *acts, struct collect_result *result, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < acts->count && !code; i++) {
        code = record_act(input, &acts->list[i], result, err);
        if (!code && !acts->list[i].confirms)
            code = mark_refused(input, acts->list[i].hash, err);
    }
    return code;
}

static int drop_act(const struct collect_input *input, const struct recorded_act *act, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->intake, QUERIES, "drop_act", &stmt, err);
    if (code)
        return code;
    stmt_bind_blob(stmt, ":hash", act->hash, TOKEN_HASH_BYTES);
    stmt_bind_string(stmt, ":kind", kind_of(act));
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

static int drop_acts(const struct collect_input *input, const struct act_list *acts, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < acts->count && !code; i++)
        code = drop_act(input, &acts->list[i], err);
    return code;
}

static int take_acts(const struct collect_input *input, const struct act_list *acts, struct collect_result *result, struct err *err)
{
    int64_t ignored = 0;
    int code = db_begin(input->surveys, err);
    if (code)
        return code;
    code = record_acts(input, acts, result, err);
    if (!code)
        code = mark(input, "finished", "mark_answered", &result->finished, err);
    if (!code)
        code = mark(input, "begun", "mark_begun", &ignored, err);
    if (!code)
        return db_commit(input->surveys, err);
    db_rollback(input->surveys);
    return code;
}

/* Into the ledger first; a click is deleted after that is committed. Recording it twice changes nothing. */
int collect_acts(const struct collect_input *input, struct collect_result *result, struct err *err)
{
    struct act_list acts = { 0 };
    int code = read_acts(input, &acts, err);
    if (!code)
        code = take_acts(input, &acts, result, err);
    if (!code)
        code = drop_acts(input, &acts, err);
    free(acts.list);
    return code;
}

bool collect_open_answer(const struct keyring *keyring, int64_t epoch, struct slice sealed, struct strbuf *json)
{
    const unsigned char *key = epoch > 0 && epoch <= UINT32_MAX ? keyring_key(keyring, KEY_TOKEN, (uint32_t)epoch) : NULL;
    unsigned char public_key[KEY_BYTES], secret_key[KEY_BYTES];
    if (!key || sealed.length <= crypto_box_SEALBYTES)
        return false;
    intake_key_pair(key, public_key, secret_key);
    for (size_t left = sealed.length - crypto_box_SEALBYTES; left; left--)
        strbuf_addc(json, '\0');
    bool opened = crypto_box_seal_open((unsigned char *)json->text, (const unsigned char *)sealed.text, sealed.length, public_key, secret_key) == 0;
    sodium_memzero(secret_key, sizeof secret_key);
    json->length = opened ? strlen(json->text) : 0; /* without the padding */
    return opened;
}
