#include "surveys/status.h"

#include <sodium.h>
#include <string.h>

#include "core/calendar.h"
#include "surveys/consent.h"
#include "surveys/plan.h"

#define QUERIES "surveys/sql/status.sql"

static int prepare(struct db *surveys, const char *query, const struct survey *survey, struct stmt **stmt, struct err *err)
{
    int code = db_prepare(surveys, QUERIES, query, stmt, err);
    if (!code)
        stmt_bind_string(*stmt, ":survey", survey->name);
    return code;
}

static void add_instant(struct strbuf *out, int64_t instant)
{
    char text[32];
    calendar_format_instant(instant, text);
    strbuf_adds(out, text);
}

static int describe_plan(struct db *surveys, const struct survey *survey, struct strbuf *out, struct err *err)
{
    struct plan plan;
    char hash[2 * PLAN_HASH_BYTES + 1];
    int found = plan_newest(surveys, survey, &plan, err);
    if (found < 0)
        return found;
    if (!found) {
        strbuf_addf(out, "survey: %s, wave %lld\nplan: none\n", survey->name, (long long)survey->wave);
        return 0;
    }
    sodium_bin2hex(hash, sizeof hash, plan.hash, sizeof plan.hash);
    strbuf_addf(out, "survey: %s, wave %lld\nplan: %s\nplanned: ", survey->name, (long long)survey->wave, hash);
    add_instant(out, plan.planned_at);
    strbuf_addf(out, " by %s\napproved: ", plan.planned_by);
    if (plan.approved_at) {
        add_instant(out, plan.approved_at);
        strbuf_addf(out, " by %s\n", plan.approved_by);
    } else {
        strbuf_adds(out, "no\n");
    }
    if (plan.halted) {
        strbuf_adds(out, "halted: ");
        add_instant(out, plan.halted_at);
        strbuf_addf(out, " by %s\nnext: plan and approve it again; who was sent nothing can be asked then\n", plan.halted_by);
    }
    return 0;
}

static int describe_counts(struct db *surveys, const char *query, const struct survey *survey, int64_t k, struct strbuf *out,
                           struct err *err)
{
    struct stmt *stmt = NULL;
    int code = prepare(surveys, query, survey, &stmt, err);
    bool named = strcmp(query, "sendings") == 0;
    if (!code)
        stmt_bind_integer(stmt, ":wave", survey->wave);
    while (!code && (code = stmt_step(stmt, err)) == 1) {
        char size[32];
        plan_format_size((uint64_t)stmt_integer(stmt, named ? 1 : 0), k, size);
        strbuf_addf(out, "%s: %s\n", named ? stmt_text(stmt, 0, NULL) : "answered", size);
        code = 0;
    }
    stmt_free(stmt);
    return code;
}

int status_describe(struct db *surveys, const struct survey *survey, int64_t k, struct strbuf *out, struct err *err)
{
    int code = describe_plan(surveys, survey, out, err);
    if (!code)
        code = describe_counts(surveys, "sendings", survey, k, out, err);
    if (!code)
        code = describe_counts(surveys, "answered", survey, k, out, err);
    return code;
}

struct why {
    const struct history *history;
    struct strbuf *out;
    size_t recipients;
};

static int why_now(const struct why *why, int64_t recipient, struct err *err)
{
    const struct history *history = why->history;
    struct consent_event question = { .recipient = recipient, .controller = history->survey->controller, .purpose = history->survey->purpose };
    struct consent_state state;
    int code = consent_check(history->surveys, &question, false, history->now, &state, err);
    if (code)
        return code;
    int bounced = history_has_bounced(history->surveys, recipient, err);
    int capped = bounced < 0 ? bounced : history_is_capped(history, recipient, err);
    if (bounced < 0 || capped < 0)
        return bounced < 0 ? bounced : capped;
    strbuf_addf(why->out, "consent now: %s (event %lld)\nbounced: %s\nfrequency cap reached: %s\n", consent_verdict_name(state.verdict),
                (long long)state.event, bounced ? "yes" : "no", capped ? "yes" : "no");
    return 0;
}

static int why_events(const struct why *why, int64_t recipient, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(why->history->surveys, QUERIES, "events", &stmt, err);
    if (!code)
        stmt_bind_integer(stmt, ":recipient", recipient);
    while (!code && (code = stmt_step(stmt, err)) == 1) {
        strbuf_addf(why->out, "%s at ", stmt_text(stmt, 0, NULL));
        add_instant(why->out, stmt_integer(stmt, 1));
        strbuf_addf(why->out, " (through %s, text %s, brand %s, ", stmt_text(stmt, 2, NULL), stmt_text(stmt, 3, NULL), stmt_text(stmt, 4, NULL));
        strbuf_addf(why->out, "purpose %s)\n", stmt_text(stmt, 5, NULL));
        code = 0;
    }
    stmt_free(stmt);
    return code;
}

static int why_invitations(const struct why *why, int64_t recipient, struct err *err)
{
    struct stmt *stmt = NULL;
    size_t count = 0;
    int code = prepare(why->history->surveys, "decisions", why->history->survey, &stmt, err);
    if (!code)
        stmt_bind_integer(stmt, ":recipient", recipient);
    while (!code && (code = stmt_step(stmt, err)) == 1) {
        strbuf_adds(why->out, "invited: ");
        add_instant(why->out, stmt_integer(stmt, 0));
        strbuf_addf(why->out, ", wave %lld, state %s, reminders %lld, decided on %s\n", (long long)stmt_integer(stmt, 1), stmt_text(stmt, 2, NULL),
                    (long long)stmt_integer(stmt, 3), stmt_text(stmt, 4, NULL));
        count++;
        code = 0;
    }
    stmt_free(stmt);
    if (!code && !count)
        strbuf_adds(why->out, "never invited to this survey\n");
    return code;
}

static int why_recipient(void *context, int64_t recipient, struct err *err)
{
    struct why *why = context;
    strbuf_addf(why->out, "%saddress %zu\n", why->recipients ? "\n" : "", why->recipients + 1);
    why->recipients++;
    int code = why_events(why, recipient, err);
    if (!code)
        code = why_now(why, recipient, err);
    return code ? code : why_invitations(why, recipient, err);
}

int status_why(const struct history *history, const struct keyring *keyring, const struct contact_identifier *identifier,
               struct strbuf *out, struct err *err)
{
    struct why why = { history, out, 0 };
    int code = recipient_each_known_by(history->surveys, keyring, identifier, why_recipient, &why, err);
    if (!code && !why.recipients)
        strbuf_adds(out, "nothing is held on this person: no opt-in, no contact, no invitation\n");
    return code;
}
