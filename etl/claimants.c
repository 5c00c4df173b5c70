#include "etl/claimants.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

enum { FIRST_SLOTS = 64 };

enum bound { SEEN, BOUND, BOUND_ASIDE }; /* as claimant_identifier.bound */

enum member_state { MEMBER_NONE, MEMBER_LIVE, MEMBER_GONE };

struct member {
    unsigned char hash[PSEUDONYM_BYTES];
    int64_t kind, group; /* group 0: set aside, and nobody's */
    enum member_state state;
    uint8_t bound;       /* enum bound */
};

struct group {
    int64_t number, at[CLAIMS]; /* the latest of each claim; INT64_MIN: never */
    size_t members;
};

struct claimants {
    const struct store *store;
    const struct zone *zone;
    struct member *slots; /* open addressing by the hash itself, which is one */
    size_t slot_count, used, live;
    struct group *groups; /* by number */
    size_t group_count, group_capacity;
    bool widened;
    struct stmt *add_group, *set_group, *drop_group, *put_member, *drop_member, *add_link, *count_links, *partners,
        *drop_links;
};

/* ---- in memory ---- */

static struct member *find_slot(const struct claimants *claimants, const unsigned char *hash)
{
    uint64_t start;
    memcpy(&start, hash, sizeof start);
    size_t mask = claimants->slot_count - 1, at = start & mask;
    while (claimants->slots[at].state != MEMBER_NONE &&
           memcmp(claimants->slots[at].hash, hash, PSEUDONYM_BYTES) != 0)
        at = (at + 1) & mask;
    return &claimants->slots[at];
}

static struct member *find_member(const struct claimants *claimants, const unsigned char *hash)
{
    struct member *slot = find_slot(claimants, hash);
    return slot->state == MEMBER_LIVE ? slot : NULL;
}

static void grow(struct claimants *claimants)
{
    struct member *old = claimants->slots;
    size_t count = claimants->slot_count;
    claimants->slot_count = count ? count * 2 : FIRST_SLOTS;
    claimants->slots = mem_zalloc(claimants->slot_count, sizeof *claimants->slots);
    claimants->used = claimants->live;
    for (size_t i = 0; i < count; i++)
        if (old[i].state == MEMBER_LIVE)
            *find_slot(claimants, old[i].hash) = old[i];
    free(old);
}

