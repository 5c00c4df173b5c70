#include "surveys/why.h"

#include <stdlib.h>
#include <string.h>

#include "core/calendar.h"
#include "surveys/outgoing.h"
#include "surveys/plan.h"
#include "surveys/status.h"

#define QUERIES "surveys/sql/why.sql"

struct why {
    const struct audience_input *input;
    struct db *intake;
    struct strbuf *out;
    size_t recipients;
};

static void add_instant(struct strbuf *out, int64_t instant)
{
    char text[32];
    calendar_format_instant(instant, text);
    strbuf_adds(out, text);
}

/* ---- what a plan made now would do ---- */

struct seeking {
    int64_t person; /* 0: none is stored */
    int64_t *recipients;
    size_t count, capacity;
};

static int find_person(const struct audience_input *input, const struct contact_identifier *identifier, int64_t *person, struct err *err)
{
    uint32_t epochs[PSEUDONYM_MAX_EPOCHS];
    struct stmt *stmt = NULL;
    size_t count = keyring_epochs(input->keyring, KEY_ANALYTICS, epochs);
    int step = 0, code = db_prepare(input->cases, "surveys/sql/audience.sql", "person", &stmt, err);
    *person = 0;
    for (size_t i = 0; i < count && !code && !*person && step >= 0; i++) {
        unsigned char pseudonym[PSEUDONYM_BYTES];
        pseudonym_derive(keyring_key(input->keyring, KEY_ANALYTICS, epochs[i]), identifier->kind,
                         (struct slice) { identifier->value, strlen(identifier->value) }, pseudonym);
        stmt_bind_blob(stmt, ":pseudonym", pseudonym, sizeof pseudonym);
        step = stmt_step(stmt, err);
        if (step == 1)
            *person = stmt_integer(stmt, 0);
        stmt_reset(stmt);
    }
    stmt_free(stmt);
    return code ? code : step < 0 ? step : 0;
}

static int note_recipient(void *context, int64_t recipient, struct err *err)
{
    struct seeking *seeking = context;
    (void)err;
    MEM_GROW(seeking->recipients, seeking->count, seeking->capacity);
    seeking->recipients[seeking->count++] = recipient;
    return 0;
}

static bool is_meant(const struct seeking *seeking, const struct candidate *candidate)
{
    bool meant = seeking->person && candidate->person == seeking->person;
    for (size_t i = 0; i < seeking->count && !meant; i++)
        meant = candidate->recipient == seeking->recipients[i];
    return meant;
}

/* Whoever is asked speaks for all, then whoever is held out. */
static bool is_better(enum exclusion one, const struct candidate *best)
{
    return !best || one == EXCLUDED_NOT || (one == EXCLUDED_HOLDOUT && best->excluded != EXCLUDED_NOT);
}

static int judge(const struct audience_input *input, const struct seeking *seeking, struct why_verdict *verdict, struct err *err)
{
    struct audience audience;
    const struct candidate *best = NULL;
    int code = audience_build(&audience, input, err);
    if (code)
        return code;
    for (size_t i = 0; i < audience.count; i++)
        if (is_meant(seeking, &audience.candidates[i]) && is_better(audience.candidates[i].excluded, best))
            best = &audience.candidates[i];
    *verdict = (struct why_verdict){ ELIGIBLE_LACKS_NOTHING, best ? best->excluded : EXCLUDED_NO_OPT_IN };
    if (!best)
        code = eligible_explain(input, seeking->person, &verdict->lack, err);
    audience_release(&audience);
    return code;
}

int why_judge(const struct audience_input *input, const struct contact_identifier *identifier, struct why_verdict *verdict, struct err *err)
{
    struct seeking seeking = { 0 };
    int code = find_person(input, identifier, &seeking.person, err);
    if (!code)
        code = recipient_each_known_by(input->surveys, input->keyring, identifier, note_recipient, &seeking, err);
    if (!code)
        code = judge(input, &seeking, verdict, err);
    free(seeking.recipients);
    return code;
}

static void add_lack(const struct why *why, enum eligible_lack lack)
{
    const struct survey *survey = why->input->survey;
    switch (lack) {
    case ELIGIBLE_LACKS_CASE:
        strbuf_addf(why->out, "not asked: no case of source '%s' is stored\n", survey->source);
        break;
    case ELIGIBLE_LACKS_FREE:
        strbuf_adds(why->out, "not asked: the cases are under a hold\n");
        break;
    case ELIGIBLE_LACKS_AGE:
        strbuf_addf(why->out, "not asked: no case was closed within %lld days (closed_within_days)\n", (long long)survey->closed_within_days);
        break;
    case ELIGIBLE_LACKS_AUDIENCE:
    case ELIGIBLE_LACKS_NOTHING:
        strbuf_adds(why->out, "not asked: no such case is in the survey's audience\n");
        break;
    }
}

