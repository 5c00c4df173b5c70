#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sys/prctl.h>

#include "core/keyring.h"
#include "core/strbuf.h"

static char root[] = "/tmp/fallzahl-keys-XXXXXX";
static char keys[64];

static int make_root(void **state)
{
    (void)state;
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    return rmdir(root);
}

static int make_keys(void **state)
{
    (void)state;
    snprintf(keys, sizeof keys, "%s/keys", root);
    return keyring_create(keys, NULL);
}

static int remove_keys(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", keys);
    return system(command);
}

static const char *in_keys(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", keys, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    int fd = open(in_keys(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static int try_open(struct err *err)
{
    struct keyring *keyring = NULL;
    int code = keyring_open(&keyring, keys, err);
    if (code)
        assert_null(keyring);
    keyring_free(keyring);
    return code;
}

static const char a_key[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";

static void test_create_makes_one_key_per_purpose(void **state)
{
    struct keyring *keyring;
    (void)state;
    assert_int_equal(keyring_open(&keyring, keys, NULL), 0);
    for (int i = 0; i < KEY_PURPOSES; i++) {
        const unsigned char *key = keyring_key(keyring, (enum key_purpose)i, 1);
        assert_int_equal(keyring_epoch(keyring, (enum key_purpose)i), 1);
        assert_non_null(key);
        assert_null(keyring_key(keyring, (enum key_purpose)i, 2));
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(key, keyring_key(keyring, (enum key_purpose)j, 1), KEY_BYTES);
    }
    keyring_free(keyring);
    struct stat status;
    assert_int_equal(stat(keys, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_int_equal(stat(in_keys("analytics.1"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(status.st_size, 65);
}

static void test_create_again_changes_nothing(void **state)
{
    struct keyring *first, *second;
    (void)state;
    assert_int_equal(keyring_open(&first, keys, NULL), 0);
    assert_int_equal(keyring_create(keys, NULL), 0);
    assert_int_equal(keyring_open(&second, keys, NULL), 0);
    for (int i = 0; i < KEY_PURPOSES; i++)
        assert_memory_equal(keyring_key(first, (enum key_purpose)i, 1), keyring_key(second, (enum key_purpose)i, 1),
                            KEY_BYTES);
    keyring_free(first);
    keyring_free(second);
}

static void test_opening_never_creates(void **state)
{
    struct keyring *keyring;
    (void)state;
    unlink(in_keys("analytics.1"));
    assert_int_equal(keyring_open(&keyring, keys, NULL), 0);
    assert_int_equal(keyring_epoch(keyring, KEY_ANALYTICS), 0);
    assert_null(keyring_key(keyring, KEY_ANALYTICS, 1));
    assert_int_equal(keyring_epoch(keyring, KEY_OBJECTION), 1);
    keyring_free(keyring);
    assert_int_equal(access(in_keys("analytics.1"), F_OK), -1);
}

static void test_epochs(void **state)
{
    struct keyring *keyring;
    uint32_t epochs[PSEUDONYM_MAX_EPOCHS];
    (void)state;
    write_file("analytics.12", a_key);
    write_file("analytics.3", a_key);
    assert_int_equal(keyring_open(&keyring, keys, NULL), 0);
    assert_int_equal(keyring_epoch(keyring, KEY_ANALYTICS), 12);
    assert_int_equal(keyring_epochs(keyring, KEY_ANALYTICS, NULL), 3);
    assert_int_equal(keyring_epochs(keyring, KEY_ANALYTICS, epochs), 3);
    assert_int_equal(epochs[0], 1);
    assert_int_equal(epochs[1], 3);
    assert_int_equal(epochs[2], 12);
    static const unsigned char start[] = { 0x00, 0x11, 0x22, 0x33 };
    assert_memory_equal(keyring_key(keyring, KEY_ANALYTICS, 3), start, sizeof start);
    keyring_free(keyring);
}

static void test_wrong_modes_are_refused(void **state)
{
    static const mode_t wrong[] = { 0640, 0604, 0660, 0644, 0700, 0200, 04600 };
    struct err err;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(chmod(in_keys("objection.1"), wrong[i]), 0);
        assert_int_equal(try_open(&err), ERR_PERMISSION);
        assert_non_null(strstr(err.message, "objection.1"));
    }
    assert_int_equal(chmod(in_keys("objection.1"), 0400), 0);
    assert_int_equal(try_open(&err), 0);
}

static void test_wrong_folder_mode_is_refused(void **state)
{
    static const mode_t wrong[] = { 0750, 0701, 0777, 0500 };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(chmod(keys, wrong[i]), 0);
        assert_int_equal(try_open(NULL), ERR_PERMISSION);
    }
    assert_int_equal(chmod(keys, 0700), 0);
}

static void test_foreign_owner_is_refused(void **state)
{
    (void)state;
    if (geteuid() != 0)
        return; /* only root can give a file away */
    assert_int_equal(chown(in_keys("token.1"), 65534, (gid_t)-1), 0);
    assert_int_equal(try_open(NULL), ERR_PERMISSION);
    assert_int_equal(chown(in_keys("token.1"), 0, (gid_t)-1), 0);
    assert_int_equal(chown(keys, 65534, (gid_t)-1), 0);
    assert_int_equal(try_open(NULL), ERR_PERMISSION);
    assert_int_equal(chown(keys, 0, (gid_t)-1), 0);
}

static void test_links_and_odd_files_are_refused(void **state)
{
    char elsewhere[96];
    (void)state;
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", root);
    assert_int_equal(rename(in_keys("contact.1"), elsewhere), 0);
    assert_int_equal(symlink(elsewhere, in_keys("contact.1")), 0);
    assert_int_equal(try_open(NULL), ERR_PERMISSION);
    unlink(in_keys("contact.1"));
    assert_int_equal(link(elsewhere, in_keys("contact.1")), 0);
    assert_int_equal(try_open(NULL), ERR_PERMISSION);
    unlink(elsewhere);
    assert_int_equal(try_open(NULL), 0);
    unlink(in_keys("contact.1"));
    assert_int_equal(mkfifo(in_keys("contact.1"), 0600), 0);
    assert_int_equal(try_open(NULL), ERR_PERMISSION);
    unlink(in_keys("contact.1"));
    assert_int_equal(mkdir(in_keys("contact.1"), 0700), 0);
    assert_int_equal(try_open(NULL), ERR_PERMISSION);
}

static void test_folder_that_is_a_link_is_refused(void **state)
{
    char real[80];
    (void)state;
    snprintf(real, sizeof real, "%s.real", keys);
    assert_int_equal(rename(keys, real), 0);
    assert_int_equal(symlink(real, keys), 0);
    assert_int_equal(try_open(NULL), ERR_PERMISSION);
    unlink(keys);
    assert_int_equal(try_open(NULL), ERR_NOINPUT);
    assert_int_equal(rename(real, keys), 0);
}

static void test_what_is_not_a_key_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "\n",
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",     /* no line feed */
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n\n", /* something after it */
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddee\n",     /* short */
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeffaa\n", /* long */
        "0011223344556677 8899aabbccddeef00112233445566778899aabbccddeeff\n",
        "zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n",
    };
    struct err err;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_file("objection.1", wrong[i]);
        assert_int_equal(try_open(&err), ERR_DATA);
        assert_null(strstr(err.message, "0011")); /* nothing of the content */
        unlink(in_keys("objection.1"));
        write_file("quarantine.1", wrong[i]); /* much goes on without this one: it counts as lost */
        struct keyring *keyring;
        assert_int_equal(keyring_open(&keyring, keys, &err), 0);
        assert_true(keyring_is_damaged(keyring, KEY_QUARANTINE, 1));
        assert_int_equal(keyring_damaged(keyring, KEY_QUARANTINE, NULL), 1);
        assert_int_equal(keyring_epoch(keyring, KEY_QUARANTINE), 0);
        keyring_free(keyring);
    }
}

static void test_names_that_are_no_keys_are_refused(void **state)
{
    static const char *const wrong[] = { "analytics", "analytics.0",   "analytics.01", "analytics.1.bak",  "Analytics.2",
                                         "other.1",   "analytics.x",   "analytics.",   "analytics.1x",
                                         "README",    "analytics.-1", "analytics.9999999999" };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_file(wrong[i], a_key);
        assert_int_equal(try_open(NULL), ERR_DATA);
        unlink(in_keys(wrong[i]));
    }
    write_file(".tmp-analytics.2", "half a ke"); /* what a killed creation leaves */
    assert_int_equal(try_open(NULL), 0);
}

static void test_keys_are_locked_and_read_only(void **state)
{
    struct keyring *keyring;
    (void)state;
    assert_int_equal(keyring_open(&keyring, keys, NULL), 0);
    const unsigned char *key = keyring_key(keyring, KEY_CONTACT, 1);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_DUMPABLE, 0);
        signal(SIGSEGV, SIG_DFL); /* cmocka's handler would go on with the test here */
        memset((void *)(uintptr_t)key, 0, 1);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    keyring_free(keyring);
    keyring_free(NULL);
}

