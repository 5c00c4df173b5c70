#include "stats/derived/trend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/derived/trend_report.h"
#include "stats/derived/trend_sheet.h"
#include "stats/derived/trend_test.h"
#include "stats/derived/trend_usable.h"
#include "stats/method/benjamini_hochberg.h"

/* Adjusts one p of all tests together; `adjusted` is the offset of where it goes. */
static void adjust(struct trend_test *tests, size_t count, double (*p)(const struct trend_test *test), size_t adjusted)
{
    double *values = mem_zalloc(count, sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = p(&tests[i]);
    benjamini_hochberg(values, count, values);
    for (size_t i = 0; i < count; i++)
        memcpy((char *)&tests[i] + adjusted, &values[i], sizeof *values);
    free(values);
}

static double trend_p(const struct trend_test *test)
{
    return test->trend_p;
}

static double change_p(const struct trend_test *test)
{
    return test->change_reason == METHOD_OK ? test->change.p : NAN;
}

static double season_p(const struct trend_test *test)
{
    return test->season_p;
}

static double last_p(const struct trend_test *test)
{
    return test->last_reason == METHOD_OK ? test->expected.p : NAN;
}

void trend_add(struct release *to, const struct panel *panel, const struct derived_spec *spec,
               struct findings *findings)
{
    struct trend_usable usable = trend_usable_of(panel);
    struct trend_list list;
    trend_list_init(&list, panel, spec, usable.span);
    struct trend_test *tests = mem_zalloc(list.count, sizeof *tests);
    for (size_t i = 0; i < list.count; i++)
        trend_test_run(&tests[i], panel, &list.list[i], spec, usable.span);
    adjust(tests, list.count, trend_p, offsetof(struct trend_test, trend_p_adjusted));
    adjust(tests, list.count, change_p, offsetof(struct trend_test, change_p_adjusted));
    adjust(tests, list.count, season_p, offsetof(struct trend_test, season_p_adjusted));
    adjust(tests, list.count, last_p, offsetof(struct trend_test, last_p_adjusted));
    struct trend_view view = { panel, &usable, tests, list.count, spec ? spec->horizon : 3 };
    trend_sheet_write(to, &view);
    trend_sheet_write_parts(to, &view);
    trend_sheet_write_forecast(to, &view);
    trend_report(findings, &view);
    for (size_t i = 0; i < list.count; i++)
        trend_test_clear(&tests[i]);
    free(tests);
    trend_list_clear(&list);
}
