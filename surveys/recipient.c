/* The recipients of surveys/contact.h: who is one address, and which of them are one person. */
#include <string.h>

#include "core/strbuf.h"
#include "surveys/contact.h"

#define QUERIES "surveys/sql/contact.sql"

static void hash_address(const struct keyring *keyring, const char *channel, const char *address,
                         unsigned char hash[PSEUDONYM_BYTES])
{
    struct strbuf domain = { 0 };
    strbuf_addf(&domain, "recipient:%s", channel);
    pseudonym_derive(keyring_key(keyring, KEY_OBJECTION, keyring_epoch(keyring, KEY_OBJECTION)), strbuf_text(&domain),
                     (struct slice) { address, strlen(address) }, hash);
    strbuf_release(&domain);
}

/* The person behind an identifier, whatever the channel. */
static void hash_identifier(const struct keyring *keyring, const struct contact_identifier *identifier,
                            unsigned char hash[PSEUDONYM_BYTES])
{
    struct strbuf domain = { 0 };
    strbuf_addf(&domain, "recipient-of:%s", identifier->kind);
    pseudonym_derive(keyring_key(keyring, KEY_OBJECTION, keyring_epoch(keyring, KEY_OBJECTION)), strbuf_text(&domain),
                     (struct slice) { identifier->value, strlen(identifier->value) }, hash);
    strbuf_release(&domain);
}

static int find_hash(struct db *surveys, const unsigned char hash[PSEUDONYM_BYTES], int64_t *recipient, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "find_recipient", &stmt, err);
    if (code)
        return code;
    stmt_bind_blob(stmt, ":hash", hash, PSEUDONYM_BYTES);
    code = stmt_step(stmt, err);
    if (code >= 0)
        *recipient = code ? stmt_integer(stmt, 0) : 0;
    stmt_free(stmt);
    return code < 0 ? code : 0;
}

int recipient_find(struct db *surveys, const struct keyring *keyring, const char *channel, const char *address,
                   int64_t *recipient, struct err *err)
{
    unsigned char hash[PSEUDONYM_BYTES];
    hash_address(keyring, channel, address, hash);
    return find_hash(surveys, hash, recipient, err);
}

struct made {
    const unsigned char *hash;
    const char *channel;
    bool stand_in;
};

static int get_hash(struct db *surveys, const struct made *made, int64_t *recipient, struct err *err)
{
    struct stmt *stmt = NULL;
    int64_t found = 0;
    int code = find_hash(surveys, made->hash, &found, err);
    if (!code && !found)
        code = db_prepare(surveys, QUERIES, "add_recipient", &stmt, err);
    if (stmt) {
        stmt_bind_blob(stmt, ":hash", made->hash, PSEUDONYM_BYTES);
        stmt_bind_string(stmt, ":channel", made->channel);
        stmt_bind_integer(stmt, ":stand_in", made->stand_in);
        code = stmt_run(stmt, err);
        stmt_free(stmt);
        found = db_last_id(surveys);
    }
    if (!code)
        *recipient = found;
    return code;
}

int recipient_get(struct db *surveys, const struct keyring *keyring, const char *channel, const char *address,
                  int64_t *recipient, struct err *err)
{
    unsigned char hash[PSEUDONYM_BYTES];
    hash_address(keyring, channel, address, hash);
    return get_hash(surveys, &(struct made){ hash, channel, false }, recipient, err);
}

static void hash_stand_in(const struct keyring *keyring, const char *channel, const struct contact_identifier *identifier,
                          unsigned char hash[PSEUDONYM_BYTES])
{
    struct strbuf domain = { 0 };
    strbuf_addf(&domain, "recipient-for:%s:%s", channel, identifier->kind);
    pseudonym_derive(keyring_key(keyring, KEY_OBJECTION, keyring_epoch(keyring, KEY_OBJECTION)), strbuf_text(&domain),
                     (struct slice) { identifier->value, strlen(identifier->value) }, hash);
    strbuf_release(&domain);
}

