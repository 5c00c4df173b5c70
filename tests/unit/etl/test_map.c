#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "tests/unit/etl/fixture.h"

#define HEAD                                                                                                           \
    "version: 1\ntimezone: Europe/Berlin\ncountry: DE\ncontrollers: [nord, velora]\nsources:\n  s:\n"                  \
    "    files: a*.csv\n    case_id: no\n    opened_at: opened\n    closed_at: closed\n"
#define PERSON     "    identifiers: {mail: {column: mail, kind: email}}\n"
#define DIMENSIONS "    dimensions: {month: {date: closed_at, as: month}}\n"

static void refused(struct fixture *fixture, const char *line, enum map_code code, const char *column, const char *rule)
{
    bool mapped = fixture_map(fixture, line);
    if (mapped || fixture->reject.code != code)
        print_error("%s: %s, %s\n", line, mapped ? "mapped" : "refused",
                    mapped ? "" : map_code_name(fixture->reject.code));
    assert_false(mapped);
    assert_int_equal(fixture->reject.code, code);
    assert_string_equal(fixture->reject.column, column);
    assert_string_equal(fixture->reject.rule, rule);
    assert_int_equal(fixture->reject.line, fixture->record.line);
    assert_int_equal(fixture->reject.offset, fixture->record.offset);
    assert_int_equal(fixture->row.state, CASE_REJECTED);
    assert_int_equal(fixture->row.identifier_count, 0);
    assert_null(fixture->row.identifiers);
    assert_null(fixture->row.categories);
    assert_null(fixture->row.values);
}

static void mapped(struct fixture *fixture, const char *line, enum case_state expected)
{
    bool ok = fixture_map(fixture, line);
    if (!ok)
        print_error("%s: %s %s\n", line, map_code_name(fixture->reject.code), fixture->reject.column);
    assert_true(ok);
    assert_int_equal(fixture->row.state, expected);
}

static void label(const struct fixture *fixture, size_t dimension, size_t level, const char *expected)
{
    assert_true(slice_equals(fixture->row.categories[dimension].levels[level].text, expected));
}

static void value(const struct fixture *fixture, size_t measure, bool present, int64_t scaled)
{
    assert_int_equal(fixture->row.values[measure].present, present);
    assert_int_equal(fixture->row.values[measure].scaled, scaled);
}

/* ---- the header ---- */

static void missing_columns(void **state)
{
    (void)state;
    struct fixture fixture;
    struct err err = { 0 };
    fixture_compile(
        &fixture,
        HEAD PERSON
        "    dimensions: {x: {column: kind}, y: {number: kind, bands: [1]}}\n    measures: {v: {column: value}}\n",
        ".");
    assert_int_equal(mapper_open(&fixture.mapper, fixture.sources, fixture.sources->list,
                                 fixture_record(&fixture, "no|opened|Secret name"), FIXTURE_NOW, &err),
                     ERR_DATA);
    assert_null(fixture.mapper);
    assert_string_equal(err.message, "the header lacks what source 's' needs: 'closed', 'mail', 'kind', 'value'");
    fixture_release(&fixture);
}

static void unnamed_columns_are_dropped(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_open(&fixture, HEAD PERSON DIMENSIONS, "no|opened|name| closed |note|mail|");
    assert_int_equal(mapper_dropped_columns(fixture.mapper), 3);
    mapped(&fixture, "7|2026-01-01|Anna|2026-01-02|free text|a@b.example|", CASE_CLOSED);
    assert_int_equal(fixture.row.identifier_count, 1);
    fixture_release(&fixture);
}

