#include "tests/unit/etl/loading.h"

static int begin(void **state)
{
    *state = loading_begin();
    return 0;
}

static int end(void **state)
{
    loading_end(*state);
    return 0;
}

#define ROW(id, customer, email, phone) { .case_id = (id), .identifiers = { (customer), (email), (phone) }, .closed_day = 20000 }
#define COUNT(array) (sizeof(array) / sizeof *(array))

static void test_one_person_under_number_email_and_phone(void **state)
{
    static const struct test_row rows[] = {
        ROW("1", "K1", NULL, NULL), ROW("2", NULL, "a@b.de", NULL), ROW("3", NULL, NULL, "+491"),
        ROW("4", "K1", "a@b.de", NULL), ROW("5", NULL, "a@b.de", "+491"), ROW("6", "K2", NULL, NULL),
    };
    struct identity_counts counts;
    loading_run(*state, &(struct loading_file){ .rows = rows, .count = COUNT(rows), .batch_rows = 1 }, &counts);
    int64_t person = loading_person(*state, 0, "1");
    for (size_t i = 1; i < 5; i++)
        assert_int_equal(loading_person(*state, 0, rows[i].case_id), person);
    assert_int_not_equal(loading_person(*state, 0, "6"), person);
    assert_int_equal(person, 1); /* the smallest number stays */
    assert_int_equal(counts.merged, 2);
    assert_int_equal(loading_integer(*state, "SELECT count(DISTINCT person) FROM identifier"), 2);
}

static void test_equal_texts_of_different_kinds_are_different(void **state)
{
    static const struct test_row rows[] = { ROW("1", "4711", NULL, NULL), ROW("2", NULL, NULL, "4711") };
    loading_rows(*state, rows, COUNT(rows));
    assert_int_not_equal(loading_person(*state, 0, "1"), loading_person(*state, 0, "2"));
}

static void test_persons_span_sources(void **state)
{
    static const struct test_row first[] = { ROW("1", "K1", NULL, NULL) }, second[] = { ROW("1", NULL, "a@b.de", NULL) },
                                 third[] = { ROW("2", "K1", "a@b.de", NULL) };
    loading_run(*state, &(struct loading_file){ .source = 0, .rows = first, .count = 1 }, NULL);
    loading_run(*state, &(struct loading_file){ .source = 1, .rows = second, .count = 1 }, NULL);
    assert_int_not_equal(loading_person(*state, 0, "1"), loading_person(*state, 1, "1"));
    loading_run(*state, &(struct loading_file){ .source = 1, .rows = third, .count = 1 }, NULL);
    assert_int_equal(loading_person(*state, 0, "1"), loading_person(*state, 1, "1"));
    assert_int_equal(loading_person(*state, 0, "1"), loading_person(*state, 1, "2"));
}

static void test_nobody_known_has_a_negative_id(void **state)
{
    static const struct test_row rows[] = { ROW("1", NULL, NULL, NULL), ROW("2", NULL, NULL, NULL),
                                            ROW("3", "K1", NULL, NULL) };
    struct load_counts counts = loading_rows(*state, rows, COUNT(rows));
    assert_int_equal(counts.unidentified, 2);
    assert_true(loading_case(*state, 0, "1") < 0);
    assert_true(loading_case(*state, 0, "2") < 0);
    assert_true(loading_case(*state, 0, "3") > 0);
}

/* Up to three persons (max_persons) may share a telephone; with the fourth it tells nobody apart, and what it had joined
 * comes apart again. */
