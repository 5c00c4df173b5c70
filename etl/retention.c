#include "etl/retention.h"

#include <stdlib.h>
#include <string.h>

#include "core/calendar.h"
#include "core/mem.h"
#include "etl/case_removal.h"
#include "etl/holds.h"

enum { ROUND = 4096 }; /* cases looked at together: memory does not grow with what is due */

static const char queries[] = "etl/sql/retention.sql";

struct due_case {
    int64_t id;
    int32_t closed_day;
    unsigned char key[PSEUDONYM_BYTES];
};

struct work {
    const struct retention *retention;
    struct retention_report *report;
    struct label_use *labels;
    struct case_removal *removal;
    struct holds *holds;
    int32_t oldest_day;
    struct due_case *cases;
    size_t count;
};

const char *retention_reason_name(enum retention_reason reason)
{
    static const char *const names[RETENTION_REASONS] = { "past_term", "released", "held" };
    return names[reason];
}

static void count_case(struct retention_report *report, int32_t closed_day, enum retention_reason reason)
{
    struct calendar_date date = calendar_date(closed_day);
    size_t at = 0;
    report->cases[reason]++;
    while (at < report->month_count && (report->months[at].year < date.year ||
                                        (report->months[at].year == date.year && report->months[at].month < date.month)))
        at++;
    if (at == report->month_count || report->months[at].year != date.year || report->months[at].month != date.month) {
        MEM_GROW(report->months, report->month_count, report->month_capacity);
        memmove(&report->months[at + 1], &report->months[at], (report->month_count - at) * sizeof *report->months);
        report->months[at] = (struct retention_month){ .year = date.year, .month = date.month };
        report->month_count++;
    }
    report->months[at].cases[reason]++;
}

/* The next round of cases in the order of their ids, from after *after on. */
static int read_cases(struct work *work, struct stmt *stmt, int64_t *after, struct err *err)
{
    int step;
    work->count = 0;
    stmt_bind_integer(stmt, ":after", *after);
    while (work->count < ROUND && (step = stmt_step(stmt, err)) != 0) {
        size_t length;
        if (step < 0)
            return step;
        struct due_case *due = &work->cases[work->count++];
        const void *key = stmt_blob(stmt, 1, &length);
        BUG_ON(length != sizeof due->key);
        memcpy(due->key, key, sizeof due->key);
        due->id = stmt_integer(stmt, 0);
        due->closed_day = (int32_t)stmt_integer(stmt, 2);
        *after = due->id;
    }
    stmt_reset(stmt);
    return 0;
}

static int is_held(struct work *work, const struct due_case *due, bool *held, struct err *err)
{
    return holds_cover(work->holds, due->key, due->id > 0 ? due->id >> STORE_PERSON_SHIFT : 0, held, err);
}

static int remove_case(struct work *work, const struct case_table *table, const struct due_case *due,
                       enum retention_reason reason, struct err *err)
{
    struct removed_case gone = { .table = table, .id = due->id };
    memcpy(gone.key, due->key, sizeof gone.key);
    count_case(work->report, due->closed_day, reason);
    return case_removal_delete(work->removal, &gone, err);
}

/* Marks what is held, deletes the others. */
static int end_round(struct work *work, const struct case_table *table, struct stmt *mark, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < work->count && !code; i++) {
        const struct due_case *due = &work->cases[i];
        bool held = false;
        code = is_held(work, due, &held, err);
        if (!code && held) {
            count_case(work->report, due->closed_day, RETENTION_HELD);
            stmt_set_integer(mark, 1, due->id);
            code = stmt_run(mark, err);
        } else if (!code) {
            code = remove_case(work, table, due, RETENTION_TERM, err);
        }
    }
    return code;
}

static int end_due(struct work *work, const struct case_table *table, struct err *err)
{
    const struct store *store = work->retention->store;
    struct stmt *due = NULL, *mark = NULL;
    int64_t after = INT64_MIN;
    int code = case_table_prepare(store, table,
                                  "SELECT id, case_key, closed_day FROM {table} WHERE closed_day < :oldest AND held = 0"
                                  " AND id > :after ORDER BY id",
                                  &due, err);
    if (!code)
        code = case_table_prepare(store, table, "UPDATE {table} SET held = 1 WHERE id = :id", &mark, err);
    do {
        if (!code) {
            stmt_bind_integer(due, ":oldest", work->oldest_day);
            code = read_cases(work, due, &after, err);
        }
        if (!code)
            code = end_round(work, table, mark, err);
    } while (!code && work->count == ROUND);
    stmt_free(due);
    stmt_free(mark);
    return code;
}

