/* Keeping claimants out (etl/rights.h): the screen before an import, and the sweep after events. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/rights_parts.h"

/* Whoever shares an identifier with a claimant's row is the claimant. */
struct suspects {
    struct suspect {
        int64_t person, group;
    } *list;
    size_t count, capacity;
};

static void add_suspect(struct suspects *suspects, int64_t person, int64_t group)
{
    for (size_t i = 0; i < suspects->count; i++)
        if (suspects->list[i].person == person)
            return;
    MEM_GROW(suspects->list, suspects->count, suspects->capacity);
    suspects->list[suspects->count++] = (struct suspect){ person, group };
}

/* 1: the store knows it: *person, or 0 if it is set aside there. */
static int find_person(struct rights *rights, const unsigned char *pseudonym, int64_t *person, struct err *err)
{
    stmt_set_blob(rights->find, 1, pseudonym, PSEUDONYM_BYTES);
    int step = stmt_step(rights->find, err);
    if (step > 0)
        *person = stmt_integer(rights->find, 0);
    stmt_reset(rights->find);
    return step;
}

/* An identifier under the older keys, which the store may still know it by. */
static int find_older(struct rights *rights, const struct batch *batch, size_t at, int64_t *person, struct err *err)
{
    const struct store *store = rights->options.store;
    const struct batch_identifier *identifier = &batch->identifiers[at];
    uint32_t epochs[PSEUDONYM_MAX_EPOCHS];
    size_t count = keyring_epochs(store->keyring, KEY_ANALYTICS, epochs);
    struct strbuf kind = { 0 };
    int found = find_person(rights, identifier->pseudonym, person, err);
    case_table_kind_name(&batch->table->source->identifiers[at % batch->table->source->identifier_count], &kind);
    for (size_t i = 0; i + 1 < count && found == 0; i++) {
        unsigned char old[PSEUDONYM_BYTES];
        pseudonym_derive(keyring_key(store->keyring, KEY_ANALYTICS, epochs[i]), strbuf_text(&kind),
                         (struct slice){ batch->texts + identifier->text, identifier->length }, old);
        found = find_person(rights, old, person, err);
    }
    strbuf_release(&kind);
    return found;
}

/* The group of any identifier of the row, 0: nobody of it claimed anything. */
static int64_t group_of(const struct rights *rights, const struct batch *batch, size_t row)
{
    size_t slots = batch->table->source->identifier_count;
    int64_t group = 0;
    for (size_t at = row * slots; at < (row + 1) * slots && !group; at++)
        if (batch->identifiers[at].length)
            group = claimants_group(rights->claimants, batch->identifiers[at].hash);
    return group;
}

/* Whose claims concern what carries the identifier. */
static int64_t named_group(const struct rights *rights, const struct batch *batch, size_t at)
{
    return batch->identifiers[at].length ? claimants_group_named(rights->claimants, batch->identifiers[at].hash) : 0;
}

int rights_row_known_by(struct rights *rights, const struct batch *batch, size_t row, struct person_hashes *hashes, struct err *err)
{
    int64_t group = claimants_count(rights->claimants) ? group_of(rights, batch, row) : 0;
    return group ? claimants_known_by(rights->claimants, group, hashes, err) : 0;
}

bool rights_has_objected(const struct rights *rights, const struct batch *batch, size_t row)
{
    size_t slots = batch->table->source->identifier_count;
    bool objected = false;
    for (size_t at = row * slots; at < (row + 1) * slots && claimants_count(rights->claimants); at++) {
        int64_t when, group = named_group(rights, batch, at);
        objected |= group && claimants_claimed_at(rights->claimants, group, CLAIM_OBJECTION, &when);
    }
    return objected;
}

/* A row of a claimant: what else it carries belongs there, too, but for what the store knows to identify nobody. */
static int learn_row(struct rights *rights, const struct batch *batch, size_t row, struct suspects *suspects,
                     bool *grown, struct err *err)
{
    const struct source *source = batch->table->source;
    struct claimant_member *members = mem_zalloc(source->identifier_count, sizeof *members);
    size_t count = 0, slots = source->identifier_count;
    int64_t group = group_of(rights, batch, row);
    int found = 0;
    for (size_t slot = 0; slot < slots && found >= 0; slot++) {
        int64_t person = 0;
        size_t at = row * slots + slot;
        if (!batch->identifiers[at].length)
            continue;
        found = find_older(rights, batch, at, &person, err);
        if (found > 0 && person == 0)
            continue;
        if (person)
            add_suspect(suspects, person, group);
        memcpy(members[count].hash, batch->identifiers[at].hash, PSEUDONYM_BYTES);
        members[count++].kind = batch->table->kinds[slot];
    }
    int code = found < 0 ? found
                         : claimants_see_together(rights->claimants, members, count, source->max_persons, grown, err);
    free(members);
    return code;
}

static int learn_rows(struct rights *rights, const struct batch *batch, struct suspects *suspects, bool *grown,
                      struct err *err)
{
    int code = 0;
    for (size_t row = 0; row < batch->count && !code; row++)
        if (batch->rows[row].state == BATCH_STORE && group_of(rights, batch, row))
            code = learn_row(rights, batch, row, suspects, grown, err);
    return code;
}

/* True if nothing may be stored of it. */
static bool screen_row(const struct rights *rights, struct batch *batch, size_t row, int64_t group)
{
    if (!group)
        return false;
    if (batch->rows[row].closed_day <= claimants_blank_until(rights->claimants, group))
        recording_blank_row(batch, row);
    return batch->rows[row].closed_day <= claimants_barred_until(rights->claimants, group);
}

