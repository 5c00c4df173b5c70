#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

#include "core/strbuf.h"
#include "etl/bands.h"
#include "etl/vocabulary.h"
#include "tests/unit/etl/fixture.h"

#define HEAD                                                                                                           \
    "version: 1\ntimezone: UTC\nsources:\n  s:\n    files: a\n    closed_at: c\n    personal_data: none\n    dimensions:\n"

static char folder[] = "/tmp/fallzahl-vocabulary-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void write_file(const char *name, const char *text, size_t length)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    fclose(file);
}

static void remove_file(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(unlink(path), 0);
}

/* "a > b*": the labels of the cells "a|b", `*` behind those that the configuration names. "-" is a missing cell. */
static void check(const struct source_dimension *dimension, const char *cells, const char *expected)
{
    struct vocabulary_work work = { 0 };
    struct slice list[SOURCE_MAX_LEVELS];
    char text[1024];
    snprintf(text, sizeof text, "%s", cells);
    size_t count = 0;
    for (char *at = text; at; count++) {
        char *end = strchr(at, '|');
        if (end)
            *end = '\0';
        list[count] = (struct slice){ strcmp(at, "-") == 0 ? NULL : at, strlen(at) };
        at = end ? end + 1 : NULL;
    }
    vocabulary_resolve(dimension->vocabulary, list, &work);
    struct strbuf got = { 0 };
    for (size_t i = 0; i < dimension->level_count; i++)
        strbuf_addf(&got, "%s%.*s%s", i ? " > " : "", (int)work.labels[i].text.length, work.labels[i].text.text,
                    work.labels[i].named ? "*" : "");
    assert_string_equal(strbuf_text(&got), expected);
    strbuf_release(&got);
    vocabulary_work_release(&work);
}

static void plain_columns(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_compile(
        &fixture,
        HEAD
        "      plain: {column: a}\n"
        "      lower: {column: a, fold: lower, rename: {E-Mail: email, Grüße: greeting}}\n"
        "      upper: {column: a, fold: upper, missing_as: none}\n"
        "      allowed: {column: a, fold: lower, rename: {mail: E-Mail, web: (other)}, allow: [E-Mail, chat, (other)]}\n"
        "      pair: {columns: [p, q], fold: lower, rename: {old: new}}\n",
        folder);
    fixture_fail_on_problems(&fixture);
    const struct source_dimension *d = fixture.sources->list->dimensions;
    check(&d[0], "Phone", "Phone");
    check(&d[0], "Self  \t service", "Self service");
    check(&d[0], "Gru\xCC\x88n", "Gr\xC3\xBCn"); /* NFC */
    check(&d[0], "-", "(missing)*");
    check(&d[0], "(total)", "(other)*");
    check(&d[0], "(withheld)", "(other)*");
    check(&d[0], "(missing)", "(other)*"); /* a cell cannot pass for one that is missing */
    check(&d[0],
          "a\x01"
          "b",
          "(other)*");
    check(&d[0],
          "a\xE2\x80\xAE"
          "b",
          "(other)*"); /* right-to-left override */
    check(&d[0],
          "a\xC2\x85\xC2\xA0"
          "b",
          "a b");
    check(&d[0], "=1+1", "=1+1");
    check(&d[1], "E-MAIL", "email*");
    check(&d[1], "GRÜSSE", "grüsse");
    check(&d[1], "Grüße", "greeting*");
    check(&d[1], "Phone", "phone");
    check(&d[2], "straße", "STRASSE");
    check(&d[2], "-", "none*");
    check(&d[3], "MAIL", "E-Mail*");
    check(&d[3], "e-mail", "E-Mail*");
    check(&d[3], "Chat", "chat*");
    check(&d[3], "web", "(other)*");
    check(&d[3], "fax", "(other)*");
    check(&d[3], "-", "(missing)*");
    check(&d[4], "A|B", "a > b");
    check(&d[4], "OLD|Old", "new* > new*");
    check(&d[4], "-|b", "(missing)* > b");
    fixture_release(&fixture);
}

