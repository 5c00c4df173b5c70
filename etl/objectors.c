#include "etl/objectors.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

enum { FIRST_SLOTS = 64 };

enum member_state { MEMBER_NONE, MEMBER_LIVE, MEMBER_GONE };

struct member {
    unsigned char hash[PSEUDONYM_BYTES];
    int64_t kind, group; /* group 0: set aside */
    enum member_state state;
    bool bound;
};

struct group {
    int64_t number, objected_at, withdrawn_at; /* INT64_MIN: never */
};

struct objectors {
    const struct store *store;
    const struct zone *zone;
    struct member *slots; /* open addressing by the hash itself, which is one */
    size_t slot_count, used, live;
    struct group *groups; /* by number */
    size_t group_count, group_capacity;
    struct stmt *add_group, *set_group, *drop_group, *put_member, *drop_member, *add_link, *count_links, *partners,
        *drop_links;
};

/* ---- in memory ---- */

static struct member *find_slot(const struct objectors *objectors, const unsigned char *hash)
{
    uint64_t start;
    memcpy(&start, hash, sizeof start);
    size_t mask = objectors->slot_count - 1, at = start & mask;
    while (objectors->slots[at].state != MEMBER_NONE &&
           memcmp(objectors->slots[at].hash, hash, PSEUDONYM_BYTES) != 0)
        at = (at + 1) & mask;
    return &objectors->slots[at];
}

static struct member *find_member(const struct objectors *objectors, const unsigned char *hash)
{
    struct member *slot = find_slot(objectors, hash);
    return slot->state == MEMBER_LIVE ? slot : NULL;
}

static void grow(struct objectors *objectors)
{
    struct member *old = objectors->slots;
    size_t count = objectors->slot_count;
    objectors->slot_count = count ? count * 2 : FIRST_SLOTS;
    objectors->slots = mem_zalloc(objectors->slot_count, sizeof *objectors->slots);
    objectors->used = objectors->live;
    for (size_t i = 0; i < count; i++)
        if (old[i].state == MEMBER_LIVE)
            *find_slot(objectors, old[i].hash) = old[i];
    free(old);
}

static void keep_member(struct objectors *objectors, const struct member *member)
{
    if (objectors->used * 2 + 2 > objectors->slot_count)
        grow(objectors);
    struct member *slot = find_slot(objectors, member->hash);
    objectors->used += slot->state == MEMBER_NONE;
    objectors->live += slot->state != MEMBER_LIVE;
    *slot = *member;
    slot->state = MEMBER_LIVE;
}

