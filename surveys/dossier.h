/* Everything that surveys.db holds on a person (GDPR Art. 15), as JSON. */
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

/* Adds "recipients" to the object: a list with channel, contacts, consents, bounces, plans, invitations, if there is any. */
int dossier_surveys(struct db *surveys, const struct keyring *keyring, const struct dossier_person *person, json_t *out, struct err *err);

#endif
