/* An event under way, for surveys/subject*.c alone. */
#ifndef SURVEYS_SUBJECT_PART_H
#define SURVEYS_SUBJECT_PART_H

#include <jansson.h>

#include "surveys/consent.h"
#include "surveys/contact.h"
#include "surveys/subject.h"

#define SUBJECT_QUERIES "surveys/sql/subject.sql"

enum { EVIDENCE_BYTES = 32, MAX_IDENTIFIERS = 4 };

struct subject_notice {
    const struct subject_desk *desk;
    struct subject_effects *effects;
    json_t *json;
    const char *kind, *controller, *purpose, *channel, *address;
    int64_t occurred_at, recorded_at;
    struct contact_identifier identifiers[MAX_IDENTIFIERS];
    size_t identifier_count;
    unsigned char (*known_by)[PSEUDONYM_BYTES]; /* as in struct recipient_hashes */
    size_t known_count;
    unsigned char evidence[EVIDENCE_BYTES];
    bool has_evidence;
};

const char *subject_text(const json_t *json, const char *key, const char *fallback);
int subject_prepare(const struct subject_desk *desk, const char *query, int64_t recipient, struct stmt **stmt, struct err *err);

/* Writes it to the ledger for the recipient. */
int subject_record(const struct subject_notice *notice, int64_t recipient, const struct consent_event *what, struct err *err);
int subject_record_for_all(const struct subject_notice *notice, int64_t recipient, enum consent_kind kind, int64_t at, struct err *err);

/* 1: a consent is in force for the controller and any purpose (given or still to be confirmed). */
int subject_is_welcome(const struct subject_desk *desk, int64_t recipient, const char *controller, struct err *err);

/* After whatever was recorded: who no longer wants to be asked is out of contacts, plans and the spool. */
int subject_conclude(const struct subject_notice *notice, int64_t recipient, struct err *err);
/* Records what was claimed, and does it. */
int subject_claim(const struct subject_notice *notice, int64_t recipient, const struct subject_claims *claims, struct err *err);

#endif
