#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

#include "etl/bands.h"
#include "etl/vocabulary.h"
#include "tests/unit/etl/fixture.h"

#define HEAD       "version: 1\ntimezone: Europe/Berlin\ncountry: DE\ncontrollers: [nord, velora]\nsources:\n  s:\n"
#define BASE       HEAD "    files: a*.csv\n    case_id: no\n    opened_at: opened\n    closed_at: closed\n"
#define PERSON     "    identifiers: {mail: {column: mail, kind: email}}\n"
#define DIMENSIONS "    dimensions: {month: {date: closed_at, as: month}}\n"

/* Each configuration is right but for one thing: the one problem, with its place. */
static void one_problem_each(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { HEAD "    files: a\n    closed_at: closed\n" PERSON DIMENSIONS, "t.yaml:6:3: source 's' has no case_id" },
        { BASE DIMENSIONS, "t.yaml:6:3: source 's' has no identifiers; add some" },
        { BASE PERSON DIMENSIONS "    person: none\n", "t.yaml:13:13: 'person: none' counts each case for a person" },
        { BASE PERSON DIMENSIONS "    personal_data: none\n", "t.yaml:11:5: identifiers are personal data" },
        { BASE DIMENSIONS "    personal_data: none\n    person: identifiers\n",
          "t.yaml:13:13: 'personal_data: none' leaves no identifiers" },
        { BASE PERSON DIMENSIONS "    controler: brand\n",
          "t.yaml:13:5: unknown key 'controler'; did you mean 'controller'?" },
        { BASE PERSON DIMENSIONS "    dates: [iso, D/M/YY]\n", "t.yaml:13:18: date format 'D/M/YY' is not understood" },
        { BASE PERSON DIMENSIONS "    delimiter: ab\n", "t.yaml:13:16: 'delimiter' must be one of" },
        { BASE PERSON DIMENSIONS "    delimiter: a\n", "t.yaml:13:16: 'delimiter' must be one of" },
        { BASE PERSON DIMENSIONS "    encoding: klingon\n", "t.yaml:13:15: 'klingon' is no known encoding" },
        { BASE PERSON DIMENSIONS "    max_loss_percent: 3\n",
          "t.yaml:13:5: 'max_loss_percent' is for 'delivery: snapshot'" },
        { BASE PERSON DIMENSIONS "    closed_when: {column: state}\n",
          "t.yaml:13:5: missing key 'values' in 'closed_when'" },
        { BASE PERSON DIMENSIONS "    closed_when: {column: state, values: []}\n",
          "t.yaml:13:42: 'values' is a list of 0" },
        { BASE PERSON DIMENSIONS "    identifier_limits: {persons: 0}\n", "t.yaml:13:34: 'persons' is '0'" },
        { BASE PERSON DIMENSIONS "    rules: {unreadable_date: keep}\n", "t.yaml:13:30: 'unreadable_date' is 'keep'" },
        { HEAD "    files: a/b\n    case_id: no\n    closed_at: closed\n" PERSON DIMENSIONS,
          "t.yaml:7:12: 'files' must be names in inbox/" },
        { HEAD "    files: a\n    case_id: no\n    closed_at: closed\n" PERSON DIMENSIONS
               "    rules: {opened_after_closed: keep}\n",
          "t.yaml:12:13: this source has no 'opened_at'" },
        /* identifiers */
        { BASE DIMENSIONS "    identifiers: {p: {column: p, kind: fax}}\n", "t.yaml:12:40: 'kind' is 'fax'; expected" },
        { BASE DIMENSIONS "    identifiers: {p: {column: p, kind: phone, country: XX}}\n",
          "t.yaml:12:56: 'XX' is no country" },
        { BASE DIMENSIONS "    identifiers: {p: {column: p, kind: email, country: DE}}\n",
          "t.yaml:12:47: only a telephone number has a country" },
        /* dimensions */
        { BASE PERSON, "t.yaml:6:3: missing key 'dimensions' in 's'; add it" },
        { BASE PERSON "    dimensions: {x: {sensitive: true}}\n", "t.yaml:12:18: dimension 'x' has no source" },
        { BASE PERSON "    dimensions: {x: {column: a, number: b, bands: [1]}}\n",
          "t.yaml:12:18: dimension 'x' has more than one source" },
        { BASE PERSON "    dimensions: {x: {date: closed_at}}\n", "t.yaml:12:18: dimension 'x' lacks 'as'" },
        { BASE PERSON "    dimensions: {x: {date: updated_at, as: month}}\n", "t.yaml:12:28: 'date' is 'updated_at'" },
        { BASE PERSON "    dimensions: {x: {column: a, bands: [1]}}\n",
          "t.yaml:12:33: 'bands' does not go with 'column'" },
        { BASE PERSON "    dimensions: {x: {number: a}}\n", "t.yaml:12:18: dimension 'x' lacks 'bands'" },
        { BASE PERSON "    dimensions: {x: {number: a, bands: [1, 1]}}\n",
          "t.yaml:12:44: the edges of bands must ascend" },
        { BASE PERSON "    dimensions: {x: {number: a, bands: [1e3]}}\n",
          "t.yaml:12:41: this edge of a band cannot be used" },
        { BASE PERSON "    dimensions: {x: {birth_date: a, bands: [18.5]}}\n",
          "t.yaml:12:45: an edge of age bands must be a whole number" },
        { BASE PERSON "    dimensions: {x: {column: mail}}\n", "t.yaml:12:30: column 'mail' is an identifier" },
        { BASE PERSON "    dimensions: {x: {column: no}}\n", "t.yaml:12:30: column 'no' is an identifier" },
        { BASE PERSON "    dimensions: {x: {columns: [a, mail]}}\n", "t.yaml:12:35: column 'mail' is an identifier" },
        { BASE PERSON "    dimensions: {x: {columns: [a, b], levels: [l]}}\n",
          "t.yaml:12:47: 'levels' is a list of 1" },
        { BASE PERSON "    dimensions: {x: {columns: [a, b], levels: [l, m, n]}}\n",
          "t.yaml:12:47: 3 levels for 2 columns" },
        { BASE PERSON "    dimensions: {x: {columns: [a, Sub-product]}}\n",
          "t.yaml:12:18: level 'Sub-product' cannot name a column" },
        { BASE PERSON "    dimensions: {x: {column: a, levels: [l, m]}}\n",
          "t.yaml:12:33: 'levels' needs 'hierarchy'" },
        { BASE PERSON "    dimensions: {x: {columns: [a, b]}, a: {column: q}}\n",
          "t.yaml:12:40: 'a' names a level here and in dimension 'x'" },
        { BASE PERSON "    dimensions: {cases: {column: a}}\n", "t.yaml:12:18: 'cases' is a column of every table" },
        { BASE PERSON "    dimensions: {x: {column: a, allow: [p, P], fold: lower}}\n",
          "t.yaml:12:44: 'P' stands here twice" },
        { BASE PERSON "    dimensions: {x: {column: a, allow: [p], rename: {q: r}}}\n",
          "t.yaml:12:57: 'r' is not on the allow-list" },
        { BASE PERSON "    dimensions: {x: {column: a, rename: {q: (total)}}}\n",
          "t.yaml:12:45: '(total)' cannot be a label" },
        { BASE PERSON "    dimensions: {x: {column: a, rename: {Q: r, q: s}, fold: lower}}\n",
          "t.yaml:12:48: 'q' has a label already" },
        { BASE PERSON "    dimensions: {x: {column: a, needs_consent: recording}}\n",
          "t.yaml:12:48: 'recording' is no consent of this source" },
        { BASE PERSON "    dimensions: {x: {duration: [opened_at, updated_at], bands: [1]}}\n",
          "t.yaml:12:44: this source has no 'updated_at'" },
        { BASE PERSON "    dimensions: {x: {duration: [opened_at], bands: [1]}}\n",
          "t.yaml:12:32: 'duration' is a list of 1" },
        { BASE PERSON "    dimensions: {x: {duration: [opened_at, closed_at], bands: [1], unit: years}}\n",
          "t.yaml:12:74: 'unit' is 'years'" },
        { BASE PERSON "    dimensions: {x: {column: a, hierarchy: ../h.csv, levels: [l, m]}}\n",
          "t.yaml:12:44: 'hierarchy' is a file beside" },
        { BASE PERSON "    dimensions: {x: {column: a, hierarchy: no.csv, levels: [l, m]}}\n",
          "t.yaml:12:44: hierarchy 'no.csv' cannot be read" },
        { BASE PERSON "    dimensions: {x: {column: a, hierarchy: no.csv}}\n",
          "t.yaml:12:33: 'hierarchy' needs 'levels'" },
        /* measures */
        { BASE PERSON DIMENSIONS "    measures: {m: {decimals: 2}}\n",
          "t.yaml:13:16: measure 'm' has neither a column nor a duration" },
        { BASE PERSON DIMENSIONS "    measures: {m: {column: a, duration: [opened_at, closed_at]}}\n",
          "t.yaml:13:16: measure 'm' has both" },
        { BASE PERSON DIMENSIONS "    measures: {m: {column: a, range: [5, 1]}}\n",
          "t.yaml:13:38: the lowest value is above the highest" },
        { BASE PERSON DIMENSIONS "    measures: {m: {column: a, range: [0.5, 1]}}\n",
          "t.yaml:13:39: this number has more decimals than" },
        { BASE PERSON DIMENSIONS "    measures: {m: {column: a, score: [1, 5], range: [1, 5]}}\n",
          "t.yaml:13:46: 'score' states the range already" },
        { BASE PERSON DIMENSIONS "    measures: {m: {column: a, share: [4, 5]}}\n",
          "t.yaml:13:31: 'share' needs 'score'" },
        { BASE PERSON DIMENSIONS "    measures: {m: {column: a, score: [1, 5], share: [4, 6]}}\n",
          "t.yaml:13:53: 'share' lies outside of 'score'" },
        { BASE PERSON DIMENSIONS "    measures: {m: {column: a, score: [1, 5], out_of_range: keep}}\n",
          "t.yaml:13:60: a score has no values out of range" },
        { BASE PERSON DIMENSIONS "    measures: {m: {column: mail}}\n",
          "t.yaml:13:28: column 'mail' is an identifier" },
        { BASE PERSON DIMENSIONS "    measures: {m: {duration: [opened_at, closed_at], unit: EUR}}\n",
          "t.yaml:13:60: 'unit' of a duration must be" },
        { "version: 1\ntimezone: UTC\nsources:\n  s: {files: a, case_id: n, closed_at: c, controller: b, identifiers: {m: {column: m, kind: id}}, dimensions: {d: {column: d}}}\n",
          "t.yaml:4:55: the workspace names no 'controllers'" },
    };
    int wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture fixture;
        fixture_compile(&fixture, rows[i][0], ".");
        size_t count = config_problem_count(fixture.config);
        bool right = count == 1 && strncmp(config_problem_text(fixture.config, 0), rows[i][1], strlen(rows[i][1])) == 0;
        if (!right) {
            print_error("expected: %s\n", rows[i][1]);
            for (size_t j = 0; j < count; j++)
                print_error("   found: %s\n", config_problem_text(fixture.config, j));
        }
        wrong += !right;
        fixture_release(&fixture);
    }
    assert_int_equal(wrong, 0);
}

