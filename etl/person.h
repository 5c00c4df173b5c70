/* Looking a person up: by any identifier, under every live key. */
#ifndef ETL_PERSON_H
#define ETL_PERSON_H

#include "etl/case_table.h"

struct person_key {                       /* an identifier as people give it, normalised */
    const char *kind;                     /* "email", "phone", "id:<name>" */
    struct slice text;
};

struct person_found {
    int64_t person;                       /* 0: nobody */
    int64_t kind;                         /* identifier_kind.kind */
    bool set_aside;                       /* the identifier is shared by too many: it identifies nobody */
    unsigned char hash[PSEUDONYM_BYTES];  /* under the objection key */
};

/* Fills `found` also for somebody who is not known. A kind that was never seen is given a number. */
int person_find(const struct store *store, const struct person_key *key, struct person_found *found, struct err *err);

/* Identifiers as hashes under the objection key. */
struct person_hashes {
    unsigned char (*list)[PSEUDONYM_BYTES];
    size_t count, capacity;
};
void person_hashes_add(struct person_hashes *hashes, const unsigned char hash[PSEUDONYM_BYTES]); /* unless it is there */
void person_hashes_release(struct person_hashes *hashes);

struct person_identifier {
    int64_t number, kind;
    uint32_t epoch;
    unsigned char pseudonym[PSEUDONYM_BYTES];
    unsigned char hash[PSEUDONYM_BYTES];  /* under the objection key */
};

struct person_identifiers {
    struct person_identifier *list;       /* by number */
    size_t count, capacity;
};

/* All identifiers of a person. ERR_PERMISSION if the key of one's epoch is gone. */
int person_identifiers_read(const struct store *store, int64_t person, struct person_identifiers *identifiers,
                            struct err *err);
void person_identifiers_release(struct person_identifiers *identifiers);

struct person_case {
    const struct case_table *table;
    int64_t id;
    int32_t closed_day;
    bool held;
    unsigned char key[PSEUDONYM_BYTES];
};

struct person_cases {
    struct person_case *list;             /* by table and id */
    size_t count, capacity;
};

int person_cases_read(const struct store *store, const struct case_tables *tables, int64_t person,
                      struct person_cases *cases, struct err *err);
void person_cases_release(struct person_cases *cases);

#endif
