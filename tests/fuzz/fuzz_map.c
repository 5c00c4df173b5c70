/* Fuzz target: lines of cells split by `|`, mapped by a source that uses every kind of dimension, measure and identifier. A
 * row is either whole or refused with a reason of ours, and mapping it again gives the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/config.h"
#include "etl/map.h"

enum { MAX_CELLS = 16 };

static const char yaml[] =
    "version: 1\ntimezone: Europe/Berlin\ncountry: DE\ncontrollers: [nord]\nsources:\n  s:\n    files: a\n    case_id: a\n"
    "    opened_at: b\n    closed_at: c\n    updated_at: d\n    controller: e\n    dates: [iso, D/M/YYYY h:mm, M/D/YYYY]\n"
    "    missing: ['?']\n    rules: {closed_in_future: keep}\n"
    "    identifiers: {m: {column: f, kind: email}, t: {column: g, kind: phone, country_column: h}, i: {column: i, kind: id}}\n"
    "    dimensions:\n      x: {columns: [j, k], fold: lower}\n      y: {column: l, fold: upper, allow: [A, B]}\n"
    "      z: {birth_date: m, bands: [18]}\n      n: {number: n, bands: [-1, 0.5]}\n"
    "      o: {duration: [opened_at, d], bands: [1], unit: seconds}\n"
    "    measures: {p: {column: n, decimals: 3}, q: {duration: [b, closed_at], decimals: 6, unit: weeks, out_of_range: keep}}\n";
static const char names[] = "abcdefghijklmn";

static struct zone *zone;
static struct config *config;
static struct sources *sources;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    if (zone_open(&zone, "Europe/Berlin", NULL) || config_parse(&config, "fuzz.yaml", yaml, strlen(yaml), NULL))
        abort();
    sources_compile(&sources, config, ".", zone);
    if (config_problem_count(config))
        abort();
    return 0;
}

static struct mapper *open_mapper(void)
{
    struct slice cells[sizeof names - 1];
    for (size_t i = 0; i < sizeof names - 1; i++)
        cells[i] = (struct slice){ names + i, 1 };
    const struct csv_record header = { cells, sizeof names - 1, 1, 0, 0 };
    struct mapper *mapper = NULL;
    if (mapper_open(&mapper, sources, sources->list, &header, 1769828400, NULL))
        abort();
    return mapper;
}

static void check(struct mapper *mapper, const struct csv_record *record)
{
    struct case_row first, second;
    struct map_reject reject, again;
    bool mapped = mapper_map(mapper, record, &first, &reject);
    size_t identifiers = first.identifier_count;
    if (mapper_map(mapper, record, &second, &again) != mapped || first.state != second.state ||
        first.closed_day != second.closed_day || identifiers != second.identifier_count)
        __builtin_trap();
    if (!mapped && (!map_code_name(reject.code) || !reject.column || !reject.rule))
        __builtin_trap();
    if (mapped && first.state == CASE_CLOSED && (!first.categories || !first.values || !first.case_id.length))
        __builtin_trap();
}

static void check_line(struct mapper *mapper, const char *line, size_t length)
{
    struct slice cells[MAX_CELLS];
    char *text = malloc(length + 1);
    size_t count = 0;
    memcpy(text, line, length);
    text[length] = '\0';
    for (char *at = text; at && count < MAX_CELLS; count++) {
        char *end = strchr(at, '|');
        cells[count] = (struct slice){ at, end ? (size_t)(end - at) : strlen(at) };
        if (end)
            *end = '\0';
        at = end ? end + 1 : NULL;
    }
    check(mapper, &(struct csv_record){ cells, count, 2, 0, 0 });
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data, *end = at + size;
    struct mapper *mapper = open_mapper();
    while (at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        size_t length = line ? (size_t)(line - at) : (size_t)(end - at);
        check_line(mapper, at, length);
        at += length + (line != NULL);
    }
    mapper_free(mapper);
    return 0;
}
