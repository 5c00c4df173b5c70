#include "surveys/submit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/strbuf.h"
#include "surveys/bounce.h"
#include "surveys/dispatch.h"
#include "surveys/message.h"
#include "surveys/outgoing.h"
#include "surveys/spool.h"

#define QUERIES "surveys/sql/submit.sql"

enum { FIRST_GAP_SECONDS = 900, LONGEST_GAP_SECONDS = 86400, MINUTE_MS = 60000, CONNECTIONS_MAX = 3 };

struct letter {
    char id[2 * PSEUDONYM_BYTES + 1];
    struct sending_key key;
    struct outgoing outgoing;
    int64_t tries, expires_at;
};

struct submission {
    const struct submit_input *input;
    struct submit_result *result;
    struct smtp *smtp;
    struct letter *list;
    size_t count, capacity;
    int connections;
};

int64_t submit_gap_seconds(int64_t tries)
{
    int64_t gap = FIRST_GAP_SECONDS;
    for (int64_t i = 1; i < tries && gap < LONGEST_GAP_SECONDS; i++)
        gap *= 2;
    return gap < LONGEST_GAP_SECONDS ? gap : LONGEST_GAP_SECONDS;
}

static int collect(struct submission *submission, struct err *err)
{
    const struct send_input *send = submission->input->send;
    struct stmt *stmt = NULL;
    int code = db_prepare(send->surveys, QUERIES, "due", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", send->survey->name);
    stmt_bind_integer(stmt, ":now", send->now);
    while ((code = stmt_step(stmt, err)) == 1) {
        MEM_GROW(submission->list, submission->count, submission->capacity);
        struct letter *letter = &submission->list[submission->count++];
        *letter = (struct letter) { .key = { stmt_integer(stmt, 1), stmt_integer(stmt, 2) }, .tries = stmt_integer(stmt, 5),
                                    .expires_at = stmt_integer(stmt, 6) };
        letter->outgoing = (struct outgoing) { .recipient = stmt_integer(stmt, 3), .number = letter->key.number, .epoch = (uint32_t)stmt_integer(stmt, 4) };
        snprintf(letter->id, sizeof letter->id, "%s", stmt_text(stmt, 0, NULL));
    }
    stmt_free(stmt);
    return code;
}

/* What there is to write down about a message; the queries of invitations and reminders, then those of confirmations. */
enum notice { NOTE_ATTEMPT, NOTE_LATER, NOTE_ANSWERED };

static int note(struct db *surveys, enum notice notice, struct sending_key key, int class, int64_t next, struct err *err)
{
    static const char *const queries[][2] = { { "attempt", "attempt_confirmation" }, { "later", "later_confirmation" }, { "answered", "answered_confirmation" } };
    bool confirms = number_confirms(key.number);
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, queries[notice][confirms], &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":invitation", key.invitation);
    if (!confirms)
        stmt_bind_integer(stmt, ":number", key.number);
    if (notice != NOTE_ATTEMPT)
        stmt_bind_integer(stmt, ":class", class);
    if (notice == NOTE_LATER)
        stmt_bind_integer(stmt, ":next", next);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

/* An address that the server itself knows to be wrong is as good as a bounce. */
static int note_refusal(const struct send_input *send, const struct letter *letter, const struct smtp_reply *reply, struct err *err)
{
    const struct bounce_report report = { .kind = BOUNCE_HARD };
    if (bounce_kind_of_status(reply->enhanced) != BOUNCE_HARD)
        return 0;
    return bounce_record(send->surveys, letter->outgoing.recipient, letter->id, &report, send->now, err);
}

/* A message whose fate is decided leaves the spool. */
static int close_letter(const struct send_input *send, const struct letter *letter, const char *state, int class, struct err *err)
{
    int code = db_begin(send->surveys, err);
    if (!code)
        code = dispatch_set_state(send->surveys, letter->key, state, err);
    if (!code && class)
        code = note(send->surveys, NOTE_ANSWERED, letter->key, class, 0, err);
    if (!code)
        code = db_commit(send->surveys, err);
    db_rollback(send->surveys);
    int taken = code ? 0 : spool_take(send->outbox, letter->id, err);
    return code ? code : taken < 0 ? taken : 0;
}

static int put_off(const struct submission *submission, const struct letter *letter, const struct smtp_reply *reply, struct err *err)
{
    const struct send_input *send = submission->input->send;
    int64_t next = send->now + submit_gap_seconds(letter->tries + 1);
    submission->result->later++;
    return note(send->surveys, NOTE_LATER, letter->key, reply->code / 100, next, err);
}

static int conclude(struct submission *submission, const struct letter *letter, const struct smtp_reply *reply, struct err *err)
{
    const struct send_input *send = submission->input->send;
    int code = 0;
    switch (reply->outcome) {
    case SMTP_ACCEPTED:
        submission->result->sent++;
        return close_letter(send, letter, "sent", 2, err);
    case SMTP_REFUSED:
        submission->result->failed++;
        code = note_refusal(send, letter, reply, err);
        return code ? code : close_letter(send, letter, "failed", 5, err);
    case SMTP_UNCERTAIN:
        submission->result->uncertain++;
        return close_letter(send, letter, "uncertain", 0, err);
    case SMTP_LATER:
    case SMTP_BROKEN:
        break;
    }
    return put_off(submission, letter, reply, err);
}

static int transmit(struct submission *submission, const struct letter *letter, const char *address, struct slice message, struct err *err)
{
    const struct send_input *send = submission->input->send;
    struct strbuf from = { 0 };
    struct smtp_reply reply;
    int code = note(send->surveys, NOTE_ATTEMPT, letter->key, 0, 0, err);
    if (code)
        return code;
    message_return_path(send->survey, letter->id, &from);
    const struct smtp_letter sent = { letter->id, strbuf_text(&from), address, message };
    smtp_send(submission->smtp, &sent, &reply);
    strbuf_release(&from);
    if (reply.outcome == SMTP_BROKEN || reply.outcome == SMTP_UNCERTAIN) {
        smtp_close(submission->smtp);
        submission->smtp = NULL;
    }
    return conclude(submission, letter, &reply, err);
}

/* 1: may go; 0: it must not (it is pulled) or is not there. */
static int look_again(struct submission *submission, struct letter *letter, struct arena *arena, struct contact *contact, struct err *err)
{
    const struct send_input *send = submission->input->send;
    enum suppression suppression = SUPPRESSED_NOT;
    outgoing_name(send, &letter->outgoing);
    int found = contact_get(send->surveys, send->keyring, letter->outgoing.recipient, send->survey->controller, arena, contact, err);
    int code = found == 1 ? outgoing_suppression(send, &letter->outgoing, contact, false, &suppression, err) : found;
    if (code || (found && !suppression && letter->expires_at > send->now))
        return code ? code : 1;
    int pulled = spool_pull(send->outbox, letter->id, err);
    submission->result->pulled += pulled == 1;
    return pulled == 1 ? dispatch_set_state(send->surveys, letter->key, "pulled", err) : pulled;
}

static int send_letter(struct submission *submission, struct letter *letter, struct err *err)
{
    struct arena arena;
    struct contact contact;
    struct strbuf message = { 0 };
    arena_init(&arena, true);
    int code = look_again(submission, letter, &arena, &contact, err);
    if (code == 1)
        code = spool_read(submission->input->send->outbox, letter->id, &message, err);
    if (code == 1)
        code = transmit(submission, letter, contact.address, (struct slice) { strbuf_text(&message), message.length }, err);
    strbuf_wipe(&message);
    arena_release(&arena);
    return code;
}

static void sleep_ms(int64_t ms)
{
    struct timespec left = { ms / 1000, ms % 1000 * 1000000 };
    while (nanosleep(&left, &left))
        continue;
}

static void keep_pace(const struct submission *submission)
{
    int64_t per_minute = submission->input->send->survey->throttle_per_minute;
    if (per_minute)
        (submission->input->pause ? submission->input->pause : sleep_ms)(MINUTE_MS / per_minute);
}

/* A connection that broke is made again, a few times. */
static int connect_again(struct submission *submission, struct err *err)
{
    if (submission->smtp)
        return 0;
    if (submission->connections++ == CONNECTIONS_MAX)
        return err_set(err, ERR_AGAIN, "the mail server ended %d connections; the rest waits", CONNECTIONS_MAX);
    return smtp_open(&submission->smtp, submission->input->smtp, err);
}

int submit_waiting(const struct submit_input *input, struct submit_result *result, struct err *err)
{
    struct submission submission = { .input = input, .result = result };
    int code = collect(&submission, err);
    for (size_t i = 0; i < submission.count && !code; i++) {
        if (i)
            keep_pace(&submission);
        code = connect_again(&submission, err);
        if (!code)
            code = send_letter(&submission, &submission.list[i], err);
    }
    smtp_close(submission.smtp);
    free(submission.list);
    return code;
}