/* What is wrong everywhere is said everywhere, and nothing crashes on the way. */
static void shapes_that_make_no_sense(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "version: 1\ntimezone: UTC\nsources: 5\n",
        "version: 1\ntimezone: UTC\nsources: {s: 5}\n",
        "version: 1\ntimezone: UTC\nsources: {s: {}}\n",
        "version: 1\ntimezone: UTC\nsources: {s: {files: [a], case_id: {}, closed_at: [], dates: x, missing: {a: b}, closed_when: 5}}\n",
        BASE PERSON "    dimensions: [a]\n    measures: 5\n",
        BASE PERSON "    dimensions: {x: 5, y: [], z: {column: [a]}, u: {columns: a}, v: {number: {a: b}, bands: 5}}\n",
        BASE PERSON
        "    dimensions: {x: {columns: [[a], {b: c}]}, y: {column: a, rename: [a], allow: {a: b}, fold: [x]}}\n",
        BASE PERSON "    dimensions: {x: {duration: 5, bands: [[1], 2]}, y: {birth_date: a, bands: {a: b}, at: 5}}\n",
        BASE PERSON "    dimensions: {x: {columns: [a, b, c, d, e, f, g, h, i, j]}}\n",
        BASE PERSON DIMENSIONS
        "    measures: {m: {column: [a]}, n: {duration: x, range: 5, score: [1]}, o: 5, p: {column: a, decimals: 99, range: [1, 2]}}\n",
        BASE DIMENSIONS
        "    identifiers: {a: 5, b: {kind: phone}, c: {column: [x], country: [y]}}\n    consent: {a: 5, b: {column: x}}\n",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture fixture;
        fixture_compile(&fixture, rows[i], ".");
        assert_true(config_problem_count(fixture.config) > 0);
        fixture_release(&fixture);
    }
}

