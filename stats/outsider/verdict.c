#include "stats/outsider/verdict.h"

#include <math.h>
#include <stdlib.h>

#include "core/mem.h"

/* Widest range that is taken for a score of whole points, of which all but a few may be the same. */
enum { MOST_POINTS = 10 };

const char *verdict_name(enum verdict_kind kind)
{
    static const char *const names[VERDICT_KINDS] = {
        [VERDICT_PUBLISHED] = "published", [VERDICT_REMAINDER] = "remainder", [VERDICT_EXACT] = "exact",
        [VERDICT_NARROW] = "narrow",       [VERDICT_RESTATED] = "restated",   [VERDICT_SUM] = "sum",
        [VERDICT_UNIFORM] = "uniform",     [VERDICT_SMALL] = "small",         [VERDICT_SAFE] = "safe",
    };
    return names[kind];
}

bool verdict_is_unsafe(enum verdict_kind kind, bool strict)
{
    return kind < VERDICT_SMALL || (strict && kind == VERDICT_SMALL);
}

void verdicts_release(struct verdicts *verdicts)
{
    free(verdicts->items);
    *verdicts = (struct verdicts){ 0 };
}

static void add(struct verdicts *verdicts, struct verdict verdict)
{
    MEM_GROW(verdicts->items, verdicts->count, verdicts->capacity);
    verdicts->items[verdicts->count++] = verdict;
    verdicts->of_kind[verdict.kind]++;
}

static struct verdict verdict_of(enum verdict_kind kind, const struct edition *edition, size_t figure, uint32_t cell)
{
    return (struct verdict){
        .kind = kind,
        .release = edition->release,
        .minus = edition->minus,
        .figure = figure,
        .cell = cell,
        .low = edition->figures[figure].low[cell],
        .high = edition->figures[figure].high[cell],
    };
}

static bool is_small(double count, double k)
{
    return count > 0 && count < k;
}

/* The smallest remainder from 1 to k - 1 of a known cell, over its dimensions; k if there is none. */
static double least_remainder(const struct edition *edition, size_t figure, const struct lattice *lattice,
                              uint32_t cell, double k)
{
    double least = k;
    for (size_t e = lattice->first_equation[cell]; e < lattice->first_equation[cell + 1]; e++) {
        bool open;
        double rest = fabs(edition_remainder(edition, figure, lattice, &lattice->equations[e], &open));
        if (open && is_small(rest, k))
            least = fmin(least, rest);
    }
    return least;
}

static void judge_remainders(struct verdicts *verdicts, const struct edition *edition, const struct lattice *lattice,
                             struct verdict found, double k)
{
    found.low = found.high = least_remainder(edition, found.figure, lattice, found.cell, k);
    if (found.low < k)
        add(verdicts, found);
}

/* A mean so near an end of its range that fewer than k, and not even half, can have answered anything else; a share
 * that tells fewer than k from all others (none too: then all are known to be alike). */
static void judge_mean(struct verdicts *verdicts, const struct edition *edition, const struct publication *publication,
                       struct verdict found, double k)
{
    const struct publication_figure *figure = &publication->figures[found.figure];
    if (!figure->bounded || figure->highest - figure->lowest > MOST_POINTS ||
        !edition_shows(edition, figure->contributors, found.cell))
        return;
    double n = edition->figures[figure->contributors].low[found.cell];
    double others =
        fmin(figure->highest * n - found.low, found.high - figure->lowest * n); /* each at least a point off */
    bool share = figure->highest - figure->lowest == 1;
    if (n > 0 && others < k && (share || others < n / 2))
        add(verdicts, found);
}

void verdict_shown(struct verdicts *verdicts, const struct edition *edition, const struct publication *publication,
                   const struct lattice *lattice, double k)
{
    for (size_t f = 0; f < publication->figure_count; f++)
        for (uint32_t c = 0; c < lattice->cell_count; c++) {
            if (!edition_shows(edition, f, c))
                continue;
            if (publication->figures[f].sum) {
                judge_mean(verdicts, edition, publication, verdict_of(VERDICT_UNIFORM, edition, f, c), k);
                continue;
            }
            if (edition->minus == EDITION_WHOLE && is_small(edition->figures[f].low[c], k))
                add(verdicts, verdict_of(VERDICT_PUBLISHED, edition, f, c));
            judge_remainders(verdicts, edition, lattice, verdict_of(VERDICT_REMAINDER, edition, f, c), k);
        }
}

void verdict_withheld_rows(struct verdicts *verdicts, const struct publication *publication,
                           const struct lattice *lattice, double k)
{
    for (size_t t = 0; t < publication->table_count; t++) {
        const struct publication_table *table = &publication->tables[t];
        for (size_t at = 0; at < table->row_count * table->figure_count; at++) {
            size_t row = at / table->figure_count, figure = table->figures[at % table->figure_count];
            if (table->withheld[row] && !publication->figures[figure].sum && is_small(table->low[at], k))
                add(verdicts, (struct verdict){ .kind = VERDICT_REMAINDER,
                                                .release = table->release,
                                                .minus = EDITION_WHOLE,
                                                .figure = figure,
                                                .cell = lattice_row(lattice, table, row),
                                                .low = table->low[at],
                                                .high = table->high[at] });
        }
    }
}

