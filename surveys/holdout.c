#include "surveys/holdout.h"

#include <stdlib.h>
#include <string.h>

#include "core/csvwrite.h"
#include "core/mem.h"
#include "surveys/eligible.h"

#define QUERIES "surveys/sql/holdout.sql"

/* A case of the survey's source. */
struct visit {
    int64_t person;
    int32_t came_day, closed_day;
};

/* The case that somebody was planned for. */
struct planned {
    unsigned char hash[CASE_HASH_BYTES];
    int64_t person;
};

struct visits {
    struct visit *list; /* ascending by person */
    size_t count, capacity;
    struct planned *planned; /* ascending by hash */
    size_t planned_count, planned_capacity;
    int32_t last_day; /* the latest closing that was read */
};

static void free_visits(struct visits *visits)
{
    free(visits->list);
    free(visits->planned);
}

static int by_hash(const void *a, const void *b)
{
    const struct planned *left = a, *right = b;
    return memcmp(left->hash, right->hash, sizeof left->hash);
}

static void add_visit(struct visits *visits, const struct keyring *keyring, struct stmt *stmt)
{
    size_t length;
    const char *key = stmt_blob(stmt, 1, &length);
    struct visit visit = { stmt_integer(stmt, 0) >> ELIGIBLE_PERSON_SHIFT, (int32_t)stmt_integer(stmt, 2), (int32_t)stmt_integer(stmt, 3) };
    MEM_GROW(visits->list, visits->count, visits->capacity);
    visits->list[visits->count++] = visit;
    MEM_GROW(visits->planned, visits->planned_count, visits->planned_capacity);
    struct planned *planned = &visits->planned[visits->planned_count++];
    planned->person = visit.person;
    eligible_hash_case(keyring, (struct slice){ key, length }, planned->hash);
    if (visit.closed_day > visits->last_day)
        visits->last_day = visit.closed_day;
}

static int read_visits(const struct holdout_input *input, struct visits *visits, struct err *err)
{
    struct strbuf sql = { 0 };
    struct stmt *stmt = NULL;
    strbuf_addf(&sql, "SELECT id, case_key, coalesce(opened_day, closed_day), closed_day FROM case_%s WHERE held = 0 AND id > 0 ORDER BY id",
                db_identifier(input->survey->source));
    int code = db_prepare_text(input->cases, strbuf_text(&sql), &stmt, err);
    strbuf_release(&sql);
    while (!code && (code = stmt_step(stmt, err)) == 1) {
        add_visit(visits, input->keyring, stmt);
        code = 0;
    }
    stmt_free(stmt);
    if (visits->planned_count)
        qsort(visits->planned, visits->planned_count, sizeof *visits->planned, by_hash);
    return code;
}

/* The person's first visit in the list. */
static size_t first_of(const struct visits *visits, int64_t person)
{
    size_t low = 0, high = visits->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (visits->list[middle].person < person)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool came_again(const struct visits *visits, int64_t person, int32_t after, int32_t until)
{
    for (size_t i = first_of(visits, person); i < visits->count && visits->list[i].person == person; i++)
        if (visits->list[i].came_day > after && visits->list[i].closed_day <= until)
            return true;
    return false;
}

static void add_row(struct csvwrite *csv, const struct holdout_input *input, const struct visits *visits, struct stmt *stmt)
{
    struct planned wanted;
    size_t length;
    char week[16];
    memcpy(wanted.hash, stmt_blob(stmt, 3, &length), sizeof wanted.hash);
    const struct planned *found = visits->planned_count
        ? bsearch(&wanted, visits->planned, visits->planned_count, sizeof wanted, by_hash) : NULL;
    if (!found)
        return;
    int32_t approved = zone_day(input->zone, stmt_integer(stmt, 2)), until = approved + (int32_t)input->survey->expires_days;
    handover_week(input->zone, input->now, week);
    csvwrite_integer(csv, stmt_integer(stmt, 0));
    csvwrite_text(csv, week);
    csvwrite_integer(csv, stmt_integer(stmt, 1));
    csvwrite_text(csv, stmt_integer(stmt, 4) ? "held_out" : "invited");
    csvwrite_text(csv, came_again(visits, found->person, approved, until) ? "yes" : "no");
    csvwrite_end(csv);
}

static void add_header(struct csvwrite *csv)
{
    csvwrite_text(csv, "member");
    csvwrite_text(csv, "week");
    csvwrite_text(csv, "wave");
    csvwrite_text(csv, "group");
    csvwrite_text(csv, "again");
    csvwrite_end(csv);
}

/* Plans whose time was over before the latest closing that was read. */
static int number_rows(const struct holdout_input *input, int32_t last_day, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "number", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", input->survey->name);
    stmt_bind_integer(stmt, ":before", zone_instant(input->zone, last_day - (int32_t)input->survey->expires_days, 0));
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

static int write_rows(const struct holdout_input *input, const struct visits *visits, struct handover *handover, struct err *err)
{
    struct csvwrite csv;
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "numbered", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", input->survey->name);
    csvwrite_init(&csv, &handover->csv, CSV_DIALECT_RFC4180);
    add_header(&csv);
    while ((code = stmt_step(stmt, err)) == 1) {
        MEM_GROW(handover->numbers, handover->count, handover->capacity);
        handover->numbers[handover->count++] = stmt_integer(stmt, 0);
        add_row(&csv, input, visits, stmt);
    }
    stmt_free(stmt);
    return code;
}

static int ask(struct stmt *stmt, struct err *err)
{
    int code = stmt_step(stmt, err);
    stmt_free(stmt);
    return code;
}

/* Whether a plan may be due, and a case of the survey's source was ever stored: 1 yes, 0 no, or an error. */
static int is_worth_a_look(const struct holdout_input *input, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(input->surveys, QUERIES, "due", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":survey", input->survey->name);
    stmt_bind_integer(stmt, ":before", zone_instant(input->zone, zone_day(input->zone, input->now) - (int32_t)input->survey->expires_days, 0));
    code = ask(stmt, err);
    if (code <= 0)
        return code;
    code = db_prepare(input->cases, QUERIES, "source", &stmt, err);
    if (code)
        return code;
    stmt_bind_string(stmt, ":name", input->survey->source);
    return ask(stmt, err);
}

int holdout_read(const struct holdout_input *input, struct handover *handover, struct err *err)
{
    struct visits visits = { 0 };
    int code = is_worth_a_look(input, err);
    if (code <= 0)
        return code;
    code = read_visits(input, &visits, err);
    if (!code)
        code = number_rows(input, visits.last_day, err);
    if (!code)
        code = write_rows(input, &visits, handover, err);
    free_visits(&visits);
    return code;
}