static void same_files_twice(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_compile(&fixture,
                    "version: 1\ntimezone: UTC\nsources:\n"
                    "  a: {files: x.csv, closed_at: c, personal_data: none, dimensions: {d: {column: d}}}\n"
                    "  b: {files: x.csv, closed_at: c, personal_data: none, dimensions: {d: {column: d}}}\n",
                    ".");
    assert_int_equal(config_problem_count(fixture.config), 1);
    assert_string_equal(config_problem_text(fixture.config, 0),
                        "t.yaml:5:14: source 'a' has the same files; a file can belong to one source only");
    fixture_release(&fixture);
}

static void everything_compiled(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_compile(
        &fixture,
        BASE
        "    updated_at: updated\n    controller: brand\n    delivery: snapshot\n    expect: weekly\n    max_loss_percent: 2.5\n"
        "    minimum_age_minutes: 10\n    keep_input_days: 3\n    encoding: cp1252\n    delimiter: tab\n    decimal_comma: true\n"
        "    closed_when: {column: state, values: [done, Done]}\n    dates: [iso, D.M.YYYY]\n    missing: ['?', NA]\n"
        "    max_rejects: {rows: 7, percent: 1.5}\n    rules: {opened_after_closed: blank, closed_in_future: keep}\n"
        "    identifiers:\n      mail: {column: mail, kind: email}\n      tel: {column: tel, kind: phone, country_column: land}\n"
        "    identifier_limits: {persons: 3, deny: [None@None, 030 23125123]}\n"
        "    consent: {recording: {column: rec, values: ['yes']}}\n"
        "    dimensions:\n      month: {date: opened_at, as: month}\n"
        "      kind: {columns: [kind, sub], fold: lower, missing_as: none, sensitive: true, needs_consent: recording}\n"
        "      age: {birth_date: born, at: opened_at, bands: [18, 65]}\n"
        "      speed: {duration: [first_reply, closed_at], unit: hours, bands: [0.5, 24]}\n"
        "    measures:\n      value: {column: value, unit: EUR, decimals: 2, range: [0, 19.99], out_of_range: blank}\n"
        "      rating: {column: rating, score: [1, 5], share: [4, 5]}\n"
        "      handling: {duration: [opened_at, closed_at], unit: minutes}\n",
        ".");
    fixture_fail_on_problems(&fixture);
    const struct source *s = source_find(fixture.sources, "s");
    assert_non_null(s);
    assert_null(source_find(fixture.sources, "t"));
    assert_string_equal(fixture.sources->country, "DE");
    assert_int_equal(fixture.sources->controller_count, 2);
    assert_true(s->personal && s->person == SOURCE_PERSON_IDENTIFIERS && s->decimal_comma);
    assert_true(s->delivery == SOURCE_SNAPSHOT && s->expect == SOURCE_EXPECT_WEEKLY);
    assert_true(s->max_loss_percent == 2.5 && s->max_reject_percent == 1.5);
    assert_int_equal(s->max_reject_rows, 7);
    assert_int_equal(s->minimum_age_s, 600);
    assert_int_equal(s->keep_input_days, 3);
    assert_int_equal(s->delimiter, '\t');
    assert_int_equal(s->closed_value_count, 2);
    assert_int_equal(s->date_count, 2);
    assert_int_equal(s->missing_count, 2);
    assert_true(s->opened_after_closed == RULE_BLANK && s->closed_in_future == RULE_KEEP &&
                s->unreadable_date == RULE_REJECT);
    assert_int_equal(s->max_persons, 3);
    assert_string_equal(s->identifiers[1].country, "DE");
    assert_string_equal(s->identifiers[1].country_column, "land");
    assert_true(source_is_denied(&s->identifiers[0], (struct slice){ "none@none", 9 }));
    assert_false(source_is_denied(&s->identifiers[0], (struct slice){ "none@nono", 9 }));
    assert_true(source_is_denied(&s->identifiers[1], (struct slice){ "+493023125123", 13 }));
    assert_false(source_is_denied(&s->identifiers[1], (struct slice){ "none@none", 9 }));

    assert_int_equal(s->dimension_count, 4);
    assert_true(s->dimensions[0].kind == DIMENSION_PERIOD && s->dimensions[0].of_opened);
    const struct source_dimension *kind = &s->dimensions[1];
    assert_true(kind->kind == DIMENSION_CATEGORY && kind->sensitive && kind->level_count == 2);
    assert_string_equal(kind->level_names[1], "sub");
    assert_string_equal(kind->missing_as, "none");
    assert_ptr_equal(kind->consent, &s->consents[0]);
    assert_true(s->dimensions[2].kind == DIMENSION_AGE && s->dimensions[2].at.role == TIME_OPENED);
    assert_string_equal(s->dimensions[2].level_names[0], "age");
    const struct source_dimension *speed = &s->dimensions[3];
    assert_true(speed->is_duration && speed->from.role == TIME_COLUMN && speed->to.role == TIME_CLOSED);
    assert_int_equal(speed->unit_seconds, 3600);

    assert_int_equal(s->measure_count, 3);
    assert_int_equal(s->measures[0].highest, 1999);
    assert_true(s->measures[0].out_of_range == RULE_BLANK && !s->measures[0].is_score);
    assert_true(s->measures[1].is_score && s->measures[1].has_share && s->measures[1].highest == 5);
    assert_int_equal(s->measures[1].share_lowest, 4);
    assert_true(s->measures[2].is_duration && !s->measures[2].has_range && s->measures[2].unit_seconds == 60);
    fixture_release(&fixture);
}

