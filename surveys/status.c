#include "surveys/status.h"

#include <sodium.h>
#include <string.h>

#include "core/calendar.h"
#include "surveys/plan.h"

#define QUERIES "surveys/sql/status.sql"

static int prepare(struct db *surveys, const char *query, const struct survey *survey, struct stmt **stmt, struct err *err)
{
    int code = db_prepare(surveys, QUERIES, query, stmt, err);
    if (!code)
        stmt_bind_string(*stmt, ":survey", survey->name);
    return code;
}

static void add_instant(struct strbuf *out, int64_t instant)
{
    char text[32];
    calendar_format_instant(instant, text);
    strbuf_adds(out, text);
}

int status_describe_plan(struct db *surveys, const struct survey *survey, struct strbuf *out, struct err *err)
{
    struct plan plan;
    char hash[2 * PLAN_HASH_BYTES + 1];
    int found = plan_newest(surveys, survey, &plan, err);
    if (found < 0)
        return found;
    if (!found) {
        strbuf_addf(out, "survey: %s, wave %lld\nplan: none\n", survey->name, (long long)survey->wave);
        return 0;
    }
    sodium_bin2hex(hash, sizeof hash, plan.hash, sizeof plan.hash);
    strbuf_addf(out, "survey: %s, wave %lld\nplan: %s\nplanned: ", survey->name, (long long)survey->wave, hash);
    add_instant(out, plan.planned_at);
    strbuf_addf(out, " by %s\napproved: ", plan.planned_by);
    if (plan.approved_at) {
        add_instant(out, plan.approved_at);
        strbuf_addf(out, " by %s\n", plan.approved_by);
    } else {
        strbuf_adds(out, "no\n");
    }
    if (plan.halted) {
        strbuf_adds(out, "halted: ");
        add_instant(out, plan.halted_at);
        strbuf_addf(out, " by %s\nnext: plan and approve it again; who was sent nothing can be asked then\n", plan.halted_by);
    }
    return 0;
}

static int describe_counts(struct db *surveys, const char *query, const struct survey *survey, int64_t k, struct strbuf *out,
                           struct err *err)
{
    struct stmt *stmt = NULL;
    int code = prepare(surveys, query, survey, &stmt, err);
    bool named = strcmp(query, "sendings") == 0;
    if (!code)
        stmt_bind_integer(stmt, ":wave", survey->wave);
    while (!code && (code = stmt_step(stmt, err)) == 1) {
        char size[32];
        plan_format_size((uint64_t)stmt_integer(stmt, named ? 1 : 0), k, size);
        strbuf_addf(out, "%s: %s\n", named ? stmt_text(stmt, 0, NULL) : "answered", size);
        code = 0;
    }
    stmt_free(stmt);
    return code;
}

int status_describe(struct db *surveys, const struct survey *survey, int64_t k, struct strbuf *out, struct err *err)
{
    int code = status_describe_plan(surveys, survey, out, err);
    if (!code)
        code = describe_counts(surveys, "sendings", survey, k, out, err);
    if (!code)
        code = describe_counts(surveys, "answered", survey, k, out, err);
    return code;
}
