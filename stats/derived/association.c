#include "stats/derived/association.h"

#include <math.h>
#include <stdlib.h>

#include "stats/derived/crosstab.h"
#include "stats/derived/preference.h"
#include "stats/derived/sheet.h"
#include "stats/method/benjamini_hochberg.h"
#include "stats/method/cramer.h"
#include "stats/method/kruskal_wallis.h"
#include "stats/method/mantel_haenszel.h"
#include "stats/method/permutation.h"

enum { RANDOM_TABLES = 1999, MANTEL_MOST_DF = 300 };

static const struct sheet_column first_columns[] = {
    { "period", SHEET_DIMENSION, 0, "The period, or the last cycle of periods taken together (first/last)." },
    { "divided_by", SHEET_DIMENSION, 0,
      "The dimension whose groups are compared, within the group that the other columns name." },
    { 0 }
};
static const struct sheet_column columns[] = {
    { "groups", SHEET_COUNT, 0, "Groups compared; those of which too much is withheld count as one together." },
    { "categories", SHEET_COUNT, 0, "Categories with cases that are told apart, the rest counted as one." },
    { "cases", SHEET_COUNT, 0, "Closed cases in the test." },
    { "chi_square", SHEET_NUMBER, 4, "Pearson's chi-square of independence." },
    { "df", SHEET_COUNT, 0, "Its degrees of freedom." },
    { "p", SHEET_P, 0, "Its p." },
    { "small_expected", SHEET_COUNT, 0, "Cells with fewer than 5 cases expected; above 0 use p_permutation." },
    { "p_permutation", SHEET_P, 0, "p by 1,999 random tables with the same margins, where small_expected is above 0." },
    { "p_adjusted", SHEET_P, 0, "p_permutation, else p, after Benjamini-Hochberg over all rows with this period." },
    { "cramers_v", SHEET_NUMBER, 4, "Cramér's V: 0 no association, 1 complete." },
    { "cramers_v_low", SHEET_NUMBER, 4, "Lower end of its 95 % interval (noncentral chi-square)." },
    { "cramers_v_high", SHEET_NUMBER, 4, "Upper end of its 95 % interval." },
    { "stratified", SHEET_NUMBER, 4, "Cochran-Mantel-Haenszel statistic over the periods: association within them." },
    { "stratified_df", SHEET_COUNT, 0, "Its degrees of freedom." },
    { "stratified_p", SHEET_P, 0, "Its p." },
    { "kruskal_wallis", SHEET_NUMBER, 4,
      "Kruskal-Wallis H, where the categories are bands of a number and all of them are told apart." },
    { "kruskal_wallis_p", SHEET_P, 0, "Its p." },
    { "reason", SHEET_TEXT, 0, "Why there is no test; empty where there is one." },
    { 0 },
};

struct association {
    size_t group, divide, group_count, category_count;
    enum method_reason reason, mantel_reason, kruskal_reason;
    struct chi_square chi;
    struct cramer cramer;
    double permutation, p_adjusted; /* permutation: NAN where not needed */
    struct mantel_haenszel mantel;
    struct kruskal_wallis kruskal;
};

struct associations {
    struct association *list;
    size_t count, capacity;
};

/* A seed of its own for every table tested, the same every night. */
static uint64_t seed_of(const struct panel *panel, struct span span, size_t group, size_t divide)
{
    uint64_t seed = 1469598103u + span.first * 31 + span.last * 17 + divide;
    for (size_t i = 0; i < panel->label_count; i++)
        for (const char *c = panel->lines[group].labels[i]; *c; c++)
            seed = (seed ^ (unsigned char)*c) * 1099511628211u;
    return seed & 0xffffffffu;
}

/* Whether something is in no category that is told apart. */
static bool has_rest(const struct crosstab *crosstab)
{
    for (size_t g = 0; g < crosstab->group_count; g++)
        if (crosstab->sums[(g + 1) * (crosstab->category_count + 1) - 1] > 0)
            return true;
    return false;
}

/* Those with cases, which the test is of. */
static void count_live(const struct crosstab *crosstab, struct association *out)
{
    size_t width = crosstab->category_count + 1;
    double *sums = mem_zalloc(width, sizeof *sums);
    for (size_t g = 0; g < crosstab->group_count; g++) {
        double row = 0;
        for (size_t c = 0; c < width; c++) {
            row += crosstab->sums[g * width + c];
            sums[c] += crosstab->sums[g * width + c];
        }
        out->group_count += row > 0;
    }
    for (size_t c = 0; c < width; c++)
        out->category_count += sums[c] > 0;
    free(sums);
}

/* A rest has no place in the order of the bands. */
static enum method_reason test_ranks(const struct crosstab *crosstab, struct kruskal_wallis *out)
{
    if (has_rest(crosstab))
        return METHOD_GAPS;
    size_t width = crosstab->category_count, rows = crosstab->group_count, count = 0;
    struct kruskal_entry *entries = mem_zalloc(rows * width + 1, sizeof *entries);
    for (size_t g = 0; g < rows; g++) {
        for (size_t c = 0; c < width; c++)
            entries[count++] = (struct kruskal_entry){ g, (double)c, crosstab->sums[g * (width + 1) + c] };
    }
    enum method_reason reason = kruskal_wallis(entries, count, rows, out);
    free(entries);
    return reason;
}

static enum method_reason test_periods(const struct crosstab *crosstab, struct mantel_haenszel *out)
{
    if (crosstab->period_count < 2 || (crosstab->group_count - 1) * crosstab->category_count > MANTEL_MOST_DF)
        return METHOD_TOO_SHORT;
    struct contingency *strata = mem_zalloc(crosstab->period_count, sizeof *strata);
    for (size_t i = 0; i < crosstab->period_count; i++)
        strata[i] = crosstab_period(crosstab, i);
    enum method_reason reason = mantel_haenszel(strata, crosstab->period_count, out);
    free(strata);
    return reason;
}