/* Cases that are marked stand there only for a hold: without one they go. They are few. */
static int end_released(struct work *work, const struct case_table *table, struct err *err)
{
    struct stmt *marked;
    int64_t after = INT64_MIN;
    int code = case_table_prepare(work->retention->store, table,
                                  "SELECT id, case_key, closed_day FROM {table} WHERE held = 1 AND id > :after ORDER BY id",
                                  &marked, err);
    work->count = ROUND;
    while (!code && work->count == ROUND) {
        code = read_cases(work, marked, &after, err);
        for (size_t i = 0; i < work->count && !code; i++) {
            bool held = true;
            code = is_held(work, &work->cases[i], &held, err);
            if (!code && !held)
                code = remove_case(work, table, &work->cases[i], RETENTION_RELEASED, err);
        }
    }
    stmt_free(marked);
    return code;
}

static int is_personal(struct work *work, const struct case_table *table, struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(work->retention->store->db, queries, "is_personal", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":source", table->number);
    int step = stmt_step(stmt, err);
    if (step > 0)
        step = (int)stmt_integer(stmt, 0);
    stmt_free(stmt);
    return step;
}

static int end_cases(struct work *work, struct err *err)
{
    const struct case_tables *tables = work->retention->tables;
    int code = 0;
    for (size_t i = 0; i < tables->count && !code; i++) {
        int personal = is_personal(work, &tables->list[i], err);
        if (personal <= 0) {
            code = personal;
            continue;
        }
        code = end_released(work, &tables->list[i], err);
        if (!code)
            code = end_due(work, &tables->list[i], err);
    }
    return code;
}

static int run_counted(struct work *work, const char *name, const char *parameter, int32_t day, uint64_t *count,
                       struct err *err)
{
    struct stmt *stmt;
    struct db *db = work->retention->store->db;
    int code = db_prepare(db, queries, name, &stmt, err);
    if (code)
        return code;
    if (parameter)
        stmt_bind_integer(stmt, parameter, day);
    code = stmt_run(stmt, err);
    *count += (uint64_t)db_changes(db);
    stmt_free(stmt);
    return code;
}

static int end_all(struct work *work, struct err *err)
{
    struct case_removal_counts gone = { 0 };
    uint64_t others = 0;
    int code = end_cases(work, err);
    if (!code)
        code = case_removal_persons(work->removal, &gone, err);
    work->report->persons = gone.persons;
    work->report->identifiers = gone.identifiers;
    if (!code)
        code = run_counted(work, "old_set_aside", ":oldest", work->oldest_day, &work->report->identifiers, err);
    if (!code)
        code = run_counted(work, "old_holds", ":oldest", work->oldest_day, &others, err);
    if (!code)
        code = run_counted(work, "old_claimants", ":oldest", work->oldest_day, &others, err);
    if (!code)
        code = run_counted(work, "old_claimant_links", NULL, 0, &others, err);
    if (!code)
        code = run_counted(work, "expired_tombstones", ":today", work->retention->today, &work->report->tombstones, err);
    if (!code)
        code = label_use_flush(work->labels, err);
    return code ? code : label_use_settle(work->retention->store, &work->report->labels, err);
}

static int run_in_transaction(struct work *work, struct err *err)
{
    const struct retention *retention = work->retention;
    struct db *db = retention->store->db;
    int code = db_begin(db, err);
    if (!code)
        code = end_all(work, err);
    if (!code && !retention->dry_run)
        return db_commit(db, err);
    db_rollback(db);
    return code;
}

int retention_run(const struct retention *retention, struct retention_report *report, struct err *err)
{
    struct work work = { .retention = retention, .report = report,
                         .oldest_day = term_oldest_day(&retention->term, retention->today) };
    int code = label_use_open(&work.labels, retention->store, err);
    if (!code)
        code = case_removal_open(&work.removal, retention->store, retention->tables, work.labels, err);
    if (!code)
        code = holds_open(&work.holds, retention->store, err);
    work.cases = mem_zalloc(ROUND, sizeof *work.cases);
    if (!code)
        code = run_in_transaction(&work, err);
    free(work.cases);
    holds_free(work.holds);
    case_removal_free(work.removal);
    label_use_free(work.labels);
    return code;
}

void retention_report_release(struct retention_report *report)
{
    free(report->months);
    *report = (struct retention_report){ 0 };
}