static struct group *find_group(const struct objectors *objectors, int64_t number)
{
    size_t low = 0, high = objectors->group_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (objectors->groups[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    BUG_ON(low == objectors->group_count || objectors->groups[low].number != number);
    return &objectors->groups[low];
}

static void keep_group(struct objectors *objectors, const struct group *group)
{
    MEM_GROW(objectors->groups, objectors->group_count, objectors->group_capacity);
    objectors->groups[objectors->group_count++] = *group;
}

/* ---- in the database ---- */

static int prepare(struct objectors *objectors, struct err *err)
{
    const struct {
        const char *name;
        struct stmt **stmt;
    } wanted[] = {
        { "add_group", &objectors->add_group },   { "set_group", &objectors->set_group },
        { "drop_group", &objectors->drop_group }, { "put_member", &objectors->put_member },
        { "drop_member", &objectors->drop_member }, { "add_link", &objectors->add_link },
        { "count_links", &objectors->count_links }, { "partners", &objectors->partners },
        { "drop_links", &objectors->drop_links },
    };
    int code = 0;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && !code; i++)
        code = db_prepare(objectors->store->db, "etl/sql/objectors.sql", wanted[i].name, wanted[i].stmt, err);
    return code;
}

static void load_member(struct objectors *objectors, struct stmt *stmt)
{
    struct member member = { .kind = stmt_integer(stmt, 1), .group = stmt_integer(stmt, 2),
                             .bound = stmt_integer(stmt, 3) != 0 };
    memcpy(member.hash, stmt_blob(stmt, 0, NULL), sizeof member.hash);
    keep_member(objectors, &member);
}

static void load_group(struct objectors *objectors, struct stmt *stmt)
{
    const struct group group = { .number = stmt_integer(stmt, 0),
                                 .objected_at = stmt_is_null(stmt, 1) ? INT64_MIN : stmt_integer(stmt, 1),
                                 .withdrawn_at = stmt_is_null(stmt, 2) ? INT64_MIN : stmt_integer(stmt, 2) };
    keep_group(objectors, &group);
}

static int load(struct objectors *objectors, const char *query,
                void (*take)(struct objectors *objectors, struct stmt *stmt), struct err *err)
{
    struct stmt *stmt;
    int step, code = db_prepare(objectors->store->db, "etl/sql/objectors.sql", query, &stmt, err);
    if (code)
        return code;
    while ((step = stmt_step(stmt, err)) > 0)
        take(objectors, stmt);
    stmt_free(stmt);
    return step;
}

int objectors_open(struct objectors **objectors, const struct store *store, const struct zone *zone, struct err *err)
{
    struct objectors *opened = mem_zalloc(1, sizeof *opened);
    opened->store = store;
    opened->zone = zone;
    grow(opened);
    int code = prepare(opened, err);
    if (!code)
        code = load(opened, "members", load_member, err);
    if (!code)
        code = load(opened, "groups", load_group, err);
    if (code)
        objectors_free(opened);
    else
        *objectors = opened;
    return code;
}

void objectors_free(struct objectors *objectors)
{
    if (!objectors)
        return;
    struct stmt *statements[] = { objectors->add_group,   objectors->set_group,   objectors->drop_group,
                                  objectors->put_member,  objectors->drop_member, objectors->add_link,
                                  objectors->count_links, objectors->partners,    objectors->drop_links };
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        stmt_free(statements[i]);
    free(objectors->slots);
    free(objectors->groups);
    free(objectors);
}

size_t objectors_count(const struct objectors *objectors)
{
    return objectors->live;
}

int64_t objectors_group(const struct objectors *objectors, const unsigned char hash[PSEUDONYM_BYTES])
{
    const struct member *member = find_member(objectors, hash);
    return member ? member->group : 0;
}

bool objectors_is_set_aside(const struct objectors *objectors, const unsigned char hash[PSEUDONYM_BYTES])
{
    const struct member *member = find_member(objectors, hash);
    return member && member->group == 0;
}

bool objectors_bars(const struct objectors *objectors, int64_t number, int32_t closed_day)
{
    const struct group *group = find_group(objectors, number);
    if (group->objected_at == INT64_MIN)
        return false;
    return group->withdrawn_at <= group->objected_at || closed_day <= zone_day(objectors->zone, group->withdrawn_at);
}

static void bind_instant(struct stmt *stmt, const char *name, int64_t at)
{
    if (at == INT64_MIN)
        stmt_bind_null(stmt, name);
    else
        stmt_bind_integer(stmt, name, at);
}

static int write_group(struct stmt *stmt, const struct group *group, struct err *err)
{
    stmt_bind_integer(stmt, ":objector", group->number);
    bind_instant(stmt, ":objected_at", group->objected_at);
    bind_instant(stmt, ":withdrawn_at", group->withdrawn_at);
    return stmt_run(stmt, err);
}

static int put_member(struct objectors *objectors, const struct member *member, struct err *err)
{
    keep_member(objectors, member);
    stmt_bind_blob(objectors->put_member, ":hash", member->hash, sizeof member->hash);
    stmt_bind_integer(objectors->put_member, ":kind", member->kind);
    stmt_bind_integer(objectors->put_member, ":objector", member->group);
    stmt_bind_integer(objectors->put_member, ":bound", member->bound);
    return stmt_run(objectors->put_member, err);
}

static int run_for_hash(struct stmt *stmt, const unsigned char *hash, struct err *err)
{
    stmt_bind_blob(stmt, ":hash", hash, PSEUDONYM_BYTES);
    return stmt_run(stmt, err);
}

/* All of one group go to another; what was said last for either holds for both. */
static int merge_groups(struct objectors *objectors, int64_t from, int64_t to, struct err *err)
{
    struct group *gone = find_group(objectors, from), *kept = find_group(objectors, to);
    kept->objected_at = gone->objected_at > kept->objected_at ? gone->objected_at : kept->objected_at;
    kept->withdrawn_at = gone->withdrawn_at > kept->withdrawn_at ? gone->withdrawn_at : kept->withdrawn_at;
    int code = write_group(objectors->set_group, kept, err);
    for (size_t i = 0; i < objectors->slot_count && !code; i++) {
        struct member member = objectors->slots[i];
        if (member.state != MEMBER_LIVE || member.group != from)
            continue;
        member.group = to;
        code = put_member(objectors, &member, err);
    }
    if (!code) {
        stmt_bind_integer(objectors->drop_group, ":objector", from);
        code = stmt_run(objectors->drop_group, err);
    }
    memmove(gone, gone + 1, (size_t)(objectors->groups + objectors->group_count - (gone + 1)) * sizeof *gone);
    objectors->group_count--;
    return code;
}

static int64_t next_number(const struct objectors *objectors)
{
    return objectors->group_count ? objectors->groups[objectors->group_count - 1].number + 1 : 1;
}

static int add_group(struct objectors *objectors, int64_t *number, struct err *err)
{
    const struct group group = { next_number(objectors), INT64_MIN, INT64_MIN };
    keep_group(objectors, &group);
    *number = group.number;
    return write_group(objectors->add_group, &group, err);
}

/* The one group of all the members, 0 if none has one; several become one. */
static int join_groups(struct objectors *objectors, const struct objector_member *members, size_t count,
                       int64_t *group, bool *merged, struct err *err)
{
    int code = 0;
    *group = 0;
    for (size_t i = 0; i < count && !code; i++) {
        int64_t other = objectors_group(objectors, members[i].hash);
        if (other == 0 || other == *group)
            continue;
        if (*group) {
            int64_t low = other < *group ? other : *group, high = other < *group ? *group : other;
            code = merge_groups(objectors, high, low, err);
            other = low;
            *merged = true;
        }
        *group = other;
    }
    return code;
}

static int put_members(struct objectors *objectors, const struct objector_member *members, size_t count,
                       const struct member *as, bool *grown, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < count && !code; i++) {
        const struct member *known = find_member(objectors, members[i].hash);
        if (known && (known->group == 0 || known->bound || !as->bound))
            continue; /* set aside it stays, and bound as well */
        struct member member = *as;
        member.kind = members[i].kind;
        memcpy(member.hash, members[i].hash, sizeof member.hash);
        *grown |= !known;
        code = put_member(objectors, &member, err);
    }
    return code;
}

