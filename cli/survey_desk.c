#include "cli/survey_desk.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicode/uloc.h>

#include "cli/survey_needs.h"
#include "core/mem.h"
#include "surveys/consent.h"
#include "surveys/contact.h"

#define NO_COUNTRY "ZZ"

static int open_store(struct survey_desk *desk, struct err *err)
{
    char *path = workspace_path(desk->workspace, "state/surveys.db");
    int code = db_open(&desk->surveys, path, "surveys", DB_CREATE, err);
    free(path);
    return code ? code : survey_needs_read(&desk->needs, desk->workspace, err);
}

static int begin(void *context, struct err *err)
{
    struct survey_desk *desk = context;
    int code = desk->surveys ? 0 : open_store(desk, err);
    return code ? code : db_begin(desk->surveys, err);
}

static int commit(void *context, struct err *err)
{
    struct survey_desk *desk = context;
    return db_commit(desk->surveys, err);
}

static void rollback(void *context)
{
    struct survey_desk *desk = context;
    if (desk->surveys)
        db_rollback(desk->surveys);
}

static struct consent_event event_of(const struct survey_desk *desk, const struct ingest_contact *from, int64_t recipient)
{
    return (struct consent_event){
        .recipient = recipient, .controller = from->controller, .purpose = from->opt_in->purpose,
        .kind = from->word == CASE_SAYS_NO_LONGER ? CONSENT_OPT_OUT : CONSENT_OPT_IN, .origin = CONSENT_FROM_CASE,
        .text_version = from->opt_in->text_version, .occurred_at = from->stated_at, .recorded_at = desk->now,
    };
}

/* Writes down what the flag says if it says anything new: a yes where nothing is known, a no unless that or a later one is known, for a
 * yes of before may arrive after it. What was declared by the person itself is never outdone by a flag. */
static int hear(const struct survey_desk *desk, const struct ingest_contact *from, int64_t recipient, struct consent_state *state,
                struct err *err)
{
    struct consent_event event = event_of(desk, from, recipient);
    bool is_new;
    int code = consent_check(desk->surveys, &event, false, desk->now, state, err);
    bool yes = from->word == CASE_SAYS_YES && state->verdict == CONSENT_NONE;
    int left = code || from->word != CASE_SAYS_NO_LONGER ? 1 : consent_left_since(desk->surveys, &event, event.occurred_at, err);
    if (code || left < 0 || (!yes && left))
        return code ? code : left < 0 ? left : 0;
    code = consent_record(desk->surveys, &event, &is_new, err);
    return code ? code : consent_check(desk->surveys, &event, false, desk->now, state, err);
}

/* ISO 3166 in capitals, two letters for three; NULL if nothing is said. What is no code is one that no country has, so that no country's
 * rule is taken for it. */
static const char *country_of(struct arena *arena, struct slice text)
{
    if (!text.length)
        return NULL;
    for (const char *const *code = uloc_getISOCountries(); text.length == 3 && *code; code++) {
        char locale[8];
        snprintf(locale, sizeof locale, "und_%s", *code);
        if (strncasecmp(uloc_getISO3Country(locale), text.text, 3) == 0)
            return *code;
    }
    if (text.length != 2 || !isalpha((unsigned char)text.text[0]) || !isalpha((unsigned char)text.text[1]))
        return NO_COUNTRY;
    char *country = arena_strndup(arena, text.text, 2);
    country[0] = (char)toupper((unsigned char)country[0]);
    country[1] = (char)toupper((unsigned char)country[1]);
    return country;
}

static struct contact_identifier *identifiers_of(struct arena *arena, const struct ingest_contact *from)
{
    struct contact_identifier *identifiers = arena_alloc(arena, (from->identifier_count + 1) * sizeof *identifiers);
    for (size_t i = 0; i < from->identifier_count; i++) {
        const struct ingest_identifier *is = &from->identifiers[i];
        identifiers[i] = (struct contact_identifier){ is->kind, arena_strndup(arena, is->value.text, is->value.length) };
    }
    return identifiers;
}

