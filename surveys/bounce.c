#include "surveys/bounce.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "surveys/consent.h"
#include "surveys/contact.h"

#define QUERIES "surveys/sql/bounce.sql"

const char *bounce_kind_name(enum bounce_kind kind)
{
    static const char *const names[] = { "none", "hard", "soft", "full", "auto-reply", "complaint", "unsubscribe" };
    return names[kind];
}

/* Of one message each kind counts once, however many reports come. */
static void digest(const char *id, enum bounce_kind kind, unsigned char out[32])
{
    crypto_generichash_state state;
    unsigned char number = (unsigned char)kind;
    crypto_generichash_init(&state, NULL, 0, 32);
    crypto_generichash_update(&state, (const unsigned char *)id, strlen(id));
    crypto_generichash_update(&state, &number, 1);
    crypto_generichash_final(&state, out, 32);
}

int bounce_record(struct db *surveys, int64_t recipient, const char *id, const struct bounce_report *report, int64_t now, struct err *err)
{
    struct stmt *stmt = NULL;
    unsigned char hash[32];
    int code = db_prepare(surveys, QUERIES, "record", &stmt, err);
    if (code)
        return code;
    digest(id, report->kind, hash);
    stmt_bind_integer(stmt, ":recipient", recipient);
    stmt_bind_string(stmt, ":kind", bounce_kind_name(report->kind));
    stmt_bind_integer(stmt, ":now", now);
    stmt_bind_blob(stmt, ":digest", hash, sizeof hash);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

enum { CONTROLLER_MAX = 64 };

/* 1 and to whom the message went, and for which brand. */
static int find_message(struct db *surveys, const char *id, int64_t *recipient, char controller[CONTROLLER_MAX], struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "find", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":id", id);
    code = stmt_step(stmt, err);
    if (code == 1) {
        *recipient = stmt_integer(stmt, 0);
        snprintf(controller, CONTROLLER_MAX, "%s", stmt_text(stmt, 1, NULL));
    }
    stmt_free(stmt);
    return code;
}

/* 1 if the ledger has an event of that evidence. */
static int has_left(struct db *surveys, const struct consent_event *event, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "has_left", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":recipient", event->recipient);
    stmt_bind_blob(stmt, ":evidence", event->evidence, 32);
    code = stmt_step(stmt, err);
    stmt_free(stmt);
    return code;
}

/* Once for a message and kind of report: an mbox is read again every night, and who opts in again afterwards has opted in. */
static int opt_out(struct db *surveys, int64_t recipient, const char *controller, const struct bounce_report *report, int64_t now, struct err *err)
{
    bool is_new;
    unsigned char evidence[32];
    const struct consent_event event = { .recipient = recipient, .controller = controller, .purpose = CONSENT_ALL, .kind = CONSENT_OPT_OUT,
                                         .origin = CONSENT_FROM_MAIL, .occurred_at = now, .recorded_at = now, .evidence = evidence };
    digest(report->id, report->kind, evidence);
    int there = has_left(surveys, &event, err);
    if (there)
        return there < 0 ? there : 0;
    int code = consent_record(surveys, &event, &is_new, err);
    return code ? code : contact_leave(surveys, recipient, controller, err);
}

int bounce_apply(struct db *surveys, const struct bounce_report *report, int64_t now, bool *known, struct err *err)
{
    int64_t recipient = 0;
    char controller[CONTROLLER_MAX];
    enum bounce_kind kind = report->kind;
    *known = false;
    int found = report->id[0] ? find_message(surveys, report->id, &recipient, controller, err) : 0;
    if (found <= 0)
        return found;
    *known = true;
    int code = 0;
    if (kind == BOUNCE_HARD || kind == BOUNCE_SOFT || kind == BOUNCE_FULL || kind == BOUNCE_COMPLAINT)
        code = bounce_record(surveys, recipient, report->id, report, now, err);
    if (!code && (kind == BOUNCE_COMPLAINT || kind == BOUNCE_UNSUBSCRIBE))
        code = opt_out(surveys, recipient, controller, report, now, err);
    return code;
}
