#include "surveys/intake.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define QUERIES "surveys/sql/intake.sql"

enum { PAD_BYTES = 256 };

_Static_assert(crypto_box_SEEDBYTES == KEY_BYTES && crypto_box_PUBLICKEYBYTES == KEY_BYTES && crypto_box_SECRETKEYBYTES == KEY_BYTES,
               "a token key gives a pair of X25519 keys");

static void copy_text(char *out, size_t size, struct stmt *stmt, int column)
{
    snprintf(out, size, "%s", stmt_text(stmt, column, NULL));
}

static void read_digest(struct stmt *stmt, int column, unsigned char questions[INTAKE_DIGEST_BYTES])
{
    size_t length = 0;
    const void *digest = stmt_is_null(stmt, column) ? NULL : stmt_blob(stmt, column, &length);
    if (digest && length == INTAKE_DIGEST_BYTES)
        memcpy(questions, digest, INTAKE_DIGEST_BYTES);
}

static void read_ticket(struct stmt *stmt, struct ticket *ticket)
{
    *ticket = (struct ticket){ .kind = strcmp(stmt_text(stmt, 0, NULL), "answer") == 0 ? INTAKE_ANSWER : INTAKE_CONFIRM };
    copy_text(ticket->survey, sizeof ticket->survey, stmt, 1);
    copy_text(ticket->controller, sizeof ticket->controller, stmt, 2);
    ticket->wave = stmt_integer(stmt, 3);
    copy_text(ticket->language, sizeof ticket->language, stmt, 4);
    ticket->anonymous = stmt_integer(stmt, 5);
    ticket->expires_at = stmt_integer(stmt, 6);
    ticket->finished = stmt_integer(stmt, 7);
    ticket->opted_out = stmt_integer(stmt, 8);
    ticket->confirmed = stmt_integer(stmt, 9);
    ticket->saved = stmt_integer(stmt, 10);
    read_digest(stmt, 11, ticket->questions);
}

int intake_find(struct db *intake, const unsigned char hash[TOKEN_HASH_BYTES], struct ticket *ticket, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(intake, QUERIES, "find", &stmt, err);
    if (code)
        return code;
    stmt_bind_blob(stmt, ":hash", hash, TOKEN_HASH_BYTES);
    code = stmt_step(stmt, err);
    if (code == 1)
        read_ticket(stmt, ticket);
    stmt_free(stmt);
    return code;
}