static void shapes_of_rows(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_open(&fixture, HEAD PERSON DIMENSIONS, "no|opened|closed|mail");
    mapped(&fixture, "1|2026-01-01|2026-01-02|a@b.example", CASE_CLOSED);
    mapped(&fixture, "1|2026-01-01|2026-01-02|a@b.example|| \t ",
           CASE_CLOSED); /* empty cells behind the header: nothing is shifted */
    refused(&fixture, "1|2026-01-01|2026-01-02|a@b.example|x", MAP_EXTRA_CELLS, "", "header");
    assert_int_equal(fixture.row.case_id.length, 0); /* nothing of a shifted row is believed */
    refused(&fixture, "1|2026-01-01|2026-01-02", MAP_MISSING_CELLS, "", "header");
    refused(&fixture, "1", MAP_MISSING_CELLS, "", "header");
    assert_int_equal(mapper_counts(fixture.mapper)->rows, 5);
    assert_int_equal(mapper_counts(fixture.mapper)->closed, 2);
    assert_int_equal(mapper_counts(fixture.mapper)->rejected, 3);
    fixture_release(&fixture);
}

/* ---- the case ---- */

static void case_numbers(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_open(&fixture, HEAD PERSON DIMENSIONS "    missing: ['?']\n", "no|opened|closed|mail");
    mapped(&fixture, " CS-1 |2026-01-01|2026-01-02|", CASE_CLOSED);
    assert_true(slice_equals(fixture.row.case_id, "CS-1"));
    refused(&fixture, "|2026-01-01|2026-01-02|", MAP_NO_CASE_ID, "no", "case_id");
    refused(&fixture, " ? |2026-01-01|2026-01-02|", MAP_NO_CASE_ID, "no", "case_id");
    refused(&fixture,
            "a\x01"
            "b|2026-01-01|2026-01-02|",
            MAP_BAD_CASE_ID, "no", "case_id");
    refused(&fixture, "8|2026-01-01|32.1.2026|", MAP_BAD_DATE, "closed", "closed_at");
    assert_true(slice_equals(fixture.row.case_id, "8")); /* a rejected row still names its case */
    fixture_release(&fixture);
}

static void closed_or_not(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_open(&fixture, HEAD PERSON DIMENSIONS "    updated_at: updated\n", "no|opened|closed|mail|updated");
    mapped(&fixture, "1|2026-01-01|2026-01-02|x@y.example|2026-01-03T10:00:00Z", CASE_CLOSED);
    assert_true(fixture.row.has_version);
    assert_int_equal(fixture.row.version, 1767434400);
    assert_int_equal(fixture.row.closed_day, 20455);
    assert_int_equal(fixture.row.opened_day, 20454);
    mapped(&fixture, "1|2026-01-01||x@y.example|2026-01-04T10:00:00Z", CASE_OPEN);
    assert_int_equal(fixture.row.version, 1767520800);
    assert_int_equal(fixture.row.identifier_count, 0); /* an open case: only its number and version */
    assert_null(fixture.row.categories);
    mapped(&fixture, "1|2026-01-01|2026-01-02|x@y.example|", CASE_CLOSED);
    assert_false(fixture.row.has_version);
    refused(&fixture, "1|2026-01-01|2026-01-02|x@y.example|yesterday", MAP_BAD_DATE, "updated",
            "rules.unreadable_date");
    fixture_release(&fixture);

    fixture_open(&fixture, HEAD PERSON DIMENSIONS "    closed_when: {column: state, values: [closed, Closed]}\n",
                 "no|opened|closed|mail|state");
    mapped(&fixture, "1|2026-01-01|2026-01-02||Closed", CASE_CLOSED);
    mapped(&fixture, "1|2026-01-01|2026-01-02||closed ", CASE_CLOSED);
    mapped(&fixture, "1|2026-01-01|2026-01-02||CLOSED", CASE_OPEN);
    mapped(&fixture, "1|2026-01-01|2026-01-02||", CASE_OPEN);
    refused(&fixture, "1|2026-01-01|||closed", MAP_NO_CLOSED_AT, "closed", "closed_at");
    assert_int_equal(mapper_counts(fixture.mapper)->open, 2);
    fixture_release(&fixture);
}

static void no_case_number(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_open(
        &fixture,
        "version: 1\ntimezone: UTC\nsources:\n  s: {files: a, closed_at: c, personal_data: none, dimensions: {d: {column: d}}}\n",
        "c|d");
    mapped(&fixture, "2026-01-02|x", CASE_CLOSED);
    assert_int_equal(fixture.row.case_id.length, 0);
    fixture_release(&fixture);
}

