#include "etl/subject_file.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "etl/store_keys.h"

enum { NO_CELL = -1, CELL_BYTES_MAX = 64 * 1024 };

static const char row_rule[] = "a row of CSV (RFC 4180): each quote closed, and at the end of its cell; LF, CR LF or CR at the end of the row, the last too; "
                               "at most 64 KiB in a cell";

struct passage {
    const struct ingest *ingest;
    const char *path;
    struct csvread *csv, *before; /* before: of the pass that is over; the quarantine refers to its header */
    struct quarantine *quarantine;
    struct subject_store subjects;
    struct subject_event event;
    struct subject_file_result *result;
    int columns[SUBJECT_COLUMNS]; /* of the file, NO_CELL if it has none */
    int fd;
    bool holds;                   /* the first pass: holds only, so that nothing leaves that is held by the same file */
};

bool subject_file_is(const char *name)
{
    return fnmatch("subjects-*.csv", name, FNM_PERIOD) == 0 || fnmatch("subjects-*.csv.*z*", name, FNM_PERIOD) == 0;
}

static int open_input(struct passage *passage, int *fd, struct err *err)
{
    struct stat *status = &passage->result->status;
    *fd = open(passage->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (passage->ingest->keep ? 0 : O_NOFOLLOW));
    if (*fd < 0 && errno != ELOOP)
        return err_set_errno(err, ERR_NOINPUT, "cannot open '%s'", passage->path);
    if (*fd >= 0 && fstat(*fd, status))
        return err_set_errno(err, ERR_IO, "cannot read '%s'", passage->path);
    if (*fd < 0 || !S_ISREG(status->st_mode))
        return err_set(err, ERR_DATA, "'%s' is not a regular file; nothing of it is done", passage->path);
    return 0;
}

static int bind_columns(struct passage *passage, struct err *err)
{
    for (int i = 0; i < SUBJECT_COLUMNS; i++) {
        const char *name = subject_column_name((enum subject_column)i);
        int column = csvread_column(passage->csv, name);
        passage->columns[i] = column < 0 ? NO_CELL : column;
        if (column < 0 && subject_column_is_required((enum subject_column)i))
            return err_set(err, ERR_DATA, "%s:1: the column '%s' is missing", passage->path, name);
    }
    return 0;
}

/* From its beginning. */
static int open_csv(struct passage *passage, struct err *err)
{
    passage->before = passage->csv;
    passage->csv = NULL;
    int fd = fcntl(passage->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0 || lseek(fd, 0, SEEK_SET))
        return err_set_errno(err, ERR_IO, "cannot read '%s'", passage->path);
    const struct csvread_options options = { .salvage = true, .max_field_bytes = CELL_BYTES_MAX };
    return csvread_open_fd(&passage->csv, fd, passage->path, &options, err);
}

static int open_parts(struct passage *passage, struct err *err)
{
    const struct ingest *ingest = passage->ingest;
    passage->result->expires_day = zone_day(ingest->sources->zone, ingest->now) + ingest->term.quarantine_days;
    const struct quarantine_options options = { .folder = ingest->quarantine_folder, .keyring = ingest->store->keyring,
                                                .source = "subjects", .input = basename(passage->path),
                                                .expires_day = passage->result->expires_day };
    bool can_keep = false; /* what is refused; the others never wait for a key that they do not need */
    int code = open_input(passage, &passage->fd, err);
    if (!code)
        code = open_csv(passage, err);
    if (!code)
        code = bind_columns(passage, err);
    if (!code)
        code = store_keys_usable(ingest->store->db, ingest->store->keyring, KEY_QUARANTINE, &can_keep, err);
    passage->result->unkept = !can_keep;
    if (!code && can_keep)
        code = quarantine_begin(&passage->quarantine, &options, csvread_header(passage->csv), err);
    return code;
}

/* Of what is wrong with all of a row no column is to blame. */
static const char *blamed(const struct subject_fault *fault, const char *row)
{
    bool is_of_row = fault->code == MAP_MALFORMED || fault->code == MAP_MISSING_CELLS || fault->code == MAP_EXTRA_CELLS;
    return is_of_row ? row : subject_column_name(fault->column);
}

