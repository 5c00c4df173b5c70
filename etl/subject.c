#include "etl/subject.h"

#include <string.h>

#include "etl/case_table.h"

enum { ID_BYTES_MAX = 200, NAME_BYTES_MAX = 64, DAY_SECONDS = 86400, EARLIEST = 631152000 /* 1990-01-01T00:00:00Z */ };

#define DEFAULT_PURPOSE "service_survey"

/* What a kind of event needs. */
static const struct kind {
    const char *name;
    bool of_case;    /* may be of a case instead of a person */
    bool has_reason; /* its purpose is a reason, without which it means nothing */
    bool has_channel;
    bool is_strict;  /* with a day alone it was declared as late on it as can be, the others as early */
} kinds[SUBJECT_KINDS] = {
    [SUBJECT_OBJECTION] = { .name = "objection", .is_strict = true },
    [SUBJECT_OBJECTION_WITHDRAWN] = { .name = "objection_withdrawn" },
    [SUBJECT_ERASURE] = { .name = "erasure", .is_strict = true },
    [SUBJECT_RECORDING_ALLOWED] = { .name = "recording_consent" },
    [SUBJECT_RECORDING_REFUSED] = { .name = "recording_consent_withdrawn", .is_strict = true },
    [SUBJECT_HOLD] = { .name = "hold", .of_case = true, .has_reason = true, .is_strict = true },
    [SUBJECT_HOLD_RELEASE] = { .name = "hold_release", .of_case = true, .has_reason = true },
    [SUBJECT_OPT_IN] = { .name = "opt_in", .has_channel = true },
    [SUBJECT_OPT_OUT] = { .name = "opt_out", .has_channel = true, .is_strict = true },
    [SUBJECT_BOUNCE] = { .name = "bounce", .has_reason = true, .has_channel = true, .is_strict = true },
};

static const char *const columns[SUBJECT_COLUMNS] = { "event",    "controller", "kind",    "identifier",  "contact", "language",
                                                      "country",  "channel",    "purpose", "occurred_at", "source",  "evidence" };

const char *subject_kind_name(enum subject_kind kind)
{
    return kinds[kind].name;
}

const char *subject_column_name(enum subject_column column)
{
    return columns[column];
}

bool subject_column_is_required(enum subject_column column)
{
    return column == SUBJECT_EVENT || column == SUBJECT_KIND || column == SUBJECT_IDENTIFIER || column == SUBJECT_OCCURRED_AT;
}

static void each_text(struct subject_event *event, void (*change)(struct strbuf *text))
{
    struct strbuf *texts[] = { &event->identifier.kind, &event->identifier.value, &event->contact.kind, &event->contact.value,
                               &event->controller, &event->purpose, &event->channel, &event->language, &event->country,
                               &event->source };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        change(texts[i]);
}

void subject_event_release(struct subject_event *event)
{
    each_text(event, strbuf_wipe);
}

static bool refuse(struct subject_fault *fault, enum subject_column column, enum map_code code, const char *rule)
{
    *fault = (struct subject_fault){ column, code, rule };
    return false;
}

static void set(struct strbuf *out, struct slice text)
{
    strbuf_clear(out);
    strbuf_add(out, text.text, text.length);
}

static bool is_in(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, list[i]) == 0)
            return true;
    return false;
}

/* A short word of the ASCII alphabet, digits and -_.:/+ : what nobody's name or address is hidden in. */
static bool is_plain(struct slice text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+ ";
    if (text.length > NAME_BYTES_MAX)
        return false;
    for (size_t i = 0; i < text.length; i++)
        if (!text.text[i] || !strchr(allowed, text.text[i]))
            return false;
    return true;
}

/* ---- identifiers ---- */

static const struct source_identifier *find_identifier(const struct sources *sources, struct slice name)
{
    for (size_t s = 0; s < sources->count; s++)
        for (size_t i = 0; i < sources->list[s].identifier_count; i++)
            if (slice_equals(name, sources->list[s].identifiers[i].name))
                return &sources->list[s].identifiers[i];
    return NULL;
}

