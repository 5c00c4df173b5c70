#include "etl/subject_store.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_build.h"
#include "core/mem.h"

static const char queries[] = "etl/sql/subject.sql";
static const char seal_context[] = "subject_journal";

enum { EVIDENCE_BYTES = 32, OBJECTION_EPOCH = 1 };

/* ---- its id ---- */

struct event_key {
    unsigned char id[PSEUDONYM_BYTES], digest[PSEUDONYM_BYTES];
};

static void make_key(const struct subject_store *subjects, const struct subject_event *event, struct event_key *key)
{
    struct strbuf all = { 0 };
    for (int i = 0; i < SUBJECT_COLUMNS; i++)
        if (i != SUBJECT_EVENT) {
            strbuf_add(&all, event->cells[i].text, event->cells[i].length);
            strbuf_addc(&all, '\0');
        }
    pseudonym_derive(subjects->store->cases, "subject-event", event->cells[SUBJECT_EVENT], key->id);
    pseudonym_derive(subjects->store->cases, "subject-content", (struct slice){ strbuf_text(&all), all.length }, key->digest);
    strbuf_wipe(&all);
}

static int find_event(const struct subject_store *subjects, const struct event_key *key, struct subject_outcome *outcome,
                      struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(subjects->store->db, queries, "find_event", &stmt, err);
    if (code)
        return code;
    stmt_bind_blob(stmt, ":event", key->id, sizeof key->id);
    int step = stmt_step(stmt, err);
    if (step > 0) {
        outcome->already = memcmp(stmt_blob(stmt, 0, NULL), key->digest, sizeof key->digest) == 0;
        outcome->refused = !outcome->already;
        outcome->fault = (struct subject_fault){ SUBJECT_EVENT, MAP_EVENT_REUSED, "an id of its own for each event" };
    }
    stmt_free(stmt);
    return step < 0 ? step : 0;
}

static int add_event(const struct subject_store *subjects, const struct event_key *key, struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(subjects->store->db, queries, "add_event", &stmt, err);
    if (code)
        return code;
    stmt_bind_blob(stmt, ":event", key->id, sizeof key->id);
    stmt_bind_blob(stmt, ":digest", key->digest, sizeof key->digest);
    stmt_bind_integer(stmt, ":day", zone_day(subjects->sources->zone, subjects->now));
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

/* ---- the journal ---- */

static size_t list_keys(const struct subject_event *event, struct person_key keys[2])
{
    const struct subject_text *const texts[] = { &event->identifier, &event->contact };
    size_t count = 0;
    for (int i = 0; i < 2; i++) {
        struct person_key key = { strbuf_text(&texts[i]->kind), { strbuf_text(&texts[i]->value), texts[i]->value.length } };
        bool is_same = count == 1 && strcmp(keys[0].kind, key.kind) == 0 && slice_equals(keys[0].text, key.text.text);
        if (key.kind[0] && key.text.length && !is_same)
            keys[count++] = key;
    }
    return count;
}

static void add_identifiers(json_t *object, const struct subject_event *event)
{
    struct person_key keys[2];
    size_t count = list_keys(event, keys);
    json_t *list = json_made(json_array());
    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(list, json_made(json_pack("{s:s, s:s}", "kind", keys[i].kind, "value", keys[i].text.text))))
            mem_fail();
    json_set_made(object, "identifiers", list);
}

static void add_texts(json_t *object, const struct subject_event *event)
{
    const struct {
        const char *name;
        const struct strbuf *text;
    } texts[] = { { "controller", &event->controller }, { "purpose", &event->purpose },   { "channel", &event->channel },
                  { "address", &event->contact.value }, { "language", &event->language }, { "country", &event->country },
                  { "source", &event->source } };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].text->length)
            json_set_made(object, texts[i].name, json_string(strbuf_text(texts[i].text)));
}

static void add_evidence(json_t *object, struct slice evidence)
{
    unsigned char hash[EVIDENCE_BYTES];
    char hex[2 * EVIDENCE_BYTES + 1];
    if (!evidence.length)
        return;
    crypto_generichash(hash, sizeof hash, (const unsigned char *)evidence.text, evidence.length, NULL, 0);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    json_set_made(object, "evidence", json_string(hex));
}

