#include "surveys/needs.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

#define QUERIES "surveys/sql/contact.sql"

static const char *const channels[] = { "email", "phone", "chat", "social" };

struct need {
    char *controller, *purpose;
    const char *channel;
    int64_t days; /* from the closing of a case */
    int32_t ends_day;
};

void needs_add(struct needs *needs, const struct survey *survey)
{
    MEM_GROW(needs->list, needs->count, needs->capacity);
    needs->list[needs->count++] = (struct need) { mem_strdup(survey->controller), mem_strdup(survey->purpose), channels[survey->channel],
                                                  survey->closed_within_days + survey->expires_days, survey->ends_day };
}

void needs_release(struct needs *needs)
{
    for (size_t i = 0; i < needs->count; i++) {
        free(needs->list[i].controller);
        free(needs->list[i].purpose);
    }
    free(needs->list);
    *needs = (struct needs) { 0 };
}

int32_t needs_usable_until(const struct needs *needs, const char *controller, const char *channel, const char *purpose,
                           int32_t closed_day)
{
    int64_t latest = INT32_MIN;
    for (size_t i = 0; i < needs->count; i++) {
        const struct need *need = &needs->list[i];
        if (strcmp(need->controller, controller) != 0 || strcmp(need->channel, channel) != 0 || strcmp(need->purpose, purpose) != 0)
            continue;
        int64_t day = closed_day + need->days < need->ends_day ? closed_day + need->days : need->ends_day;
        latest = day > latest ? day : latest;
    }
    return (int32_t)latest;
}

bool needs_have_purpose(const struct needs *needs, const char *purpose)
{
    for (size_t i = 0; i < needs->count; i++)
        if (strcmp(needs->list[i].purpose, purpose) == 0)
            return true;
    return false;
}

static bool is_needed(const struct needs *needs, const char *controller, const char *channel, int32_t today)
{
    for (size_t i = 0; i < needs->count; i++) {
        const struct need *need = &needs->list[i];
        if (strcmp(need->controller, controller) == 0 && strcmp(need->channel, channel) == 0 && today <= need->ends_day)
            return true;
    }
    return false;
}

static int drop(struct db *surveys, const char *controller, const char *channel, int64_t *count, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "drop", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":controller", controller);
    stmt_bind_string(stmt, ":channel", channel);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    if (!code)
        *count += db_changes(surveys);
    return code;
}

int needs_drop_contacts(const struct needs *needs, struct db *surveys, int32_t today, int64_t *count, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "lists", &stmt, err);
    while (!code && (code = stmt_step(stmt, err)) == 1) {
        const char *controller = stmt_text(stmt, 0, NULL), *channel = stmt_text(stmt, 1, NULL);
        code = is_needed(needs, controller, channel, today) ? 0 : drop(surveys, controller, channel, count, err);
    }
    stmt_free(stmt);
    return code;
}
