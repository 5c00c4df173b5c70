/* All that is asked of one series: level, change, trend, change point, season, last period, chart, forecast. Each part has an
 * answer or the reason why not. */
#ifndef STATS_DERIVED_TREND_TEST_H
#define STATS_DERIVED_TREND_TEST_H

#include "stats/derived/trend_series.h"
#include "stats/method/attribute_chart.h"
#include "stats/method/cusum.h"
#include "stats/method/hamed_rao.h"
#include "stats/method/holt_winters_fit.h"
#include "stats/method/last_value.h"
#include "stats/method/mann_kendall.h"
#include "stats/method/seasonal_kendall.h"
#include "stats/method/step_or_line.h"
#include "stats/method/stl.h"
#include "stats/method/theil_sen.h"

/* The last value against an earlier one; `tested` where counts or standard deviations allow it. */
struct trend_change {
    bool present, tested;
    double earlier, change, percent, low, high, p;
};

/* Pettitt's test, within the seasons where there are two full cycles; the place is then that of the best step beside a season. */
struct trend_step {
    double p;
    size_t first_after;   /* period */
    double before, after; /* medians, the season taken out */
    struct cusum cusum;   /* of the same; its p is not for series whose season was estimated */
};

struct trend_chart {
    const char *name;                     /* p, u, xmr */
    double centre, dispersion, low, high; /* dispersion: Laney's sigma z, NAN for xmr */
};

struct trend_test {
    const struct trend_series *of;
    size_t n, first, last; /* present values; periods of the first and the last */
    struct trend_change on_period, on_year;
    double middle;    /* median, the season taken out */
    bool is_seasonal; /* two full cycles: the season is known and taken out */

    enum method_reason shape_reason; /* of what the season is taken out by */
    struct step_or_line shape;
    double shape_p; /* of a line or a step; NAN without a test */

    enum method_reason line_reason, kendall_reason, seasonal_reason, autocorrelation_reason;
    struct theil_sen line;
    struct mann_kendall kendall;
    struct seasonal_kendall seasonal;
    struct hamed_rao autocorrelation; /* of the series without its season */
    double trend_p, trend_p_adjusted; /* NAN without a test */

    enum method_reason change_reason;
    struct trend_step change;
    double change_p_adjusted;

    enum method_reason season_reason;
    struct stl season;                  /* robust, periodic; freed by trend_test_clear() */
    double season_strength;             /* NAN without STL */
    double *effects;                    /* of the seasons, the first usable period's first: STL's or least squares'; or NULL */
    double season_p, season_p_adjusted; /* NAN where the season is not known */

    enum method_reason last_reason;
    struct last_value expected;
    double last_p_adjusted;

    enum method_reason chart_reason;
    struct trend_chart chart;

    enum method_reason forecast_reason;
    struct holt_winters_forecast *forecast; /* or NULL */
};

/* `spec` may be NULL. `usable` bounds the periods that count. */
void trend_test_run(struct trend_test *test, const struct panel *panel, const struct trend_series *series,
                    const struct derived_spec *spec, struct span usable);
void trend_test_clear(struct trend_test *test);

/* Places within the first cycle of the highest and the lowest seasonal value; is_seasonal must hold. */
void trend_season_extremes(const struct trend_test *test, size_t season, size_t *high, size_t *low);

#endif