/* Law: which day and month a case belongs to is the workspace's zone's affair. */
static void days_by_zone(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_open(&fixture, HEAD PERSON DIMENSIONS, "no|opened|closed|mail");
    mapped(&fixture, "1||2025-12-31T23:30:00Z|", CASE_CLOSED);
    assert_int_equal(fixture.row.closed_day, 20454); /* 2026-01-01 in Berlin */
    assert_false(fixture.row.has_opened);
    mapped(&fixture, "1||2025-12-31T23:30:00|", CASE_CLOSED);
    assert_int_equal(fixture.row.closed_day, 20453);
    fixture_release(&fixture);
}

/* ---- rules ---- */

static void opened_after_closed(void **state)
{
    (void)state;
    static const char late[] = "1|2026-01-03T10:00|2026-01-03T09:59|", same_day[] = "1|2026-01-03T10:00|2026-01-03|";
    struct fixture fixture;
    fixture_open(&fixture, HEAD PERSON DIMENSIONS, "no|opened|closed|mail");
    refused(&fixture, late, MAP_OPENED_AFTER_CLOSED, "opened", "rules.opened_after_closed");
    mapped(&fixture, same_day, CASE_CLOSED); /* without a time of day nothing is known to be wrong */
    refused(&fixture, "1|2026-01-04|2026-01-03T23:00|", MAP_OPENED_AFTER_CLOSED, "opened", "rules.opened_after_closed");
    mapped(&fixture, "1|2026-01-03T10:00|2026-01-03T10:00|", CASE_CLOSED);
    fixture_release(&fixture);

    fixture_open(&fixture,
                 HEAD PERSON DIMENSIONS
                 "    rules: {opened_after_closed: blank}\n    measures: {h: {duration: [opened_at, closed_at]}}\n",
                 "no|opened|closed|mail");
    mapped(&fixture, late, CASE_CLOSED);
    assert_false(fixture.row.has_opened);
    value(&fixture, 0, false, 0);
    assert_int_equal(mapper_counts(fixture.mapper)->blanked[MAP_OPENED_AFTER_CLOSED], 1);
    fixture_release(&fixture);

    fixture_open(
        &fixture,
        HEAD PERSON DIMENSIONS
        "    rules: {opened_after_closed: keep}\n    measures: {h: {duration: [opened_at, closed_at], out_of_range: keep, unit: minutes}}\n",
        "no|opened|closed|mail");
    mapped(&fixture, late, CASE_CLOSED);
    assert_true(fixture.row.has_opened);
    value(&fixture, 0, true, -1);
    fixture_release(&fixture);
}

static void closed_in_future(void **state)
{
    (void)state;
    static const char tomorrow[] = "1|2026-01-03|2026-02-01|", now[] = "1|2026-01-03|2026-01-31T04:00:00+01:00|",
                      in_a_second[] = "1|2026-01-03|2026-01-31T03:00:01Z|";
    struct fixture fixture;
    fixture_open(&fixture, HEAD PERSON DIMENSIONS, "no|opened|closed|mail");
    mapped(&fixture, now, CASE_CLOSED);
    refused(&fixture, in_a_second, MAP_CLOSED_IN_FUTURE, "closed", "rules.closed_in_future");
    refused(&fixture, tomorrow, MAP_CLOSED_IN_FUTURE, "closed", "rules.closed_in_future");
    fixture_release(&fixture);

    fixture_open(&fixture, HEAD PERSON DIMENSIONS "    rules: {closed_in_future: blank}\n", "no|opened|closed|mail");
    mapped(&fixture, tomorrow, CASE_OPEN);
    assert_int_equal(fixture.row.closed_day, 0);
    assert_int_equal(mapper_counts(fixture.mapper)->blanked[MAP_CLOSED_IN_FUTURE], 1);
    fixture_release(&fixture);

    fixture_open(&fixture, HEAD PERSON DIMENSIONS "    rules: {closed_in_future: keep}\n", "no|opened|closed|mail");
    mapped(&fixture, tomorrow, CASE_CLOSED);
    assert_int_equal(fixture.row.closed_day, 20485);
    fixture_release(&fixture);
}