/* Whatever the flag says, the case says whose the identifiers are; so does one of which no contact is kept, for no survey can use
 * it now: an objection by any of them has to find the address later. */
static int join(const struct survey_desk *desk, const struct ingest_contact *from, int64_t recipient, struct err *err)
{
    struct arena arena;
    arena_init(&arena, true);
    const struct contact known = { .recipient = recipient, .identifiers = identifiers_of(&arena, from),
                                   .identifier_count = from->identifier_count };
    const struct recipient_hashes known_by = { (const unsigned char (*)[PSEUDONYM_BYTES])from->known_by->list, from->known_by->count };
    int code = recipient ? recipient_link(desk->surveys, desk->keyring, &known, err) : 0;
    if (!code && recipient)
        code = recipient_recognise(desk->surveys, desk->keyring, recipient, known_by, err);
    if (!code)
        code = recipient_join(desk->surveys, desk->keyring, known.identifiers, known.identifier_count, err);
    arena_release(&arena);
    return code;
}

static int keep(const struct survey_desk *desk, const struct ingest_contact *from, int64_t recipient, int32_t usable_until,
                struct err *err)
{
    struct arena arena;
    arena_init(&arena, true);
    const struct contact contact = {
        .recipient = recipient, .controller = from->controller, .channel = from->opt_in->channel,
        .address = arena_strndup(&arena, from->address.text, from->address.length),
        .identifiers = identifiers_of(&arena, from), .identifier_count = from->identifier_count,
        .language = from->language.length ? arena_strndup(&arena, from->language.text, from->language.length) : NULL,
        .country = country_of(&arena, from->country), .updated_at = from->stated_at, .usable_until = usable_until,
    };
    int code = contact_put(desk->surveys, desk->keyring, &contact, err);
    arena_release(&arena);
    return code;
}

static int find_recipient(const struct survey_desk *desk, const struct ingest_contact *from, int64_t *recipient, struct err *err)
{
    char *address = mem_strndup(from->address.text, from->address.length);
    int code = from->word != CASE_SAYS_NOTHING
                   ? recipient_get(desk->surveys, desk->keyring, from->opt_in->channel, address, recipient, err)
                   : recipient_find(desk->surveys, desk->keyring, from->opt_in->channel, address, recipient, err);
    explicit_bzero(address, from->address.length);
    free(address);
    return code;
}

static int take(void *context, const struct ingest_contact *from, struct err *err)
{
    const struct survey_desk *desk = context;
    struct consent_state state = { CONSENT_NONE, 0 };
    int64_t recipient = 0;
    int code = find_recipient(desk, from, &recipient, err);
    if (!code)
        code = join(desk, from, recipient, err);
    if (code || !recipient)
        return code;
    code = hear(desk, from, recipient, &state, err);
    if (code)
        return code;
    if (state.verdict == CONSENT_OPTED_OUT || state.verdict == CONSENT_OBJECTED)
        return contact_leave(desk->surveys, recipient, from->controller, err);
    int32_t until = needs_usable_until(&desk->needs, from->controller, from->opt_in->channel, from->opt_in->purpose, from->closed_day);
    bool is_usable = until != INT32_MIN && until >= zone_day(desk->workspace->zone, desk->now);
    bool may = state.verdict == CONSENT_GIVEN || state.verdict == CONSENT_UNCONFIRMED;
    return may && is_usable ? keep(desk, from, recipient, until, err) : 0;
}

void survey_desk_init(struct survey_desk *desk, const struct workspace *workspace, const struct keyring *keyring, int64_t now)
{
    *desk = (struct survey_desk){ .workspace = workspace, .keyring = keyring, .now = now };
    desk->desk = (struct ingest_desk){ desk, begin, take, commit, rollback };
}

void survey_desk_close(struct survey_desk *desk)
{
    db_close(desk->surveys);
    needs_release(&desk->needs);
    *desk = (struct survey_desk){ 0 };
}
