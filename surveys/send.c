#include "surveys/send.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/strbuf.h"
#include "surveys/audience.h"
#include "surveys/consent.h"
#include "surveys/contact.h"
#include "surveys/message.h"
#include "surveys/spool.h"
#include "surveys/token.h"
#include "surveys/zones.h"

#define QUERIES "surveys/sql/send.sql"

enum { SECONDS_PER_DAY = 86400, BOUNCES_MIN = 20 };

/* One message to be: what the query gave, then what follows from it. */
struct outgoing {
    int64_t recipient, invitation, number; /* number 0: the invitation, then reminders */
    unsigned char case_hash[CASE_HASH_BYTES];
    char language[16];
    uint32_t epoch;          /* of the token key */
    char id[2 * PSEUDONYM_BYTES + 1];
    char token[TOKEN_LENGTH + 1];
    struct consent_state consent;
};

struct sender {
    const struct send_input *input;
    struct send_result *result;
    struct zones zones;
    struct plan plan;
    int64_t expires_at;
};

struct batch {
    struct outgoing *list;
    size_t count, capacity;
};

/* Number and name of a message follow from who is asked what, under a key that does not rotate, and so does the token
 * within its key's epoch: a second attempt makes the same. A reminder has the invitation's own token. */
static void name_message(const struct send_input *input, struct outgoing *outgoing)
{
    const unsigned char *key = keyring_key(input->keyring, KEY_OBJECTION, keyring_epoch(input->keyring, KEY_OBJECTION));
    struct strbuf text = { 0 };
    unsigned char digest[PSEUDONYM_BYTES];
    strbuf_addf(&text, "%s:%lld:%lld", input->survey->name, (long long)input->survey->wave, (long long)outgoing->recipient);
    pseudonym_derive(key, "invitation", (struct slice) { strbuf_text(&text), text.length }, digest);
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++)
        number = number << 8 | digest[i];
    outgoing->invitation = (int64_t)(number >> 2) + 1;
    if (!outgoing->number)
        outgoing->epoch = keyring_epoch(input->keyring, KEY_TOKEN);
    token_derive(keyring_key(input->keyring, KEY_TOKEN, outgoing->epoch), outgoing->epoch, outgoing->invitation, outgoing->token);
    strbuf_addf(&text, ":%lld", (long long)outgoing->number);
    pseudonym_derive(key, "message", (struct slice) { strbuf_text(&text), text.length }, digest);
    sodium_bin2hex(outgoing->id, sizeof outgoing->id, digest, sizeof digest);
    strbuf_release(&text);
}

/* 1: may be sent now; 0: not (counted in the result). */
static int check_again(struct sender *sender, struct outgoing *outgoing, const struct contact *contact, struct err *err)
{
    const struct send_input *input = sender->input;
    struct consent_event question = { .recipient = outgoing->recipient, .controller = input->survey->controller, .purpose = input->survey->purpose };
    enum legal_basis basis = policy_basis(input->policy, input->survey, contact->country);
    int code = consent_check(input->surveys, &question, basis == BASIS_DOUBLE_OPT_IN, input->now, &outgoing->consent, err);
    if (code)
        return code;
    int stopped = outgoing->consent.verdict != CONSENT_GIVEN || basis == BASIS_NONE;
    if (!stopped)
        stopped = audience_has_bounced(input->surveys, outgoing->recipient, err);
    if (!stopped)
        stopped = audience_is_capped(input->surveys, input->survey, outgoing->recipient, input->now, err);
    if (stopped < 0)
        return stopped;
    if (stopped) {
        sender->result->refused++;
        return 0;
    }
    if (zones_quiet_until(&sender->zones, input->survey, contact, input->now) > input->now) {
        sender->result->quiet++;
        return 0;
    }
    return 1;
}