int objectors_state(struct objectors *objectors, const struct objector_statement *statement, int64_t *group,
                    struct err *err)
{
    bool changed = false;
    int64_t number = 0;
    int code = join_groups(objectors, statement->members, statement->count, &number, &changed, err);
    if (!code && !number)
        code = add_group(objectors, &number, err);
    if (code)
        return code;
    const struct member as = { .group = number, .bound = true };
    code = put_members(objectors, statement->members, statement->count, &as, &changed, err);
    struct group *of = find_group(objectors, number);
    int64_t *latest = statement->withdrawn ? &of->withdrawn_at : &of->objected_at;
    if (statement->at > *latest)
        *latest = statement->at;
    *group = number;
    return code ? code : write_group(objectors->set_group, of, err);
}

/* ---- seen together ---- */

static int add_link(struct objectors *objectors, const struct objector_member *from, const struct objector_member *to,
                    struct err *err)
{
    stmt_bind_blob(objectors->add_link, ":hash", from->hash, sizeof from->hash);
    stmt_bind_integer(objectors->add_link, ":kind", to->kind);
    stmt_bind_blob(objectors->add_link, ":partner", to->hash, sizeof to->hash);
    return stmt_run(objectors->add_link, err);
}

/* 1: it now has more than `limit` partners of the kind. */
static int has_too_many(struct objectors *objectors, const unsigned char *hash, int64_t kind, int64_t limit,
                        struct err *err)
{
    stmt_bind_blob(objectors->count_links, ":hash", hash, PSEUDONYM_BYTES);
    stmt_bind_integer(objectors->count_links, ":kind", kind);
    int step = stmt_step(objectors->count_links, err);
    int result = step > 0 ? stmt_integer(objectors->count_links, 0) > limit : step;
    stmt_reset(objectors->count_links);
    return result;
}

struct hashes {
    unsigned char (*list)[PSEUDONYM_BYTES];
    size_t count, capacity;
};

