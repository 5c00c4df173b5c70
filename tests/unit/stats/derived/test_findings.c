#include "tests/unit/stats/derived/made_release.h"

#include <stdlib.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "stats/derived/finding_text.h"
#include "stats/derived/findings.h"

static struct made made;

static struct panel *small_panel(struct release **release)
{
    made = (struct made){ .months = 2, .groups = 2, .categories = 2 };
    for (size_t m = 0; m < 2; m++)
        for (size_t g = 0; g < 2; g++)
            for (size_t c = 0; c < 2; c++)
                made.cells[m][g][c] = (struct made_cell){ 50, 3 };
    *release = made_release(&made);
    return panel_new(release_table(*release, 0), "cases");
}

static size_t line_of(const struct panel *panel, const char *brand, const char *channel)
{
    size_t line = 0;
    while (strcmp(panel->lines[line].labels[0], brand) || strcmp(panel->lines[line].labels[1], channel))
        line++;
    return line;
}

static void check_text(const struct finding *finding, const char *english, const char *german)
{
    struct strbuf text = { 0 };
    finding_text(finding, FINDING_ENGLISH, &text);
    assert_string_equal(strbuf_text(&text), english);
    strbuf_clear(&text);
    finding_text(finding, FINDING_GERMAN, &text);
    assert_string_equal(strbuf_text(&text), german);
    strbuf_release(&text);
}