static char *decision_json(const struct sender *sender, const struct outgoing *outgoing)
{
    const struct survey *survey = sender->input->survey;
    json_t *decision = json_pack("{s:I, s:s, s:s, s:I, s:I, s:s}", "consent_event", (json_int_t)outgoing->consent.event,
                                 "consent", consent_verdict_name(outgoing->consent.verdict), "suppression", "none",
                                 "cap_invitations", (json_int_t)survey->cap_invitations, "cap_days",
                                 (json_int_t)survey->cap_days, "approved_by", sender->plan.approved_by);
    char *text = decision ? json_dumps(decision, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    json_decref(decision);
    if (!text)
        mem_fail();
    return text;
}

static int add_invitation(const struct sender *sender, const struct outgoing *outgoing, const char *state, struct err *err)
{
    const struct send_input *input = sender->input;
    unsigned char hash[TOKEN_HASH_BYTES];
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "add_invitation", &stmt, err);
    if (code)
        return code;
    char *decision = decision_json(sender, outgoing);
    token_hash(outgoing->token, hash);
    stmt_bind_integer(stmt, ":invitation", outgoing->invitation);
    stmt_bind_integer(stmt, ":plan", sender->plan.id);
    stmt_bind_string(stmt, ":survey", input->survey->name);
    stmt_bind_integer(stmt, ":wave", input->survey->wave);
    stmt_bind_integer(stmt, ":recipient", outgoing->recipient);
    stmt_bind_blob(stmt, ":case_hash", outgoing->case_hash, sizeof outgoing->case_hash);
    stmt_bind_blob(stmt, ":token_hash", hash, sizeof hash);
    stmt_bind_integer(stmt, ":epoch", outgoing->epoch);
    stmt_bind_integer(stmt, ":now", input->now);
    stmt_bind_integer(stmt, ":expires", sender->expires_at);
    stmt_bind_string(stmt, ":state", state);
    stmt_bind_string(stmt, ":decision", decision);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    free(decision);
    return code;
}