static void run_tests(const struct crosstab *crosstab, uint64_t seed, bool ordered, struct association *out)
{
    struct contingency table = crosstab_sum(crosstab);
    out->mantel_reason = out->kruskal_reason = METHOD_ONE_GROUP;
    out->reason = chi_square(&table, &out->chi);
    if (out->reason != METHOD_OK)
        return;
    cramer_v(&table, 0.95, &out->cramer);
    if (out->chi.small_expected > 0)
        permutation_p(&table, RANDOM_TABLES, seed, &out->permutation);
    out->mantel_reason = test_periods(crosstab, &out->mantel);
    if (ordered)
        out->kruskal_reason = test_ranks(crosstab, &out->kruskal);
}

static struct association associate(const struct panel *panel, struct span span, size_t group,
                                    const size_t dimensions[2], bool ordered)
{
    struct crosstab crosstab;
    struct association out = { .group = group, .divide = dimensions[0], .permutation = NAN, .p_adjusted = NAN };
    crosstab_init(&crosstab, panel, span, group, dimensions);
    count_live(&crosstab, &out);
    run_tests(&crosstab, seed_of(panel, span, group, dimensions[0]), ordered, &out);
    crosstab_clear(&crosstab);
    return out;
}

static double p_of(const struct association *association)
{
    return isnan(association->permutation) ? association->chi.p : association->permutation;
}

static void adjust(struct associations *all)
{
    double *p = mem_zalloc(all->count, sizeof *p);
    for (size_t i = 0; i < all->count; i++)
        p[i] = all->list[i].reason == METHOD_OK ? p_of(&all->list[i]) : NAN;
    benjamini_hochberg(p, all->count, p);
    for (size_t i = 0; i < all->count; i++)
        all->list[i].p_adjusted = p[i];
    free(p);
}

static bool is_divided(const struct panel *panel, size_t line, size_t divide, size_t share_of)
{
    return divide != share_of && !panel->lines[line].withheld && panel_depth(panel, line, share_of) == 0 &&
           panel_child(panel, line, divide, PANEL_NONE) != PANEL_NONE;
}

static struct associations associations_of(const struct panel *panel, struct span span, size_t share_of, bool ordered)
{
    struct associations all = { 0 };
    for (size_t line = 0; line < panel->line_count; line++) {
        for (size_t d = 0; d < panel->dimension_count; d++) {
            if (!is_divided(panel, line, d, share_of))
                continue;
            MEM_GROW(all.list, all.count, all.capacity);
            all.list[all.count++] = associate(panel, span, line, (const size_t[]){ d, share_of }, ordered);
        }
    }
    adjust(&all);
    return all;
}

static void write_tests(struct sheet *sheet, const struct association *association)
{
    const struct chi_square *chi = &association->chi;
    const struct cramer *cramer = &association->cramer;
    sheet_count(sheet, (size_t)chi->n);
    sheet_number(sheet, chi->statistic);
    sheet_count(sheet, chi->df);
    sheet_number(sheet, chi->p);
    sheet_count(sheet, chi->small_expected);
    sheet_number(sheet, association->permutation);
    sheet_number(sheet, association->p_adjusted);
    sheet_numbers(sheet, (double[]){ cramer->v, cramer->low, cramer->high }, 3);
    if (association->mantel_reason == METHOD_OK) {
        sheet_number(sheet, association->mantel.statistic);
        sheet_count(sheet, association->mantel.df);
        sheet_number(sheet, association->mantel.p);
    } else {
        sheet_skip(sheet, 3);
    }
    bool ranked = association->kruskal_reason == METHOD_OK;
    sheet_number(sheet, ranked ? association->kruskal.statistic : NAN);
    sheet_number(sheet, ranked ? association->kruskal.p : NAN);
}

static void write(struct sheet *sheet, const struct panel *panel, struct span span, const struct associations *all)
{
    enum { TEST_COLUMNS = 15 };
    char label[SPAN_LABEL_BYTES];
    span_label(panel, span, label);
    for (size_t i = 0; i < all->count; i++) {
        const struct association *association = &all->list[i];
        sheet_text(sheet, label);
        sheet_text(sheet, panel->dimensions[association->divide].name);
        sheet_labels(sheet, panel, association->group);
        sheet_count(sheet, association->group_count);
        sheet_count(sheet, association->category_count);
        if (association->reason == METHOD_OK)
            write_tests(sheet, association);
        else
            sheet_skip(sheet, TEST_COLUMNS);
        sheet_text(sheet, method_reason_name(association->reason));
        sheet_end_row(sheet);
    }
}

void association_add(struct release *to, const struct panel *panel, const struct derived_spec *spec)
{
    size_t share_of = preference_dimension(panel, spec), count;
    if (share_of == PANEL_NONE)
        return;
    struct sheet sheet;
    sheet_init(&sheet, to);
    sheet_add_columns(&sheet, first_columns);
    sheet_add_dimensions(&sheet, panel);
    sheet_add_columns(&sheet, columns);
    sheet_open(&sheet, "preferences", panel->table, "_tests", "Whether the choice depends on the group");
    struct span *spans = spans_of(panel, &count);
    for (size_t i = 0; i < count; i++) {
        struct associations all = associations_of(panel, spans[i], share_of, spec->share_is_ordered);
        write(&sheet, panel, spans[i], &all);
        free(all.list);
    }
    free(spans);
    sheet_close(&sheet);
}
