/* The files of trends/. */
#ifndef STATS_DERIVED_TREND_SHEET_H
#define STATS_DERIVED_TREND_SHEET_H

#include "stats/derived/trend_test.h"
#include "stats/derived/trend_usable.h"

struct trend_view {
    const struct panel *panel;
    const struct trend_usable *usable;
    const struct trend_test *tests;
    size_t count, horizon;
};

void trend_sheet_write(struct release *to, const struct trend_view *view);
void trend_sheet_write_parts(struct release *to, const struct trend_view *view);
void trend_sheet_write_forecast(struct release *to, const struct trend_view *view);

#endif