static void test_process_leaves_no_core(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0)
        _exit(keyring_harden_process(NULL) == 0 && prctl(PR_GET_DUMPABLE) == 0 ? 0 : 1);
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Expected values: Python's hashlib.blake2b(domain + b"\0" + text, digest_size=16, key=bytes(range(32))). */
static void test_pseudonyms_against_another_program(void **state)
{
    static const struct {
        const char *domain, *text, *expected;
    } cases[] = {
        { "email", "anna@example.org", "0bdcf5b9b103b355f26ee66432fdc847" },
        { "id:customer", "K-1001", "35770b58382ad3f62a0da78c851bc31d" },
        { "phone", "+4930123456", "4e8ef4507224fc4e857cb231de226fcf" },
        { "email", "", "25cc6c85e2930ee5deeb0494f16d1458" },
    };
    unsigned char key[KEY_BYTES], out[PSEUDONYM_BYTES];
    (void)state;
    for (unsigned i = 0; i < KEY_BYTES; i++)
        key[i] = (unsigned char)i;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char hex[2 * PSEUDONYM_BYTES + 1];
        pseudonym_derive(key, cases[i].domain, (struct slice){ cases[i].text, strlen(cases[i].text) }, out);
        for (int j = 0; j < PSEUDONYM_BYTES; j++)
            snprintf(hex + 2 * j, 3, "%02x", out[j]);
        assert_string_equal(hex, cases[i].expected);
    }
}

