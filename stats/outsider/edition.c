#include "stats/outsider/edition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

bool edition_shows(const struct edition *edition, size_t figure, uint32_t cell)
{
    return !isnan(edition->figures[figure].low[cell]);
}

static struct edition edition_new(size_t release, size_t figures, size_t cells)
{
    struct edition edition = { .release = release, .minus = EDITION_WHOLE, .figure_count = figures };
    edition.figures = mem_zalloc(figures, sizeof *edition.figures);
    for (size_t f = 0; f < figures; f++) {
        edition.figures[f].low = mem_zalloc(cells, sizeof(double));
        edition.figures[f].high = mem_zalloc(cells, sizeof(double));
        for (size_t c = 0; c < cells; c++)
            edition.figures[f].low[c] = edition.figures[f].high[c] = NAN;
    }
    return edition;
}

void edition_release(struct edition *edition)
{
    for (size_t f = 0; f < edition->figure_count; f++) {
        free(edition->figures[f].low);
        free(edition->figures[f].high);
    }
    free(edition->figures);
    *edition = (struct edition){ 0 };
}

void editions_release(struct editions *editions)
{
    for (size_t e = 0; e < editions->count; e++)
        edition_release(&editions->items[e]);
    free(editions->items);
    *editions = (struct editions){ 0 };
}

/* The two intervals of a figure can both be true. */
static bool agree(const struct edition_figure *figure, uint32_t cell, double low, double high)
{
    return isnan(figure->low[cell]) || (low <= figure->high[cell] && figure->low[cell] <= high);
}

static bool row_agrees(const struct edition *edition, const struct publication_table *table, size_t row, uint32_t cell)
{
    for (size_t f = 0; f < table->figure_count; f++) {
        size_t at = row * table->figure_count + f;
        if (!isnan(table->low[at]) &&
            !agree(&edition->figures[table->figures[f]], cell, table->low[at], table->high[at]))
            return false;
    }
    return true;
}

static bool table_agrees(const struct edition *edition, const struct publication_table *table,
                         const struct lattice *lattice)
{
    for (size_t r = 0; r < table->row_count; r++)
        if (!table->withheld[r] && !row_agrees(edition, table, r, lattice_row(lattice, table, r)))
            return false;
    return true;
}

static bool release_agrees(const struct edition *edition, const struct publication *publication, size_t release,
                           const struct lattice *lattice)
{
    for (size_t t = 0; t < publication->table_count; t++)
        if (publication->tables[t].release == release && !table_agrees(edition, &publication->tables[t], lattice))
            return false;
    return true;
}

static void show(struct edition *edition, size_t figure, uint32_t cell, double low, double high)
{
    struct edition_figure *shown = &edition->figures[figure];
    shown->low[cell] = fmax(shown->low[cell], low); /* fmax and fmin pass over NaN */
    shown->high[cell] = fmin(shown->high[cell], high);
}

static int take_table(struct edition *edition, const struct publication_table *table, const struct lattice *lattice,
                      struct err *err)
{
    for (size_t r = 0; r < table->row_count; r++) {
        if (table->withheld[r])
            continue;
        uint32_t cell = lattice_row(lattice, table, r);
        if (!row_agrees(edition, table, r, cell))
            return err_set(err, ERR_DATA, "'%s' shows another figure for the same cell than the release does elsewhere",
                           table->name);
        for (size_t f = 0; f < table->figure_count; f++) {
            size_t at = r * table->figure_count + f;
            if (!isnan(table->low[at]))
                show(edition, table->figures[f], cell, table->low[at], table->high[at]);
        }
    }
    return 0;
}

static const struct lattice_equation *equation_along(const struct lattice *lattice, uint32_t cell, uint32_t dimension)
{
    for (size_t e = lattice->first_equation[cell]; e < lattice->first_equation[cell + 1]; e++)
        if (lattice->equations[e].dimension == dimension)
            return &lattice->equations[e];
    return NULL;
}

/* Sum of the greatest published descendants of a cell along a dimension, itself included. */
static double covered(const struct edition *edition, size_t figure, const struct lattice *lattice, uint32_t cell,
                      uint32_t dimension, bool *open)
{
    if (edition_shows(edition, figure, cell))
        return edition->figures[figure].low[cell];
    const struct lattice_equation *equation = equation_along(lattice, cell, dimension);
    if (!equation) {
        *open = true;
        return 0;
    }
    double sum = 0;
    for (size_t i = 0; i < equation->count; i++)
        sum += covered(edition, figure, lattice, lattice->parts[equation->first + i], dimension, open);
    return sum;
}

double edition_remainder(const struct edition *edition, size_t figure, const struct lattice *lattice,
                         const struct lattice_equation *equation, bool *open)
{
    double rest = edition->figures[figure].low[equation->whole];
    *open = false;
    for (size_t i = 0; i < equation->count; i++)
        rest -= covered(edition, figure, lattice, lattice->parts[equation->first + i], equation->dimension, open);
    return rest;
}

static int take_release(struct edition *edition, const struct publication *publication, size_t release,
                        const struct lattice *lattice, struct err *err)
{
    int code = 0;
    for (size_t t = 0; !code && t < publication->table_count; t++)
        if (publication->tables[t].release == release)
            code = take_table(edition, &publication->tables[t], lattice, err);
    return code;
}

int editions_build(struct editions *editions, const struct publication *publication, const struct lattice *lattice,
                   struct err *err)
{
    *editions = (struct editions){ 0 };
    int code = 0;
    for (size_t release = 0; !code && release < publication->release_count; release++) {
        size_t e = 0;
        while (e < editions->count && !release_agrees(&editions->items[e], publication, release, lattice))
            e++;
        if (e == editions->count) {
            MEM_GROW(editions->items, editions->count, editions->capacity);
            editions->items[editions->count++] = edition_new(release, publication->figure_count, lattice->cell_count);
        }
        code = take_release(&editions->items[e], publication, release, lattice, err);
    }
    if (code)
        editions_release(editions);
    return code;
}

struct edition edition_difference(const struct edition *later, const struct edition *earlier,
                                  const struct publication *publication, const struct lattice *lattice)
{
    struct edition difference = edition_new(later->release, later->figure_count, lattice->cell_count);
    difference.minus = earlier->release;
    for (size_t f = 0; f < later->figure_count; f++)
        for (uint32_t c = 0; c < lattice->cell_count && !publication->figures[f].sum; c++)
            if (edition_shows(later, f, c) && edition_shows(earlier, f, c))
                difference.figures[f].low[c] = difference.figures[f].high[c] =
                    later->figures[f].low[c] - earlier->figures[f].low[c];
    return difference;
}

struct edition edition_extend(const struct edition *edition, const struct bounds *bounds,
                              const struct publication *publication, const struct lattice *lattice)
{
    struct edition extended = edition_new(edition->release, edition->figure_count, lattice->cell_count);
    extended.minus = edition->minus;
    for (size_t f = 0; f < edition->figure_count; f++)
        for (uint32_t c = 0; c < lattice->cell_count && !publication->figures[f].sum; c++)
            if (bounds_fixed(&bounds[f], c))
                extended.figures[f].low[c] = extended.figures[f].high[c] = bounds[f].low[c];
    return extended;
}
