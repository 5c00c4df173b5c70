/* `fallzahl audit`: what a reader can work out from published tables. */
#include "cli/command.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/csvwrite.h"
#include "core/mem.h"
#include "stats/outsider/audit.h"

enum { DEFAULT_K = 10, DEFAULT_BUDGET = 5000000, DEFAULT_PERCENT = 10, MAX_LEVELS = 16 };

static const char *option(const struct invocation *invocation, const char *name, const char *fallback)
{
    const char *value = invocation_value(invocation, name);
    return value ? value : fallback;
}

static int parse_options(const struct invocation *invocation, struct solve_options *options, struct err *err)
{
    long k = DEFAULT_K, budget = DEFAULT_BUDGET, percent = DEFAULT_PERCENT;
    int code = invocation_integer(invocation, "k", 2, 1000000, &k, err);
    if (!code)
        code = invocation_integer(invocation, "budget", 1, 2000000000, &budget, err);
    if (!code)
        code = invocation_integer(invocation, "percent", 1, 99, &percent, err);
    if (code)
        return code;
    const char *zeros = option(invocation, "zeros", "withheld");
    if (strcmp(zeros, "withheld") != 0 && strcmp(zeros, "public") != 0)
        return err_set(err, ERR_USAGE, "option '--zeros' is neither 'withheld' nor 'public'");
    *options = (struct solve_options){
        .k = (double)k,
        .zeros_public = strcmp(zeros, "public") == 0,
        .all = invocation_has(invocation, "all"),
        .percent = (double)percent,
        .budget_iterations = (size_t)budget,
    };
    return 0;
}

/* What is published of one source: a system of its own, for no case is in two. */
struct part {
    struct publication_options reading;
    struct publication publication;
    struct audit audit;
    bool audited;
};
struct parts {
    struct part *list;
    size_t count;
};

static int read_hierarchies(const struct invocation *invocation, struct publication *publication, struct err *err)
{
    const char *text;
    int code = 0;
    for (size_t i = 0; !code && (text = invocation_each(invocation, "hierarchy", i)); i++) {
        const char *colon = strchr(text, ':');
        if (!colon || colon == text)
            return err_set(err, ERR_USAGE, "option '--hierarchy' is not of the form column:file.csv");
        char *column = mem_strndup(text, (size_t)(colon - text));
        code = space_read_hierarchy(&publication->space, column, colon + 1, publication->options->total, err);
        free(column);
    }
    return code;
}

static int read_all(const struct invocation *invocation, struct publication *publication, struct err *err)
{
    const char *zeros = invocation_value(invocation, "structural-zeros");
    int code = read_hierarchies(invocation, publication, err);
    if (!code && zeros)
        code = impossible_read(&publication->impossibles, zeros, err);
    for (size_t i = 0; !code && i < invocation->argument_count; i++)
        code = publication_read(publication, invocation->arguments[i], err);
    return code;
}

static void tell_ignored(const struct publication *publication)
{
    for (size_t i = 0; i < publication->ignored_count; i++)
        fprintf(stderr, "fallzahl: not audited: '%s' has no column '%s'\n", publication->ignored[i], publication->options->count);
}

/* The sources that the tables are of; none if none is named. */
static int list_sources(const struct invocation *invocation, struct publication *listed, struct err *err)
{
    int code = 0;
    for (size_t i = 0; !code && i < invocation->argument_count; i++)
        code = publication_read(listed, invocation->arguments[i], err);
    if (!code && listed->sources.count > 1 && listed->unnamed)
        code = err_set(err, ERR_DATA, "there are tables of several sources, and nothing says of which '%s' is", listed->unnamed);
    return code;
}

/* "region=EU/DE, channel=email": the dimensions along which the cell is not a total. */
static void label_cell(const struct publication *publication, const struct lattice *lattice, uint32_t cell,
                       struct strbuf *out)
{
    const uint32_t *nodes = lattice_nodes(lattice, cell);
    strbuf_clear(out);
    for (size_t d = 0; d < publication->space.count; d++) {
        if (nodes[d] == SPACE_TOTAL)
            continue;
        strbuf_addf(out, "%s%s=", out->length ? ", " : "", publication->space.dimensions[d].name);
        space_label(&publication->space.dimensions[d], nodes[d], publication->options->total, out);
    }
    if (out->length == 0)
        strbuf_adds(out, publication->options->total);
}

