#include "surveys/contact.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/strbuf.h"

#define QUERIES "surveys/sql/contact.sql"

static void context_of(int64_t recipient, const char *controller, struct strbuf *context)
{
    strbuf_clear(context);
    strbuf_addf(context, "contact:%lld:%s", (long long)recipient, controller);
}

static bool is_known(const struct contact *contact, const struct contact_identifier *identifier)
{
    for (size_t i = 0; i < contact->identifier_count; i++)
        if (strcmp(contact->identifiers[i].kind, identifier->kind) == 0 && strcmp(contact->identifiers[i].value, identifier->value) == 0)
            return true;
    return false;
}

static void add_identifier(json_t *list, const struct contact_identifier *identifier)
{
    if (json_array_append_new(list, json_pack("{s:s, s:s}", "kind", identifier->kind, "value", identifier->value)))
        mem_fail();
}

/* The secret part as JSON: the contact's own identifiers and those of `before` that it lacks. */
static void write_secret(const struct contact *contact, const struct contact *before, struct strbuf *out)
{
    json_t *list = json_array();
    for (size_t i = 0; i < contact->identifier_count; i++)
        add_identifier(list, &contact->identifiers[i]);
    for (size_t i = 0; before && i < before->identifier_count; i++)
        if (!is_known(contact, &before->identifiers[i]))
            add_identifier(list, &before->identifiers[i]);
    json_t *secret = json_pack("{s:s, s:o}", "address", contact->address, "identifiers", list);
    char *text = json_dumps(secret, JSON_COMPACT);
    if (!text)
        mem_fail();
    strbuf_adds(out, text);
    explicit_bzero(text, strlen(text));
    free(text);
    json_decref(secret);
}

static int store(struct db *surveys, const struct keyring *keyring, const struct contact *contact,
                 const struct contact *before, struct err *err)
{
    struct strbuf context = { 0 }, secret = { 0 }, sealed = { 0 };
    uint32_t epoch = keyring_epoch(keyring, KEY_CONTACT);
    struct stmt *stmt = NULL;
    context_of(contact->recipient, contact->controller, &context);
    write_secret(contact, before, &secret);
    key_encrypt(keyring_key(keyring, KEY_CONTACT, epoch), strbuf_text(&context),
                (struct slice) { strbuf_text(&secret), secret.length }, &sealed);
    strbuf_wipe(&secret);
    int code = db_prepare(surveys, QUERIES, "put", &stmt, err);
    if (!code) {
        stmt_bind_integer(stmt, ":recipient", contact->recipient);
        stmt_bind_string(stmt, ":controller", contact->controller);
        stmt_bind_blob(stmt, ":sealed", strbuf_text(&sealed), sealed.length);
        stmt_bind_integer(stmt, ":epoch", epoch);
        stmt_bind_string(stmt, ":language", contact->language);
        stmt_bind_string(stmt, ":country", contact->country);
        stmt_bind_string(stmt, ":timezone", contact->timezone);
        stmt_bind_integer(stmt, ":updated_at", contact->updated_at);
        stmt_bind_integer(stmt, ":usable_until", contact->usable_until);
        code = stmt_run(stmt, err);
    }
    stmt_free(stmt);
    strbuf_release(&sealed);
    strbuf_release(&context);
    return code;
}

int contact_put(struct db *surveys, const struct keyring *keyring, const struct contact *contact, struct err *err)
{
    struct arena arena;
    struct contact before;
    arena_init(&arena, true);
    int found = contact_get(surveys, keyring, contact->recipient, contact->controller, &arena, &before, err);
    int code = found < 0 ? found : 0;
    bool older = found == 1 && before.updated_at > contact->updated_at;
    if (!code && !older)
        code = store(surveys, keyring, contact, found ? &before : NULL, err);
    if (!code)
        code = recipient_link(surveys, keyring, contact, err);
    arena_release(&arena);
    return code;
}

static const char *copy(struct arena *arena, const json_t *text)
{
    return arena_strdup(arena, json_is_string(text) ? json_string_value(text) : "");
}