static void test_shared_telephone_is_set_aside(void **state)
{
    static const struct test_row rows[] = {
        ROW("1", "K1", NULL, "+490"), ROW("2", "K2", NULL, "+490"), ROW("3", "K3", NULL, "+490"),
        ROW("p", NULL, NULL, "+490"), ROW("4", "K4", NULL, "+490"), ROW("5", "K1", "a@b.de", NULL),
    };
    struct identity_counts counts;
    loading_run(*state, &(struct loading_file){ .rows = rows, .count = 4, .batch_rows = 2 }, &counts);
    for (int i = 1; i < 4; i++)
        assert_int_equal(loading_person(*state, 0, rows[i].case_id), loading_person(*state, 0, "1"));
    assert_int_equal(counts.set_aside, 0);
    loading_run(*state, &(struct loading_file){ .rows = rows + 4, .count = 2 }, &counts);
    assert_int_equal(counts.set_aside, 1);
    assert_int_equal(counts.split, 1);
    static const char *const apart[] = { "1", "2", "3", "4" };
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < i; j++)
            assert_int_not_equal(loading_person(*state, 0, apart[i]), loading_person(*state, 0, apart[j]));
    assert_int_equal(loading_person(*state, 0, "p"), 0);
    assert_int_equal(loading_person(*state, 0, "5"), loading_person(*state, 0, "1"));
    assert_int_equal(loading_person(*state, 0, "1"), 1); /* the oldest identifier keeps the number */
    assert_int_equal(loading_integer(*state, "SELECT last_day FROM identifier WHERE person IS NULL"), 20000);
}

static void test_denied_later_sets_aside_what_it_joined(void **state)
{
    struct loading *loading = *state;
    static const struct test_row rows[] = { ROW("1", "K1", "none@none", NULL), ROW("2", "K2", "none@none", NULL) },
                                 more[] = { ROW("3", "K3", NULL, NULL) };
    static const struct slice list[] = { { "none@none", 9 } };
    loading_rows(loading, rows, 2);
    assert_int_equal(loading_person(loading, 0, "1"), loading_person(loading, 0, "2"));
    loading->identifiers[TEST_EMAIL].denied = (struct source_denied){ list, 1 };
    loading_rows(loading, more, 1);
    assert_int_not_equal(loading_person(loading, 0, "1"), loading_person(loading, 0, "2"));
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM identifier WHERE person IS NULL"), 1);
}

static void test_operator_is_told_where(void **state)
{
    struct loading *loading = *state;
    struct test_row rows[5];
    static const char *const ids[] = { "1", "2", "3", "4", "5" };
    for (int i = 0; i < 5; i++)
        rows[i] = (struct test_row)ROW(ids[i], ids[i], "none@none", NULL);
    struct store_counters counters = { { 0 } };
    struct dictionary *dictionary;
    struct label_use *labels;
    struct batch_maker maker;
    struct batch batch;
    struct load *load;
    struct err err;
    const struct identity_set_aside *list;
    must(store_load_counters(&loading->store, &counters, &err), &err);
    must(dictionary_open(&dictionary, &loading->store, &loading->tables.list[0], &counters, &err), &err);
    must(load_open(&load, &loading->store, &loading->tables, &loading->tables.list[0], &counters, &err), &err);
    must(label_use_open(&labels, &loading->store, &err), &err);
    batch_maker_init(&maker, &loading->store, &loading->tables.list[0], dictionary);
    batch_init(&batch, &loading->tables.list[0]);
    struct rights *rights = loading_rights(loading);
    load_set_options(load, &(struct load_options){ .file = 1, .rights = rights, .labels = labels });
    for (int i = 0; i < 5; i++)
        loading_add(&batch, &maker, &rows[i]);
    for (uint32_t i = 0; i < 5; i++)
        batch.rows[i].line = 100 + i;
    batch_finish(&batch);
    must(load_batch(load, &batch, &err), &err);
    assert_int_equal(identity_shown(load_identity(load), &list), 1);
    assert_int_equal(list[0].identifier, TEST_EMAIL);
    assert_int_equal(list[0].line, 100);
    load_free(load);
    rights_free(rights);
    batch_release(&batch);
    batch_maker_release(&maker);
    dictionary_free(dictionary);
    label_use_free(labels);
}

/* ---- any order gives the same persons ---- */

enum { MAX_ROWS = 60, POOL = 12, MODEL_NODES = POOL * TEST_IDENTIFIERS };

static uint64_t random_state;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % limit;
}

static char texts[TEST_IDENTIFIERS][POOL][32], case_texts[MAX_ROWS][16];