static void unreadable_values(void **state)
{
    (void)state;
    static const char rest[] =
        "    dimensions: {b: {number: n, bands: [10]}, a: {birth_date: born, bands: [18]}}\n    measures: {m: {column: n}}\n";
    char yaml[2000];
    struct fixture fixture;
    snprintf(yaml, sizeof yaml, HEAD PERSON "%s", rest);
    fixture_open(&fixture, yaml, "no|opened|closed|mail|n|born");
    mapped(&fixture, "1|2026-01-01|2026-01-02||9.5|2000-01-01", CASE_CLOSED);
    value(&fixture, 0, true, 10);
    label(&fixture, 0, 0, "under 10"); /* bands round down, measures to the nearest */
    refused(&fixture, "1|soon|2026-01-02||5|2000-01-01", MAP_BAD_DATE, "opened", "rules.unreadable_date");
    refused(&fixture, "1|2026-01-01|2026-01-02||5|2000-02-30", MAP_BAD_DATE, "born", "rules.unreadable_date");
    refused(&fixture, "1|2026-01-01|2026-01-02||five|2000-01-01", MAP_BAD_NUMBER, "n", "rules.unreadable_number");
    refused(&fixture, "1|2026-01-01|2026-01-02||1,000|2000-01-01", MAP_BAD_NUMBER, "n", "rules.unreadable_number");
    fixture_release(&fixture);

    snprintf(
        yaml, sizeof yaml,
        HEAD PERSON
        "    rules: {unreadable_date: blank, unreadable_number: blank, unusable_identifier: reject}\n    decimal_comma: true\n%s",
        rest);
    fixture_open(&fixture, yaml, "no|opened|closed|mail|n|born");
    mapped(&fixture, "1|soon|2026-01-02||five|2000-02-30", CASE_CLOSED);
    assert_false(fixture.row.has_opened);
    label(&fixture, 0, 0, "(missing)");
    label(&fixture, 1, 0, "(missing)");
    value(&fixture, 0, false, 0);
    assert_int_equal(mapper_counts(fixture.mapper)->blanked[MAP_BAD_DATE], 2);
    assert_int_equal(mapper_counts(fixture.mapper)->blanked[MAP_BAD_NUMBER], 2);
    mapped(&fixture, "1|2026-01-01|2026-01-02||10,4|2000-01-01", CASE_CLOSED);
    value(&fixture, 0, true, 10);
    label(&fixture, 0, 0, "10+");
    refused(&fixture, "1|2026-01-01|2026-01-02|nobody|1|", MAP_BAD_IDENTIFIER, "mail", "rules.unusable_identifier");
    refused(&fixture, "1|2026-01-01|soon||1|", MAP_BAD_DATE, "closed", "closed_at"); /* whatever the rule says */
    fixture_release(&fixture);
}

static void ranges(void **state)
{
    (void)state;
    static const char *const rules[] = { "reject", "blank", "keep" };
    struct fixture fixture;
    char yaml[2000], list[400];
    for (int i = 0; i < 3; i++) {
        snprintf(list, sizeof list,
                 "    measures:\n      v: {column: v, decimals: 2, range: [0, 99.99], out_of_range: %s}\n"
                 "      s: {column: s, score: [1, 5], out_of_range: blank}\n",
                 rules[i]);
        snprintf(yaml, sizeof yaml, HEAD PERSON DIMENSIONS "%s", list);
        fixture_open(&fixture, yaml, "no|opened|closed|mail|v|s");
        mapped(&fixture, "1||2026-01-02||99.99|5", CASE_CLOSED);
        value(&fixture, 0, true, 9999);
        value(&fixture, 1, true, 5);
        mapped(&fixture, "1||2026-01-02||0|1", CASE_CLOSED);
        mapped(&fixture, "1||2026-01-02|||6", CASE_CLOSED);
        value(&fixture, 0, false, 0);
        value(&fixture, 1, false, 0);
        refused(&fixture, "1||2026-01-02|||4.5", MAP_BAD_NUMBER, "s",
                "rules.unreadable_number"); /* a score is not rounded */
        mapped(&fixture, "1||2026-01-02|||4.0", CASE_CLOSED);
        value(&fixture, 1, true, 4);
        if (i == 0) {
            refused(&fixture, "1||2026-01-02||100|", MAP_OUT_OF_RANGE, "v", "measures.v.out_of_range");
            refused(&fixture, "1||2026-01-02||-0.01|", MAP_OUT_OF_RANGE, "v", "measures.v.out_of_range");
        } else {
            mapped(&fixture, "1||2026-01-02||100|", CASE_CLOSED);
            value(&fixture, 0, i == 2, i == 2 ? 10000 : 0);
        }
        fixture_release(&fixture);
    }
}