static void words(void **state)
{
    (void)state;
    struct release *release;
    struct panel *panel = small_panel(&release);
    check_text(
        &(struct finding){ .kind = FINDING_TREND,
                           .panel = panel,
                           .line = panel->total,
                           .figure = "cases",
                           .share_of = PANEL_NONE,
                           .since = "2024-01",
                           .period = "2026-02",
                           .value = 12345.6,
                           .reference = 1000,
                           .slope = 436.4,
                           .low = 400,
                           .high = 500 },
        "The number of cases (all) rises by about 436 a month (slope, 95% interval 400 to 500), from 1,000 (2024-01) to "
        "12,346 (2026-02).",
        "Die Zahl der Fälle (gesamt) steigt um etwa 436 je Monat (Steigung, 95-%-Intervall 400 bis 500), von 1.000 (2024-01) "
        "auf 12.346 (2026-02).");
    check_text(&(struct finding){ .kind = FINDING_CHANGE,
                                  .unit = FINDING_SHARE,
                                  .panel = panel,
                                  .line = line_of(panel, "alpha", "chat"),
                                  .figure = "share",
                                  .share_of = 1,
                                  .period = "2025-03",
                                  .value = 0.4567,
                                  .reference = 0.3 },
               "The share of channel chat (brand alpha) has a new level from 2025-03 on: 45.7%, before that 30.0%.",
               "Der Anteil von channel chat (brand alpha) hat ab 2025-03 ein neues Niveau: 45,7 %, vorher 30,0 %.");
    check_text(
        &(struct finding){ .kind = FINDING_LAST,
                           .panel = panel,
                           .line = line_of(panel, "beta", "(total)"),
                           .figure = "score_mean",
                           .share_of = PANEL_NONE,
                           .period = "2026-02",
                           .value = 2.5,
                           .reference = 3.25,
                           .low = 3,
                           .high = 3.5 },
        "The mean of score (brand beta) is unusually low in 2026-02: 2.50, expected about 3.25 (limits 3.00 to 3.50).",
        "Der Mittelwert von score (brand beta) ist ungewöhnlich niedrig in 2026-02: 2,50, erwartet etwa 3,25 (Grenzen 3,00 bis 3,50).");
    check_text(
        &(struct finding){ .kind = FINDING_PREFERENCE,
                           .unit = FINDING_SHARE,
                           .panel = panel,
                           .line = line_of(panel, "beta", "mail"),
                           .figure = "share",
                           .share_of = 1,
                           .period = "2024-01/2024-02",
                           .value = 0.1,
                           .reference = 0.2,
                           .low = 0.05,
                           .high = 0.15 },
        "brand beta: channel mail is less common than overall: 10.0% (95% interval 5.0% to 15.0%) against 20.0% "
        "(2024-01/2024-02).",
        "brand beta: channel mail kommt seltener vor als insgesamt: 10,0 % (95-%-Intervall 5,0 % bis 15,0 %) gegen 20,0 % "
        "(2024-01/2024-02).");
    check_text(
        &(struct finding){ .kind = FINDING_SEASON,
                           .panel = panel,
                           .line = panel->total,
                           .figure = "cases",
                           .share_of = PANEL_NONE,
                           .period = "12",
                           .since = "03",
                           .value = 99.5,
                           .reference = -1234.5 },
        "The number of cases (all) has a yearly pattern: highest in December (about 99.5), lowest in March (about -1,234).",
        "Die Zahl der Fälle (gesamt) hat ein Jahresmuster: am höchsten in Dezember (etwa 99,5), am niedrigsten in März (etwa "
        "-1.234).");
    check_text(&(struct finding){ .kind = FINDING_CHANGE,
                                  .panel = panel,
                                  .line = panel->total,
                                  .figure = "cases_per_orders",
                                  .share_of = PANEL_NONE,
                                  .period = "2025-03",
                                  .value = 12.34,
                                  .reference = 0.001234 },
               "The rate of cases per orders (all) has a new level from 2025-03 on: 12.3, before that 0.001.",
               "Die Rate der Fälle je orders (gesamt) hat ab 2025-03 ein neues Niveau: 12,3, vorher 0,001.");
    check_text(&(struct finding){ .kind = FINDING_CHANGE,
                                  .panel = panel,
                                  .line = panel->total,
                                  .figure = "wait_q90",
                                  .share_of = PANEL_NONE,
                                  .period = "2025-03",
                                  .value = 1234567.4,
                                  .reference = 99.94 },
               "The 90% quantile of wait (all) has a new level from 2025-03 on: 1,234,567, before that 99.9.",
               "Das 90-%-Quantil von wait (gesamt) hat ab 2025-03 ein neues Niveau: 1.234.567, vorher 99,9.");
    check_text(
        &(struct finding){ .kind = FINDING_END,
                           .panel = panel,
                           .line = panel->total,
                           .figure = "cases",
                           .share_of = PANEL_NONE,
                           .period = "2026-06",
                           .since = "2026-05",
                           .value = 70,
                           .reference = 8326 },
        "The table channels falls off after 2026-05 and looks incomplete from 2026-06 on: about 70 cases a month, before that "
        "about 8,326. This is likely an artefact of the extraction, not a trend; these periods are left out of all trends.",
        "Die Tabelle channels bricht nach 2026-05 ab und wirkt ab 2026-06 unvollständig: etwa 70 Fälle je Monat, vorher etwa "
        "8.326. Das ist wahrscheinlich ein Artefakt des Datenauszugs, kein Trend; diese Perioden bleiben bei allen Trends "
        "außer Betracht.");
    check_text(
        &(struct finding){ .kind = FINDING_BEGINNING,
                           .panel = panel,
                           .line = panel->total,
                           .figure = "cases",
                           .share_of = PANEL_NONE,
                           .period = "2024-02",
                           .since = "2024-03",
                           .value = 1.5,
                           .reference = 5848 },
        "The table channels looks incomplete up to 2024-02: about 1.50 cases a month, afterwards about 5,848. This is likely an "
        "artefact of the extraction, not a trend; these periods are left out of all trends.",
        "Die Tabelle channels wirkt bis 2024-02 unvollständig: etwa 1,50 Fälle je Monat, danach etwa 5.848. Das ist "
        "wahrscheinlich ein Artefakt des Datenauszugs, kein Trend; diese Perioden bleiben bei allen Trends außer Betracht.");
    check_text(&(struct finding){ .kind = FINDING_CHANGE,
                                  .unit = FINDING_SHARE,
                                  .panel = panel,
                                  .line = line_of(panel, "alpha", "chat"),
                                  .figure = "share",
                                  .share_of = 1,
                                  .period = "2025-03",
                                  .value = 0.00042,
                                  .reference = 0 },
               "The share of channel chat (brand alpha) has a new level from 2025-03 on: 0.04%, before that 0.0%.",
               "Der Anteil von channel chat (brand alpha) hat ab 2025-03 ein neues Niveau: 0,04 %, vorher 0,0 %.");
    panel_free(panel);
    release_free(release);
}

