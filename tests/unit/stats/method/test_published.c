/* Published series give published numbers: inputs from the shared data, expectations from R 4.2.2 and NIST StRD. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/csvread.h"
#include "core/mem.h"
#include "stats/method/autocorrelation.h"
#include "stats/method/cramer.h"
#include "stats/method/cusum.h"
#include "stats/method/decompose.h"
#include "stats/method/kruskal_wallis.h"
#include "stats/method/mann_kendall.h"
#include "stats/method/stl.h"
#include "stats/method/summary.h"
#include "stats/method/theil_sen.h"
#include "stats/method/welch.h"
#include "tests/unit/near.h"

enum { MAX_ROWS = 6000, MAX_LABELS = 16 };

static char folder[1024]; /* of the shared data */

struct reading {
    struct csvread *reader;
    char path[2048];
};

static struct reading open_csv(const char *name)
{
    struct reading reading;
    struct err err;
    snprintf(reading.path, sizeof reading.path, "%s/%s", folder, name);
    if (csvread_open(&reading.reader, reading.path, &(struct csvread_options){ 0 }, &err))
        fail_msg("%s", err.message);
    return reading;
}

static bool next(struct reading *reading, struct csv_record *record)
{
    struct err err;
    int more = csvread_next(reading->reader, record, &err);
    if (more < 0)
        fail_msg("%s", err.message);
    return more > 0;
}

static double number_of(struct slice text)
{
    return slice_equals(text, "NA") ? NAN : strtod(text.text, NULL);
}

/* One column of numbers. */
static struct series column_of(const char *file, const char *name, size_t season, double values[MAX_ROWS])
{
    struct reading reading = open_csv(file);
    struct csv_record record;
    struct series series = { values, 0, season };
    int column = csvread_column(reading.reader, name);
    assert_true(column >= 0);
    while (next(&reading, &record))
        values[series.n++] = number_of(record.fields[column]);
    csvread_free(reading.reader);
    return series;
}

/* Labels in order of appearance. */
struct labels {
    char text[MAX_LABELS][32];
    size_t count;
};

static size_t label_of(struct labels *labels, struct slice text)
{
    for (size_t i = 0; i < labels->count; i++)
        if (strcmp(labels->text[i], text.text) == 0)
            return i;
    snprintf(labels->text[labels->count], sizeof labels->text[0], "%s", text.text);
    return labels->count++;
}

/* Counts by two columns; `frequency` NULL: each row counts once. Rows with NA are left out. */
static struct contingency cross(const char *file, const char *row, const char *column, const char *frequency,
                                double counts[MAX_LABELS * MAX_LABELS])
{
    struct reading reading = open_csv(file);
    struct csv_record record;
    struct labels rows = { .count = 0 }, columns = { .count = 0 };
    double cells[MAX_LABELS][MAX_LABELS] = { { 0 } };
    int r = csvread_column(reading.reader, row), c = csvread_column(reading.reader, column);
    int f = frequency ? csvread_column(reading.reader, frequency) : -1;
    while (next(&reading, &record)) {
        if (slice_equals(record.fields[r], "NA") || slice_equals(record.fields[c], "NA"))
            continue;
        size_t i = label_of(&rows, record.fields[r]), j = label_of(&columns, record.fields[c]);
        cells[i][j] += f >= 0 ? number_of(record.fields[f]) : 1;
    }
    csvread_free(reading.reader);
    for (size_t i = 0; i < rows.count; i++)
        memcpy(counts + i * columns.count, cells[i], columns.count * sizeof *counts);
    return (struct contingency){ counts, rows.count, columns.count };
}

static size_t entries_of(const char *file, const char *value, const char *group, struct kruskal_entry *entries,
                         size_t *groups)
{
    struct reading reading = open_csv(file);
    struct csv_record record;
    struct labels labels = { .count = 0 };
    int v = csvread_column(reading.reader, value), g = csvread_column(reading.reader, group);
    size_t count = 0;
    while (next(&reading, &record)) {
        double number = number_of(record.fields[v]);
        if (!isnan(number))
            entries[count++] = (struct kruskal_entry){ label_of(&labels, record.fields[g]), number, 1 };
    }
    csvread_free(reading.reader);
    *groups = labels.count;
    return count;
}

