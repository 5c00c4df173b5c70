/* `fallzahl protect`: disclosure control for any CSV file. */
#include "cli/command.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/csvwrite.h"
#include "core/mem.h"
#include "core/strbuf.h"
#include "stats/tabulate/disclosure.h"
#include "stats/tabulate/number.h"
#include "stats/tabulate/reserved.h"

enum { DEFAULT_K = 10, MOST_K = 1000000, MOST_DOMINANT_PERSONS = 8 };

struct request {
    struct tabulate_plan plan;
    struct protect_options counts, sums;
    const char *out;
    bool publish;
    /* what the plan points to */
    char *by_text;
    const char *by[CROSS_MAX_DIMENSIONS], *hierarchies[CROSS_MAX_DIMENSIONS], *sum[TABULATE_MAX_SUMS];
};

static bool is_choice(const char *value, const char *choice)
{
    return value && strcmp(value, choice) == 0;
}

/* ---- columns ---- */

static int add_by(struct request *r, const char *name, struct err *err)
{
    if (!*name)
        return err_set(err, ERR_USAGE, "option '--by' names an empty column");
    if (r->plan.by_count == CROSS_MAX_DIMENSIONS)
        return err_set(err, ERR_USAGE, "option '--by' names more than %d columns", CROSS_MAX_DIMENSIONS);
    for (size_t i = 0; i < r->plan.by_count; i++)
        if (strcmp(r->by[i], name) == 0)
            return err_set(err, ERR_USAGE, "option '--by' names '%s' twice", name);
    if (strcmp(name, "cases") == 0 || strcmp(name, "status") == 0)
        return err_set(err, ERR_USAGE, "a column of the output is called '%s': rename it in the input", name);
    r->by[r->plan.by_count++] = name;
    return 0;
}

static int parse_by(const struct invocation *invocation, struct request *r, struct err *err)
{
    const char *text = invocation_value(invocation, "by");
    if (!text)
        return err_set(err, ERR_USAGE, "option '--by' is missing: which columns make the table?");
    r->by_text = mem_strdup(text);
    int code = 0;
    char *rest = r->by_text;
    for (char *name; !code && (name = strsep(&rest, ","));)
        code = add_by(r, name, err);
    return code;
}

static int parse_hierarchy(struct request *r, const char *text, struct err *err)
{
    const char *colon = strchr(text, ':');
    if (!colon || colon == text || !colon[1])
        return err_set(err, ERR_USAGE, "option '--hierarchy' is not of the form column:file.csv");
    for (size_t i = 0; i < r->plan.by_count; i++) {
        if (strlen(r->by[i]) != (size_t)(colon - text) || strncmp(r->by[i], text, (size_t)(colon - text)) != 0)
            continue;
        if (r->hierarchies[i])
            return err_set(err, ERR_USAGE, "two hierarchies for column '%s': put both into one file", r->by[i]);
        r->hierarchies[i] = colon + 1;
        return 0;
    }
    return err_set(err, ERR_USAGE, "option '--hierarchy' is for a column that '--by' does not name");
}

static int parse_sums(const struct invocation *invocation, struct request *r, struct err *err)
{
    const char *name;
    for (size_t i = 0; (name = invocation_each(invocation, "sum", i)); i++) {
        if (i == TABULATE_MAX_SUMS)
            return err_set(err, ERR_USAGE, "option '--sum' is given more than %d times", TABULATE_MAX_SUMS);
        for (size_t j = 0; j < i; j++)
            if (strcmp(r->sum[j], name) == 0)
                return err_set(err, ERR_USAGE, "option '--sum' names '%s' twice", name);
        r->sum[i] = name;
        r->plan.sum_count++;
    }
    if (r->plan.sum_count && r->plan.freq && !r->plan.person)
        return err_set(err, ERR_USAGE, "option '--sum' of counted cells needs '--person': who contributed how much decides");
    return 0;
}

