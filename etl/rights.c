#include "etl/rights.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/rights_parts.h"

int rights_open(struct rights **rights, const struct rights_options *options, struct err *err)
{
    struct rights *opened = mem_zalloc(1, sizeof *opened);
    opened->options = *options;
    int code = claimants_open(&opened->claimants, options->store, options->sources->zone, err);
    if (!code)
        code = label_use_open(&opened->labels, options->store, err);
    if (!code)
        code = case_removal_open(&opened->removal, options->store, options->tables, opened->labels, err);
    if (!code)
        code = holds_open(&opened->holds, options->store, err);
    if (!code)
        code = db_prepare(options->store->db, "etl/sql/person.sql", "find", &opened->find, err);
    if (!code)
        code = db_prepare(options->store->db, "etl/sql/rights.sql", "links", &opened->links, err);
    if (code)
        rights_free(opened);
    else
        *rights = opened;
    return code;
}

void rights_free(struct rights *rights)
{
    if (!rights)
        return;
    claimants_free(rights->claimants);
    case_removal_free(rights->removal);
    label_use_free(rights->labels);
    holds_free(rights->holds);
    stmt_free(rights->find);
    stmt_free(rights->links);
    free(rights);
}

int64_t rights_limit(const struct rights *rights)
{
    int64_t limit = 1;
    for (size_t i = 0; i < rights->options.sources->count; i++)
        if (rights->options.sources->list[i].max_persons > limit)
            limit = rights->options.sources->list[i].max_persons;
    return limit;
}

