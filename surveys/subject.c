#include "surveys/subject.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "surveys/subject_part.h"

struct recipients {
    int64_t *list;
    size_t count, capacity;
};

static void read_known_by(struct subject_notice *notice)
{
    const json_t *list = json_object_get(notice->json, "known_by");
    notice->known_by = mem_zalloc(json_array_size(list) + 1, sizeof *notice->known_by);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *hex = json_string_value(json_array_get(list, i));
        size_t length = 0;
        if (hex && sodium_hex2bin(notice->known_by[notice->known_count], PSEUDONYM_BYTES, hex, strlen(hex), NULL, &length, NULL) == 0 &&
            length == PSEUDONYM_BYTES)
            notice->known_count++;
    }
}

static int read_notice(struct subject_notice *notice, struct slice json, struct err *err)
{
    size_t length = 0;
    notice->json = json_loadb(json.text, json.length, 0, NULL);
    notice->kind = subject_text(notice->json, "kind", NULL);
    if (!notice->kind)
        return err_set(err, ERR_DATA, "the journal of subject events holds something else");
    notice->controller = subject_text(notice->json, "controller", CONSENT_ALL);
    notice->purpose = subject_text(notice->json, "purpose", CONSENT_ALL);
    notice->channel = subject_text(notice->json, "channel", "");
    notice->address = subject_text(notice->json, "address", "");
    notice->occurred_at = json_integer_value(json_object_get(notice->json, "occurred_at"));
    notice->recorded_at = json_integer_value(json_object_get(notice->json, "recorded_at"));
    const json_t *list = json_object_get(notice->json, "identifiers");
    for (size_t i = 0; i < json_array_size(list) && i < MAX_IDENTIFIERS; i++)
        notice->identifiers[notice->identifier_count++] = (struct contact_identifier){ subject_text(json_array_get(list, i), "kind", ""),
                                                                                       subject_text(json_array_get(list, i), "value", "") };
    read_known_by(notice);
    const char *hex = subject_text(notice->json, "evidence", NULL);
    notice->has_evidence = hex && sodium_hex2bin(notice->evidence, sizeof notice->evidence, hex, strlen(hex), NULL, &length, NULL) == 0;
    return 0;
}

/* ---- who is meant ---- */

static int add_recipient(void *context, int64_t recipient, struct err *err)
{
    struct recipients *recipients = context;
    (void)err;
    for (size_t i = 0; i < recipients->count; i++)
        if (recipients->list[i] == recipient)
            return 0;
    MEM_GROW(recipients->list, recipients->count, recipients->capacity);
    recipients->list[recipients->count++] = recipient;
    return 0;
}

static bool is_address(const struct contact_identifier *identifier)
{
    return strcmp(identifier->kind, "email") == 0 || strcmp(identifier->kind, "phone") == 0;
}

/* The recipient that an identifier is the address of; made if `make`, so that it is recognised when it comes. */
static int add_addressed(const struct subject_notice *notice, const struct contact_identifier *identifier, bool make,
                         struct recipients *recipients, struct err *err)
{
    const struct subject_desk *desk = notice->desk;
    int64_t recipient = 0;
    if (!is_address(identifier))
        return 0;
    int code = (make ? recipient_get : recipient_find)(desk->surveys, desk->keyring, identifier->kind, identifier->value, &recipient, err);
    if (!code && recipient)
        code = add_recipient(recipients, recipient, err);
    return code;
}

/* All that the person is known by, on whatever channel. */
static int find_person(const struct subject_notice *notice, bool make, struct recipients *recipients, struct err *err)
{
    const struct subject_desk *desk = notice->desk;
    int code = 0;
    for (size_t i = 0; i < notice->identifier_count && !code; i++) {
        code = add_addressed(notice, &notice->identifiers[i], make, recipients, err);
        if (!code)
            code = recipient_each_known_by(desk->surveys, desk->keyring, &notice->identifiers[i], add_recipient, recipients, err);
    }
    for (size_t i = 0; i < notice->known_count && !code; i++)
        code = recipient_each_recognised(desk->surveys, desk->keyring, notice->known_by[i], add_recipient, recipients, err);
    return code;
}

