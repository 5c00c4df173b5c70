/* For tests of the store: a temporary workspace with keys, one or two made-up sources without any configuration, and rows
 * given as texts. */
#ifndef TESTS_UNIT_ETL_LOADING_H
#define TESTS_UNIT_ETL_LOADING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/mem.h"
#include "etl/label_use.h"
#include "etl/load.h"

enum { TEST_CUSTOMER, TEST_EMAIL, TEST_PHONE, TEST_IDENTIFIERS };

struct test_row {
    const char *case_id;
    const char *identifiers[TEST_IDENTIFIERS]; /* NULL: none */
    int32_t closed_day;
    int64_t version;     /* 0: none */
    bool open, rejected;
    const char *channel; /* NULL: "email" */
    int64_t value;
};

struct loading {
    char folder[64], keys[80], path[80];
    struct keyring *keyring;
    struct zone *zone;
    struct store store;
    struct source list[2];
    struct source_identifier identifiers[TEST_IDENTIFIERS];
    struct source_dimension dimensions[2];
    struct source_measure measures[1];
    struct sources sources;
    struct case_tables tables;
    int64_t file;
};

static inline void must(int code, const struct err *err)
{
    if (code)
        fail_msg("%d: %s", code, err->message);
}

static inline void loading_describe(struct loading *loading)
{
    static const char *const levels[] = { "channel" };
    static const char *const names[TEST_IDENTIFIERS] = { "customer", "email", "phone" };
    static const enum identifier_kind kinds[TEST_IDENTIFIERS] = { IDENTIFIER_ID, IDENTIFIER_EMAIL, IDENTIFIER_PHONE };
    for (int i = 0; i < TEST_IDENTIFIERS; i++)
        loading->identifiers[i] = (struct source_identifier){ .name = names[i], .kind = kinds[i] };
    loading->dimensions[0] =
        (struct source_dimension){ .name = "channel", .kind = DIMENSION_CATEGORY, .level_names = levels, .level_count = 1 };
    loading->dimensions[1] =
        (struct source_dimension){ .name = "month", .kind = DIMENSION_PERIOD, .level_names = levels, .level_count = 1,
                                   .period = "month" };
    loading->measures[0] = (struct source_measure){ .name = "value", .unit = "EUR", .decimals = 2 };
    for (int i = 0; i < 2; i++)
        loading->list[i] = (struct source){ .name = i ? "letters" : "cases", .personal = true, .max_persons = 3,
                                            .case_id = "case_no", .updated_at = "updated_at",
                                            .identifiers = loading->identifiers, .identifier_count = TEST_IDENTIFIERS,
                                            .dimensions = loading->dimensions, .dimension_count = 2,
                                            .measures = loading->measures, .measure_count = 1 };
    loading->sources = (struct sources){ .list = loading->list, .count = 2, .zone = loading->zone };
}

static inline void loading_reopen(struct loading *loading)
{
    struct err err;
    case_tables_release(&loading->tables);
    store_close(&loading->store);
    keyring_free(loading->keyring);
    loading->keyring = NULL;
    must(keyring_open(&loading->keyring, loading->keys, &err), &err);
    must(store_open(&loading->store, loading->path, loading->keyring, &err), &err);
    must(case_tables_sync(&loading->tables, &loading->store, &loading->sources, &err), &err);
}

