#include "surveys/handoff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/atomfile.h"
#include "core/csvwrite.h"
#include "core/strbuf.h"
#include "surveys/handoff_file.h"
#include "surveys/spool.h"

#define QUERIES "surveys/sql/handoff.sql"

enum { SIZE_MAX_NUMBER = 1000000 };

struct handing {
    const struct handoff_batch *batch;
    struct send_result *result;
    struct strbuf csv;
    struct csvwrite writer;
    int64_t disclosure, people;
    char name[HANDOFF_NAME_MAX];
};

/* A number that neither the ledger nor a complete file in the outbox has: the ledger may be an older one, restored. */
static int choose_number(struct handing *handing, struct err *err)
{
    const struct send_input *input = handing->batch->input;
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "next", &stmt, err);
    if (code)
        return code;
    code = stmt_step(stmt, err);
    handing->disclosure = code == 1 ? stmt_integer(stmt, 0) : 0;
    stmt_free(stmt);
    for (bool taken = true; code >= 0 && taken && handing->disclosure < SIZE_MAX_NUMBER;) {
        handoff_file_name(input->survey, handing->disclosure, handing->name);
        code = handoff_file_is_complete(input->outbox, handing->name, &taken, err);
        handing->disclosure += taken;
    }
    return code < 0 ? code : 0;
}

static void write_header(struct handing *handing)
{
    csvwrite_init(&handing->writer, &handing->csv, CSV_DIALECT_RFC4180);
    for (size_t i = 0; handoff_fields[i]; i++)
        csvwrite_text(&handing->writer, handoff_fields[i]);
    csvwrite_end(&handing->writer);
}

/* A telephone number as a URI (RFC 3966): a spreadsheet would take +49… for a formula. */
static void write_address(struct handing *handing, const struct contact *contact)
{
    struct strbuf text = { 0 };
    strbuf_addf(&text, "%s%s", handing->batch->input->survey->channel == SURVEY_PHONE ? "tel:" : "", contact->address);
    csvwrite_text(&handing->writer, strbuf_text(&text));
    strbuf_wipe(&text);
}

static void write_row(struct handing *handing, const struct outgoing *outgoing, const struct contact *contact)
{
    const struct send_input *input = handing->batch->input;
    char token[TOKEN_LENGTH + 7], day[16];
    token_format(outgoing->token, token);
    calendar_format_day(zone_day(input->zone, outgoing->expires_at - 1), day);
    csvwrite_text(&handing->writer, outgoing->id);
    write_address(handing, contact);
    csvwrite_text(&handing->writer, outgoing->language);
    csvwrite_text(&handing->writer, token);
    csvwrite_text(&handing->writer, day);
    csvwrite_end(&handing->writer);
    handing->people++;
}

static int reserve_row(struct handing *handing, struct outgoing *outgoing, const struct contact *contact, struct err *err)
{
    const struct handoff_batch *batch = handing->batch;
    enum spool_state found = SPOOL_NONE;
    int code = outgoing_find(batch->input, outgoing, &found, err);
    bool was_handed = found != SPOOL_NONE; /* by a ledger that is newer than this one */
    if (!code)
        code = outgoing_reserve(batch->input, outgoing, spool_state_name(found), was_handed ? 0 : handing->disclosure, err);
    if (!code && was_handed)
        handing->result->found++;
    if (!code && !was_handed)
        write_row(handing, outgoing, contact);
    return code;
}

/* Quiet hours are the vendor's to keep: they stand in the manifest. */
static int take_row(struct handing *handing, struct outgoing *outgoing, struct err *err)
{
    const struct send_input *input = handing->batch->input;
    enum suppression suppression = SUPPRESSED_NO_CONSENT;
    struct arena arena;
    struct contact contact;
    arena_init(&arena, true);
    outgoing_name(input, outgoing);
    int code = contact_get(input->surveys, input->keyring, outgoing->recipient, input->survey->controller, &arena, &contact, err);
    if (code == 1)
        code = outgoing_suppression(input, outgoing, &contact, true, &suppression, err);
    if (!code && suppression)
        handing->result->refused++;
    else if (!code)
        code = reserve_row(handing, outgoing, &contact, err);
    arena_release(&arena);
    return code;
}

