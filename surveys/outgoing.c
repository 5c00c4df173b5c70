#include "surveys/outgoing.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/strbuf.h"
#include "surveys/history.h"
#include "surveys/message.h"
#include "surveys/spool.h"

#define QUERIES "surveys/sql/send.sql"

const char *suppression_name(enum suppression suppression)
{
    static const char *const names[] = { "goes", "no consent in force", "opted out by the link", "answered", "bounced", "held out by another address",
                                         "asked too often", "asked for this case or in this wave" };
    return names[suppression];
}

void outgoing_name(const struct send_input *input, struct outgoing *outgoing)
{
    const unsigned char *key = keyring_key(input->keyring, KEY_OBJECTION, keyring_epoch(input->keyring, KEY_OBJECTION));
    struct strbuf text = { 0 };
    unsigned char digest[PSEUDONYM_BYTES];
    bool confirms = number_confirms(outgoing->number);
    if (confirms)
        strbuf_addf(&text, "%s:%s:%lld", input->survey->controller, input->survey->purpose, (long long)outgoing->recipient);
    if (outgoing->number < -1)
        strbuf_addf(&text, ":%lld", (long long)outgoing->number);
    if (!confirms)
        strbuf_addf(&text, "%s:%lld:%lld", input->survey->name, (long long)input->survey->wave, (long long)outgoing->recipient);
    pseudonym_derive(key, confirms ? "confirmation" : "invitation", (struct slice) { strbuf_text(&text), text.length }, digest);
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++)
        number = number << 8 | digest[i];
    outgoing->invitation = (int64_t)(number >> 2) + 1;
    if (!outgoing->epoch)
        outgoing->epoch = keyring_epoch(input->keyring, KEY_TOKEN);
    token_derive(keyring_key(input->keyring, KEY_TOKEN, outgoing->epoch), outgoing->epoch, outgoing->invitation, outgoing->token);
    strbuf_addf(&text, ":%lld", (long long)outgoing->number);
    pseudonym_derive(key, "message", (struct slice) { strbuf_text(&text), text.length }, digest);
    sodium_bin2hex(outgoing->id, sizeof outgoing->id, digest, sizeof digest);
    strbuf_release(&text);
}

/* An opt-out by another invitation's link, which the ledger does not know yet. */
static int has_clicked(const struct send_input *input, const void *hash, size_t length, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->intake, QUERIES, "clicked", &stmt, err);
    if (code)
        return code;
    stmt_bind_blob(stmt, ":hash", hash, length);
    stmt_bind_string(stmt, ":controller", input->survey->controller);
    code = stmt_step(stmt, err);
    stmt_free(stmt);
    return code;
}

static int look_at_clicks(const struct send_input *input, const struct outgoing *outgoing, enum suppression *suppression, struct err *err)
{
    struct stmt *stmt = NULL;
    int clicked = 0, code = db_prepare(input->surveys, QUERIES, "links", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":recipient", outgoing->recipient);
    while (!clicked && (code = stmt_step(stmt, err)) == 1) {
        size_t length;
        const void *hash = stmt_blob(stmt, 0, &length);
        clicked = has_clicked(input, hash, length, err);
    }
    stmt_free(stmt);
    if (clicked == 1)
        *suppression = SUPPRESSED_OPTED_OUT;
    return clicked < 0 ? clicked : code < 0 ? code : 0;
}

/* What the page took in. */
static int look_at_intake(const struct send_input *input, const struct outgoing *outgoing, enum suppression *suppression, struct err *err)
{
    unsigned char hash[TOKEN_HASH_BYTES];
    struct stmt *stmt = NULL;
    if (!input->intake)
        return 0;
    int code = db_prepare(input->intake, QUERIES, "ticket", &stmt, err);
    if (code)
        return code;
    token_hash(outgoing->token, hash);
    stmt_bind_blob(stmt, ":hash", hash, sizeof hash);
    code = stmt_step(stmt, err);
    if (code == 1)
        *suppression = stmt_integer(stmt, 1) ? SUPPRESSED_OPTED_OUT : stmt_integer(stmt, 0) ? SUPPRESSED_ANSWERED : SUPPRESSED_NOT;
    stmt_free(stmt);
    return code < 0 ? code : *suppression ? 0 : look_at_clicks(input, outgoing, suppression, err);
}

static int look_at_consent(const struct send_input *input, struct outgoing *outgoing, const struct contact *contact,
                           enum suppression *suppression, struct err *err)
{
    struct consent_event question = { .recipient = outgoing->recipient, .controller = input->survey->controller, .purpose = input->survey->purpose };
    enum legal_basis basis = policy_basis(input->policy, input->survey, contact ? contact->country : NULL);
    int code = consent_check(input->surveys, &question, basis == BASIS_DOUBLE_OPT_IN, input->now, &outgoing->consent, err);
    enum consent_verdict wanted = number_confirms(outgoing->number) ? CONSENT_UNCONFIRMED : CONSENT_GIVEN;
    if (!code && (basis == BASIS_NONE || outgoing->consent.verdict != wanted))
        *suppression = SUPPRESSED_NO_CONSENT;
    return code;
}

