/* The register of persons who claimed a right (P4, P6): by which identifiers they are recognised, and what that means for a case.
 *
 * A claimant is a group of identifiers, kept as keyed hashes under the objection key. To it belong the identifier by which
 * something was claimed, all that belonged together with it at that time, and every one that is seen in one row with one of
 * them later. The rule of etl/identity.h holds here, too: one that was seen with more than `max_persons` different
 * identifiers of a kind is set aside, and what hung on the group by it alone leaves the group; else a shop's telephone would
 * bar strangers. What a claim bound goes on barring rows that carry it; it spreads to nothing else.
 *
 * What decides is when it was said, not when it arrived: of a group the latest instant of each claim counts, and groups that
 * turn out to be one person take the later of each. After an objection no case enters; once it is withdrawn, cases closed
 * after the day of the withdrawal may. Cases closed until the day of an erasure stay away. After the consent to recordings
 * was refused, what is bound to it is blank in every case; once it is allowed again, in those closed until that day. Of
 * opposite claims of one instant the stricter wins.
 *
 * The register is held in memory while it is open: the hashes of claimants only. Within a transaction of the caller; after a
 * rollback it is opened anew. */
#ifndef ETL_CLAIMANTS_H
#define ETL_CLAIMANTS_H

#include "core/calendar.h"
#include "etl/person.h"

enum claim {
    CLAIM_OBJECTION,
    CLAIM_OBJECTION_WITHDRAWN,
    CLAIM_ERASURE,
    CLAIM_RECORDING_REFUSED,
    CLAIM_RECORDING_ALLOWED,
    CLAIM_OPT_OUT, /* of surveys: that it is known whose it is; no case is touched */
    CLAIMS
};

struct claimants;

int claimants_open(struct claimants **claimants, const struct store *store, const struct zone *zone, struct err *err);
void claimants_free(struct claimants *claimants);

size_t claimants_count(const struct claimants *claimants); /* identifiers in the register; 0: nothing to ask for */

/* The group that the identifier belongs to, 0 if to none or set aside. */
int64_t claimants_group(const struct claimants *claimants, const unsigned char hash[PSEUDONYM_BYTES]);
/* The group whose claims concern what carries the identifier, be it set aside since the claim. */
int64_t claimants_group_named(const struct claimants *claimants, const unsigned char hash[PSEUDONYM_BYTES]);
/* Was it set aside, so that nobody can claim anything by it? */
bool claimants_is_set_aside(const struct claimants *claimants, const unsigned char hash[PSEUDONYM_BYTES]);
/* The last day of closing of the cases that may not be stored; INT32_MIN: all may, INT32_MAX: none. */
int32_t claimants_barred_until(const struct claimants *claimants, int64_t group);
/* The same for what is bound to the consent to recordings. */
int32_t claimants_blank_until(const struct claimants *claimants, int64_t group);
/* By what the group is recognised, but for what is set aside. */
int claimants_known_by(const struct claimants *claimants, int64_t group, struct person_hashes *hashes, struct err *err);
/* When the group made the claim last; false: never. */
bool claimants_claimed_at(const struct claimants *claimants, int64_t group, enum claim claim, int64_t *at);

struct claimant_member {
    unsigned char hash[PSEUDONYM_BYTES];
    int64_t kind;
};

/* What somebody said at an instant, and the identifiers by which that person is known. */
struct claimant_statement {
    const struct claimant_member *members;
    size_t count;
    enum claim claim;
    int64_t at;
};
/* Records it for the one group to which all of the members belong from now on. */
int claimants_state(struct claimants *claimants, const struct claimant_statement *statement, int64_t *group,
                    struct err *err);

/* Identifiers of one row, one of which is in the register: the others belong to the group, too. `limit`: max_persons.
 * *grown: the register has new members, so that other rows may be barred by now. */
int claimants_see_together(struct claimants *claimants, const struct claimant_member *members, size_t count,
                           int64_t limit, bool *grown, struct err *err);

/* Since it was asked last: do claims hold for an identifier that was in the register before and for which they did not hold
 * then? The store may have cases by it. */
bool claimants_widened(struct claimants *claimants);

#endif