static struct group *find_group(const struct claimants *claimants, int64_t number)
{
    size_t low = 0, high = claimants->group_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (claimants->groups[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    BUG_ON(low == claimants->group_count || claimants->groups[low].number != number);
    return &claimants->groups[low];
}

static void uncount(const struct claimants *claimants, const struct member *member)
{
    if (member->state == MEMBER_LIVE && member->group)
        find_group(claimants, member->group)->members--;
}

/* Its group is there. */
static void keep_member(struct claimants *claimants, const struct member *member)
{
    if (claimants->used * 2 + 2 > claimants->slot_count)
        grow(claimants);
    struct member *slot = find_slot(claimants, member->hash);
    claimants->used += slot->state == MEMBER_NONE;
    claimants->live += slot->state != MEMBER_LIVE;
    uncount(claimants, slot);
    *slot = *member;
    slot->state = MEMBER_LIVE;
    if (member->group)
        find_group(claimants, member->group)->members++;
}

static void keep_group(struct claimants *claimants, const struct group *group)
{
    MEM_GROW(claimants->groups, claimants->group_count, claimants->group_capacity);
    claimants->groups[claimants->group_count++] = *group;
}

/* ---- in the database ---- */

static int prepare(struct claimants *claimants, struct err *err)
{
    const struct {
        const char *name;
        struct stmt **stmt;
    } wanted[] = {
        { "add_group", &claimants->add_group },   { "set_group", &claimants->set_group },
        { "drop_group", &claimants->drop_group }, { "put_member", &claimants->put_member },
        { "drop_member", &claimants->drop_member }, { "add_link", &claimants->add_link },
        { "count_links", &claimants->count_links }, { "partners", &claimants->partners },
        { "drop_links", &claimants->drop_links },
    };
    int code = 0;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && !code; i++)
        code = db_prepare(claimants->store->db, "etl/sql/claimants.sql", wanted[i].name, wanted[i].stmt, err);
    return code;
}

static void load_member(struct claimants *claimants, struct stmt *stmt)
{
    struct member member = { .kind = stmt_integer(stmt, 1), .group = stmt_integer(stmt, 2),
                             .bound = (uint8_t)stmt_integer(stmt, 3) };
    memcpy(member.hash, stmt_blob(stmt, 0, NULL), sizeof member.hash);
    keep_member(claimants, &member);
}

static void load_group(struct claimants *claimants, struct stmt *stmt)
{
    struct group group = { .number = stmt_integer(stmt, 0) };
    for (int i = 0; i < CLAIMS; i++)
        group.at[i] = stmt_is_null(stmt, 1 + i) ? INT64_MIN : stmt_integer(stmt, 1 + i);
    keep_group(claimants, &group);
}

static int load(struct claimants *claimants, const char *query,
                void (*take)(struct claimants *claimants, struct stmt *stmt), struct err *err)
{
    struct stmt *stmt;
    int step, code = db_prepare(claimants->store->db, "etl/sql/claimants.sql", query, &stmt, err);
    if (code)
        return code;
    while ((step = stmt_step(stmt, err)) > 0)
        take(claimants, stmt);
    stmt_free(stmt);
    return step;
}

int claimants_open(struct claimants **claimants, const struct store *store, const struct zone *zone, struct err *err)
{
    struct claimants *opened = mem_zalloc(1, sizeof *opened);
    opened->store = store;
    opened->zone = zone;
    grow(opened);
    int code = prepare(opened, err);
    if (!code)
        code = load(opened, "groups", load_group, err);
    if (!code)
        code = load(opened, "members", load_member, err);
    if (code)
        claimants_free(opened);
    else
        *claimants = opened;
    return code;
}

void claimants_free(struct claimants *claimants)
{
    if (!claimants)
        return;
    struct stmt *statements[] = { claimants->add_group,   claimants->set_group,   claimants->drop_group,
                                  claimants->put_member,  claimants->drop_member, claimants->add_link,
                                  claimants->count_links, claimants->partners,    claimants->drop_links };
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        stmt_free(statements[i]);
    free(claimants->slots);
    free(claimants->groups);
    free(claimants);
}

size_t claimants_count(const struct claimants *claimants)
{
    return claimants->live;
}

int64_t claimants_group(const struct claimants *claimants, const unsigned char hash[PSEUDONYM_BYTES])
{
    const struct member *member = find_member(claimants, hash);
    return member && member->bound != BOUND_ASIDE ? member->group : 0;
}

int64_t claimants_group_named(const struct claimants *claimants, const unsigned char hash[PSEUDONYM_BYTES])
{
    const struct member *member = find_member(claimants, hash);
    return member ? member->group : 0;
}

bool claimants_is_set_aside(const struct claimants *claimants, const unsigned char hash[PSEUDONYM_BYTES])
{
    const struct member *member = find_member(claimants, hash);
    return member && (member->group == 0 || member->bound == BOUND_ASIDE);
}

/* Of what was said and taken back: the last day for which it holds. */
static int32_t holds_until(const struct claimants *claimants, const struct group *group, enum claim said, enum claim taken_back)
{
    if (group->at[said] == INT64_MIN)
        return INT32_MIN;
    return group->at[taken_back] <= group->at[said] ? INT32_MAX : zone_day(claimants->zone, group->at[taken_back]);
}

static int32_t barred_until(const struct claimants *claimants, const struct group *group)
{
    int32_t objection = holds_until(claimants, group, CLAIM_OBJECTION, CLAIM_OBJECTION_WITHDRAWN);
    int32_t erasure = group->at[CLAIM_ERASURE] == INT64_MIN ? INT32_MIN : zone_day(claimants->zone, group->at[CLAIM_ERASURE]);
    return erasure > objection ? erasure : objection;
}

int32_t claimants_barred_until(const struct claimants *claimants, int64_t group)
{
    return barred_until(claimants, find_group(claimants, group));
}

int32_t claimants_blank_until(const struct claimants *claimants, int64_t group)
{
    return holds_until(claimants, find_group(claimants, group), CLAIM_RECORDING_REFUSED, CLAIM_RECORDING_ALLOWED);
}

bool claimants_claimed_at(const struct claimants *claimants, int64_t group, enum claim claim, int64_t *at)
{
    *at = find_group(claimants, group)->at[claim];
    return *at != INT64_MIN;
}

int claimants_known_by(const struct claimants *claimants, int64_t group, struct person_hashes *hashes, struct err *err)
{
    struct stmt *stmt = NULL;
    int step, code = db_prepare(claimants->store->db, "etl/sql/claimants.sql", "known_by", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":claimant", group);
    while ((step = stmt_step(stmt, err)) > 0)
        person_hashes_add(hashes, stmt_blob(stmt, 0, NULL));
    stmt_free(stmt);
    return step;
}

bool claimants_widened(struct claimants *claimants)
{
    bool widened = claimants->widened;
    claimants->widened = false;
    return widened;
}

/* Takes the later instants; of a group that nothing may be stored of, nothing is stored that they could concern. */
static void take_later(struct claimants *claimants, struct group *group, const int64_t at[CLAIMS], bool has_members)
{
    bool open = barred_until(claimants, group) != INT32_MAX;
    for (int i = 0; i < CLAIMS; i++)
        if (at[i] > group->at[i]) {
            group->at[i] = at[i];
            claimants->widened |= open && has_members && i != CLAIM_OPT_OUT;
        }
}

static int write_group(struct stmt *stmt, const struct group *group, struct err *err)
{
    static const char *const names[CLAIMS] = { ":objected_at", ":withdrawn_at", ":erased_at", ":refused_at", ":allowed_at", ":left_at" };
    stmt_bind_integer(stmt, ":claimant", group->number);
    for (int i = 0; i < CLAIMS; i++)
        if (group->at[i] == INT64_MIN)
            stmt_bind_null(stmt, names[i]);
        else
            stmt_bind_integer(stmt, names[i], group->at[i]);
    return stmt_run(stmt, err);
}

static int put_member(struct claimants *claimants, const struct member *member, struct err *err)
{
    keep_member(claimants, member);
    stmt_bind_blob(claimants->put_member, ":hash", member->hash, sizeof member->hash);
    stmt_bind_integer(claimants->put_member, ":kind", member->kind);
    stmt_bind_integer(claimants->put_member, ":claimant", member->group);
    stmt_bind_integer(claimants->put_member, ":bound", member->bound);
    return stmt_run(claimants->put_member, err);
}

static int run_for_hash(struct stmt *stmt, const unsigned char *hash, struct err *err)
{
    stmt_bind_blob(stmt, ":hash", hash, PSEUDONYM_BYTES);
    return stmt_run(stmt, err);
}

/* All of one group go to another; what was said last for either holds for both. */
static int merge_groups(struct claimants *claimants, int64_t from, int64_t to, struct err *err)
{
    struct group *gone = find_group(claimants, from), *kept = find_group(claimants, to);
    const struct group before = *kept;
    take_later(claimants, kept, gone->at, true);
    take_later(claimants, gone, before.at, true); /* for its members it may be news as well */
    int code = write_group(claimants->set_group, kept, err);
    for (size_t i = 0; i < claimants->slot_count && !code; i++) {
        struct member member = claimants->slots[i];
        if (member.state != MEMBER_LIVE || member.group != from)
            continue;
        member.group = to;
        code = put_member(claimants, &member, err);
    }
    if (!code) {
        stmt_bind_integer(claimants->drop_group, ":claimant", from);
        code = stmt_run(claimants->drop_group, err);
    }
    memmove(gone, gone + 1, (size_t)(claimants->groups + claimants->group_count - (gone + 1)) * sizeof *gone);
    claimants->group_count--;
    return code;
}

static int64_t next_number(const struct claimants *claimants)
{
    return claimants->group_count ? claimants->groups[claimants->group_count - 1].number + 1 : 1;
}

static int add_group(struct claimants *claimants, int64_t *number, struct err *err)
{
    struct group group = { .number = next_number(claimants) };
    for (int i = 0; i < CLAIMS; i++)
        group.at[i] = INT64_MIN;
    keep_group(claimants, &group);
    *number = group.number;
    return write_group(claimants->add_group, &group, err);
}

/* The one group of all the members, 0 if none has one; several become one. */
static int join_groups(struct claimants *claimants, const struct claimant_member *members, size_t count,
                       int64_t *group, bool *merged, struct err *err)
{
    int code = 0;
    *group = 0;
    for (size_t i = 0; i < count && !code; i++) {
        int64_t other = claimants_group(claimants, members[i].hash);
        if (other == 0 || other == *group)
            continue;
        if (*group) {
            int64_t low = other < *group ? other : *group, high = other < *group ? *group : other;
            code = merge_groups(claimants, high, low, err);
            other = low;
            *merged = true;
        }
        *group = other;
    }
    return code;
}

static int put_members(struct claimants *claimants, const struct claimant_member *members, size_t count,
                       const struct member *as, bool *grown, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < count && !code; i++) {
        const struct member *known = find_member(claimants, members[i].hash);
        if (known && (known->group == 0 || known->bound != SEEN || as->bound == SEEN))
            continue; /* set aside it stays, and bound as well */
        struct member member = *as;
        member.kind = members[i].kind;
        memcpy(member.hash, members[i].hash, sizeof member.hash);
        *grown |= !known;
        code = put_member(claimants, &member, err);
    }
    return code;
}

