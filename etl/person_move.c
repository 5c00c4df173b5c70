#include "etl/person_move.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/case_writer.h"

static const char queries[] = "etl/sql/person_move.sql";

/* Per case table. */
struct mover {
    struct stmt *range;      /* id, case_key and the identifiers of the ids from :first to :last */
    struct case_writer *writer;
    size_t identifier_count;
};

struct person_move {
    const struct store *store;
    const struct case_tables *tables;
    struct mover *movers;    /* as tables->list */
    struct stmt *members, *partners, *set_person, *move_identifiers, *set_case_id;
};

static int open_mover(struct mover *mover, const struct store *store, const struct case_table *table, struct err *err)
{
    struct strbuf range = { 0 };
    strbuf_adds(&range, "SELECT id, case_key");
    for (size_t i = 0; i < table->identifier_column_count; i++)
        strbuf_addf(&range, ", %s", db_identifier(table->identifier_columns[i]));
    strbuf_adds(&range, " FROM {table} WHERE id BETWEEN :first AND :last ORDER BY id");
    mover->identifier_count = table->identifier_column_count;
    int code = case_table_prepare(store, table, range.text, &mover->range, err);
    strbuf_release(&range);
    return code ? code : case_writer_open(&mover->writer, store, table, err);
}

static int prepare(struct person_move *move, struct err *err)
{
    const struct {
        const char *name;
        struct stmt **stmt;
    } wanted[] = {
        { "members", &move->members },
        { "partners", &move->partners },
        { "set_person", &move->set_person },
        { "move_identifiers", &move->move_identifiers },
        { "set_case_id", &move->set_case_id },
    };
    int code = 0;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && !code; i++)
        code = db_prepare(move->store->db, queries, wanted[i].name, wanted[i].stmt, err);
    for (size_t i = 0; i < move->tables->count && !code; i++)
        code = open_mover(&move->movers[i], move->store, &move->tables->list[i], err);
    return code;
}

int person_move_open(struct person_move **move, const struct store *store, const struct case_tables *tables,
                     struct err *err)
{
    struct person_move *opened = mem_zalloc(1, sizeof *opened);
    opened->store = store;
    opened->tables = tables;
    opened->movers = mem_zalloc(tables->count, sizeof *opened->movers);
    int code = prepare(opened, err);
    if (code)
        person_move_free(opened);
    else
        *move = opened;
    return code;
}

void person_move_free(struct person_move *move)
{
    if (!move)
        return;
    for (size_t i = 0; i < move->tables->count; i++) {
        stmt_free(move->movers[i].range);
        case_writer_free(move->movers[i].writer);
    }
    free(move->movers);
    stmt_free(move->members);
    stmt_free(move->partners);
    stmt_free(move->set_person);
    stmt_free(move->move_identifiers);
    stmt_free(move->set_case_id);
    free(move);
}

/* A case on its way: the identifiers it carries (0: none) stand in an array beside it. */
struct moving_case {
    int64_t id, to; /* to: the person */
    unsigned char key[PSEUDONYM_BYTES];
};

struct moving_cases {
    struct moving_case *list;
    size_t count, capacity;
    int64_t *identifiers; /* case after case, mover->identifier_count each */
    size_t identifier_used, identifier_capacity;
};

static void moving_release(struct moving_cases *cases)
{
    free(cases->list);
    free(cases->identifiers);
    *cases = (struct moving_cases){ 0 };
}

static int read_cases(struct mover *mover, int64_t person, struct moving_cases *cases, struct err *err)
{
    int step;
    stmt_bind_integer(mover->range, ":first", store_first_id(person));
    stmt_bind_integer(mover->range, ":last", store_first_id(person) + STORE_MAX_CASES);
    while ((step = stmt_step(mover->range, err)) > 0) {
        size_t length;
        const void *key = stmt_blob(mover->range, 1, &length);
        BUG_ON(length != PSEUDONYM_BYTES);
        MEM_GROW(cases->list, cases->count, cases->capacity);
        struct moving_case *moving = &cases->list[cases->count++];
        *moving = (struct moving_case){ .id = stmt_integer(mover->range, 0), .to = person };
        memcpy(moving->key, key, sizeof moving->key);
        for (size_t i = 0; i < mover->identifier_count; i++) {
            MEM_GROW(cases->identifiers, cases->identifier_used, cases->identifier_capacity);
            cases->identifiers[cases->identifier_used++] = stmt_integer(mover->range, 2 + (int)i);
        }
    }
    return step;
}

static int move_case(struct person_move *move, struct mover *mover, const struct moving_case *moving, struct err *err)
{
    int64_t id = case_writer_id(moving->to, moving->key);
    int code = moving->to ? 0 : case_writer_nobody(mover->writer, &id, err);
    if (!code)
        code = case_writer_move(mover->writer, moving->id, &id, err);
    if (code)
        return code;
    stmt_bind_integer(move->set_case_id, ":id", id);
    stmt_bind_blob(move->set_case_id, ":case_key", moving->key, sizeof moving->key);
    return stmt_run(move->set_case_id, err);
}