static int describe_now(const struct why *why, const struct contact_identifier *identifier, struct err *err)
{
    struct err refused = { 0 };
    struct why_verdict verdict;
    int code = plan_check(why->input, &refused);
    strbuf_adds(why->out, "a plan made now: ");
    if (code == ERR_USAGE) {
        strbuf_addf(why->out, "refused: %s\n", refused.message);
        return 0;
    }
    if (code) {
        *err = refused;
        return code;
    }
    code = why_judge(why->input, identifier, &verdict, err);
    if (code)
        return code;
    if (verdict.lack != ELIGIBLE_LACKS_NOTHING)
        add_lack(why, verdict.lack);
    else
        strbuf_addf(why->out, "%s%s\n", verdict.excluded == EXCLUDED_NOT ? "" : "not asked: ", exclusion_name(verdict.excluded));
    return 0;
}

/* ---- what the newest plan holds ---- */

/* The last look before a message would be put. */
static int describe_sending(const struct why *why, const struct plan *plan, struct outgoing *outgoing, struct err *err)
{
    const struct audience_input *at = why->input;
    const struct send_input input = { .surveys = at->surveys, .intake = why->intake, .keyring = at->keyring, .survey = at->survey, .zone = at->zone,
                                      .now = at->now, .policy = at->policy };
    struct err refused = { 0 };
    struct arena arena;
    struct contact contact;
    enum suppression suppression = SUPPRESSED_NO_CONSENT;
    if (plan_may_send(plan, at->survey, &refused)) {
        strbuf_addf(why->out, "nothing is sent: %s\n", refused.message);
        return 0;
    }
    arena_init(&arena, true);
    outgoing_name(&input, outgoing);
    int found = contact_get(at->surveys, at->keyring, outgoing->recipient, at->survey->controller, &arena, &contact, err);
    int code = found < 0 ? found : found ? outgoing_suppression(&input, outgoing, &contact, true, &suppression, err) : 0;
    arena_release(&arena);
    if (!code)
        strbuf_addf(why->out, "an invitation sent now: %s\n", suppression_name(suppression));
    return code;
}

static int describe_planned(const struct why *why, const struct plan *plan, int64_t recipient, struct err *err)
{
    struct outgoing outgoing = { .recipient = recipient, .plan = plan };
    struct stmt *stmt = NULL;
    size_t length;
    int code = db_prepare(why->input->surveys, QUERIES, "planned", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":plan", plan->id);
    stmt_bind_integer(stmt, ":recipient", recipient);
    int found = stmt_step(stmt, err);
    bool held_out = found == 1 && stmt_integer(stmt, 1);
    const void *hash = found == 1 ? stmt_blob(stmt, 0, &length) : NULL;
    if (hash)
        memcpy(outgoing.case_hash, hash, length < CASE_HASH_BYTES ? length : CASE_HASH_BYTES);
    stmt_free(stmt);
    if (found < 0)
        return found;
    strbuf_addf(why->out, "in the newest plan: %s\n", !found ? "no" : held_out ? "held out" : "yes");
    return found && !held_out ? describe_sending(why, plan, &outgoing, err) : 0;
}

/* ---- what was declared and sent ---- */

static int prepare(const struct why *why, const char *query, int64_t recipient, struct stmt **stmt, struct err *err)
{
    int code = db_prepare(why->input->surveys, QUERIES, query, stmt, err);
    if (!code)
        stmt_bind_integer(*stmt, ":recipient", recipient);
    return code;
}

static int describe_events(const struct why *why, int64_t recipient, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = prepare(why, "events", recipient, &stmt, err);
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

static int describe_invitations(const struct why *why, int64_t recipient, struct err *err)
{
    struct stmt *stmt = NULL;
    size_t count = 0;
    int code = prepare(why, "decisions", recipient, &stmt, err);
    if (!code)
        stmt_bind_string(stmt, ":survey", why->input->survey->name);
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

static int describe_recipient(void *context, int64_t recipient, struct err *err)
{
    struct why *why = context;
    struct plan plan;
    strbuf_addf(why->out, "address %zu\n", ++why->recipients);
    int code = describe_events(why, recipient, err);
    if (!code)
        code = describe_invitations(why, recipient, err);
    int found = code ? 0 : plan_newest(why->input->surveys, why->input->survey, &plan, err);
    if (found == 1)
        code = describe_planned(why, &plan, recipient, err);
    strbuf_addc(why->out, '\n');
    return code ? code : found < 0 ? found : 0;
}

int why_describe(const struct audience_input *input, struct db *intake, const struct contact_identifier *identifier, struct strbuf *out,
                 struct err *err)
{
    struct why why = { input, intake, out, 0 };
    int code = recipient_each_known_by(input->surveys, input->keyring, identifier, describe_recipient, &why, err);
    if (!code && !why.recipients)
        strbuf_adds(out, "surveys hold nothing on this person: no opt-in, no contact, no invitation\n\n");
    if (!code)
        code = describe_now(&why, identifier, err);
    strbuf_addc(out, '\n');
    return code ? code : status_describe_plan(input->surveys, input->survey, out, err);
}