/* "" for what one state of the data shows when there is only one; else which arguments, "2" or "2-1". */
static void label_release(const struct audit *audit, const struct verdict *verdict, struct strbuf *out)
{
    strbuf_clear(out);
    if (audit->edition_count > 1)
        strbuf_addf(out, "%zu", verdict->release + 1);
    if (verdict->minus != EDITION_WHOLE)
        strbuf_addf(out, "-%zu", verdict->minus + 1);
}

static void write_bound(struct csvwrite *writer, const struct publication_figure *figure, double bound)
{
    if (isinf(bound))
        csvwrite_empty(writer);
    else
        csvwrite_decimal(writer, bound, figure->sum ? 3 : 0);
}

static void write_findings(struct csvwrite *writer, const struct part *part)
{
    const struct publication *publication = &part->publication;
    struct strbuf label = { 0 };
    for (size_t i = 0; i < part->audit.verdicts.count; i++) {
        const struct verdict *verdict = &part->audit.verdicts.items[i];
        csvwrite_text(writer, verdict_name(verdict->kind));
        label_release(&part->audit, verdict, &label);
        csvwrite_text(writer, strbuf_text(&label));
        csvwrite_text(writer, publication->figures[verdict->figure].name);
        label_cell(publication, &part->audit.lattice, verdict->cell, &label);
        csvwrite_text(writer, strbuf_text(&label));
        write_bound(writer, &publication->figures[verdict->figure], verdict->low);
        write_bound(writer, &publication->figures[verdict->figure], verdict->high);
        csvwrite_text(writer, part->reading.source);
        csvwrite_end(writer);
    }
    strbuf_release(&label);
}

static void print_csv(const struct parts *parts)
{
    static const char *const header[] = { "finding", "release", "figure", "cell", "lower", "upper", "source" };
    struct strbuf out = { 0 };
    struct csvwrite writer;
    csvwrite_init(&writer, &out, CSV_DIALECT_RFC4180);
    for (size_t i = 0; i < sizeof header / sizeof *header; i++)
        csvwrite_text(&writer, header[i]);
    csvwrite_end(&writer);
    for (size_t i = 0; i < parts->count; i++)
        write_findings(&writer, &parts->list[i]);
    fwrite(strbuf_text(&out), 1, out.length, stdout);
    strbuf_release(&out);
}

static json_t *bound_json(const struct publication_figure *figure, double bound)
{
    if (isinf(bound))
        return json_null();
    return figure->sum ? json_real(bound) : json_integer((json_int_t)bound);
}

static json_t *cell_json(const struct publication *publication, const struct lattice *lattice, uint32_t cell)
{
    const uint32_t *nodes = lattice_nodes(lattice, cell);
    json_t *object = json_object();
    struct strbuf label = { 0 };
    for (size_t d = 0; d < publication->space.count; d++) {
        if (nodes[d] == SPACE_TOTAL)
            continue;
        strbuf_clear(&label);
        space_label(&publication->space.dimensions[d], nodes[d], publication->options->total, &label);
        json_object_set_new(object, publication->space.dimensions[d].name, json_string(strbuf_text(&label)));
    }
    strbuf_release(&label);
    return object;
}

static size_t count_kind(const struct parts *parts, enum verdict_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < parts->count; i++)
        count += parts->list[i].audit.verdicts.of_kind[kind];
    return count;
}

static json_t *counts_json(const struct parts *parts)
{
    json_t *counts = json_object();
    for (enum verdict_kind kind = 0; kind < VERDICT_KINDS; kind++)
        if (kind != VERDICT_SAFE)
            json_object_set_new(counts, verdict_name(kind), json_integer((json_int_t)count_kind(parts, kind)));
    return counts;
}