static int move_cases(struct person_move *move, struct mover *mover, int64_t from, const struct moving_cases *cases,
                      struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < cases->count && !code; i++)
        if (cases->list[i].to != from)
            code = move_case(move, mover, &cases->list[i], err);
    return code;
}

int person_move_all(struct person_move *move, int64_t from, int64_t to, struct err *err)
{
    stmt_bind_integer(move->move_identifiers, ":from", from);
    stmt_bind_integer(move->move_identifiers, ":to", to);
    int code = stmt_run(move->move_identifiers, err);
    for (size_t t = 0; t < move->tables->count && !code; t++) {
        struct moving_cases cases = { 0 };
        code = read_cases(&move->movers[t], from, &cases, err);
        for (size_t i = 0; i < cases.count; i++)
            cases.list[i].to = to;
        if (!code)
            code = move_cases(move, &move->movers[t], from, &cases, err);
        moving_release(&cases);
    }
    return code;
}

/* An identifier of a person that comes apart; sorted by number, so that the root of a part is its smallest. */
struct member {
    int64_t number, person;
    unsigned char pseudonym[PSEUDONYM_BYTES];
    size_t parent;
};

struct members {
    struct member *list;
    size_t count, capacity;
};

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    return (a->number > b->number) - (a->number < b->number);
}

static struct member *find_member(const struct members *members, int64_t number)
{
    const struct member wanted = { .number = number };
    if (members->count == 0)
        return NULL;
    return bsearch(&wanted, members->list, members->count, sizeof *members->list, compare_members);
}

static size_t root_of(const struct members *members, size_t i)
{
    while (members->list[i].parent != i)
        i = members->list[i].parent = members->list[members->list[i].parent].parent;
    return i;
}

static void join(const struct members *members, size_t a, size_t b)
{
    a = root_of(members, a);
    b = root_of(members, b);
    members->list[a > b ? a : b].parent = a > b ? b : a;
}

static int read_members(struct person_move *move, int64_t person, struct members *members, struct err *err)
{
    int step;
    stmt_bind_integer(move->members, ":person", person);
    while ((step = stmt_step(move->members, err)) > 0) {
        size_t length;
        const void *pseudonym = stmt_blob(move->members, 1, &length);
        BUG_ON(length != PSEUDONYM_BYTES);
        MEM_GROW(members->list, members->count, members->capacity);
        struct member *member = &members->list[members->count];
        *member = (struct member){ .number = stmt_integer(move->members, 0), .parent = members->count };
        memcpy(member->pseudonym, pseudonym, sizeof member->pseudonym);
        members->count++;
    }
    return step;
}

static int join_members(struct person_move *move, const struct members *members, struct err *err)
{
    int step = 0;
    for (size_t i = 0; i < members->count && step >= 0; i++) {
        stmt_bind_integer(move->partners, ":identifier", members->list[i].number);
        while ((step = stmt_step(move->partners, err)) > 0) {
            const struct member *partner = find_member(members, stmt_integer(move->partners, 0));
            if (partner)
                join(members, i, (size_t)(partner - members->list));
        }
    }
    return step;
}

/* The first part, which has the smallest identifier, keeps the person's number. */
static int number_parts(struct person_move *move, int64_t person, const struct members *members,
                        struct store_counters *counters, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < members->count && !code; i++) {
        size_t root = root_of(members, i);
        struct member *member = &members->list[i];
        if (root != i)
            member->person = members->list[root].person;
        else
            member->person = i == 0 ? person : ++counters->last[STORE_PERSON];
        if (member->person == person)
            continue;
        stmt_bind_integer(move->set_person, ":person", member->person);
        stmt_bind_blob(move->set_person, ":pseudonym", member->pseudonym, sizeof member->pseudonym);
        code = stmt_run(move->set_person, err);
    }
    return code;
}

/* Each case goes to the part of any identifier that it carries: those left of one case are in one part. */
static void assign_cases(const struct members *members, size_t identifier_count, const struct moving_cases *cases)
{
    for (size_t i = 0; i < cases->count; i++) {
        cases->list[i].to = 0;
        for (size_t n = 0; n < identifier_count; n++) {
            const struct member *member = find_member(members, cases->identifiers[i * identifier_count + n]);
            if (member)
                cases->list[i].to = member->person;
        }
    }
}

static int split_cases(struct person_move *move, int64_t person, const struct members *members, struct err *err)
{
    int code = 0;
    for (size_t t = 0; t < move->tables->count && !code; t++) {
        struct moving_cases cases = { 0 };
        code = read_cases(&move->movers[t], person, &cases, err);
        assign_cases(members, move->movers[t].identifier_count, &cases);
        if (!code)
            code = move_cases(move, &move->movers[t], person, &cases, err);
        moving_release(&cases);
    }
    return code;
}

int person_move_split(struct person_move *move, int64_t person, struct store_counters *counters, size_t *parts,
                      struct err *err)
{
    struct members members = { 0 };
    int code = read_members(move, person, &members, err);
    if (!code)
        code = join_members(move, &members, err);
    if (!code)
        code = number_parts(move, person, &members, counters, err);
    if (!code)
        code = split_cases(move, person, &members, err);
    *parts = 0;
    for (size_t i = 0; i < members.count; i++)
        *parts += members.list[i].parent == i;
    free(members.list);
    return code;
}
