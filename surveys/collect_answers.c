#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "surveys/collect.h"
#include "surveys/intake.h"

#define QUERIES "surveys/sql/collect.sql"

/* An answer that waits, opened. */
struct waiting {
    int64_t number;
    struct strbuf json;
    bool readable;
    bool is_linked;                       /* confidential */
    unsigned char hash[TOKEN_HASH_BYTES];
};

/* Answers that may go together: of a wave and a segment, to the same questions. */
struct group {
    int64_t wave;
    char *segment;
    unsigned char questions[INTAKE_DIGEST_BYTES];
    size_t questions_bytes;               /* 0: from before they were noted */
};

struct batch {
    const struct collect_input *input;
    const struct group *group;
    int64_t wave;
    const char *segment;                  /* that the responses get */
    bool is_quiet;                        /* nobody who was invited can answer any more */
    struct waiting *list;
    size_t count, capacity;
    struct stmt *add, *add_text, *note;
    struct collect_result *result;
};

static void release_batch(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        strbuf_wipe(&batch->list[i].json);
    free(batch->list);
    stmt_free(batch->add);
    stmt_free(batch->add_text);
    stmt_free(batch->note);
}

/* Deletes in intake.db what surveys.db says is moved, then forgets that. */
static int finish_moving(const struct collect_input *input, struct err *err)
{
    struct stmt *moved = NULL, *drop = NULL;
    int code = db_prepare(input->surveys, QUERIES, "moved", &moved, err), step = 0;
    if (!code)
        code = db_begin(input->intake, err);
    if (!code)
        code = db_prepare(input->intake, QUERIES, "drop_waiting", &drop, err);
    while (!code && (step = stmt_step(moved, err)) == 1) {
        stmt_bind_integer(drop, ":waiting", stmt_integer(moved, 0));
        code = stmt_run(drop, err);
    }
    stmt_free(moved);
    stmt_free(drop);
    code = code ? code : step;
    if (!code)
        code = db_commit(input->intake, err);
    db_rollback(input->intake);
    return code ? code : db_run(input->surveys, QUERIES, "forget_moved", err);
}

static void add_waiting(struct batch *batch, struct stmt *stmt)
{
    size_t length, hash_length = 0;
    MEM_GROW(batch->list, batch->count, batch->capacity);
    struct waiting *waiting = &batch->list[batch->count++];
    *waiting = (struct waiting){ .number = stmt_integer(stmt, 0) };
    const char *sealed = stmt_blob(stmt, 2, &length);
    waiting->readable = collect_open_answer(batch->input->keyring, stmt_integer(stmt, 1), (struct slice){ sealed, length }, &waiting->json);
    const void *hash = stmt_is_null(stmt, 3) ? NULL : stmt_blob(stmt, 3, &hash_length);
    waiting->is_linked = hash && hash_length == TOKEN_HASH_BYTES;
    if (waiting->is_linked)
        memcpy(waiting->hash, hash, hash_length);
}

