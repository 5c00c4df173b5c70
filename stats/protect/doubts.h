/* The contributor's view. Somebody who is alone in an inner cell knows it, and any other knows that it holds at least
 * their own cases. A witness that contradicts this is none to them. A member is safe from contributors when for
 * each of them (but the one who is all of it) some witness that they cannot rule out lifts it to its goal.
 *
 * A *knower* is a person, or, where each case stands for a person, somebody of one inner cell. A member's *doubts* are the
 * knowers who can rule out every witness found so far that lifts it: the intersection of what those contradict, wherever in the
 * system they are: what somebody knows may reach the member through many equations. */
#ifndef STATS_PROTECT_DOUBTS_H
#define STATS_PROTECT_DOUBTS_H

#include "stats/protect/system.h"
#include "stats/protect/witness.h"

struct knowers {
    uint32_t *list; /* ascending */
    size_t count, capacity;
};

struct doubts {
    bool started;          /* a witness that lifts the member was met; until then everybody doubts */
    uint32_t sole;         /* who is all of the member, or PROTECT_NONE */
    uint32_t *knowers;     /* ascending */
    size_t count;
    uint32_t *let_go;      /* to whom the member stays too narrow, whatever is withheld */
    size_t let_go_count, let_go_capacity;
};
void doubts_release(struct doubts *doubts);

/* Nobody is looked at before a witness lifts the member, then those whom it contradicts. */
void doubts_init(struct doubts *doubts, const struct protect_problem *problem, const struct protect_members *members,
                 size_t member);

/* The knowers that can rule the witness out. */
void doubts_of_witness(const struct protect_problem *problem, const struct witness_set *set, size_t witness,
                       struct knowers *knowers);
/* Whether taking the witness into account would leave fewer doubts. */
bool doubts_would_shrink(const struct doubts *doubts, const struct knowers *contradicted);
/* Takes a witness that lifts the member into account. */
void doubts_meet(struct doubts *doubts, const struct knowers *contradicted);
/* The knower is asked no more, and let go. */
void doubts_forget(struct doubts *doubts, uint32_t knower);
/* How many knowers are left who rule out all that was met; 0 before any was. */
size_t doubts_count(const struct doubts *doubts);

/* Calls the visitor for each unknown of which the knower knows something: the least change from the truth that is possible to
 * them, and whether none is. */
typedef void doubts_visitor(void *context, uint32_t unknown, int64_t least, bool exact);
void doubts_knowledge(const struct protect_problem *problem, uint32_t knower, doubts_visitor *visitor, void *context);
/* The same for all who know something of one unknown. */
void doubts_facts(const struct protect_problem *problem, uint32_t unknown, doubts_visitor *visitor, void *context);

#endif