/* The name of one that a source had. */
static bool is_retired(const struct sources *sources, struct slice name)
{
    for (size_t s = 0; s < sources->count; s++)
        for (size_t i = 0; i < sources->list[s].retired_count; i++)
            if (slice_equals(name, sources->list[s].retired[i]))
                return !slice_equals(name, "email") && !slice_equals(name, "phone");
    return false;
}

static bool normalise(enum identifier_kind kind, const char *country, struct slice text, struct strbuf *out)
{
    return identifier_normalise(kind, country, text, out, NULL) == 0;
}

static bool read_named(const struct sources *sources, struct slice text, const char *equals, const char *country,
                       struct subject_text *out)
{
    const struct slice name = text_trim((struct slice){ text.text, (size_t)(equals - text.text) });
    const struct slice value = text_trim((struct slice){ equals + 1, (size_t)(text.text + text.length - equals) - 1 });
    const struct source_identifier *identifier = find_identifier(sources, name);
    strbuf_clear(&out->kind);
    if (!identifier) {
        strbuf_addf(&out->kind, "id:%.*s", (int)name.length, name.text);
        return normalise(IDENTIFIER_ID, NULL, value, &out->value);
    }
    case_table_kind_name(identifier, &out->kind);
    return normalise(identifier->kind, identifier->country ? identifier->country : country, value, &out->value);
}

static bool read_visible(const struct sources *sources, struct slice text, const char *country, struct subject_text *out)
{
    const char *equals = memchr(text.text, '=', text.length);
    bool is_email = identifier_has_at(text);
    if (!country)
        country = sources->country;
    const struct slice name = text_trim((struct slice){ text.text, equals ? (size_t)(equals - text.text) : 0 });
    if (equals && (find_identifier(sources, name) || is_retired(sources, name)))
        return read_named(sources, text, equals, country, out);
    strbuf_clear(&out->kind);
    strbuf_adds(&out->kind, is_email ? "email" : "phone");
    return normalise(is_email ? IDENTIFIER_EMAIL : IDENTIFIER_PHONE, country, text, &out->value);
}

bool subject_read_identifier(const struct sources *sources, struct slice text, const char *country, struct subject_text *out)
{
    struct strbuf visible = { 0 };
    bool is_read = text_visible(text, true, &visible, NULL) == 0 &&
                   read_visible(sources, (struct slice){ strbuf_text(&visible), visible.length }, country, out);
    strbuf_wipe(&visible);
    return is_read;
}

/* "case:SOURCE=NUMBER" */
static bool read_case(const struct sources *sources, struct slice text, struct subject_event *event)
{
    static const char prefix[] = "case:";
    const size_t length = sizeof prefix - 1;
    const char *equals = memchr(text.text, '=', text.length);
    if (!equals || text.length < length || memcmp(text.text, prefix, length) != 0)
        return false;
    const struct slice name = { text.text + length, (size_t)(equals - text.text) - length };
    const struct slice number = text_trim((struct slice){ equals + 1, (size_t)(text.text + text.length - equals) - 1 });
    for (size_t s = 0; s < sources->count; s++)
        if (slice_equals(name, sources->list[s].name))
            event->case_source = &sources->list[s];
    return event->case_source && normalise(IDENTIFIER_ID, NULL, number, &event->identifier.value);
}

static bool read_identifier(const struct sources *sources, struct subject_event *event, struct subject_fault *fault)
{
    const struct slice cell = event->cells[SUBJECT_IDENTIFIER];
    const char *country = event->country.length ? strbuf_text(&event->country) : NULL;
    if (!cell.length)
        return refuse(fault, SUBJECT_IDENTIFIER, MAP_NO_VALUE, "an event needs an identifier");
    if (kinds[event->kind].of_case && read_case(sources, cell, event))
        return true;
    return subject_read_identifier(sources, cell, country, &event->identifier) ||
           refuse(fault, SUBJECT_IDENTIFIER, MAP_BAD_IDENTIFIER, "an e-mail address, a telephone number, or NAME=VALUE of the configuration");
}

/* ---- how somebody is reached ---- */