static int enter(struct handing *handing, const unsigned char sha256[32], struct err *err)
{
    const struct send_input *input = handing->batch->input;
    struct stmt *stmt = NULL;
    struct strbuf fields = { 0 };
    int code = db_prepare(input->surveys, QUERIES, "add", &stmt, err);
    if (code)
        return code;
    for (size_t i = 0; handoff_fields[i]; i++)
        strbuf_addf(&fields, "%s%s", i ? "," : "", handoff_fields[i]);
    stmt_bind_integer(stmt, ":disclosure", handing->disclosure);
    stmt_bind_integer(stmt, ":now", input->now);
    stmt_bind_string(stmt, ":vendor", input->survey->vendor);
    stmt_bind_string(stmt, ":survey", input->survey->name);
    stmt_bind_string(stmt, ":fields", strbuf_text(&fields));
    stmt_bind_integer(stmt, ":people", handing->people);
    stmt_bind_string(stmt, ":file_name", handing->name);
    stmt_bind_blob(stmt, ":sha256", sha256, 32);
    stmt_bind_integer(stmt, ":expires_day", zone_day(input->zone, handing->batch->expires_at) - 1);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    strbuf_release(&fields);
    return code;
}

static int put_file(struct handing *handing, struct err *err)
{
    unsigned char sha256[32];
    if (!handing->people)
        return 0;
    struct slice csv = { strbuf_text(&handing->csv), handing->csv.length };
    handoff_file_digest(csv, sha256);
    int code = handoff_file_put(handing->batch->input->outbox, handing->name, csv, err);
    return code ? code : enter(handing, sha256, err);
}

int handoff_send(const struct handoff_batch *batch, struct send_result *result, struct err *err)
{
    const struct send_input *input = batch->input;
    struct handing handing = { .batch = batch, .result = result };
    int code = handoff_finish(input, err);
    if (!code)
        code = db_begin(input->surveys, err);
    if (code)
        return code;
    write_header(&handing);
    code = choose_number(&handing, err);
    for (size_t i = 0; i < batch->count && !code; i++)
        code = take_row(&handing, &batch->list[i], err);
    if (!code)
        code = put_file(&handing, err);
    if (!code)
        code = db_commit(input->surveys, err);
    db_rollback(input->surveys);
    strbuf_wipe(&handing.csv);
    if (!code)
        result->spooled += handing.people;
    return code ? code : handoff_finish(input, err);
}

/* ---- after the commit ---- */

/* The rows of a hand-off, one by one. */
static int each_row(struct db *surveys, int64_t disclosure, int (*visit)(void *context, struct stmt *row, struct err *err), void *context,
                    struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "rows", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":disclosure", disclosure);
    while ((code = stmt_step(stmt, err)) == 1) {
        code = visit(context, stmt, err);
        if (code)
            break;
    }
    stmt_free(stmt);
    return code;
}

static int leave_marker(void *context, struct stmt *row, struct err *err)
{
    return spool_mark(context, stmt_text(row, 0, NULL), err);
}

static int run_for(struct db *surveys, const char *query, int64_t disclosure, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, query, &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":disclosure", disclosure);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

static int note_finished(struct db *surveys, int64_t disclosure, struct err *err)
{
    int code = db_begin(surveys, err);
    if (!code)
        code = run_for(surveys, "hand_over", disclosure, err);
    if (!code)
        code = run_for(surveys, "hand_over_invitations", disclosure, err);
    if (!code)
        code = run_for(surveys, "finish", disclosure, err);
    if (!code)
        code = db_commit(surveys, err);
    db_rollback(surveys);
    return code;
}

static int finish_one(const struct send_input *input, const struct handoff_facts *facts, struct err *err)
{
    char *outbox = mem_strdup(input->outbox);
    int code = each_row(input->surveys, facts->disclosure, leave_marker, outbox, err);
    free(outbox);
    if (!code)
        code = atomfile_sync_folder(input->outbox, err);
    if (!code)
        code = handoff_file_manifest(input, facts, err);
    return code ? code : note_finished(input->surveys, facts->disclosure, err);
}

/* 1 and the oldest hand-off of the survey that is not finished. */
static int next_unfinished(const struct send_input *input, struct handoff_facts *facts, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "unfinished", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", input->survey->name);
    code = stmt_step(stmt, err);
    if (code == 1) {
        *facts = (struct handoff_facts) { .disclosure = stmt_integer(stmt, 0), .people = stmt_integer(stmt, 3),
                                          .expires_day = (int32_t)stmt_integer(stmt, 4), .handed_at = stmt_integer(stmt, 7) };
        snprintf(facts->name, sizeof facts->name, "%s", stmt_text(stmt, 1, NULL));
        memcpy(facts->sha256, stmt_blob(stmt, 2, NULL), sizeof facts->sha256);
    }
    stmt_free(stmt);
    return code;
}