static size_t rows_of(struct findings *findings, struct release *release, const struct released_table **table)
{
    findings_write(findings, &made_config, release);
    findings_free(findings);
    *table = made_table(release, "", "findings");
    return released_row_count(*table);
}

/* Adjusted together, ranked by size, a part that repeats its whole left out, a warning first. */
static void chosen_and_ranked(void **state)
{
    (void)state;
    struct release *release;
    struct panel *panel = small_panel(&release);
    struct findings *findings = findings_new();
    const struct released_table *table;
    struct finding base = { .kind = FINDING_TREND,
                            .panel = panel,
                            .line = panel->total,
                            .figure = "cases",
                            .share_of = PANEL_NONE,
                            .since = "2024-01",
                            .period = "2024-02",
                            .value = 2,
                            .reference = 1,
                            .low = NAN,
                            .high = NAN };
    struct finding small = base, large = base, part = base, against = base, weak = base, warning = base, none = base;
    small.line = line_of(panel, "(total)", "chat"), small.size = 0.1, small.p = 0.001;
    small.reference = 3; /* falls */
    large.size = 0.5, large.p = 0.002;
    part.line = line_of(panel, "alpha", "chat"), part.size = 0.3, part.p = 0.001; /* rises as the total does */
    against = part, against.reference = 9, against.size = 0.2;                    /* falls: that is news */
    weak.figure = "score_mean", weak.size = 0.9, weak.p = 0.2;
    warning.kind = FINDING_END, warning.size = 1, warning.p = NAN;
    none.p = NAN;
    const struct finding all[] = { small, large, part, against, weak, warning, none };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        findings_add(findings, &all[i]);
    assert_int_equal(rows_of(findings, release, &table), 4);
    assert_string_equal(made_text(table, 0, "kind"), "artefact_end");
    assert_near(made_number(table, 1, "size"), 0.5, 0);
    assert_near(made_number(table, 1, "p_adjusted"), 0.0025, 1e-12); /* five tests: the fourth smallest × 5 / 4 */
    assert_near(made_number(table, 2, "size"), 0.2, 0);
    assert_string_equal(made_text(table, 2, "group"), "brand alpha, channel chat");
    assert_near(made_number(table, 3, "size"), 0.1, 0);
    panel_free(panel);
    release_free(release);
}

static void fill_with_noise(gsl_rng *random, size_t months)
{
    made = (struct made){ .months = months, .groups = 4, .categories = 3 };
    for (size_t m = 0; m < months; m++) {
        for (size_t g = 0; g < 4; g++) {
            for (size_t c = 0; c < 3; c++) {
                double cases = gsl_ran_poisson(random, 15 * (double)(g + 1) * (double)(c + 1));
                double score = 3.5 + gsl_ran_gaussian(random, 1 / sqrt(cases));
                bool withheld = gsl_rng_uniform(random) < 0.1;
                made.cells[m][g][c] = (struct made_cell){ withheld ? -cases : cases, score };
            }
        }
    }
}

