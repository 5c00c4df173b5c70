#include "stats/protect/mix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_LIFTING = 40,   /* witnesses that lift the member: the highest are tried */
    MOST_PARTNERS = 400, /* of each of them */
};
/* Greater denominators are not worth exact arithmetic. */
#define MOST_DENOMINATOR (WITNESS_INEXACT - 1)

/* Witnesses by unknown: changes by place, see struct witness_change. */
struct index {
    size_t *first;
    uint32_t *witness;
    double *change;
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

/* A share of the first of two witnesses, the rest is of the other: where a fact's bound is just met, or all. */
struct share {
    double share;
    const struct fact *fact; /* NULL: 0 or 1 */
    double bound;
};

/* One member and one knower who doubts it. */
struct mixer {
    struct audit *audit;
    const struct system *system;
    struct index index;    /* of the witnesses that were there at the start */
    size_t witness_count;
    double *gain;          /* per witness: of the member */
    struct ranked *lifting;
    size_t lifting_count;
    struct knowledge knowledge;
    uint32_t member;
};

static void index_init(struct index *index, const struct audit *audit)
{
    const struct witness_set *set = &audit->witnesses;
    size_t count = audit->problem->unknown_count;
    index->first = mem_zalloc(count + 2, sizeof *index->first);
    index->witness = mem_zalloc(set->change_count, sizeof *index->witness);
    index->change = mem_zalloc(set->change_count, sizeof *index->change);
    for (size_t i = 0; i < set->change_count; i++)
        index->first[set->changes[i].unknown + 2]++;
    for (size_t u = 2; u < count + 2; u++)
        index->first[u] += index->first[u - 1];
    for (uint32_t w = 0; w < set->count; w++)
        for (size_t i = set->witnesses[w].first; i < set->witnesses[w].first + set->witnesses[w].count; i++) {
            size_t at = index->first[set->changes[i].unknown + 1]++;
            index->witness[at] = w;
            index->change[at] = (double)set->changes[i].change / (double)set->witnesses[w].denominator;
        }
}

static void index_release(struct index *index)
{
    free(index->first);
    free(index->witness);
    free(index->change);
}

static void add_fact(void *context, uint32_t unknown, int64_t least, bool exact)
{
    struct knowledge *knowledge = context;
    MEM_GROW(knowledge->facts, knowledge->count, knowledge->capacity);
    knowledge->facts[knowledge->count++] = (struct fact) { unknown, (double)least, exact ? 0 : INFINITY };
}

/* ---- one pair ---- */

/* Shrinks [low, high] to the shares of the first witness for which the fact is respected. */
static void respect(const struct audit *audit, const struct fact *fact, const uint32_t pair[2], struct share *low, struct share *high)
{
    double first = witness_change(&audit->witnesses, pair[0], fact->unknown);
    double second = witness_change(&audit->witnesses, pair[1], fact->unknown);
    double slope = first - second;
    if (fabs(slope) < WITNESS_TOLERANCE) {
        if (second < fact->least - WITNESS_TOLERANCE || second > fact->most + WITNESS_TOLERANCE)
            high->share = -1;
        return;
    }
    double bounds[2] = { slope > 0 ? fact->least : fact->most, slope > 0 ? fact->most : fact->least };
    double from = (bounds[0] - second) / slope, to = (bounds[1] - second) / slope;
    if (from > low->share)
        *low = (struct share) { from, fact, bounds[0] };
    if (to < high->share)
        *high = (struct share) { to, fact, bounds[1] };
}

/* The share of the first witness at which the gain is greatest; negative if no mixture is possible to the knower. */
static struct share best_share(const struct mixer *mixer, const uint32_t pair[2])
{
    struct share low = { 0, NULL, 0 }, high = { 1, NULL, 0 };
    for (size_t i = 0; i < mixer->knowledge.count && low.share <= high.share; i++)
        respect(mixer->audit, &mixer->knowledge.facts[i], pair, &low, &high);
    if (low.share > high.share)
        return (struct share) { -1, NULL, 0 };
    return mixer->gain[pair[0]] >= mixer->gain[pair[1]] ? high : low;
}

/* Changes of the two, each times its factor, over the denominator. */
struct recipe {
    int64_t factors[2], denominator;
};

static int64_t scaled_change(const struct audit *audit, uint32_t witness, uint32_t unknown)
{
    double change = witness_change(&audit->witnesses, witness, unknown);
    return witness_scaled(change, audit->witnesses.witnesses[witness].denominator);
}

/* With a and b the changes over the denominators p and q, and the bound c: share × a / p + (1 − share) × b / q = c. */
static bool find_exact(const struct audit *audit, const uint32_t pair[2], struct share share, struct recipe *recipe)
{
    int64_t p = audit->witnesses.witnesses[pair[0]].denominator, q = audit->witnesses.witnesses[pair[1]].denominator;
    int64_t above = share.share > 0.5 ? 1 : 0, below = 1;
    if (p > MOST_DENOMINATOR || q > MOST_DENOMINATOR)
        return false;
    if (share.fact) {
        int64_t a = scaled_change(audit, pair[0], share.fact->unknown), b = scaled_change(audit, pair[1], share.fact->unknown);
        above = ((int64_t)share.bound * q - b) * p;
        below = a * q - b * p;
    }
    if (below < 0) {
        above = -above;
        below = -below;
    }
    if (below > MOST_DENOMINATOR || below * p > MOST_DENOMINATOR || below * p * q > MOST_DENOMINATOR)
        return false;
    *recipe = (struct recipe) { { above * q, (below - above) * p }, below * p * q };
    return true;
}

static int64_t mix_changes(const struct audit *audit, const struct recipe *recipe, struct share share, const uint32_t pair[2],
                           const int64_t changes[2])
{
    if (!witness_is_inexact(recipe->denominator))
        return recipe->factors[0] * changes[0] + recipe->factors[1] * changes[1];
    double first = (double)changes[0] / (double)audit->witnesses.witnesses[pair[0]].denominator;
    double second = (double)changes[1] / (double)audit->witnesses.witnesses[pair[1]].denominator;
    return witness_scaled(share.share * first + (1 - share.share) * second, recipe->denominator);
}

/* The place of the next change of both lists, each ascending by unknown; 0 change where one has none. */
static uint32_t next_changes(const struct witness_set *set, size_t at[2], const size_t end[2], int64_t changes[2])
{
    uint32_t unknown = PROTECT_NONE;
    for (int i = 0; i < 2; i++)
        if (at[i] < end[i] && set->changes[at[i]].unknown < unknown)
            unknown = set->changes[at[i]].unknown;
    for (int i = 0; i < 2; i++) {
        bool here = at[i] < end[i] && set->changes[at[i]].unknown == unknown;
        changes[i] = here ? set->changes[at[i]++].change : 0;
    }
    return unknown;
}

/* What all of its changes come to, whatever their sign. */
static double size_of(const struct witness_set *set, uint32_t witness)
{
    const struct witness *w = &set->witnesses[witness];
    double size = 0;
    for (size_t i = w->first; i < w->first + w->count; i++)
        size += fabs((double)set->changes[i].change);
    return size / (double)w->denominator;
}

static void add_mixture(struct mixer *mixer, const uint32_t pair[2], struct share share)
{
    struct audit *audit = mixer->audit;
    struct witness_set *set = &audit->witnesses;
    struct recipe recipe = { .denominator = witness_inexact_denominator(fmax(size_of(set, pair[0]), size_of(set, pair[1]))) };
    size_t at[2], end[2];
    int64_t changes[2];
    find_exact(audit, pair, share, &recipe);
    for (int i = 0; i < 2; i++) {
        at[i] = set->witnesses[pair[i]].first;
        end[i] = at[i] + set->witnesses[pair[i]].count;
    }
    witness_begin(set, recipe.denominator);
    while (at[0] < end[0] || at[1] < end[1]) {
        uint32_t unknown = next_changes(set, at, end, changes);
        int64_t change = mix_changes(audit, &recipe, share, pair, changes);
        if (change)
            witness_add_change(set, unknown, change);
    }
    witness_end(set);
    audit->mixture_count++;
    audit_recall(audit, mixer->system, set->count - 1);
}

/* ---- one member ---- */

static bool try_pair(struct mixer *mixer, const uint32_t pair[2])
{
    struct share share = best_share(mixer, pair);
    double gain = share.share * mixer->gain[pair[0]] + (1 - share.share) * mixer->gain[pair[1]];
    if (share.share < 0 || !audit_lifts(mixer->audit, mixer->member, gain))
        return false;
    add_mixture(mixer, pair, share);
    return true;
}

/* The first fact that the witness contradicts, NULL if none. */
static const struct fact *find_contradicted(const struct mixer *mixer, uint32_t witness, double *change)
{
    for (size_t i = 0; i < mixer->knowledge.count; i++) {
        const struct fact *fact = &mixer->knowledge.facts[i];
        *change = witness_change(&mixer->audit->witnesses, witness, fact->unknown);
        if (*change < fact->least - WITNESS_TOLERANCE || *change > fact->most + WITNESS_TOLERANCE)
            return fact;
    }
    return NULL;
}

/* Mixes the witness with those that change what it contradicts less, or the other way. */
static bool try_partners(struct mixer *mixer, uint32_t witness)
{
    double change;
    const struct fact *fact = find_contradicted(mixer, witness, &change);
    const struct index *index = &mixer->index;
    size_t tried = 0;
    if (!fact)
        return false;
    for (size_t at = index->first[fact->unknown]; at < index->first[fact->unknown + 1] && tried < MOST_PARTNERS; at++) {
        bool opposes = change < fact->least ? index->change[at] > fact->least : index->change[at] < fact->most;
        bool meets = index->change[at] == (change < fact->least ? fact->least : fact->most);
        if (!opposes && !meets)
            continue;
        tried++;
        if (try_pair(mixer, (uint32_t[]) { witness, index->witness[at] }))
            return true;
    }
    return false;
}

static int compare_ranked(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->gain < b->gain || a->gain > b->gain)
        return a->gain > b->gain ? -1 : 1;
    return a->witness < b->witness ? -1 : a->witness > b->witness;
}