static int recognise(const struct subject_notice *notice, int64_t recipient, struct err *err)
{
    const struct recipient_hashes known_by = { (const unsigned char (*)[PSEUDONYM_BYTES])notice->known_by, notice->known_count };
    return recipient_recognise(notice->desk->surveys, notice->desk->keyring, recipient, known_by, err);
}

static int has_channel(const struct subject_notice *notice, int64_t recipient, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = subject_prepare(notice->desk, "channel", recipient, &stmt, err);
    if (code)
        return code;
    int step = stmt_step(stmt, err);
    int found = step > 0 ? strcmp(stmt_text(stmt, 0, NULL), notice->channel) == 0 : step;
    stmt_free(stmt);
    return found;
}

/* ---- events ---- */

static int claim_all(const struct subject_notice *notice, const struct recipients *recipients, const struct subject_claims *claims,
                     struct err *err)
{
    int code = 0;
    notice->effects->claims++;
    for (size_t i = 0; i < recipients->count && !code; i++)
        code = subject_claim(notice, recipients->list[i], claims, err);
    return code;
}

static const struct subject_claims no_claims = { INT64_MIN, INT64_MIN, INT64_MIN, { NULL, 0 } };

static int take_objection(const struct subject_notice *notice, struct recipients *recipients, struct err *err)
{
    struct subject_claims claims = no_claims;
    int code = find_person(notice, true, recipients, err);
    claims.objected_at = notice->occurred_at;
    return code ? code : claim_all(notice, recipients, &claims, err);
}

static int take_objection_withdrawn(const struct subject_notice *notice, struct recipients *recipients, struct err *err)
{
    struct subject_claims claims = no_claims;
    int code = find_person(notice, true, recipients, err);
    claims.withdrawn_at = notice->occurred_at;
    return code ? code : claim_all(notice, recipients, &claims, err);
}

static int take_erasure(const struct subject_notice *notice, struct recipients *recipients, struct err *err)
{
    struct subject_claims claims = no_claims;
    int code = find_person(notice, false, recipients, err);
    claims.erased_at = notice->occurred_at;
    return code ? code : claim_all(notice, recipients, &claims, err);
}

/* Whose address nobody knows yet opts out all the same: the identifiers stand for whatever address they turn out to belong to. */
static int add_stand_ins(const struct subject_notice *notice, struct recipients *recipients, struct err *err)
{
    static const char *const channels[] = { "email", "phone", "chat", "social" };
    const bool all_channels = strcmp(notice->channel, CONSENT_ALL) == 0;
    const size_t channel_count = sizeof channels / sizeof *channels;
    int code = 0;
    for (size_t i = 0; i < notice->identifier_count * channel_count && !code; i++) {
        const char *channel = channels[i % channel_count];
        int64_t recipient = 0;
        if (!all_channels && strcmp(channel, notice->channel) != 0)
            continue;
        code = recipient_stand_in(notice->desk->surveys, notice->desk->keyring, channel, &notice->identifiers[i / channel_count], &recipient, err);
        code = code ? code : add_recipient(recipients, recipient, err);
    }
    return code;
}

/* The person by whatever it was named by, and the address that was given. */
static int find_leaving(const struct subject_notice *notice, struct recipients *recipients, struct err *err)
{
    const struct subject_desk *desk = notice->desk;
    int64_t recipient = 0;
    int code = 0;
    if (notice->address[0] && strcmp(notice->channel, CONSENT_ALL) != 0) {
        code = recipient_get(desk->surveys, desk->keyring, notice->channel, notice->address, &recipient, err);
        code = code ? code : add_recipient(recipients, recipient, err);
    }
    if (!code)
        code = find_person(notice, true, recipients, err);
    return code ? code : add_stand_ins(notice, recipients, err);
}

/* Contacts of the person that only the store of cases knows to be that person's are found by looking through all of them. */
static int recognise_all(const struct subject_notice *notice, const struct recipients *recipients, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < recipients->count && !code; i++)
        code = recognise(notice, recipients->list[i], err);
    notice->effects->claims += notice->known_count > notice->identifier_count;
    return code;
}