static void durations(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_open(&fixture,
                 HEAD PERSON
                 "    dimensions: {speed: {duration: [opened_at, closed_at], unit: hours, bands: [1, 24]}}\n"
                 "    measures:\n      hours: {duration: [opened_at, closed_at], unit: hours, decimals: 2}\n"
                 "      reply: {duration: [opened_at, replied], unit: minutes, out_of_range: blank}\n",
                 "no|opened|closed|mail|replied");
    mapped(&fixture, "1|2025-10-26T00:30|2025-10-26T12:30||2025-10-26T00:50:29",
           CASE_CLOSED); /* the hour of the clock change counts */
    value(&fixture, 0, true, 1300);
    value(&fixture, 1, true, 20);
    label(&fixture, 0, 0, "1-23");
    mapped(&fixture, "1|2026-01-01T00:00|2026-01-01T00:59:59||2026-01-01T00:00:30", CASE_CLOSED);
    value(&fixture, 0, true, 100); /* 0.9997 */
    value(&fixture, 1, true, 1);   /* half away from zero */
    label(&fixture, 0, 0, "under 1");
    mapped(&fixture, "1|2026-01-01|2026-01-03T15:00||2025-12-31T00:00",
           CASE_CLOSED); /* whole days where one has no time */
    value(&fixture, 0, true, 4800);
    value(&fixture, 1, false, 0); /* negative: blank */
    label(&fixture, 0, 0, "24+");
    mapped(&fixture, "1||2026-01-03T15:00||", CASE_CLOSED);
    value(&fixture, 0, false, 0);
    label(&fixture, 0, 0, "(missing)");
    refused(&fixture, "1||2026-01-03T15:00||later", MAP_BAD_DATE, "replied", "rules.unreadable_date");
    fixture_release(&fixture);
}