static int parse_reading(const struct invocation *invocation, struct request *r, struct err *err)
{
    const char *delimiter = invocation_value(invocation, "delimiter"), *total = invocation_value(invocation, "total");
    if (delimiter && (strlen(delimiter) != 1 || strchr("\"\r\n", *delimiter)) && strcmp(delimiter, "tab") != 0)
        return err_set(err, ERR_USAGE, "option '--delimiter' is neither one character nor 'tab'");
    r->plan.reading.delimiter = (char)(!delimiter ? ',' : strcmp(delimiter, "tab") == 0 ? '\t' : *delimiter);
    r->plan.reading.encoding = invocation_value(invocation, "encoding");
    r->plan.point = invocation_has(invocation, "decimal-comma") ? ',' : '.';
    r->plan.total = total ? total : RESERVED_TOTAL;
    if (!*r->plan.total || strcmp(r->plan.total, RESERVED_WITHHELD) == 0)
        return err_set(err, ERR_USAGE, "option '--total' is no possible label");
    return 0;
}

static int parse_plan(const struct invocation *invocation, struct request *r, struct err *err)
{
    const char *text;
    r->plan = (struct tabulate_plan) { .path = invocation->arguments[0],
        .by = r->by,
        .hierarchies = r->hierarchies,
        .sums = r->sum,
        .freq = invocation_value(invocation, "freq"),
        .person = invocation_value(invocation, "person"),
        .structural_zeros = invocation_value(invocation, "structural-zeros") };
    int code = parse_reading(invocation, r, err);
    if (!code)
        code = parse_by(invocation, r, err);
    for (size_t i = 0; !code && (text = invocation_each(invocation, "hierarchy", i)); i++)
        code = parse_hierarchy(r, text, err);
    return code ? code : parse_sums(invocation, r, err);
}

/* ---- rules ---- */

static int parse_threshold(const struct invocation *invocation, struct protect_options *options, struct err *err)
{
    long k = DEFAULT_K, most = 0;
    int code = invocation_integer(invocation, "k", 1, MOST_K, &k, err);
    if (!code)
        code = invocation_integer(invocation, "max-n", 0, MOST_K - 1, &most, err);
    if (code)
        return code;
    if (invocation_has(invocation, "k") && invocation_has(invocation, "max-n"))
        return err_set(err, ERR_USAGE, "'--k N' is '--max-n N-1': give one of them");
    options->k = invocation_has(invocation, "max-n") ? most + 1 : k;
    return 0;
}

static int parse_zeros(const struct invocation *invocation, struct protect_options *options, struct err *err)
{
    const char *zeros = invocation_value(invocation, "zeros"), *audit = invocation_value(invocation, "audit");
    if (zeros && !is_choice(zeros, "withheld") && !is_choice(zeros, "public"))
        return err_set(err, ERR_USAGE, "option '--zeros' is neither 'withheld' nor 'public'");
    options->zeros = is_choice(zeros, "public") ? PROTECT_ZEROS_PUBLIC : PROTECT_ZEROS_WITHHELD;
    options->audit = options->zeros == PROTECT_ZEROS_PUBLIC ? PROTECT_AUDIT_X1 : PROTECT_AUDIT_X0;
    if (!audit)
        return 0;
    static const struct {
        const char *name;
        enum protect_audit audit;
    } audits[] = { { "off", PROTECT_AUDIT_OFF }, { "x0", PROTECT_AUDIT_X0 }, { "x1", PROTECT_AUDIT_X1 } };
    for (size_t i = 0; i < sizeof audits / sizeof *audits; i++)
        if (strcmp(audit, audits[i].name) == 0) {
            options->audit = audits[i].audit;
            return 0;
        }
    return err_set(err, ERR_USAGE, "option '--audit' is none of 'off', 'x0' and 'x1'");
}

/* A percentage from 0 to 100. */
static bool read_percent(const char *text, double *percent)
{
    int64_t mantissa;
    int decimals;
    if (number_read_amount(text, '.', &mantissa, &decimals))
        return false;
    *percent = (double)mantissa / (double)number_power(decimals);
    return *percent <= 100;
}

static int parse_p_percent(const char *text, struct protect_options *options, struct err *err)
{
    options->p_percent = 10;
    if (text && !read_percent(text, &options->p_percent))
        return err_set(err, ERR_USAGE, "option '--p-percent' is no percentage from 0 to 100");
    return 0;
}