/* Whether the cell is nothing but a sum of published cells and zeros: then it is not withheld, only not shown. */
static bool is_shown_by_parts(const struct edition *edition, const struct bounds *bounds, size_t figure,
                              const struct lattice *lattice, uint32_t cell)
{
    for (size_t e = lattice->first_equation[cell]; e < lattice->first_equation[cell + 1]; e++) {
        const struct lattice_equation *equation = &lattice->equations[e];
        bool all = true;
        for (size_t i = 0; all && i < equation->count; i++) {
            uint32_t part = lattice->parts[equation->first + i];
            all = edition_shows(edition, figure, part) || bounds->high[part] == 0 ||
                  is_shown_by_parts(edition, bounds, figure, lattice, part);
        }
        if (all)
            return true;
    }
    return false;
}

static enum verdict_kind judge_count(double low, double high, double k)
{
    if (low == high)
        return low > 0 ? VERDICT_EXACT : VERDICT_SAFE;
    if (high >= k)
        return VERDICT_SAFE;
    return low > 0 ? VERDICT_NARROW : VERDICT_SMALL;
}

static enum verdict_kind judge_sum(double low, double high, double percent)
{
    double size = fmax(fabs(low), fabs(high));
    return isfinite(size) && size > 0 && high - low < percent / 100 * size ? VERDICT_SUM : VERDICT_SAFE;
}

/* Is what these contributors' values add up to known closely, or nothing that is published? */
static bool sum_is_known(const struct solution *solution, const struct publication *publication, size_t contributors, uint32_t cell,
                         double percent)
{
    bool any = false;
    for (size_t f = 0; f < publication->figure_count; f++) {
        const struct bounds *bounds = &solution->figures[f];
        if (!publication->figures[f].sum || publication->figures[f].contributors != contributors)
            continue;
        any = true;
        if (bounds->low[cell] == bounds->high[cell] || judge_sum(bounds->low[cell], bounds->high[cell], percent) != VERDICT_SAFE)
            return true;
    }
    return !any;
}

static enum verdict_kind judge(const struct solution *solution, const struct publication_figure *figure,
                               struct verdict found, const struct solve_options *options)
{
    if (!figure->sum)
        return judge_count(found.low, found.high, options->k);
    const struct bounds *n = &solution->figures[figure->contributors];
    double least = n->low[found.cell];
    if (figure->bounded && figure->highest > 0)
        least = fmax(least, found.low / figure->highest); /* so many, were all at the upper end */
    if (least >= options->k || n->high[found.cell] == 0)
        return VERDICT_SAFE;
    return judge_sum(found.low, found.high, options->percent);
}

void verdict_absent(struct verdicts *verdicts, const struct edition *edition, const struct solution *solution,
                    const struct verdict_view *view, const struct solve_options *options)
{
    const struct publication *publication = view->publication;
    const struct lattice *lattice = view->lattice;
    for (size_t f = 0; f < publication->figure_count; f++) {
        const struct bounds *bounds = &solution->figures[f];
        for (uint32_t c = 0; c < lattice->cell_count; c++) {
            if (!lattice_lists(lattice, c, f) || edition_shows(edition, f, c))
                continue;
            struct verdict found = verdict_of(VERDICT_SAFE, edition, f, c);
            found.low = bounds->low[c];
            found.high = bounds->high[c];
            found.kind = judge(solution, &publication->figures[f], found, options);
            if (found.kind == VERDICT_EXACT && found.low >= options->k &&
                is_shown_by_parts(edition, bounds, f, lattice, c))
                found.kind = VERDICT_SAFE;
            if (found.kind == VERDICT_EXACT && found.low >= options->k && f > 0 && edition_shows(edition, 0, c) &&
                !sum_is_known(solution, publication, f, c, options->percent))
                found.kind = VERDICT_SMALL; /* values of a shown cell: their sum is what is withheld, not how many they are */
            if (found.kind != VERDICT_SAFE || options->all)
                add(verdicts, found);
        }
    }
}

void verdict_computed(struct verdicts *verdicts, const struct edition *edition, const struct solution *solution,
                      const struct verdict_view *view, double k)
{
    const struct lattice *lattice = view->lattice;
    struct edition extended = edition_extend(edition, solution->figures, view->publication, lattice);
    for (size_t f = 0; f < extended.figure_count; f++)
        for (uint32_t c = 0; c < lattice->cell_count; c++) {
            bool shown = edition_shows(edition, f, c);
            if (!edition_shows(&extended, f, c) || !(shown || lattice_lists(lattice, c, f)))
                continue;
            if (!shown || least_remainder(edition, f, lattice, c, k) == k) /* else it was found already */
                judge_remainders(verdicts, &extended, lattice, verdict_of(VERDICT_REMAINDER, &extended, f, c), k);
        }
    edition_release(&extended);
}

void verdict_difference(struct verdicts *verdicts, const struct edition *difference, const struct lattice *lattice,
                        double k)
{
    for (size_t f = 0; f < difference->figure_count; f++)
        for (uint32_t c = 0; c < lattice->cell_count; c++)
            if (edition_shows(difference, f, c) && is_small(fabs(difference->figures[f].low[c]), k))
                add(verdicts, verdict_of(VERDICT_RESTATED, difference, f, c));
}
