/* Releases made by hand for the tests of what is derived from them: cases and one mean per month, group and category. */
#ifndef TESTS_UNIT_STATS_DERIVED_MADE_RELEASE_H
#define TESTS_UNIT_STATS_DERIVED_MADE_RELEASE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "stats/derived/derive.h"
#include "stats/derived/timeline.h"
#include "stats/release_build.h"
#include "tests/unit/near.h"

enum { MADE_MONTHS = 36, MADE_GROUPS = 4, MADE_CATEGORIES = 3 };

/* What a test says of a cell; cases NAN: withheld. */
struct made_cell {
    double cases, mean;
};

/* cells[month][group][category]. */
struct made {
    size_t months, groups, categories;
    struct made_cell cells[MADE_MONTHS][MADE_GROUPS][MADE_CATEGORIES];
};

static const struct released_column made_columns[] = {
    { .name = "month", .type = RELEASED_TEXT, .role = RELEASED_DIMENSION },
    { .name = "brand", .type = RELEASED_TEXT, .role = RELEASED_DIMENSION, .hierarchy = "brand" },
    { .name = "channel", .type = RELEASED_TEXT, .role = RELEASED_DIMENSION, .hierarchy = "channel" },
    { .name = "cases", .type = RELEASED_INTEGER, .role = RELEASED_COUNT },
    { .name = "score_n", .type = RELEASED_INTEGER, .role = RELEASED_COUNT },
    { .name = "score_mean",
      .type = RELEASED_DECIMAL,
      .role = RELEASED_FIGURE,
      .decimals = 4,
      .bounded = true,
      .minimum = 1,
      .maximum = 5 },
    { .name = "score_sd", .type = RELEASED_DECIMAL, .role = RELEASED_FIGURE, .decimals = 4 },
    { .name = "score_status", .type = RELEASED_TEXT, .role = RELEASED_STATUS },
};

static inline void made_row(struct release *release, struct released_table *table, size_t month, const char *brand,
                            const char *channel, struct made_cell cell)
{
    char label[16];
    timeline_format(TIMELINE_MONTH, 2024 * 12 + (int64_t)month, label);
    const struct released_value row[] = {
        { .present = true, .text = label },
        { .present = true, .text = brand },
        { .present = true, .text = channel },
        { .present = true, .integer = (int64_t)cell.cases },
        { .present = !isnan(cell.mean), .integer = (int64_t)cell.cases },
        { .present = !isnan(cell.mean), .decimal = isnan(cell.mean) ? 0 : cell.mean },
        { .present = !isnan(cell.mean), .decimal = 1 },
        { .present = true, .text = "published" },
    };
    release_add_row(release, table, row);
}

static inline void made_add(struct made_cell *sum, struct made_cell cell)
{
    double cases = sum->cases + cell.cases;
    sum->mean = cases > 0 ? (sum->cases * sum->mean + cell.cases * cell.mean) / cases : 0;
    sum->cases = cases;
}

/* Totals of the month: all, by brand, by channel; withheld cells count in them. */
static inline void made_month(struct release *release, struct released_table *table, const struct made *made,
                              size_t month)
{
    static const char *const brands[] = { "alpha", "beta", "gamma", "delta" }, *const channels[] = { "chat", "mail",
                                                                                                     "phone" };
    struct made_cell all = { 0, 0 }, by_brand[MADE_GROUPS] = { { 0, 0 } }, by_channel[MADE_CATEGORIES] = { { 0, 0 } };
    for (size_t g = 0; g < made->groups; g++) {
        for (size_t c = 0; c < made->categories; c++) {
            struct made_cell cell = made->cells[month][g][c];
            cell.cases = fabs(cell.cases);
            made_add(&all, cell);
            made_add(&by_brand[g], cell);
            made_add(&by_channel[c], cell);
        }
    }
    made_row(release, table, month, "(total)", "(total)", all);
    for (size_t c = 0; c < made->categories; c++)
        made_row(release, table, month, "(total)", channels[c], by_channel[c]);
    for (size_t g = 0; g < made->groups; g++) {
        made_row(release, table, month, brands[g], "(total)", by_brand[g]);
        for (size_t c = 0; c < made->categories; c++)
            if (made->cells[month][g][c].cases > 0) /* 0: none; negative: withheld */
                made_row(release, table, month, brands[g], channels[c], made->cells[month][g][c]);
    }
}

/* A release with the table "channels"; a negative number of cases is withheld. */
static inline struct release *made_release(const struct made *made)
{
    static const struct release_build facts = { "2026-01-31", 1769817600, 10, "0.1.0", "ab", "whole", NULL };
    const struct released_build build = { .folder = "tables", .name = "channels", .title = "Channels", .version = 1, .columns = made_columns,
                                          .column_count = sizeof made_columns / sizeof *made_columns };
    struct release *release = release_new(&facts);
    struct released_table *table = release_add_table(release, &build);
    for (size_t month = 0; month < made->months; month++)
        made_month(release, table, made, month);
    return release;
}

static inline const struct released_table *made_table(const struct release *release, const char *folder,
                                                      const char *name)
{
    for (size_t i = 0; i < release_table_count(release); i++) {
        const struct released_table *table = release_table(release, i);
        if (!strcmp(released_folder(table), folder) && !strcmp(released_name(table), name))
            return table;
    }
    fail_msg("there is no %s/%s", folder, name);
    return NULL;
}

static inline size_t made_column(const struct released_table *table, const char *name)
{
    for (size_t c = 0; c < released_column_count(table); c++)
        if (!strcmp(released_column(table, c)->name, name))
            return c;
    fail_msg("there is no column %s", name);
    return 0;
}

/* The first row whose columns hold the texts given as pairs of name and text, ended by NULL; SIZE_MAX if there is none. */
static inline size_t made_find(const struct released_table *table, const char *const *wanted)
{
    for (size_t row = 0; row < released_row_count(table); row++) {
        bool fits = true;
        for (size_t i = 0; wanted[i] && fits; i += 2) {
            struct released_value value = released_value(table, row, made_column(table, wanted[i]));
            fits = value.present && !strcmp(value.text, wanted[i + 1]);
        }
        if (fits)
            return row;
    }
    return SIZE_MAX;
}
#define MADE_FIND(table, ...) made_find(table, (const char *const[]){ __VA_ARGS__, NULL })

/* A number; NAN for an empty cell. */
static inline double made_number(const struct released_table *table, size_t row, const char *column)
{
    size_t c = made_column(table, column);
    struct released_value value = released_value(table, row, c);
    if (!value.present)
        return NAN;
    return released_column(table, c)->type == RELEASED_INTEGER ? (double)value.integer : value.decimal;
}

static inline const char *made_text(const struct released_table *table, size_t row, const char *column)
{
    struct released_value value = released_value(table, row, made_column(table, column));
    return value.present ? value.text : "";
}

/* The configuration of the table, without a file. */
static struct derived_spec made_spec = {
    .table = "channels", .source = "cases", .share_of = "channel", .autocorrelation = true, .horizon = 3
};
static struct derived_config made_config = {
    .specs = &made_spec, .count = 1, .finding_rate = 0.05, .finding_most = 20
};

#endif
