#include "surveys/person.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

#define QUERIES "surveys/sql/person.sql"

enum { HASH_BYTES_MAX = 64 };

void person_map_release(struct person_map *persons)
{
    free(persons->leader);
    *persons = (struct person_map){ 0 };
}

int64_t person_map_first(const struct person_map *persons, int64_t recipient)
{
    while (recipient > 0 && recipient < persons->limit && persons->leader[recipient] != recipient)
        recipient = persons->leader[recipient];
    return recipient;
}

/* The smaller number leads; the ways that were walked become short. */
static void unite(struct person_map *persons, int64_t one, int64_t other)
{
    int64_t a = person_map_first(persons, one), b = person_map_first(persons, other), first = a < b ? a : b;
    for (int64_t at = one; at != first;) {
        int64_t next = persons->leader[at];
        persons->leader[at] = first;
        at = next == at ? first : next;
    }
    for (int64_t at = other; at != first;) {
        int64_t next = persons->leader[at];
        persons->leader[at] = first;
        at = next == at ? first : next;
    }
}

static int read_limit(struct person_map *persons, struct db *surveys, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, "last", &stmt, err);
    if (code)
        return code;
    code = stmt_step(stmt, err);
    if (code == 1) {
        persons->limit = stmt_integer(stmt, 0) + 1;
        persons->leader = mem_alloc((size_t)persons->limit * sizeof *persons->leader);
        for (int64_t i = 0; i < persons->limit; i++)
            persons->leader[i] = i;
    }
    stmt_free(stmt);
    return code < 0 ? code : 0;
}

int person_map_read(struct person_map *persons, struct db *surveys, struct err *err)
{
    struct person_map read = { 0 };
    struct stmt *stmt = NULL;
    unsigned char hash[HASH_BYTES_MAX];
    size_t length = 0;
    int64_t before = 0;
    int code = read_limit(&read, surveys, err);
    if (!code)
        code = db_prepare(surveys, QUERIES, "identifiers", &stmt, err);
    while (!code && (code = stmt_step(stmt, err)) == 1) {
        size_t now;
        const void *blob = stmt_blob(stmt, 0, &now);
        int64_t recipient = stmt_integer(stmt, 1);
        if (before && now == length && memcmp(blob, hash, now) == 0)
            unite(&read, before, recipient);
        length = now < sizeof hash ? now : sizeof hash;
        memcpy(hash, blob, length);
        before = recipient;
        code = 0;
    }
    stmt_free(stmt);
    if (code)
        person_map_release(&read);
    else
        *persons = read;
    return code;
}

int person_map_unite(struct person_map *persons, struct db *surveys, int64_t one, int64_t other, struct err *err)
{
    const int64_t pairs[2][2] = { { one, other }, { other, one } };
    int code = 0;
    for (size_t i = 0; i < 2 && !code; i++) {
        struct stmt *stmt = NULL;
        code = db_prepare(surveys, QUERIES, "share", &stmt, err);
        if (code)
            return code;
        stmt_bind_integer(stmt, ":from", pairs[i][0]);
        stmt_bind_integer(stmt, ":to", pairs[i][1]);
        code = stmt_run(stmt, err);
        stmt_free(stmt);
    }
    if (!code)
        unite(persons, one, other);
    return code;
}
