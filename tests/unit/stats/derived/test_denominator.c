#include "tests/unit/stats/derived/made_release.h"

#include <stdlib.h>
#include <unistd.h>

#include "stats/derived/denominator.h"

static char folder[64];

static void write_file(const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/orders.csv", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/fallzahl-denominator-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/orders.csv", folder);
    unlink(path);
    return rmdir(folder);
}

static struct made made;

static struct release *release_of_two_months(void)
{
    made = (struct made){ .months = 2, .groups = 2, .categories = 2 };
    for (size_t m = 0; m < 2; m++)
        for (size_t g = 0; g < 2; g++)
            for (size_t c = 0; c < 2; c++)
                made.cells[m][g][c] = (struct made_cell){ 30, 3 };
    made.cells[1][1][0].cases = -30; /* beta's chat of February is withheld, but in the totals */
    return made_release(&made);
}

static double exposure(const struct denominator *orders, const struct panel *panel, const char *brand,
                       const char *channel, size_t period)
{
    size_t line = 0;
    while (strcmp(panel->lines[line].labels[0], brand) || strcmp(panel->lines[line].labels[1], channel))
        line++;
    return denominator_exposure(orders, panel, line, period);
}

static void looked_up(void **state)
{
    (void)state;
    struct denominator orders = { .name = "orders", .file = "orders.csv", .column = "orders", .per = 1000 };
    struct release *release = release_of_two_months();
    struct panel *panel = panel_new(release_table(release, 0), NULL);
    write_file("brand,month,orders\nalpha,2024-01,4000\nbeta,2024-01,6000\nalpha,2024-02,5000\n(total),2024-02,99\n");
    assert_int_equal(denominator_read(&orders, folder, NULL), 0);
    assert_near(exposure(&orders, panel, "alpha", "(total)", 0), 4000, 0);
    assert_near(exposure(&orders, panel, "alpha", "chat", 0), 4000, 0); /* the file knows no channels */
    assert_near(exposure(&orders, panel, "(total)", "(total)", 0), 10000, 0);
    assert_near(exposure(&orders, panel, "(total)", "(total)", 1), 99, 0); /* as written */
    assert_true(isnan(exposure(&orders, panel, "beta", "(total)", 1)));
    denominator_free(&orders);
    write_file("brand,month,orders\nalpha,2024-01,4000\nbeta,2024-01,6000\nalpha,2024-02,5000\n");
    assert_int_equal(denominator_read(&orders, folder, NULL), 0);
    assert_true(isnan(exposure(&orders, panel, "(total)", "(total)", 1))); /* beta's are not there: no sum */
    assert_true(isnan(exposure(&orders, panel, "(total)", "chat", 1)));
    assert_near(exposure(&orders, panel, "(total)", "chat", 0), 10000, 0);
    denominator_free(&orders);
    panel_free(panel);
    release_free(release);
}

/* 120 cases of 10,000 orders: 12 per 1,000. */
static void rates(void **state)
{
    (void)state;
    struct denominator orders = { .name = "orders", .file = "orders.csv", .column = "orders", .per = 1000 };
    struct release *release = release_of_two_months();
    write_file("brand,month,orders\nalpha,2024-01,4000\nbeta,2024-01,6000\nalpha,2024-02,3000\nbeta,2024-02,3000\n");
    assert_int_equal(denominator_read(&orders, folder, NULL), 0);
    made_spec.denominators = &orders;
    made_spec.denominator_count = 1;
    derive_tables(release, &made_config);
    made_spec.denominator_count = 0;
    const struct released_table *trends = made_table(release, "trends", "channels");
    size_t row = MADE_FIND(trends, "figure", "cases_per_orders", "brand", "(total)", "channel", "(total)");
    assert_near(made_number(trends, row, "previous"), 12, 1e-12);
    assert_near(made_number(trends, row, "last"), 20, 1e-12);
    /* alpha 15 to 20 at weights 0.4 and 0.5, beta 10 to 20 at 0.6 and 0.5 */
    const struct released_table *drivers = made_table(release, "trends", "channels_drivers");
    row = MADE_FIND(drivers, "figure", "cases_per_orders", "brand", "beta");
    assert_near(made_number(drivers, row, "rate"), 10 * 0.55, 1e-9);
    assert_near(made_number(drivers, row, "mix"), -0.1 * (15 - 16), 1e-9);
    denominator_free(&orders);
    release_free(release);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *problem;
    } cases[] = {
        { "brand,month,sales\na,2024-01,1\n", "orders.csv: there is no column 'orders'" },
        { "brand,month,orders\na,2024-01,1\nb,2024-01\n", "orders.csv:3: 2 fields, but the header has 3" },
        { "brand,month,orders\na,2024-01,-1\n", "orders.csv:2: column 'orders' holds no number of 0 or more" },
        { "brand,month,orders\na,2024-01,secret\n", "orders.csv:2: column 'orders' holds no number of 0 or more" },
        { "brand,month,orders\na,2024-01,1\nb,2024-01,1\na,2024-01,2\n", "orders.csv:4: the same labels as in line 2" },
        { "brand,month,orders\na,2024-01,nan\n", "orders.csv:2: column 'orders' holds no number of 0 or more" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct denominator orders = { .name = "orders", .file = "orders.csv", .column = "orders", .per = 1000 };
        struct err err;
        write_file(cases[i].text);
        assert_int_equal(denominator_read(&orders, folder, &err), ERR_DATA);
        assert_non_null(strstr(err.message, cases[i].problem));
        assert_null(strstr(err.message, "secret"));
        assert_null(orders.data);
    }
    struct denominator missing = { .name = "orders", .file = "none.csv", .column = "orders", .per = 1000 };
    assert_int_equal(denominator_read(&missing, folder, NULL), ERR_NOINPUT);
}

static void columns_fit(void **state)
{
    (void)state;
    static const struct {
        const char *text, *problem;
    } cases[] = {
        { "month,brand,orders\n", NULL },
        { "month,region,orders\n", "orders.csv: table 'channels' has no dimension column 'region'" },
        { "brand,orders\n", "orders.csv: the column of the period, 'month', is missing" },
    };
    struct release *release = release_of_two_months();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct denominator orders = { .name = "orders", .file = "orders.csv", .column = "orders", .per = 1000 };
        struct err err;
        write_file(cases[i].text);
        assert_int_equal(denominator_read(&orders, folder, &err), 0);
        assert_int_equal(denominator_fits(&orders, release_table(release, 0), &err), cases[i].problem ? ERR_DATA : 0);
        if (cases[i].problem)
            assert_non_null(strstr(err.message, cases[i].problem));
        denominator_free(&orders);
    }
    release_free(release);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(looked_up), cmocka_unit_test(rates), cmocka_unit_test(refused),
                                        cmocka_unit_test(columns_fit) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
