/* `fallzahl key init|status|rotate`: the keys of a workspace. */
#include "cli/command.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/act.h"
#include "core/atomfile.h"
#include "core/db.h"
#include "core/keyring.h"
#include "etl/key_epochs.h"
#include "etl/store_keys.h"
#include "surveys/dispatch.h"

enum { FINGERPRINT_HEX = 2 * PSEUDONYM_BYTES + 1 };

struct key_call {
    const struct invocation *invocation;
    struct workspace *workspace;
    struct keyring *keyring;
    struct db *cases, *surveys; /* NULL while there are none */
    json_t *keys;
    bool lost;
};

/* What rests on the keys of a purpose, where it is counted by epoch, and what it means to lose one. */
static const struct {
    enum key_purpose purpose;
    bool in_surveys;
    const char *count; /* query of key_epoch_number(), NULL: not counted */
    const char *consequence;
} uses[] = {
    { KEY_ANALYTICS, false, "identifiers",
      "no stored person is recognised; restore it, or give up the stored cases and read them again" },
    { KEY_OBJECTION, false, NULL, "no objector is recognised; nothing may be read or sent until it is restored" },
    { KEY_CASES, false, NULL, "no stored case or file is recognised; restore it, or give up the stored cases" },
    { KEY_CONTACT, true, "contacts", "no contact can be read, nothing is read in or sent; objections, erasures and opt-outs are done all the same. Restore it, or "
      "'fallzahl key give-up contact': the contacts go, opt-ins count again with the next address that comes" },
    { KEY_TOKEN, true, "invitations", "no open invitation can be answered, nothing is read in or sent. Restore it, or 'fallzahl key give-up token': they are over" },
    { KEY_QUARANTINE, false, NULL, "rows in quarantine and kept inputs cannot be read, nothing is read in or sent. Restore it, or 'fallzahl key give-up quarantine': "
      "they stay closed until their term" },
};

/* A purpose without key, or a key with which the store was made, or one whose file is no key. */
static void add_lost(struct key_call *call, size_t use, uint32_t epoch)
{
    const char *place = keyring_is_damaged(call->keyring, uses[use].purpose, epoch) ? "damaged" : "lost";
    json_array_append_new(call->keys,
                          json_pack("{s:s, s:I, s:s, s:s}", "purpose", key_purpose_name(uses[use].purpose), "epoch",
                                    (json_int_t)epoch, "place", place, "consequence", uses[use].consequence));
    call->lost = true;
}

static int add_key(struct key_call *call, size_t use, uint32_t epoch, struct err *err)
{
    unsigned char print[PSEUDONYM_BYTES];
    char hex[FINGERPRINT_HEX];
    enum key_purpose purpose = uses[use].purpose;
    struct db *db = uses[use].in_surveys ? call->surveys : call->cases;
    int64_t rows = 0;
    int code = uses[use].count && db ? key_epoch_number(db, uses[use].count, epoch, &rows, err) : 0;
    key_fingerprint(keyring_key(call->keyring, purpose, epoch), print);
    sodium_bin2hex(hex, sizeof hex, print, sizeof print);
    json_t *key = json_pack("{s:s, s:I, s:s, s:s}", "purpose", key_purpose_name(purpose), "epoch", (json_int_t)epoch,
                            "place", keyring_is_credential(call->keyring, purpose, epoch) ? "credential" : "file",
                            "fingerprint", hex);
    if (uses[use].count)
        json_object_set_new(key, "rows", json_integer(rows));
    bool spent = false;
    if (!code && purpose == KEY_ANALYTICS && db)
        code = key_epoch_is_spent(db, call->keyring, epoch, &spent, err);
    if (spent)
        json_object_set_new(key, "out_of_use", json_true());
    json_array_append_new(call->keys, key);
    return code;
}

static int add_purpose(struct key_call *call, size_t use, struct err *err)
{
    uint32_t epochs[PSEUDONYM_MAX_EPOCHS];
    size_t count = keyring_epochs(call->keyring, uses[use].purpose, epochs);
    int code = 0;
    for (size_t i = 0; i < count && !code; i++)
        code = add_key(call, use, epochs[i], err);
    size_t damaged = keyring_damaged(call->keyring, uses[use].purpose, epochs);
    for (size_t i = 0; i < damaged; i++)
        add_lost(call, use, epochs[i]);
    if (!count && !damaged)
        add_lost(call, use, 1);
    return code;
}