int claimants_state(struct claimants *claimants, const struct claimant_statement *statement, int64_t *group,
                    struct err *err)
{
    bool changed = false;
    int64_t number = statement->count == 1 ? claimants_group_named(claimants, statement->members[0].hash) : 0;
    int code = number ? 0 : join_groups(claimants, statement->members, statement->count, &number, &changed, err);
    if (!code && !number)
        code = add_group(claimants, &number, err);
    if (code)
        return code;
    const struct member as = { .group = number, .bound = BOUND };
    code = put_members(claimants, statement->members, statement->count, &as, &changed, err);
    struct group *of = find_group(claimants, number);
    int64_t at[CLAIMS];
    for (int i = 0; i < CLAIMS; i++)
        at[i] = i == (int)statement->claim ? statement->at : INT64_MIN;
    take_later(claimants, of, at, of->members > statement->count);
    *group = number;
    return code ? code : write_group(claimants->set_group, of, err);
}

/* ---- seen together ---- */

static int add_link(struct claimants *claimants, const struct claimant_member *from, const struct claimant_member *to,
                    struct err *err)
{
    stmt_bind_blob(claimants->add_link, ":hash", from->hash, sizeof from->hash);
    stmt_bind_integer(claimants->add_link, ":kind", to->kind);
    stmt_bind_blob(claimants->add_link, ":partner", to->hash, sizeof to->hash);
    return stmt_run(claimants->add_link, err);
}

