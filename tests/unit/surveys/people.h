/* A made-up store and survey for tests: people 1..N of cases.db, each with one case closed on day 20000 and known by
 * p<i>@mail.example. */
#ifndef TESTS_UNIT_SURVEYS_PEOPLE_H
#define TESTS_UNIT_SURVEYS_PEOPLE_H

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/atomfile.h"
#include "surveys/consent.h"
#include "surveys/contact.h"

enum { TODAY = 20005 };
#define NOW ((int64_t)TODAY * 86400 + 43200)

static char folder[64];
static struct db *cases, *surveys;
static struct keyring *keyring;
static struct zone *utc;
static struct survey survey;

static char *path(const char *name)
{
    static char text[96];
    snprintf(text, sizeof text, "%s/%s", folder, name);
    return text;
}

static inline const char *email(int64_t person)
{
    static char text[48];
    snprintf(text, sizeof text, "p%lld@mail.example", (long long)person);
    return text;
}

static inline void add_case(int64_t person, int number, int32_t closed_day, int channel)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "INSERT INTO case_cases (id, case_key, file, closed_day, held, d_channel) VALUES (%lld, x'%016llx', 1, %d, 0, %d)",
             (long long)(person << 24 | number), (long long)(person * 1000 + number), closed_day, channel);
    assert_int_equal(db_exec(cases, sql, NULL), 0);
}

static inline void add_person(int64_t person)
{
    unsigned char pseudonym[PSEUDONYM_BYTES];
    char hex[2 * PSEUDONYM_BYTES + 1], sql[256];
    pseudonym_derive(keyring_key(keyring, KEY_ANALYTICS, 1), "email", (struct slice) { email(person), strlen(email(person)) }, pseudonym);
    sodium_bin2hex(hex, sizeof hex, pseudonym, sizeof pseudonym);
    snprintf(sql, sizeof sql, "INSERT INTO identifier (pseudonym, kind, identifier, epoch, person, objection) VALUES (x'%s', 1, %lld, 1, %lld, x'00')",
             hex, (long long)person, (long long)person);
    assert_int_equal(db_exec(cases, sql, NULL), 0);
    add_case(person, 1, 20000, person % 2 ? 11 : 12);
}

static inline int64_t add_contact(int64_t person, const char *address, const char *language)
{
    struct contact_identifier identifier = { "email", mem_strdup(email(person)) };
    struct contact contact = { .controller = "nordhaus", .channel = "email", .address = address, .identifiers = &identifier,
                               .identifier_count = 1, .language = language, .usable_until = TODAY + 400 };
    assert_int_equal(recipient_get(surveys, keyring, "email", address, &contact.recipient, NULL), 0);
    assert_int_equal(contact_put(surveys, keyring, &contact, NULL), 0);
    free((char *)(uintptr_t)identifier.value);
    return contact.recipient;
}

static inline void consent(int64_t recipient, enum consent_kind kind, int64_t at)
{
    bool is_new;
    struct consent_event event = { .recipient = recipient, .controller = "nordhaus", .purpose = "service_survey", .kind = kind, .occurred_at = at };
    assert_int_equal(consent_record(surveys, &event, &is_new, NULL), 0);
}

static inline int64_t add_asked(int64_t person)
{
    add_person(person);
    int64_t recipient = add_contact(person, email(person), "de");
    consent(recipient, CONSENT_OPT_IN, 1);
    return recipient;
}

static int people_setup(void **state)
{
    (void)state;
    static const char *const languages[] = { "de", "en" };
    survey = (struct survey) { .name = "service", .controller = "nordhaus", .purpose = "service_survey", .source = "cases",
                               .languages = languages, .language_count = 2, .closed_within_days = 14, .wave = 1,
                               .cap_invitations = 1, .cap_days = 90, .seed = 1 };
    const char *place = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.40s/test_plan.XXXXXX", place ? place : "/tmp");
    if (!mkdtemp(folder) || keyring_create(path("keys"), NULL) || keyring_open(&keyring, path("keys"), NULL) || zone_open(&utc, "UTC", NULL)
        || db_open(&cases, path("cases.db"), "cases", DB_CREATE, NULL) || db_open(&surveys, path("surveys.db"), "surveys", DB_CREATE, NULL))
        return -1;
    return db_exec(cases,
                   "CREATE TABLE case_cases (id INTEGER PRIMARY KEY, case_key BLOB, file INTEGER, closed_day INTEGER, held INTEGER, d_channel INTEGER) STRICT;"
                   "INSERT INTO source VALUES (1, 'cases', 1, 0);"
                   "INSERT INTO dimension (dimension, source, name, kind, levels, definition) VALUES (1, 1, 'channel', 'category', 1, x'00');"
                   "INSERT INTO dimension_value (code, dimension, level, label) VALUES (11, 1, 1, 'chat'), (12, 1, 1, 'phone');",
                   NULL);
}

static int people_teardown(void **state)
{
    (void)state;
    db_close(cases);
    db_close(surveys);
    keyring_free(keyring);
    zone_free(utc);
    return atomfile_remove_tree(folder, NULL);
}

#endif
