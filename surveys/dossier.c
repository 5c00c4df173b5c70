#include "surveys/dossier.h"

#include <stdlib.h>
#include <string.h>

#include "core/calendar.h"
#include "core/mem.h"
#include "surveys/dossier_part.h"

struct search {
    struct db *surveys, *intake;
    const struct keyring *keyring;
    bool contacts_lost;
    const struct dossier_person *person;
    struct arena arena;
    int64_t *recipients;
    size_t count, capacity;
};

void dossier_set_instant(json_t *object, const char *key, int64_t at)
{
    char text[32];
    calendar_format_instant(at, text);
    json_set_made(object, key, json_string(text));
}

void dossier_set_list(json_t *object, const char *key, json_t *list)
{
    if (json_array_size(list))
        json_set_made(object, key, list);
    else
        json_decref(list);
}

/* ---- who it is ---- */

static int add_recipient(void *context, int64_t recipient, struct err *err)
{
    struct search *search = context;
    (void)err;
    for (size_t i = 0; i < search->count; i++)
        if (search->recipients[i] == recipient)
            return 0;
    MEM_GROW(search->recipients, search->count, search->capacity);
    search->recipients[search->count++] = recipient;
    return 0;
}

static int find_by_identifier(struct search *search, struct err *err)
{
    static const char *const channels[] = { "email", "phone", "chat", "social" };
    const struct contact_identifier *identifier = &search->person->identifier;
    int code = recipient_each_known_by(search->surveys, search->keyring, identifier, add_recipient, search, err);
    for (size_t i = 0; i < sizeof channels / sizeof *channels && !code; i++) {
        int64_t recipient = 0;
        code = recipient_find(search->surveys, search->keyring, channels[i], identifier->value, &recipient, err);
        if (!code && recipient)
            code = add_recipient(search, recipient, err);
    }
    return code;
}

/* 0 if it is not there, or its key is lost: then *contact stays as it is. */
static int read_contact(struct search *search, int64_t recipient, const char *controller, struct contact *contact, struct err *err)
{
    int found = contact_get(search->surveys, search->keyring, recipient, controller, &search->arena, contact, err);
    return found == ERR_DATA && search->contacts_lost ? 0 : found;
}

/* Contacts of the same person under identifiers that were not named. */
static int find_by_contacts(struct search *search, struct err *err)
{
    struct stmt *stmt = NULL;
    int step = 0, code = db_prepare(search->surveys, DOSSIER_QUERIES, "contacts", &stmt, err);
    while (!code && (step = stmt_step(stmt, err)) > 0) {
        struct contact contact = { 0 };
        arena_clear(&search->arena);
        int found = read_contact(search, stmt_integer(stmt, 0), arena_strdup(&search->arena, stmt_text(stmt, 1, NULL)), &contact, err);
        code = found < 0 ? found : 0;
        for (size_t i = 0; i < contact.identifier_count && !code; i++)
            if (search->person->is_known(search->person->context, &contact.identifiers[i]))
                code = add_recipient(search, contact.recipient, err);
    }
    stmt_free(stmt);
    return code ? code : step;
}

/* ---- what there is ---- */

static int each_row(const struct search *search, const char *query, int64_t recipient, void (*add)(struct stmt *stmt, json_t *list),
                    json_t *list, struct err *err)
{
    struct stmt *stmt = NULL;
    int step = 0, code = db_prepare(search->surveys, DOSSIER_QUERIES, query, &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":recipient", recipient);
    while ((step = stmt_step(stmt, err)) > 0)
        add(stmt, list);
    stmt_free(stmt);
    return step;
}

json_t *dossier_append(json_t *list)
{
    json_t *object = json_made(json_object());
    json_append_made(list, object);
    return object;
}

void dossier_set_text(json_t *object, const char *key, struct stmt *stmt, int column)
{
    const char *text = stmt_text(stmt, column, NULL);
    if (text && *text)
        json_set_made(object, key, json_string(text));
}

static void add_consent(struct stmt *stmt, json_t *list)
{
    json_t *event = dossier_append(list);
    dossier_set_text(event, "kind", stmt, 0);
    dossier_set_instant(event, "at", stmt_integer(stmt, 1));
    dossier_set_text(event, "controller", stmt, 2);
    dossier_set_text(event, "purpose", stmt, 3);
    dossier_set_text(event, "origin", stmt, 4);
    dossier_set_text(event, "text", stmt, 5);
}

static void add_bounce(struct stmt *stmt, json_t *list)
{
    json_t *bounce = dossier_append(list);
    dossier_set_text(bounce, "kind", stmt, 0);
    dossier_set_instant(bounce, "at", stmt_integer(stmt, 1));
}

static void add_plan(struct stmt *stmt, json_t *list)
{
    json_t *plan = dossier_append(list);
    dossier_set_text(plan, "survey", stmt, 0);
    dossier_set_instant(plan, "at", stmt_integer(stmt, 1));
    dossier_set_text(plan, "segment", stmt, 2);
    if (stmt_integer(stmt, 3))
        json_set_made(plan, "holdout", json_true());
}

static void add_invitation(struct stmt *stmt, json_t *list)
{
    json_t *invitation = dossier_append(list);
    dossier_set_text(invitation, "survey", stmt, 0);
    json_set_made(invitation, "wave", json_integer(stmt_integer(stmt, 1)));
    dossier_set_instant(invitation, "at", stmt_integer(stmt, 2));
    dossier_set_instant(invitation, "expires", stmt_integer(stmt, 3));
    dossier_set_text(invitation, "state", stmt, 4);
    json_set_made(invitation, "reminders", json_integer(stmt_integer(stmt, 5)));
    dossier_set_text(invitation, "decision", stmt, 6);
    if (stmt_integer(stmt, 7))
        json_set_made(invitation, "begun", json_true());
    if (stmt_integer(stmt, 8))
        json_set_made(invitation, "refused", json_true());
}