static void age_bands(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_open(&fixture,
                 HEAD PERSON
                 "    dimensions:\n      age: {birth_date: born, at: closed_at, bands: [18, 25, 65]}\n"
                 "      then: {birth_date: born, at: opened_at, bands: [18, 25, 65], missing_as: unknown}\n",
                 "no|opened|closed|mail|born");
    static const struct {
        const char *line, *age, *then;
    } rows[] = {
        { "1|2026-01-09|2026-01-10||2008-01-10", "18-24", "under 18" },
        { "1|2026-01-09|2026-01-10||2008-01-11", "under 18", "under 18" },
        { "1|2024-02-28|2025-03-01||2000-02-29", "25-64", "18-24" }, /* 25 on 1 March, 23 the year before */
        { "1|2025-02-28|2025-02-28||2000-02-29", "18-24", "18-24" },
        { "1|2026-01-09|2026-01-10||1960-01-01", "65+", "65+" },
        { "1|2026-01-09|2026-01-10||2026-01-10", "under 18", "unknown" },  /* not born yet when it was opened */
        { "1|2026-01-09|2026-01-10||1900-01-01", "(missing)", "unknown" }, /* a placeholder */
        { "1|2026-01-09|2026-01-10||", "(missing)", "unknown" },
        { "1||2026-01-10||1980-01-01", "25-64", "unknown" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mapped(&fixture, rows[i].line, CASE_CLOSED);
        label(&fixture, 0, 0, rows[i].age);
        label(&fixture, 1, 0, rows[i].then);
    }
    fixture_release(&fixture);
}

/* ---- people ---- */

static void identifiers(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_open(&fixture,
                 HEAD
                 "    identifiers:\n      customer: {column: cust, kind: id}\n      mail: {column: mail, kind: email}\n"
                 "      tel: {column: tel, kind: phone, country_column: land}\n"
                 "    identifier_limits: {deny: [none@none, '0000']}\n" DIMENSIONS,
                 "no|opened|closed|cust|mail|tel|land");
    mapped(&fixture, "1||2026-01-02| C 7 |Anna@B.Example|030 23125123|", CASE_CLOSED);
    assert_int_equal(fixture.row.identifier_count, 3);
    assert_string_equal(fixture.row.identifiers[0].identifier->name, "customer");
    assert_true(slice_equals(fixture.row.identifiers[0].normalised, "C 7"));
    assert_true(slice_equals(fixture.row.identifiers[1].normalised, "anna@b.example"));
    assert_true(slice_equals(fixture.row.identifiers[2].normalised, "+493023125123"));
    mapped(&fixture, "1||2026-01-02|0000|None@None|044 668 18 00|ch", CASE_CLOSED);
    assert_int_equal(fixture.row.identifier_count, 1); /* two are denied */
    assert_true(slice_equals(fixture.row.identifiers[0].normalised, "+41446681800"));
    assert_int_equal(mapper_counts(fixture.mapper)->denied_identifiers, 2);
    mapped(&fixture, "1||2026-01-02||anna at b|044 668 18 00|Switzerland", CASE_CLOSED);
    assert_int_equal(fixture.row.identifier_count, 0);
    assert_int_equal(mapper_counts(fixture.mapper)->blanked[MAP_BAD_IDENTIFIER], 2);
    mapped(&fixture, "1||2026-01-02||||", CASE_CLOSED);
    assert_int_equal(fixture.row.identifier_count, 0);
    fixture_release(&fixture);
}

static void controllers(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_open(&fixture, HEAD PERSON DIMENSIONS "    controller: brand\n", "no|opened|closed|mail|brand");
    mapped(&fixture, "1||2026-01-02||Nord ", CASE_CLOSED);
    assert_string_equal(fixture.row.controller, "nord");
    refused(&fixture, "1||2026-01-02||north", MAP_UNKNOWN_CONTROLLER, "brand", "controller");
    refused(&fixture, "1||2026-01-02||", MAP_UNKNOWN_CONTROLLER, "brand", "controller");
    fixture_release(&fixture);
}

/* P6: no recording without consent. */
static void p6_bound_columns(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_open(
        &fixture,
        HEAD PERSON
        "    consent: {call_recording: {column: rec, values: ['yes', J]}}\n"
        "    dimensions:\n      mood: {column: mood, needs_consent: call_recording, missing_as: none}\n"
        "      length: {number: seconds, bands: [60], needs_consent: call_recording}\n      kind: {column: kind}\n"
        "    measures:\n      seconds: {column: seconds, needs_consent: call_recording}\n      n: {column: seconds}\n",
        "no|opened|closed|mail|rec|mood|seconds|kind");
    static const char *const without[] = { "no", "", "YES", "yes please", "0" };
    for (int i = 0; i < 2; i++) {
        mapped(&fixture, i ? "1||2026-01-02||J|angry|90|x" : "1||2026-01-02|| yes |angry|90|x", CASE_CLOSED);
        label(&fixture, 0, 0, "angry");
        label(&fixture, 1, 0, "60+");
        value(&fixture, 0, true, 90);
    }
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        char line[100];
        snprintf(line, sizeof line, "1||2026-01-02||%s|angry|90|x", without[i]);
        mapped(&fixture, line, CASE_CLOSED);
        label(&fixture, 0, 0, "none");
        label(&fixture, 1, 0, "(missing)");
        label(&fixture, 2, 0, "x");
        value(&fixture, 0, false, 0);
        value(&fixture, 1, true, 90);
    }
    assert_int_equal(mapper_counts(fixture.mapper)->without_consent, 15);
    fixture_release(&fixture);
}

/* ---- values ---- */

