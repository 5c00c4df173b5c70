/* Who the rows of a batch belong to.
 *
 * Rule. Identifiers that were ever seen in one row are linked. A person is a set of identifiers that hang together by
 * links, and the cases that carry one of them. An identifier that was seen with more than `max_persons` different
 * identifiers of one kind (forty customer numbers with one telephone) would join that many persons: it is set aside. Set
 * aside, it links nobody any more, and what it had joined comes apart again. A case whose identifiers are all set
 * aside or denied belongs to nobody known. A newer version of a case that carries none but such, or none at all, leaves it to whom the
 * version before it gave it (etl/load.c); one that came before its identifier was set aside has given it to that one's.
 *
 * So the persons are a function of the set of rows that were read, not of their order: links are only ever added, the
 * count of partners only grows, and persons are what is left of the links without the identifiers set aside.
 * Tested by permutation. Which version of a case a row is does not matter: old versions link, too. Numbers of persons do
 * depend on the order, but the same rows in the same order give the same numbers. Of merged persons the smallest
 * number stays; of a person that comes apart, the part with the oldest identifier keeps the number.
 *
 * An identifier is found under every live epoch of the analytics key and re-keyed to the newest when it is seen. */
#ifndef ETL_IDENTITY_H
#define ETL_IDENTITY_H

#include "etl/batch.h"

struct identity;

struct identity_set_aside { /* for the operator: where it was seen, not what it is */
    size_t identifier;      /* of the source */
    uint32_t line;
};

struct identity_counts {
    uint64_t persons;       /* new ones */
    uint64_t merged;        /* persons that became part of another */
    uint64_t split;         /* persons that came apart */
    uint64_t rekeyed;       /* identifiers that went to the newest epoch */
    uint64_t set_aside;
};

/* What identity_resolve() found out about a batch; all arrays live until the next call. The first two are the caller's to mend. */
struct identity_rows {
    int64_t *person;          /* per row that is to be stored: its person, 0: nobody known */
    int64_t *numbers;         /* row after row, one for each identifier of the source: identifier.identifier or 0 */
    const int64_t *moved;     /* ascending: persons whose cases got other ids meanwhile */
    size_t moved_count;
};

int identity_open(struct identity **identity, const struct store *store, const struct case_tables *tables,
                  const struct case_table *table, struct store_counters *counters, struct err *err);
void identity_free(struct identity *identity);

/* Sets aside what the configuration denies by now but what identified somebody before. Within the transaction of the file,
 * before the first batch. */
int identity_deny(struct identity *identity, struct err *err);

/* Stores what the rows say about persons. Rows with skip[row] are passed over. Moves the cases of persons that merge or
 * come apart, in all sources. Within the transaction of the file. */
int identity_resolve(struct identity *identity, const struct batch *batch, const bool *skip,
                     struct identity_rows *rows, struct err *err);

const struct identity_counts *identity_counts(const struct identity *identity);
/* The first of those set aside, at most IDENTITY_SHOWN; the count of all is in identity_counts(). */
enum { IDENTITY_SHOWN = 20 };
size_t identity_shown(const struct identity *identity, const struct identity_set_aside **list);

#endif