static int take_opt_out(const struct subject_notice *notice, struct recipients *recipients, struct err *err)
{
    const bool is_known = notice->desk->is_purpose(notice->desk->context, notice->purpose); /* else a word that is misspelt would mean nothing */
    const struct consent_event event = { .controller = notice->controller, .purpose = is_known ? notice->purpose : CONSENT_ALL,
                                         .kind = CONSENT_OPT_OUT, .occurred_at = notice->occurred_at };
    const bool all_channels = strcmp(notice->channel, CONSENT_ALL) == 0;
    int code = find_leaving(notice, recipients, err);
    if (!code)
        code = recognise_all(notice, recipients, err);
    for (size_t i = 0; i < recipients->count && !code; i++) {
        int meant = all_channels ? 1 : has_channel(notice, recipients->list[i], err);
        code = meant < 0 ? meant : meant ? subject_record(notice, recipients->list[i], &event, err) : 0;
        if (!code && meant)
            code = subject_conclude(notice, recipients->list[i], err);
    }
    return code;
}

static int put_contact(const struct subject_notice *notice, int64_t recipient, struct err *err)
{
    const struct subject_desk *desk = notice->desk;
    const struct contact contact = { .recipient = recipient, .controller = notice->controller, .channel = notice->channel,
                                     .address = notice->address, .identifiers = notice->identifiers,
                                     .identifier_count = notice->identifier_count, .language = subject_text(notice->json, "language", NULL),
                                     .country = subject_text(notice->json, "country", NULL), .updated_at = notice->occurred_at,
                                     .usable_until = desk->usable_until(desk->context, notice->controller, notice->channel, notice->purpose) };
    int code = recipient_link(desk->surveys, desk->keyring, &contact, err);
    if (code)
        return code;
    int welcome = subject_is_welcome(desk, recipient, notice->controller, err);
    if (welcome <= 0 || contact.usable_until == INT32_MIN)
        return welcome < 0 ? welcome : 0;
    if (desk->contacts_lost) {
        notice->effects->unkept++;
        return 0;
    }
    notice->effects->contacts++;
    return contact_put(desk->surveys, desk->keyring, &contact, err);
}

static int take_opt_in(const struct subject_notice *notice, struct recipients *recipients, struct err *err)
{
    const struct subject_desk *desk = notice->desk;
    const struct consent_event event = { .controller = notice->controller, .purpose = notice->purpose, .kind = CONSENT_OPT_IN,
                                         .occurred_at = notice->occurred_at };
    struct subject_claims claims = no_claims;
    int64_t recipient = 0;
    (void)recipients;
    if (json_object_get(notice->json, "objected_at"))
        claims.objected_at = json_integer_value(json_object_get(notice->json, "objected_at"));
    if (json_object_get(notice->json, "withdrawn_at"))
        claims.withdrawn_at = json_integer_value(json_object_get(notice->json, "withdrawn_at"));
    if (json_object_get(notice->json, "erased_at"))
        claims.erased_at = json_integer_value(json_object_get(notice->json, "erased_at"));
    int code = recipient_get(desk->surveys, desk->keyring, notice->channel, notice->address, &recipient, err);
    if (!code)
        code = recognise(notice, recipient, err);
    if (!code)
        code = subject_record(notice, recipient, &event, err);
    if (!code)
        code = subject_claim(notice, recipient, &claims, err);
    return code ? code : put_contact(notice, recipient, err);
}

static int take_bounce(const struct subject_notice *notice, struct recipients *recipients, struct err *err)
{
    const struct subject_desk *desk = notice->desk;
    unsigned char digest[32];
    struct strbuf all = { 0 };
    int64_t recipient = 0;
    struct stmt *stmt = NULL;
    (void)recipients;
    int code = recipient_get(desk->surveys, desk->keyring, notice->channel, notice->address, &recipient, err);
    if (!code)
        code = subject_prepare(desk, "add_bounce", recipient, &stmt, err);
    if (code)
        return code;
    strbuf_addf(&all, "event %lld %lld %s", (long long)recipient, (long long)notice->occurred_at, notice->purpose);
    crypto_generichash(digest, sizeof digest, (const unsigned char *)strbuf_text(&all), all.length, NULL, 0);
    strbuf_release(&all);
    stmt_bind_string(stmt, ":kind", notice->purpose);
    stmt_bind_integer(stmt, ":at", notice->occurred_at);
    stmt_bind_blob(stmt, ":digest", digest, sizeof digest);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    notice->effects->bounces += !code && db_changes(desk->surveys) > 0;
    if (!code && strcmp(notice->purpose, "complaint") == 0) /* whoever calls it spam does not want it */
        code = subject_record_for_all(notice, recipient, CONSENT_OPT_OUT, notice->occurred_at, err);
    return code ? code : subject_conclude(notice, recipient, err);
}

