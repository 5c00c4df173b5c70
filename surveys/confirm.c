#include "surveys/confirm.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/mem.h"
#include "surveys/outgoing.h"
#include "surveys/page_text.h"
#include "surveys/zones.h"

#define QUERIES "surveys/sql/confirm.sql"

enum { YEAR_SECONDS = 365 * 86400, REQUESTS_MAX = 3 };

struct confirming {
    const struct send_input *input;
    struct send_result *result;
    int64_t approved_at; /* of the plan in force */
    struct zones zones;
    int64_t *recipients; /* whose opt-in waits */
    size_t count, capacity;
};

/* The requests that a recipient had. */
struct earlier {
    int64_t reserved_at, expires_at; /* of the last one */
    int64_t count, lately;
};

/* One that was taken back before a later approval (halt, bounces) never left: it is none. */
static int look_at_earlier(const struct confirming *confirming, int64_t confirmation, struct earlier *earlier, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(confirming->input->surveys, QUERIES, "earlier", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":confirmation", confirmation);
    stmt_bind_integer(stmt, ":approved_at", confirming->approved_at);
    code = stmt_step(stmt, err);
    if (code == 1 && !stmt_integer(stmt, 2)) {
        earlier->reserved_at = stmt_integer(stmt, 0);
        earlier->expires_at = stmt_integer(stmt, 1);
        earlier->count++;
        earlier->lately += earlier->reserved_at > confirming->input->now - YEAR_SECONDS;
    }
    stmt_free(stmt);
    return code;
}

static int asks_again(const struct send_input *input, int64_t recipient, int64_t since, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "asks_again", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":recipient", recipient);
    stmt_bind_string(stmt, ":controller", input->survey->controller);
    stmt_bind_string(stmt, ":purpose", input->survey->purpose);
    stmt_bind_integer(stmt, ":since", since);
    stmt_bind_integer(stmt, ":now", input->now);
    code = stmt_step(stmt, err);
    stmt_free(stmt);
    return code;
}

/* Names the recipient's next request. 1 if it may go: the first one, or the last one's link has run out, the person asked again since, and
 * it is not too many; else 0. */
static int name_next(const struct confirming *confirming, struct outgoing *outgoing, struct err *err)
{
    const struct send_input *input = confirming->input;
    struct earlier earlier = { 0 };
    int there;
    do {
        outgoing->number--;
        outgoing_name(input, outgoing);
    } while ((there = look_at_earlier(confirming, outgoing->invitation, &earlier, err)) == 1);
    if (there || !earlier.count)
        return there ? there : 1;
    if (earlier.expires_at > input->now || earlier.lately >= REQUESTS_MAX)
        return 0;
    return asks_again(input, outgoing->recipient, earlier.reserved_at, err);
}

static int visit_contact(void *context, const struct contact *contact, struct err *err)
{
    struct confirming *confirming = context;
    struct outgoing outgoing = { .recipient = contact->recipient };
    enum suppression suppression;
    int code = contact->address[0] ? name_next(confirming, &outgoing, err) : 0;
    if (code <= 0)
        return code;
    code = outgoing_suppression(confirming->input, &outgoing, contact, false, &suppression, err);
    if (code || suppression)
        return code;
    MEM_GROW(confirming->recipients, confirming->count, confirming->capacity);
    confirming->recipients[confirming->count++] = contact->recipient;
    return 0;
}

static int check_and_spool(struct confirming *confirming, struct outgoing *outgoing, const struct contact *contact, struct err *err)
{
    const struct send_input *input = confirming->input;
    enum suppression suppression;
    int code = outgoing_suppression(input, outgoing, contact, false, &suppression, err);
    if (code || suppression)
        return code;
    if (zones_quiet_until(&confirming->zones, input->survey, contact, input->now) > input->now) {
        confirming->result->quiet++;
        return 0;
    }
    snprintf(outgoing->language, sizeof outgoing->language, "%s", page_language(contact->language ? contact->language : input->survey->fallback));
    return outgoing_spool(input, outgoing, contact, confirming->result, err);
}

/* Looks again: the same recipient may have been served by another run meanwhile. */
static int send_one(struct confirming *confirming, int64_t recipient, struct err *err)
{
    const struct send_input *input = confirming->input;
    struct outgoing outgoing = { .recipient = recipient, .expires_at = send_expiry(input) };
    struct arena arena;
    struct contact contact;
    int code = db_begin(input->surveys, err);
    if (code)
        return code;
    arena_init(&arena, true);
    code = name_next(confirming, &outgoing, err);
    if (code == 1)
        code = contact_get(input->surveys, input->keyring, recipient, input->survey->controller, &arena, &contact, err);
    if (code == 1)
        code = check_and_spool(confirming, &outgoing, &contact, err);
    arena_release(&arena);
    db_rollback(input->surveys);
    return code;
}

int confirm_send(const struct send_input *input, struct send_result *result, struct err *err)
{
    struct confirming confirming = { .input = input, .result = result };
    *result = (struct send_result){ 0 };
    if (input->survey->channel != SURVEY_EMAIL || input->survey->transport == SURVEY_HANDOFF || !input->survey->page_url)
        return 0;
    struct plan plan = { 0 };
    int found = plan_newest(input->surveys, input->survey, &plan, err), code = found < 0 ? found : 0;
    confirming.approved_at = plan.approved_at;
    zones_init(&confirming.zones, input->zone);
    if (!code)
        code = contact_each(input->surveys, input->keyring, input->survey->controller, "email", visit_contact, &confirming, err);
    for (size_t i = 0; i < confirming.count && !code; i++)
        code = send_one(&confirming, confirming.recipients[i], err);
    free(confirming.recipients);
    zones_release(&confirming.zones);
    return code;
}
