#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/survey_call.h"
#include "etl/quarantine.h"
#include "surveys/intake.h"
#include "surveys/response_file.h"

/* One file on its way, for the callbacks. */
struct passage {
    struct survey_call *call;
    const char *input; /* its name without folder */
    char *folder;      /* of the quarantine */
    struct quarantine *quarantine;
    bool anonymous;    /* rejected rows leave no cell behind */
};

static int begin(void *context, const struct csv_record *header, struct err *err)
{
    struct passage *passage = context;
    const struct session *session = passage->call->ask->session;
    const struct quarantine_options options = {
        .folder = passage->folder,
        .keyring = passage->call->keyring,
        .source = passage->call->survey->name,
        .input = passage->input,
        .expires_day = zone_day(session->workspace->zone, passage->call->now) + session->term.quarantine_days,
    };
    return quarantine_begin(&passage->quarantine, &options, header, err);
}

static enum map_code code_of(enum response_fault fault)
{
    static const enum map_code codes[] = {
        [RESPONSE_EXTRA_CELLS] = MAP_EXTRA_CELLS,     [RESPONSE_MISSING_CELLS] = MAP_MISSING_CELLS,
        [RESPONSE_NO_TOKEN] = MAP_NO_VALUE,           [RESPONSE_UNKNOWN_TOKEN] = MAP_UNKNOWN_VALUE,
        [RESPONSE_BAD_TIME] = MAP_BAD_DATE,           [RESPONSE_IN_FUTURE] = MAP_IN_FUTURE,
        [RESPONSE_LATE] = MAP_TOO_LATE,               [RESPONSE_NO_ANSWER] = MAP_NO_VALUE,
        [RESPONSE_BAD_ANSWER] = MAP_OUT_OF_RANGE,     [RESPONSE_EARLY] = MAP_BAD_DATE,
    };
    return codes[fault];
}

static int reject(void *context, const struct csv_record *record, const struct response_reject *given, struct err *err)
{
    struct passage *passage = context;
    struct map_reject made = { record->line, record->offset, given->column, code_of(given->fault), given->rule };
    struct csv_record kept = *record;
    if (passage->anonymous) { /* a row joins an answer to an invitation, and tells its length by the next one's place */
        kept.count = 0;
        made.offset = 0;
    }
    return quarantine_add(passage->quarantine, &kept, &made, err);
}

static int commit(void *context, const unsigned char digest[32], struct err *err)
{
    struct passage *passage = context;
    struct quarantine *quarantine = passage->quarantine;
    if (quarantine_count(quarantine)) {
        strbuf_addf(passage->call->out, "%s: ", passage->input);
        quarantine_summary(quarantine, passage->call->out);
        strbuf_addc(passage->call->out, '\n');
    }
    passage->quarantine = NULL;
    return quarantine_commit(quarantine, digest, err);
}

/* The file joins answers to invitations: it goes once they are stored, if it is still the one that was read. */
static int remove_input(const char *path, const struct stat *read, struct err *err)
{
    struct stat now;
    if (lstat(path, &now) || now.st_ino != read->st_ino || now.st_dev != read->st_dev)
        return 0;
    return unlink(path) ? err_set_errno(err, ERR_IO, "'%s' is done, but cannot be removed", path) : 0;
}

static int read_file(struct passage *passage, struct db *intake, const char *path, struct response_counts *counts, struct err *err)
{
    struct stat status = { 0 };
    const struct response_file file = { .intake = intake, .surveys = passage->call->surveys, .survey = passage->call->survey,
                                        .zone = passage->call->ask->session->workspace->zone,
                                        .now = passage->call->now, .begin = begin, .reject = reject, .commit = commit, .context = passage };
    if (lstat(path, &status))
        return err_set_errno(err, ERR_NOINPUT, "cannot read '%s'", path);
    if (S_ISLNK(status.st_mode))
        return err_set(err, ERR_USAGE, "'%s' is a link; name the file itself, which is deleted once it is read", path);
    int promised = intake_promised(intake, file.survey->name, err);
    if (promised < 0)
        return promised;
    passage->anonymous = promised || file.survey->anonymity == SURVEY_ANONYMOUS;
    int code = response_file_read(&file, path, counts, err);
    return code ? code : remove_input(path, &status, err);
}

int survey_import(struct survey_call *call, struct err *err)
{
    const char *path = call->ask->argument, *slash = strrchr(path, '/');
    struct passage passage = { .call = call, .input = slash ? slash + 1 : path,
                               .folder = workspace_path(call->ask->session->workspace, "quarantine") };
    char *intake_path = workspace_path(call->ask->session->workspace, "state/intake.db");
    struct db *intake = NULL;
    struct response_counts counts = { 0 };
    int code = db_open(&intake, intake_path, "intake", DB_WRITE, err);
    if (!code)
        code = read_file(&passage, intake, path, &counts, err);
    if (!code)
        strbuf_addf(call->out, "%" PRIu64 " rows: %" PRIu64 " stored, %" PRIu64 " stored before, %" PRIu64 " rejected, %" PRIu64 " columns dropped\n",
                    counts.rows, counts.stored, counts.already, counts.rejected, counts.dropped_columns);
    quarantine_abort(passage.quarantine);
    db_close(intake);
    free(intake_path);
    free(passage.folder);
    if (!code && counts.rejected)
        code = err_set(err, ERR_DATA, "%" PRIu64 " rows of '%s' were rejected; see 'fallzahl quarantine'", counts.rejected, passage.input);
    return code;
}