static void make_texts(void)
{
    for (int i = 0; i < POOL; i++) {
        snprintf(texts[TEST_CUSTOMER][i], sizeof texts[0][i], "K%d", i);
        snprintf(texts[TEST_EMAIL][i], sizeof texts[0][i], "m%d@x.de", i);
        snprintf(texts[TEST_PHONE][i], sizeof texts[0][i], "+49%d", i);
    }
    for (int i = 0; i < MAX_ROWS; i++)
        snprintf(case_texts[i], sizeof case_texts[i], "c%d", i);
}

static void make_rows(struct test_row *rows, size_t count)
{
    uint32_t chance = 20 + random_below(60);
    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct test_row){ .case_id = case_texts[random_below((uint32_t)count)], .closed_day = 20000,
                                     .version = (int64_t)i + 1 };
        for (int k = 0; k < TEST_IDENTIFIERS; k++)
            if (random_below(100) < chance)
                rows[i].identifiers[k] = texts[k][random_below(POOL)];
    }
}

static int node_of(const char *text, int kind)
{
    for (int i = 0; text && i < POOL; i++)
        if (strcmp(text, texts[kind][i]) == 0)
            return kind * POOL + i;
    return -1;
}

/* The rule of etl/identity.h, written down naively: who[i] is the person of row i, -1 for nobody known. */
static void model(const struct test_row *rows, size_t count, int max_persons, int *who)
{
    static bool linked[MODEL_NODES][MODEL_NODES], aside[MODEL_NODES];
    int part[MODEL_NODES];
    memset(linked, 0, sizeof linked);
    memset(aside, 0, sizeof aside);
    for (size_t r = 0; r < count; r++)
        for (int a = 0; a < TEST_IDENTIFIERS; a++)
            for (int b = 0; b < TEST_IDENTIFIERS; b++) {
                int x = node_of(rows[r].identifiers[a], a), y = node_of(rows[r].identifiers[b], b);
                if (x >= 0 && y >= 0 && x != y)
                    linked[x][y] = true;
            }
    for (int x = 0; x < MODEL_NODES; x++)
        for (int k = 0; k < TEST_IDENTIFIERS; k++) {
            int partners = 0;
            for (int i = 0; i < POOL; i++)
                partners += linked[x][k * POOL + i];
            aside[x] |= partners > max_persons;
        }
    for (int x = 0; x < MODEL_NODES; x++)
        part[x] = x;
    for (bool changed = true; changed;) {
        changed = false;
        for (int x = 0; x < MODEL_NODES; x++)
            for (int y = 0; y < MODEL_NODES; y++)
                if (linked[x][y] && !aside[x] && !aside[y] && part[y] < part[x])
                    part[x] = part[y], changed = true;
    }
    for (size_t r = 0; r < count; r++) {
        who[r] = -1;
        for (int k = 0; k < TEST_IDENTIFIERS; k++) {
            int x = node_of(rows[r].identifiers[k], k);
            if (x >= 0 && !aside[x])
                who[r] = part[x];
        }
    }
}

static void shuffle(struct test_row *rows, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = random_below((uint32_t)i);
        struct test_row kept = rows[i - 1];
        rows[i - 1] = rows[j];
        rows[j] = kept;
    }
}

static void load_in_parts(struct loading *loading, const struct test_row *rows, size_t count)
{
    for (size_t i = 0; i < count;) {
        size_t part = 1 + random_below((uint32_t)(count - i));
        struct loading_file file = { .rows = rows + i, .count = part, .batch_rows = 1 + random_below(20) };
        if (random_below(4) == 0) { /* killed half-way */
            file.roll_back = true;
            loading_run(loading, &file, NULL);
            file.roll_back = false;
        }
        loading_run(loading, &file, NULL);
        i += part;
    }
}

/* The newest version of each case; one without identifiers leaves it to whom the version had that came before, so there the order counts. */
static bool is_newest(const struct test_row *rows, size_t count, size_t r)
{
    bool says_whose = false;
    for (int k = 0; k < TEST_IDENTIFIERS; k++)
        says_whose |= rows[r].identifiers[k] != NULL;
    if (!says_whose)
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].case_id, rows[r].case_id) == 0 && rows[i].version > rows[r].version)
            return false;
    return true;
}

