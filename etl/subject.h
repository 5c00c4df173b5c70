/* Subject events: what persons declare (objection, erasure, opt-in …) and what is declared of them (a hold, a bounce), as rows of a
 * file or as requests, read from texts into struct subject_event.
 *
 *   event        its id; the same event may be delivered any number of times
 *   kind         one of the names below
 *   identifier   whose: an e-mail address, a telephone number, NAME=VALUE for an identifier of the configuration, or
 *                case:SOURCE=NUMBER for a hold on a single case
 *   occurred_at  when it was declared: that decides, not when it arrives
 *   controller   for which brand; empty or * for all
 *   channel, contact, language, country   how the person is reached, for opt-ins, opt-outs and bounces; an opt-out may name all
 *                channels (*), and no contact: then every address is meant that the person is known by
 *   purpose      of an opt-in or opt-out, empty: service_survey, * for all; the reason of a hold; the kind of a bounce
 *   source       where it was declared and which text was shown ("web-form-3")
 *   evidence     what proves it; only its hash is kept */
#ifndef ETL_SUBJECT_H
#define ETL_SUBJECT_H

#include "etl/map.h"
#include "etl/person.h"

enum subject_kind {
    SUBJECT_OBJECTION,
    SUBJECT_OBJECTION_WITHDRAWN,
    SUBJECT_ERASURE,
    SUBJECT_RECORDING_ALLOWED,
    SUBJECT_RECORDING_REFUSED,
    SUBJECT_HOLD,
    SUBJECT_HOLD_RELEASE,
    SUBJECT_OPT_IN,
    SUBJECT_OPT_OUT,
    SUBJECT_BOUNCE,
    SUBJECT_KINDS
};
const char *subject_kind_name(enum subject_kind kind); /* "objection_withdrawn" */

enum subject_column {
    SUBJECT_EVENT,
    SUBJECT_CONTROLLER,
    SUBJECT_KIND,
    SUBJECT_IDENTIFIER,
    SUBJECT_CONTACT,
    SUBJECT_LANGUAGE,
    SUBJECT_COUNTRY,
    SUBJECT_CHANNEL,
    SUBJECT_PURPOSE,
    SUBJECT_OCCURRED_AT,
    SUBJECT_SOURCE,
    SUBJECT_EVIDENCE,
    SUBJECT_COLUMNS
};
const char *subject_column_name(enum subject_column column);
bool subject_column_is_required(enum subject_column column); /* of a file's header */

struct subject_text {          /* of one column, normalised; kept for the next event */
    struct strbuf kind, value; /* of an identifier: "email", "id:customer" and what it says */
};

struct subject_event {
    enum subject_kind kind;
    struct slice cells[SUBJECT_COLUMNS]; /* trimmed, as given */
    struct subject_text identifier, contact;
    struct strbuf controller, purpose, channel, language, country, source;
    const struct source *case_source;    /* of a hold on a case, whose number is the identifier's value; else NULL */
    int64_t occurred_at;
};
void subject_event_release(struct subject_event *event); /* wipes; a zeroed one is fine */

struct subject_fault {
    enum subject_column column;
    enum map_code code;
    const char *rule; /* a sentence without content of the cell */
};

/* Reads the cells (empty ones for columns that are not there). `now` decides what is in the future: clocks may differ by a day. */
bool subject_read(const struct sources *sources, const struct slice cells[SUBJECT_COLUMNS], int64_t now,
                  struct subject_event *event, struct subject_fault *fault);

/* An identifier as people give it, for whoever asks for a person: replaces kind and value. False: it is none. */
bool subject_read_identifier(const struct sources *sources, struct slice text, const char *country, struct subject_text *out);

#endif