static int mark_held(struct rights *rights, const struct person_case *of, struct err *err)
{
    struct stmt *stmt;
    int code = case_table_prepare(rights->options.store, of->table, "UPDATE {table} SET held = 1 WHERE id = :id", &stmt,
                                  err);
    if (code)
        return code;
    stmt_set_integer(stmt, 1, of->id);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

static int end_case(struct rights *rights, const struct person_case *of, struct rights_outcome *outcome, struct err *err)
{
    bool held = of->held; /* what is marked goes by retention, as soon as no hold covers it */
    int code = held ? 0 : holds_cover(rights->holds, of->key, of->id >> STORE_PERSON_SHIFT, &held, err);
    if (code)
        return code;
    outcome->held += held;
    outcome->removed += !held;
    if (held)
        return mark_held(rights, of, err);
    struct removed_case gone = { .table = of->table, .id = of->id, .bar = true,
                                 .expires_day = term_due_day(&rights->options.term, of->closed_day) };
    memcpy(gone.key, of->key, sizeof gone.key);
    return case_removal_delete(rights->removal, &gone, err);
}

static int end_cases(struct rights *rights, int64_t person, int32_t until, struct rights_outcome *outcome, struct err *err)
{
    struct person_cases cases = { 0 };
    struct case_removal_counts gone = { 0 };
    int code = person_cases_read(rights->options.store, rights->options.tables, person, &cases, err);
    for (size_t i = 0; i < cases.count && !code; i++)
        if (cases.list[i].closed_day <= until)
            code = end_case(rights, &cases.list[i], outcome, err);
    outcome->known |= cases.count > 0;
    person_cases_release(&cases);
    return code ? code : case_removal_persons(rights->removal, &gone, err);
}

int rights_enforce(struct rights *rights, int64_t person, int64_t group, struct rights_outcome *outcome, struct err *err)
{
    int32_t blank = claimants_blank_until(rights->claimants, group);
    int code = end_cases(rights, person, claimants_barred_until(rights->claimants, group), outcome, err);
    if (!code && blank != INT32_MIN)
        code = recording_blank(rights, person, blank, &outcome->blanked, err);
    return code ? code : label_use_flush(rights->labels, err);
}

static bool is_denied(const struct rights *rights, const struct person_key *key)
{
    const struct sources *sources = rights->options.sources;
    struct strbuf kind = { 0 };
    bool denied = false;
    for (size_t s = 0; s < sources->count; s++)
        for (size_t i = 0; i < sources->list[s].identifier_count; i++) {
            const struct source_identifier *identifier = &sources->list[s].identifiers[i];
            case_table_kind_name(identifier, &kind);
            denied |= strcmp(strbuf_text(&kind), key->kind) == 0 && source_is_denied(identifier, key->text);
        }
    strbuf_release(&kind);
    return denied;
}

/* Looks up whom the identifier belongs to. */
static int find(struct rights *rights, const struct person_key *key, struct person_found *found,
                struct rights_outcome *outcome, struct err *err)
{
    int code = person_find(rights->options.store, key, found, err);
    outcome->shared = !code && (found->set_aside || claimants_is_set_aside(rights->claimants, found->hash) ||
                                is_denied(rights, key));
    return code;
}

int rights_is_shared(struct rights *rights, const struct person_key *key, struct person_found *found, bool *shared, struct err *err)
{
    struct rights_outcome outcome = { 0 };
    int code = find(rights, key, found, &outcome, err);
    *shared = outcome.shared;
    return code;
}

/* The identifier itself or, where the store knows it, all that belong together with it. */
static int list_members(struct rights *rights, const struct person_found *found, struct claimant_member **members,
                        size_t *count, struct err *err)
{
    struct person_identifiers known = { 0 };
    int code = found->person ? person_identifiers_read(rights->options.store, found->person, &known, err) : 0;
    *members = mem_zalloc(known.count + 1, sizeof **members);
    *count = known.count;
    for (size_t i = 0; i < known.count; i++) {
        memcpy((*members)[i].hash, known.list[i].hash, sizeof known.list[i].hash);
        (*members)[i].kind = known.list[i].kind;
    }
    if (!known.count) {
        memcpy((*members)[0].hash, found->hash, sizeof found->hash);
        (*members)[0].kind = found->kind;
        *count = 1;
    }
    person_identifiers_release(&known);
    return code;
}

int rights_claim(struct rights *rights, const struct person_key *key, enum claim claim, int64_t at,
                 struct rights_outcome *outcome, struct err *err)
{
    struct person_found found;
    struct claimant_member *members;
    struct claimant_statement statement = { .claim = claim, .at = at };
    int64_t group = 0;
    int code = find(rights, key, &found, outcome, err);
    if (outcome->shared && claimants_group_named(rights->claimants, found.hash)) {
        found.person = 0; /* set aside since that person claimed something by it: it speaks for nobody else */
        outcome->shared = false;
    }
    if (code || outcome->shared)
        return code;
    code = list_members(rights, &found, &members, &statement.count, err);
    statement.members = members;
    if (!code)
        code = claimants_state(rights->claimants, &statement, &group, err);
    free(members);
    if (!code && found.person)
        code = rights_enforce(rights, found.person, group, outcome, err);
    return code;
}

static int record_hold(struct rights *rights, const struct hold_event *event, struct rights_outcome *outcome, struct err *err)
{
    bool stood = false;
    int code = event->release ? holds_stand(rights->holds, event, &stood, err) : 0;
    outcome->ended |= stood;
    return code ? code : holds_record(rights->holds, event, err);
}

/* A release by one identifier ends what was held by another of the same person. */
static int record_release(struct rights *rights, const struct person_found *found, struct hold_event *event, struct rights_outcome *outcome,
                          struct err *err)
{
    struct claimant_member *members;
    size_t count;
    int code = list_members(rights, found, &members, &count, err);
    for (size_t i = 0; i < count && !code; i++) {
        memcpy(event->hash, members[i].hash, sizeof event->hash);
        code = record_hold(rights, event, outcome, err);
    }
    free(members);
    return code;
}

static int is_stored(struct rights *rights, const unsigned char key[PSEUDONYM_BYTES], bool *stored, struct err *err)
{
    struct stmt *stmt;
    int code = db_prepare(rights->options.store->db, "etl/sql/rights.sql", "is_stored", &stmt, err);
    if (code)
        return code;
    stmt_bind_blob(stmt, ":case_key", key, PSEUDONYM_BYTES);
    int step = stmt_step(stmt, err);
    *stored = step > 0 && stmt_integer(stmt, 0);
    stmt_free(stmt);
    return step < 0 ? step : 0;
}

/* Whom or what it is about: event->hash of a case, `found` of a person. */
static int find_held(struct rights *rights, const struct rights_hold *hold, struct person_found *found, struct hold_event *event,
                     struct rights_outcome *outcome, struct err *err)
{
    struct strbuf domain = { 0 };
    if (hold->key) {
        int code = find(rights, hold->key, found, outcome, err);
        outcome->known = !code && found->person;
        memcpy(event->hash, found->hash, sizeof event->hash);
        return code;
    }
    strbuf_addf(&domain, "case:%s", hold->source->name);
    pseudonym_derive(rights->options.store->cases, domain.text, hold->case_id, event->hash);
    strbuf_release(&domain);
    return is_stored(rights, event->hash, &outcome->known, err);
}

int rights_hold_look(struct rights *rights, const struct rights_hold *hold, struct rights_outcome *outcome, struct err *err)
{
    struct person_found found = { 0 };
    struct hold_event event = { 0 };
    return find_held(rights, hold, &found, &event, outcome, err);
}

int rights_hold(struct rights *rights, const struct rights_hold *hold, struct rights_outcome *outcome, struct err *err)
{
    struct person_found found = { 0 };
    struct hold_event event = { .of_case = !hold->key, .release = hold->release, .reason = hold->reason,
                                .occurred_at = hold->at };
    int code = find_held(rights, hold, &found, &event, outcome, err);
    if (code || outcome->shared)
        return code;
    if (hold->key && hold->release)
        return record_release(rights, &found, &event, outcome, err);
    return record_hold(rights, &event, outcome, err);
}

int rights_is_held(struct rights *rights, const unsigned char case_key[PSEUDONYM_BYTES], int64_t person, bool *held, struct err *err)
{
    return holds_cover(rights->holds, case_key, person, held, err);
}

bool rights_take_grown(struct rights *rights)
{
    bool grown = rights->grown;
    rights->grown = false;
    return grown;
}

static void clear_claims(int64_t at[CLAIMS])
{
    for (int i = 0; i < CLAIMS; i++)
        at[i] = INT64_MIN;
}

/* The later of each claim. */
static bool add_claims(struct rights *rights, const unsigned char *hash, int64_t at[CLAIMS])
{
    int64_t claimed, group = claimants_group_named(rights->claimants, hash);
    for (int i = 0; i < CLAIMS && group; i++)
        if (claimants_claimed_at(rights->claimants, group, (enum claim)i, &claimed) && claimed > at[i])
            at[i] = claimed;
    return group != 0;
}

bool rights_claimed(struct rights *rights, const struct person_key *key, int64_t at[CLAIMS])
{
    unsigned char hash[PSEUDONYM_BYTES];
    objection_hash(rights->options.store->objection, key->kind, key->text, hash);
    clear_claims(at);
    return add_claims(rights, hash, at);
}

int rights_known_by(struct rights *rights, const struct person_key *key, struct person_hashes *hashes, struct err *err)
{
    unsigned char hash[PSEUDONYM_BYTES];
    objection_hash(rights->options.store->objection, key->kind, key->text, hash);
    int64_t group = claimants_group(rights->claimants, hash);
    return group ? claimants_known_by(rights->claimants, group, hashes, err) : 0;
}

int rights_leave(struct rights *rights, const struct person_key *keys, size_t count, int64_t at, struct err *err)
{
    struct rights_outcome outcome = { 0 };
    int64_t claims[CLAIMS];
    int code = 0;
    for (size_t i = 0; i < count && !code; i++)
        code = rights_claim(rights, &keys[i], CLAIM_OPT_OUT, at, &outcome, err);
    return code || count < 2 ? code : rights_learn(rights, keys, count, claims, err);
}

/* What the store has of them, if they are a claimant's. */
static int enforce_all(struct rights *rights, const struct person_found *found, size_t count, struct err *err)
{
    struct rights_outcome outcome = { 0 };
    int code = 0;
    for (size_t i = 0; i < count && !code; i++) {
        int64_t group = claimants_group(rights->claimants, found[i].hash);
        if (group && found[i].person)
            code = rights_enforce(rights, found[i].person, group, &outcome, err);
    }
    return code;
}

int rights_learn(struct rights *rights, const struct person_key *keys, size_t count, int64_t at[CLAIMS], struct err *err)
{
    struct person_found *found = mem_zalloc(count + 1, sizeof *found);
    struct claimant_member *members = mem_zalloc(count + 1, sizeof *members);
    size_t usable = 0;
    bool any = false, grown = false;
    int code = 0;
    clear_claims(at);
    for (size_t i = 0; i < count && !code; i++) {
        struct rights_outcome outcome = { 0 };
        code = find(rights, &keys[i], &found[usable], &outcome, err);
        if (!code && outcome.shared)
            add_claims(rights, found[usable].hash, at);
        if (code || outcome.shared)
            continue;
        memcpy(members[usable].hash, found[usable].hash, PSEUDONYM_BYTES);
        members[usable].kind = found[usable].kind;
        any |= claimants_group(rights->claimants, found[usable++].hash) != 0;
    }
    if (!code && any)
        code = claimants_see_together(rights->claimants, members, usable, rights_limit(rights), &grown, err);
    rights->grown |= grown;
    if (!code && any)
        code = enforce_all(rights, found, usable, err);
    if (usable)
        add_claims(rights, members[0].hash, at);
    free(members);
    free(found);
    return code;
}