/* The member's gain in every witness, and the witnesses that lift it, the highest first. */
static void begin_member(struct mixer *mixer, uint32_t member)
{
    const struct audit *audit = mixer->audit;
    struct protect_view view = protect_member_view(audit->members, member);
    mixer->member = member;
    mixer->lifting_count = 0;
    memset(mixer->gain, 0, mixer->witness_count * sizeof *mixer->gain);
    for (size_t i = 0; i < view.count; i++)
        for (size_t at = mixer->index.first[view.members[i]]; at < mixer->index.first[view.members[i] + 1]; at++)
            mixer->gain[mixer->index.witness[at]] += mixer->index.change[at];
    for (uint32_t w = 0; w < mixer->witness_count; w++)
        if (audit_lifts(audit, member, mixer->gain[w]))
            mixer->lifting[mixer->lifting_count++] = (struct ranked) { mixer->gain[w], w };
    if (mixer->lifting_count)
        qsort(mixer->lifting, mixer->lifting_count, sizeof *mixer->lifting, compare_ranked);
}

static void settle_knower(struct mixer *mixer, uint32_t knower)
{
    mixer->knowledge.count = 0;
    doubts_knowledge(mixer->audit->problem, knower, add_fact, &mixer->knowledge);
    for (size_t i = 0; i < mixer->lifting_count && i < MOST_LIFTING; i++)
        if (try_partners(mixer, mixer->lifting[i].witness))
            return;
}

