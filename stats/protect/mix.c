#include "stats/protect/mix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_LIFTING = 40,   /* of a knower of several things: witnesses that lift the member, the highest, are tried */
    MOST_PARTNERS = 100, /* with so many others each */
    MOST_FACTS = 200,    /* who knows more (all without an identifier are one) is left to linear programs */
};

/* What a knower knows of one unknown, as bounds of its change. */
struct fact {
    uint32_t unknown;
    double least, most;
};
struct knowledge {
    struct fact *facts;
    size_t count, capacity;
};

struct ranked {
    double gain;
    uint32_t witness;
};

/* One member, one direction, and one knower who doubts it. */
struct mixer {
    struct audit *audit;
    struct witness_index index;
    size_t witness_count;
    double *gain;          /* per witness: of the member, in the direction */
    double wanted;         /* gain of a mixture */
    struct ranked *rising; /* the witnesses with any gain, the highest first */
    size_t rising_count;
    uint32_t *stamp, now;  /* per witness */
    struct knowledge knowledge;
    bool several;          /* look at knowers of several things, too */
    struct audit_mixture found;
};

static void add_fact(void *context, uint32_t unknown, int64_t least, bool exact)
{
    struct knowledge *knowledge = context;
    MEM_GROW(knowledge->facts, knowledge->count, knowledge->capacity);
    knowledge->facts[knowledge->count++] = (struct fact) { unknown, (double)least, exact ? 0 : INFINITY };
}

/* How far a gain is above what is wanted, for each unit that the change is from its bound. A mixture of two witnesses on both sides of
 * the bound, just at it, has the wanted gain if their slopes add up to 0 or more. */
static double slope_of(const struct mixer *mixer, double gain, double distance)
{
    return (gain - mixer->wanted) / fabs(distance);
}

/* ---- knowers of one thing ---- */

/* The best on one side of the bound. */
struct side {
    double slope, distance;
    uint32_t witness;
};

static void consider(const struct mixer *mixer, struct ranked one, double distance, struct side sides[2])
{
    struct side *side = &sides[distance > 0];
    if (fabs(distance) > WITNESS_TOLERANCE) {
        double slope = slope_of(mixer, one.gain, distance);
        *side = slope > side->slope ? (struct side) { slope, distance, one.witness } : *side;
    } else if (one.gain >= mixer->wanted) {
        sides[0] = sides[1] = (struct side) { INFINITY, distance, one.witness };
    }
}

/* The highest witness without a stamp; the truth at least. */
static struct ranked highest_unstamped(const struct mixer *mixer)
{
    for (size_t i = 0; i < mixer->rising_count; i++)
        if (mixer->stamp[mixer->rising[i].witness] != mixer->now)
            return mixer->rising[i];
    return (struct ranked) { 0, PROTECT_NONE };
}

/* Whether the best of each side come to what is wanted; then the mixture that is just at the bound. */
static bool meet(struct mixer *mixer, const struct side sides[2])
{
    if (!(sides[0].slope + sides[1].slope >= 0))
        return false;
    bool is_one = sides[0].witness == sides[1].witness;
    mixer->found.witnesses[0] = sides[0].witness;
    mixer->found.witnesses[1] = sides[1].witness;
    mixer->found.share = is_one ? 1 : sides[1].distance / (sides[1].distance - sides[0].distance);
    return true;
}

/* Whether some mixture respects the fact: the best of each side are enough to know. */
static bool settles_one(struct mixer *mixer, const struct fact *fact)
{
    const struct witness_index *index = &mixer->index;
    struct side sides[2] = { { -INFINITY, 0, PROTECT_NONE }, { -INFINITY, 0, PROTECT_NONE } };
    mixer->now++;
    for (size_t at = index->first[fact->unknown]; at < index->first[fact->unknown + 1]; at++) {
        uint32_t w = index->witness[at];
        mixer->stamp[w] = mixer->now;
        consider(mixer, (struct ranked) { mixer->gain[w], w }, index->change[at] - fact->least, sides);
        if (meet(mixer, sides))
            return true;
    }
    consider(mixer, highest_unstamped(mixer), -fact->least, sides);
    return meet(mixer, sides);
}

/* ---- knowers of several things ---- */

static bool contradicts(const struct fact *fact, double change)
{
    return change < fact->least - WITNESS_TOLERANCE || change > fact->most + WITNESS_TOLERANCE;
}

static double change_of(const struct mixer *mixer, uint32_t witness, const struct fact *fact)
{
    return witness_change(&mixer->audit->witnesses, witness, fact->unknown);
}

/* Shrinks [share[0], share[1]] to the shares of the first witness for which the fact is respected. */
static void respect(const struct mixer *mixer, const struct fact *fact, const uint32_t pair[2], double share[2])
{
    double first = change_of(mixer, pair[0], fact), second = change_of(mixer, pair[1], fact), slope = first - second;
    if (fabs(slope) < WITNESS_TOLERANCE) {
        share[1] = contradicts(fact, second) ? -1 : share[1];
        return;
    }
    share[0] = fmax(share[0], ((slope > 0 ? fact->least : fact->most) - second) / slope);
    share[1] = fmin(share[1], ((slope > 0 ? fact->most : fact->least) - second) / slope);
}

/* Whether some mixture of the two respects all facts and has the wanted gain. */
static bool settles_all(struct mixer *mixer, const uint32_t pair[2])
{
    double share[2] = { 0, 1 };
    for (size_t i = 0; i < mixer->knowledge.count && share[0] <= share[1]; i++)
        respect(mixer, &mixer->knowledge.facts[i], pair, share);
    double best = share[mixer->gain[pair[0]] >= mixer->gain[pair[1]]];
    memcpy(mixer->found.witnesses, pair, sizeof mixer->found.witnesses);
    mixer->found.share = best;
    return share[0] <= share[1] && best * mixer->gain[pair[0]] + (1 - best) * mixer->gain[pair[1]] >= mixer->wanted;
}