static const char context[] = "PQRS\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7";

/* draft-irtf-cfrg-xchacha-03, A.3.1 */
static void test_sealed_record_of_the_standard(void **state)
{
    static const unsigned char sealed[] = {
        0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f, 0x50, 0x51, 0x52,
        0x53, 0x54, 0x55, 0x56, 0x57, /* nonce */
        0xbd, 0x6d, 0x17, 0x9d, 0x3e, 0x83, 0xd4, 0x3b, 0x95, 0x76, 0x57, 0x94, 0x93, 0xc0, 0xe9, 0x39, 0x57, 0x2a, 0x17,
        0x00, 0x25, 0x2b, 0xfa, 0xcc, 0xbe, 0xd2, 0x90, 0x2c, 0x21, 0x39, 0x6c, 0xbb, 0x73, 0x1c, 0x7f, 0x1b, 0x0b, 0x4a,
        0xa6, 0x44, 0x0b, 0xf3, 0xa8, 0x2f, 0x4e, 0xda, 0x7e, 0x39, 0xae, 0x64, 0xc6, 0x70, 0x8c, 0x54, 0xc2, 0x16, 0xcb,
        0x96, 0xb7, 0x2e, 0x12, 0x13, 0xb4, 0x52, 0x2f, 0x8c, 0x9b, 0xa4, 0x0d, 0xb5, 0xd9, 0x45, 0xb1, 0x1b, 0x69, 0xb9,
        0x82, 0xc1, 0xbb, 0x9e, 0x3f, 0x3f, 0xac, 0x2b, 0xc3, 0x69, 0x48, 0x8f, 0x76, 0xb2, 0x38, 0x35, 0x65, 0xd3, 0xff,
        0xf9, 0x21, 0xf9, 0x66, 0x4c, 0x97, 0x63, 0x7d, 0xa9, 0x76, 0x88, 0x12, 0xf6, 0x15, 0xc6, 0x8b, 0x13, 0xb5, 0x2e,
        0xc0, 0x87, 0x59, 0x24, 0xc1, 0xc7, 0x98, 0x79, 0x47, 0xde, 0xaf, 0xd8, 0x78, 0x0a, 0xcf, 0x49,
    };
    unsigned char key[KEY_BYTES];
    struct strbuf plain = { 0 };
    (void)state;
    for (unsigned i = 0; i < KEY_BYTES; i++)
        key[i] = (unsigned char)(0x80 + i);
    assert_int_equal(key_decrypt(key, context, (struct slice){ (const char *)sealed, sizeof sealed }, &plain, NULL), 0);
    assert_string_equal(strbuf_text(&plain), "Ladies and Gentlemen of the class of '99: If I could offer you only one "
                                             "tip for the future, sunscreen would be it.");
    strbuf_wipe(&plain);
}

