/* The register of objectors (P4): by which identifiers they are recognised, and what that means for a case.
 *
 * An objector is a group of identifiers, kept as keyed hashes under the objection key. To it belong the identifier by which
 * somebody objected, all that belonged together with it at that time, and every one that is seen in one row with one of them
 * later. The rule of etl/identity.h holds here, too: one that was seen with more than `max_persons` different identifiers of
 * a kind is set aside, and what hung on the group by it alone leaves the group; else a shop's telephone would bar strangers.
 *
 * What decides is when it was said, not when it arrived: of a group the latest objection and the latest withdrawal
 * count, and groups that turn out to be one person take the later of each. While the withdrawal is later, cases closed
 * after its day may enter; those closed until then stay away. At the same instant the objection wins.
 *
 * The register is held in memory while it is open: the hashes of objectors only. Within a transaction of the caller; after a
 * rollback it is opened anew. */
#ifndef ETL_OBJECTORS_H
#define ETL_OBJECTORS_H

#include "core/calendar.h"
#include "etl/person.h"

struct objectors;

int objectors_open(struct objectors **objectors, const struct store *store, const struct zone *zone, struct err *err);
void objectors_free(struct objectors *objectors);

size_t objectors_count(const struct objectors *objectors); /* identifiers in the register; 0: nothing to ask for */

/* The group that the identifier belongs to, 0 if to none. */
int64_t objectors_group(const struct objectors *objectors, const unsigned char hash[PSEUDONYM_BYTES]);
/* Was it set aside, so that nobody can object by it? */
bool objectors_is_set_aside(const struct objectors *objectors, const unsigned char hash[PSEUDONYM_BYTES]);
/* May no case of that day of closing be stored? */
bool objectors_bars(const struct objectors *objectors, int64_t group, int32_t closed_day);

struct objector_member {
    unsigned char hash[PSEUDONYM_BYTES];
    int64_t kind;
};

/* What somebody said at an instant, and the identifiers by which that person is known. */
struct objector_statement {
    const struct objector_member *members;
    size_t count;
    int64_t at;
    bool withdrawn;  /* the objection is withdrawn */
};
/* Records it for the one group to which all of the members belong from now on. */
int objectors_state(struct objectors *objectors, const struct objector_statement *statement, int64_t *group,
                    struct err *err);

/* Identifiers of one row, one of which is in the register: the others belong to the group, too. `limit`: max_persons.
 * *grown: the register has new members, so that other rows may be barred by now. */
int objectors_see_together(struct objectors *objectors, const struct objector_member *members, size_t count,
                           int64_t limit, bool *grown, struct err *err);

#endif