static void length_limit(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_compile(&fixture, HEAD "      plain: {column: a}\n", folder);
    char text[1000];
    memset(text, 'x', sizeof text);
    text[LABEL_MAX_BYTES] = '\0';
    check(fixture.sources->list->dimensions, text, text);
    text[LABEL_MAX_BYTES] = 'x';
    text[LABEL_MAX_BYTES + 1] = '\0';
    check(fixture.sources->list->dimensions, text, "(other)*");
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    check(fixture.sources->list->dimensions, text, "(other)*");
    fixture_release(&fixture);
}

static void hierarchy_of_two(void **state)
{
    (void)state;
    static const char regions[] = "child,parent\nDE,DACH\nAT , DACH\nLU,LU\n\"FR\",\"West, far\"\n";
    write_file("regions.csv", regions, sizeof regions - 1);
    struct fixture fixture;
    fixture_compile(
        &fixture,
        HEAD
        "      country: {column: a, hierarchy: regions.csv, levels: [region, country], fold: lower, rename: {germany: DE}, missing_as: nowhere}\n",
        folder);
    fixture_fail_on_problems(&fixture);
    const struct source_dimension *d = fixture.sources->list->dimensions;
    assert_int_equal(d->level_count, 2);
    check(d, "DE", "DACH* > DE*");
    check(d, "de", "DACH* > DE*");
    check(d, "Germany", "DACH* > DE*");
    check(d, "at", "DACH* > AT*");
    check(d, "lu", "LU* > LU*"); /* its own parent: the same name one level up */
    check(d, "FR", "West, far* > FR*");
    check(d, "XX", "(other)* > xx");
    check(d, "DACH", "(other)* > dach"); /* a region is no country */
    check(d, "-", "nowhere* > nowhere*");
    unsigned char before[32];
    memcpy(before, d->definition, 32);
    fixture_release(&fixture);

    write_file("regions.csv", "child,parent\nDE,Mitte\n", 22);
    fixture_compile(
        &fixture,
        HEAD
        "      country: {column: a, hierarchy: regions.csv, levels: [region, country], fold: lower, rename: {germany: DE}, missing_as: nowhere}\n",
        folder);
    fixture_fail_on_problems(&fixture);
    assert_memory_not_equal(before, fixture.sources->list->dimensions->definition, 32);
    fixture_release(&fixture);
    remove_file("regions.csv");
}

static void hierarchy_of_three(void **state)
{
    (void)state;
    static const char places[] = "child,parent,comment\nBerlin,DE,x\nWien,AT,\nDE,Europe,\nAT,Europe,\n";
    write_file("places.csv", places, sizeof places - 1);
    struct fixture fixture;
    fixture_compile(
        &fixture, HEAD "      city: {column: a, hierarchy: places.csv, levels: [continent, country, city]}\n", folder);
    fixture_fail_on_problems(&fixture);
    check(fixture.sources->list->dimensions, "Wien", "Europe* > AT* > Wien*");
    check(fixture.sources->list->dimensions, "wien", "(other)* > (other)* > wien");
    fixture_release(&fixture);
    remove_file("places.csv");
}