/* "N,SHARE", or "0" for none. */
static int parse_dominance(const char *text, struct protect_options *options, struct err *err)
{
    options->dominance_persons = 1;
    options->dominance_percent = 80;
    if (!text)
        return 0;
    uint32_t persons = 0;
    bool good = text[0] == '0' && !text[1];
    if (!good && text[0] >= '1' && text[0] <= '0' + MOST_DOMINANT_PERSONS && text[1] == ',') {
        persons = (uint32_t)(text[0] - '0');
        good = read_percent(text + 2, &options->dominance_percent);
    }
    options->dominance_persons = persons;
    return good ? 0 : err_set(err, ERR_USAGE, "option '--dominance' is neither 'N,PERCENT' with N from 1 to %d nor '0'",
                              MOST_DOMINANT_PERSONS);
}

static int parse_rules(const struct invocation *invocation, struct request *r, struct err *err)
{
    struct protect_options *counts = &r->counts, *sums = &r->sums;
    const char *p_percent = invocation_value(invocation, "p-percent"), *dominance = invocation_value(invocation, "dominance");
    long budget = 0;
    int code = parse_threshold(invocation, counts, err);
    if (!code)
        code = parse_zeros(invocation, counts, err);
    if (!code)
        code = invocation_integer(invocation, "budget", 1, 2000000000, &budget, err);
    counts->budget = (uint64_t)budget;
    /* What other programs do, to compare with. */
    counts->plain = counts->zeros == PROTECT_ZEROS_PUBLIC && counts->audit == PROTECT_AUDIT_OFF;
    *sums = *counts;
    if (!code)
        code = parse_p_percent(p_percent, sums, err);
    if (!code)
        code = parse_dominance(dominance, sums, err);
    sums->amounts = true;
    if (sums->audit == PROTECT_AUDIT_X1)
        sums->audit = PROTECT_AUDIT_X0; /* an amount of nothing is possible where there are cases */
    /* Where each case is a person, none has more than one. */
    if (r->plan.person) {
        counts->p_percent = sums->p_percent;
        counts->dominance_persons = sums->dominance_persons;
        counts->dominance_percent = sums->dominance_percent;
    }
    return code;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat left, right;
    return stat(a, &left) == 0 && stat(b, &right) == 0 && left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

static int parse_output(const struct invocation *invocation, struct request *r, struct err *err)
{
    struct stat status;
    r->out = invocation_value(invocation, "out");
    r->publish = invocation_has(invocation, "publish");
    if (!r->out)
        return err_set(err, ERR_USAGE, "option '--out' is missing: which file is to be written ('-': standard output)?");
    if (strcmp(r->out, "-") == 0)
        return invocation->json ? err_set(err, ERR_USAGE, "'--json' and '--out -' both want standard output") : 0;
    if (stat(r->out, &status) == 0 && !S_ISREG(status.st_mode))
        return err_set(err, ERR_CANTCREAT, "'%s' is there and is no file; for standard output say '--out -'", r->out);
    bool same = is_same_file(r->out, r->plan.path)
        || (r->plan.structural_zeros && is_same_file(r->out, r->plan.structural_zeros));
    for (size_t i = 0; i < r->plan.by_count; i++)
        same = same || (r->hierarchies[i] && is_same_file(r->out, r->hierarchies[i]));
    return same ? err_set(err, ERR_USAGE, "'--out' would replace an input file") : 0;
}

/* ---- output ---- */

/* With the figures of withheld cells in it the file is for its owner alone. */
static int write_output(const struct request *r, const struct disclosure *disclosure, struct err *err)
{
    struct strbuf text = { 0 };
    int code = 0;
    disclosure_write(disclosure, &r->plan, r->publish, &text);
    if (strcmp(r->out, "-") != 0)
        code = atomfile_write(r->out, r->publish ? 0644 : 0600, (struct slice) { strbuf_text(&text), text.length }, err);
    else if (fwrite(strbuf_text(&text), 1, text.length, stdout) != text.length || fflush(stdout) != 0)
        code = err_set_errno(err, ERR_IO, "cannot write to standard output");
    strbuf_release(&text);
    return code;
}

static json_t *figure_json(const struct disclosure_figure *figure, size_t zeros)
{
    const struct protect_report *report = &figure->result.report;
    json_t *object = json_object();
    for (enum disclosure_status s = 0; s <= DISCLOSURE_SECONDARY; s++)
        json_object_set_new(object, disclosure_status_name(s),
                            json_integer((json_int_t)(figure->of_status[s] + (s == DISCLOSURE_PUBLISHED ? zeros : 0))));
    json_object_set_new(object, "before_audit", json_integer((json_int_t)report->cells_before_audit));
    json_object_set_new(object, "open_before_repair", json_integer((json_int_t)report->open_before_repair));
    json_object_set_new(object, "repaired", json_integer((json_int_t)report->repaired));
    json_object_set_new(object, "rounds", json_integer((json_int_t)report->rounds));
    json_object_set_new(object, "iterations", json_integer((json_int_t)report->iterations));
    return object;
}

static int print_json(const struct request *r, const struct disclosure *disclosure, struct err *err)
{
    json_t *root = json_object(), *sums = json_object();
    json_object_set_new(root, "k", json_integer((json_int_t)r->counts.k));
    json_object_set_new(root, "audited", json_boolean(r->counts.audit != PROTECT_AUDIT_OFF));
    json_object_set_new(root, "cases", figure_json(&disclosure->counts, disclosure->zero_cells));
    for (size_t s = 0; s < r->plan.sum_count; s++)
        json_object_set_new(sums, r->sum[s], figure_json(&disclosure->sums[s], disclosure->zero_cells));
    json_object_set_new(root, "sums", sums);
    int failed = json_dumpf(root, stdout, JSON_INDENT(2)) || putchar('\n') == EOF || fflush(stdout) != 0;
    json_decref(root);
    return failed ? err_set_errno(err, ERR_IO, "cannot write to standard output") : 0;
}

static void note_figure(const char *name, const struct disclosure_figure *figure, size_t zeros)
{
    fprintf(stderr, "fallzahl: %s: %zu cells published, %zu primary, %zu secondary\n", name,
            figure->of_status[DISCLOSURE_PUBLISHED] + zeros, figure->of_status[DISCLOSURE_PRIMARY],
            figure->of_status[DISCLOSURE_SECONDARY]);
}

static void note(const struct request *r, const struct disclosure *disclosure)
{
    note_figure("cases", &disclosure->counts, disclosure->zero_cells);
    for (size_t s = 0; s < r->plan.sum_count; s++)
        note_figure(r->sum[s], &disclosure->sums[s], disclosure->zero_cells);
    if (r->counts.audit == PROTECT_AUDIT_OFF)
        fprintf(stderr, "fallzahl: not audited: what is withheld may be known closely\n");
    if (!r->publish)
        fprintf(stderr, "fallzahl: the output holds withheld figures: hand out what --publish writes\n");
}

static int protect_file(const struct invocation *invocation, const struct request *r, struct err *err)
{
    struct tabulation tabulation;
    struct disclosure disclosure = { 0 };
    int code = tabulation_read(&tabulation, &r->plan, err);
    if (!code)
        code = disclosure_run(&disclosure, &tabulation, &r->counts, &r->sums, err);
    if (!code)
        code = write_output(r, &disclosure, err);
    if (!code && invocation->json)
        code = print_json(r, &disclosure, err);
    if (!code && !invocation->quiet)
        note(r, &disclosure);
    disclosure_release(&disclosure);
    tabulation_release(&tabulation);
    return code;
}

static int run(const struct invocation *invocation, struct err *err)
{
    struct request request = { 0 };
    int code = parse_plan(invocation, &request, err);
    if (!code)
        code = parse_rules(invocation, &request, err);
    if (!code)
        code = parse_output(invocation, &request, err);
    if (!code)
        code = protect_file(invocation, &request, err);
    free(request.by_text);
    return code;
}

const struct command command_protect = {
    .name = "protect",
    .usage = "IN.csv --by COLUMN,... --out OUT.csv",
    .summary = "disclosure control for any CSV file: which cells of a table may be published",
    .help =
        "Counts the rows of a CSV file by the columns that you name, with every margin and every level of every\n"
        "hierarchy, and decides which cells may be published: no cell of 1 to k-1 persons, and none from which one can\n"
        "be computed, or estimated too well, by adding and subtracting. Needs no workspace and keeps nothing.\n\n"
        "Each cell of the output has a status:\n"
        "  published  may be handed out\n"
        "  primary    unsafe by itself: too few persons, or one of them dominates\n"
        "  secondary  withheld because a primary cell would follow from it\n"
        "Hand out what --publish writes: published cells only, and no status. The other form holds the figures of withheld\n"
        "cells, too. One input, one publication: two tables of the same data can be subtracted from each other.\n\n"
        "IN.csv has a row per case (microdata), or one per inner cell with its number of cases (--freq), but no totals. It\n"
        "may be packed (xz, gzip, zstd); '-' is standard input. A hierarchy file has the header child,parent and any\n"
        "number of levels; a child may have several parents (groupings of the same values). Values without a row in the\n"
        "file are (missing).\n\n"
        "Zeros: with --zeros withheld (the default) a missing row means no cases or withheld, which protects best. With --zeros\n"
        "public cells without cases are rows, and a reader knows that a missing one has at least one case.\n"
        "The audit then proves for every primary cell that its range of possible values is wide enough, and withholds more\n"
        "where it is not: x0 if a reader knows that no cell is below 0, x1 that no withheld one is below 1.\n\n"
        "Sums are published where their count is, protected by the p%-rule and dominance over persons, and audited with the\n"
        "counts as one system.\n"
        "Exit status: 0 done; 64 usage; 65 input refused, too large, or nothing safe found; 66 no input; 73, 74 output.\n\n"
        "Examples:\n"
        "  fallzahl protect cases.csv --by region,channel --person customer --out table.csv\n"
        "  fallzahl protect cases.csv --by region,channel --person customer --publish --out table.csv\n"
        "  fallzahl protect cells.csv --by region,age --hierarchy region:regions.csv --freq n --max-n 4 --out -\n"
        "  fallzahl protect sales.csv --by sector,country --person company --sum value --publish --out sales-table.csv\n",
    .minimum_arguments = 1,
    .maximum_arguments = 1,
    .run = run,
    .options = {
        { "by", "COLUMN,...", "the table's dimensions" },
        { "hierarchy", "COLUMN:FILE", "what the values of a dimension add up to; FILE has the header child,parent" },
        { "freq", "COLUMN", "the input is counted: this column has the number of cases" },
        { "person", "COLUMN", "who the case is about; without it each case is a person of its own" },
        { "sum", "COLUMN", "an amount, never below zero, to be added up; may be repeated" },
        { "k", "N", "fewer persons than this are too few (default 10)" },
        { "max-n", "N", "the same said otherwise: N persons are still too few" },
        { "structural-zeros", "FILE", "combinations that cannot be, and that readers know to be empty: a column per dimension" },
        { "zeros", "withheld|public", "are cells without cases rows of the output (default withheld)" },
        { "audit", "off|x0|x1", "what a reader knows of withheld cells (default x0; x1 with public zeros)" },
        { "p-percent", "P", "the second greatest person may not estimate the greatest within P % (default 10; 0: no such rule)" },
        { "dominance", "N,PERCENT", "the N greatest persons may not have more than PERCENT (default 1,80; 0: no such rule)" },
        { "publish", NULL, "write published cells only: what may be handed out" },
        { "out", "FILE", "where to write; '-' is standard output" },
        { "total", "TEXT", "what stands for a total (default (total))" },
        { "delimiter", "C", "between fields of the input: one character, or tab (default ,)" },
        { "encoding", "NAME", "of the input (default utf-8)" },
        { "decimal-comma", NULL, "amounts have a comma before their decimals" },
        { "budget", "N", "simplex iterations of the audit before it gives up, which is a failure" },
        { NULL, NULL, NULL },
    },
};