/* A mixture settles the doubts of others, too. */
static void settle_member(struct mixer *mixer, uint32_t member)
{
    const struct doubts *doubts = &mixer->audit->doubts[member];
    size_t count = doubts->count;
    uint32_t *knowers = mem_alloc(count * sizeof *knowers);
    memcpy(knowers, doubts->knowers, count * sizeof *knowers);
    begin_member(mixer, member);
    for (size_t i = 0; i < count; i++)
        if (doubts_hold(doubts, knowers[i]))
            settle_knower(mixer, knowers[i]);
    free(knowers);
}

void mix_settle(struct audit *audit, const struct system *system)
{
    struct mixer mixer = { .audit = audit, .system = system, .witness_count = audit->witnesses.count };
    index_init(&mixer.index, audit);
    mixer.gain = mem_zalloc(mixer.witness_count, sizeof *mixer.gain);
    mixer.lifting = mem_zalloc(mixer.witness_count, sizeof *mixer.lifting);
    for (uint32_t m = 0; m < audit->member_count; m++)
        if (audit_member_wide(audit, m) && audit_member_open(audit, m))
            settle_member(&mixer, m);
    index_release(&mixer.index);
    free(mixer.gain);
    free(mixer.lifting);
    free(mixer.knowledge.facts);
}