int intake_approved(struct db *intake, const char *survey, unsigned char questions[INTAKE_DIGEST_BYTES], struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(intake, QUERIES, "approved", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", survey);
    code = stmt_step(stmt, err);
    if (code == 1)
        read_digest(stmt, 0, questions);
    stmt_free(stmt);
    return code;
}

int intake_promised(struct db *intake, const char *survey, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(intake, QUERIES, "promised", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", survey);
    code = stmt_step(stmt, err);
    stmt_free(stmt);
    return code;
}

/* The key of a partial response. The token alone would not do: the token key, an outbox and every mail system on the way have it. */
static void partial_key(const char token[TOKEN_LENGTH + 1], const char secret[TOKEN_LENGTH + 1], unsigned char key[KEY_BYTES])
{
    static const char context[] = "fallzahl partial response, of token and secret";
    unsigned char both[2 * TOKEN_LENGTH];
    memcpy(both, token, TOKEN_LENGTH);
    memcpy(both + TOKEN_LENGTH, secret, TOKEN_LENGTH);
    crypto_generichash(key, KEY_BYTES, both, sizeof both, (const unsigned char *)context, sizeof context);
    sodium_memzero(both, sizeof both);
}

int intake_load_partial(struct db *intake, const char token[TOKEN_LENGTH + 1], const char secret[TOKEN_LENGTH + 1], struct strbuf *json,
                        struct err *err)
{
    unsigned char hash[TOKEN_HASH_BYTES], key[KEY_BYTES];
    struct stmt *stmt = NULL;
    size_t length;
    int code = db_prepare(intake, QUERIES, "load_partial", &stmt, err);
    if (code)
        return code;
    token_hash(token, hash);
    partial_key(token, secret, key);
    stmt_bind_blob(stmt, ":hash", hash, sizeof hash);
    code = stmt_step(stmt, err);
    if (code == 1) {
        const char *sealed = stmt_blob(stmt, 0, &length);
        code = key_decrypt(key, "partial", (struct slice){ sealed, length }, json, NULL) == 0; /* else it was saved under another secret */
        if (code)
            json->length = strlen(strbuf_text(json)); /* without the padding */
    }
    stmt_free(stmt);
    sodium_memzero(key, sizeof key);
    return code;
}

void intake_key_pair(const unsigned char token_key[KEY_BYTES], unsigned char public_key[KEY_BYTES], unsigned char secret_key[KEY_BYTES])
{
    static const char context[] = "fallzahl intake seal";
    unsigned char seed[crypto_box_SEEDBYTES];
    crypto_generichash(seed, sizeof seed, (const unsigned char *)context, sizeof context, token_key, KEY_BYTES);
    crypto_box_seed_keypair(public_key, secret_key, seed);
    sodium_memzero(seed, sizeof seed);
}

/* The answers and zeros, at least one, up to the size that all answers of the survey have: a length would tell who wrote much, and
 * which of the finished answers was begun by whom. */
static void pad(const struct intake_job *job, struct strbuf *out)
{
    size_t unit = (job->room / PAD_BYTES + 1) * PAD_BYTES;
    strbuf_add(out, job->json.text, job->json.length);
    for (size_t left = unit - job->json.length % unit; left; left--)
        strbuf_addc(out, '\0');
}

/* Runs a query of the token's hash that changes one row at most. */
static int change(struct db *intake, const char *name, const unsigned char hash[TOKEN_HASH_BYTES], struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(intake, QUERIES, name, &stmt, err);
    if (code)
        return code;
    stmt_bind_blob(stmt, ":hash", hash, TOKEN_HASH_BYTES);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

static int save_partial(struct db *intake, const struct intake_job *job, const unsigned char hash[TOKEN_HASH_BYTES], struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(intake, QUERIES, "save_partial", &stmt, err);
    if (code)
        return code;
    unsigned char key[KEY_BYTES];
    struct strbuf plain = { 0 }, sealed = { 0 };
    partial_key(job->token, job->secret, key);
    pad(job, &plain);
    key_encrypt(key, "partial", (struct slice){ plain.text, plain.length }, &sealed);
    sodium_memzero(key, sizeof key);
    stmt_bind_blob(stmt, ":hash", hash, TOKEN_HASH_BYTES);
    stmt_bind_blob(stmt, ":sealed", sealed.text, sealed.length);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    strbuf_wipe(&plain);
    strbuf_release(&sealed);
    return code;
}

struct seal {
    int64_t epoch;
    unsigned char public_key[KEY_BYTES];
};

static int newest_seal(struct db *intake, struct seal *seal, struct err *err)
{
    struct stmt *stmt = NULL;
    size_t length = 0;
    int code = db_prepare(intake, QUERIES, "newest_seal", &stmt, err);
    if (code)
        return code;
    code = stmt_step(stmt, err);
    const void *key = code == 1 ? stmt_blob(stmt, 1, &length) : NULL;
    if (key && length == KEY_BYTES) {
        seal->epoch = stmt_integer(stmt, 0);
        memcpy(seal->public_key, key, KEY_BYTES);
        code = 0;
    } else if (code >= 0) {
        code = err_set(err, ERR_CONFIG, "there is no key to seal answers with: send a survey first");
    }
    stmt_free(stmt);
    return code;
}

static void seal_answer(const struct seal *seal, const struct intake_job *job, struct strbuf *out)
{
    struct strbuf plain = { 0 };
    pad(job, &plain);
    for (size_t left = plain.length + crypto_box_SEALBYTES; left; left--)
        strbuf_addc(out, '\0');
    if (crypto_box_seal((unsigned char *)out->text, (const unsigned char *)plain.text, plain.length, seal->public_key))
        BUG("crypto_box_seal");
    strbuf_wipe(&plain);
}

static int add_waiting(struct db *intake, const struct intake_job *job, const unsigned char hash[TOKEN_HASH_BYTES], struct err *err)
{
    struct seal seal;
    struct stmt *stmt = NULL;
    struct strbuf sealed = { 0 };
    uint64_t number;
    int code = newest_seal(intake, &seal, err);
    if (!code)
        code = db_prepare(intake, QUERIES, "add_waiting", &stmt, err);
    if (code)
        return code;
    randombytes_buf(&number, sizeof number);
    seal_answer(&seal, job, &sealed);
    stmt_bind_integer(stmt, ":waiting", (int64_t)(number >> 2) + 1);
    stmt_bind_integer(stmt, ":epoch", seal.epoch);
    stmt_bind_blob(stmt, ":sealed", sealed.text, sealed.length);
    stmt_bind_blob(stmt, ":questions", job->questions, sizeof job->questions);
    stmt_bind_blob(stmt, ":hash", hash, TOKEN_HASH_BYTES);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    strbuf_release(&sealed);
    return code;
}

static int finish(struct db *intake, const struct intake_job *job, const unsigned char hash[TOKEN_HASH_BYTES], struct err *err)
{
    int code = add_waiting(intake, job, hash, err);
    if (!code)
        code = change(intake, "drop_partial", hash, err);
    return code ? code : change(intake, "spend", hash, err);
}

static int add_act(struct db *intake, const struct intake_job *job, const unsigned char hash[TOKEN_HASH_BYTES], struct err *err)
{
    bool confirms = job->deed == INTAKE_CONFIRM_OPT_IN;
    struct stmt *stmt = NULL;
    int code = db_prepare(intake, QUERIES, "add_act", &stmt, err);
    if (code)
        return code;
    stmt_bind_blob(stmt, ":hash", hash, TOKEN_HASH_BYTES);
    stmt_bind_string(stmt, ":kind", confirms ? "confirm" : "opt_out");
    stmt_bind_integer(stmt, ":now", job->now);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code ? code : change(intake, confirms ? "mark_confirmed" : "mark_opted_out", hash, err);
}

/* What becomes of the deed with a ticket as it stands. An opt-out works for ever: the right to it does not expire. */
static enum intake_outcome judge(const struct ticket *ticket, const struct intake_job *job)
{
    bool is_answer = job->deed == INTAKE_SAVE || job->deed == INTAKE_FINISH;
    if (job->deed == INTAKE_OPT_OUT)
        return ticket->opted_out ? INTAKE_REPEATED : INTAKE_DONE;
    if (is_answer != (ticket->kind == INTAKE_ANSWER))
        return INTAKE_UNKNOWN;
    if (is_answer ? ticket->finished : ticket->confirmed)
        return INTAKE_REPEATED;
    if (is_answer && ticket->opted_out)
        return INTAKE_UNKNOWN;
    if (job->now >= ticket->expires_at)
        return INTAKE_EXPIRED;
    return is_answer && memcmp(ticket->questions, job->questions, sizeof job->questions) != 0 ? INTAKE_CHANGED : INTAKE_DONE;
}

static int do_job(struct db *intake, struct intake_job *job, struct err *err)
{
    unsigned char hash[TOKEN_HASH_BYTES];
    struct ticket ticket;
    token_hash(job->token, hash);
    int found = intake_find(intake, hash, &ticket, err);
    if (found < 0)
        return found;
    job->outcome = found ? judge(&ticket, job) : INTAKE_UNKNOWN;
    if (job->outcome != INTAKE_DONE)
        return 0;
    switch (job->deed) {
    case INTAKE_SAVE:
        return save_partial(intake, job, hash, err);
    case INTAKE_FINISH:
        return finish(intake, job, hash, err);
    case INTAKE_OPT_OUT:
        found = change(intake, "drop_partial", hash, err);
        return found ? found : add_act(intake, job, hash, err);
    case INTAKE_CONFIRM_OPT_IN:
        break;
    }
    return add_act(intake, job, hash, err);
}

int intake_do(struct db *intake, struct intake_job *const *jobs, size_t count, struct err *err)
{
    int code = db_begin(intake, err);
    for (size_t i = 0; i < count && !code; i++)
        code = do_job(intake, jobs[i], err);
    if (!code)
        return db_commit(intake, err);
    db_rollback(intake);
    return code;
}