static void mann_kendall_and_theil_sen(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        double s, variance, z, p, slope;
    } expected[] = {
        { "datasets_Nile.csv", -1387, 112728.333, -4.128066523, 3.658262922e-05, -2.6 },
        { "datasets_AirPassengers.csv", 8327, 335164.333, 14.38161003, 6.750566761e-47, 2.451216288 },
        { "datasets_nottem.csv", 976, 1545380.667, 0.7843084216, 0.4328591591, 0.005896841495 },
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        double values[MAX_ROWS];
        struct series series = column_of(expected[i].file, "value", 12, values);
        struct mann_kendall test;
        struct theil_sen line;
        assert_int_equal(mann_kendall(&series, &test), METHOD_OK);
        assert_int_equal(theil_sen(&series, 0.95, &line), METHOD_OK);
        assert_near(test.s, expected[i].s, 0);
        assert_near(test.variance, expected[i].variance, 5e-4);
        assert_near(test.z, expected[i].z, 5e-9);
        assert_near(test.p / expected[i].p, 1, 1e-9);
        assert_near(line.slope, expected[i].slope, 5e-10);
    }
}

static void nile_summary(void **state)
{
    (void)state;
    double values[MAX_ROWS];
    struct series series = column_of("datasets_Nile.csv", "value", 1, values);
    struct summary summary;
    struct cusum chart;
    assert_int_equal(summary_of(&series, &summary), METHOD_OK);
    assert_int_equal(cusum(&series, &chart), METHOD_OK);
    assert_near(summary.mean, 919.35, 1e-10);
    assert_near(summary.sd, 169.2275006, 5e-8);
    assert_near(summary.lower_quartile, 798.5, 0);
    assert_near(summary.median, 893.5, 0);
    assert_near(summary.upper_quartile, 1032.5, 0);
    assert_near(chart.largest, 4995.2, 1e-9);
    assert_int_equal(1871 + chart.last_before, 1898);
}

static void nottem_stl(void **state)
{
    (void)state;
    static const double seasonal[12] = { -9.347198, -9.85525,  -6.853301, -2.763471, 3.501357,  8.983303,
                                         12.84525,  11.476381, 7.447511,  0.47369,   -6.430131, -9.478142 };
    static const double trend[3] = { 49.680673, 49.545521, 49.410369 };
    double values[MAX_ROWS];
    struct series series = column_of("datasets_nottem.csv", "value", 12, values);
    struct stl stl;
    assert_int_equal(stl_decompose(&series, (struct stl_options){ 0 }, &stl), METHOD_OK);
    for (size_t i = 0; i < 12; i++)
        assert_near(stl.seasonal[i], seasonal[i], 6e-7);
    for (size_t i = 0; i < 3; i++)
        assert_near(stl.trend[i], trend[i], 6e-7);
    stl_free(&stl);
}

static void air_passengers_decomposed(void **state)
{
    (void)state;
    static const double expected[12] = { .9102304,  .8836253, 1.0073663, .975906,  .981378,  1.1127758,
                                         1.2265555, 1.219911, 1.0604919, .9217572, .8011781, .8988244 };
    double values[MAX_ROWS], figure[12];
    struct series series = column_of("datasets_AirPassengers.csv", "value", 12, values);
    assert_int_equal(decompose(&series, DECOMPOSE_MULTIPLICATIVE, figure, NULL), METHOD_OK);
    for (size_t i = 0; i < 12; i++)
        assert_near(figure[i], expected[i], 6e-8);
}

static void chi_square_tests(void **state)
{
    (void)state;
    double counts[MAX_LABELS * MAX_LABELS];
    struct chi_square test;
    struct cramer cramer;
    struct contingency table = cross("datasets_UCBAdmissions.csv", "Gender", "Admit", "Freq", counts);
    assert_int_equal(chi_square(&table, &test), METHOD_OK);
    assert_int_equal(cramer_v(&table, 0.95, &cramer), METHOD_OK);
    assert_near(test.statistic, 92.20528041, 5e-9);
    assert_near(test.yates, 91.60959786, 5e-9);
    assert_near(cramer.v, .1427317602, 5e-11);
    table = cross("datasets_HairEyeColor.csv", "Hair", "Eye", "Freq", counts);
    assert_int_equal(chi_square(&table, &test), METHOD_OK);
    assert_int_equal(cramer_v(&table, 0.95, &cramer), METHOD_OK);
    assert_near(test.statistic, 138.2898416, 5e-8);
    assert_int_equal(test.df, 9);
    assert_near(cramer.v, .2790446233, 5e-11);
    table = cross("../surveys/MASS_survey.csv", "Smoke", "Exer", NULL, counts);
    assert_int_equal(chi_square(&table, &test), METHOD_OK);
    assert_near(test.statistic, 14.38311494, 5e-9);
    assert_int_equal(test.df, 8);
    assert_near(test.p, .07231018626, 5e-12);
}