static void add_findings(json_t *findings, const struct part *part)
{
    struct strbuf label = { 0 };
    for (size_t i = 0; i < part->audit.verdicts.count; i++) {
        const struct verdict *verdict = &part->audit.verdicts.items[i];
        const struct publication_figure *figure = &part->publication.figures[verdict->figure];
        label_release(&part->audit, verdict, &label);
        json_array_append_new(findings,
                              json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:s}", "finding", verdict_name(verdict->kind), "release",
                                        strbuf_text(&label), "figure", figure->name, "cell",
                                        cell_json(&part->publication, &part->audit.lattice, verdict->cell), "lower",
                                        bound_json(figure, verdict->low), "upper", bound_json(figure, verdict->high), "source",
                                        part->reading.source));
    }
    strbuf_release(&label);
}

static struct audit sum_up(const struct parts *parts)
{
    struct audit sum = { 0 };
    for (size_t i = 0; i < parts->count; i++) {
        const struct audit *audit = &parts->list[i].audit;
        sum.absent += audit->absent;
        sum.iterations += audit->iterations;
        sum.statistics.columns += audit->statistics.columns;
        sum.statistics.rows += audit->statistics.rows;
        sum.statistics.programs += audit->statistics.programs;
    }
    return sum;
}

static void print_json(const struct parts *parts)
{
    const struct audit sum = sum_up(parts);
    json_t *findings = json_array();
    for (size_t i = 0; i < parts->count; i++)
        add_findings(findings, &parts->list[i]);
    json_t *root = json_pack("{s:o, s:o, s:I, s:I, s:I}", "findings", findings, "counts", counts_json(parts), "absent",
                             (json_int_t)sum.absent, "programs", (json_int_t)sum.statistics.programs, "iterations",
                             (json_int_t)sum.iterations);
    json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    putchar('\n');
    json_decref(root);
}

static int conclude(const struct parts *parts, const struct invocation *invocation, struct err *err)
{
    const struct audit sum = sum_up(parts);
    size_t unsafe = 0;
    bool strict = invocation_has(invocation, "strict");
    for (enum verdict_kind kind = 0; kind < VERDICT_KINDS; kind++)
        unsafe += verdict_is_unsafe(kind, strict) ? count_kind(parts, kind) : 0;
    if (!invocation->quiet)
        fprintf(
            stderr,
            "fallzahl: %zu absent cells, %zu open to inference in %zu equations, %zu linear programs, %zu iterations\n",
            sum.absent, sum.statistics.columns, sum.statistics.rows, sum.statistics.programs, sum.iterations);
    return unsafe ? err_set(err, ERR_DATA, "not safe: %zu finding%s", unsafe, unsafe == 1 ? "" : "s") : 0;
}

static int audit_part(const struct invocation *invocation, struct part *part, const struct solve_options *options, struct err *err)
{
    publication_init(&part->publication, &part->reading);
    int code = read_all(invocation, &part->publication, err);
    if (code)
        return code;
    tell_ignored(&part->publication);
    code = audit_run(&part->audit, &part->publication, options, err);
    part->audited = !code;
    return code;
}

static void release_parts(struct parts *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        if (parts->list[i].audited)
            outsider_release(&parts->list[i].audit);
        publication_release(&parts->list[i].publication);
    }
    free(parts->list);
}

/* Each source for itself. */
static int audit_sources(const struct invocation *invocation, const struct publication *listed, struct err *err)
{
    const size_t count = listed->sources.count ? listed->sources.count : 1;
    struct parts parts = { .list = mem_zalloc(count, sizeof *parts.list) };
    struct solve_options options;
    int code = parse_options(invocation, &options, err);
    while (parts.count < count && !code) {
        struct part *part = &parts.list[parts.count];
        part->reading = *listed->options;
        part->reading.source = listed->sources.count ? listed->sources.text[parts.count] : "";
        parts.count++;
        code = audit_part(invocation, part, &options, err);
    }
    if (!code && invocation->json)
        print_json(&parts);
    else if (!code)
        print_csv(&parts);
    if (!code)
        code = conclude(&parts, invocation, err);
    release_parts(&parts);
    return code;
}

