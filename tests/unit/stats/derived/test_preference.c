/* Preferences, their tests and group means: figures that a pocket calculator or R confirms. */
#include "tests/unit/stats/derived/made_release.h"

/* One month: alpha 40 chat and 60 mail, beta 90 and 110. */
static struct release *two_groups(void)
{
    static struct made made = { .months = 1, .groups = 2, .categories = 2 };
    static const double cases[2][2] = { { 40, 60 }, { 90, 110 } };
    for (size_t g = 0; g < 2; g++)
        for (size_t c = 0; c < 2; c++)
            made.cells[0][g][c] = (struct made_cell){ cases[g][c], 3 + (double)g };
    struct release *release = made_release(&made);
    derive_tables(release, &made_config);
    return release;
}

/* prop.test(40, 100)$conf.int without correction, chisq.test(matrix(c(40, 60, 90, 110), 2, byrow = TRUE))$stdres of R 4.2.2. */
static void shares(void **state)
{
    (void)state;
    struct release *release = two_groups();
    const struct released_table *table = made_table(release, "preferences", "channels");
    size_t row = MADE_FIND(table, "period", "2024-01", "brand", "alpha", "channel", "chat");
    assert_near(made_number(table, row, "share"), 0.4, 1e-12);
    assert_near(made_number(table, row, "share_low"), 0.309401, 1e-6);
    assert_near(made_number(table, row, "share_high"), 0.497997, 1e-6);
    assert_near(made_number(table, row, "parent_share"), 130. / 300, 1e-12);
    assert_near(made_number(table, row, "index"), 100 * 0.4 / (130. / 300), 1e-9);
    assert_near(made_number(table, row, "residual"), -0.8238525546, 1e-6);
    assert_near(made_number(table, row, "p"), 0.4100233417, 1e-6);
    assert_near(made_number(table, row, "rank"), 2, 0);
    assert_near(made_number(table, row, "periods"), 1, 0);
    row = MADE_FIND(table, "period", "2024-01", "brand", "(total)", "channel", "chat");
    assert_string_equal(made_text(table, row, "reason"), "one_group"); /* nothing above it */
    assert_true(isnan(made_number(table, row, "residual")));
    release_free(release);
}

static void tests(void **state)
{
    (void)state;
    struct release *release = two_groups();
    const struct released_table *table = made_table(release, "preferences", "channels_tests");
    size_t row = MADE_FIND(table, "period", "2024-01", "divided_by", "brand", "brand", "(total)");
    assert_near(made_number(table, row, "chi_square"), 0.8238525546 * 0.8238525546, 1e-6);
    assert_near(made_number(table, row, "df"), 1, 0);
    assert_near(made_number(table, row, "p"), 0.4100233417, 1e-6);
    assert_near(made_number(table, row, "cramers_v"), 0.8238525546 / sqrt(300), 1e-6);
    assert_near(made_number(table, row, "cases"), 300, 0);
    assert_true(isnan(made_number(table, row, "p_permutation")));
    release_free(release);
}

/* alpha: n 100, mean 3, sd 1; the rest is beta: n 200, mean 4. */
static void means(void **state)
{
    (void)state;
    struct release *release = two_groups();
    const struct released_table *table = made_table(release, "preferences", "channels_means");
    size_t row = MADE_FIND(table, "measure", "score_mean", "brand", "alpha", "channel", "(total)");
    assert_near(made_number(table, row, "rest_n"), 200, 0);
    assert_near(made_number(table, row, "rest_mean"), 4, 1e-4);
    assert_near(made_number(table, row, "difference"), -1, 1e-4);
    assert_true(made_number(table, row, "difference_low") < -1 && made_number(table, row, "difference_high") > -1);
    assert_true(made_number(table, row, "p") <= 1e-6);
    row = MADE_FIND(table, "measure", "score_mean", "brand", "(total)", "channel", "(total)");
    assert_int_equal(row, SIZE_MAX); /* the total has no parent */
    release_free(release);
}

/* A withheld category counts in the rest; a test over two months tells apart only what both show. */
static void withheld(void **state)
{
    (void)state;
    struct made made = { .months = 2, .groups = 2, .categories = 3 };
    for (size_t m = 0; m < 2; m++)
        for (size_t g = 0; g < 2; g++)
            for (size_t c = 0; c < 3; c++)
                made.cells[m][g][c] = (struct made_cell){ (double)(20 + 10 * c + 5 * g), 3 };
    made.cells[1][1][2].cases = -45; /* phone of beta in February is withheld */
    struct release *release = made_release(&made);
    derive_tables(release, &made_config);
    const struct released_table *table = made_table(release, "preferences", "channels_tests");
    size_t january = MADE_FIND(table, "period", "2024-01"), both = MADE_FIND(table, "period", "2024-01/2024-02");
    assert_near(made_number(table, january, "df"), 2, 0);
    assert_near(made_number(table, january, "categories"), 3, 0);
    assert_near(made_number(table, both, "df"), 2, 0);          /* chat, mail and the rest */
    assert_near(made_number(table, both, "cases"), 2 * 195, 0); /* the totals hold the withheld ones */
    assert_true(made_number(table, both, "stratified") >= 0);
    table = made_table(release, "preferences", "channels");
    size_t row = MADE_FIND(table, "period", "2024-01/2024-02", "brand", "beta", "channel", "phone");
    assert_near(made_number(table, row, "periods"), 1, 0);
    assert_int_equal(MADE_FIND(table, "period", "2024-02", "brand", "beta", "channel", "phone"), SIZE_MAX);
    release_free(release);
}

