#include <sodium.h>
#include <stdio.h>

#include "core/strbuf.h"
#include "surveys/plan.h"
#include "surveys/plan_segments.h"

void plan_format_size(uint64_t size, int64_t k, char out[32])
{
    uint64_t step = (uint64_t)k;
    if (size < step)
        snprintf(out, 32, "<%lld", (long long)k);
    else
        snprintf(out, 32, "%llu", (unsigned long long)(size / step * step));
}

/* The people by why they are not asked, those who are, and those who are or are not drawn. */
enum { SET_DRAWN_FROM = EXCLUSIONS + 1, SETS };

static void collect_sets(const struct figures *figures, const struct audience *audience, struct figure_set sets[SETS])
{
    for (size_t i = 0; i < SETS; i++)
        figure_set_init(figures, &sets[i]);
    for (size_t i = 0; i < audience->count; i++)
        figure_set_add(figures, &sets[audience->candidates[i].excluded], audience->candidates[i].person);
    figure_set_join(figures, &sets[SET_DRAWN_FROM], &sets[EXCLUDED_NOT]);
    figure_set_join(figures, &sets[SET_DRAWN_FROM], &sets[EXCLUDED_SAMPLE]);
}

/* Marketing chooses the size of the sample. Rounded by themselves, those who were not drawn would give the size of the whole away:
 * it jumps at the very sample that leaves a multiple of k. So they are shown as the difference of what is shown. */
static int size_sets(const struct figures *figures, const struct audience *audience, int64_t sizes[SETS], struct err *err)
{
    struct figure_set sets[SETS];
    int code = 0;
    collect_sets(figures, audience, sets);
    for (size_t i = 0; i < SETS; i++) {
        if (!code && i != EXCLUDED_SAMPLE)
            code = figure_show(figures, &sets[i], &sizes[i], err);
        figure_set_release(&sets[i]);
    }
    sizes[EXCLUDED_SAMPLE] = sizes[SET_DRAWN_FROM] > sizes[EXCLUDED_NOT] ? sizes[SET_DRAWN_FROM] - sizes[EXCLUDED_NOT] : 0;
    return code;
}

/* Whatever the size: where few people changed, the one that is shown is that of an earlier plan. */
static void describe_anonymity(const struct survey *survey, int64_t k, struct strbuf *out)
{
    if (survey->anonymity == SURVEY_ANONYMOUS)
        strbuf_addf(out, "warning: of an anonymous survey fewer than %lld answers are never used; if no more come in this wave, all of them are deleted\n",
                    (long long)k);
}

static void write_sizes(const struct plan_report *report, const int64_t sizes[SETS], struct strbuf *out)
{
    const struct survey *survey = report->survey;
    char size[32];
    plan_format_size((uint64_t)sizes[EXCLUDED_NOT], report->k, size);
    strbuf_addf(out, "to be asked: %s\n", size);
    if (survey->cost_currency && sizes[EXCLUDED_NOT])
        strbuf_addf(out, "cost: about %.2f %s\n", (double)sizes[EXCLUDED_NOT] * survey->cost_per_invitation, survey->cost_currency);
    for (int reason = 0; reason < EXCLUSIONS; reason++) {
        plan_format_size((uint64_t)sizes[reason], report->k, size);
        strbuf_addf(out, "not asked, %s: %s\n", exclusion_name((enum exclusion)reason), size);
    }
}

static int describe_sizes(const struct plan_report *report, const struct audience *audience, struct strbuf *out, struct err *err)
{
    struct figures figures;
    int64_t sizes[SETS] = { 0 };
    figures_init(&figures, report->surveys, report->keyring, report->k, report->now);
    int exhausted = figures_are_exhausted(&figures, err);
    if (exhausted < 0)
        return exhausted;
    if (exhausted) {
        strbuf_addf(out, "sizes: not shown, %d different ones were within 30 days\n", FIGURES_A_MONTH);
        return 0;
    }
    int code = size_sets(&figures, audience, sizes, err);
    if (code)
        return code;
    write_sizes(report, sizes, out);
    code = plan_segments_describe(&figures, report->survey, audience, out, err);
    strbuf_adds(out, "Sizes are rounded down to multiples of the threshold; where few people changed, they are those of an earlier plan.\n");
    return code;
}

int plan_describe(const struct plan_report *report, const struct audience *audience, const struct plan *plan, struct strbuf *out,
                  struct err *err)
{
    char digits[2 * PLAN_HASH_BYTES + 1];
    sodium_bin2hex(digits, sizeof digits, plan->hash, sizeof plan->hash);
    strbuf_addf(out, "survey: %s, wave %lld\nplan: %s\n", report->survey->name, (long long)report->survey->wave, digits);
    describe_anonymity(report->survey, report->k, out);
    int code = db_begin(report->surveys, err);
    if (code)
        return code;
    code = describe_sizes(report, audience, out, err);
    if (!code)
        code = db_commit(report->surveys, err);
    db_rollback(report->surveys);
    return code;
}