/* Fixed keys, so that all of a store is the same each time. */
static inline void loading_make_key(struct loading *loading, enum key_purpose purpose, int epoch)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s.%d", loading->keys, key_purpose_name(purpose), epoch);
    FILE *key = fopen(path, "w");
    assert_non_null(key);
    for (int i = 0; i < KEY_BYTES; i++)
        fprintf(key, "%02x", (unsigned)(i + 40 * (int)purpose + epoch) & 0xff);
    fputc('\n', key);
    assert_int_equal(fclose(key), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static inline struct loading *loading_begin(void)
{
    struct loading *loading = mem_zalloc(1, sizeof *loading);
    /* In memory where there is such a folder: fsync is what takes time. */
    snprintf(loading->folder, sizeof loading->folder, "%s/fallzahl-load-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(loading->folder));
    snprintf(loading->keys, sizeof loading->keys, "%s/keys", loading->folder);
    snprintf(loading->path, sizeof loading->path, "%s/cases.db", loading->folder);
    assert_int_equal(mkdir(loading->keys, 0700), 0);
    for (int i = 0; i < KEY_PURPOSES; i++)
        loading_make_key(loading, (enum key_purpose)i, 1);
    assert_int_equal(zone_open(&loading->zone, "Europe/Berlin", NULL), 0);
    loading_describe(loading);
    loading_reopen(loading);
    return loading;
}

static inline void loading_end(struct loading *loading)
{
    char command[128];
    case_tables_release(&loading->tables);
    store_close(&loading->store);
    keyring_free(loading->keyring);
    zone_free(loading->zone);
    snprintf(command, sizeof command, "rm -rf '%s'", loading->folder);
    assert_int_equal(system(command), 0);
    free(loading);
}

static inline void loading_add(struct batch *batch, struct batch_maker *maker, const struct test_row *row)
{
    struct case_identifier identifiers[TEST_IDENTIFIERS];
    struct case_label label = { .position = -1 };
    struct case_category categories[2] = { { .levels = &label }, { 0 } };
    struct case_value value = { .present = row->value != 0, .scaled = row->value };
    struct case_row out = { .case_id = { row->case_id, strlen(row->case_id) }, .closed_day = row->closed_day,
                            .has_version = row->version != 0, .version = row->version, .identifiers = identifiers,
                            .categories = categories, .values = &value,
                            .state = row->rejected ? CASE_REJECTED : row->open ? CASE_OPEN : CASE_CLOSED };
    label.text.text = row->channel ? row->channel : "email";
    label.text.length = strlen(label.text.text);
    for (int i = 0; i < TEST_IDENTIFIERS; i++)
        if (row->identifiers[i])
            identifiers[out.identifier_count++] =
                (struct case_identifier){ &batch->table->source->identifiers[i],
                                          { row->identifiers[i], strlen(row->identifiers[i]) } };
    batch_add(batch, maker, &out);
}

/* A file of some rows, in batches of `batch_rows`, in one transaction. */
struct loading_file {
    int source;
    const struct test_row *rows;
    size_t count, batch_rows; /* 0: one batch */
    int32_t oldest_day;       /* 0: no term */
    bool roll_back;
};

static inline void loading_batches(struct load *load, struct batch *batch, struct batch_maker *maker,
                                   const struct loading_file *file)
{
    struct err err;
    size_t size = file->batch_rows ? file->batch_rows : file->count;
    for (size_t i = 0; i < file->count;) {
        for (size_t end = i + size; i < end && i < file->count; i++)
            loading_add(batch, maker, &file->rows[i]);
        batch_finish(batch);
        must(load_batch(load, batch, &err), &err);
        batch_clear(batch);
    }
}

static inline struct rights *loading_rights(struct loading *loading)
{
    struct rights *rights = NULL;
    struct err err;
    must(rights_open(&rights, &(struct rights_options){ &loading->store, &loading->tables, &loading->sources,
                                                        { .case_months = 12 } }, &err), &err);
    return rights;
}

/* Gives the counts and forgets the rest. */
static inline struct load_counts loading_run(struct loading *loading, const struct loading_file *file,
                                             struct identity_counts *identities)
{
    const struct case_table *table = case_tables_find(&loading->tables, &loading->list[file->source]);
    struct store_counters counters = { { 0 } };
    struct dictionary *dictionary;
    struct label_use *labels;
    struct batch_maker maker;
    struct batch batch;
    struct load *load;
    struct rights *rights = loading_rights(loading);
    struct err err;
    must(db_begin(loading->store.db, &err), &err);
    must(store_load_counters(&loading->store, &counters, &err), &err);
    must(dictionary_open(&dictionary, &loading->store, table, &counters, &err), &err);
    must(label_use_open(&labels, &loading->store, &err), &err);
    must(load_open(&load, &loading->store, &loading->tables, table, &counters, &err), &err);
    batch_maker_init(&maker, &loading->store, table, dictionary);
    batch_init(&batch, table);
    maker.file = ++loading->file;
    if (file->oldest_day)
        maker.oldest_day = file->oldest_day;
    load_set_options(load, &(struct load_options){ .file = loading->file, .tombstone_day = 30000,
                                                   .snapshot = table->source->delivery == SOURCE_SNAPSHOT,
                                                   .rights = rights, .labels = labels });
    must(identity_deny(load_identity(load), &err), &err);
    loading_batches(load, &batch, &maker, file);
    must(label_use_flush(labels, &err), &err);
    must(rights_settle(rights, &(struct rights_outcome){ 0 }, &err), &err);
    must(dictionary_store(dictionary, &loading->store, &err), &err);
    must(store_save_counters(&loading->store, &counters, &err), &err);
    struct load_counts counts = *load_counts(load);
    if (identities)
        *identities = *identity_counts(load_identity(load));
    load_free(load);
    rights_free(rights);
    batch_release(&batch);
    batch_maker_release(&maker);
    dictionary_free(dictionary);
    label_use_free(labels);
    if (file->roll_back)
        db_rollback(loading->store.db);
    else
        must(db_commit(loading->store.db, &err), &err);
    return counts;
}

static inline struct load_counts loading_rows(struct loading *loading, const struct test_row *rows, size_t count)
{
    return loading_run(loading, &(struct loading_file){ .rows = rows, .count = count }, NULL);
}

static inline int64_t loading_integer(struct loading *loading, const char *sql)
{
    int64_t value = INT64_MIN;
    struct err err;
    must(db_integer(loading->store.db, sql, &value, &err), &err);
    return value;
}

/* The id of a case in the store, 0 if it is not there. */
static inline int64_t loading_case(struct loading *loading, int source, const char *case_id)
{
    unsigned char key[PSEUDONYM_BYTES];
    char domain[32];
    struct stmt *stmt;
    struct err err;
    snprintf(domain, sizeof domain, "case:%s", loading->list[source].name);
    pseudonym_derive(loading->store.cases, domain, (struct slice){ case_id, strlen(case_id) }, key);
    must(case_table_prepare(&loading->store, case_tables_find(&loading->tables, &loading->list[source]),
                            "SELECT c.id FROM {table} AS c JOIN case_key AS k ON k.id = c.id AND k.case_key = c.case_key"
                            " WHERE c.case_key = :key", &stmt, &err), &err);
    stmt_bind_blob(stmt, ":key", key, sizeof key);
    int64_t id = stmt_step(stmt, &err) > 0 ? stmt_integer(stmt, 0) : 0;
    stmt_free(stmt);
    return id;
}

/* Its person; 0: nobody known. */
static inline int64_t loading_person(struct loading *loading, int source, const char *case_id)
{
    int64_t id = loading_case(loading, source, case_id);
    assert_int_not_equal(id, 0);
    return id < 0 ? 0 : id >> STORE_PERSON_SHIFT;
}

#endif
