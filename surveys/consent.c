#include "surveys/consent.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

#define QUERIES "surveys/sql/consent.sql"

static const char *const kinds[] = { "opt_in_requested", "opt_in", "objection_withdrawn", "opt_out", "objection" };
static const char *const origins[] = { "event", "case", "page", "mail" };

const char *consent_kind_name(enum consent_kind kind)
{
    return kinds[kind];
}

const char *consent_verdict_name(enum consent_verdict verdict)
{
    static const char *const names[] = { "given", "no opt-in", "not confirmed", "opted out", "objected" };
    return names[verdict];
}

static size_t find(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    BUG("the consent ledger holds '%s'", name);
}

static void digest_text(crypto_generichash_state *state, const char *text)
{
    if (text)
        crypto_generichash_update(state, (const unsigned char *)text, strlen(text));
    crypto_generichash_update(state, (const unsigned char *)"", 1);
}

/* All that makes an event what it is; when it was recorded is not part of it. */
static void digest_event(const struct consent_event *event, unsigned char digest[32])
{
    crypto_generichash_state state;
    int64_t numbers[] = { event->recipient, event->occurred_at };
    crypto_generichash_init(&state, NULL, 0, 32);
    crypto_generichash_update(&state, (const unsigned char *)numbers, sizeof numbers);
    digest_text(&state, event->controller);
    digest_text(&state, event->purpose);
    digest_text(&state, kinds[event->kind]);
    digest_text(&state, origins[event->origin]);
    digest_text(&state, event->text_version);
    if (event->evidence)
        crypto_generichash_update(&state, event->evidence, 32);
    crypto_generichash_final(&state, digest, 32);
}

int consent_record(struct db *surveys, const struct consent_event *event, bool *is_new, struct err *err)
{
    struct stmt *stmt = NULL;
    unsigned char digest[32];
    int code = db_prepare(surveys, QUERIES, "record", &stmt, err);
    if (code)
        return code;
    digest_event(event, digest);
    stmt_bind_integer(stmt, ":recipient", event->recipient);
    stmt_bind_string(stmt, ":controller", event->controller);
    stmt_bind_string(stmt, ":purpose", event->purpose);
    stmt_bind_string(stmt, ":kind", kinds[event->kind]);
    stmt_bind_string(stmt, ":text_version", event->text_version);
    stmt_bind_string(stmt, ":origin", origins[event->origin]);
    stmt_bind_integer(stmt, ":occurred_at", event->occurred_at);
    stmt_bind_integer(stmt, ":recorded_at", event->recorded_at);
    if (event->evidence)
        stmt_bind_blob(stmt, ":evidence", event->evidence, 32);
    else
        stmt_bind_null(stmt, ":evidence");
    stmt_bind_blob(stmt, ":digest", digest, sizeof digest);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    if (!code)
        *is_new = db_changes(surveys) > 0;
    return code;
}

/* What the events so far come to. `left` is the last instant at which the person declared not to be asked. */
struct history {
    int64_t opt_in, request, out, objection; /* events in force, 0: none */
    int64_t left_at;
    bool ever_left;
};

static void leave(struct history *history, int64_t event, int64_t occurred_at)
{
    history->opt_in = history->request = 0;
    history->out = event;
    history->left_at = occurred_at;
    history->ever_left = true;
}

struct past_event {
    int64_t event, occurred_at;
    enum consent_kind kind;
    enum consent_origin origin;
};

struct past {
    struct past_event *list;
    size_t count, capacity;
};

static int by_occurrence(const void *left, const void *right)
{
    const struct past_event *a = left, *b = right;
    if (a->occurred_at != b->occurred_at)
        return a->occurred_at < b->occurred_at ? -1 : 1;
    return (a->event > b->event) - (a->event < b->event);
}

/* Events come in order of occurrence; of one instant in any order, so that an opt-in at the instant of leaving is no
 * opt-in. */