/* The address: `contact`, or the identifier if it is one of the channel. An opt-out without either is of all that are known. */
static bool read_contact(struct subject_event *event, struct subject_fault *fault, const char *country)
{
    const char *channel = strbuf_text(&event->channel);
    const bool is_email = strcmp(channel, "email") == 0, is_phone = strcmp(channel, "phone") == 0;
    const struct slice cell = event->cells[SUBJECT_CONTACT];
    if (!cell.length) {
        if (strcmp(strbuf_text(&event->identifier.kind), channel) != 0)
            return event->kind == SUBJECT_OPT_OUT || refuse(fault, SUBJECT_CONTACT, MAP_NO_VALUE, "the address on the channel is missing");
        strbuf_adds(&event->contact.kind, channel);
        strbuf_adds(&event->contact.value, strbuf_text(&event->identifier.value));
        return true;
    }
    strbuf_adds(&event->contact.kind, is_email || is_phone ? channel : "");
    return normalise(is_email ? IDENTIFIER_EMAIL : is_phone ? IDENTIFIER_PHONE : IDENTIFIER_ID, country, cell, &event->contact.value) ||
           refuse(fault, SUBJECT_CONTACT, MAP_BAD_IDENTIFIER, "an address on the channel");
}

static bool read_channel(const struct sources *sources, struct subject_event *event, struct subject_fault *fault)
{
    static const char *const channels[] = { "email", "phone", "chat", "social" };
    const char *country = event->country.length ? strbuf_text(&event->country) : sources->country;
    set(&event->channel, event->cells[SUBJECT_CHANNEL]);
    if (!kinds[event->kind].has_channel || (event->kind == SUBJECT_OPT_OUT && slice_equals(event->cells[SUBJECT_CHANNEL], "*")))
        return true;
    if (!is_in(strbuf_text(&event->channel), channels, sizeof channels / sizeof *channels))
        return refuse(fault, SUBJECT_CHANNEL, MAP_UNKNOWN_VALUE, "one of email, phone, chat, social");
    return read_contact(event, fault, country);
}

static bool read_country(struct subject_event *event, struct subject_fault *fault)
{
    const struct slice cell = event->cells[SUBJECT_COUNTRY];
    set(&event->country, cell);
    for (size_t i = 0; i < cell.length; i++)
        if (cell.text[i] < 'A' || cell.text[i] > 'Z')
            return refuse(fault, SUBJECT_COUNTRY, MAP_UNKNOWN_VALUE, "an ISO 3166 code such as DE");
    return cell.length == 0 || cell.length == 2 || refuse(fault, SUBJECT_COUNTRY, MAP_UNKNOWN_VALUE, "an ISO 3166 code such as DE");
}

/* ---- what was declared ---- */

static bool read_controller(const struct sources *sources, struct subject_event *event, struct subject_fault *fault)
{
    const struct slice cell = event->cells[SUBJECT_CONTROLLER];
    set(&event->controller, cell.length ? cell : (struct slice){ "*", 1 });
    bool is_all = slice_equals(cell, "*") || !cell.length;
    if (is_all && event->kind == SUBJECT_OPT_IN && sources->controller_count)
        return refuse(fault, SUBJECT_CONTROLLER, MAP_UNKNOWN_CONTROLLER, "an opt-in names one of 'controllers'");
    if (is_all || is_in(strbuf_text(&event->controller), sources->controllers, sources->controller_count))
        return true;
    return refuse(fault, SUBJECT_CONTROLLER, MAP_UNKNOWN_CONTROLLER, "one of 'controllers', or * for all");
}

static bool read_purpose(struct subject_event *event, struct subject_fault *fault)
{
    static const char *const bounces[] = { "hard", "soft", "full", "complaint" };
    const struct slice cell = event->cells[SUBJECT_PURPOSE];
    set(&event->purpose, cell.length ? cell : (struct slice){ DEFAULT_PURPOSE, sizeof DEFAULT_PURPOSE - 1 });
    if (kinds[event->kind].has_reason && !cell.length)
        return refuse(fault, SUBJECT_PURPOSE, MAP_NO_VALUE, "the reason of a hold, the kind of a bounce");
    if (event->kind == SUBJECT_BOUNCE && !is_in(strbuf_text(&event->purpose), bounces, sizeof bounces / sizeof *bounces))
        return refuse(fault, SUBJECT_PURPOSE, MAP_UNKNOWN_VALUE, "one of hard, soft, full, complaint");
    if (slice_equals(cell, "*") && event->kind == SUBJECT_OPT_OUT)
        return true;
    return is_plain(cell) || refuse(fault, SUBJECT_PURPOSE, MAP_UNKNOWN_VALUE, "a few plain words that name no person");
}