/* Another survey may have been sent since this one was planned, and two recipients have become one person. */
static int look_at_history(const struct send_input *input, const struct outgoing *outgoing, bool with_cap, enum suppression *suppression,
                           struct err *err)
{
    const struct history history = { input->surveys, input->survey, input->policy, input->now };
    const struct history_invitation invitation = { outgoing->invitation, outgoing->recipient, outgoing->number || !outgoing->plan ? 0 : outgoing->plan->id,
                                                   outgoing->case_hash };
    int yes = with_cap ? history_is_capped(&history, outgoing->recipient, err) : 0;
    if (yes == 1)
        *suppression = SUPPRESSED_CAP;
    if (yes == 0 && !number_confirms(outgoing->number) && (yes = history_was_asked_otherwise(&history, &invitation, err)) == 1)
        *suppression = SUPPRESSED_ASKED;
    if (yes == 0 && !number_confirms(outgoing->number) && (yes = history_is_held_out(&history, &invitation, err)) == 1)
        *suppression = SUPPRESSED_HELD_OUT;
    return yes < 0 ? yes : 0;
}

int outgoing_suppression(const struct send_input *input, struct outgoing *outgoing, const struct contact *contact, bool with_cap,
                         enum suppression *suppression, struct err *err)
{
    *suppression = SUPPRESSED_NOT;
    int code = look_at_consent(input, outgoing, contact, suppression, err), yes = 0;
    if (!code && !*suppression)
        code = look_at_intake(input, outgoing, suppression, err);
    if (code || *suppression)
        return code;
    yes = history_has_bounced(input->surveys, outgoing->recipient, err);
    if (yes == 1)
        *suppression = SUPPRESSED_BOUNCED;
    return yes ? (yes < 0 ? yes : 0) : look_at_history(input, outgoing, with_cap, suppression, err);
}

static char *decision_json(const struct send_input *input, const struct outgoing *outgoing)
{
    const struct survey *survey = input->survey;
    const struct policy_cap group = policy_cap(input->policy);
    json_t *decision = json_pack("{s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:s}", "consent_event", (json_int_t)outgoing->consent.event,
                                 "consent", consent_verdict_name(outgoing->consent.verdict), "suppression", "none",
                                 "cap_invitations", (json_int_t)survey->cap_invitations, "cap_days",
                                 (json_int_t)survey->cap_days, "group_cap_invitations", (json_int_t)group.invitations, "group_cap_days",
                                 (json_int_t)group.days, "approved_by", outgoing->plan->approved_by);
    char *text = decision ? json_dumps(decision, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    json_decref(decision);
    if (!text)
        mem_fail();
    return text;
}

static int add_invitation(const struct send_input *input, const struct outgoing *outgoing, const char *state, struct err *err)
{
    unsigned char hash[TOKEN_HASH_BYTES];
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "add_invitation", &stmt, err);
    if (code)
        return code;
    char *decision = decision_json(input, outgoing);
    token_hash(outgoing->token, hash);
    stmt_bind_integer(stmt, ":invitation", outgoing->invitation);
    stmt_bind_integer(stmt, ":plan", outgoing->plan->id);
    stmt_bind_string(stmt, ":survey", input->survey->name);
    stmt_bind_integer(stmt, ":wave", input->survey->wave);
    stmt_bind_integer(stmt, ":recipient", outgoing->recipient);
    stmt_bind_blob(stmt, ":case_hash", outgoing->case_hash, sizeof outgoing->case_hash);
    stmt_bind_blob(stmt, ":token_hash", hash, sizeof hash);
    stmt_bind_integer(stmt, ":epoch", outgoing->epoch);
    stmt_bind_integer(stmt, ":now", input->now);
    stmt_bind_integer(stmt, ":expires", outgoing->expires_at);
    stmt_bind_string(stmt, ":state", state);
    stmt_bind_string(stmt, ":decision", decision);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    free(decision);
    return code;
}

/* An invitation of an earlier plan that was taken back before anything was sent makes room for one of this plan. 1 if there was one. */
static int forget_unsent(const struct send_input *input, const struct outgoing *outgoing, struct err *err)
{
    static const char *const queries[] = { "is_unsent", "drop_sendings", "drop_invitation" };
    int found = 1;
    for (size_t i = 0; i < sizeof queries / sizeof *queries && found > 0; i++) {
        struct stmt *stmt = NULL;
        int code = db_prepare(input->surveys, QUERIES, queries[i], &stmt, err);
        if (code)
            return code;
        stmt_bind_integer(stmt, ":invitation", outgoing->invitation);
        if (i == 0)
            stmt_bind_integer(stmt, ":plan", outgoing->plan->id);
        code = i ? stmt_run(stmt, err) : stmt_step(stmt, err);
        stmt_free(stmt);
        found = code < 0 ? code : i ? found : code;
    }
    return found;
}