static void bad_hierarchies(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "a,b\n1,2\n", "t.yaml:9:39: hierarchy 'h.csv' cannot be read: the header lacks 'child' or 'parent'" },
        { "", "t.yaml:9:39: hierarchy 'h.csv' cannot be read: " },
        { "child,parent\n", "t.yaml:9:39: 'h.csv' has no entries that are no one's parent" },
        { "child,parent\na,b\na,c\n", "t.yaml:9:39: 'h.csv', line 3: this child stands in the file twice" },
        { "child,parent\na,\n", "t.yaml:9:39: 'h.csv', line 2: not a label" },
        { "child,parent\na,(total)\n", "t.yaml:9:39: 'h.csv', line 2: not a label" },
        { "child,parent\na\n", "t.yaml:9:39: 'h.csv', line 2: a cell is missing" },
        { "child,parent\na,b\nb,c\n", "t.yaml:9:39: 'h.csv', line 2: more ancestors than the dimension has levels" },
        { "child,parent\na,b\nb,a\n", "t.yaml:9:39: 'h.csv' has no entries that are no one's parent" },
        { "child,parent\nx,a\na,b\nb,a\n", "t.yaml:9:39: 'h.csv', line 2: more ancestors" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_file("h.csv", rows[i][0], strlen(rows[i][0]));
        struct fixture fixture;
        fixture_compile(&fixture, HEAD "      x: {column: country, hierarchy: h.csv, levels: [l, m]}\n", folder);
        if (config_problem_count(fixture.config) != 1 ||
            strncmp(config_problem_text(fixture.config, 0), rows[i][1], strlen(rows[i][1])) != 0)
            for (size_t j = 0; j < config_problem_count(fixture.config); j++)
                print_error("%zu: %s\n", i, config_problem_text(fixture.config, j));
        assert_int_equal(config_problem_count(fixture.config), 1);
        assert_memory_equal(config_problem_text(fixture.config, 0), rows[i][1], strlen(rows[i][1]));
        fixture_release(&fixture);
    }
    write_file("h.csv", "child,parent\na,b\n", 17);
    struct fixture fixture;
    fixture_compile(&fixture, HEAD "      x: {column: country, hierarchy: h.csv, levels: [l, m, n]}\n", folder);
    assert_int_equal(config_problem_count(fixture.config), 1);
    assert_string_equal(config_problem_text(fixture.config, 0),
                        "t.yaml:9:39: 'h.csv', line 2: too few ancestors for the levels of the dimension");
    fixture_release(&fixture);
    remove_file("h.csv");
}

static void band_labels(void **state)
{
    (void)state;
    static const struct {
        const char *edges;
        int64_t scaled;
        const char *label;
    } rows[] = {
        { "[18, 25, 65]", 17, "under 18" },
        { "[18, 25, 65]", -5, "under 18" },
        { "[18, 25, 65]", 18, "18-24" },
        { "[18, 25, 65]", 24, "18-24" },
        { "[18, 25, 65]", 25, "25-64" },
        { "[18, 25, 65]", 64, "25-64" },
        { "[18, 25, 65]", 65, "65+" },
        { "[18, 25, 65]", 120, "65+" },
        { "[1, 2, 3]", 1, "1" },
        { "[1, 2, 3]", 2, "2" },
        { "[1, 2, 3]", 3, "3+" },
        { "[100]", 99, "under 100" },
        { "[0.5, 1, 2.25]", 49, "under 0.5" },
        { "[0.5, 1, 2.25]", 50, "0.5 to under 1" },
        { "[0.5, 1, 2.25]", 100, "1 to under 2.25" },
        { "[0.5, 1, 2.25]", 225, "2.25+" },
        { "[-5, 0, 5]", -6, "under -5" },
        { "[-5, 0, 5]", -5, "-5 to under 0" },
        { "[-5, 0, 5]", 4, "0-4" },
        { "[0.05, 0.1]", 5, "0.05 to under 0.1" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture fixture;
        char yaml[1024];
        snprintf(yaml, sizeof yaml, HEAD "      x: {number: a, bands: %s}\n", rows[i].edges);
        fixture_compile(&fixture, yaml, folder);
        fixture_fail_on_problems(&fixture);
        const struct source_bands *bands = fixture.sources->list->dimensions->bands;
        size_t found = bands_find(bands, rows[i].scaled);
        struct slice label = bands->labels[found].text;
        assert_int_equal(label.length, strlen(rows[i].label));
        assert_memory_equal(label.text, rows[i].label, label.length);
        assert_int_equal(bands->labels[found].position, found);
        assert_true(bands->labels[found].named);
        fixture_release(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_columns),      cmocka_unit_test(length_limit),    cmocka_unit_test(hierarchy_of_two),
        cmocka_unit_test(hierarchy_of_three), cmocka_unit_test(bad_hierarchies), cmocka_unit_test(band_labels),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