/* Each message, and to whom it was handed where a vendor asks. */
static void add_message(struct stmt *stmt, json_t *list)
{
    json_t *message = dossier_append(list);
    dossier_set_text(message, "survey", stmt, 0);
    dossier_set_instant(message, "at", stmt_integer(stmt, 1));
    dossier_set_text(message, "state", stmt, 2);
    dossier_set_text(message, "vendor", stmt, 3);
    dossier_set_text(message, "fields", stmt, 4);
}

static void add_confirmation(struct stmt *stmt, json_t *list)
{
    json_t *confirmation = dossier_append(list);
    dossier_set_text(confirmation, "survey", stmt, 0);
    dossier_set_text(confirmation, "controller", stmt, 1);
    dossier_set_instant(confirmation, "at", stmt_integer(stmt, 2));
    dossier_set_instant(confirmation, "expires", stmt_integer(stmt, 3));
    dossier_set_text(confirmation, "state", stmt, 4);
}

/* Of confidential surveys; anonymous ones lead to nobody. */
static void add_response(struct stmt *stmt, json_t *list)
{
    json_t *response = dossier_append(list);
    char day[16];
    calendar_format_day((int32_t)stmt_integer(stmt, 1), day);
    dossier_set_text(response, "survey", stmt, 0);
    json_set_made(response, "week", json_string(day));
    dossier_set_text(response, "answers", stmt, 2);
}

static void add_controller(struct stmt *stmt, json_t *list)
{
    json_append_made(list, json_string(stmt_text(stmt, 0, NULL)));
}

static void describe_contact(const struct contact *contact, json_t *object)
{
    json_t *identifiers = json_made(json_array());
    char day[16];
    calendar_format_day(contact->usable_until, day);
    for (size_t i = 0; i < contact->identifier_count; i++) {
        json_t *entry = dossier_append(identifiers);
        json_set_made(entry, "kind", json_string(contact->identifiers[i].kind));
        json_set_made(entry, "value", json_string(contact->identifiers[i].value));
    }
    json_set_made(object, "controller", json_string(contact->controller));
    json_set_made(object, "address", json_string(contact->address));
    if (contact->language)
        json_set_made(object, "language", json_string(contact->language));
    if (contact->country)
        json_set_made(object, "country", json_string(contact->country));
    json_set_made(object, "kept_until", json_string(day));
    dossier_set_list(object, "identifiers", identifiers);
}

static int add_contacts(struct search *search, int64_t recipient, json_t *out, struct err *err)
{
    json_t *controllers = json_made(json_array()), *list = json_made(json_array());
    int code = each_row(search, "controllers", recipient, add_controller, controllers, err);
    for (size_t i = 0; i < json_array_size(controllers) && !code; i++) {
        struct contact contact = { 0 };
        int found = read_contact(search, recipient, json_string_value(json_array_get(controllers, i)), &contact, err);
        code = found < 0 ? found : 0;
        if (found > 0)
            describe_contact(&contact, dossier_append(list));
        else if (!code) /* it is there: its controller was read */
            json_set_made(dossier_append(list), "unreadable", json_true());
    }
    json_decref(controllers);
    dossier_set_list(out, "contacts", list);
    return code;
}

/* Its channel, and under how many identifiers it is known; or that it is none and only stands for one. */
static void add_address(struct stmt *stmt, json_t *list)
{
    json_t *address = dossier_append(list);
    dossier_set_text(address, "channel", stmt, 0);
    json_set_made(address, "known_by", json_integer(stmt_integer(stmt, 1)));
    if (stmt_integer(stmt, 2))
        json_set_made(address, "stand_in", json_true());
}

static int add_channel(const struct search *search, int64_t recipient, json_t *out, struct err *err)
{
    json_t *list = json_made(json_array());
    int code = each_row(search, "channel", recipient, add_address, list, err);
    if (!code && json_array_size(list) && json_object_update(out, json_array_get(list, 0)))
        mem_fail();
    json_decref(list);
    return code;
}

static int describe(struct search *search, int64_t recipient, json_t *out, struct err *err)
{
    static const struct {
        const char *query;
        void (*add)(struct stmt *stmt, json_t *list);
    } parts[] = { { "consents", add_consent }, { "bounces", add_bounce }, { "plans", add_plan }, { "invitations", add_invitation },
                  { "messages", add_message }, { "confirmations", add_confirmation }, { "responses", add_response } };
    int code = add_channel(search, recipient, out, err);
    if (!code)
        code = add_contacts(search, recipient, out, err);
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !code; i++) {
        json_t *list = json_made(json_array());
        code = each_row(search, parts[i].query, recipient, parts[i].add, list, err);
        dossier_set_list(out, parts[i].query, list);
    }
    return code || !search->intake ? code
                                   : dossier_intake(&(struct dossier_stores){ search->surveys, search->intake, search->keyring,
                                                                              search->contacts_lost }, recipient, out, err);
}

int dossier_surveys(const struct dossier_stores *stores, const struct dossier_person *person, json_t *out, struct err *err)
{
    struct search search = { .surveys = stores->surveys, .intake = stores->intake, .keyring = stores->keyring,
                             .contacts_lost = stores->contacts_lost, .person = person };
    json_t *list = json_made(json_array());
    arena_init(&search.arena, true);
    int code = find_by_identifier(&search, err);
    if (!code)
        code = find_by_contacts(&search, err);
    for (size_t i = 0; i < search.count && !code; i++)
        code = describe(&search, search.recipients[i], dossier_append(list), err);
    arena_release(&search.arena);
    free(search.recipients);
    dossier_set_list(out, "recipients", list);
    return code;
}
