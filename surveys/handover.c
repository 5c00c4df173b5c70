#include "surveys/handover.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/csvwrite.h"
#include "core/mem.h"

#define QUERIES "surveys/sql/handover.sql"

void handover_file_name(enum handover_kind kind, const char *survey, int64_t number, struct strbuf *out)
{
    static const char *const names[] = { "answers", "dispositions", "holdout" };
    strbuf_clear(out);
    strbuf_addf(out, "%s-%s-%lld.csv", names[kind], survey, (long long)number);
}

void handover_release(struct handover *handover)
{
    free(handover->numbers);
    strbuf_wipe(&handover->csv);
    *handover = (struct handover){ 0 };
}

static void add_column(struct csvwrite *csv, const char *question, const char *choice)
{
    struct strbuf name = { 0 };
    strbuf_addf(&name, "%s_%s", question, choice);
    csvwrite_text(csv, strbuf_text(&name));
    strbuf_release(&name);
}

static void add_question_columns(struct csvwrite *csv, const struct survey_question *question)
{
    if (question->type == QUESTION_TEXT)
        return;
    if (question->type != QUESTION_MULTIPLE)
        csvwrite_text(csv, question->id);
    else
        for (size_t i = 0; i < question->choice_count; i++)
            add_column(csv, question->id, question->choices[i].id);
}

static void add_header(struct csvwrite *csv, const struct survey *survey, enum handover_kind kind)
{
    csvwrite_text(csv, kind == HANDOVER_ANSWERS ? "response" : "invitation");
    csvwrite_text(csv, "week");
    csvwrite_text(csv, "wave");
    for (size_t i = 0; i < survey->segment_count; i++)
        csvwrite_text(csv, survey->segments[i]);
    if (kind == HANDOVER_DISPOSITIONS)
        csvwrite_text(csv, "disposition");
    for (size_t i = 0; i < survey->question_count && kind == HANDOVER_ANSWERS; i++)
        add_question_columns(csv, &survey->questions[i]);
    csvwrite_end(csv);
}

/* One cell for each of the survey's segments, from the JSON of a plan or response. */
static void add_segments(struct csvwrite *csv, const struct survey *survey, const char *json)
{
    json_t *segments = json_loads(json, 0, NULL);
    for (size_t i = 0; i < survey->segment_count; i++) {
        const char *label = json_string_value(json_object_get(segments, survey->segments[i]));
        csvwrite_text(csv, label ? label : "");
    }
    json_decref(segments);
}

static bool has_choice(const json_t *chosen, const char *id)
{
    const json_t *element;
    size_t i;
    json_array_foreach(chosen, i, element) if (strcmp(json_string_value(element), id) == 0) return true;
    return false;
}

static void add_answer(struct csvwrite *csv, const struct survey_question *question, const json_t *value)
{
    if (question->type == QUESTION_TEXT)
        return;
    if (question->type == QUESTION_MULTIPLE) {
        for (size_t i = 0; i < question->choice_count; i++)
            csvwrite_text(csv, !value ? "" : has_choice(value, question->choices[i].id) ? "yes" : "no");
    } else if (json_is_integer(value)) {
        csvwrite_integer(csv, json_integer_value(value));
    } else {
        csvwrite_text(csv, json_is_string(value) ? json_string_value(value) : "");
    }
}

static void add_answers(struct csvwrite *csv, const struct survey *survey, const char *json)
{
    json_t *answers = json_loads(json, 0, NULL);
    for (size_t i = 0; i < survey->question_count; i++)
        add_answer(csv, &survey->questions[i], json_object_get(answers, survey->questions[i].id));
    json_decref(answers);
}

void handover_week(const struct zone *zone, int64_t now, char out[16])
{
    int32_t today = zone_day(zone, now);
    int since_monday = calendar_weekday(today) - 1, since_first = calendar_date(today).day - 1;
    calendar_format_day(today - (since_monday < since_first ? since_monday : since_first), out);
}

static void add_row(struct csvwrite *csv, const struct survey *survey, enum handover_kind kind, const char *week, struct stmt *stmt)
{
    csvwrite_integer(csv, stmt_integer(stmt, 0));
    csvwrite_text(csv, week);
    csvwrite_integer(csv, stmt_integer(stmt, 1));
    add_segments(csv, survey, stmt_text(stmt, 2, NULL));
    if (kind == HANDOVER_ANSWERS)
        add_answers(csv, survey, stmt_text(stmt, 3, NULL));
    else
        csvwrite_text(csv, stmt_text(stmt, 3, NULL));
    csvwrite_end(csv);
}

static int number_dispositions(struct db *surveys, const struct survey *survey, int64_t now, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "number_dispositions", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", survey->name);
    stmt_bind_integer(stmt, ":now", now);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

static void bind_groups(const struct handover_input *input, struct stmt *stmt)
{
    int32_t today = zone_day(input->zone, input->now);
    stmt_bind_integer(stmt, ":k", input->k);
    stmt_bind_integer(stmt, ":wave", input->survey->wave);
    stmt_bind_integer(stmt, ":over", today > input->survey->ends_day);
}

int handover_read(const struct handover_input *input, enum handover_kind kind, struct handover *handover, struct err *err)
{
    struct csvwrite csv;
    struct stmt *stmt = NULL;
    char week[16];
    bool answers = kind == HANDOVER_ANSWERS;
    int code = answers ? 0 : number_dispositions(input->surveys, input->survey, input->now, err);
    if (!code)
        code = db_prepare(input->surveys, QUERIES, answers ? "responses" : "dispositions", &stmt, err);
    if (code)
        return code;
    csvwrite_init(&csv, &handover->csv, CSV_DIALECT_RFC4180);
    add_header(&csv, input->survey, kind);
    handover_week(input->zone, input->now, week);
    stmt_bind_string(stmt, ":survey", input->survey->name);
    stmt_bind_integer(stmt, ":now", input->now);
    if (answers)
        bind_groups(input, stmt);
    while ((code = stmt_step(stmt, err)) == 1) {
        MEM_GROW(handover->numbers, handover->count, handover->capacity);
        handover->numbers[handover->count++] = stmt_integer(stmt, 0);
        add_row(&csv, input->survey, kind, week, stmt);
    }
    stmt_free(stmt);
    return code;
}

int handover_mark(struct db *surveys, enum handover_kind kind, const struct handover *handover, struct err *err)
{
    static const struct {
        const char *file, *query;
    } marks[] = { { QUERIES, "mark_response" }, { QUERIES, "mark_disposition" }, { "surveys/sql/holdout.sql", "mark" } };
    struct stmt *stmt = NULL;
    int code = db_begin(surveys, err);
    if (!code)
        code = db_prepare(surveys, marks[kind].file, marks[kind].query, &stmt, err);
    for (size_t i = 0; i < handover->count && !code; i++) {
        stmt_bind_integer(stmt, ":response", handover->numbers[i]);
        code = stmt_run(stmt, err);
    }
    stmt_free(stmt);
    if (!code)
        code = db_commit(surveys, err);
    db_rollback(surveys);
    return code;
}