static int read_secret(struct slice text, struct arena *arena, struct contact *contact, struct err *err)
{
    json_t *secret = json_loadb(text.text, text.length, 0, NULL);
    const json_t *list = json_object_get(secret, "identifiers");
    if (!secret)
        return err_set(err, ERR_DATA, "a contact does not hold what it should");
    struct contact_identifier *identifiers = arena_alloc(arena, (json_array_size(list) + 1) * sizeof *identifiers);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        identifiers[i] = (struct contact_identifier) { copy(arena, json_object_get(entry, "kind")),
                                                       copy(arena, json_object_get(entry, "value")) };
    }
    contact->address = copy(arena, json_object_get(secret, "address"));
    contact->identifiers = identifiers;
    contact->identifier_count = json_array_size(list);
    json_decref(secret);
    return 0;
}

static const char *column(struct stmt *stmt, int index, struct arena *arena)
{
    return stmt_is_null(stmt, index) ? NULL : arena_strdup(arena, stmt_text(stmt, index, NULL));
}

/* The row of the queries `get` and `each`. */
static int read_row(struct stmt *stmt, const struct keyring *keyring, const char *controller, struct arena *arena,
                    struct contact *contact, struct err *err)
{
    struct strbuf context = { 0 }, secret = { 0 };
    size_t length;
    const void *sealed = stmt_blob(stmt, 0, &length);
    const unsigned char *key = keyring_key(keyring, KEY_CONTACT, (uint32_t)stmt_integer(stmt, 1));
    struct contact read = { .recipient = stmt_integer(stmt, 8), .controller = controller, .updated_at = stmt_integer(stmt, 5),
                            .usable_until = (int32_t)stmt_integer(stmt, 6) };
    read.language = column(stmt, 2, arena);
    read.country = column(stmt, 3, arena);
    read.timezone = column(stmt, 4, arena);
    read.channel = column(stmt, 7, arena);
    context_of(read.recipient, controller, &context);
    int code = key ? key_decrypt(key, strbuf_text(&context), (struct slice) { sealed, length }, &secret, err)
                   : err_set(err, ERR_DATA, "the contact key of epoch %lld is missing", (long long)stmt_integer(stmt, 1));
    if (!code)
        code = read_secret((struct slice) { strbuf_text(&secret), secret.length }, arena, &read, err);
    strbuf_wipe(&secret);
    strbuf_release(&context);
    if (!code)
        *contact = read;
    return code;
}

int contact_get(struct db *surveys, const struct keyring *keyring, int64_t recipient, const char *controller,
                struct arena *arena, struct contact *contact, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "get", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":recipient", recipient);
    stmt_bind_string(stmt, ":controller", controller);
    code = stmt_step(stmt, err);
    if (code == 1) {
        int read = read_row(stmt, keyring, controller, arena, contact, err);
        code = read ? read : 1;
    }
    stmt_free(stmt);
    return code;
}

int contact_each(struct db *surveys, const struct keyring *keyring, const char *controller, const char *channel,
                 int (*visit)(void *context, const struct contact *contact, struct err *err), void *context,
                 struct err *err)
{
    struct stmt *stmt = NULL;
    struct arena arena;
    int code = db_prepare(surveys, QUERIES, "each", &stmt, err);
    if (code)
        return code;
    arena_init(&arena, true);
    stmt_bind_string(stmt, ":controller", controller);
    stmt_bind_string(stmt, ":channel", channel);
    while ((code = stmt_step(stmt, err)) == 1) {
        struct contact contact;
        arena_clear(&arena);
        code = read_row(stmt, keyring, controller, &arena, &contact, err);
        if (!code)
            code = visit(context, &contact, err);
        if (code)
            break;
    }
    arena_release(&arena);
    stmt_free(stmt);
    return code;
}

int contact_expire(struct db *surveys, int32_t today, int64_t *count, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "expire", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":today", today);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    if (!code)
        *count = db_changes(surveys);
    return code;
}

int contact_delete(struct db *surveys, int64_t recipient, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "delete", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":recipient", recipient);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

int contact_leave(struct db *surveys, int64_t recipient, const char *controller, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "leave", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":recipient", recipient);
    stmt_bind_string(stmt, ":controller", controller);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}
