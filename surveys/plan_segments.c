#include "surveys/plan_segments.h"

#include <stdlib.h>
#include <string.h>

/* A split is shown from 5k people in each part on: below, rounding alone would not hide who is in it. */
enum { SEGMENT_FACTOR = 5, SEGMENTS_MAX = 256, NOWHERE = SEGMENTS_MAX };

struct segment {
    const char *const *labels;
    int64_t people, size; /* as shown */
    struct figure_set set;
};

struct split {
    const struct figures *figures;
    const struct survey *survey;
    struct segment list[SEGMENTS_MAX];
    size_t count;
    bool is_too_fine;
};

static int compare_labels(const struct survey *survey, const char *const *a, const char *const *b)
{
    for (size_t i = 0; i < survey->segment_count; i++) {
        int order = a[i] == b[i] ? 0 : strcmp(a[i], b[i]);
        if (order)
            return order;
    }
    return 0;
}

/* The place of the labels in the list, which is kept in their order; made if it is not there. */
static size_t find(struct split *split, const char *const *labels)
{
    size_t low = 0, high = split->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare_labels(split->survey, split->list[middle].labels, labels);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (split->count == SEGMENTS_MAX)
        return NOWHERE;
    memmove(&split->list[low + 1], &split->list[low], (split->count - low) * sizeof *split->list);
    split->list[low] = (struct segment) { .labels = labels };
    split->count++;
    return low;
}

static void collect(struct split *split, const struct audience *audience)
{
    for (size_t i = 0; i < audience->count; i++) {
        const struct candidate *candidate = &audience->candidates[i];
        if (candidate->excluded != EXCLUDED_NOT)
            continue;
        size_t at = find(split, candidate->segments);
        if (at == NOWHERE) {
            split->is_too_fine = true;
            return;
        }
        struct segment *segment = &split->list[at];
        if (!segment->people)
            figure_set_init(split->figures, &segment->set);
        figure_set_add(split->figures, &segment->set, candidate->person);
        segment->people++;
    }
}

static bool is_small(const struct split *split, const struct segment *segment)
{
    return segment->people < split->figures->k;
}

/* Puts those in small segments into the largest; *size of them all, as it would be shown. */
static int fold_small(struct split *split, int64_t *size, struct err *err)
{
    struct figure_set rest;
    size_t largest = 0;
    figure_set_init(split->figures, &rest);
    for (size_t i = 0; i < split->count; i++) {
        if (split->list[i].people > split->list[largest].people)
            largest = i;
        if (is_small(split, &split->list[i]))
            figure_set_join(split->figures, &rest, &split->list[i].set);
    }
    int code = figure_show(split->figures, &rest, size, err);
    if (!code && !is_small(split, &split->list[largest]))
        figure_set_join(split->figures, &split->list[largest].set, &rest);
    figure_set_release(&rest);
    return code;
}

/* All segments or none: one that is left out would follow from the total. */
static int size_all(struct split *split, bool *shown, struct err *err)
{
    int64_t rest = 0, shown_segments = 0;
    int code = fold_small(split, &rest, err);
    *shown = rest == 0;
    for (size_t i = 0; i < split->count && !code; i++) {
        struct segment *segment = &split->list[i];
        if (is_small(split, segment))
            continue;
        code = figure_show(split->figures, &segment->set, &segment->size, err);
        *shown = *shown && segment->size >= SEGMENT_FACTOR * split->figures->k;
        shown_segments++;
    }
    *shown = *shown && shown_segments;
    return code;
}

static void write_segments(const struct split *split, struct strbuf *out)
{
    for (size_t i = 0; i < split->count; i++) {
        const struct segment *segment = &split->list[i];
        if (is_small(split, segment))
            continue;
        strbuf_adds(out, "segment:");
        for (size_t s = 0; s < split->survey->segment_count; s++)
            strbuf_addf(out, "%s%s", s ? ", " : " ", segment->labels[s]);
        strbuf_addf(out, ": %lld\n", (long long)segment->size);
    }
}

int plan_segments_describe(const struct figures *figures, const struct survey *survey, const struct audience *audience, struct strbuf *out,
                           struct err *err)
{
    if (!survey->segment_count)
        return 0;
    struct split *split = mem_zalloc(1, sizeof *split);
    split->figures = figures;
    split->survey = survey;
    bool shown = false;
    collect(split, audience);
    int code = split->count && !split->is_too_fine ? size_all(split, &shown, err) : 0;
    if (!code && shown)
        write_segments(split, out);
    else if (!code)
        strbuf_addf(out, "segments: not shown, a part has fewer than %lld people\n", (long long)(SEGMENT_FACTOR * figures->k));
    for (size_t i = 0; i < split->count; i++)
        figure_set_release(&split->list[i].set);
    free(split);
    return code;
}
