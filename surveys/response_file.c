#include "surveys/response_file.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "surveys/form.h"
#include "surveys/intake.h"

enum { SECONDS_PER_DAY = 86400 };

/* Which column is which; -1: there is none. */
struct columns {
    int token, time;
    int *questions; /* as in the survey */
};

/* A row that is in order, until all are. */
struct stored {
    struct intake_job job;
    struct strbuf json;
};

struct reading {
    const struct response_file *file;
    struct csvread *csv;
    struct columns columns;
    struct date_format *dates[8];
    size_t date_count;
    struct stored *list;
    size_t count, capacity;
    struct response_counts *counts;
};

static int find_columns(struct reading *reading, struct err *err)
{
    const struct survey *survey = reading->file->survey;
    size_t named = 0, found = 0;
    reading->columns.questions = mem_zalloc(survey->question_count, sizeof *reading->columns.questions);
    reading->columns.token = csvread_column(reading->csv, survey->responses.token);
    reading->columns.time = survey->responses.time ? csvread_column(reading->csv, survey->responses.time) : -1;
    if (reading->columns.token < 0)
        return err_set(err, ERR_DATA, "the column '%s' for the token is missing; see 'responses' in the survey's file", survey->responses.token);
    if (survey->responses.time && reading->columns.time < 0)
        return err_set(err, ERR_DATA, "the column '%s' for the time is missing", survey->responses.time);
    for (size_t i = 0; i < survey->question_count; i++) {
        reading->columns.questions[i] = csvread_column(reading->csv, survey->questions[i].column);
        found += reading->columns.questions[i] >= 0;
    }
    if (!found)
        return err_set(err, ERR_DATA, "no column belongs to a question; see 'responses' in the survey's file");
    const struct csv_record *header = csvread_header(reading->csv);
    for (size_t i = 0; i < header->count; i++)
        named += header->fields[i].length > 0;
    reading->counts->dropped_columns = named - found - 1 - (reading->columns.time >= 0);
    return 0;
}

static int fold(struct slice text, struct strbuf *out)
{
    struct strbuf composed = { 0 };
    int code = text_nfc(text, &composed, NULL);
    if (!code)
        code = text_lower((struct slice){ strbuf_text(&composed), composed.length }, out, NULL);
    strbuf_wipe(&composed);
    return code;
}

/* As people read it: in capitals or not, composed or not. */
static bool equals_label(struct slice value, const char *label)
{
    struct strbuf given = { 0 }, wanted = { 0 };
    bool same = fold(value, &given) == 0 && fold((struct slice){ label, strlen(label) }, &wanted) == 0 &&
                strcmp(strbuf_text(&given), strbuf_text(&wanted)) == 0;
    strbuf_wipe(&given);
    strbuf_release(&wanted);
    return same;
}

/* The id that is meant: an id, or a label in any language; what is neither stays, and is refused later. */
static const char *meant_choice(const struct survey_question *question, struct slice value)
{
    for (size_t i = 0; i < question->choice_count; i++) {
        const struct survey_choice *choice = &question->choices[i];
        if (slice_equals(value, choice->id))
            return choice->id;
        for (size_t l = 0; l < choice->label.count; l++)
            if (equals_label(value, choice->label.list[l].text))
                return choice->id;
    }
    return NULL;
}

static void add_choice(struct form *form, const struct survey_question *question, struct slice value)
{
    const char *id = meant_choice(question, value);
    form_add_answer(form, question->id, id ? (struct slice){ id, strlen(id) } : value);
}

static void add_choices(struct form *form, const struct survey_question *question, struct slice cell, char separator)
{
    while (cell.length) {
        const char *end = memchr(cell.text, separator, cell.length);
        size_t length = end ? (size_t)(end - cell.text) : cell.length;
        struct slice part = text_trim((struct slice){ cell.text, length });
        if (part.length)
            add_choice(form, question, part);
        cell.text += length + (end != NULL);
        cell.length -= length + (end != NULL);
    }
}

static struct slice cell_of(const struct csv_record *record, int column)
{
    return column < 0 || (size_t)column >= record->count ? (struct slice){ "", 0 } : text_trim(record->fields[column]);
}

static void read_answers(const struct reading *reading, const struct csv_record *record, struct form *form)
{
    const struct survey *survey = reading->file->survey;
    for (size_t i = 0; i < survey->question_count; i++) {
        const struct survey_question *question = &survey->questions[i];
        struct slice cell = cell_of(record, reading->columns.questions[i]);
        if (question->type == QUESTION_MULTIPLE)
            add_choices(form, question, cell, survey->responses.separator);
        else if (question->type == QUESTION_SINGLE && cell.length)
            add_choice(form, question, cell);
        else if (cell.length)
            form_add_answer(form, question->id, cell);
    }
}