/* Nothing but chance: the share of releases with any finding stays under the rate of 5 %, for many months and for few. */
static void noise_gives_no_findings(void **state)
{
    (void)state;
    static const size_t lengths[] = { 8, 14, 26, 36 };
    const char *factor = getenv("FALLZAHL_SIMULATIONS");
    size_t runs = 25 * (factor ? strtoul(factor, NULL, 10) : 1), all = 0, found = 0;
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(random, 20260131);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        for (size_t run = 0; run < runs; run++) {
            fill_with_noise(random, lengths[i]);
            struct release *release = made_release(&made);
            derive_tables(release, &made_config);
            found += released_row_count(made_table(release, "", "findings")) > 0;
            all++;
            release_free(release);
        }
    }
    gsl_rng_free(random);
    double share = (double)found / (double)all;
    printf("# releases of noise with a finding: %.4f of %zu, wanted at most 0.05\n", share, all);
    assert_true(share <= 0.05 + 3 * sqrt(0.05 * 0.95 / (double)all));
}

enum { SHUFFLED_CASES = 9000 };

/* Cases one by one, a column each, so that a column can be shuffled. */
struct cases {
    size_t month[SHUFFLED_CASES], group[SHUFFLED_CASES], category[SHUFFLED_CASES];
    double score[SHUFFLED_CASES];
};

/* More chat every month, group 0 prefers mail, scores fall in the second year. */
static void plant(gsl_rng *random, struct cases *cases)
{
    for (size_t i = 0; i < SHUFFLED_CASES; i++) {
        cases->month[i] = gsl_rng_uniform_int(random, 26);
        cases->group[i] = gsl_rng_uniform_int(random, 4);
        bool chat = gsl_rng_uniform(random) < 0.2 + 0.01 * (double)cases->month[i];
        bool mail = gsl_rng_uniform(random) < (cases->group[i] ? 0.4 : 0.7);
        cases->category[i] = chat ? 0 : mail ? 1 : 2;
        cases->score[i] = (cases->month[i] < 13 ? 3.5 : 2.8) + gsl_ran_gaussian(random, 1);
    }
}

static void shuffle(gsl_rng *random, struct cases *cases)
{
    gsl_ran_shuffle(random, cases->month, SHUFFLED_CASES, sizeof *cases->month);
    gsl_ran_shuffle(random, cases->group, SHUFFLED_CASES, sizeof *cases->group);
    gsl_ran_shuffle(random, cases->category, SHUFFLED_CASES, sizeof *cases->category);
    gsl_ran_shuffle(random, cases->score, SHUFFLED_CASES, sizeof *cases->score);
}

static size_t findings_of(const struct cases *cases)
{
    made = (struct made){ .months = 26, .groups = 4, .categories = 3 };
    for (size_t i = 0; i < SHUFFLED_CASES; i++)
        made_add(&made.cells[cases->month[i]][cases->group[i]][cases->category[i]],
                 (struct made_cell){ 1, cases->score[i] });
    struct release *release = made_release(&made);
    derive_tables(release, &made_config);
    size_t count = released_row_count(made_table(release, "", "findings"));
    release_free(release);
    return count;
}

/* What is planted is found; once the columns are shuffled, the share of releases with a (false) finding is under 5 %. */
static void shuffled_data_give_no_findings(void **state)
{
    (void)state;
    static struct cases cases;
    const char *factor = getenv("FALLZAHL_SIMULATIONS");
    size_t runs = 25 * (factor ? strtoul(factor, NULL, 10) : 1), found = 0;
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(random, 20260131);
    plant(random, &cases);
    assert_true(findings_of(&cases) >= 4);
    for (size_t run = 0; run < runs; run++) {
        shuffle(random, &cases);
        found += findings_of(&cases) > 0;
    }
    gsl_rng_free(random);
    double share = (double)found / (double)runs;
    printf("# shuffled releases with a finding: %.4f of %zu, wanted at most 0.05\n", share, runs);
    assert_true(share <= 0.05 + 3 * sqrt(0.05 * 0.95 / (double)runs));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(words), cmocka_unit_test(chosen_and_ranked),
                                        cmocka_unit_test(noise_gives_no_findings),
                                        cmocka_unit_test(shuffled_data_give_no_findings) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