static void ids_of_values(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_open(
        &fixture,
        HEAD PERSON
        "    dimensions:\n      kind: {columns: [a, b], fold: lower}\n      month: {date: closed_at, as: month}\n",
        "no|opened|closed|mail|a|b");
    mapped(&fixture, "1||2026-01-02||x|y", CASE_CLOSED);
    uint32_t id = fixture.row.categories[0].id;
    assert_true(id > 0 && id <= MAPPER_MAX_VALUES);
    assert_null(fixture.row.categories[1].levels);
    label(&fixture, 0, 1, "y");
    mapped(&fixture, "2||2026-01-02||x|z", CASE_CLOSED);
    assert_int_not_equal(fixture.row.categories[0].id, id);
    mapped(&fixture, "3||2026-01-02||x|y ", CASE_CLOSED);
    assert_int_equal(fixture.row.categories[0].id, id);
    mapped(&fixture, "3||2026-01-02||xy|", CASE_CLOSED); /* where a cell ends matters */
    label(&fixture, 0, 0, "xy");
    label(&fixture, 0, 1, "(missing)");
    mapped(&fixture, "3||2026-01-02|||xy", CASE_CLOSED);
    label(&fixture, 0, 0, "(missing)");
    label(&fixture, 0, 1, "xy");
    fixture_release(&fixture);
}

/* More values than get an id: the labels are right all the same, and memory is bounded. */
static void very_many_values(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_open(&fixture, HEAD PERSON "    dimensions: {kind: {column: a}}\n", "no|opened|closed|mail|a");
    char line[400], expected[32];
    for (int i = 0; i < MAPPER_MAX_VALUES + 100; i++) {
        snprintf(line, sizeof line, "1||2026-01-02||value %d", i);
        snprintf(expected, sizeof expected, "value %d", i);
        mapped(&fixture, line, CASE_CLOSED);
        label(&fixture, 0, 0, expected);
    }
    assert_int_equal(fixture.row.categories[0].id, 0);
    mapped(&fixture, "1||2026-01-02||value 7", CASE_CLOSED);
    assert_true(fixture.row.categories[0].id > 0);
    memset(line, 'x', sizeof line);
    memcpy(line, "1||2026-01-02||", 15);
    line[sizeof line - 1] = '\0';
    mapped(&fixture, line, CASE_CLOSED);
    label(&fixture, 0, 0, "(other)");
    assert_int_equal(mapper_counts(fixture.mapper)->not_allowed, 1);
    fixture_release(&fixture);
}

static void missing_markers(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_open(&fixture,
                 HEAD PERSON
                 "    missing: ['?', NA, n/a]\n    dimensions: {kind: {column: a}}\n    measures: {m: {column: v}}\n",
                 "no|opened|closed|mail|a|v");
    static const char *const cells[] = { "", " ", "?", "NA", " n/a ", "\xC2\xA0" };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        char line[100];
        snprintf(line, sizeof line, "1|%s|2026-01-02|%s|%s|%s", cells[i], cells[i], cells[i], cells[i]);
        mapped(&fixture, line, CASE_CLOSED);
        label(&fixture, 0, 0, "(missing)");
        value(&fixture, 0, false, 0);
        assert_int_equal(fixture.row.identifier_count, 0);
        assert_false(fixture.row.has_opened);
    }
    mapped(&fixture, "1||2026-01-02||na|", CASE_CLOSED); /* as written */
    label(&fixture, 0, 0, "na");
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_columns),  cmocka_unit_test(unnamed_columns_are_dropped),
        cmocka_unit_test(shapes_of_rows),   cmocka_unit_test(case_numbers),
        cmocka_unit_test(closed_or_not),    cmocka_unit_test(no_case_number),
        cmocka_unit_test(days_by_zone),     cmocka_unit_test(opened_after_closed),
        cmocka_unit_test(closed_in_future), cmocka_unit_test(unreadable_values),
        cmocka_unit_test(ranges),           cmocka_unit_test(durations),
        cmocka_unit_test(age_bands),        cmocka_unit_test(identifiers),
        cmocka_unit_test(controllers),      cmocka_unit_test(p6_bound_columns),
        cmocka_unit_test(ids_of_values),    cmocka_unit_test(very_many_values),
        cmocka_unit_test(missing_markers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