static size_t use_of(const char *purpose)
{
    size_t use = 0;
    while (use < sizeof uses / sizeof *uses && strcmp(key_purpose_name(uses[use].purpose), purpose) != 0)
        use++;
    return use;
}

/* Another key has its name: those that rest on it are as lost as without one. */
static void tell_other(struct key_call *call, size_t use, uint32_t epoch, const char *recorded)
{
    size_t i;
    json_t *key;
    json_array_foreach(call->keys, i, key)
        if (strcmp(json_string_value(json_object_get(key, "purpose")), key_purpose_name(uses[use].purpose)) == 0 &&
            json_integer_value(json_object_get(key, "epoch")) == epoch &&
            strcmp(json_string_value(json_object_get(key, "fingerprint")), recorded) != 0) {
            json_object_set_new(key, "place", json_string("another key"));
            json_object_set_new(key, "consequence", json_string(uses[use].consequence));
            call->lost = true;
        }
}

/* Keys with which the store was made: of which later ones are there, and those in whose place another lies. */
static int add_recorded(struct key_call *call, struct err *err)
{
    struct stmt *stmt;
    int step, code = db_prepare_text(call->cases, "SELECT purpose, epoch, lower(hex(fingerprint)) FROM store_key ORDER BY purpose, epoch", &stmt, err);
    if (code)
        return code;
    while ((step = stmt_step(stmt, err)) > 0) {
        size_t use = use_of(stmt_text(stmt, 0, NULL));
        uint32_t epoch = (uint32_t)stmt_integer(stmt, 1);
        if (use == sizeof uses / sizeof *uses || !keyring_epoch(call->keyring, uses[use].purpose))
            continue;
        if (keyring_key(call->keyring, uses[use].purpose, epoch))
            tell_other(call, use, epoch, stmt_text(stmt, 2, NULL));
        else if (!keyring_is_damaged(call->keyring, uses[use].purpose, epoch))
            add_lost(call, use, epoch);
    }
    stmt_free(stmt);
    return step;
}

static int open_existing(struct key_call *call, const char *schema, struct db **db, struct err *err)
{
    struct err missing;
    char *path = workspace_path(call->workspace, "state/%s.db", schema);
    int code = db_open(db, path, schema, DB_READ, &missing);
    free(path);
    if (code && code != ERR_NOINPUT) {
        *err = missing;
        return code;
    }
    return 0;
}

static const char *text_of(const json_t *key, const char *name)
{
    return json_string_value(json_object_get(key, name));
}

