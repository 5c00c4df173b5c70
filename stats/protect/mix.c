#include "stats/protect/mix.h"

#include <math.h>
#include <stdlib.h>

enum {
    MOST_LIFTING = 40,  /* witnesses that lift the member: the highest are tried */
    MOST_PARTNERS = 400,/* witnesses that change what the knower knows */
};

/* Witnesses by unknown. */
struct index {
    size_t *first;
    uint32_t *witness;
    double *change;
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

/* What a knower knows of one unknown, as bounds of its change. */
struct fact {
    uint32_t unknown;
    double least, most;
};
struct knowledge {
    struct fact *facts;
    size_t count, capacity;
};

static void add_fact(void *context, uint32_t unknown, int64_t least, bool exact)
{
    struct knowledge *knowledge = context;
    MEM_GROW(knowledge->facts, knowledge->count, knowledge->capacity);
    knowledge->facts[knowledge->count++] = (struct fact) { unknown, (double)least, exact ? 0 : INFINITY };
}

struct ranked {
    double gain;
    uint32_t witness;
};

/* One member and one knower who doubts it. */
struct mixer {
    struct audit *audit;
    struct index index;
    double *gain;          /* per witness: of the member */
    struct ranked *lifting;
    size_t lifting_count;
    struct knowledge knowledge;
    uint32_t *partners;
    size_t partner_count;
    uint32_t member;
};

/* Shrinks [low, high] to the shares of the first witness for which the fact is respected. */
static void respect(const struct audit *audit, const struct fact *fact, const uint32_t witnesses[2], double *low, double *high)
{
    double first = witness_change(&audit->witnesses, witnesses[0], fact->unknown);
    double second = witness_change(&audit->witnesses, witnesses[1], fact->unknown);
    double slope = first - second;
    double bounds[2] = { fact->least - second, fact->most - second };
    if (fabs(slope) < WITNESS_TOLERANCE) {
        if (bounds[0] > WITNESS_TOLERANCE || bounds[1] < -WITNESS_TOLERANCE)
            *high = -1;
        return;
    }
    double from = fmin(bounds[0] / slope, bounds[1] / slope), to = fmax(bounds[0] / slope, bounds[1] / slope);
    *low = fmax(*low, from);
    *high = fmin(*high, to);
}

/* The share of the first witness at which the gain is greatest; negative if no mixture is possible to the knower. */
static double best_share(const struct mixer *mixer, const uint32_t witnesses[2])
{
    double low = 0, high = 1;
    for (size_t i = 0; i < mixer->knowledge.count && low <= high; i++)
        respect(mixer->audit, &mixer->knowledge.facts[i], witnesses, &low, &high);
    if (low > high)
        return -1;
    return mixer->gain[witnesses[0]] >= mixer->gain[witnesses[1]] ? high : low;
}

static bool try_pair(struct mixer *mixer, uint32_t knower, uint32_t first, uint32_t second)
{
    struct audit *audit = mixer->audit;
    struct mixture mixture = { mixer->member, knower, { first, second }, 0 };
    mixture.share = best_share(mixer, mixture.witnesses);
    if (mixture.share < 0)
        return false;
    double gain = mixture.share * mixer->gain[first] + (1 - mixture.share) * mixer->gain[second];
    if (!audit_lifts(audit, mixer->member, gain))
        return false;
    MEM_GROW(audit->mixtures, audit->mixture_count, audit->mixture_capacity);
    audit->mixtures[audit->mixture_count++] = mixture;
    return true;
}

static bool try_pairs(struct mixer *mixer, uint32_t knower)
{
    for (size_t i = 0; i < mixer->lifting_count && i < MOST_LIFTING; i++)
        for (size_t j = 0; j < mixer->partner_count; j++)
            if (try_pair(mixer, knower, mixer->lifting[i].witness, mixer->partners[j]))
                return true;
    return false;
}

static void list_partners(struct mixer *mixer)
{
    mixer->partner_count = 0;
    for (size_t i = 0; i < mixer->knowledge.count; i++) {
        uint32_t u = mixer->knowledge.facts[i].unknown;
        for (size_t at = mixer->index.first[u]; at < mixer->index.first[u + 1]; at++)
            if (mixer->partner_count < MOST_PARTNERS)
                mixer->partners[mixer->partner_count++] = mixer->index.witness[at];
    }
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
    for (size_t w = 0; w < audit->witnesses.count; w++)
        mixer->gain[w] = 0;
    for (size_t i = 0; i < view.count; i++)
        for (size_t at = mixer->index.first[view.members[i]]; at < mixer->index.first[view.members[i] + 1]; at++)
            mixer->gain[mixer->index.witness[at]] += mixer->index.change[at];
    for (uint32_t w = 0; w < audit->witnesses.count; w++)
        if (audit_lifts(audit, member, mixer->gain[w]))
            mixer->lifting[mixer->lifting_count++] = (struct ranked) { mixer->gain[w], w };
    qsort(mixer->lifting, mixer->lifting_count, sizeof *mixer->lifting, compare_ranked);
}

static void settle_member(struct mixer *mixer, uint32_t member)
{
    struct doubts *doubts = &mixer->audit->doubts[member];
    begin_member(mixer, member);
    for (size_t i = doubts->count; i-- > 0;) {
        uint32_t knower = doubts->knowers[i];
        mixer->knowledge.count = 0;
        doubts_knowledge(mixer->audit->problem, knower, add_fact, &mixer->knowledge);
        list_partners(mixer);
        if (try_pairs(mixer, knower))
            doubts_remove(doubts, knower);
    }
}

void mix_settle(struct audit *audit)
{
    struct mixer mixer = { .audit = audit };
    index_init(&mixer.index, audit);
    mixer.gain = mem_zalloc(audit->witnesses.count, sizeof *mixer.gain);
    mixer.lifting = mem_zalloc(audit->witnesses.count, sizeof *mixer.lifting);
    mixer.partners = mem_zalloc(MOST_PARTNERS, sizeof *mixer.partners);
    for (uint32_t m = 0; m < audit->member_count; m++)
        if (audit_member_wide(audit, m) && doubts_count(&audit->doubts[m]) && !audit->members->members[m].lost)
            settle_member(&mixer, m);
    index_release(&mixer.index);
    free(mixer.gain);
    free(mixer.lifting);
    free(mixer.partners);
    free(mixer.knowledge.facts);
}

void mix_recall(struct audit *audit)
{
    for (size_t i = 0; i < audit->mixture_count; i++) {
        struct doubts *doubts = &audit->doubts[audit->mixtures[i].member];
        if (doubts->started)
            doubts_remove(doubts, audit->mixtures[i].knower);
    }
}

static double mixed_change(const struct audit *audit, const struct mixture *mixture, uint32_t unknown)
{
    double first = witness_change(&audit->witnesses, mixture->witnesses[0], unknown);
    double second = witness_change(&audit->witnesses, mixture->witnesses[1], unknown);
    return mixture->share * first + (1 - mixture->share) * second;
}

bool mix_holds(const struct audit *audit, const struct mixture *mixture)
{
    struct knowledge knowledge = { 0 };
    bool possible = mixture->share >= 0 && mixture->share <= 1;
    double gain = 0;
    doubts_knowledge(audit->problem, mixture->knower, add_fact, &knowledge);
    for (size_t i = 0; i < knowledge.count; i++) {
        double change = mixed_change(audit, mixture, knowledge.facts[i].unknown);
        possible = possible && change >= knowledge.facts[i].least - WITNESS_TOLERANCE
            && change <= knowledge.facts[i].most + WITNESS_TOLERANCE;
    }
    struct protect_view view = protect_member_view(audit->members, mixture->member);
    for (size_t i = 0; i < view.count; i++)
        gain += mixed_change(audit, mixture, view.members[i]);
    free(knowledge.facts);
    return possible && audit_lifts(audit, mixture->member, gain);
}