static void add_claims(json_t *object, const int64_t at[CLAIMS])
{
    static const struct {
        const char *name;
        enum claim claim;
    } claims[] = { { "objected_at", CLAIM_OBJECTION }, { "withdrawn_at", CLAIM_OBJECTION_WITHDRAWN }, { "erased_at", CLAIM_ERASURE } };
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
        if (at[claims[i].claim] != INT64_MIN)
            json_set_made(object, claims[i].name, json_integer(at[claims[i].claim]));
}

/* Derived from the objection key, without which there is no objection anyway: that of contacts may be lost. */
static void journal_key(const struct store *store, unsigned char key[KEY_BYTES])
{
    crypto_generichash(key, KEY_BYTES, (const unsigned char *)seal_context, sizeof seal_context, store->objection, KEY_BYTES);
}

static int seal(const struct subject_store *subjects, json_t *object, struct err *err)
{
    unsigned char key[KEY_BYTES];
    struct strbuf sealed = { 0 };
    struct stmt *stmt = NULL;
    char *text = json_dumps(object, JSON_COMPACT);
    if (!text)
        mem_fail();
    journal_key(subjects->store, key);
    key_encrypt(key, seal_context, (struct slice){ text, strlen(text) }, &sealed);
    sodium_memzero(key, sizeof key);
    explicit_bzero(text, strlen(text));
    free(text);
    int code = db_prepare(subjects->store->db, queries, "add_journal", &stmt, err);
    if (!code) {
        stmt_bind_integer(stmt, ":epoch", OBJECTION_EPOCH);
        stmt_bind_blob(stmt, ":sealed", strbuf_text(&sealed), sealed.length);
        code = stmt_run(stmt, err);
    }
    stmt_free(stmt);
    strbuf_release(&sealed);
    return code;
}

/* By what else the person is recognised, so that the surveys find addresses that the event does not name. */
static int add_known(const struct subject_store *subjects, const struct subject_event *event, json_t *object, struct err *err)
{
    struct person_key keys[2];
    struct person_hashes known = { 0 };
    size_t count = list_keys(event, keys);
    json_t *list = json_made(json_array());
    int code = 0;
    for (size_t i = 0; i < count && !code; i++)
        code = rights_known_by(subjects->rights, &keys[i], &known, err);
    for (size_t i = 0; i < known.count; i++) {
        char hex[2 * PSEUDONYM_BYTES + 1];
        sodium_bin2hex(hex, sizeof hex, known.list[i], PSEUDONYM_BYTES);
        json_append_made(list, json_string(hex));
    }
    json_set_made(object, "known_by", list);
    person_hashes_release(&known);
    return code;
}

static int add_journal(const struct subject_store *subjects, const struct subject_event *event, const int64_t at[CLAIMS],
                       struct err *err)
{
    json_t *object = json_made(json_object());
    json_set_made(object, "kind", json_string(subject_kind_name(event->kind)));
    json_set_made(object, "occurred_at", json_integer(event->occurred_at));
    json_set_made(object, "recorded_at", json_integer(subjects->now));
    add_texts(object, event);
    add_evidence(object, event->cells[SUBJECT_EVIDENCE]);
    add_identifiers(object, event);
    add_claims(object, at);
    int code = add_known(subjects, event, object, err);
    if (!code)
        code = seal(subjects, object, err);
    json_decref(object);
    return code;
}

static int visit_sealed(const struct store *store, struct stmt *stmt, int (*visit)(void *context, struct slice json, struct err *err),
                        void *context, struct err *err)
{
    size_t length;
    struct strbuf json = { 0 };
    const char *sealed = stmt_blob(stmt, 2, &length);
    unsigned char key[KEY_BYTES];
    journal_key(store, key);
    int code = key_decrypt(key, seal_context, (struct slice){ sealed, length }, &json, err);
    sodium_memzero(key, sizeof key);
    if (!code)
        code = visit(context, (struct slice){ strbuf_text(&json), json.length }, err);
    strbuf_wipe(&json);
    return code;
}

int subject_journal_each(const struct store *store, int (*visit)(void *context, struct slice json, struct err *err), void *context,
                         int64_t *last, struct err *err)
{
    struct stmt *stmt;
    int step = 0, code = db_prepare(store->db, queries, "journal", &stmt, err);
    *last = 0;
    while (!code && (step = stmt_step(stmt, err)) > 0) {
        *last = stmt_integer(stmt, 0);
        code = visit_sealed(store, stmt, visit, context, err);
    }
    stmt_free(stmt);
    return code ? code : step;
}

