/* Everything that surveys.db and intake.db hold on a person (GDPR Art. 15), as JSON. */
#ifndef SURVEYS_DOSSIER_H
#define SURVEYS_DOSSIER_H

#include <jansson.h>
#include <stdbool.h>

#include "surveys/contact.h"

struct dossier_person {
    struct contact_identifier identifier;  /* by which somebody asks */
    /* Is it one of the same person by what the store of cases knows? */
    bool (*is_known)(void *context, const struct contact_identifier *identifier);
    void *context;
};

struct dossier_stores {
    struct db *surveys, *intake;           /* intake: NULL if there is none */
    const struct keyring *keyring;
    bool contacts_lost;                    /* a key of contacts is lost or another: those that cannot be opened are told as such */
};

/* Adds "recipients" to the object, if there is any: a list of what the schema (core/sql) says under "Access". */
int dossier_surveys(const struct dossier_stores *stores, const struct dossier_person *person, json_t *out, struct err *err);

#endif
