#include "surveys/lost.h"

#include <stdio.h>

#define QUERIES "surveys/sql/lost.sql"

enum { FROM_BYTES_MAX = 40, DAY_BYTES = 16 };

struct lost {
    char from[FROM_BYTES_MAX];
    int64_t until;
};

static int run(struct db *surveys, const char *query, const char *name, const char *text, int64_t until, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, query, &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, name, text);
    stmt_bind_integer(stmt, ":until", until);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

int lost_note(struct db *surveys, const char *from, int64_t now, struct err *err)
{
    int code = db_begin(surveys, err);
    if (code)
        return code;
    code = run(surveys, "note", ":from", from, now, err);
    if (!code)
        code = run(surveys, "halt", ":who", LOST_HALTED_BY, now, err);
    if (!code)
        return db_commit(surveys, err);
    db_rollback(surveys);
    return code;
}

/* 1: something was lost. */
static int read_last(struct db *surveys, struct lost *lost, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "last", &stmt, err);
    if (code)
        return code;
    code = stmt_step(stmt, err);
    if (code == 1) {
        snprintf(lost->from, sizeof lost->from, "%s", stmt_text(stmt, 0, NULL));
        lost->until = stmt_integer(stmt, 1);
    }
    stmt_free(stmt);
    return code;
}

/* 1: the wave was planned before. */
static int is_old_wave(const struct history *history, int64_t until, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(history->surveys, QUERIES, "wave", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", history->survey->name);
    stmt_bind_integer(stmt, ":wave", history->survey->wave);
    stmt_bind_integer(stmt, ":until", until);
    code = stmt_step(stmt, err);
    stmt_free(stmt);
    return code;
}

/* The longest of the group's cap, the survey's, and the age of its cases. */
static int64_t longest_days(const struct history *history)
{
    const struct survey *survey = history->survey;
    int64_t days = policy_cap(history->policy).days;
    if (survey->cap_days > days)
        days = survey->cap_days;
    return survey->closed_within_days > days ? survey->closed_within_days : days;
}

int lost_check(const struct history *history, const struct zone *zone, struct err *err)
{
    const struct survey *survey = history->survey;
    struct lost lost;
    char restored[DAY_BYTES], first[DAY_BYTES];
    int found = read_last(history->surveys, &lost, err);
    if (found <= 0)
        return found;
    int32_t day = zone_day(zone, lost.until), after = day + (int32_t)longest_days(history);
    calendar_format_day(day, restored);
    calendar_format_day(after + 1, first);
    if (zone_day(zone, history->now) <= after)
        return err_set(err, ERR_USAGE, "surveys.db came back on %s from a backup of %s: who was asked in between is not known, so survey '%s' asks nobody "
                       "before %s, when no cap and no case reaches back to that", restored, lost.from, survey->name, first);
    int old = is_old_wave(history, lost.until, err);
    if (old < 0 || (!old && survey->begins_day > day))
        return old < 0 ? old : 0;
    return err_set(err, ERR_USAGE, "wave %lld of survey '%s' may have been sent in the time that is lost since a backup was restored; to ask again, set "
                   "'wave' to a new number and 'begins' to a day after %s", (long long)survey->wave, survey->name, restored);
}
