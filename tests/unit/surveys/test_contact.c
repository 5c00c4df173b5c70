#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/strbuf.h"
#include "surveys/contact.h"

static char folder[64], path[96], keys[96];
static struct db *db;
static struct keyring *keyring;
static const struct contact_identifier by_email[] = { { "email", "erika@mail.example" } };
static const struct contact_identifier by_number[] = { { "id:customer", "K-4711" } };

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/test_contact.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/surveys.db", folder);
    snprintf(keys, sizeof keys, "%s/keys", folder);
    if (keyring_create(keys, NULL) || keyring_open(&keyring, keys, NULL))
        return -1;
    return db_open(&db, path, "surveys", DB_CREATE, NULL);
}

static int teardown(void **state)
{
    (void)state;
    db_close(db);
    keyring_free(keyring);
    return atomfile_remove_tree(folder, NULL);
}

static struct contact make(int64_t updated_at, const struct contact_identifier *identifiers, const char *language)
{
    struct contact contact = { .controller = "nordhaus", .channel = "email", .address = "erika@mail.example",
                               .identifiers = identifiers, .identifier_count = 1, .language = language, .country = "DE",
                               .updated_at = updated_at, .usable_until = 20000 };
    assert_int_equal(recipient_get(db, keyring, "email", contact.address, &contact.recipient, NULL), 0);
    return contact;
}

static void put(int64_t updated_at, const struct contact_identifier *identifiers, const char *language)
{
    struct contact contact = make(updated_at, identifiers, language);
    assert_int_equal(contact_put(db, keyring, &contact, NULL), 0);
}

static void test_one_address_is_one_recipient(void **state)
{
    (void)state;
    int64_t first = 0, again = 0, phone = 0, unknown = 9;
    assert_int_equal(recipient_get(db, keyring, "email", "a@b.example", &first, NULL), 0);
    assert_int_equal(recipient_get(db, keyring, "email", "a@b.example", &again, NULL), 0);
    assert_int_equal(recipient_get(db, keyring, "chat", "a@b.example", &phone, NULL), 0);
    assert_int_equal(recipient_find(db, keyring, "email", "c@d.example", &unknown, NULL), 0);
    assert_int_equal(first, again);
    assert_int_not_equal(first, phone);
    assert_int_equal(unknown, 0);
}

static void test_identifiers_join_and_older_news_do_not_count(void **state)
{
    (void)state;
    struct arena arena;
    struct contact contact;
    arena_init(&arena, true);
    put(10, by_email, "de");
    put(20, by_number, NULL);
    put(5, by_number, "fr");
    assert_int_equal(contact_get(db, keyring, 1, "nordhaus", &arena, &contact, NULL), 1);
    assert_string_equal(contact.address, "erika@mail.example");
    assert_int_equal(contact.identifier_count, 2);
    assert_string_equal(contact.language, "de");
    assert_int_equal(contact.updated_at, 20);
    assert_int_equal(contact_get(db, keyring, 1, "velora", &arena, &contact, NULL), 0);
    arena_release(&arena);
}

static int count(void *context, const struct contact *contact, struct err *err)
{
    (void)contact;
    (void)err;
    ++*(int *)context;
    return 0;
}

static void test_each_and_expire(void **state)
{
    (void)state;
    int seen = 0;
    int64_t gone = 0;
    put(10, by_email, "de");
    assert_int_equal(contact_each(db, keyring, "nordhaus", "email", count, &seen, NULL), 0);
    assert_int_equal(contact_each(db, keyring, "nordhaus", "phone", count, &seen, NULL), 0);
    assert_int_equal(seen, 1);
    assert_int_equal(contact_expire(db, 20000, &gone, NULL), 0);
    assert_int_equal(gone, 0);
    assert_int_equal(contact_expire(db, 20001, &gone, NULL), 0);
    assert_int_equal(gone, 1);
}

static int add(void *context, int64_t recipient, struct err *err)
{
    (void)err;
    *(int64_t *)context += recipient;
    return 0;
}

/* An objection by the customer number reaches the phone that shares only the e-mail address with it. */
static void test_p4_recipients_of_one_person_are_found(void **state)
{
    (void)state;
    struct contact phone = { .controller = "velora", .channel = "phone", .address = "+493023125000",
                             .identifiers = by_email, .identifier_count = 1, .usable_until = 1 };
    struct contact_identifier stranger = { "id:customer", "K-4712" };
    int64_t sum = 0;
    put(10, by_email, "de");
    put(11, by_number, "de");
    assert_int_equal(recipient_get(db, keyring, "phone", phone.address, &phone.recipient, NULL), 0);
    assert_int_equal(contact_put(db, keyring, &phone, NULL), 0);
    assert_int_equal(recipient_each_known_by(db, keyring, by_number, add, &sum, NULL), 0);
    assert_int_equal(sum, 1 + phone.recipient);
    sum = 0;
    assert_int_equal(recipient_each_known_by(db, keyring, &stranger, add, &sum, NULL), 0);
    assert_int_equal(sum, 0);
}

/* What belongs to one recipient cannot be moved to another. */
static void test_a_moved_contact_is_refused(void **state)
{
    (void)state;
    struct arena arena;
    struct contact contact;
    int64_t other = 0;
    put(10, by_email, "de");
    assert_int_equal(recipient_get(db, keyring, "email", "x@y.example", &other, NULL), 0);
    assert_int_equal(db_exec(db, "UPDATE contact SET recipient = 2", NULL), 0);
    arena_init(&arena, true);
    assert_int_equal(contact_get(db, keyring, other, "nordhaus", &arena, &contact, NULL), ERR_DATA);
    arena_release(&arena);
}

static void test_p1_no_address_in_clear_at_rest(void **state)
{
    (void)state;
    static const char *const suffixes[] = { "", "-wal" };
    put(10, by_email, "de");
    for (size_t i = 0; i < 2; i++) {
        struct strbuf bytes = { 0 };
        char name[128];
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        assert_int_equal(atomfile_read(name, 1 << 24, &bytes, NULL), 0);
        assert_true(bytes.length == 0 || !memmem(bytes.text, bytes.length, "erika", 5));
        strbuf_release(&bytes);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_address_is_one_recipient),
        TEST(test_identifiers_join_and_older_news_do_not_count),
        TEST(test_each_and_expire),
        TEST(test_p4_recipients_of_one_person_are_found),
        TEST(test_a_moved_contact_is_refused),
        TEST(test_p1_no_address_in_clear_at_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
