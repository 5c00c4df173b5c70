/* Properties of mapping over thousands of seeded rows with a canary of its own in every cell that is broken, missing or
 * unnamed: the result does not depend on what was mapped before, no message tells a cell, and a row holds only what it may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "core/strbuf.h"
#include "tests/unit/etl/fixture.h"

enum { ROWS = 4000, COLUMNS = 17 };

static const char yaml[] =
    "version: 1\ntimezone: Europe/Berlin\ncountry: DE\ncontrollers: [nord, velora]\nsources:\n  s:\n    files: a*.csv\n"
    "    case_id: no\n    opened_at: opened\n    closed_at: closed\n    updated_at: updated\n    controller: brand\n"
    "    closed_when: {column: state, values: [closed]}\n    missing: ['?']\n"
    "    rules: {opened_after_closed: blank, unusable_identifier: reject}\n"
    "    identifiers:\n      mail: {column: mail, kind: email}\n      tel: {column: tel, kind: phone, country_column: land}\n"
    "    consent: {recording: {column: consent, values: ['yes']}}\n"
    "    dimensions:\n      kind: {columns: [kind, sub], fold: lower}\n      channel: {column: channel, allow: [chat, phone]}\n"
    "      mood: {column: mood, needs_consent: recording}\n      age: {birth_date: born, bands: [18, 65]}\n"
    "      size: {number: value, bands: [10, 100]}\n      month: {date: closed_at, as: month}\n"
    "    measures:\n      value: {column: value, decimals: 2, range: [0, 1000], out_of_range: blank}\n"
    "      handling: {duration: [opened_at, closed_at], unit: hours}\n";
static const char header[] =
    "no|opened|closed|updated|brand|state|mail|tel|land|consent|kind|sub|channel|mood|born|value|free text";

/* What a good cell of each column looks like; the last has no business in the output at all. */
static const char *const good[COLUMNS] = {
    "CS-%u",        "2026-01-0%u", "2026-01-1%u",      "2026-01-2%uT10:00Z",
    "nord",         "closed",      "u%u@mail.example", "030 2312%u12",
    "DE",           "yes",         "kind %u",          "sub %u",
    "chat",         "mood %u",     "1980-0%u-01",      "%u.5",
    "dear shop %u",
};

static uint32_t random_state;

