#include "surveys/review.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/csvread.h"
#include "core/csvwrite.h"
#include "core/mem.h"

#define QUERIES "surveys/sql/review.sql"

enum { COLUMN_TEXT, COLUMN_REDACTED, COLUMN_DECISION, COLUMNS };

/* Spreadsheets spoil long numbers; this they leave alone. */
static void format_id(int64_t text, char out[24])
{
    snprintf(out, 24, "t%016" PRIx64, (uint64_t)text);
}

static bool read_id(struct slice cell, int64_t *text)
{
    char *end;
    if (cell.length != 17 || cell.text[0] != 't')
        return false;
    *text = (int64_t)strtoull(cell.text + 1, &end, 16);
    return end == cell.text + 17;
}

int review_list(struct db *surveys, const char *survey, struct strbuf *out, struct err *err)
{
    static const char *const header[] = { "text", "question", "redacted", "decision" };
    struct csvwrite csv;
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "list", &stmt, err);
    if (code)
        return code;
    csvwrite_init(&csv, out, CSV_DIALECT_RFC4180);
    for (size_t i = 0; i < sizeof header / sizeof *header; i++)
        csvwrite_text(&csv, header[i]);
    csvwrite_end(&csv);
    stmt_bind_string(stmt, ":survey", survey);
    while ((code = stmt_step(stmt, err)) == 1) {
        char id[24];
        format_id(stmt_integer(stmt, 0), id);
        csvwrite_text(&csv, id);
        csvwrite_text(&csv, stmt_text(stmt, 1, NULL));
        csvwrite_text(&csv, stmt_text(stmt, 2, NULL));
        csvwrite_empty(&csv);
        csvwrite_end(&csv);
    }
    stmt_free(stmt);
    return code;
}

struct applying {
    struct db *surveys;
    const char *survey, *who;
    struct csvread *csv;
    int columns[COLUMNS];
    struct stmt *approve, *reject;
    struct review_counts *counts;
};

static int find_columns(struct applying *applying, struct err *err)
{
    static const char *const names[COLUMNS] = { "text", "redacted", "decision" };
    for (int i = 0; i < COLUMNS; i++) {
        applying->columns[i] = csvread_column(applying->csv, names[i]);
        if (applying->columns[i] < 0)
            return err_set(err, ERR_DATA, "the column '%s' is missing; 'review' without a file prints the texts", names[i]);
    }
    return 0;
}

static struct slice cell_of(const struct applying *applying, const struct csv_record *record, int column)
{
    size_t at = (size_t)applying->columns[column];
    return at < record->count ? text_trim(record->fields[at]) : (struct slice){ "", 0 };
}

/* The text as the reviewer left it; the ' that keeps spreadsheets from computing it is not part of it. */
static struct slice undefused(struct slice text)
{
    bool defused = text.length > 1 && text.text[0] == '\'' && strchr("=+-@", text.text[1]);
    return defused ? (struct slice){ text.text + 1, text.length - 1 } : text;
}

static int decide(struct applying *applying, const struct csv_record *record, struct err *err)
{
    struct slice decision = cell_of(applying, record, COLUMN_DECISION), redacted = undefused(cell_of(applying, record, COLUMN_REDACTED));
    bool yes = slice_equals(decision, "yes"), no = slice_equals(decision, "no");
    struct stmt *stmt = yes ? applying->approve : applying->reject;
    int64_t text;
    if (!decision.length) {
        applying->counts->undecided++;
        return 0;
    }
    if (!read_id(cell_of(applying, record, COLUMN_TEXT), &text) || !(yes || no) || (yes && !redacted.length))
        return err_set(err, ERR_DATA, "line %" PRIu64 ": needed are the text's id as it was printed and 'yes' or 'no'", record->line);
    stmt_bind_integer(stmt, ":text", text);
    stmt_bind_string(stmt, ":survey", applying->survey);
    if (yes) {
        stmt_bind_text(stmt, ":redacted", redacted.text, redacted.length);
        stmt_bind_string(stmt, ":who", applying->who);
    }
    int code = stmt_run(stmt, err);
    int64_t changed = code ? 0 : db_changes(applying->surveys);
    ++*(!changed ? &applying->counts->unknown : yes ? &applying->counts->approved : &applying->counts->rejected);
    return code;
}

static int apply_all(struct applying *applying, struct err *err)
{
    struct csv_record record;
    int code = find_columns(applying, err), more = 0;
    if (!code)
        code = db_prepare(applying->surveys, QUERIES, "approve", &applying->approve, err);
    if (!code)
        code = db_prepare(applying->surveys, QUERIES, "reject", &applying->reject, err);
    while (!code && (more = csvread_next(applying->csv, &record, err)) == 1)
        code = decide(applying, &record, err);
    stmt_free(applying->approve);
    stmt_free(applying->reject);
    return code ? code : more;
}

int review_apply(struct db *surveys, const char *survey, const char *path, const char *who, struct review_counts *counts, struct err *err)
{
    struct applying applying = { .surveys = surveys, .survey = survey, .who = who, .counts = counts };
    *counts = (struct review_counts){ 0 };
    int code = csvread_open(&applying.csv, path, NULL, err);
    if (code)
        return code;
    code = db_begin(surveys, err);
    if (!code)
        code = apply_all(&applying, err);
    if (!code)
        code = db_commit(surveys, err);
    db_rollback(surveys);
    csvread_free(applying.csv);
    return code ? code : db_checkpoint(surveys, err); /* what was rejected is gone */
}

int review_release_read(struct db *surveys, const char *survey, int64_t k, struct review_release *release, struct err *err)
{
    static const char *const header[] = { "wave", "question", "text" };
    struct csvwrite csv;
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "releasable", &stmt, err);
    if (code)
        return code;
    csvwrite_init(&csv, &release->csv, CSV_DIALECT_RFC4180);
    for (size_t i = 0; i < sizeof header / sizeof *header; i++)
        csvwrite_text(&csv, header[i]);
    csvwrite_end(&csv);
    stmt_bind_string(stmt, ":survey", survey);
    stmt_bind_integer(stmt, ":k", k);
    while ((code = stmt_step(stmt, err)) == 1) {
        MEM_GROW(release->texts, release->count, release->capacity);
        release->texts[release->count++] = stmt_integer(stmt, 0);
        csvwrite_integer(&csv, stmt_integer(stmt, 1));
        csvwrite_text(&csv, stmt_text(stmt, 2, NULL));
        csvwrite_text(&csv, stmt_text(stmt, 3, NULL));
        csvwrite_end(&csv);
    }
    stmt_free(stmt);
    return code;
}

int review_release_mark(struct db *surveys, const struct review_release *release, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_begin(surveys, err);
    if (!code)
        code = db_prepare(surveys, QUERIES, "mark_released", &stmt, err);
    for (size_t i = 0; i < release->count && !code; i++) {
        stmt_bind_integer(stmt, ":text", release->texts[i]);
        code = stmt_run(stmt, err);
    }
    stmt_free(stmt);
    if (!code)
        code = db_commit(surveys, err);
    db_rollback(surveys);
    return code;
}

void review_release_free(struct review_release *release)
{
    free(release->texts);
    strbuf_wipe(&release->csv);
    *release = (struct review_release){ 0 };
}
