#include "surveys/audience.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "surveys/consent.h"
#include "surveys/contact.h"
#include "surveys/eligible.h"
#include "surveys/history.h"
#include "surveys/person.h"

#define QUERIES "surveys/sql/audience.sql"

const char *exclusion_name(enum exclusion exclusion)
{
    static const char *const names[] = {
        "no opt-in",     "opt-in not confirmed",   "opted out",         "objected",
        "no legal basis in the country", "bounced",       "asked too often",        "asked for this case", "asked in this wave",
        "no usable address", "no text in the language", "holdout",      "quota full",
        "sampled out",   "will be asked",
    };
    return names[exclusion];
}

/* A person of cases.db behind a contact, and whether that contact may be used. */
struct reach {
    int64_t person, recipient, updated_at;
    const char *language;
    bool has_address, may_be_asked; /* by the law of the country */
    unsigned char pseudonym[PSEUDONYM_BYTES];
    enum consent_verdict verdict;
};

/* Recipients of whom something holds. */
struct recipients {
    int64_t *list; /* ascending */
    size_t count, capacity;
};

static int read_recipients(struct db *surveys, const char *query, struct recipients *recipients, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, query, &stmt, err);
    while (!code && (code = stmt_step(stmt, err)) == 1) {
        MEM_GROW(recipients->list, recipients->count, recipients->capacity);
        recipients->list[recipients->count++] = stmt_integer(stmt, 0);
        code = 0;
    }
    stmt_free(stmt);
    return code;
}