static void kruskal_wallis_tests(void **state)
{
    (void)state;
    struct kruskal_entry entries[MAX_ROWS];
    struct kruskal_wallis test;
    size_t groups, count = entries_of("datasets_InsectSprays.csv", "count", "spray", entries, &groups);
    assert_int_equal(kruskal_wallis(entries, count, groups, &test), METHOD_OK);
    assert_near(test.statistic, 54.69134462, 5e-9);
    assert_int_equal(test.df, 5);
    count = entries_of("datasets_airquality.csv", "Ozone", "Month", entries, &groups);
    assert_int_equal(kruskal_wallis(entries, count, groups, &test), METHOD_OK);
    assert_near(test.statistic, 29.26657631, 5e-9);
    assert_int_equal(test.df, 4);
}

static void welch_of_sleep(void **state)
{
    (void)state;
    struct kruskal_entry entries[MAX_ROWS];
    size_t groups, count = entries_of("datasets_sleep.csv", "extra", "group", entries, &groups);
    struct welch_sample samples[2];
    for (size_t g = 0; g < 2; g++) {
        double values[MAX_ROWS];
        struct series series = { values, 0, 1 };
        for (size_t i = 0; i < count; i++)
            if (entries[i].group == g)
                values[series.n++] = entries[i].value;
        struct summary summary;
        assert_int_equal(summary_of(&series, &summary), METHOD_OK);
        samples[g] = (struct welch_sample){ (double)summary.n, summary.mean, summary.sd };
    }
    struct welch test;
    assert_int_equal(welch_test(&samples[0], &samples[1], 0.95, &test), METHOD_OK);
    assert_near(test.t, -1.860813467, 5e-10);
    assert_near(test.df, 17.77647352, 5e-9);
    assert_near(test.p, .07939414019, 5e-12);
}

/* The data of a NIST file: the lines that hold nothing but a number, after the header. */
static struct series nist_data(const char *name, double values[MAX_ROWS])
{
    char path[2048], line[512];
    snprintf(path, sizeof path, "%s/nist/%s.txt", folder, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    struct series series = { values, 0, 1 };
    bool data = false;
    while (fgets(line, sizeof line, file)) {
        char *end;
        double value = strtod(line, &end);
        data = data || strncmp(line, "Data:", 5) == 0 || strncmp(line, "# Data\n", 7) == 0;
        if (data && end != line && end[strspn(end, " \r\n")] == '\0')
            values[series.n++] = value;
    }
    fclose(file);
    return series;
}

/* Where the data themselves hold fewer digits in double precision, no program has more: 10000000.2 is known to 1e-9, which leaves
 * the standard deviation of 0.1 eight digits. */
static void nist_univariate(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t n;
        double mean, sd, lag1, relative;
    } expected[] = {
        { "Lew", 200, -177.435, 277.332168044316, -0.307304800605679, 1e-12 },
        { "Lottery", 218, 518.958715596330, 291.699727470969, -0.120948622967393, 1e-12 },
        { "Mavro", 50, 2.001856, 0.000429123454003053, 0.937989183438248, 1e-10 },
        { "Michelso", 100, 299.8524, 0.0790105478190518, 0.535199668621283, 1e-10 },
        { "NumAcc1", 3, 10000002, 1, -0.5, 1e-12 },
        { "NumAcc2", 1001, 1.2, 0.1, -0.999, 1e-12 },
        { "NumAcc3", 1001, 1000000.2, 0.1, -0.999, 2e-9 },
        { "NumAcc4", 1001, 10000000.2, 0.1, -0.999, 2e-8 },
        { "PiDigits", 5000, 4.5348, 2.86733906028871, -0.00355099287237972, 1e-12 },
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        double values[MAX_ROWS], lag1;
        struct series series = nist_data(expected[i].name, values);
        struct summary summary;
        assert_int_equal(series.n, expected[i].n);
        assert_int_equal(summary_of(&series, &summary), METHOD_OK);
        assert_int_equal(autocorrelation_of(values, series.n, 1, &lag1), METHOD_OK);
        assert_near(summary.mean / expected[i].mean, 1, 1e-14);
        assert_near(summary.sd / expected[i].sd, 1, expected[i].relative);
        assert_near(lag1 / expected[i].lag1, 1, expected[i].relative);
    }
}

static bool find_data(void)
{
    const char *shared = getenv("FALLZAHL_SHARED");
    snprintf(folder, sizeof folder, "%s/data/stats", shared ? shared : "../shared");
    return access(folder, R_OK) == 0;
}

int main(void)
{
    if (!find_data()) {
        puts("ok 1 - published numbers # skip no shared data");
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mann_kendall_and_theil_sen),
        cmocka_unit_test(nile_summary),
        cmocka_unit_test(nottem_stl),
        cmocka_unit_test(air_passengers_decomposed),
        cmocka_unit_test(chi_square_tests),
        cmocka_unit_test(kruskal_wallis_tests),
        cmocka_unit_test(welch_of_sleep),
        cmocka_unit_test(nist_univariate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