int handoff_finish(const struct send_input *input, struct err *err)
{
    struct handoff_facts facts;
    int more;
    while ((more = next_unfinished(input, &facts, err)) == 1) {
        int code = finish_one(input, &facts, err);
        if (code)
            return code;
    }
    return more;
}

/* ---- re-check and expiry ---- */

struct recheck {
    const struct send_input *input;
    bool is_halted;
    struct strbuf csv;
    struct csvwrite writer;
};

/* Whoever must not be contacted any more. */
static int is_withdrawn(const struct recheck *recheck, struct stmt *row, bool *withdrawn, struct err *err)
{
    struct outgoing outgoing = { .number = stmt_integer(row, 1), .recipient = stmt_integer(row, 2), .epoch = (uint32_t)stmt_integer(row, 3) };
    enum suppression suppression;
    struct arena arena;
    struct contact contact;
    arena_init(&arena, true);
    outgoing_name(recheck->input, &outgoing);
    int found = contact_get(recheck->input->surveys, recheck->input->keyring, outgoing.recipient, recheck->input->survey->controller, &arena,
                            &contact, err);
    int code = found < 0 ? found : outgoing_suppression(recheck->input, &outgoing, found ? &contact : NULL, false, &suppression, err);
    arena_release(&arena);
    bool answered = strcmp(stmt_text(row, 4, NULL), "answered") == 0;
    *withdrawn = !code && (suppression || answered || !found);
    return code;
}

/* Of a halted survey it does not matter whose it is: nothing has to be opened. */
static int recheck_row(void *context, struct stmt *row, struct err *err)
{
    struct recheck *recheck = context;
    bool withdrawn = true, is_erased = stmt_integer(row, 2) == 0;
    int code = is_erased || recheck->is_halted ? 0 : is_withdrawn(recheck, row, &withdrawn, err);
    if (!code && withdrawn) {
        csvwrite_text(&recheck->writer, stmt_text(row, 0, NULL));
        csvwrite_end(&recheck->writer);
    }
    return code;
}

static int recheck_one(struct recheck *recheck, int64_t disclosure, const char *name, struct err *err)
{
    struct strbuf path = { 0 };
    strbuf_clear(&recheck->csv);
    csvwrite_init(&recheck->writer, &recheck->csv, CSV_DIALECT_RFC4180);
    csvwrite_text(&recheck->writer, "reference");
    csvwrite_end(&recheck->writer);
    int code = each_row(recheck->input->surveys, disclosure, recheck_row, recheck, err);
    strbuf_addf(&path, "%s/%s.withdrawn.csv", recheck->input->outbox, name);
    if (!code)
        code = atomfile_write(strbuf_text(&path), 0640, (struct slice) { strbuf_text(&recheck->csv), recheck->csv.length }, err);
    strbuf_release(&path);
    return code;
}

int handoff_recheck(const struct send_input *input, bool is_halted, struct err *err)
{
    struct recheck recheck = { .input = input, .is_halted = is_halted };
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "live", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", input->survey->name);
    stmt_bind_integer(stmt, ":today", zone_day(input->zone, input->now));
    while ((code = stmt_step(stmt, err)) == 1) {
        code = recheck_one(&recheck, stmt_integer(stmt, 0), stmt_text(stmt, 1, NULL), err);
        if (code)
            break;
    }
    stmt_free(stmt);
    strbuf_release(&recheck.csv);
    return code;
}

static int note_deleted(struct db *surveys, int64_t disclosure, int64_t now, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "deleted", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":disclosure", disclosure);
    stmt_bind_integer(stmt, ":now", now);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

static int next_expired(struct db *surveys, int32_t today, int64_t *disclosure, char name[HANDOFF_NAME_MAX], struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "expired", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":today", today);
    code = stmt_step(stmt, err);
    if (code == 1) {
        *disclosure = stmt_integer(stmt, 0);
        snprintf(name, HANDOFF_NAME_MAX, "%s", stmt_text(stmt, 1, NULL));
    }
    stmt_free(stmt);
    return code;
}

int handoff_expire(struct db *surveys, const char *outbox, int32_t today, int64_t now, int64_t *count, struct err *err)
{
    char name[HANDOFF_NAME_MAX];
    int64_t disclosure = 0;
    int more;
    while ((more = next_expired(surveys, today, &disclosure, name, err)) == 1) {
        int code = outbox ? handoff_file_remove(outbox, name, err) : 0;
        if (!code)
            code = run_for(surveys, "forget_references", disclosure, err);
        if (!code)
            code = note_deleted(surveys, disclosure, now, err);
        if (code)
            return code;
        ++*count;
    }
    return more;
}