static void screen_rows(const struct rights *rights, struct batch *batch, bool *barred)
{
    size_t slots = batch->table->source->identifier_count;
    for (size_t row = 0; row < batch->count; row++) {
        barred[row] = false;
        for (size_t at = row * slots; at < (row + 1) * slots && batch->rows[row].state == BATCH_STORE; at++)
            barred[row] |= screen_row(rights, batch, row, named_group(rights, batch, at));
    }
}

int rights_screen_stored(struct rights *rights, struct batch *batch, size_t row, int64_t person, bool *barred, struct err *err)
{
    struct person_identifiers identifiers = { 0 };
    if (claimants_count(rights->claimants) == 0)
        return 0;
    int code = person_identifiers_read(rights->options.store, person, &identifiers, err);
    for (size_t i = 0; i < identifiers.count && !code; i++)
        *barred |= screen_row(rights, batch, row, claimants_group_named(rights->claimants, identifiers.list[i].hash));
    person_identifiers_release(&identifiers);
    return code;
}

static const struct person_identifier *find_number(const struct person_identifiers *identifiers, int64_t number)
{
    for (size_t i = 0; i < identifiers->count; i++)
        if (identifiers->list[i].number == number)
            return &identifiers->list[i];
    return NULL;
}

static struct claimant_member member_of(const struct person_identifier *identifier)
{
    struct claimant_member member = { .kind = identifier->kind };
    memcpy(member.hash, identifier->hash, sizeof member.hash);
    return member;
}

/* One pass over the links of a person: each pair was seen together. */
static int learn_links(struct rights *rights, int64_t person, const struct person_identifiers *identifiers, bool *grown,
                       struct err *err)
{
    int64_t limit = rights_limit(rights);
    int step, code = 0;
    stmt_set_integer(rights->links, 1, person);
    while (!code && (step = stmt_step(rights->links, err)) != 0) {
        if (step < 0)
            return step;
        const struct person_identifier *a = find_number(identifiers, stmt_integer(rights->links, 0));
        const struct person_identifier *b = find_number(identifiers, stmt_integer(rights->links, 1));
        if (!a || !b)
            continue;
        const struct claimant_member pair[2] = { member_of(a), member_of(b) };
        if (claimants_group(rights->claimants, a->hash) || claimants_group(rights->claimants, b->hash))
            code = claimants_see_together(rights->claimants, pair, 2, limit, grown, err);
    }
    stmt_reset(rights->links);
    return code;
}

/* A person of the store turns out to be a claimant: known by all its identifiers from now on. */
static int absorb(struct rights *rights, const struct suspect *suspect, bool *grown, struct err *err)
{
    struct person_identifiers identifiers = { 0 };
    struct rights_outcome outcome = { 0 };
    bool more = true;
    int code = person_identifiers_read(rights->options.store, suspect->person, &identifiers, err);
    while (more && !code) {
        more = false;
        code = learn_links(rights, suspect->person, &identifiers, &more, err);
        *grown |= more;
    }
    int64_t group = 0; /* the suspect's own may have become another */
    for (size_t i = 0; i < identifiers.count && !group; i++)
        group = claimants_group(rights->claimants, identifiers.list[i].hash);
    person_identifiers_release(&identifiers);
    return code || !group ? code : rights_enforce(rights, suspect->person, group, &outcome, err);
}

int rights_screen(struct rights *rights, struct batch *batch, bool *barred, struct err *err)
{
    bool grown = claimants_count(rights->claimants) > 0;
    int code = 0;
    while (grown && !code) { /* until no row tells anything new */
        struct suspects suspects = { 0 };
        grown = false;
        code = learn_rows(rights, batch, &suspects, &grown, err);
        for (size_t i = 0; i < suspects.count && !code; i++)
            code = absorb(rights, &suspects.list[i], &grown, err);
        rights->grown |= grown;
        free(suspects.list);
    }
    screen_rows(rights, batch, barred);
    return code;
}

/* All persons of the store that are known by an identifier of the register. */
static int find_suspects(struct rights *rights, struct suspects *suspects, struct err *err)
{
    const struct store *store = rights->options.store;
    struct stmt *stmt;
    int step, code = db_prepare(store->db, "etl/sql/rights.sql", "identifiers", &stmt, err);
    if (code)
        return code;
    while ((step = stmt_step(stmt, err)) > 0) {
        unsigned char hash[PSEUDONYM_BYTES];
        const unsigned char *key = keyring_key(store->keyring, KEY_ANALYTICS, (uint32_t)stmt_integer(stmt, 1));
        if (!key)
            continue;
        objection_mask(key, stmt_blob(stmt, 0, NULL), stmt_blob(stmt, 2, NULL), hash);
        int64_t group = claimants_group(rights->claimants, hash);
        if (group)
            add_suspect(suspects, stmt_integer(stmt, 3), group);
    }
    stmt_free(stmt);
    return step;
}

int rights_settle(struct rights *rights, struct rights_outcome *outcome, struct err *err)
{
    struct suspects suspects = { 0 };
    int code = claimants_widened(rights->claimants) ? find_suspects(rights, &suspects, err) : 0;
    for (size_t i = 0; i < suspects.count && !code; i++)
        code = rights_enforce(rights, suspects.list[i].person, suspects.list[i].group, outcome, err);
    free(suspects.list);
    return code ? code : label_use_settle(rights->options.store, &outcome->labels, err);
}
