/* Means and standard deviations certified by NIST (Statistical Reference Datasets, univariate): NumAcc1 to NumAcc4 are
 * given by their construction, the others are read where the shared data is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../near.h"
#include "stats/figure.h"

static void assert_figures(const struct cell_sum *sum, int decimals, double mean, double sd)
{
    assert_near(figure_mean(sum, decimals), mean, 1e-14 * fabs(mean) + 1e-15);
    assert_near(figure_sd(sum, decimals), sd, 1e-14 * sd);
}

/* One value, then 500 times `low` and `high`: NumAcc2, 3 and 4. */
static void alternating(struct cell_sum *sum, int64_t first, int64_t low, int64_t high)
{
    *sum = (struct cell_sum){ 0 };
    cell_add_value(sum, first, false);
    for (int i = 0; i < 500; i++) {
        cell_add_value(sum, low, false);
        cell_add_value(sum, high, false);
    }
}

static void numerical_accuracy(void **state)
{
    (void)state;
    struct cell_sum sum = { 0 };
    cell_add_value(&sum, 10000001, false);
    cell_add_value(&sum, 10000003, false);
    cell_add_value(&sum, 10000002, false);
    assert_figures(&sum, 0, 10000002, 1);
    alternating(&sum, 12, 11, 13);
    assert_figures(&sum, 1, 1.2, 0.1);
    alternating(&sum, 10000002, 10000001, 10000003);
    assert_figures(&sum, 1, 1000000.2, 0.1);
    alternating(&sum, 100000002, 100000001, 100000003);
    assert_figures(&sum, 1, 10000000.2, 0.1);
    alternating(&sum, -100000002, -100000001, -100000003);
    assert_figures(&sum, 1, -10000000.2, 0.1);
    alternating(&sum, CELL_VALUE_LIMIT - 1, CELL_VALUE_LIMIT - 2, CELL_VALUE_LIMIT);
    assert_figures(&sum, 0, 999999999999999.0, 1);
}

static void small_ones(void **state)
{
    (void)state;
    struct cell_sum sum = { 0 };
    cell_add_value(&sum, 5, true);
    cell_add_value(&sum, 5, true);
    assert_figures(&sum, 0, 5, 0);
    cell_add_value(&sum, 2, false);
    assert_near(figure_share(&sum), 2.0 / 3, 1e-16);
    assert_near(figure_mean(&sum, 0), 4, 0);
    assert_near(figure_sd(&sum, 0), 1.7320508075688772, 1e-15); /* sqrt(3) */
    struct cell_sum signs = { 0 };
    cell_add_value(&signs, -7, false);
    cell_add_value(&signs, 8, false);
    assert_near(figure_mean(&signs, 1), 0.05, 1e-17);
    assert_near(figure_sd(&signs, 1), 1.0606601717798212, 1e-15); /* 1.5 / sqrt(2) */
    assert_near(figure_sum(&signs, 1), 0.1, 1e-17);
}

/* All but one of a million are -8, that one is -7: the deviations are tiny against n. sd = sqrt(1/n). */
static void one_among_many(void **state)
{
    (void)state;
    struct cell_sum sum = { 0 };
    for (int i = 0; i < 999999; i++)
        cell_add_value(&sum, -8, false);
    cell_add_value(&sum, -7, false);
    assert_near(figure_sd(&sum, 0), 0.001, 1e-17);
}

static void scaling(void **state)
{
    (void)state;
    assert_int_equal(figure_scale(0.5, 2), 50);
    assert_int_equal(figure_scale(0.29, 2), 29);
    assert_int_equal(figure_scale(-2.5, 0), -3);
    assert_near(figure_unscale(-1250, 2), -12.5, 0);
    assert_near(figure_unscale(29, 2), 0.29, 0);
}

static char *shared_file(const char *name)
{
    static char path[4096];
    const char *folder = getenv("FALLZAHL_SHARED");
    snprintf(path, sizeof path, "%s/data/stats/nist/%s.txt", folder ? folder : "../shared", name);
    return path;
}

/* The data are the lines that are a number and nothing else. */
static void check_file(FILE *file, int decimals, double mean, double sd)
{
    struct cell_sum sum = { 0 };
    char line[256], *end;
    while (fgets(line, sizeof line, file)) {
        double value = strtod(line, &end);
        if (end != line && !end[strspn(end, " \r\n")])
            cell_add_value(&sum, figure_scale(value, decimals), false);
    }
    assert_true(sum.n > 40);
    assert_near(figure_mean(&sum, decimals), mean, 1e-14 * fabs(mean));
    assert_near(figure_sd(&sum, decimals), sd, 1e-14 * sd);
}

static void nist_files(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int decimals;
        double mean, sd;
    } files[] = {
        { "Lew", 0, -177.435, 277.332168044316 },       { "Lottery", 0, 518.958715596330, 291.699727470969 },
        { "Mavro", 5, 2.001856, 0.000429123454003053 }, { "Michelso", 2, 299.8524, 0.0790105478190518 },
        { "PiDigits", 0, 4.5348, 2.86733906028871 },
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        FILE *file = fopen(shared_file(files[i].name), "r");
        if (!file) {
            print_message("# no shared data: %s is not checked\n", files[i].name);
            continue;
        }
        check_file(file, files[i].decimals, files[i].mean, files[i].sd);
        fclose(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numerical_accuracy), cmocka_unit_test(small_ones),
        cmocka_unit_test(one_among_many),     cmocka_unit_test(scaling),
        cmocka_unit_test(nist_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