static int count_reminder(const struct sender *sender, const struct outgoing *outgoing, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(sender->input->surveys, QUERIES, "count_reminder", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":invitation", outgoing->invitation);
    stmt_bind_integer(stmt, ":number", outgoing->number);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

static int add_sending(const struct sender *sender, const struct outgoing *outgoing, const char *state, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(sender->input->surveys, QUERIES, "add_sending", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":invitation", outgoing->invitation);
    stmt_bind_integer(stmt, ":number", outgoing->number);
    stmt_bind_string(stmt, ":file_name", outgoing->id);
    stmt_bind_integer(stmt, ":now", sender->input->now);
    stmt_bind_string(stmt, ":state", state);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

static int put_message(const struct sender *sender, const struct outgoing *outgoing, const struct contact *contact, struct err *err)
{
    const struct send_input *input = sender->input;
    struct message message = { .survey = input->survey, .language = outgoing->language, .address = contact->address, .id = outgoing->id,
                               .now = input->now, .expires_day = zone_day(input->zone, sender->expires_at), .reminder = outgoing->number > 0 };
    struct strbuf bytes = { 0 };
    memcpy(message.token, outgoing->token, sizeof message.token);
    message_build(&message, &bytes);
    int code = spool_put(input->outbox, outgoing->id, (struct slice) { strbuf_text(&bytes), bytes.length }, err);
    strbuf_wipe(&bytes);
    return code;
}

static int reserve_and_put(struct sender *sender, const struct outgoing *outgoing, const struct contact *contact, struct err *err)
{
    enum spool_state found = SPOOL_NONE;
    int code = spool_find(sender->input->outbox, outgoing->id, &found, err);
    const char *state = found == SPOOL_TAKEN ? "sent" : "spooled";
    if (!code)
        code = outgoing->number ? count_reminder(sender, outgoing, err) : add_invitation(sender, outgoing, state, err);
    if (!code)
        code = add_sending(sender, outgoing, state, err);
    if (!code && found == SPOOL_NONE)
        code = put_message(sender, outgoing, contact, err);
    if (!code)
        code = db_commit(sender->input->surveys, err);
    if (!code)
        ++*(found == SPOOL_NONE ? &sender->result->spooled : &sender->result->found);
    return code;
}

static int send_one(struct sender *sender, struct outgoing *outgoing, struct err *err)
{
    const struct send_input *input = sender->input;
    struct arena arena;
    struct contact contact;
    int code = db_begin(input->surveys, err);
    if (code)
        return code;
    arena_init(&arena, true);
    name_message(input, outgoing);
    code = contact_get(input->surveys, input->keyring, outgoing->recipient, input->survey->controller, &arena, &contact, err);
    if (code == 0)
        sender->result->refused++;
    if (code == 1)
        code = check_again(sender, outgoing, &contact, err);
    if (code == 1)
        code = reserve_and_put(sender, outgoing, &contact, err);
    arena_release(&arena);
    db_rollback(input->surveys);
    return code;
}

static void take(struct batch *batch, struct stmt *stmt, bool reminder)
{
    size_t length;
    MEM_GROW(batch->list, batch->count, batch->capacity);
    struct outgoing *outgoing = &batch->list[batch->count++];
    *outgoing = (struct outgoing) { .recipient = stmt_integer(stmt, 0) };
    const void *hash = stmt_blob(stmt, 1, &length);
    memcpy(outgoing->case_hash, hash, length < CASE_HASH_BYTES ? length : CASE_HASH_BYTES);
    const char *language = stmt_text(stmt, 2, &length);
    memcpy(outgoing->language, language, length < sizeof outgoing->language ? length : sizeof outgoing->language - 1);
    if (reminder) {
        outgoing->number = stmt_integer(stmt, 3) + 1;
        outgoing->epoch = (uint32_t)stmt_integer(stmt, 4);
    }
}

static int collect(const struct sender *sender, bool reminders, struct batch *batch, struct err *err)
{
    const struct send_input *input = sender->input;
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, reminders ? "due" : "planned", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", input->survey->name);
    stmt_bind_integer(stmt, ":wave", input->survey->wave);
    if (reminders) {
        stmt_bind_integer(stmt, ":now", input->now);
        stmt_bind_integer(stmt, ":maximum", input->survey->reminder_maximum);
        stmt_bind_integer(stmt, ":gap", input->survey->reminder_gap_days * SECONDS_PER_DAY);
    } else {
        stmt_bind_integer(stmt, ":plan", sender->plan.id);
    }
    while ((code = stmt_step(stmt, err)) == 1)
        take(batch, stmt, reminders);
    stmt_free(stmt);
    return code;
}

/* A list that bounces is a list that should not be mailed: past the share, somebody has to look. */
static int check_bounces(const struct send_input *input, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "bounce_share", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", input->survey->name);
    stmt_bind_integer(stmt, ":wave", input->survey->wave);
    code = stmt_step(stmt, err);
    int64_t messages = code == 1 ? stmt_integer(stmt, 0) : 0, bounced = code == 1 ? stmt_integer(stmt, 1) : 0;
    stmt_free(stmt);
    if (code < 0)
        return code;
    if (messages >= BOUNCES_MIN && (double)bounced * 100.0 > input->survey->stop_bounce_percent * (double)messages)
        return err_set(err, ERR_USAGE, "survey '%s' is stopped: more than %g %% of its messages bounced", input->survey->name,
                       input->survey->stop_bounce_percent);
    return 0;
}

static int begin(struct sender *sender, struct err *err)
{
    const struct send_input *input = sender->input;
    const struct survey *survey = input->survey;
    int32_t today = zone_day(input->zone, input->now);
    int code = plan_newest(input->surveys, survey, &sender->plan, err);
    if (code == 0)
        return err_set(err, ERR_USAGE, "survey '%s' has no plan", survey->name);
    if (code > 0)
        code = plan_may_send(&sender->plan, survey, err);
    if (!code && (today < survey->begins_day || today > survey->ends_day))
        code = err_set(err, ERR_USAGE, "survey '%s' is not open today", survey->name);
    if (!code)
        code = check_bounces(input, err);
    int32_t last = today + (int32_t)survey->expires_days;
    if (last > survey->ends_day)
        last = survey->ends_day;
    sender->expires_at = zone_instant(input->zone, last + 1, 0);
    return code;
}

static int run(const struct send_input *input, bool reminders, struct send_result *result, struct err *err)
{
    struct sender sender = { .input = input, .result = result };
    struct batch batch = { 0 };
    *result = (struct send_result) { 0 };
    zones_init(&sender.zones, input->zone);
    int code = begin(&sender, err);
    if (!code)
        code = collect(&sender, reminders, &batch, err);
    for (size_t i = 0; i < batch.count && !code; i++)
        code = send_one(&sender, &batch.list[i], err);
    free(batch.list);
    zones_release(&sender.zones);
    return code;
}

int send_invitations(const struct send_input *input, struct send_result *result, struct err *err)
{
    return run(input, false, result, err);
}

int send_reminders(const struct send_input *input, struct send_result *result, struct err *err)
{
    return run(input, true, result, err);
}