/* 1: it now has more than `limit` partners of the kind. */
static int has_too_many(struct claimants *claimants, const unsigned char *hash, int64_t kind, int64_t limit,
                        struct err *err)
{
    stmt_bind_blob(claimants->count_links, ":hash", hash, PSEUDONYM_BYTES);
    stmt_bind_integer(claimants->count_links, ":kind", kind);
    int step = stmt_step(claimants->count_links, err);
    int result = step > 0 ? stmt_integer(claimants->count_links, 0) > limit : step;
    stmt_reset(claimants->count_links);
    return result;
}

static bool has_hash(const struct person_hashes *hashes, const unsigned char *hash)
{
    for (size_t i = 0; i < hashes->count; i++)
        if (memcmp(hashes->list[i], hash, PSEUDONYM_BYTES) == 0)
            return true;
    return false;
}

/* What of the group hangs together with its bound members. */
static int reach(struct claimants *claimants, int64_t group, struct person_hashes *reached, struct err *err)
{
    int step = 0;
    for (size_t i = 0; i < claimants->slot_count; i++) {
        const struct member *member = &claimants->slots[i];
        if (member->state == MEMBER_LIVE && member->group == group && member->bound != SEEN)
            person_hashes_add(reached, member->hash);
    }
    for (size_t i = 0; i < reached->count && step >= 0; i++) {
        unsigned char of[PSEUDONYM_BYTES]; /* the list moves when it grows */
        memcpy(of, reached->list[i], sizeof of);
        stmt_bind_blob(claimants->partners, ":hash", of, sizeof of);
        while ((step = stmt_step(claimants->partners, err)) > 0) {
            const unsigned char *partner = stmt_blob(claimants->partners, 0, NULL);
            if (claimants_group(claimants, partner) == group)
                person_hashes_add(reached, partner);
        }
        stmt_reset(claimants->partners);
    }
    return step < 0 ? step : 0;
}