/* What waits in a segment, or with NULL in all of them. */
static int read_waiting(struct batch *batch, const char *segment, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(batch->input->intake, QUERIES, "waiting", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", batch->input->survey->name);
    stmt_bind_integer(stmt, ":wave", batch->wave);
    stmt_bind_blob(stmt, ":questions", batch->group->questions, batch->group->questions_bytes);
    stmt_bind_string(stmt, ":segment", segment);
    while ((code = stmt_step(stmt, err)) == 1)
        add_waiting(batch, stmt);
    stmt_free(stmt);
    return code;
}

static void shuffle(struct batch *batch)
{
    for (size_t left = batch->count; left > 1; left--) {
        size_t chosen = randombytes_uniform((uint32_t)left);
        struct waiting swap = batch->list[left - 1];
        batch->list[left - 1] = batch->list[chosen];
        batch->list[chosen] = swap;
    }
}

static int64_t random_number(void)
{
    uint64_t number;
    randombytes_buf(&number, sizeof number);
    return (int64_t)(number >> 2) + 1;
}

/* The Monday of the week of the batch: that of the answer would tell early answers from late ones. */
static int32_t week_of(const struct collect_input *input)
{
    int32_t day = zone_day(input->zone, input->now), since_monday = (day + 3) % 7; /* 1970-01-01 was a Thursday */
    return day - (since_monday < 0 ? since_monday + 7 : since_monday);
}

static int add_text(struct batch *batch, const char *question, const char *text, struct err *err)
{
    struct strbuf redacted = { 0 };
    size_t count;
    int code = redact_text(batch->input->redactor, (struct slice){ text, strlen(text) }, &redacted, &count, err);
    if (code)
        return code;
    stmt_bind_integer(batch->add_text, ":text", random_number());
    stmt_bind_string(batch->add_text, ":survey", batch->input->survey->name);
    stmt_bind_integer(batch->add_text, ":wave", batch->wave);
    stmt_bind_string(batch->add_text, ":question", question);
    stmt_bind_text(batch->add_text, ":redacted", strbuf_text(&redacted), redacted.length);
    code = stmt_run(batch->add_text, err);
    strbuf_wipe(&redacted);
    return code;
}

static bool is_choice(const struct survey *survey, const char *id, const char *value)
{
    for (size_t i = 0; i < survey->question_count; i++) {
        const struct survey_question *question = &survey->questions[i];
        for (size_t c = 0; c < question->choice_count && strcmp(question->id, id) == 0; c++)
            if (strcmp(question->choices[c].id, value) == 0)
                return true;
    }
    return false;
}

/* Free text goes its own way, under a number of its own. It is all that is no choice of the survey's: the file may by now say
 * something else of the question than when it was answered. */
static int split_texts(struct batch *batch, json_t *answers, struct err *err)
{
    const char *question;
    void *next;
    json_t *value;
    int code = 0;
    json_object_foreach_safe(answers, next, question, value) {
        const char *text = json_string_value(value);
        if (!text || code || is_choice(batch->input->survey, question, text))
            continue;
        code = add_text(batch, question, text, err);
        json_object_del(answers, question);
    }
    return code;
}

static int add_response(struct batch *batch, const struct waiting *waiting, json_t *answers, struct err *err)
{
    char *json = json_dumps(answers, JSON_COMPACT | JSON_PRESERVE_ORDER);
    if (!json)
        mem_fail();
    stmt_bind_integer(batch->add, ":response", random_number());
    stmt_bind_string(batch->add, ":survey", batch->input->survey->name);
    stmt_bind_integer(batch->add, ":wave", batch->wave);
    stmt_bind_integer(batch->add, ":week", week_of(batch->input));
    stmt_bind_string(batch->add, ":segment", batch->segment);
    stmt_bind_string(batch->add, ":answers", json);
    if (waiting->is_linked)
        stmt_bind_blob(batch->add, ":hash", waiting->hash, TOKEN_HASH_BYTES);
    else
        stmt_bind_null(batch->add, ":hash");
    int code = stmt_run(batch->add, err);
    free(json);
    return code;
}

static int move_one(struct batch *batch, const struct waiting *waiting, struct err *err)
{
    json_t *answers = waiting->readable ? json_loads(waiting->json.text, 0, NULL) : NULL;
    int code = 0;
    if (json_is_object(answers)) {
        code = split_texts(batch, answers, err);
        if (!code)
            code = add_response(batch, waiting, answers, err);
        batch->result->moved++;
    } else {
        batch->result->unreadable++;
    }
    json_decref(answers);
    return code;
}

/* In the order of the numbers, which is random and not that of the moves. */
static int note_moved(struct batch *batch, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < batch->count && !code; i++) {
        stmt_bind_integer(batch->note, ":waiting", batch->list[i].number);
        code = stmt_run(batch->note, err);
    }
    return code;
}

static int prepare_moving(struct batch *batch, struct err *err)
{
    struct db *surveys = batch->input->surveys;
    int code = db_prepare(surveys, QUERIES, "add_response", &batch->add, err);
    if (!code)
        code = db_prepare(surveys, QUERIES, "add_text", &batch->add_text, err);
    return code ? code : db_prepare(surveys, QUERIES, "note_moved", &batch->note, err);
}

static int move(struct batch *batch, struct err *err)
{
    int code = db_begin(batch->input->surveys, err);
    if (code)
        return code;
    code = note_moved(batch, err);
    shuffle(batch);
    for (size_t i = 0; i < batch->count && !code; i++)
        code = move_one(batch, &batch->list[i], err);
    if (!code)
        code = db_commit(batch->input->surveys, err);
    db_rollback(batch->input->surveys);
    return code ? code : finish_moving(batch->input, err);
}

static int discard(struct batch *batch, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_begin(batch->input->surveys, err);
    if (code)
        return code;
    code = note_moved(batch, err);
    if (!code)
        code = db_prepare(batch->input->surveys, QUERIES, "add_discarded", &stmt, err);
    if (!code) {
        stmt_bind_string(stmt, ":survey", batch->input->survey->name);
        stmt_bind_integer(stmt, ":wave", batch->wave);
        stmt_bind_integer(stmt, ":count", (int64_t)batch->count);
        code = stmt_run(stmt, err);
    }
    stmt_free(stmt);
    if (!code)
        code = db_commit(batch->input->surveys, err);
    db_rollback(batch->input->surveys);
    batch->result->discarded += (int64_t)batch->count;
    return code ? code : finish_moving(batch->input, err);
}