static void print_keys(const struct key_call *call)
{
    size_t i;
    const json_t *key;
    if (call->invocation->json) {
        json_dumpf(call->keys, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        putchar('\n');
        return;
    }
    json_array_foreach(call->keys, i, key) {
        const json_t *rows = json_object_get(key, "rows");
        const char *consequence = text_of(key, "consequence");
        printf("%s.%lld  %s  %s", text_of(key, "purpose"), (long long)json_integer_value(json_object_get(key, "epoch")),
               text_of(key, "place"), consequence ? consequence : text_of(key, "fingerprint"));
        if (rows)
            printf("  %lld rows", (long long)json_integer_value(rows));
        if (json_object_get(key, "out_of_use"))
            printf("  out of use: take it out of the unit");
        putchar('\n');
    }
}

static int run_status(struct key_call *call, struct err *err)
{
    char *keys = workspace_path(call->workspace, "keys");
    int code = keyring_open(&call->keyring, keys, err);
    free(keys);
    if (!code)
        code = open_existing(call, "cases", &call->cases, err);
    if (!code)
        code = open_existing(call, "surveys", &call->surveys, err);
    call->keys = json_array();
    for (size_t use = 0; use < sizeof uses / sizeof *uses && !code; use++)
        code = add_purpose(call, use, err);
    if (!code && call->cases)
        code = add_recorded(call, err);
    if (!code)
        print_keys(call);
    if (!code && call->lost)
        code = err_set(err, ERR_PERMISSION, "a key is lost; put it back from its safe copy: it is not replaced");
    return code;
}

static int run_init(struct key_call *call, struct err *err)
{
    return workspace_make_keys(call->workspace->folder, err);
}

static int run_rotate(struct key_call *call, struct err *err)
{
    uint32_t epoch = 0;
    char *keys = workspace_path(call->workspace, "keys");
    int code = keyring_rotate(keys, KEY_ANALYTICS, &epoch, err);
    free(keys);
    if (!code && !call->invocation->quiet)
        printf("analytics.%u is the newest key; keep a safe copy of it until it is replaced in turn\n", (unsigned)epoch);
    return code;
}

/* ---- a key that is gone for good ---- */

static int find_given_up(const struct invocation *invocation, enum key_purpose *purpose, struct err *err)
{
    static const enum key_purpose given_up[] = { KEY_CONTACT, KEY_TOKEN, KEY_QUARANTINE };
    for (size_t i = 0; i < sizeof given_up / sizeof *given_up && invocation->argument_count > 1; i++)
        if (strcmp(key_purpose_name(given_up[i]), invocation->arguments[1]) == 0) {
            *purpose = given_up[i];
            return 0;
        }
    return err_set(err, ERR_USAGE, "expected 'key give-up contact', 'token' or 'quarantine'; no other key can be given up");
}

struct lost_epochs {
    enum key_purpose purpose;
    uint32_t list[PSEUDONYM_MAX_EPOCHS], newest;
    size_t count;
};

static void find_lost(void *context, const struct store_key *key)
{
    struct lost_epochs *lost = context;
    if (key->purpose != lost->purpose)
        return;
    lost->newest = key->epoch > lost->newest ? key->epoch : lost->newest;
    if (!key->is_same && lost->count < PSEUDONYM_MAX_EPOCHS)
        lost->list[lost->count++] = key->epoch;
}

/* A damaged one that the store was not yet opened with, too. */
static void add_damaged(const struct key_call *call, struct lost_epochs *lost)
{
    uint32_t epochs[PSEUDONYM_MAX_EPOCHS];
    size_t count = keyring_damaged(call->keyring, lost->purpose, epochs);
    for (size_t i = 0; i < count; i++) {
        size_t known = lost->count;
        while (known && lost->list[known - 1] != epochs[i])
            known--;
        lost->newest = epochs[i] > lost->newest ? epochs[i] : lost->newest;
        if (!known && lost->count < PSEUDONYM_MAX_EPOCHS)
            lost->list[lost->count++] = epochs[i];
    }
}

/* What is left of its file is overwritten, too; a credential has none. */
static int forget(const struct key_call *call, enum key_purpose purpose, uint32_t epoch, struct err *err)
{
    char *keys = workspace_path(call->workspace, "keys");
    int code = keyring_is_damaged(call->keyring, purpose, epoch) ? keyring_destroy(keys, purpose, epoch, err) : 0;
    free(keys);
    return code && code != ERR_NOINPUT ? code : store_keys_forget(call->cases, purpose, epoch, err);
}

static int open_both(struct key_call *call, struct err *err)
{
    char *keys = workspace_path(call->workspace, "keys"), *cases = workspace_path(call->workspace, "state/cases.db"),
         *surveys = workspace_path(call->workspace, "state/surveys.db");
    int code = keyring_open(&call->keyring, keys, err);
    if (!code)
        code = db_open(&call->cases, cases, "cases", DB_WRITE, err);
    if (!code)
        code = db_open(&call->surveys, surveys, "surveys", DB_CREATE, err);
    free(keys);
    free(cases);
    free(surveys);
    return code;
}

/* Messages that nothing vouches for any more: their links lead nowhere or nobody can say whose they are, and the mailer may pick them
 * up at any time. */
static int drop_messages(struct key_call *call, struct err *err)
{
    struct dispatch_result dropped = { 0 };
    char *outbox = workspace_path(call->workspace, "outbox");
    int code = atomfile_clean(outbox, err);
    if (!code)
        code = dispatch_drop_orphans(call->surveys, outbox, &dropped, err);
    free(outbox);
    return code;
}

/* In this order: killed anywhere, the key is still told as lost, and it is done again. */
static int give_up(struct key_call *call, const struct lost_epochs *lost, struct err *err)
{
    char *keys = workspace_path(call->workspace, "keys");
    int64_t rows = 0;
    uint32_t epoch = 0;
    int code = db_begin(call->surveys, err);
    for (size_t i = 0; i < lost->count && !code; i++)
        code = key_epoch_give_up(call->surveys, lost->purpose, lost->list[i], &rows, err);
    if (!code)
        code = db_commit(call->surveys, err);
    db_rollback(call->surveys);
    if (!code)
        code = db_checkpoint(call->surveys, err);
    if (!code)
        code = drop_messages(call, err);
    if (!code)
        code = keyring_renew(keys, lost->purpose, lost->newest, &epoch, err);
    for (size_t i = 0; i < lost->count && !code; i++)
        code = forget(call, lost->purpose, lost->list[i], err);
    free(keys);
    if (!code && !call->invocation->quiet)
        printf("given up: %lld contacts, messages or invitations; %s.%u is the newest key, keep a safe copy of it\n", (long long)rows,
               key_purpose_name(lost->purpose), (unsigned)epoch);
    return code;
}

static int run_give_up(struct key_call *call, struct err *err)
{
    struct lost_epochs lost = { 0 };
    int code = find_given_up(call->invocation, &lost.purpose, err);
    if (!code)
        code = open_both(call, err);
    if (!code)
        code = store_keys_each(call->cases, call->keyring, find_lost, &lost, err);
    if (code)
        return code;
    add_damaged(call, &lost);
    if (!lost.count)
        return err_set(err, ERR_USAGE, "the key for %s is in its place; only a lost one can be given up", key_purpose_name(lost.purpose));
    return give_up(call, &lost, err);
}

static const struct {
    const char *name, *act; /* act NULL: changes nothing */
    int (*run)(struct key_call *call, struct err *err);
} verbs[] = {
    { "init", "key init", run_init },
    { "status", NULL, run_status },
    { "rotate", "key rotate", run_rotate },
    { "give-up", "key give-up", run_give_up },
};

static int run_verb(struct key_call *call, size_t verb, struct err *err)
{
    const struct clock *clock = &call->invocation->clock;
    if (!verbs[verb].act)
        return verbs[verb].run(call, err);
    struct act act = { .workspace = call->workspace, .clock = clock, .name = verbs[verb].act };
    int code = workspace_enter(call->workspace, clock, WORKSPACE_STORES, err);
    if (!code)
        code = act_begin(&act, err);
    if (!code)
        code = verbs[verb].run(call, err);
    return act_end(&act, code, NULL, err);
}

static int run(const struct invocation *invocation, struct err *err)
{
    struct key_call call = { .invocation = invocation };
    size_t verb = 0;
    while (verb < sizeof verbs / sizeof *verbs && strcmp(verbs[verb].name, invocation->arguments[0]) != 0)
        verb++;
    if (verb == sizeof verbs / sizeof *verbs || (invocation->argument_count > 1 && verbs[verb].run != run_give_up))
        return err_set(err, ERR_USAGE, "expected 'key init', 'key status', 'key rotate' or 'key give-up PURPOSE'");
    int code = workspace_open(&call.workspace, invocation->folder, err);
    if (!code)
        code = run_verb(&call, verb, err);
    json_decref(call.keys);
    db_close(call.cases);
    db_close(call.surveys);
    keyring_free(call.keyring);
    workspace_close(call.workspace);
    return code;
}

const struct command command_key = {
    .name = "key",
    .usage = "init|status|rotate|give-up PURPOSE",
    .summary = "make, list, rotate or give up the workspace's keys",
    .help = "'init' makes the keys of a workspace that has none; where data was stored, a lost key is never replaced. 'status' lists\n"
            "purpose, epoch, where the key is, its fingerprint (the keyed hash of a constant) and how many rows rest on it; for\n"
            "a lost key it says what that means, and the exit status is 77.\n"
            "\n"
            "'rotate' makes a new key for the pseudonyms of customers. Who is seen again goes over to it; a key on which nothing\n"
            "rests any more is overwritten and removed by the next night. After a year only held cases, those that were delivered\n"
            "again without their identifiers, and holds by an identifier keep it: what else no stored case carries is forgotten then.\n"
            "No person is counted twice meanwhile. The keys for objections and cases do not rotate: an objector is recognised for ever.\n"
            "\n"
            "'give-up contact', 'token' or 'quarantine' goes on without a key that is lost for good: what rested on it goes, as\n"
            "'key status' says, and a new key is made. No key is given up that is in its place.\n"
            "\n"
            "A key may also be a systemd credential named fallzahl-PURPOSE.EPOCH (LoadCredentialEncrypted=).\n"
            "This program cannot remove one: the night, 'status' and 'fallzahl check' say which is out of use.\n"
            "\n"
            "Examples:\n"
            "  fallzahl key status\n"
            "  fallzahl key rotate\n",
    .minimum_arguments = 1,
    .maximum_arguments = 2,
    .run = run,
};