static int take_sweep(const struct subject_notice *notice, struct recipients *recipients, struct err *err)
{
    (void)recipients;
    (void)err;
    notice->effects->claims++;
    return 0;
}

int subject_take(const struct subject_desk *desk, struct slice json, struct subject_effects *effects, struct err *err)
{
    static const struct {
        const char *kind;
        int (*take)(const struct subject_notice *notice, struct recipients *recipients, struct err *err);
    } events[] = {
        { "objection", take_objection }, { "objection_withdrawn", take_objection_withdrawn },
        { "erasure", take_erasure },     { "opt_in", take_opt_in },
        { "opt_out", take_opt_out },     { "bounce", take_bounce },
        { "sweep", take_sweep },
    };
    struct subject_notice notice = { .desk = desk, .effects = effects };
    struct recipients recipients = { 0 };
    int code = read_notice(&notice, json, err);
    for (size_t i = 0; i < sizeof events / sizeof *events && !code; i++)
        if (strcmp(events[i].kind, notice.kind) == 0)
            code = events[i].take(&notice, &recipients, err);
    free(recipients.list);
    free(notice.known_by);
    json_decref(notice.json);
    return code;
}

/* ---- contacts of persons that are known by more ---- */

struct sweep {
    const struct subject_desk *desk;
    int (*claims)(void *context, const char *kind, struct slice value, struct subject_claims *claims, struct err *err);
    void *context;
    struct subject_effects *effects;
};

static int sweep_contact(const struct sweep *sweep, const struct contact *contact, struct err *err)
{
    const struct subject_notice notice = { .desk = sweep->desk, .effects = sweep->effects, .recorded_at = sweep->desk->now };
    struct subject_claims claims, first = no_claims;
    bool any = false;
    int code = 0;
    for (size_t i = 0; i < contact->identifier_count && !code; i++) {
        int found = sweep->claims(sweep->context, contact->identifiers[i].kind,
                                  (struct slice){ contact->identifiers[i].value, strlen(contact->identifiers[i].value) }, &claims, err);
        code = found > 0 ? recipient_recognise(sweep->desk->surveys, sweep->desk->keyring, contact->recipient, claims.known_by, err) : found;
        if (found > 0 && !any)
            first = claims;
        any |= found > 0;
    }
    return code || !any ? code : subject_claim(&notice, contact->recipient, &first, err);
}

int subject_sweep(const struct subject_desk *desk,
                  int (*claims)(void *context, const char *kind, struct slice value, struct subject_claims *claims, struct err *err),
                  void *context, struct subject_effects *effects, struct err *err)
{
    const struct sweep sweep = { desk, claims, context, effects };
    struct stmt *stmt = NULL;
    struct arena arena;
    int step = 0, code = db_prepare(desk->surveys, SUBJECT_QUERIES, "all_contacts", &stmt, err);
    arena_init(&arena, true);
    while (!code && (step = stmt_step(stmt, err)) > 0) {
        struct contact contact;
        arena_clear(&arena);
        const char *controller = arena_strdup(&arena, stmt_text(stmt, 1, NULL));
        int found = contact_get(desk->surveys, desk->keyring, stmt_integer(stmt, 0), controller, &arena, &contact, err);
        bool unread = found == ERR_DATA && desk->contacts_lost;
        effects->unread += unread;
        code = unread ? 0 : found < 0 ? found : found ? sweep_contact(&sweep, &contact, err) : 0;
    }
    arena_release(&arena);
    stmt_free(stmt);
    return code ? code : step;
}