/* One whose identifiers are all set aside does the same, if they were set aside when it came. */
static bool is_left(const struct test_row *rows, size_t count, size_t r, const int *who)
{
    size_t versions = 0;
    for (size_t i = 0; i < count; i++)
        versions += strcmp(rows[i].case_id, rows[r].case_id) == 0;
    return who[r] < 0 && versions > 1;
}

static void check(struct loading *loading, const struct test_row *rows, size_t count, const int *who)
{
    for (size_t a = 0; a < count; a++) {
        if (!is_newest(rows, count, a) || is_left(rows, count, a, who))
            continue;
        int64_t person = loading_person(loading, 0, rows[a].case_id);
        assert_int_equal(person == 0, who[a] < 0);
        for (size_t b = 0; b < a; b++)
            if (is_newest(rows, count, b) && !is_left(rows, count, b, who))
                assert_int_equal(loading_person(loading, 0, rows[b].case_id) == person, who[a] == who[b]);
    }
}

static void test_any_order_gives_the_persons_of_the_model(void **state)
{
    (void)state;
    make_texts();
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct test_row rows[MAX_ROWS];
        int who[MAX_ROWS];
        random_state = seed;
        size_t count = 5 + random_below(MAX_ROWS - 5);
        make_rows(rows, count);
        for (int order = 0; order < 3; order++) {
            struct loading *loading = loading_begin();
            int limit = 1 + (int)(seed % 4);
            loading->list[0].max_persons = limit;
            shuffle(rows, count);
            model(rows, count, limit, who);
            load_in_parts(loading, rows, count);
            check(loading, rows, count, who);
            loading_end(loading);
        }
    }
}

static void test_same_order_gives_the_same_store(void **state)
{
    (void)state;
    static const char content[] =
        "SELECT group_concat(id || ':' || coalesce(i_customer, 0) || ':' || d_channel) FROM case_cases";
    char first[8192];
    make_texts();
    for (int time = 0; time < 2; time++) {
        struct test_row rows[MAX_ROWS];
        struct loading *loading = loading_begin();
        struct stmt *stmt;
        struct err err;
        random_state = 99;
        make_rows(rows, MAX_ROWS);
        load_in_parts(loading, rows, MAX_ROWS);
        must(db_prepare_text(loading->store.db, content, &stmt, &err), &err);
        assert_int_equal(stmt_step(stmt, &err), 1);
        if (time == 0)
            snprintf(first, sizeof first, "%s", stmt_text(stmt, 0, NULL));
        else
            assert_string_equal(stmt_text(stmt, 0, NULL), first);
        stmt_free(stmt);
        loading_end(loading);
    }
}

static void test_identifiers_are_rekeyed_when_seen(void **state)
{
    struct loading *loading = *state;
    static const struct test_row rows[] = { ROW("1", "K1", "a@b.de", NULL), ROW("2", "K2", NULL, NULL) },
                                 again[] = { ROW("3", "K1", NULL, NULL), ROW("4", NULL, "a@b.de", "+49") };
    struct identity_counts counts;
    loading_rows(loading, rows, COUNT(rows));
    loading_make_key(loading, KEY_ANALYTICS, 2);
    loading_reopen(loading);
    loading_run(loading, &(struct loading_file){ .rows = again, .count = COUNT(again) }, &counts);
    assert_int_equal(counts.rekeyed, 2);
    assert_int_equal(counts.persons, 0);
    assert_int_equal(loading_person(loading, 0, "3"), loading_person(loading, 0, "1"));
    assert_int_equal(loading_person(loading, 0, "4"), loading_person(loading, 0, "1"));
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM identifier WHERE epoch = 1"), 1);
    assert_int_equal(loading_integer(loading, "SELECT count(*) FROM identifier WHERE epoch = 2"), 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_one_person_under_number_email_and_phone),
        TEST(test_equal_texts_of_different_kinds_are_different),
        TEST(test_persons_span_sources),
        TEST(test_nobody_known_has_a_negative_id),
        TEST(test_shared_telephone_is_set_aside),
        TEST(test_denied_later_sets_aside_what_it_joined),
        TEST(test_operator_is_told_where),
        cmocka_unit_test(test_any_order_gives_the_persons_of_the_model),
        cmocka_unit_test(test_same_order_gives_the_same_store),
        TEST(test_identifiers_are_rekeyed_when_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