static int by_number(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static bool is_among(const struct recipients *recipients, int64_t recipient)
{
    return recipients->count && bsearch(&recipient, recipients->list, recipients->count, sizeof recipient, by_number);
}

struct reaches {
    const struct audience_input *input;
    struct recipients objectors;
    struct reach *list;
    size_t count, capacity;
};

void audience_release(struct audience *audience)
{
    arena_release(&audience->arena);
    free(audience->candidates);
    *audience = (struct audience) { 0 };
}

static size_t length_of_primary(const char *tag)
{
    return strcspn(tag, "-_");
}

/* The text's language for somebody who speaks `language`: the very tag, else the language alone, else any of its regions, else the
 * fallback, else NULL. */
static const char *choose_language(const struct survey *survey, const char *language)
{
    const char *alone = NULL, *region = NULL;
    size_t primary = language ? length_of_primary(language) : 0;
    for (size_t i = 0; language && i < survey->language_count; i++) {
        const char *tag = survey->languages[i];
        size_t length = length_of_primary(tag);
        if (strcasecmp(tag, language) == 0)
            return tag;
        if (length != primary || strncasecmp(tag, language, primary) != 0)
            continue;
        if (!tag[length] && !alone)
            alone = tag;
        if (!region)
            region = tag;
    }
    return alone ? alone : region ? region : survey->fallback;
}

/* One for each key under which the person may be stored. */
static void add_reach(struct reaches *reaches, struct reach reach, const struct contact_identifier *identifier)
{
    uint32_t epochs[PSEUDONYM_MAX_EPOCHS];
    const struct keyring *keyring = reaches->input->keyring;
    size_t count = keyring_epochs(keyring, KEY_ANALYTICS, epochs);
    for (size_t i = 0; i < count; i++) {
        pseudonym_derive(keyring_key(keyring, KEY_ANALYTICS, epochs[i]), identifier->kind,
                         (struct slice) { identifier->value, strlen(identifier->value) }, reach.pseudonym);
        MEM_GROW(reaches->list, reaches->count, reaches->capacity);
        reaches->list[reaches->count++] = reach;
    }
}

static int visit_contact(void *context, const struct contact *contact, struct err *err)
{
    struct reaches *reaches = context;
    const struct audience_input *input = reaches->input;
    struct consent_event question = { .recipient = contact->recipient, .controller = input->survey->controller, .purpose = input->survey->purpose };
    struct consent_state state;
    enum legal_basis basis = policy_basis(input->policy, input->survey, contact->country);
    int (*check)(struct db *, const struct consent_event *, bool, int64_t, struct consent_state *, struct err *) =
        is_among(&reaches->objectors, contact->recipient) ? consent_check : consent_check_alone;
    int code = check(input->surveys, &question, basis == BASIS_DOUBLE_OPT_IN, input->now, &state, err);
    struct reach reach = { .recipient = contact->recipient, .updated_at = contact->updated_at, .has_address = contact->address[0], .may_be_asked = basis != BASIS_NONE };
    reach.language = choose_language(input->survey, contact->language);
    if (!code)
        reach.verdict = state.verdict;
    for (size_t i = 0; i < contact->identifier_count && !code; i++)
        add_reach(reaches, reach, &contact->identifiers[i]);
    return code;
}

/* By person; of one person the contact that may be used first, then the newest. */
static int by_person(const void *left, const void *right)
{
    const struct reach *a = left, *b = right;
    if (a->person != b->person)
        return a->person < b->person ? -1 : 1;
    if (a->verdict != b->verdict)
        return a->verdict < b->verdict ? -1 : 1;
    if (a->updated_at != b->updated_at)
        return a->updated_at > b->updated_at ? -1 : 1;
    return (a->recipient > b->recipient) - (a->recipient < b->recipient);
}

static int by_pseudonym(const void *left, const void *right)
{
    const struct reach *a = left, *b = right;
    return memcmp(a->pseudonym, b->pseudonym, sizeof a->pseudonym);
}

/* Looks the persons up in the order of the index, so that each of its pages is read once, and drops who has no case. */
static int find_persons(struct reaches *reaches, struct err *err)
{
    struct stmt *stmt = NULL;
    size_t kept = 0;
    int code = db_prepare(reaches->input->cases, QUERIES, "person", &stmt, err);
    if (!code && reaches->count)
        qsort(reaches->list, reaches->count, sizeof *reaches->list, by_pseudonym);
    for (size_t i = 0; i < reaches->count && !code; i++) {
        struct reach *reach = &reaches->list[i];
        stmt_bind_blob(stmt, ":pseudonym", reach->pseudonym, sizeof reach->pseudonym);
        int step = stmt_step(stmt, err);
        if (step == 1 && !stmt_is_null(stmt, 0)) {
            reach->person = stmt_integer(stmt, 0);
            reaches->list[kept++] = *reach;
        }
        stmt_reset(stmt);
        code = step < 0 ? step : 0;
    }
    stmt_free(stmt);
    reaches->count = kept;
    return code;
}

static int collect_reaches(struct reaches *reaches, struct err *err)
{
    static const char *const channels[] = { "email", "phone", "chat", "social" };
    const struct audience_input *input = reaches->input;
    int code = read_recipients(input->surveys, "objectors", &reaches->objectors, err);
    if (!code)
        code = contact_each(input->surveys, input->keyring, input->survey->controller, channels[input->survey->channel],
                            visit_contact, reaches, err);
    free(reaches->objectors.list);
    if (!code)
        code = find_persons(reaches, err);
    if (!code && reaches->count)
        qsort(reaches->list, reaches->count, sizeof *reaches->list, by_person);
    return code;
}

/* The same for ever for a seed, survey, wave and recipient; `use` separates sampling from holdout. */
static uint64_t draw(const struct survey *survey, const char *use, int64_t recipient)
{
    crypto_generichash_state state;
    uint64_t number;
    int64_t facts[] = { (int64_t)survey->seed, survey->wave, recipient };
    crypto_generichash_init(&state, NULL, 0, crypto_generichash_BYTES_MIN);
    crypto_generichash_update(&state, (const unsigned char *)use, strlen(use) + 1);
    crypto_generichash_update(&state, (const unsigned char *)survey->name, strlen(survey->name) + 1);
    crypto_generichash_update(&state, (const unsigned char *)facts, sizeof facts);
    unsigned char digest[crypto_generichash_BYTES_MIN];
    crypto_generichash_final(&state, digest, sizeof digest);
    memcpy(&number, digest, sizeof number);
    return number;
}

static enum exclusion exclusion_of(enum consent_verdict verdict)
{
    switch (verdict) {
    case CONSENT_GIVEN:
        return EXCLUDED_NOT;
    case CONSENT_UNCONFIRMED:
        return EXCLUDED_UNCONFIRMED;
    case CONSENT_OPTED_OUT:
        return EXCLUDED_OPTED_OUT;
    case CONSENT_OBJECTED:
        return EXCLUDED_OBJECTED;
    case CONSENT_NONE:
        break;
    }
    return EXCLUDED_NO_OPT_IN;
}

static void join(struct audience *audience, const struct reaches *reaches)
{
    const struct survey *survey = reaches->input->survey;
    size_t at = 0;
    for (size_t i = 0; i < audience->count; i++) {
        struct candidate *candidate = &audience->candidates[i];
        while (at < reaches->count && reaches->list[at].person < candidate->person)
            at++;
        if (at == reaches->count || reaches->list[at].person != candidate->person)
            continue;
        const struct reach *reach = &reaches->list[at];
        candidate->recipient = reach->recipient;
        candidate->language = reach->language;
        candidate->draw = draw(survey, "sample", reach->recipient);
        candidate->excluded = exclusion_of(reach->verdict);
        if (candidate->excluded == EXCLUDED_NOT && !reach->may_be_asked)
            candidate->excluded = EXCLUDED_COUNTRY;
        else if (candidate->excluded == EXCLUDED_NOT && !reach->has_address)
            candidate->excluded = EXCLUDED_NO_ADDRESS;
    }
}

/* What the history of messages says about a candidate with an opt-in. */
static int exclude_by_history(const struct audience_input *input, struct candidate *candidate, struct err *err)
{
    static const enum exclusion by_asking[] = {
        [HISTORY_NOT_ASKED] = EXCLUDED_NOT, [HISTORY_ASKED_CASE] = EXCLUDED_CASE_ASKED, [HISTORY_ASKED_WAVE] = EXCLUDED_WAVE_ASKED };
    const struct history history = { input->surveys, input->survey, input->policy, input->now };
    enum history_asked asked = HISTORY_NOT_ASKED;
    int yes = history_has_bounced(input->surveys, candidate->recipient, err);
    if (yes == 1)
        candidate->excluded = EXCLUDED_BOUNCED;
    if (yes == 0 && (yes = history_is_capped(&history, candidate->recipient, err)) == 1)
        candidate->excluded = EXCLUDED_CAP;
    if (yes == 0 && (yes = history_was_asked(&history, candidate->recipient, candidate->case_hash, &asked, err)) == 0)
        candidate->excluded = by_asking[asked];
    return yes < 0 ? yes : 0;
}

/* The person is held out, not the address: what is drawn is the first that the person was known by. */
static bool is_held_out(const struct survey *survey, const struct person_map *persons, const struct candidate *candidate)
{
    double share = (double)(draw(survey, "holdout", person_map_first(persons, candidate->recipient)) >> 11) / 9007199254740992.0; /* 2^53 */
    return share * 100.0 < survey->holdout_percent;
}

static int exclude_each(struct audience *audience, const struct audience_input *input, const struct recipients *touched,
                        const struct person_map *persons, struct err *err)
{
    for (size_t i = 0; i < audience->count; i++) {
        struct candidate *candidate = &audience->candidates[i];
        bool no_address = candidate->excluded == EXCLUDED_NO_ADDRESS;
        if (candidate->excluded != EXCLUDED_NOT && !no_address)
            continue;
        candidate->excluded = EXCLUDED_NOT;
        int code = is_among(touched, candidate->recipient) ? exclude_by_history(input, candidate, err) : 0;
        if (code)
            return code;
        if (candidate->excluded != EXCLUDED_NOT)
            continue;
        if (no_address)
            candidate->excluded = EXCLUDED_NO_ADDRESS;
        else if (!candidate->language)
            candidate->excluded = EXCLUDED_NO_LANGUAGE;
        else if (is_held_out(input->survey, persons, candidate))
            candidate->excluded = EXCLUDED_HOLDOUT;
    }
    return 0;
}

static int by_draw(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    if (a->draw != b->draw)
        return a->draw < b->draw ? -1 : 1;
    if (a->recipient != b->recipient)
        return a->recipient < b->recipient ? -1 : 1;
    return (a->person > b->person) - (a->person < b->person);
}

static bool fits_quotas(const struct survey *survey, const struct candidate *candidate, const int64_t *used)
{
    for (size_t q = 0; q < survey->quota_count; q++)
        if (candidate->quota_labels[q] && used[q] >= survey->quotas[q].maximum)
            return false;
    return true;
}

/* Limits that depend on who else is asked: in the order of the draw, so that they are fair and repeatable. */
static void exclude_in_turn(struct audience *audience, const struct survey *survey)
{
    int64_t *used = mem_zalloc(survey->quota_count, sizeof *used), asked = 0, last = 0;
    for (size_t i = 0; i < audience->count; i++) {
        struct candidate *candidate = &audience->candidates[i];
        bool held_out = candidate->excluded == EXCLUDED_HOLDOUT;
        if (candidate->excluded != EXCLUDED_NOT && !held_out)
            continue;
        if (candidate->recipient == last)
            candidate->excluded = EXCLUDED_WAVE_ASKED;
        else if (held_out)
            last = candidate->recipient;
        else if (!fits_quotas(survey, candidate, used))
            candidate->excluded = EXCLUDED_QUOTA;
        else if (survey->sample_size && asked == survey->sample_size)
            candidate->excluded = EXCLUDED_SAMPLE;
        if (candidate->excluded != EXCLUDED_NOT)
            continue;
        last = candidate->recipient;
        asked++;
        for (size_t q = 0; q < survey->quota_count; q++)
            used[q] += candidate->quota_labels[q] != NULL;
    }
    free(used);
}

/* One state of both databases for all questions, and one lock instead of one for each. */
static int begin_reading(const struct audience_input *input, struct err *err)
{
    int code = db_exec(input->cases, "BEGIN", err);
    return code ? code : db_exec(input->surveys, "BEGIN", err);
}

/* Whether somebody is reached by two addresses that stand beside each other here. */
static bool has_two(const struct reaches *reaches)
{
    for (size_t i = 1; i < reaches->count; i++)
        if (reaches->list[i].person == reaches->list[i - 1].person && reaches->list[i].recipient != reaches->list[i - 1].recipient)
            return true;
    return false;
}

/* Who is one person in the store of cases is one here: for caps, objections and the holdout. */
static int note_persons(const struct reaches *reaches, struct person_map *persons, struct err *err)
{
    const struct audience_input *input = reaches->input;
    if (input->survey->holdout_percent <= 0 && !has_two(reaches))
        return 0;
    int code = person_map_read(persons, input->surveys, err);
    for (size_t i = 1; i < reaches->count && !code; i++) {
        const struct reach *one = &reaches->list[i - 1], *other = &reaches->list[i];
        if (one->person == other->person && person_map_first(persons, one->recipient) != person_map_first(persons, other->recipient))
            code = person_map_unite(persons, input->surveys, one->recipient, other->recipient, err);
    }
    return code;
}

static int read_all(struct audience *audience, const struct audience_input *input, struct reaches *reaches, struct err *err)
{
    struct recipients touched = { 0 };
    struct person_map persons = { 0 };
    int code = begin_reading(input, err);
    if (!code)
        code = eligible_collect(audience, input, err);
    if (!code)
        code = collect_reaches(reaches, err);
    if (!code)
        code = note_persons(reaches, &persons, err);
    if (!code)
        code = read_recipients(input->surveys, "touched", &touched, err);
    if (!code) {
        join(audience, reaches);
        code = exclude_each(audience, input, &touched, &persons, err);
    }
    free(touched.list);
    person_map_release(&persons);
    db_rollback(input->cases);
    if (!code)
        code = db_commit(input->surveys, err);
    db_rollback(input->surveys);
    return code;
}

int audience_build(struct audience *audience, const struct audience_input *input, struct err *err)
{
    struct audience made = { 0 };
    arena_init(&made.arena, true);
    struct reaches reaches = { .input = input };
    int code = read_all(&made, input, &reaches, err);
    free(reaches.list);
    if (code) {
        audience_release(&made);
        return code;
    }
    if (made.count)
        qsort(made.candidates, made.count, sizeof *made.candidates, by_draw);
    exclude_in_turn(&made, input->survey);
    *audience = made;
    return 0;
}
