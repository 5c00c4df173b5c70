#include "etl/ingest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/calendar.h"
#include "etl/feed.h"
#include "etl/ingest_contacts.h"
#include "etl/ingest_reader.h"
#include "etl/kept_input.h"
#include "etl/snapshot.h"
#include "etl/store_keys.h"
#include "etl/subject_store.h"

enum {
    DIGEST_BYTES = 32,
    CACHE_KIB = 64 * 1024, /* more makes a first load of a million cases four per cent faster, no more */
};

/* One file on its way. */
struct passage {
    const struct ingest *ingest;
    const struct source *source;
    const struct case_table *table;
    const char *path;
    struct stat status;
    int fd;                    /* a second descriptor, for what reads the file beside the reader */
    struct store_counters counters;
    struct dictionary *dictionary;
    struct label_use *labels;
    struct load *load;
    struct rights *rights;
    struct feed *feed;
    struct ingest_reader reader;
    struct ingest_result *result;
    unsigned char digest[DIGEST_BYTES], keyed[DIGEST_BYTES];
};

static int32_t today(const struct ingest *ingest)
{
    return zone_day(ingest->sources->zone, ingest->now);
}

static void key_digest(struct passage *passage)
{
    crypto_generichash(passage->keyed, sizeof passage->keyed, passage->digest, sizeof passage->digest,
                       passage->ingest->store->cases, KEY_BYTES);
}

static int query(struct passage *passage, const char *name, struct stmt **stmt, struct err *err)
{
    return db_prepare(passage->ingest->store->db, "etl/sql/ingest.sql", name, stmt, err);
}

/* The only row of a query, which is 0 if there is none. */
static int one_integer(struct stmt *stmt, int64_t *value, struct err *err)
{
    int step = stmt_step(stmt, err);
    *value = step > 0 ? stmt_integer(stmt, 0) : 0;
    stmt_free(stmt);
    return step < 0 ? step : 0;
}

static int open_input(struct passage *passage, struct err *err)
{
    /* Not through a link, whose file would stay when it is read, and without waiting for the writer of a pipe. */
    passage->fd = open(passage->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (passage->ingest->keep ? 0 : O_NOFOLLOW));
    if (passage->fd < 0 && errno == ELOOP)
        return err_set(err, ERR_DATA, "'%s' is a link: name the file itself, or use --keep", passage->path);
    if (passage->fd < 0)
        return err_set_errno(err, ERR_NOINPUT, "cannot open '%s'", passage->path);
    if (fstat(passage->fd, &passage->status))
        return err_set_errno(err, ERR_IO, "cannot read '%s'", passage->path);
    if (!S_ISREG(passage->status.st_mode))
        return err_set(err, ERR_DATA, "'%s' is not a regular file", passage->path);
    return 0;
}

static int digest_input(struct passage *passage, struct err *err)
{
    static unsigned char block[1 << 16];
    crypto_generichash_state state;
    ssize_t got;
    crypto_generichash_init(&state, NULL, 0, DIGEST_BYTES);
    for (off_t at = 0; (got = pread(passage->fd, block, sizeof block, at)) > 0; at += got)
        crypto_generichash_update(&state, block, (size_t)got);
    crypto_generichash_final(&state, passage->digest, DIGEST_BYTES);
    explicit_bzero(block, sizeof block);
    return got < 0 ? err_set_errno(err, ERR_IO, "cannot read '%s'", passage->path) : 0;
}

static int find_digest(struct passage *passage, struct err *err)
{
    struct stmt *stmt;
    int64_t file = 0;
    key_digest(passage);
    int code = query(passage, "find_file", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":source", passage->table->number);
    stmt_bind_blob(stmt, ":digest", passage->keyed, sizeof passage->keyed);
    code = one_integer(stmt, &file, err);
    passage->result->already = file != 0;
    passage->result->file = file;
    return code;
}