int recipient_stand_in(struct db *surveys, const struct keyring *keyring, const char *channel, const struct contact_identifier *identifier,
                       int64_t *recipient, struct err *err)
{
    unsigned char hash[PSEUDONYM_BYTES];
    const struct made made = { hash, channel, strcmp(identifier->kind, channel) != 0 };
    if (!made.stand_in)
        hash_address(keyring, channel, identifier->value, hash);
    else
        hash_stand_in(keyring, channel, identifier, hash);
    int code = get_hash(surveys, &made, recipient, err);
    const struct contact known = { .recipient = *recipient, .identifiers = identifier, .identifier_count = 1 };
    return code ? code : recipient_link(surveys, keyring, &known, err);
}

static int link_hash(struct stmt *stmt, int64_t recipient, const unsigned char *hash, struct err *err)
{
    stmt_bind_blob(stmt, ":hash", hash, PSEUDONYM_BYTES);
    stmt_bind_integer(stmt, ":recipient", recipient);
    return stmt_run(stmt, err);
}

int recipient_link(struct db *surveys, const struct keyring *keyring, const struct contact *contact, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "link_identifier", &stmt, err);
    for (size_t i = 0; i < contact->identifier_count && !code; i++) {
        unsigned char hash[PSEUDONYM_BYTES];
        hash_identifier(keyring, &contact->identifiers[i], hash);
        code = link_hash(stmt, contact->recipient, hash, err);
    }
    stmt_free(stmt);
    return code;
}

/* Of another domain than the hash itself, so that nothing here matches anything in cases.db. */
static void hash_recognised(const struct keyring *keyring, const unsigned char *known, unsigned char hash[PSEUDONYM_BYTES])
{
    pseudonym_derive(keyring_key(keyring, KEY_OBJECTION, keyring_epoch(keyring, KEY_OBJECTION)), "recipient-recognised-by",
                     (struct slice) { (const char *)known, PSEUDONYM_BYTES }, hash);
}

int recipient_recognise(struct db *surveys, const struct keyring *keyring, int64_t recipient, struct recipient_hashes known_by, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = known_by.count ? db_prepare(surveys, QUERIES, "link_identifier", &stmt, err) : 0;
    for (size_t i = 0; i < known_by.count && !code; i++) {
        unsigned char hash[PSEUDONYM_BYTES];
        hash_recognised(keyring, known_by.list[i], hash);
        code = link_hash(stmt, recipient, hash, err);
    }
    stmt_free(stmt);
    return code;
}

static int join(struct db *surveys, const unsigned char *hash, const unsigned char *other, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, "surveys/sql/person.sql", "join", &stmt, err);
    if (code)
        return code;
    stmt_bind_blob(stmt, ":hash", hash, PSEUDONYM_BYTES);
    stmt_bind_blob(stmt, ":other", other, PSEUDONYM_BYTES);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

int recipient_join(struct db *surveys, const struct keyring *keyring, const struct contact_identifier *identifiers, size_t count, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < count * count && !code; i++) {
        unsigned char hash[PSEUDONYM_BYTES], other[PSEUDONYM_BYTES];
        hash_identifier(keyring, &identifiers[i / count], hash);
        hash_identifier(keyring, &identifiers[i % count], other);
        code = i / count == i % count ? 0 : join(surveys, hash, other, err);
    }
    return code;
}

static int each_with_hash(struct db *surveys, const unsigned char *hash, int (*visit)(void *context, int64_t recipient, struct err *err),
                          void *context, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "known_by", &stmt, err);
    if (code)
        return code;
    stmt_bind_blob(stmt, ":hash", hash, PSEUDONYM_BYTES);
    while ((code = stmt_step(stmt, err)) == 1) {
        code = visit(context, stmt_integer(stmt, 0), err);
        if (code)
            break;
    }
    stmt_free(stmt);
    return code;
}

int recipient_each_known_by(struct db *surveys, const struct keyring *keyring, const struct contact_identifier *identifier,
                            int (*visit)(void *context, int64_t recipient, struct err *err), void *context,
                            struct err *err)
{
    unsigned char hash[PSEUDONYM_BYTES];
    hash_identifier(keyring, identifier, hash);
    return each_with_hash(surveys, hash, visit, context, err);
}

int recipient_each_recognised(struct db *surveys, const struct keyring *keyring, const unsigned char known[PSEUDONYM_BYTES],
                              int (*visit)(void *context, int64_t recipient, struct err *err), void *context, struct err *err)
{
    unsigned char hash[PSEUDONYM_BYTES];
    hash_recognised(keyring, known, hash);
    return each_with_hash(surveys, hash, visit, context, err);
}
