/* The table of cells as CSV. */
#include <string.h>

#include "core/csvwrite.h"
#include "stats/tabulate/disclosure.h"
#include "stats/tabulate/number.h"

#define NO_CELL UINT32_MAX

struct writing {
    const struct disclosure *d;
    const struct tabulate_plan *plan;
    bool publish;
    struct csvwrite csv;
};

static void write_name(struct writing *w, const char *name, const char *suffix)
{
    struct strbuf text = { 0 };
    strbuf_adds(&text, name);
    strbuf_adds(&text, suffix);
    csvwrite_text(&w->csv, strbuf_text(&text));
    strbuf_release(&text);
}

static void write_header(struct writing *w)
{
    for (size_t i = 0; i < w->plan->by_count; i++)
        csvwrite_text(&w->csv, w->plan->by[i]);
    csvwrite_text(&w->csv, "cases");
    if (!w->publish)
        csvwrite_text(&w->csv, "status");
    for (size_t s = 0; s < w->plan->sum_count; s++) {
        write_name(w, w->plan->sums[s], "_sum");
        if (!w->publish)
            write_name(w, w->plan->sums[s], "_status");
    }
    csvwrite_end(&w->csv);
}

static void write_sum(struct writing *w, size_t sum, uint32_t cell)
{
    const struct disclosure_figure *figure = &w->d->sums[sum];
    int decimals = w->d->tabulation->decimals[sum];
    enum disclosure_status status = cell == NO_CELL ? DISCLOSURE_PUBLISHED : disclosure_status(figure, cell);
    int64_t value = cell == NO_CELL ? 0 : disclosure_value(figure, cell);
    if (w->publish && status != DISCLOSURE_PUBLISHED)
        csvwrite_empty(&w->csv);
    else if (decimals)
        csvwrite_decimal(&w->csv, (double)value / (double)number_power(decimals), decimals);
    else
        csvwrite_integer(&w->csv, value);
    if (!w->publish)
        csvwrite_text(&w->csv, disclosure_status_name(status));
}

/* NO_CELL: a combination without a case, which is published. */
static void write_row(struct writing *w, const uint32_t *codes, uint32_t cell)
{
    const struct disclosure_figure *counts = &w->d->counts;
    enum disclosure_status status = cell == NO_CELL ? DISCLOSURE_PUBLISHED : disclosure_status(counts, cell);
    if (w->publish && status != DISCLOSURE_PUBLISHED)
        return;
    for (size_t i = 0; i < w->plan->by_count; i++)
        csvwrite_text(&w->csv, w->d->tabulation->dimensions[i].label_of[codes[i]]);
    csvwrite_integer(&w->csv, cell == NO_CELL ? 0 : disclosure_value(counts, cell));
    if (!w->publish)
        csvwrite_text(&w->csv, disclosure_status_name(status));
    for (size_t s = 0; s < w->plan->sum_count; s++)
        write_sum(w, s, cell);
    csvwrite_end(&w->csv);
}

/* Steps to the next combination of codes; false after the last. */
static bool step(const struct tabulation *t, uint32_t *codes)
{
    for (size_t i = t->dimension_count; i-- > 0;) {
        if (++codes[i] < t->dimensions[i].code_count)
            return true;
        codes[i] = 0;
    }
    return false;
}

static void write_all_combinations(struct writing *w)
{
    const struct cross_map *map = &w->d->counts.map;
    uint32_t codes[CROSS_MAX_DIMENSIONS] = { 0 }, next = 0;
    do {
        const uint32_t *found = map->codes + (size_t)next * map->dimension_count;
        bool here = next < map->cell_count && memcmp(found, codes, map->dimension_count * sizeof *codes) == 0;
        write_row(w, codes, here ? map->first_cell + next : NO_CELL);
        next += here;
    } while (step(w->d->tabulation, codes));
}

void disclosure_write(const struct disclosure *disclosure, const struct tabulate_plan *plan, bool publish,
                      struct strbuf *out)
{
    struct writing w = { .d = disclosure, .plan = plan, .publish = publish };
    const struct cross_map *map = &disclosure->counts.map;
    csvwrite_init(&w.csv, out, CSV_DIALECT_RFC4180);
    write_header(&w);
    if (disclosure->zeros_public) {
        write_all_combinations(&w);
        return;
    }
    for (uint32_t c = 0; c < map->cell_count; c++)
        write_row(&w, map->codes + (size_t)c * map->dimension_count, map->first_cell + c);
}
