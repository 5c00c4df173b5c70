#include "etl/subject_file.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOTES_MAX = 20, NO_CELL = -1 };

struct passage {
    const struct ingest *ingest;
    const char *path;
    struct stat status;
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
    *fd = open(passage->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (passage->ingest->keep ? 0 : O_NOFOLLOW));
    if (*fd < 0)
        return err_set_errno(err, ERR_NOINPUT, "cannot open '%s'", passage->path);
    int code = fstat(*fd, &passage->status) ? err_set_errno(err, ERR_IO, "cannot read '%s'", passage->path) : 0;
    if (!code && !S_ISREG(passage->status.st_mode))
        code = err_set(err, ERR_NOINPUT, "'%s' is not a regular file", passage->path);
    return code;
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
    return csvread_open_fd(&passage->csv, fd, passage->path, &(struct csvread_options){ 0 }, err);
}

static int open_parts(struct passage *passage, struct err *err)
{
    const struct ingest *ingest = passage->ingest;
    const struct quarantine_options options = { .folder = ingest->quarantine_folder, .keyring = ingest->store->keyring,
                                                .source = "subjects", .input = basename(passage->path),
                                                .expires_day = zone_day(ingest->sources->zone, ingest->now) +
                                                               ingest->term.quarantine_days };
    int code = open_input(passage, &passage->fd, err);
    if (!code)
        code = open_csv(passage, err);
    if (!code)
        code = bind_columns(passage, err);
    if (!code)
        code = quarantine_begin(&passage->quarantine, &options, csvread_header(passage->csv), err);
    return code;
}

static void note(struct passage *passage, const struct csv_record *record, const struct subject_fault *fault)
{
    if (passage->result->counts.refused > NOTES_MAX)
        return;
    strbuf_addf(&passage->result->notes, "%s:%" PRIu64 ":%s: %s; expected: %s\n", passage->path, record->line,
                subject_column_name(fault->column), map_code_name(fault->code), fault->rule);
}

static int refuse(struct passage *passage, const struct csv_record *record, const struct subject_fault *fault, struct err *err)
{
    const struct map_reject reject = { record->line, record->offset, subject_column_name(fault->column), fault->code, fault->rule };
    passage->result->counts.refused++;
    note(passage, record, fault);
    return quarantine_add(passage->quarantine, record, &reject, err);
}

static void count(struct subject_counts *counts, enum subject_kind kind, const struct subject_outcome *outcome)
{
    counts->already += outcome->already;
    counts->done[kind] += !outcome->already;
    counts->removed += outcome->rights.removed;
    counts->held += outcome->rights.held;
    counts->blanked += outcome->rights.blanked;
}

static bool read_row(struct passage *passage, const struct csv_record *record, struct subject_fault *fault)
{
    struct slice cells[SUBJECT_COLUMNS];
    if (record->count != csvread_header(passage->csv)->count) {
        bool few = record->count < csvread_header(passage->csv)->count;
        *fault = (struct subject_fault){ SUBJECT_EVENT, few ? MAP_MISSING_CELLS : MAP_EXTRA_CELLS, "as many cells as the header" };
        return false;
    }
    for (int i = 0; i < SUBJECT_COLUMNS; i++)
        cells[i] = passage->columns[i] == NO_CELL ? (struct slice){ "", 0 } : record->fields[passage->columns[i]];
    return subject_read(passage->ingest->sources, cells, passage->ingest->now, &passage->event, fault);
}

static int do_event(struct passage *passage, const struct csv_record *record, struct err *err)
{
    struct subject_outcome outcome = { 0 };
    int code = subject_store_apply(&passage->subjects, &passage->event, &outcome, err);
    if (!code && outcome.refused)
        return refuse(passage, record, &outcome.fault, err);
    count(&passage->result->counts, passage->event.kind, &outcome);
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

static int settle(const struct subject_store *subjects, struct subject_counts *counts, struct err *err)
{
    struct rights_outcome outcome = { 0 };
    int code = rights_settle(subjects->rights, &outcome, err);
    counts->removed += outcome.removed;
    counts->held += outcome.held;
    counts->blanked += outcome.blanked;
    return code;
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
    struct quarantine *quarantine = passage->quarantine;
    passage->quarantine = NULL;
    return quarantine_commit(quarantine, digest, err);
}

/* Only the file that was read, not one that took its name meanwhile. */
static int remove_input(const struct passage *passage, struct err *err)
{
    struct stat now;
    if (passage->ingest->keep || lstat(passage->path, &now))
        return 0;
    if (now.st_ino == passage->status.st_ino && now.st_dev == passage->status.st_dev && unlink(passage->path))
        return err_set_errno(err, ERR_IO, "'%s' is done, but cannot be removed", passage->path);
    return 0;
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
    if (!code)
        code = remove_input(&passage, err);
    quarantine_abort(passage.quarantine);
    csvread_free(passage.csv);
    csvread_free(passage.before);
    if (passage.fd >= 0)
        close(passage.fd);
    subject_event_release(&passage.event);
    return code;
}

void subject_file_result_release(struct subject_file_result *result)
{
    strbuf_release(&result->notes);
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
    rights_free(subjects.rights);
    if (code) {
        db_rollback(db);
        return code;
    }
    return db_commit(db, err);
}