static void note(struct subject_file_result *result, const struct csv_record *record, const struct subject_fault *fault)
{
    if (result->counts.refused <= SUBJECT_PLACES_MAX)
        strbuf_addf(&result->places, "%" PRIu64 ":%s: %s; expected: %s\n", record->line, blamed(fault, "row"),
                    map_code_name(fault->code), fault->rule);
}

static int refuse(struct passage *passage, const struct csv_record *record, const struct subject_fault *fault, struct err *err)
{
    const struct map_reject reject = { record->line, record->offset, blamed(fault, ""), fault->code, fault->rule };
    passage->result->counts.refused++;
    passage->result->cut |= record->cut;
    note(passage->result, record, fault);
    csvread_clean(passage->csv);
    return passage->quarantine ? quarantine_add(passage->quarantine, record, &reject, err) : 0;
}

const char *subject_remark(enum subject_kind kind, const struct subject_outcome *outcome)
{
    if (kind == SUBJECT_HOLD && !outcome->rights.known)
        return "no such case is stored now; the hold is noted and applies as soon as one comes in";
    if (kind == SUBJECT_HOLD_RELEASE && !outcome->already && !outcome->rights.ended)
        return "no hold for this reason stood; what is held for another reason stays held";
    return NULL;
}

static void remark(struct subject_file_result *result, enum subject_kind kind, const struct csv_record *record,
                   const struct subject_outcome *outcome)
{
    const char *text = subject_remark(kind, outcome);
    if (text && result->counts.remarked++ < SUBJECT_PLACES_MAX)
        strbuf_addf(&result->remarks, "%" PRIu64 ":%s: %s\n", record->line, subject_column_name(SUBJECT_IDENTIFIER), text);
}

static void count(struct subject_counts *counts, enum subject_kind kind, const struct subject_outcome *outcome)
{
    counts->already += outcome->already;
    counts->done[kind] += !outcome->already;
    counts->removed += outcome->rights.removed;
    counts->held += outcome->rights.held;
    counts->blanked += outcome->rights.blanked;
}

/* Fills in the cells that the header names. */
static bool take_cells(const struct passage *passage, const struct csv_record *record, struct slice cells[SUBJECT_COLUMNS],
                       struct subject_fault *fault)
{
    if (record->malformed) {
        *fault = (struct subject_fault){ SUBJECT_EVENT, MAP_MALFORMED, row_rule };
        return false;
    }
    if (record->count != csvread_header(passage->csv)->count) {
        bool few = record->count < csvread_header(passage->csv)->count;
        *fault = (struct subject_fault){ SUBJECT_EVENT, few ? MAP_MISSING_CELLS : MAP_EXTRA_CELLS, "as many cells as the header" };
        return false;
    }
    for (int i = 0; i < SUBJECT_COLUMNS; i++) {
        cells[i] = passage->columns[i] == NO_CELL ? (struct slice){ "", 0 } : record->fields[passage->columns[i]];
        if (csvread_is_text(cells[i]))
            continue;
        *fault = (struct subject_fault){ (enum subject_column)i, MAP_NOT_UTF8, "text in UTF-8" };
        return false;
    }
    return true;
}

static bool read_row(struct passage *passage, const struct csv_record *record, struct subject_fault *fault)
{
    struct slice cells[SUBJECT_COLUMNS];
    return take_cells(passage, record, cells, fault) &&
           subject_read(passage->ingest->sources, cells, passage->ingest->now, &passage->event, fault);
}

static int do_event(struct passage *passage, const struct csv_record *record, struct err *err)
{
    struct subject_outcome outcome = { 0 };
    int code = subject_store_apply(&passage->subjects, &passage->event, &outcome, err);
    if (!code && outcome.refused)
        return refuse(passage, record, &outcome.fault, err);
    if (!code) {
        count(&passage->result->counts, passage->event.kind, &outcome);
        remark(passage->result, passage->event.kind, record, &outcome);
    }
    return code;
}

static int do_row(struct passage *passage, const struct csv_record *record, struct err *err)
{
    struct subject_fault fault;
    bool is_event = read_row(passage, record, &fault);
    passage->result->counts.rows += !passage->holds;
    if (!is_event)
        return passage->holds ? 0 : refuse(passage, record, &fault, err);
    return (passage->event.kind == SUBJECT_HOLD) == passage->holds ? do_event(passage, record, err) : 0;
}