static int drop_member(struct claimants *claimants, struct member *member, struct err *err)
{
    int code = run_for_hash(claimants->drop_member, member->hash, err);
    if (!code)
        code = run_for_hash(claimants->drop_links, member->hash, err);
    uncount(claimants, member);
    member->state = MEMBER_GONE;
    claimants->live--;
    return code;
}

static int rebuild_group(struct claimants *claimants, int64_t group, struct err *err)
{
    struct person_hashes reached = { 0 };
    int code = reach(claimants, group, &reached, err);
    for (size_t i = 0; i < claimants->slot_count && !code; i++) {
        struct member *member = &claimants->slots[i];
        if (member->state == MEMBER_LIVE && member->group == group && !has_hash(&reached, member->hash))
            code = drop_member(claimants, member, err);
    }
    person_hashes_release(&reached);
    return code;
}

/* One that a claim bound goes on barring what carries it. */
static int set_aside(struct claimants *claimants, const struct claimant_member *of, struct err *err)
{
    const struct member *known = find_member(claimants, of->hash);
    int64_t group = known ? known->group : 0;
    struct member member = { .kind = of->kind };
    if (group && known->bound != SEEN) {
        member.group = group;
        member.bound = BOUND_ASIDE;
    }
    memcpy(member.hash, of->hash, sizeof member.hash);
    int code = put_member(claimants, &member, err);
    if (!code)
        code = run_for_hash(claimants->drop_links, of->hash, err);
    return code || !group ? code : rebuild_group(claimants, group, err);
}

static int link_pair(struct claimants *claimants, const struct claimant_member *from, const struct claimant_member *to,
                     int64_t limit, struct err *err)
{
    if (claimants_is_set_aside(claimants, from->hash))
        return 0;
    int code = add_link(claimants, from, to, err);
    if (code)
        return code;
    int too_many = has_too_many(claimants, from->hash, to->kind, limit, err);
    return too_many > 0 ? set_aside(claimants, from, err) : too_many;
}

int claimants_see_together(struct claimants *claimants, const struct claimant_member *members, size_t count,
                           int64_t limit, bool *grown, struct err *err)
{
    int64_t group = 0;
    int code = 0;
    for (size_t a = 0; a < count && !code; a++)
        for (size_t b = 0; b < count && !code; b++)
            if (a != b)
                code = link_pair(claimants, &members[a], &members[b], limit, err);
    if (!code)
        code = join_groups(claimants, members, count, &group, grown, err);
    const struct member as = { .group = group };
    if (!code && group)
        return put_members(claimants, members, count, &as, grown, err);
    for (size_t i = 0; i < count && !code; i++) /* what bound them is set aside by now: they are strangers */
        if (!find_member(claimants, members[i].hash))
            code = run_for_hash(claimants->drop_links, members[i].hash, err);
    return code;
}
