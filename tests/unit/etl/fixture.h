/* For tests of etl/: a configuration from text, compiled, and rows mapped without files. Include after cmocka.h. */
#ifndef TESTS_UNIT_ETL_FIXTURE_H
#define TESTS_UNIT_ETL_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/workspace.h"
#include "etl/map.h"
#include "etl/source.h"

enum { FIXTURE_MAX_CELLS = 32, FIXTURE_NOW = 1769828400 }; /* 2026-01-31T03:00:00Z */

struct fixture {
    struct config *config;
    struct zone *zone;
    struct sources *sources;
    struct mapper *mapper;
    struct csv_record record;
    struct slice cells[FIXTURE_MAX_CELLS];
    char text[4096];
    struct case_row row;
    struct map_reject reject;
};

/* Checks and compiles; problems are left in the configuration. `folder` is where hierarchy files are. */
static inline void fixture_compile(struct fixture *fixture, const char *yaml, const char *folder)
{
    static const struct config_rule *const tables[] = { workspace_config_rules, source_config_rules, NULL };
    *fixture = (struct fixture){ 0 };
    struct err err = { 0 };
    if (config_parse(&fixture->config, "t.yaml", yaml, strlen(yaml), &err))
        print_error("%s\n", err.message);
    assert_non_null(fixture->config);
    config_check(fixture->config, tables);
    assert_int_equal(
        zone_open(&fixture->zone, config_text(config_root(fixture->config), "timezone", "Europe/Berlin"), NULL), 0);
    sources_compile(&fixture->sources, fixture->config, folder, fixture->zone);
}

static inline void fixture_release(struct fixture *fixture)
{
    mapper_free(fixture->mapper);
    sources_free(fixture->sources);
    zone_free(fixture->zone);
    config_free(fixture->config);
}

/* Splits "a|b|c" into the cells of the record; no quoting. */
static inline const struct csv_record *fixture_record(struct fixture *fixture, const char *line)
{
    assert_true(strlen(line) < sizeof fixture->text);
    memcpy(fixture->text, line, strlen(line) + 1);
    size_t count = 0;
    for (char *at = fixture->text; at; count++) {
        char *end = strchr(at, '|');
        assert_true(count < FIXTURE_MAX_CELLS);
        fixture->cells[count] = (struct slice){ at, end ? (size_t)(end - at) : strlen(at) };
        if (end)
            *end = '\0';
        at = end ? end + 1 : NULL;
    }
    fixture->record = (struct csv_record){ .fields = fixture->cells, .count = count, .line = fixture->record.line + 1,
                                           .offset = fixture->record.offset + 100, .number = fixture->record.number };
    return &fixture->record;
}

static inline void fixture_fail_on_problems(const struct fixture *fixture)
{
    for (size_t i = 0; i < config_problem_count(fixture->config); i++)
        print_error("%s\n", config_problem_text(fixture->config, i));
    assert_int_equal(config_problem_count(fixture->config), 0);
}

/* Compiles a configuration that must be right and binds its first source to the header. */
static inline void fixture_open(struct fixture *fixture, const char *yaml, const char *header)
{
    fixture_compile(fixture, yaml, ".");
    fixture_fail_on_problems(fixture);
    struct err err = { 0 };
    if (mapper_open(&fixture->mapper, fixture->sources, fixture->sources->list, fixture_record(fixture, header),
                    FIXTURE_NOW, &err))
        print_error("%s\n", err.message);
    assert_non_null(fixture->mapper);
}

static inline bool fixture_map(struct fixture *fixture, const char *line)
{
    return mapper_map(fixture->mapper, fixture_record(fixture, line), &fixture->row, &fixture->reject);
}

#endif