/* The first fact that the witness contradicts, NULL if none. */
static const struct fact *find_contradicted(const struct mixer *mixer, uint32_t witness, double *change)
{
    for (size_t i = 0; i < mixer->knowledge.count; i++) {
        *change = change_of(mixer, witness, &mixer->knowledge.facts[i]);
        if (contradicts(&mixer->knowledge.facts[i], *change))
            return &mixer->knowledge.facts[i];
    }
    return NULL;
}

/* Mixes the witness with those that change what it contradicts less, or the other way. */
static bool try_partners(struct mixer *mixer, uint32_t witness)
{
    double change;
    const struct fact *fact = find_contradicted(mixer, witness, &change);
    const struct witness_index *index = &mixer->index;
    if (!fact)
        return false;
    double bound = change < fact->least ? fact->least : fact->most;
    double slope = slope_of(mixer, mixer->gain[witness], change - bound);
    for (size_t at = index->first[fact->unknown], tried = 0; at < index->first[fact->unknown + 1] && tried < MOST_PARTNERS; at++) {
        double distance = index->change[at] - bound;
        if (distance * (change - bound) >= 0 || slope + slope_of(mixer, mixer->gain[index->witness[at]], distance) < 0)
            continue;
        tried++;
        if (settles_all(mixer, (uint32_t[]) { witness, index->witness[at] }))
            return true;
    }
    return false;
}

static bool settles_several(struct mixer *mixer)
{
    for (size_t i = 0; i < mixer->rising_count && i < MOST_LIFTING && mixer->rising[i].gain >= mixer->wanted; i++)
        if (try_partners(mixer, mixer->rising[i].witness))
            return true;
    return false;
}

/* ---- one member ---- */

static int compare_ranked(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->gain < b->gain || a->gain > b->gain)
        return a->gain > b->gain ? -1 : 1;
    return a->witness < b->witness ? -1 : a->witness > b->witness;
}

/* The member's gain in every witness. */
static void measure(struct mixer *mixer, size_t member, double direction)
{
    const struct witness_index *index = &mixer->index;
    struct protect_view view = protect_member_view(mixer->audit->members, member);
    mixer->rising_count = 0;
    memset(mixer->gain, 0, mixer->witness_count * sizeof *mixer->gain);
    for (size_t i = 0; i < view.count; i++)
        for (size_t at = index->first[view.members[i]]; at < index->first[view.members[i] + 1]; at++)
            mixer->gain[index->witness[at]] += direction * index->change[at];
    for (uint32_t w = 0; w < mixer->witness_count; w++)
        if (mixer->gain[w] > 0)
            mixer->rising[mixer->rising_count++] = (struct ranked) { mixer->gain[w], w };
    if (mixer->rising_count)
        qsort(mixer->rising, mixer->rising_count, sizeof *mixer->rising, compare_ranked);
}

static bool is_settled(struct mixer *mixer, uint32_t knower)
{
    const struct protect_problem *problem = mixer->audit->problem;
    const size_t most = mixer->several ? MOST_FACTS : 1;
    if (knower < problem->person_count && problem->first_of_person[knower + 1] - problem->first_of_person[knower] > most)
        return false;
    mixer->knowledge.count = 0;
    doubts_knowledge(problem, knower, add_fact, &mixer->knowledge);
    return mixer->knowledge.count == 1 ? settles_one(mixer, mixer->knowledge.facts) : settles_several(mixer);
}

static void record(struct mixer *mixer, uint32_t member, uint32_t knower)
{
    struct audit *audit = mixer->audit;
    MEM_GROW(audit->mixtures, audit->mixture_count, audit->mixture_capacity);
    mixer->found.member = member;
    mixer->found.knower = knower;
    audit->mixtures[audit->mixture_count++] = mixer->found;
}

static void settle_member(struct mixer *mixer, uint32_t member, double direction, double wanted)
{
    struct doubts *doubts = &mixer->audit->doubts[member];
    size_t kept = 0;
    mixer->wanted = wanted - AUDIT_ROUNDING;
    measure(mixer, member, direction);
    for (size_t i = 0; i < doubts->count; i++)
        if (is_settled(mixer, doubts->knowers[i]))
            record(mixer, member, doubts->knowers[i]);
        else
            doubts->knowers[kept++] = doubts->knowers[i];
    doubts->count = kept;
}

void mix_settle(struct audit *audit, bool several)
{
    struct mixer mixer = { .audit = audit, .several = several, .witness_count = audit->witnesses.count };
    witness_index_init(&mixer.index, &audit->witnesses, audit->problem->unknown_count);
    mixer.gain = mem_zalloc(mixer.witness_count, sizeof *mixer.gain);
    mixer.stamp = mem_zalloc(mixer.witness_count, sizeof *mixer.stamp);
    mixer.rising = mem_zalloc(mixer.witness_count, sizeof *mixer.rising);
    for (uint32_t m = 0; m < audit->member_count; m++) {
        if (!audit_member_wide(audit, m) || !audit_member_open(audit, m))
            continue;
        settle_member(&mixer, m, 1, audit_lift(audit, m));
        if (audit_lifts(audit, m, -1))
            settle_member(&mixer, m, -1, 1);
    }
    witness_index_release(&mixer.index);
    free(mixer.gain);
    free(mixer.stamp);
    free(mixer.rising);
    free(mixer.knowledge.facts);
}
