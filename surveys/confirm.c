#include "surveys/confirm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/strbuf.h"
#include "surveys/message.h"
#include "surveys/outgoing.h"
#include "surveys/page_text.h"
#include "surveys/spool.h"
#include "surveys/zones.h"

#define QUERIES "surveys/sql/confirm.sql"

struct confirming {
    const struct send_input *input;
    struct send_result *result;
    struct zones zones;
    int64_t expires_at;
    int64_t *recipients; /* whose opt-in waits */
    size_t count, capacity;
};

static int is_there(const struct send_input *input, int64_t confirmation, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "is_there", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":confirmation", confirmation);
    code = stmt_step(stmt, err);
    stmt_free(stmt);
    return code;
}

static int visit_contact(void *context, const struct contact *contact, struct err *err)
{
    struct confirming *confirming = context;
    struct outgoing outgoing = { .recipient = contact->recipient, .number = NUMBER_CONFIRMATION };
    enum suppression suppression;
    if (!contact->address[0])
        return 0;
    outgoing_name(confirming->input, &outgoing);
    int there = is_there(confirming->input, outgoing.invitation, err);
    if (there)
        return there < 0 ? there : 0;
    int code = outgoing_suppression(confirming->input, &outgoing, contact, false, &suppression, err);
    if (code || suppression)
        return code;
    MEM_GROW(confirming->recipients, confirming->count, confirming->capacity);
    confirming->recipients[confirming->count++] = contact->recipient;
    return 0;
}

static int reserve(const struct confirming *confirming, const struct outgoing *outgoing, const char *state, struct err *err)
{
    const struct send_input *input = confirming->input;
    unsigned char hash[TOKEN_HASH_BYTES];
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "add", &stmt, err);
    if (code)
        return code;
    token_hash(outgoing->token, hash);
    stmt_bind_integer(stmt, ":confirmation", outgoing->invitation);
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
    stmt_bind_integer(stmt, ":expires", confirming->expires_at);
    stmt_bind_string(stmt, ":state", state);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

static int put_message(const struct confirming *confirming, const struct outgoing *outgoing, const struct contact *contact, struct err *err)
{
    const struct send_input *input = confirming->input;
    struct message message = { .survey = input->survey, .language = outgoing->language, .address = contact->address, .id = outgoing->id,
                               .now = input->now, .expires_day = zone_day(input->zone, confirming->expires_at - 1), .confirms = true };
    struct strbuf bytes = { 0 };
    memcpy(message.token, outgoing->token, sizeof message.token);
    message_build(&message, &bytes);
    int code = spool_put(input->outbox, outgoing->id, (struct slice){ strbuf_text(&bytes), bytes.length }, err);
    strbuf_wipe(&bytes);
    return code;
}

static int reserve_and_put(struct confirming *confirming, struct outgoing *outgoing, const struct contact *contact, struct err *err)
{
    const struct send_input *input = confirming->input;
    enum spool_state found = SPOOL_NONE;
    snprintf(outgoing->language, sizeof outgoing->language, "%s", page_language(contact->language ? contact->language : input->survey->fallback));
    int code = spool_find(input->outbox, outgoing->id, &found, err);
    if (!code)
        code = reserve(confirming, outgoing, spool_state_name(found), err);
    if (!code && found == SPOOL_NONE)
        code = put_message(confirming, outgoing, contact, err);
    if (!code)
        code = db_commit(input->surveys, err);
    if (!code)
        ++*(found == SPOOL_NONE ? &confirming->result->spooled : &confirming->result->found);
    return code;
}

/* Looks again: the same recipient may have been served by another run meanwhile. */
static int send_one(struct confirming *confirming, int64_t recipient, struct err *err)
{
    const struct send_input *input = confirming->input;
    struct outgoing outgoing = { .recipient = recipient, .number = NUMBER_CONFIRMATION };
    enum suppression suppression = SUPPRESSED_NOT;
    struct arena arena;
    struct contact contact;
    int code = db_begin(input->surveys, err);
    if (code)
        return code;
    arena_init(&arena, true);
    outgoing_name(input, &outgoing);
    int there = is_there(input, outgoing.invitation, err);
    int found = there ? 0 : contact_get(input->surveys, input->keyring, recipient, input->survey->controller, &arena, &contact, err);
    code = there < 0 ? there : found < 0 ? found : 0;
    if (found == 1)
        code = outgoing_suppression(input, &outgoing, &contact, false, &suppression, err);
    if (!code && found == 1 && !suppression) {
        if (zones_quiet_until(&confirming->zones, input->survey, &contact, input->now) > input->now)
            confirming->result->quiet++;
        else
            code = reserve_and_put(confirming, &outgoing, &contact, err);
    }
    arena_release(&arena);
    db_rollback(input->surveys);
    return code;
}

int confirm_send(const struct send_input *input, struct send_result *result, struct err *err)
{
    struct confirming confirming = { .input = input, .result = result, .expires_at = send_expiry(input) };
    *result = (struct send_result){ 0 };
    if (input->survey->channel != SURVEY_EMAIL || input->survey->transport == SURVEY_HANDOFF || !input->survey->page_url)
        return 0;
    zones_init(&confirming.zones, input->zone);
    int code = contact_each(input->surveys, input->keyring, input->survey->controller, "email", visit_contact, &confirming, err);
    for (size_t i = 0; i < confirming.count && !code; i++)
        code = send_one(&confirming, confirming.recipients[i], err);
    free(confirming.recipients);
    zones_release(&confirming.zones);
    return code;
}
