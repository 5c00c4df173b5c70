/* `fallzahl report`: a released table on the terminal. It reads what is published and nothing else. */
#include "cli/command.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/grid.h"
#include "core/csvread.h"
#include "core/mem.h"
#include "core/strbuf.h"

enum { WHERE_MAX = 16 };

struct filter {
    int column;
    const char *value;
};

struct view {
    struct filter filters[WHERE_MAX];
    size_t filter_count;
    long limit; /* rows shown; 0: all */
};

static int release_folder(const struct invocation *invocation, struct strbuf *path, struct err *err)
{
    const char *release = invocation->argument_count ? invocation->arguments[0] : "latest";
    if (strchr(release, '/') || release[0] == '.')
        return err_set(err, ERR_USAGE, "'%s' is not the name of a release", release);
    strbuf_addf(path, "%s/published/%s", invocation->folder, release);
    struct stat info;
    if (stat(strbuf_text(path), &info) || !S_ISDIR(info.st_mode))
        return err_set(err, ERR_NOINPUT, "no release '%s' in %s/published", release, invocation->folder);
    return 0;
}

static int read_package(const char *folder, json_t **package, struct err *err)
{
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s/datapackage.json", folder);
    json_error_t problem;
    json_t *read = json_load_file(strbuf_text(&path), 0, &problem);
    int code = read ? 0 : err_set(err, ERR_DATA, "cannot read '%s': line %d", strbuf_text(&path), problem.line);
    if (read)
        *package = read;
    strbuf_release(&path);
    return code;
}

/* The resource whose name is `table`, with or without its folder. */
static const json_t *find_resource(const json_t *package, const char *table)
{
    size_t i;
    const json_t *resource;
    json_array_foreach(json_object_get(package, "resources"), i, resource) {
        const char *path = json_string_value(json_object_get(resource, "path"));
        const char *name = path ? strrchr(path, '/') : NULL;
        name = name ? name + 1 : path;
        if (!name)
            continue;
        if (strcmp(path, table) == 0 || (strncmp(name, table, strlen(table)) == 0 && strcmp(name + strlen(table), ".csv") == 0))
            return resource;
    }
    return NULL;
}

static void list_tables(const json_t *package, bool json)
{
    size_t i;
    const json_t *resource, *resources = json_object_get(package, "resources");
    if (json) {
        json_dumpf(resources, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        putchar('\n');
        return;
    }
    struct grid *grid = grid_new();
    json_array_foreach(resources, i, resource) {
        grid_add(grid, json_string_value(json_object_get(resource, "path")));
        grid_add(grid, json_string_value(json_object_get(resource, "title")));
        grid_end(grid);
    }
    grid_print(grid, stdout);
    grid_free(grid);
}

static int compile_filters(const struct invocation *invocation, const struct csvread *reader, struct view *view,
                           struct err *err)
{
    const char *text;
    for (size_t i = 0; (text = invocation_each(invocation, "where", i)); i++) {
        const char *equals = strchr(text, '=');
        if (!equals || i == WHERE_MAX)
            return err_set(err, ERR_USAGE, "'--where' takes COLUMN=VALUE, at most %d times", WHERE_MAX);
        char *column = mem_strndup(text, (size_t)(equals - text));
        view->filters[i] = (struct filter) { csvread_column(reader, column), equals + 1 };
        int code = view->filters[i].column < 0 ? err_set(err, ERR_USAGE, "the table has no column '%s'", column) : 0;
        free(column);
        if (code)
            return code;
        view->filter_count = i + 1;
    }
    return 0;
}

static bool is_wanted(const struct view *view, const struct csv_record *record)
{
    for (size_t i = 0; i < view->filter_count; i++) {
        size_t column = (size_t)view->filters[i].column;
        if (column >= record->count || !slice_equals(record->fields[column], view->filters[i].value))
            return false;
    }
    return true;
}

static void add_record(struct grid *grid, const struct csv_record *record)
{
    for (size_t i = 0; i < record->count; i++)
        grid_add(grid, record->fields[i].text);
    grid_end(grid);
}

static void print_json_row(const struct csv_record *header, const struct csv_record *record)
{
    json_t *row = json_object();
    for (size_t i = 0; i < record->count && i < header->count; i++)
        json_object_set_new(row, header->fields[i].text, json_string(record->fields[i].text));
    json_dumpf(row, stdout, JSON_PRESERVE_ORDER | JSON_COMPACT);
    putchar('\n');
    json_decref(row);
}

static int show_rows(struct csvread *reader, const struct view *view, bool json, struct err *err)
{
    struct grid *grid = grid_new();
    struct csv_record record;
    long shown = 0, more = 0;
    int code;
    add_record(grid, csvread_header(reader));
    while ((code = csvread_next(reader, &record, err)) == 1) {
        if (!is_wanted(view, &record))
            continue;
        if (view->limit && shown == view->limit) {
            more++;
            continue;
        }
        shown++;
        if (json)
            print_json_row(csvread_header(reader), &record);
        else
            add_record(grid, &record);
    }
    if (!code && !json)
        grid_print(grid, stdout);
    if (!code && more)
        fprintf(stderr, "%ld more rows; --limit 0 shows all\n", more);
    grid_free(grid);
    return code;
}

static int show_table(const struct invocation *invocation, const char *folder, const json_t *resource, struct err *err)
{
    struct view view = { .limit = invocation->json ? 0 : 40 };
    struct strbuf path = { 0 };
    struct csvread *reader = NULL;
    int code = invocation_integer(invocation, "limit", 0, 100000000, &view.limit, err);
    strbuf_addf(&path, "%s/%s", folder, json_string_value(json_object_get(resource, "path")));
    if (!code)
        code = csvread_open(&reader, strbuf_text(&path), &(struct csvread_options) { 0 }, err);
    if (!code)
        code = compile_filters(invocation, reader, &view, err);
    if (!code)
        code = show_rows(reader, &view, invocation->json, err);
    csvread_free(reader);
    strbuf_release(&path);
    return code;
}

static int run(const struct invocation *invocation, struct err *err)
{
    struct strbuf folder = { 0 };
    json_t *package = NULL;
    const char *table = invocation_value(invocation, "table");
    int code = release_folder(invocation, &folder, err);
    if (!code)
        code = read_package(strbuf_text(&folder), &package, err);
    if (!code && !table)
        list_tables(package, invocation->json);
    if (!code && table) {
        const json_t *resource = find_resource(package, table);
        code = resource ? show_table(invocation, strbuf_text(&folder), resource, err)
                        : err_set(err, ERR_NOINPUT, "the release has no table '%s'; 'fallzahl report' lists them", table);
    }
    json_decref(package);
    strbuf_release(&folder);
    return code;
}

const struct command command_report = {
    .name = "report",
    .usage = "[RELEASE] [--table T]",
    .summary = "show a released table on the terminal",
    .help = "Lists the tables of a release (the latest if none is named), or shows one.\n\n"
            "Examples:\n"
            "  fallzahl report\n"
            "  fallzahl report --table channels --where month=2026-01 --where brand='(total)'\n"
            "  fallzahl report 2026-01-31 --table trends/channels.csv --json\n",
    .maximum_arguments = 1,
    .run = run,
    .options = {
        { "table", "NAME", "the table to show" },
        { "where", "COLUMN=VALUE", "only rows with this value; may be repeated" },
        { "limit", "N", "show at most N rows (default 40; 0: all)" },
    },
};