static bool refuse(struct response_reject *reject, const char *column, enum response_fault fault, const char *rule)
{
    *reject = (struct response_reject){ column, fault, rule };
    return false;
}

static bool check_cells(const struct reading *reading, const struct csv_record *record, struct response_reject *reject)
{
    size_t columns = csvread_header(reading->csv)->count;
    for (size_t i = columns; i < record->count; i++)
        if (record->fields[i].length)
            return refuse(reject, "", RESPONSE_EXTRA_CELLS, "more cells than the header");
    return record->count >= columns || refuse(reject, "", RESPONSE_MISSING_CELLS, "fewer cells than the header");
}

static bool check_time(const struct reading *reading, const struct csv_record *record, int64_t *at, struct response_reject *reject)
{
    const char *column = reading->file->survey->responses.time;
    struct date_read read;
    *at = reading->file->now;
    if (reading->columns.time < 0)
        return true;
    struct slice cell = cell_of(record, reading->columns.time);
    if (!date_read(reading->dates, reading->date_count, reading->file->zone, cell.text, cell.length, &read))
        return refuse(reject, column, RESPONSE_BAD_TIME, "responses.dates");
    if (read.instant > reading->file->now + SECONDS_PER_DAY)
        return refuse(reject, column, RESPONSE_IN_FUTURE, "an answer is given before it is read");
    *at = read.instant;
    return true;
}

static bool check_answers(const struct reading *reading, const struct csv_record *record, struct strbuf *json, struct response_reject *reject)
{
    struct form form;
    struct answer_result result;
    form_init(&form);
    read_answers(reading, record, &form);
    answers_check(reading->file->survey, form.answers, form.answer_count, true, json, &result);
    form_release(&form);
    if (result.fault == ANSWER_GOOD)
        return true;
    bool missing = result.fault == ANSWER_EMPTY || result.fault == ANSWER_MISSING;
    return refuse(reject, result.question ? result.question->column : "", missing ? RESPONSE_NO_ANSWER : RESPONSE_BAD_ANSWER,
                  answer_fault_text(result.fault));
}

/* An answer whose disposition is in the statistics already would be without a reply there. A time may be a day alone: a day's grace. */
static int check_invitation(const struct reading *reading, const struct stored *stored, const unsigned char hash[TOKEN_HASH_BYTES],
                            struct response_reject *reject, struct err *err)
{
    const char *column = reading->file->survey->responses.token, *time = reading->file->survey->responses.time;
    struct stmt *stmt = NULL;
    int code = reading->file->surveys ? db_prepare(reading->file->surveys, "surveys/sql/collect.sql", "made", &stmt, err) : 0;
    if (code || !stmt)
        return code ? code : 1;
    stmt_bind_blob(stmt, ":hash", hash, TOKEN_HASH_BYTES);
    int found = stmt_step(stmt, err);
    bool early = found == 1 && stored->job.now + SECONDS_PER_DAY < stmt_integer(stmt, 0), late = found == 1 && stmt_integer(stmt, 1);
    stmt_free(stmt);
    if (found < 0)
        return found;
    if (early)
        return refuse(reject, time ? time : column, RESPONSE_EARLY, "an answer is given after its invitation");
    return !late || refuse(reject, column, RESPONSE_LATE, "what became of the invitation was handed over to the statistics");
}

/* A token of this survey that was not opted out: the rest the intake judges. */
static int check_ticket(const struct reading *reading, const struct stored *stored, struct response_reject *reject, struct err *err)
{
    unsigned char hash[TOKEN_HASH_BYTES];
    struct ticket ticket;
    const char *column = reading->file->survey->responses.token, *time = reading->file->survey->responses.time;
    token_hash(stored->job.token, hash);
    int found = intake_find(reading->file->intake, hash, &ticket, err);
    if (found < 0)
        return found;
    if (!found || ticket.kind != INTAKE_ANSWER || strcmp(ticket.survey, reading->file->survey->name) != 0)
        return refuse(reject, column, RESPONSE_UNKNOWN_TOKEN, "the token is of no invitation of this survey");
    if (ticket.opted_out && !ticket.finished)
        return refuse(reject, column, RESPONSE_UNKNOWN_TOKEN, "the person wants no more surveys");
    if (!ticket.finished && stored->job.now >= ticket.expires_at)
        return refuse(reject, time ? time : column, RESPONSE_LATE, "the invitation had expired");
    return ticket.finished ? 1 : check_invitation(reading, stored, hash, reject, err);
}