/* Of gamma and delta chat and mail are withheld: they are one group. chisq.test(matrix(c(40, 60, 50, 30, 20, 70, 60, 60, 100), 3,
 * byrow = TRUE)) of R 4.2.2. */
static void withheld_groups_together(void **state)
{
    (void)state;
    static const double cases[4][3] = { { 40, 60, 50 }, { 30, 20, 70 }, { -25, -45, 20 }, { -35, -15, 80 } };
    struct made made = { .months = 1, .groups = 4, .categories = 3 };
    for (size_t g = 0; g < 4; g++)
        for (size_t c = 0; c < 3; c++)
            made.cells[0][g][c] = (struct made_cell){ cases[g][c], 3 };
    struct release *release = made_release(&made);
    derive_tables(release, &made_config);
    const struct released_table *table = made_table(release, "preferences", "channels_tests");
    assert_near(made_number(table, 0, "groups"), 3, 0);
    assert_near(made_number(table, 0, "categories"), 3, 0);
    assert_near(made_number(table, 0, "chi_square"), 22.39992583, 1e-6);
    assert_near(made_number(table, 0, "df"), 4, 0);
    assert_near(made_number(table, 0, "cases"), 490, 0);
    release_free(release);
}

/* Few cases: the permutation test stands in, and gives the same p twice. */
static void small_counts(void **state)
{
    (void)state;
    struct made made = { .months = 1, .groups = 2, .categories = 2 };
    static const double cases[2][2] = { { 3, 1 }, { 1, 3 } };
    double p[2];
    for (size_t g = 0; g < 2; g++)
        for (size_t c = 0; c < 2; c++)
            made.cells[0][g][c] = (struct made_cell){ cases[g][c], 3 };
    for (size_t i = 0; i < 2; i++) {
        struct release *release = made_release(&made);
        derive_tables(release, &made_config);
        const struct released_table *table = made_table(release, "preferences", "channels_tests");
        assert_near(made_number(table, 0, "small_expected"), 4, 0);
        p[i] = made_number(table, 0, "p_permutation");
        release_free(release);
    }
    assert_near(p[0], 34. / 70, 0.04); /* Fisher's tea */
    assert_near(p[0], p[1], 0);
}

/* alpha stands at 3, beta at 4, all at 3.67; the pair is a score with itself. */
static void expectations(void **state)
{
    (void)state;
    struct release *release = two_groups();
    const struct released_table *table = made_table(release, "preferences", "channels_expectations");
    size_t row = MADE_FIND(table, "pair", "advice", "brand", "alpha", "channel", "(total)");
    assert_near(made_number(table, row, "expected_mean"), 3, 1e-9);
    assert_near(made_number(table, row, "gap"), 0, 1e-9);
    assert_near(made_number(table, row, "p"), 1, 1e-9);
    assert_string_equal(made_text(table, row, "quadrant"), "low_priority"); /* below the total in both */
    row = MADE_FIND(table, "pair", "advice", "brand", "beta", "channel", "(total)");
    assert_string_equal(made_text(table, row, "quadrant"), "keep_up");
    release_free(release);
}

/* A p too small for six decimals is never written as 0. */
static void no_p_is_zero(void **state)
{
    (void)state;
    struct made made = { .months = 1, .groups = 2, .categories = 2 };
    for (size_t g = 0; g < 2; g++)
        for (size_t c = 0; c < 2; c++)
            made.cells[0][g][c] = (struct made_cell){ g == c ? 90000 : 10000, 3 };
    struct release *release = made_release(&made);
    derive_tables(release, &made_config);
    size_t row = MADE_FIND(made_table(release, "preferences", "channels"), "brand", "alpha", "channel", "chat");
    assert_near(made_number(made_table(release, "preferences", "channels"), row, "p"), 0.000001, 0);
    assert_near(made_number(made_table(release, "preferences", "channels_tests"), 0, "p_adjusted"), 0.000001, 0);
    assert_near(made_number(made_table(release, "", "findings"), 0, "p"), 0.000001, 0);
    release_free(release);
}

int main(void)
{
    static const struct derived_pair pairs[] = { { "advice", "score", "score" } };
    made_spec.pairs = pairs;
    made_spec.pair_count = 1;
    const struct CMUnitTest all[] = { cmocka_unit_test(shares),
                                      cmocka_unit_test(tests),
                                      cmocka_unit_test(means),
                                      cmocka_unit_test(withheld),
                                      cmocka_unit_test(withheld_groups_together),
                                      cmocka_unit_test(small_counts),
                                      cmocka_unit_test(expectations),
                                      cmocka_unit_test(no_p_is_zero) };
    return cmocka_run_group_tests(all, NULL, NULL);
}