static void add_hash(struct hashes *hashes, const unsigned char *hash)
{
    MEM_GROW(hashes->list, hashes->count, hashes->capacity);
    memcpy(hashes->list[hashes->count++], hash, PSEUDONYM_BYTES);
}

static bool has_hash(const struct hashes *hashes, const unsigned char *hash)
{
    for (size_t i = 0; i < hashes->count; i++)
        if (memcmp(hashes->list[i], hash, PSEUDONYM_BYTES) == 0)
            return true;
    return false;
}

/* What of the group hangs together with its bound members. */
static int reach(struct objectors *objectors, int64_t group, struct hashes *reached, struct err *err)
{
    int step = 0;
    for (size_t i = 0; i < objectors->slot_count; i++) {
        const struct member *member = &objectors->slots[i];
        if (member->state == MEMBER_LIVE && member->group == group && member->bound)
            add_hash(reached, member->hash);
    }
    for (size_t i = 0; i < reached->count && step >= 0; i++) {
        unsigned char of[PSEUDONYM_BYTES]; /* the list moves when it grows */
        memcpy(of, reached->list[i], sizeof of);
        stmt_bind_blob(objectors->partners, ":hash", of, sizeof of);
        while ((step = stmt_step(objectors->partners, err)) > 0) {
            const unsigned char *partner = stmt_blob(objectors->partners, 0, NULL);
            if (objectors_group(objectors, partner) == group && !has_hash(reached, partner))
                add_hash(reached, partner);
        }
        stmt_reset(objectors->partners);
    }
    return step < 0 ? step : 0;
}

static int drop_member(struct objectors *objectors, struct member *member, struct err *err)
{
    int code = run_for_hash(objectors->drop_member, member->hash, err);
    if (!code)
        code = run_for_hash(objectors->drop_links, member->hash, err);
    member->state = MEMBER_GONE;
    objectors->live--;
    return code;
}

static int rebuild_group(struct objectors *objectors, int64_t group, struct err *err)
{
    struct hashes reached = { 0 };
    int code = reach(objectors, group, &reached, err);
    for (size_t i = 0; i < objectors->slot_count && !code; i++) {
        struct member *member = &objectors->slots[i];
        if (member->state == MEMBER_LIVE && member->group == group && !has_hash(&reached, member->hash))
            code = drop_member(objectors, member, err);
    }
    free(reached.list);
    return code;
}

static int set_aside(struct objectors *objectors, const struct objector_member *of, struct err *err)
{
    const struct member *known = find_member(objectors, of->hash);
    struct member member = { .kind = of->kind, .bound = known && known->bound };
    int64_t group = known ? known->group : 0;
    memcpy(member.hash, of->hash, sizeof member.hash);
    int code = put_member(objectors, &member, err);
    if (!code)
        code = run_for_hash(objectors->drop_links, of->hash, err);
    return code || !group ? code : rebuild_group(objectors, group, err);
}

static int link_pair(struct objectors *objectors, const struct objector_member *from, const struct objector_member *to,
                     int64_t limit, struct err *err)
{
    if (objectors_is_set_aside(objectors, from->hash))
        return 0;
    int code = add_link(objectors, from, to, err);
    if (code)
        return code;
    int too_many = has_too_many(objectors, from->hash, to->kind, limit, err);
    return too_many > 0 ? set_aside(objectors, from, err) : too_many;
}

int objectors_see_together(struct objectors *objectors, const struct objector_member *members, size_t count,
                           int64_t limit, bool *grown, struct err *err)
{
    int64_t group = 0;
    int code = 0;
    for (size_t a = 0; a < count && !code; a++)
        for (size_t b = 0; b < count && !code; b++)
            if (a != b)
                code = link_pair(objectors, &members[a], &members[b], limit, err);
    if (!code)
        code = join_groups(objectors, members, count, &group, grown, err);
    const struct member as = { .group = group };
    if (!code && group)
        return put_members(objectors, members, count, &as, grown, err);
    for (size_t i = 0; i < count && !code; i++) /* what bound them is set aside by now: they are strangers */
        if (!find_member(objectors, members[i].hash))
            code = run_for_hash(objectors->drop_links, members[i].hash, err);
    return code;
}