/* 1: `stored` is set; 0: rejected. */
static int read_row(struct reading *reading, const struct csv_record *record, struct stored *stored, struct response_reject *reject, struct err *err)
{
    const char *token = reading->file->survey->responses.token;
    stored->job.deed = INTAKE_FINISH;
    memcpy(stored->job.questions, reading->file->survey->questions_digest, sizeof stored->job.questions);
    stored->job.room = answers_room(reading->file->survey);
    if (!check_cells(reading, record, reject) || !check_time(reading, record, &stored->job.now, reject))
        return 0;
    if (!token_read(cell_of(record, reading->columns.token), stored->job.token))
        return refuse(reject, token, RESPONSE_NO_TOKEN, "not a token");
    int known = check_ticket(reading, stored, reject, err);
    if (known < 1)
        return known;
    return check_answers(reading, record, &stored->json, reject);
}

static int take_row(struct reading *reading, const struct csv_record *record, struct err *err)
{
    struct stored stored = { 0 };
    struct response_reject reject;
    int taken = read_row(reading, record, &stored, &reject, err);
    reading->counts->rows++;
    if (taken < 1) {
        strbuf_wipe(&stored.json);
        reading->counts->rejected += taken == 0;
        return taken ? taken : reading->file->reject(reading->file->context, record, &reject, err);
    }
    MEM_GROW(reading->list, reading->count, reading->capacity);
    reading->list[reading->count++] = stored;
    return 0;
}

static int refuse_questions(const struct reading *reading, struct err *err)
{
    return err_set(err, ERR_USAGE, "the questions of survey '%s' are not those that were approved; plan and approve it again, and send",
                   reading->file->survey->name);
}

/* A file with answers to questions that were changed is not read, and stays. */
static int check_questions(const struct reading *reading, struct err *err)
{
    const struct survey *survey = reading->file->survey;
    unsigned char approved[INTAKE_DIGEST_BYTES] = { 0 };
    int code = intake_approved(reading->file->intake, survey->name, approved, err);
    if (code < 0)
        return code;
    return memcmp(approved, survey->questions_digest, sizeof approved) != 0 ? refuse_questions(reading, err) : 0;
}

static int store(struct reading *reading, struct err *err)
{
    struct intake_job **jobs = mem_zalloc(reading->count, sizeof *jobs);
    for (size_t i = 0; i < reading->count; i++) {
        struct stored *stored = &reading->list[i];
        stored->job.json = (struct slice){ stored->json.text, stored->json.length };
        jobs[i] = &stored->job;
    }
    int code = reading->count ? intake_do(reading->file->intake, jobs, reading->count, err) : 0;
    for (size_t i = 0; i < reading->count && !code; i++) {
        if (jobs[i]->outcome == INTAKE_CHANGED) /* then of all: they are one survey's, in one transaction */
            code = refuse_questions(reading, err);
        reading->counts->stored += jobs[i]->outcome == INTAKE_DONE;
        reading->counts->already += jobs[i]->outcome != INTAKE_DONE;
    }
    free(jobs);
    return code;
}

static int read_all(struct reading *reading, struct err *err)
{
    struct csv_record record;
    unsigned char digest[32];
    int code = check_questions(reading, err), more = 1;
    if (!code)
        code = find_columns(reading, err);
    for (size_t i = 0; i < reading->file->survey->responses.date_count && !code && i < 8; i++) {
        code = date_format_compile(&reading->dates[i], reading->file->survey->responses.dates[i], err);
        reading->date_count += !code;
    }
    if (!code)
        code = reading->file->begin(reading->file->context, csvread_header(reading->csv), err);
    while (!code && (more = csvread_next(reading->csv, &record, err)) == 1)
        code = take_row(reading, &record, err);
    if (code || more < 0)
        return code ? code : more;
    csvread_digest(reading->csv, digest);
    code = reading->file->commit(reading->file->context, digest, err);
    return code ? code : store(reading, err);
}

int response_file_read(const struct response_file *file, const char *path, struct response_counts *counts, struct err *err)
{
    struct reading reading = { .file = file, .counts = counts };
    const struct csvread_options options = { .delimiter = file->survey->responses.delimiter, .encoding = file->survey->responses.encoding };
    *counts = (struct response_counts){ 0 };
    int code = csvread_open(&reading.csv, path, &options, err);
    if (code)
        return code;
    code = read_all(&reading, err);
    for (size_t i = 0; i < reading.count; i++)
        strbuf_wipe(&reading.list[i].json);
    if (reading.list)
        explicit_bzero(reading.list, reading.capacity * sizeof *reading.list); /* tokens */
    free(reading.list);
    free(reading.columns.questions);
    for (size_t i = 0; i < reading.date_count; i++)
        date_format_free(reading.dates[i]);
    csvread_free(reading.csv);
    return code;
}