/* All that is known of the instant is its day: the stricter of two declarations of that day is to win. */
static int64_t end_of_day(const struct sources *sources, const struct date_read *read, int64_t now)
{
    const int64_t end = zone_instant(sources->zone, read->day + 1, 0) - 1;
    return end <= now ? end : now > read->instant ? now : read->instant;
}

static bool read_time(const struct sources *sources, int64_t now, struct subject_event *event, struct subject_fault *fault)
{
    const struct slice cell = event->cells[SUBJECT_OCCURRED_AT];
    struct date_format *iso;
    struct date_read read;
    if (!cell.length)
        return refuse(fault, SUBJECT_OCCURRED_AT, MAP_NO_VALUE, "an event needs the time at which it was declared");
    BUG_ON(date_format_compile(&iso, "iso", NULL) != 0);
    bool is_date = date_read(&iso, 1, sources->zone, cell.text, cell.length, &read);
    date_format_free(iso);
    if (!is_date)
        return refuse(fault, SUBJECT_OCCURRED_AT, MAP_BAD_DATE, "an ISO 8601 date, or date and time");
    event->occurred_at = kinds[event->kind].is_strict && !read.has_time ? end_of_day(sources, &read, now) : read.instant;
    if (event->occurred_at < EARLIEST)
        return refuse(fault, SUBJECT_OCCURRED_AT, MAP_OUT_OF_RANGE, "not before 1990; the year may be mistyped");
    return event->occurred_at <= now + DAY_SECONDS || refuse(fault, SUBJECT_OCCURRED_AT, MAP_IN_FUTURE, "not later than now");
}

static bool read_kind(struct subject_event *event, struct subject_fault *fault)
{
    const struct slice id = event->cells[SUBJECT_EVENT], cell = event->cells[SUBJECT_KIND];
    if (!id.length)
        return refuse(fault, SUBJECT_EVENT, MAP_NO_VALUE, "an event needs an id of its own");
    if (id.length > ID_BYTES_MAX)
        return refuse(fault, SUBJECT_EVENT, MAP_UNKNOWN_VALUE, "an id of at most 200 bytes");
    for (int i = 0; i < SUBJECT_KINDS; i++)
        if (slice_equals(cell, kinds[i].name)) {
            event->kind = (enum subject_kind)i;
            return true;
        }
    return refuse(fault, SUBJECT_KIND, cell.length ? MAP_UNKNOWN_VALUE : MAP_NO_VALUE,
                  "objection, objection_withdrawn, erasure, recording_consent, recording_consent_withdrawn, hold, hold_release, opt_in, "
                  "opt_out or bounce");
}

static bool read_rest(struct subject_event *event, struct subject_fault *fault)
{
    set(&event->language, event->cells[SUBJECT_LANGUAGE]);
    set(&event->source, event->cells[SUBJECT_SOURCE]);
    if (!is_plain(event->cells[SUBJECT_LANGUAGE]))
        return refuse(fault, SUBJECT_LANGUAGE, MAP_UNKNOWN_VALUE, "a BCP 47 tag such as de");
    return is_plain(event->cells[SUBJECT_SOURCE]) || refuse(fault, SUBJECT_SOURCE, MAP_UNKNOWN_VALUE, "a few plain words that name no person");
}

bool subject_read(const struct sources *sources, const struct slice cells[SUBJECT_COLUMNS], int64_t now,
                  struct subject_event *event, struct subject_fault *fault)
{
    each_text(event, strbuf_clear); /* of the row before, which is somebody else's */
    event->case_source = NULL;
    for (int i = 0; i < SUBJECT_COLUMNS; i++)
        event->cells[i] = text_trim(cells[i]);
    return read_kind(event, fault) && read_country(event, fault) && read_identifier(sources, event, fault) &&
           read_channel(sources, event, fault) && read_controller(sources, event, fault) && read_purpose(event, fault) &&
           read_time(sources, now, event, fault) && read_rest(event, fault);
}