static int do_pass(struct passage *passage, struct err *err)
{
    struct csv_record record;
    int more = 0, code = 0;
    while (!code && (more = csvread_next(passage->csv, &record, err)) > 0)
        code = do_row(passage, &record, err);
    return code ? code : more;
}

static int open_rights(const struct ingest *ingest, struct subject_store *subjects, struct err *err)
{
    const struct rights_options options = { ingest->store, ingest->tables, ingest->sources, ingest->term };
    *subjects = (struct subject_store){ ingest->store, ingest->sources, NULL, ingest->now };
    return rights_open(&subjects->rights, &options, err);
}

/* What was learnt by an opt-in may concern contacts that are there. */
static int ask_sweep(const struct subject_store *subjects, struct err *err)
{
    return rights_take_grown(subjects->rights) ? subject_journal_ask_sweep(subjects->store, err) : 0;
}

static int settle(const struct subject_store *subjects, struct subject_counts *counts, struct err *err)
{
    struct rights_outcome outcome = { 0 };
    int code = rights_settle(subjects->rights, &outcome, err);
    counts->removed += outcome.removed;
    counts->held += outcome.held;
    counts->blanked += outcome.blanked;
    return code ? code : ask_sweep(subjects, err);
}

static int do_rows(struct passage *passage, struct err *err)
{
    unsigned char digest[32];
    int code = open_rights(passage->ingest, &passage->subjects, err);
    passage->holds = true;
    if (!code)
        code = do_pass(passage, err);
    passage->holds = false;
    if (!code)
        code = open_csv(passage, err);
    if (!code)
        code = do_pass(passage, err);
    if (!code)
        code = settle(&passage->subjects, &passage->result->counts, err);
    if (code)
        return code;
    csvread_digest(passage->csv, digest);
    quarantine_name(basename(passage->path), digest, &passage->result->quarantine);
    if (!passage->quarantine)
        return 0;
    struct quarantine *quarantine = passage->quarantine;
    passage->quarantine = NULL;
    return quarantine_commit(quarantine, digest, err);
}

int subject_file_apply(const struct ingest *ingest, const char *path, struct subject_file_result *result, struct err *err)
{
    struct passage passage = { .ingest = ingest, .path = path, .result = result, .fd = -1 };
    struct db *db = ingest->store->db;
    int code = open_parts(&passage, err);
    if (!code)
        code = db_begin(db, err);
    if (!code)
        code = do_rows(&passage, err);
    rights_free(passage.subjects.rights);
    if (!code)
        code = db_commit(db, err);
    else
        db_rollback(db);
    quarantine_abort(passage.quarantine);
    csvread_free(passage.csv);
    csvread_free(passage.before);
    if (passage.fd >= 0)
        close(passage.fd);
    subject_event_release(&passage.event);
    return code;
}

int subject_file_remove(const char *path, const struct subject_file_result *result, struct err *err)
{
    struct stat now;
    if (result->cut || lstat(path, &now))
        return 0;
    if (now.st_ino == result->status.st_ino && now.st_dev == result->status.st_dev && unlink(path))
        return err_set_errno(err, ERR_IO, "'%s' is done, but cannot be removed", path);
    return 0;
}

void subject_file_result_release(struct subject_file_result *result)
{
    strbuf_release(&result->places);
    strbuf_release(&result->remarks);
    strbuf_release(&result->quarantine);
    *result = (struct subject_file_result){ 0 };
}

int subject_event_apply(const struct ingest *ingest, const struct subject_event *event, struct subject_outcome *outcome, struct err *err)
{
    struct subject_store subjects = { 0 };
    struct db *db = ingest->store->db;
    int code = db_begin(db, err);
    if (code)
        return code;
    code = open_rights(ingest, &subjects, err);
    if (!code)
        code = subject_store_apply(&subjects, event, outcome, err);
    if (!code)
        code = rights_settle(subjects.rights, &outcome->rights, err);
    if (!code)
        code = ask_sweep(&subjects, err);
    rights_free(subjects.rights);
    if (code) {
        db_rollback(db);
        return code;
    }
    return db_commit(db, err);
}
