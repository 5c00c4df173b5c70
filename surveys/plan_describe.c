#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/strbuf.h"
#include "surveys/plan.h"

/* A segment's split is shown from 5k people on: below, rounding alone would not hide who is in it. */
enum { SEGMENT_FACTOR = 5 };

struct segment {
    const char *const *labels;
    uint64_t asked;
};

void plan_format_size(uint64_t size, int64_t k, char out[32])
{
    uint64_t step = (uint64_t)k;
    if (size < step)
        snprintf(out, 32, "<%lld", (long long)k);
    else
        snprintf(out, 32, "%llu", (unsigned long long)(size / step * step));
}

static void count_exclusions(const struct audience *audience, uint64_t counts[EXCLUSIONS + 1])
{
    memset(counts, 0, (EXCLUSIONS + 1) * sizeof *counts);
    for (size_t i = 0; i < audience->count; i++)
        counts[audience->candidates[i].excluded]++;
}

static bool same_labels(const struct survey *survey, const char *const *a, const char *const *b)
{
    for (size_t i = 0; i < survey->segment_count; i++)
        if (strcmp(a[i], b[i]) != 0)
            return false;
    return true;
}

static size_t count_segments(const struct survey *survey, const struct audience *audience, struct segment *segments)
{
    size_t count = 0;
    for (size_t i = 0; i < audience->count; i++) {
        const struct candidate *candidate = &audience->candidates[i];
        size_t at = 0;
        if (candidate->excluded != EXCLUDED_NOT)
            continue;
        while (at < count && !same_labels(survey, segments[at].labels, candidate->segments))
            at++;
        if (at == count)
            segments[count++] = (struct segment) { candidate->segments, 0 };
        segments[at].asked++;
    }
    return count;
}

static void describe_segments(const struct survey *survey, const struct audience *audience, int64_t k, struct strbuf *out)
{
    struct segment *segments = mem_zalloc(audience->count, sizeof *segments);
    size_t count = survey->segment_count ? count_segments(survey, audience, segments) : 0;
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < count; i++)
        least = segments[i].asked < least ? segments[i].asked : least;
    /* All segments or none: one that is left out would follow from the total. */
    bool shown = count && least >= (uint64_t)(SEGMENT_FACTOR * k);
    for (size_t i = 0; i < count && shown; i++) {
        char size[32];
        plan_format_size(segments[i].asked, k, size);
        strbuf_adds(out, "segment:");
        for (size_t s = 0; s < survey->segment_count; s++)
            strbuf_addf(out, "%s%s", s ? ", " : " ", segments[i].labels[s]);
        strbuf_addf(out, ": %s\n", size);
    }
    if (count && !shown)
        strbuf_addf(out, "segments: not shown, a part has fewer than %lld people\n", (long long)(SEGMENT_FACTOR * k));
    free(segments);
}

/* It depends on nothing but the size as it is shown. */
static void describe_anonymity(const struct survey *survey, uint64_t asked, int64_t k, struct strbuf *out)
{
    if (survey->anonymity == SURVEY_ANONYMOUS && asked < (uint64_t)k)
        strbuf_addf(out, "warning: of an anonymous survey fewer than %lld answers are never used; if nobody else is asked in this wave, all of them are deleted\n",
                    (long long)k);
}

static void describe_cost(const struct survey *survey, uint64_t asked, int64_t k, struct strbuf *out)
{
    uint64_t rounded = asked / (uint64_t)k * (uint64_t)k;
    if (survey->cost_currency && rounded)
        strbuf_addf(out, "cost: about %.2f %s\n", (double)rounded * survey->cost_per_invitation, survey->cost_currency);
}

/* Marketing chooses the size of the sample. Rounded by themselves, those who were not drawn would give the size of the whole away:
 * it jumps at the very sample that leaves a multiple of k. */
static uint64_t sampled_out(const uint64_t counts[EXCLUSIONS + 1], int64_t k)
{
    uint64_t step = (uint64_t)k, asked = counts[EXCLUDED_NOT], all = asked + counts[EXCLUDED_SAMPLE];
    return (all / step - asked / step) * step;
}

void plan_describe(const struct survey *survey, const struct audience *audience, const struct plan *plan, int64_t k,
                   struct strbuf *out)
{
    uint64_t counts[EXCLUSIONS + 1];
    char digits[2 * PLAN_HASH_BYTES + 1], size[32];
    count_exclusions(audience, counts);
    counts[EXCLUDED_SAMPLE] = sampled_out(counts, k);
    sodium_bin2hex(digits, sizeof digits, plan->hash, sizeof plan->hash);
    strbuf_addf(out, "survey: %s, wave %lld\nplan: %s\n", survey->name, (long long)survey->wave, digits);
    plan_format_size(counts[EXCLUDED_NOT], k, size);
    strbuf_addf(out, "to be asked: %s\n", size);
    describe_anonymity(survey, counts[EXCLUDED_NOT], k, out);
    describe_cost(survey, counts[EXCLUDED_NOT], k, out);
    for (int reason = 0; reason < EXCLUSIONS; reason++) {
        plan_format_size(counts[reason], k, size);
        strbuf_addf(out, "not asked, %s: %s\n", exclusion_name((enum exclusion)reason), size);
    }
    describe_segments(survey, audience, k, out);
    strbuf_adds(out, "Sizes are rounded down to multiples of the threshold.\n");
}
