#include "surveys/reach.h"

#include <stdlib.h>
#include <string.h>

#include "surveys/contact.h"

#define QUERIES "surveys/sql/audience.sql"

int recipients_read(struct db *surveys, const char *query, const struct survey *wave, struct recipients *recipients, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(surveys, QUERIES, query, &stmt, err);
    if (!code && wave) {
        stmt_bind_string(stmt, ":survey", wave->name);
        stmt_bind_integer(stmt, ":wave", wave->wave);
    }
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

bool recipients_hold(const struct recipients *recipients, int64_t recipient)
{
    return recipients->count && bsearch(&recipient, recipients->list, recipients->count, sizeof recipient, by_number);
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
        recipients_hold(&reaches->objectors, contact->recipient) ? consent_check : consent_check_alone;
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

int reaches_collect(struct reaches *reaches, struct err *err)
{
    static const char *const channels[] = { "email", "phone", "chat", "social" };
    const struct audience_input *input = reaches->input;
    int code = recipients_read(input->surveys, "objectors", NULL, &reaches->objectors, err);
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

/* Whether somebody is reached by two addresses that stand beside each other here. */
static bool has_two(const struct reaches *reaches)
{
    for (size_t i = 1; i < reaches->count; i++)
        if (reaches->list[i].person == reaches->list[i - 1].person && reaches->list[i].recipient != reaches->list[i - 1].recipient)
            return true;
    return false;
}

int reaches_note_persons(const struct reaches *reaches, struct person_map *persons, struct err *err)
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

void reaches_release(struct reaches *reaches)
{
    free(reaches->list);
    *reaches = (struct reaches) { 0 };
}