static int run(const struct invocation *invocation, struct err *err)
{
    const char *levels[MAX_LEVELS];
    struct publication_options reading = {
        .count = option(invocation, "count", "cases"),
        .total = option(invocation, "total", "(total)"),
        .withheld = option(invocation, "withheld", "(withheld)"),
        .levels = levels,
        .closed = invocation_has(invocation, "closed"),
    };
    while (reading.level_count < MAX_LEVELS &&
           (levels[reading.level_count] = invocation_each(invocation, "levels", reading.level_count)))
        reading.level_count++;
    struct publication listed;
    publication_init(&listed, &reading);
    int code = list_sources(invocation, &listed, err);
    if (!code)
        code = audit_sources(invocation, &listed, err);
    publication_release(&listed);
    return code;
}

const struct command command_audit = {
    .name = "audit",
    .usage = "DIR|FILE.csv...",
    .summary = "attack published files as an outsider would",
    .help =
        "Reads one release or a series of them (each argument is one, in the order of publication) and works out, from\n"
        "the published files alone, what they say about every cell that is not there: all sums of all tables, linked by\n"
        "the cells that they share, no cell below zero. In a folder it reads tables/*.csv, or *.csv if there is no such\n"
        "folder. Columns before the count are dimensions; hierarchies come from datapackage.json or the options. Values\n"
        "that no table shows are taken not to exist unless a hierarchy file (--hierarchy) has them, datapackage.json says that\n"
        "there may be some (\"fallzahl:values\": \"open\"), or the figures prove it. Tables of several sources, by the\n"
        "\"fallzahl:source\" of each, are audited source by source: no case is in two.\n\n"
        "Prints a line for each finding, with the interval in which the cell must lie:\n"
        "  published  a published count from 1 to k-1\n"
        "  remainder  a known cell less its known parts is 1 to k-1\n"
        "  exact      an absent cell is known exactly, and not zero\n"
        "  narrow     an absent cell is known to hold at least 1 and fewer than k\n"
        "  restated   two releases show the same cell 1 to k-1 apart\n"
        "  sum        an absent sum of perhaps few contributors is known within --percent\n"
        "  uniform    a mean at an end of its range: all but fewer than k, and than half, gave the same\n"
        "  small      an absent cell is known to hold fewer than k, perhaps none; or how many values a published cell has,\n"
        "             k or more, though they are withheld (unsafe under --strict only)\n"
        "Exit status: 0 safe; 65 not safe, or too large to tell.\n\n"
        "Examples:\n"
        "  fallzahl audit published/2026-01-31\n"
        "  fallzahl audit published/2026-*            differences between releases too\n"
        "  fallzahl audit --k 5 --count n --total Total --hierarchy region:regions.csv table.csv\n"
        "  fallzahl audit --json published/latest | jq .counts\n",
    .minimum_arguments = 1,
    .maximum_arguments = 10000,
    .run = run,
    .options = {
        { "k", "N", "the smallest group that may be known (default 10)" },
        { "strict", NULL, "cells known to hold fewer than k, perhaps none, are unsafe too" },
        { "all", NULL, "print the interval of every absent cell" },
        { "count", "COLUMN", "name of the count column (default cases)" },
        { "total", "TEXT", "what stands for a total (default (total))" },
        { "withheld", "TEXT", "what stands for the withheld remainder (default (withheld))" },
        { "hierarchy", "COLUMN:FILE", "which values there are and what is under what; FILE has the header child,parent" },
        { "structural-zeros", "FILE", "combinations that cannot be: a column per dimension, a value or nothing in each" },
        { "levels", "OUTER,INNER", "columns that are levels of one hierarchy, outermost first" },
        { "closed", NULL, "there are no values but those seen, even where datapackage.json says there may be" },
        { "zeros", "withheld|public", "what an absent row means: nothing or withheld; or never nothing" },
        { "percent", "P", "a sum known more closely than this is known (default 10)" },
        { "budget", "N", "simplex iterations before giving up, which is a failure (default 5000000)" },
        { NULL, NULL, NULL },
    },
};