/* Is nobody left of those who were invited to the wave who could still answer? 1 or 0. */
static int is_quiet(const struct collect_input *input, int64_t wave, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->intake, QUERIES, "open_tickets", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", input->survey->name);
    stmt_bind_integer(stmt, ":wave", wave);
    stmt_bind_integer(stmt, ":now", input->now);
    code = stmt_step(stmt, err);
    int quiet = code == 1 && stmt_integer(stmt, 0) == 0;
    stmt_free(stmt);
    return code < 0 ? code : quiet;
}

/* Is nobody invited to the wave any more? */
static bool is_closed(const struct collect_input *input, int64_t wave)
{
    return wave < input->survey->wave || zone_day(input->zone, input->now) > input->survey->ends_day;
}

/* May the batch be moved? Answers that came with their invitation may. Of others k or more are needed that can be read: what cannot hides
 * nobody; and all of them go at once: reminders, opt-outs and later plans tell who answered early and who late, and of two batches one is the
 * earlier. Whoever answered was told then whether the link goes along; the survey's file may say otherwise by now. */
static bool may_move(const struct batch *batch)
{
    int64_t anonymous = 0, readable = 0;
    for (size_t i = 0; i < batch->count; i++) {
        anonymous += !batch->list[i].is_linked;
        readable += !batch->list[i].is_linked && batch->list[i].readable;
    }
    return anonymous == 0 || (batch->is_quiet && readable >= batch->input->k);
}

/* The answers of a group, or with `rest` all that is left of its wave and questions. Answers to other questions never fill a batch up: they
 * can be told apart in it. */
static int take_group(const struct collect_input *input, const struct group *group, bool rest, struct collect_result *result, struct err *err)
{
    struct batch batch = { .input = input, .group = group, .wave = group->wave, .segment = rest ? COLLECT_ANY_SEGMENT : group->segment,
                           .result = result };
    int quiet = is_quiet(input, group->wave, err);
    batch.is_quiet = quiet == 1;
    int code = quiet < 0 ? quiet : read_waiting(&batch, rest ? NULL : group->segment, err);
    if (!code)
        code = prepare_moving(&batch, err);
    if (!code && batch.count) {
        if (may_move(&batch))
            code = move(&batch, err);
        else if (rest)
            code = discard(&batch, err);
        else
            result->waiting += (int64_t)batch.count;
    }
    release_batch(&batch);
    return code;
}

static struct group read_group(struct stmt *stmt)
{
    size_t length = 0;
    const void *digest = stmt_blob(stmt, 1, &length);
    struct group group = { .wave = stmt_integer(stmt, 0), .segment = mem_strdup(stmt_text(stmt, 2, NULL)) };
    if (length == sizeof group.questions) {
        memcpy(group.questions, digest, length);
        group.questions_bytes = length;
    }
    return group;
}

static bool same_questions(const struct group *a, const struct group *b)
{
    return a->wave == b->wave && a->questions_bytes == b->questions_bytes && memcmp(a->questions, b->questions, a->questions_bytes) == 0;
}

static int read_groups(const struct collect_input *input, struct group **groups, size_t *count, struct err *err)
{
    struct stmt *stmt = NULL;
    size_t capacity = 0;
    int code = db_prepare(input->intake, QUERIES, "groups", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", input->survey->name);
    while ((code = stmt_step(stmt, err)) == 1) {
        MEM_GROW(*groups, *count, capacity);
        (*groups)[(*count)++] = read_group(stmt);
    }
    stmt_free(stmt);
    return code;
}

static int take_groups(const struct collect_input *input, const struct group *groups, size_t count, struct collect_result *result, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < count && !code; i++)
        code = take_group(input, &groups[i], false, result, err);
    for (size_t i = 0; i < count && !code; i++) {
        bool last_of_wave = i + 1 == count || !same_questions(&groups[i], &groups[i + 1]);
        int over = last_of_wave && is_closed(input, groups[i].wave) ? is_quiet(input, groups[i].wave, err) : 0;
        code = over > 0 ? take_group(input, &groups[i], true, result, err) : over;
    }
    return code;
}

static int drop_expired(const struct collect_input *input, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->intake, QUERIES, "drop_expired_partials", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", input->survey->name);
    stmt_bind_integer(stmt, ":now", input->now);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

int collect_answers(const struct collect_input *input, struct collect_result *result, struct err *err)
{
    struct group *groups = NULL;
    size_t count = 0;
    int code = finish_moving(input, err); /* of a run that was killed */
    if (!code)
        code = drop_expired(input, err);
    if (!code)
        code = read_groups(input, &groups, &count, err);
    if (!code)
        code = take_groups(input, groups, count, result, err);
    for (size_t i = 0; i < count; i++)
        free(groups[i].segment);
    free(groups);
    if (!code)
        code = db_checkpoint(input->intake, err);
    return code ? code : db_checkpoint(input->surveys, err);
}