static void defaults(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_compile(&fixture, BASE DIMENSIONS "    personal_data: none\n", ".");
    fixture_fail_on_problems(&fixture);
    const struct source *s = fixture.sources->list;
    assert_true(!s->personal && s->person == SOURCE_PERSON_NONE);
    assert_true(s->delivery == SOURCE_DELTA && s->expect == SOURCE_EXPECT_NONE);
    assert_true(s->max_reject_percent == 5 && s->max_loss_percent == 10);
    assert_int_equal(s->max_reject_rows, -1);
    assert_int_equal(s->minimum_age_s, -1);
    assert_int_equal(s->keep_input_days, 0);
    assert_int_equal(s->delimiter, ',');
    assert_null(s->encoding);
    assert_null(s->closed_column);
    assert_int_equal(s->date_count, 1);
    assert_true(s->opened_after_closed == RULE_REJECT && s->closed_in_future == RULE_REJECT);
    assert_true(s->unusable_identifier == RULE_BLANK);
    assert_int_equal(s->max_persons, 5);
    fixture_release(&fixture);
}

/* The digest of a mapping follows everything that makes its labels, and nothing else. */
static void definitions(void **state)
{
    (void)state;
    static const char *const variants[] = {
        BASE PERSON "    dimensions: {x: {column: a}}\n",
        BASE PERSON "    dimensions: {x: {column: a, fold: lower}}\n",
        BASE PERSON "    dimensions: {x: {column: b}}\n",
    };
    unsigned char digests[4][32];
    for (size_t i = 0; i < 3; i++) {
        struct fixture fixture;
        fixture_compile(&fixture, variants[i], ".");
        memcpy(digests[i], fixture.sources->list->dimensions[0].definition, 32);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(digests[i], digests[j], 32);
        fixture_release(&fixture);
    }
    struct fixture fixture; /* another place, another dimension beside it */
    fixture_compile(&fixture,
                    BASE PERSON "    dimensions:\n      y: {column: q}\n      x:\n        column: a # as above\n", ".");
    assert_memory_equal(fixture.sources->list->dimensions[1].definition, digests[0], 32);
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_problem_each), cmocka_unit_test(shapes_that_make_no_sense),
        cmocka_unit_test(same_files_twice), cmocka_unit_test(everything_compiled),
        cmocka_unit_test(defaults),         cmocka_unit_test(definitions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
