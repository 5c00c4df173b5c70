/* `fallzahl quarantine`: the rows that could not be read, why, and what stood in them. */
#include "cli/act.h"
#include "cli/session.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/calendar.h"
#include "core/csvwrite.h"
#include "core/json_build.h"
#include "core/keyring.h"
#include "core/mem.h"
#include "etl/quarantine.h"

static char *path_in(const struct invocation *invocation, const char *name)
{
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s/%s", invocation->folder, name);
    return path.text;
}

static void print_json(json_t *value)
{
    json_dumpf(value, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(value);
}

static void print_buffer(struct strbuf *out)
{
    fwrite(strbuf_text(out), 1, out->length, stdout);
    strbuf_wipe(out);
}

/* ---- list ---- */

struct listed {
    char day[16];
    uint64_t rows;
};

static int count_rows(struct quarantine_reader *reader, struct listed *listed, struct err *err)
{
    struct quarantine_row row;
    int more;
    calendar_format_day(quarantine_about(reader)->expires_day, listed->day);
    while ((more = quarantine_next(reader, &row, err)) > 0)
        listed->rows++;
    return more;
}

static int list_file(const char *path, json_t *files, struct csvwrite *table, struct err *err)
{
    struct quarantine_reader *reader = NULL;
    struct listed listed = { .rows = 0 };
    int code = quarantine_open(&reader, path, NULL, err);
    if (!code)
        code = count_rows(reader, &listed, err);
    if (!code) {
        const struct quarantine_file *about = quarantine_about(reader);
        const char *name = strrchr(path, '/') + 1;
        json_array_append_new(
            files, json_made(json_pack("{s:o, s:s, s:s, s:I, s:s}", "file", json_text_made(name), "source", about->source, "input",
                                  about->input, "rows", (json_int_t)listed.rows, "expires", listed.day)));
        csvwrite_text(table, name);
        csvwrite_text(table, about->source);
        csvwrite_integer(table, (int64_t)listed.rows);
        csvwrite_text(table, listed.day);
        csvwrite_end(table);
    }
    quarantine_close(reader);
    return code;
}

/* A damaged file is reported after the others were listed. */
static int list_files(char **paths, json_t *files, struct csvwrite *table, struct err *err)
{
    int code = 0;
    for (char **path = paths; *path; path++) {
        int failed = list_file(*path, files, table, code ? NULL : err);
        code = code ? code : failed;
        free(*path);
    }
    return code;
}

static int run_list(const struct invocation *invocation, struct err *err)
{
    char *folder = path_in(invocation, "quarantine"), **paths = NULL;
    int code = quarantine_list(folder, &paths, err);
    free(folder);
    if (code)
        return code;
    json_t *files = json_made(json_array());
    struct strbuf out = { 0 };
    struct csvwrite table;
    csvwrite_init(&table, &out, CSV_DIALECT_RFC4180);
    static const char *const names[] = { "file", "source", "rows", "expires" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        csvwrite_text(&table, names[i]);
    csvwrite_end(&table);
    code = list_files(paths, files, &table, err);
    free(paths);
    if (invocation->json)
        print_json(files);
    else
        json_decref(files);
    if (!invocation->json)
        print_buffer(&out);
    strbuf_release(&out);
    return code;
}

/* ---- show ---- */

static void add_cells(struct csvwrite *table, const struct quarantine_row *row, size_t columns)
{
    for (size_t i = 0; i < row->cell_count; i++)
        csvwrite_text(table, row->cells[i].text);
    for (size_t i = row->cell_count; i < columns; i++)
        csvwrite_empty(table);
    csvwrite_end(table);
}

static void add_row(struct csvwrite *table, const struct quarantine_row *row, size_t columns)
{
    csvwrite_integer(table, (int64_t)row->line);
    csvwrite_integer(table, (int64_t)row->offset);
    csvwrite_text(table, row->column);
    csvwrite_text(table, row->code);
    csvwrite_text(table, row->rule);
    add_cells(table, row, columns);
}

static json_t *cells_to_json(const struct quarantine_row *row)
{
    json_t *cells = json_made(json_array());
    for (size_t i = 0; i < row->cell_count; i++)
        json_array_append_new(cells, json_made(json_stringn(row->cells[i].text, row->cells[i].length)));
    return cells;
}

static int show_json(struct quarantine_reader *reader, struct err *err)
{
    json_t *rows = json_made(json_array());
    struct quarantine_row row;
    int more;
    while ((more = quarantine_next(reader, &row, err)) > 0)
        json_array_append_new(rows, json_made(json_pack("{s:I, s:I, s:s, s:s, s:s, s:o}", "line", (json_int_t)row.line,
                                                   "offset", (json_int_t)row.offset, "column", row.column, "code",
                                                   row.code, "rule", row.rule, "cells", cells_to_json(&row))));
    print_json(json_made(json_pack("{s:o, s:o}", "header", cells_to_json(quarantine_header(reader)), "rows", rows)));
    return more;
}

static int show_csv(struct quarantine_reader *reader, struct err *err)
{
    static const char *const names[] = { "line", "offset", "column", "code", "rule" };
    const struct quarantine_row *header = quarantine_header(reader);
    struct strbuf out = { 0 };
    struct csvwrite table;
    struct quarantine_row row;
    int more;
    csvwrite_init(&table, &out, CSV_DIALECT_RFC4180);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        csvwrite_text(&table, names[i]);
    add_cells(&table, header, header->cell_count);
    while ((more = quarantine_next(reader, &row, err)) > 0) {
        add_row(&table, &row, header->cell_count);
        fwrite(strbuf_text(&out), 1, out.length, stdout);
        strbuf_clear(&out);
    }
    print_buffer(&out);
    return more;
}

static int show_rows(const struct invocation *invocation, const char *name, struct err *err)
{
    struct strbuf inside = { 0 };
    strbuf_addf(&inside, "quarantine/%s", name);
    char *keys = path_in(invocation, "keys");
    char *path = strchr(name, '/') ? mem_strdup(name) : path_in(invocation, strbuf_text(&inside));
    struct keyring *keyring = NULL;
    struct quarantine_reader *reader = NULL;
    int code = keyring_open(&keyring, keys, err);
    if (!code)
        code = quarantine_open(&reader, path, keyring, err);
    if (!code)
        code = invocation->json ? show_json(reader, err) : show_csv(reader, err);
    quarantine_close(reader);
    keyring_free(keyring);
    free(path);
    free(keys);
    strbuf_release(&inside);
    return code;
}

/* What tells of persons is under evidence: who looked, and when. */
static int run_show(const struct invocation *invocation, const char *name, struct err *err)
{
    struct session session;
    int code = session_open(&session, invocation, err);
    if (code)
        return code;
    struct act act = { .workspace = session.workspace, .clock = &invocation->clock, .name = "quarantine show" };
    code = act_begin(&act, err);
    if (!code)
        code = show_rows(invocation, name, err);
    code = act_end(&act, code, NULL, err);
    session_close(&session);
    return code;
}

static int run(const struct invocation *invocation, struct err *err)
{
    const char *verb = invocation->arguments[0];
    if (strcmp(verb, "list") == 0 && invocation->argument_count == 1)
        return run_list(invocation, err);
    if (strcmp(verb, "show") == 0 && invocation->argument_count == 2)
        return run_show(invocation, invocation->arguments[1], err);
    return err_set(err, ERR_USAGE, "expected 'quarantine list' or 'quarantine show FILE'");
}

const struct command command_quarantine = {
    .name = "quarantine",
    .usage = "list | show FILE",
    .summary = "rows that could not be read, and why",
    .help =
        "Rows that break a rule go to quarantine/ and the rest of their file is read. A quarantine file says in clear\n"
        "where a row stood and which rule it breaks; the row itself is encrypted and expires with the file.\n"
        "\n"
        "  list       the files, how many rows each holds and when it expires\n"
        "  show FILE  the rows of one, decrypted with the workspace's keys: personal data on your terminal. That\n"
        "             you looked stands in the evidence\n"
        "\n"
        "Mend the rows where they come from and deliver them again: nothing is read back from the quarantine.\n"
        "\n"
        "Examples:\n"
        "  fallzahl quarantine list\n"
        "  fallzahl quarantine show cases-2026-01.csv-1f2e3d4c.jsonl\n"
        "  fallzahl quarantine show --json cases-2026-01.csv-1f2e3d4c.jsonl | jq '.rows[].code'\n",
    .minimum_arguments = 1,
    .maximum_arguments = 2,
    .run = run,
};