static void apply(struct history *history, const struct past_event *past)
{
    int64_t event = past->event, occurred_at = past->occurred_at;
    bool overruled = history->ever_left && (occurred_at <= history->left_at || past->origin == CONSENT_FROM_CASE || history->objection);
    switch (past->kind) {
    case CONSENT_OBJECTION:
        leave(history, event, occurred_at);
        history->objection = event;
        break;
    case CONSENT_OPT_OUT:
        leave(history, event, occurred_at);
        break;
    case CONSENT_OBJECTION_WITHDRAWN:
        if (occurred_at > history->left_at)
            history->objection = 0;
        break;
    case CONSENT_OPT_IN_REQUESTED:
        if (!overruled && !history->opt_in)
            history->request = event;
        break;
    case CONSENT_OPT_IN:
        if (!overruled)
            history->opt_in = event;
        break;
    }
}

static struct consent_state conclude(const struct history *history)
{
    if (history->objection)
        return (struct consent_state) { CONSENT_OBJECTED, history->objection };
    if (history->opt_in)
        return (struct consent_state) { CONSENT_GIVEN, history->opt_in };
    if (history->request)
        return (struct consent_state) { CONSENT_UNCONFIRMED, history->request };
    if (history->ever_left)
        return (struct consent_state) { CONSENT_OPTED_OUT, history->out };
    return (struct consent_state) { CONSENT_NONE, 0 };
}

/* Sorted here: for a handful of rows SQLite's sorter costs more than all else. */
static struct consent_state replay_all(struct past *past)
{
    struct history history = { 0 };
    if (past->count)
        qsort(past->list, past->count, sizeof *past->list, by_occurrence);
    for (size_t i = 0; i < past->count; i++)
        apply(&history, &past->list[i]);
    return conclude(&history);
}

/* Runs a query of the question's events up to `at`, and frees it. */
static int replay(struct stmt *stmt, const struct consent_event *question, bool double_opt_in, int64_t at, struct consent_state *state,
                  struct err *err)
{
    struct past past = { 0 };
    int code;
    stmt_bind_integer(stmt, ":recipient", question->recipient);
    stmt_bind_string(stmt, ":controller", question->controller);
    stmt_bind_string(stmt, ":purpose", question->purpose);
    stmt_bind_integer(stmt, ":at", at);
    while ((code = stmt_step(stmt, err)) == 1) {
        MEM_GROW(past.list, past.count, past.capacity);
        struct past_event *event = &past.list[past.count++];
        *event = (struct past_event) { stmt_integer(stmt, 0), stmt_integer(stmt, 3),
                                       (enum consent_kind)find(kinds, sizeof kinds / sizeof *kinds, stmt_text(stmt, 1, NULL)),
                                       (enum consent_origin)find(origins, sizeof origins / sizeof *origins, stmt_text(stmt, 2, NULL)) };
        if (event->kind == CONSENT_OPT_IN && double_opt_in && event->origin != CONSENT_FROM_PAGE)
            event->kind = CONSENT_OPT_IN_REQUESTED;
    }
    stmt_free(stmt);
    if (!code)
        *state = replay_all(&past);
    free(past.list);
    return code;
}

int consent_left_since(struct db *surveys, const struct consent_event *question, int64_t since, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "left_since", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":recipient", question->recipient);
    stmt_bind_string(stmt, ":controller", question->controller);
    stmt_bind_string(stmt, ":purpose", question->purpose);
    stmt_bind_integer(stmt, ":since", since);
    code = stmt_step(stmt, err);
    stmt_free(stmt);
    return code;
}

int consent_check(struct db *surveys, const struct consent_event *question, bool double_opt_in, int64_t at,
                  struct consent_state *state, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "history", &stmt, err);
    return code ? code : replay(stmt, question, double_opt_in, at, state, err);
}

int consent_check_alone(struct db *surveys, const struct consent_event *question, bool double_opt_in, int64_t at,
                        struct consent_state *state, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "own_history", &stmt, err);
    return code ? code : replay(stmt, question, double_opt_in, at, state, err);
}