int subject_journal_ask_sweep(const struct store *store, struct err *err)
{
    const struct subject_store subjects = { .store = store };
    json_t *object = json_made(json_pack("{s:s}", "kind", "sweep"));
    int code = seal(&subjects, object, err);
    json_decref(object);
    return code;
}

int subject_journal_clear(const struct store *store, int64_t last, struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(store->db, queries, "clear_journal", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":last", last);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

/* ---- doing it ---- */

static const struct deed {
    enum claim claim; /* CLAIMS: none */
    bool on_surveys;
} deeds[SUBJECT_KINDS] = {
    [SUBJECT_OBJECTION] = { CLAIM_OBJECTION, true },
    [SUBJECT_OBJECTION_WITHDRAWN] = { CLAIM_OBJECTION_WITHDRAWN, true },
    [SUBJECT_ERASURE] = { CLAIM_ERASURE, true },
    [SUBJECT_RECORDING_ALLOWED] = { CLAIM_RECORDING_ALLOWED, false },
    [SUBJECT_RECORDING_REFUSED] = { CLAIM_RECORDING_REFUSED, false },
    [SUBJECT_HOLD] = { CLAIMS, false },
    [SUBJECT_HOLD_RELEASE] = { CLAIMS, false },
    [SUBJECT_OPT_IN] = { CLAIMS, true },
    [SUBJECT_OPT_OUT] = { CLAIMS, true },
    [SUBJECT_BOUNCE] = { CLAIMS, true },
};

static int hold(const struct subject_store *subjects, const struct subject_event *event, struct subject_outcome *outcome, struct err *err)
{
    const struct slice value = { strbuf_text(&event->identifier.value), event->identifier.value.length };
    const struct person_key key = { strbuf_text(&event->identifier.kind), value };
    const struct rights_hold done = { .key = event->case_source ? NULL : &key, .source = event->case_source, .case_id = value,
                                      .reason = strbuf_text(&event->purpose), .release = event->kind == SUBJECT_HOLD_RELEASE,
                                      .at = event->occurred_at };
    return outcome->already ? rights_hold_look(subjects->rights, &done, &outcome->rights, err)
                            : rights_hold(subjects->rights, &done, &outcome->rights, err);
}

/* Whoever calls it spam does not want it. */
static bool leaves(const struct subject_event *event)
{
    return event->kind == SUBJECT_OPT_OUT || (event->kind == SUBJECT_BOUNCE && strcmp(strbuf_text(&event->purpose), "complaint") == 0);
}

static int do_deed(const struct subject_store *subjects, const struct subject_event *event, struct subject_outcome *outcome,
                   struct err *err)
{
    const struct deed *deed = &deeds[event->kind];
    struct person_key keys[2];
    size_t count = list_keys(event, keys);
    int64_t at[CLAIMS];
    int code = 0;
    for (int i = 0; i < CLAIMS; i++)
        at[i] = INT64_MIN;
    if (deed->claim != CLAIMS)
        code = rights_claim(subjects->rights, &keys[0], deed->claim, event->occurred_at, &outcome->rights, err);
    else if (!deed->on_surveys)
        code = hold(subjects, event, outcome, err);
    else if (leaves(event))
        code = rights_leave(subjects->rights, keys, count, event->occurred_at, err);
    else if (event->kind == SUBJECT_OPT_IN)
        code = rights_learn(subjects->rights, keys, count, at, err);
    if (code || outcome->rights.shared || !deed->on_surveys)
        return code;
    return add_journal(subjects, event, at, err);
}

int subject_store_apply(const struct subject_store *subjects, const struct subject_event *event, struct subject_outcome *outcome,
                        struct err *err)
{
    struct event_key key;
    make_key(subjects, event, &key);
    int code = find_event(subjects, &key, outcome, err);
    if (!code && outcome->already && event->kind == SUBJECT_HOLD)
        code = hold(subjects, event, outcome, err); /* is it there by now? */
    if (code || outcome->already || outcome->refused)
        return code;
    code = do_deed(subjects, event, outcome, err);
    if (!code && outcome->rights.shared) {
        outcome->refused = true;
        outcome->fault = (struct subject_fault){ SUBJECT_IDENTIFIER, MAP_IDENTIFIES_NOBODY,
                                                 "an identifier that is not shared by many; ask for another one" };
        return 0;
    }
    return code ? code : add_event(subjects, &key, err);
}
