/* Who can be reached: contacts joined to the persons of their cases, by pseudonyms that are derived here, in memory, and forgotten. */
#ifndef SURVEYS_REACH_H
#define SURVEYS_REACH_H

#include "surveys/audience.h"
#include "surveys/consent.h"
#include "surveys/person.h"

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

/* Those that a query of audience.sql names, of the survey's wave if one is given; the list is to be freed. */
int recipients_read(struct db *surveys, const char *query, const struct survey *wave, struct recipients *recipients, struct err *err);
bool recipients_hold(const struct recipients *recipients, int64_t recipient);

struct reaches { /* by person; of one person the contact that may be used first, then the newest */
    const struct audience_input *input;
    struct recipients objectors;
    struct reach *list;
    size_t count, capacity;
};

int reaches_collect(struct reaches *reaches, struct err *err);
void reaches_release(struct reaches *reaches);

/* Who is one person in the store of cases is one here: for caps, objections and the holdout. */
int reaches_note_persons(const struct reaches *reaches, struct person_map *persons, struct err *err);

#endif