static uint32_t next_random(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % below;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void make_row(uint32_t number, char *line, size_t room)
{
    struct strbuf out = { 0 };
    random_state = number * 2654435761U + 1;
    for (int column = 0; column < COLUMNS; column++) {
        uint32_t kind = next_random(12);
        strbuf_adds(&out, column ? "|" : "");
        if (kind == 0)
            strbuf_addf(&out, "CANARY%dX%u", column, number % 7);
        else if (kind == 1)
            strbuf_adds(&out, "?");
        else if (column == COLUMNS - 1)
            strbuf_addf(&out, "CANARY%d %u", column, number);
        else
            strbuf_addf(&out, good[column], 1 + number % 7);
    }
    if (next_random(50) == 0)
        strbuf_addf(&out, "|CANARY99X%u", number);
    assert_true(out.length < room);
    memcpy(line, out.text, out.length + 1);
    strbuf_release(&out);
}
#pragma GCC diagnostic pop

static void describe(const struct fixture *fixture, bool mapped, struct strbuf *out)
{
    const struct source *source = fixture->sources->list;
    const struct case_row *row = &fixture->row;
    strbuf_clear(out);
    strbuf_addf(out, "%d %.*s v%d %lld", (int)row->state, (int)row->case_id.length,
                row->case_id.text ? row->case_id.text : "", row->has_version, (long long)row->version);
    if (!mapped) {
        strbuf_addf(out, " %s %s %s", map_code_name(fixture->reject.code), fixture->reject.column,
                    fixture->reject.rule);
        return;
    }
    strbuf_addf(out, " %d %d%d %s", row->closed_day, row->has_opened, row->opened_day,
                row->controller ? row->controller : "-");
    for (size_t i = 0; i < row->identifier_count; i++)
        strbuf_addf(out, " %s=%.*s", row->identifiers[i].identifier->name, (int)row->identifiers[i].normalised.length,
                    row->identifiers[i].normalised.text);
    for (size_t i = 0; row->categories && i < source->dimension_count; i++)
        for (size_t j = 0; row->categories[i].levels && j < source->dimensions[i].level_count; j++)
            strbuf_addf(out, " [%.*s]", (int)row->categories[i].levels[j].text.length,
                        row->categories[i].levels[j].text.text);
    for (size_t i = 0; row->values && i < source->measure_count; i++)
        strbuf_addf(out, " %d:%lld", row->values[i].present, (long long)row->values[i].scaled);
}

static void check_message(const struct map_reject *reject)
{
    assert_null(strstr(reject->column, "CANARY"));
    assert_null(strstr(reject->rule, "CANARY"));
    assert_null(strstr(map_code_name(reject->code), "CANARY"));
}

/* Only labels, the case's number and its identifiers come from cells; the bound one only with consent. */
static void check_row(const char *line, const struct strbuf *described)
{
    for (int column = 0; column < 100; column++) {
        char canary[16];
        snprintf(canary, sizeof canary, "CANARY%d", column);
        const char *at = strstr(described->text, canary);
        bool found = at && (at[strlen(canary)] == 'X' || at[strlen(canary)] == ' ');
        assert_true(!found || column == 0 || column == 13); /* upper case survives in no other column */
        if (found && column == 13)
            assert_non_null(strstr(line, "|yes|"));
    }
    assert_null(strstr(described->text, "canary16"));
    assert_null(strstr(described->text, "dear shop"));
}

static void same_result_in_any_order(void **state)
{
    (void)state;
    static char *results[ROWS];
    struct fixture forward, backward;
    struct strbuf text = { 0 };
    char line[2000];
    fixture_open(&forward, yaml, header);
    fixture_open(&backward, yaml, header);
    for (uint32_t i = 0; i < ROWS; i++) {
        make_row(i, line, sizeof line);
        bool mapped = fixture_map(&forward, line);
        describe(&forward, mapped, &text);
        if (!mapped)
            check_message(&forward.reject);
        check_row(line, &text);
        results[i] = strdup(text.text);
    }
    for (uint32_t i = ROWS; i-- > 0;) {
        make_row(i, line, sizeof line);
        describe(&backward, fixture_map(&backward, line), &text);
        assert_string_equal(text.text, results[i]);
        free(results[i]);
    }
    const struct map_counts *counts = mapper_counts(forward.mapper);
    assert_int_equal(counts->rows, ROWS);
    assert_int_equal(counts->closed + counts->open + counts->rejected, ROWS);
    assert_true(counts->closed > ROWS / 10 && counts->open > ROWS / 50 && counts->rejected > ROWS / 10);
    assert_true(counts->without_consent > 0 && counts->not_allowed > 0 && counts->blanked[MAP_BAD_DATE] == 0);
    strbuf_release(&text);
    fixture_release(&forward);
    fixture_release(&backward);
}

/* A file without a header has cells where names should be. */
static void header_of_cells(void **state)
{
    (void)state;
    struct fixture fixture;
    struct err err = { 0 };
    fixture_compile(&fixture, yaml, ".");
    fixture_fail_on_problems(&fixture);
    assert_int_equal(mapper_open(&fixture.mapper, fixture.sources, fixture.sources->list,
                                 fixture_record(&fixture, "CANARY1|CANARY2|no|CANARY3"), FIXTURE_NOW, &err),
                     ERR_DATA);
    assert_null(strstr(err.message, "CANARY"));
    assert_non_null(strstr(err.message, "'closed'"));
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(same_result_in_any_order), cmocka_unit_test(header_of_cells) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
