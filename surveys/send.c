#include "surveys/send.h"

#include <stdlib.h>
#include <string.h>

#include "surveys/handoff.h"
#include "surveys/outgoing.h"
#include "surveys/zones.h"

#define QUERIES "surveys/sql/send.sql"

enum { SECONDS_PER_DAY = 86400, BOUNCES_MIN = 20 };

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

/* 1: may be sent now; 0: not (counted in the result). */
static int check_again(struct sender *sender, struct outgoing *outgoing, const struct contact *contact, struct err *err)
{
    const struct send_input *input = sender->input;
    enum suppression suppression;
    int code = outgoing_suppression(input, outgoing, contact, true, &suppression, err);
    if (code)
        return code;
    if (suppression) {
        sender->result->refused++;
        return 0;
    }
    if (zones_quiet_until(&sender->zones, input->survey, contact, input->now) > input->now) {
        sender->result->quiet++;
        return 0;
    }
    return 1;
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
    outgoing_name(input, outgoing);
    code = contact_get(input->surveys, input->keyring, outgoing->recipient, input->survey->controller, &arena, &contact, err);
    if (code == 0)
        sender->result->refused++;
    if (code == 1)
        code = check_again(sender, outgoing, &contact, err);
    if (code == 1)
        code = outgoing_spool(input, outgoing, &contact, sender->result, err);
    arena_release(&arena);
    db_rollback(input->surveys);
    return code;
}

static void take(const struct sender *sender, struct batch *batch, struct stmt *stmt, bool reminder)
{
    size_t length;
    MEM_GROW(batch->list, batch->count, batch->capacity);
    struct outgoing *outgoing = &batch->list[batch->count++];
    *outgoing = (struct outgoing) { .recipient = stmt_integer(stmt, 0), .plan = &sender->plan, .expires_at = sender->expires_at };
    const void *hash = stmt_blob(stmt, 1, &length);
    memcpy(outgoing->case_hash, hash, length < CASE_HASH_BYTES ? length : CASE_HASH_BYTES);
    const char *language = stmt_text(stmt, 2, &length);
    memcpy(outgoing->language, language, length < sizeof outgoing->language ? length : sizeof outgoing->language - 1);
    if (reminder) {
        outgoing->number = stmt_integer(stmt, 3) + 1;
        outgoing->epoch = (uint32_t)stmt_integer(stmt, 4);
        outgoing->expires_at = stmt_integer(stmt, 5);
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
        take(sender, batch, stmt, reminders);
    stmt_free(stmt);
    return code;
}

/* Of the messages that left since the approval: one that waits says nothing of the list. 1: too many came back. */
static int is_bouncing(const struct send_input *input, const struct plan *plan, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "bounce_share", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", input->survey->name);
    stmt_bind_integer(stmt, ":wave", input->survey->wave);
    stmt_bind_integer(stmt, ":since", plan->approved_at);
    code = stmt_step(stmt, err);
    int64_t messages = code == 1 ? stmt_integer(stmt, 0) : 0, bounced = code == 1 ? stmt_integer(stmt, 1) : 0;
    stmt_free(stmt);
    if (code < 0)
        return code;
    return messages >= BOUNCES_MIN && (double)bounced * 100.0 > input->survey->stop_bounce_percent * (double)messages;
}

int send_stop_on_bounces(const struct send_input *input, struct plan *plan, struct err *err)
{
    int found = plan_newest(input->surveys, input->survey, plan, err);
    int stops = found == 1 && plan->approved_at && !plan->halted ? is_bouncing(input, plan, err) : 0;
    if (found <= 0 || stops <= 0)
        return stops < 0 ? stops : found;
    int code = plan_halt(input->surveys, input->survey, PLAN_STOPPED_BY_BOUNCES, input->now, err);
    return code ? code : plan_newest(input->surveys, input->survey, plan, err);
}

int64_t send_expiry(const struct send_input *input)
{
    const struct survey *survey = input->survey;
    int32_t last = zone_day(input->zone, input->now) + (int32_t)survey->expires_days;
    return zone_instant(input->zone, (last > survey->ends_day ? survey->ends_day : last) + 1, 0);
}

static int begin(struct sender *sender, struct err *err)
{
    const struct send_input *input = sender->input;
    const struct survey *survey = input->survey;
    int32_t today = zone_day(input->zone, input->now);
    int code = send_stop_on_bounces(input, &sender->plan, err);
    if (code == 0)
        return err_set(err, ERR_USAGE, "survey '%s' has no plan", survey->name);
    if (code > 0)
        code = plan_may_send(&sender->plan, survey, err);
    if (!code && (today < survey->begins_day || today > survey->ends_day))
        code = err_set(err, ERR_USAGE, "survey '%s' is not open today", survey->name);
    sender->expires_at = send_expiry(input);
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
    const struct handoff_batch rows = { input, sender.expires_at, batch.list, batch.count };
    bool hands_off = input->survey->transport == SURVEY_HANDOFF;
    if (!code && hands_off)
        code = handoff_send(&rows, result, err);
    for (size_t i = 0; i < batch.count && !code && !hands_off; i++)
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