/* Every single changed bit, every cut, another key, another context: refused, and the output untouched. */
static void test_forgeries_are_refused(void **state)
{
    unsigned char key[KEY_BYTES] = { 7 };
    struct strbuf sealed = { 0 }, plain = { 0 };
    (void)state;
    key_encrypt(key, "row", (struct slice){ "geheim", 6 }, &sealed);
    assert_null(memmem(sealed.text, sealed.length, "geheim", 6));
    strbuf_adds(&plain, "before");
    struct slice whole = { sealed.text, sealed.length };
    for (size_t bit = 0; bit < 8 * sealed.length; bit++) {
        sealed.text[bit / 8] = (char)(sealed.text[bit / 8] ^ (1 << bit % 8));
        assert_int_equal(key_decrypt(key, "row", whole, &plain, NULL), ERR_DATA);
        sealed.text[bit / 8] = (char)(sealed.text[bit / 8] ^ (1 << bit % 8));
    }
    for (size_t length = 0; length < sealed.length; length++)
        assert_int_equal(key_decrypt(key, "row", (struct slice){ sealed.text, length }, &plain, NULL), ERR_DATA);
    assert_int_equal(key_decrypt(key, "input", whole, &plain, NULL), ERR_DATA);
    key[31] = 1;
    assert_int_equal(key_decrypt(key, "row", whole, &plain, NULL), ERR_DATA);
    key[31] = 0;
    assert_string_equal(plain.text, "before");
    assert_int_equal(key_decrypt(key, "row", whole, &plain, NULL), 0);
    assert_string_equal(plain.text, "geheim");
    strbuf_wipe(&sealed);
    strbuf_wipe(&plain);
}

static void test_same_record_is_sealed_differently_each_time(void **state)
{
    unsigned char key[KEY_BYTES] = { 7 };
    struct strbuf first = { 0 }, second = { 0 }, plain = { 0 };
    (void)state;
    key_encrypt(key, "", (struct slice){ NULL, 0 }, &first);
    key_encrypt(key, "", (struct slice){ NULL, 0 }, &second);
    assert_int_equal(first.length, 40);
    assert_memory_not_equal(first.text, second.text, 40);
    assert_int_equal(key_decrypt(key, "", (struct slice){ first.text, first.length }, &plain, NULL), 0);
    assert_int_equal(plain.length, 0);
    strbuf_wipe(&first);
    strbuf_wipe(&second);
    strbuf_wipe(&plain);
}

static void test_rotation_ends_at_the_most_epochs(void **state)
{
    uint32_t epoch = 0;
    struct err err;
    (void)state;
    for (uint32_t i = 2; i <= PSEUDONYM_MAX_EPOCHS; i++) {
        assert_int_equal(keyring_rotate(keys, KEY_ANALYTICS, &epoch, &err), 0);
        assert_int_equal(epoch, i);
    }
    assert_int_equal(keyring_rotate(keys, KEY_ANALYTICS, &epoch, &err), ERR_USAGE);
    assert_int_equal(keyring_destroy(keys, KEY_ANALYTICS, 1, &err), 0);
    assert_int_equal(keyring_rotate(keys, KEY_ANALYTICS, &epoch, &err), 0);
    assert_int_equal(epoch, PSEUDONYM_MAX_EPOCHS + 1);
}

static void test_a_destroyed_key_is_gone_even_if_that_was_killed_halfway(void **state)
{
    struct keyring *keyring;
    (void)state;
    char whole[128];
    snprintf(whole, sizeof whole, "%s", in_keys("analytics.1"));
    assert_int_equal(rename(whole, in_keys(".gone-analytics.1")), 0);
    assert_int_equal(keyring_open(&keyring, keys, NULL), 0);
    assert_int_equal(keyring_epoch(keyring, KEY_ANALYTICS), 0);
    keyring_free(keyring);
    assert_int_equal(keyring_finish_destroying(keys, NULL), 0);
    assert_int_not_equal(access(in_keys(".gone-analytics.1"), F_OK), 0);
    assert_int_equal(keyring_destroy(keys, KEY_ANALYTICS, 1, NULL), ERR_NOINPUT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_keys, remove_keys)
    const struct CMUnitTest tests[] = {
        TEST(test_create_makes_one_key_per_purpose),
        TEST(test_create_again_changes_nothing),
        TEST(test_opening_never_creates),
        TEST(test_epochs),
        TEST(test_rotation_ends_at_the_most_epochs),
        TEST(test_a_destroyed_key_is_gone_even_if_that_was_killed_halfway),
        TEST(test_wrong_modes_are_refused),
        TEST(test_wrong_folder_mode_is_refused),
        TEST(test_foreign_owner_is_refused),
        TEST(test_links_and_odd_files_are_refused),
        TEST(test_folder_that_is_a_link_is_refused),
        TEST(test_what_is_not_a_key_is_refused),
        TEST(test_names_that_are_no_keys_are_refused),
        TEST(test_keys_are_locked_and_read_only),
        TEST(test_process_leaves_no_core),
        cmocka_unit_test(test_pseudonyms_against_another_program),
        cmocka_unit_test(test_sealed_record_of_the_standard),
        cmocka_unit_test(test_forgeries_are_refused),
        cmocka_unit_test(test_same_record_is_sealed_differently_each_time),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