/* A file of a size that was never seen is new: only others are read twice. */
static int find_known(struct passage *passage, struct err *err)
{
    struct stmt *stmt;
    int64_t same = 0;
    int code = query(passage, "same_size", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":source", passage->table->number);
    stmt_bind_integer(stmt, ":bytes", passage->status.st_size);
    code = one_integer(stmt, &same, err);
    if (code || same == 0)
        return code;
    code = digest_input(passage, err);
    return code ? code : find_digest(passage, err);
}

static int number_file(struct passage *passage, struct err *err)
{
    struct stmt *stmt;
    int code = query(passage, "next_file", &stmt, err);
    return code ? code : one_integer(stmt, &passage->result->file, err);
}

static int32_t tombstone_day(const struct ingest *ingest)
{
    const struct term year = { .case_months = 12 };
    return term_due_day(&year, today(ingest));
}

static int open_parts(struct passage *passage, struct err *err)
{
    const struct ingest *ingest = passage->ingest;
    int code = store_load_counters(ingest->store, &passage->counters, err);
    if (!code)
        code = dictionary_open(&passage->dictionary, ingest->store, passage->table, &passage->counters, err);
    if (!code)
        code = label_use_open(&passage->labels, ingest->store, err);
    if (!code)
        code = load_open(&passage->load, ingest->store, ingest->tables, passage->table, &passage->counters, err);
    if (!code)
        code = rights_open(&passage->rights,
                           &(struct rights_options){ ingest->store, ingest->tables, ingest->sources, ingest->term }, err);
    if (!code)
        code = identity_deny(load_identity(passage->load), err);
    if (!code)
        code = number_file(passage, err);
    if (code)
        return code;
    load_set_options(passage->load,
                     &(struct load_options){ .file = passage->result->file, .tombstone_day = tombstone_day(ingest),
                                             .snapshot = passage->source->delivery == SOURCE_SNAPSHOT,
                                             .rights = passage->rights, .labels = passage->labels });
    int fd = fcntl(passage->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return err_set_errno(err, ERR_IO, "cannot read '%s'", passage->path);
    struct ingest_reader *reader = &passage->reader;
    *reader = (struct ingest_reader){ .ingest = ingest, .source = passage->source, .path = passage->path };
    code = ingest_reader_open(reader, fd, err);
    batch_maker_init(&reader->maker, ingest->store, passage->table, passage->dictionary);
    reader->maker.file = passage->result->file;
    if (passage->source->personal)
        reader->maker.oldest_day = term_oldest_day(&ingest->term, today(ingest));
    return code;
}

static int store_batches(struct passage *passage, struct err *err)
{
    struct batch *batch;
    int more, code = feed_start(&passage->feed, passage->table, ingest_reader_fill, &passage->reader, err);
    if (code)
        return code;
    while ((more = feed_next(passage->feed, &batch, err)) > 0) {
        code = load_batch(passage->load, batch, err);
        if (!code)
            code = ingest_contacts_take(passage->ingest, passage->load, batch, err);
        feed_return(passage->feed, batch);
        if (code)
            return code;
    }
    return more;
}

static int remove_vanished(struct passage *passage, struct err *err)
{
    const struct ingest_reader *reader = &passage->reader;
    if (passage->source->delivery != SOURCE_SNAPSHOT || reader->from > reader->to)
        return 0;
    const struct snapshot snapshot = { .file = passage->result->file, .from = reader->from, .to = reader->to,
                                       .added = load_counts(passage->load)->stored,
                                       .tombstone_day = tombstone_day(passage->ingest), .labels = passage->labels,
                                       .rights = passage->rights };
    int code = snapshot_remove_vanished(passage->ingest->store, passage->table, &snapshot, &passage->result->vanished,
                                        &passage->result->vanished_held, err);
    return code ? err_prefix(err, "%s", passage->path) : 0;
}

static int add_file(struct passage *passage, struct err *err)
{
    const struct ingest_result *result = passage->result;
    const char *name = basename(passage->path);
    struct strbuf counts = { 0 };
    struct stmt *stmt;
    int code = query(passage, "add_file", &stmt, err);
    if (code)
        return code;
    ingest_result_json(result, &counts);
    stmt_bind_integer(stmt, ":file", result->file);
    stmt_bind_integer(stmt, ":source", passage->table->number);
    stmt_bind_blob(stmt, ":digest", passage->keyed, sizeof passage->keyed);
    stmt_bind_integer(stmt, ":bytes", passage->status.st_size);
    stmt_bind_string(stmt, ":name", name);
    stmt_bind_integer(stmt, ":accepted_at", passage->ingest->now);
    if (result->from <= result->to) {
        stmt_bind_integer(stmt, ":covers_from", result->from);
        stmt_bind_integer(stmt, ":covers_to", result->to);
    }
    stmt_bind_text(stmt, ":counts", strbuf_text(&counts), counts.length);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    strbuf_release(&counts);
    return code;
}

static int keep_input(struct passage *passage, struct err *err)
{
    if (passage->source->keep_input_days <= 0)
        return 0;
    const struct kept_input kept = { .folder = passage->ingest->inputs_folder,
                                     .keyring = passage->ingest->store->keyring,
                                     .expires_day = today(passage->ingest) + (int32_t)passage->source->keep_input_days,
                                     .file = passage->result->file, .name = basename(passage->path) };
    return kept_input_write(&kept, passage->fd, err);
}

static int commit_quarantine(struct passage *passage, struct err *err)
{
    struct quarantine *quarantine = passage->reader.quarantine;
    passage->reader.quarantine = NULL;
    return quarantine_commit(quarantine, passage->digest, err);
}

static void collect_result(struct passage *passage)
{
    struct ingest_result *result = passage->result;
    result->from = passage->reader.from;
    result->to = passage->reader.to;
    result->dropped_columns = mapper_dropped_columns(passage->reader.mapper);
    result->map = *mapper_counts(passage->reader.mapper);
    result->load = *load_counts(passage->load);
    result->identity = *identity_counts(load_identity(passage->load));
}

/* What an operator has to see: places and reasons, no content. */
static void collect_notes(struct passage *passage)
{
    struct strbuf *notes = &passage->result->notes;
    const struct identity_set_aside *aside;
    char *path = text_plain(passage->path);
    if (passage->reader.quarantine && passage->reader.rejected) {
        struct strbuf summary = { 0 };
        quarantine_summary(passage->reader.quarantine, &summary);
        strbuf_addf(notes, "%s: rejected: %s\n", path, strbuf_text(&summary));
        strbuf_release(&summary);
    }
    size_t shown = identity_shown(load_identity(passage->load), &aside);
    uint64_t all = identity_counts(load_identity(passage->load))->set_aside;
    for (size_t i = 0; i < shown; i++)
        strbuf_addf(notes, "%s:%u: set aside: this '%s' would join more than %" PRId64 " persons, so it identifies nobody\n",
                    path, (unsigned)aside[i].line, passage->source->identifiers[aside[i].identifier].name,
                    passage->source->max_persons);
    if (all > shown)
        strbuf_addf(notes, "%s: %" PRIu64 " identifiers set aside in all\n", path, all);
    free(path);
}

/* All rows are in: what remains before the commit. */
static int complete(struct passage *passage, struct err *err)
{
    csvread_digest(passage->reader.csv, passage->digest);
    int64_t file = passage->result->file;
    int code = ingest_reader_check(&passage->reader, true, err);
    if (!code)
        code = find_digest(passage, err);
    if (code || passage->result->already)
        return code;
    passage->result->file = file;
    code = remove_vanished(passage, err);
    if (!code)
        code = label_use_flush(passage->labels, err);
    if (!code)
        code = rights_settle(passage->rights, &(struct rights_outcome){ 0 }, err);
    if (!code && rights_take_grown(passage->rights))
        code = subject_journal_ask_sweep(passage->ingest->store, err);
    if (!code)
        code = dictionary_store(passage->dictionary, passage->ingest->store, err);
    if (!code)
        code = store_save_counters(passage->ingest->store, &passage->counters, err);
    collect_result(passage);
    if (!code)
        code = add_file(passage, err);
    if (!code)
        code = keep_input(passage, err);
    return code ? code : commit_quarantine(passage, err);
}

static void close_parts(struct passage *passage)
{
    ingest_reader_close(&passage->reader);
    load_free(passage->load);
    rights_free(passage->rights);
    dictionary_free(passage->dictionary);
    label_use_free(passage->labels);
}

static int store_file(struct passage *passage, struct err *err)
{
    struct db *db = passage->ingest->store->db;
    db_set_cache_kib(db, CACHE_KIB);
    int code = db_begin(db, err);
    if (!code)
        code = ingest_contacts_begin(passage->ingest, passage->source, err);
    if (!code)
        code = open_parts(passage, err);
    if (!code)
        code = store_batches(passage, err);
    feed_stop(passage->feed); /* before the reader's side is looked at */
    passage->feed = NULL;
    if (passage->load)
        collect_notes(passage);
    if (!code)
        code = complete(passage, err);
    close_parts(passage);
    if (!code && !passage->result->already)
        code = ingest_contacts_commit(passage->ingest, passage->source, err);
    ingest_contacts_rollback(passage->ingest, passage->source);
    if (!code && !passage->result->already)
        return db_commit(db, err);
    db_rollback(db);
    return code;
}

/* Only the file that was read, not one that took its name meanwhile. */
static int remove_input(const struct passage *passage, struct err *err)
{
    struct stat status;
    if (passage->ingest->keep)
        return 0;
    if (lstat(passage->path, &status) == 0 && status.st_ino == passage->status.st_ino &&
        status.st_dev == passage->status.st_dev && unlink(passage->path))
        return err_set_errno(err, ERR_IO, "'%s' is stored, but cannot be removed", passage->path);
    return 0;
}

int ingest_file(const struct ingest *ingest, const struct source *source, const char *path,
                struct ingest_result *result, struct err *err)
{
    struct passage passage = { .ingest = ingest, .source = source, .path = path, .result = result, .fd = -1,
                               .table = case_tables_find(ingest->tables, source) };
    int code = store_keys_require(ingest->store->db, ingest->store->keyring, KEY_PURPOSES, err);
    if (!code)
        code = open_input(&passage, err);
    if (!code)
        code = find_known(&passage, err);
    if (!code && !result->already)
        code = store_file(&passage, err);
    if (!code)
        code = remove_input(&passage, err);
    if (passage.fd >= 0)
        close(passage.fd);
    return code;
}

void ingest_result_release(struct ingest_result *result)
{
    strbuf_release(&result->notes);
    *result = (struct ingest_result){ 0 };
}

static void add_count(struct strbuf *out, const char *name, uint64_t count)
{
    strbuf_addf(out, "%s\"%s\":%" PRIu64, out->text[out->length - 1] == '{' ? "" : ",", name, count);
}

void ingest_result_json(const struct ingest_result *result, struct strbuf *out)
{
    strbuf_addc(out, '{');
    add_count(out, "rows", result->map.rows);
    add_count(out, "closed", result->map.closed);
    add_count(out, "open", result->map.open);
    add_count(out, "rejected", result->map.rejected);
    add_count(out, "stored", result->load.stored);
    add_count(out, "updated", result->load.updated);
    add_count(out, "stale", result->load.stale);
    add_count(out, "left", result->load.left);
    add_count(out, "vanished", result->vanished);
    add_count(out, "held", result->load.held + result->vanished_held);
    add_count(out, "past_term", result->load.past_term);
    add_count(out, "barred", result->load.barred);
    add_count(out, "unidentified", result->load.unidentified);
    add_count(out, "persons", result->identity.persons);
    add_count(out, "merged", result->identity.merged);
    add_count(out, "split", result->identity.split);
    add_count(out, "set_aside", result->identity.set_aside);
    add_count(out, "rekeyed", result->identity.rekeyed);
    add_count(out, "unusable", result->map.blanked[MAP_BAD_IDENTIFIER]);
    add_count(out, "denied", result->map.denied_identifiers);
    add_count(out, "without_consent", result->map.without_consent);
    add_count(out, "not_allowed", result->map.not_allowed);
    add_count(out, "dropped_columns", result->dropped_columns);
    strbuf_addc(out, '}');
}