int outgoing_find(const struct send_input *input, const struct outgoing *outgoing, enum spool_state *found, struct err *err)
{
    int code = spool_find(input->outbox, outgoing->id, found, err);
    int unsent = code || outgoing->number ? code : forget_unsent(input, outgoing, err);
    if (unsent != 1 || *found != SPOOL_PULLED)
        return unsent < 0 ? unsent : 0;
    *found = SPOOL_NONE;
    return spool_forget_pulled(input->outbox, outgoing->id, err);
}

static int count_reminder(const struct send_input *input, const struct outgoing *outgoing, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "count_reminder", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":invitation", outgoing->invitation);
    stmt_bind_integer(stmt, ":number", outgoing->number);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

static int add_sending(const struct send_input *input, const struct outgoing *outgoing, const char *state, int64_t disclosure, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "add_sending", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":invitation", outgoing->invitation);
    stmt_bind_integer(stmt, ":number", outgoing->number);
    stmt_bind_string(stmt, ":file_name", outgoing->id);
    stmt_bind_integer(stmt, ":now", input->now);
    stmt_bind_string(stmt, ":state", state);
    if (disclosure)
        stmt_bind_integer(stmt, ":disclosure", disclosure);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

static int add_confirmation(const struct send_input *input, const struct outgoing *outgoing, const char *state, struct err *err)
{
    unsigned char hash[TOKEN_HASH_BYTES];
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "add_confirmation", &stmt, err);
    if (code)
        return code;
    token_hash(outgoing->token, hash);
    stmt_bind_integer(stmt, ":confirmation", outgoing->invitation);
    stmt_bind_integer(stmt, ":request", -outgoing->number);
    stmt_bind_integer(stmt, ":recipient", outgoing->recipient);
    stmt_bind_string(stmt, ":controller", input->survey->controller);
    stmt_bind_string(stmt, ":survey", input->survey->name);
    stmt_bind_integer(stmt, ":wave", input->survey->wave);
    stmt_bind_string(stmt, ":language", outgoing->language);
    stmt_bind_integer(stmt, ":event", outgoing->consent.event);
    stmt_bind_blob(stmt, ":token_hash", hash, sizeof hash);
    stmt_bind_integer(stmt, ":epoch", outgoing->epoch);
    stmt_bind_string(stmt, ":file_name", outgoing->id);
    stmt_bind_integer(stmt, ":now", input->now);
    stmt_bind_integer(stmt, ":expires", outgoing->expires_at);
    stmt_bind_string(stmt, ":state", state);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

int outgoing_reserve(const struct send_input *input, const struct outgoing *outgoing, const char *state, int64_t disclosure, struct err *err)
{
    if (number_confirms(outgoing->number))
        return add_confirmation(input, outgoing, state, err);
    int code = outgoing->number ? count_reminder(input, outgoing, err) : add_invitation(input, outgoing, state, err);
    return code ? code : add_sending(input, outgoing, state, disclosure, err);
}

static int put_message(const struct send_input *input, const struct outgoing *outgoing, const struct contact *contact, struct err *err)
{
    struct message message = { .survey = input->survey, .language = outgoing->language, .address = contact->address, .id = outgoing->id,
                               .now = input->now, .expires_day = zone_day(input->zone, outgoing->expires_at - 1),
                               .reminder = outgoing->number > 0, .confirms = number_confirms(outgoing->number) };
    struct strbuf bytes = { 0 };
    memcpy(message.token, outgoing->token, sizeof message.token);
    message_build(&message, &bytes);
    int code = spool_put(input->outbox, outgoing->id, (struct slice) { strbuf_text(&bytes), bytes.length }, err);
    strbuf_wipe(&bytes);
    return code;
}

int outgoing_spool(const struct send_input *input, const struct outgoing *outgoing, const struct contact *contact,
                   struct send_result *result, struct err *err)
{
    enum spool_state found = SPOOL_NONE;
    int code = outgoing_find(input, outgoing, &found, err);
    if (!code)
        code = outgoing_reserve(input, outgoing, spool_state_name(found), 0, err);
    if (!code && found == SPOOL_NONE)
        code = put_message(input, outgoing, contact, err);
    if (!code)
        code = db_commit(input->surveys, err);
    if (!code)
        ++*(found == SPOOL_NONE ? &result->spooled : &result->found);
    return code;
}
