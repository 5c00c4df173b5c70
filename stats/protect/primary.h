/* Primary rules: which sets of unknowns must stay unknown. Each such set is a *member*; the elimination sees to it that
 * none is a linear combination of what is published, the audit that none can be estimated too well. */
#ifndef STATS_PROTECT_PRIMARY_H
#define STATS_PROTECT_PRIMARY_H

#include "stats/protect/options.h"
#include "stats/protect/problem.h"

#define PROTECT_NONE UINT32_MAX

struct protect_member {
    uint32_t cell;      /* PROTECT_NONE for a virtual cell */
    uint32_t family;    /* of a virtual cell: whose remainder it is */
    size_t first, count;/* slice of unknown[] */
    int64_t cases;
    uint64_t persons;
    int64_t heaviest;   /* most cases of one person */
    unsigned rules;
    bool is_amount, is_rest; /* its unknowns are */
    bool lost;          /* earlier publications alone expose it */
    bool narrow;        /* they do to some contributor; to all others it is as safe as any */
};

struct protect_members {
    struct protect_member *members;
    size_t count, capacity;
    uint32_t *unknown;
    size_t unknown_count, unknown_capacity;
};

struct protect_view protect_member_view(const struct protect_members *members, size_t member);

/* Finds out what a union of unknowns gives away. */
struct primary_judge {
    const struct protect_problem *problem;
    const struct protect_options *options;
    struct protect_persons persons;
    int64_t *cases_of;    /* per person, valid where stamped */
    uint32_t *met;        /* persons in the union */
    size_t met_count;
    bool any;             /* somebody is in the union, be it with nothing */
};
struct primary_verdict {
    unsigned rules;       /* 0: may be published */
    int64_t cases;
    uint64_t persons;
    int64_t heaviest;
    bool is_amount, is_rest;
};
void primary_judge_init(struct primary_judge *judge, const struct protect_problem *problem,
                        const struct protect_options *options);
void primary_judge_release(struct primary_judge *judge);
/* Frequency, dominance and p % on the cases of a union. */
struct primary_verdict primary_judge_union(struct primary_judge *judge, const uint32_t *unknowns, size_t count);

/* Adds a member as judged. */
void primary_add_member(struct protect_members *members, const struct primary_verdict *verdict, uint32_t cell,
                        uint32_t family, struct protect_view view);

/* Fills `rules` per cell (0 or primary rules) and the members: the primary cells, then the virtual ones. */
void primary_find(struct primary_judge *judge, unsigned *rules, struct protect_members *members);
void protect_members_release(struct protect_members *members);

#endif
