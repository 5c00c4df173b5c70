#include "stats/case_source.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/strbuf.h"
#include "stats/rare.h"
#include "stats/rows_cases.h"
#include "stats/table_source.h"

#define QUERIES "stats/sql/cases.sql"

/* A dimension on its way from the dictionary to nodes. */
struct loading {
    struct tree tree;
    bool is_tree; /* else it derives from a day */
    size_t levels;
    uint32_t missing;  /* entry for a case without a value */
    uint64_t *persons; /* per entry */
};

struct case_source {
    struct arena arena;
    struct db *db;
    const struct case_request *request;
    int64_t source; /* 0: never read */
    char **columns; /* of the table */
    size_t column_count, column_capacity;
    struct loading *loading;
    struct dimension *dimensions;
    struct rows_dimension *row_dimensions;
    const char **measure_columns;
    struct case_measure *measures;
    struct code_node *codes; /* while loading: entries; then nodes */
    size_t code_count;
    struct rows_cases rows;
};

static const char *add_text(struct case_source *cases, const char *prefix, const char *text)
{
    struct strbuf buf = { 0 };
    strbuf_addf(&buf, "%s%s", prefix, text);
    const char *copy = arena_strndup(&cases->arena, buf.text, buf.length);
    strbuf_release(&buf);
    return copy;
}

static int find_source(struct case_source *cases, struct err *err)
{
    struct stmt *stmt = NULL;
    int step = db_prepare(cases->db, QUERIES, "source", &stmt, err);
    if (step)
        return step;
    stmt_bind_string(stmt, ":name", cases->request->source);
    step = stmt_step(stmt, err);
    if (step > 0)
        cases->source = stmt_integer(stmt, 0);
    stmt_free(stmt);
    return step < 0 ? step : 0;
}

static int find_columns(struct case_source *cases, struct err *err)
{
    struct stmt *stmt = NULL;
    const char *table = add_text(cases, "case_", cases->request->source);
    int step = db_prepare(cases->db, QUERIES, "columns", &stmt, err);
    if (step)
        return step;
    stmt_bind_string(stmt, ":table", table);
    while ((step = stmt_step(stmt, err)) > 0) {
        MEM_GROW(cases->columns, cases->column_count, cases->column_capacity);
        cases->columns[cases->column_count++] = mem_strdup(stmt_text(stmt, 0, NULL));
    }
    stmt_free(stmt);
    if (!step && cases->source && cases->column_count)
        cases->rows.table = table;
    return step;
}

/* The column if the table has it. */
static const char *find_column(struct case_source *cases, const char *prefix, const char *name)
{
    const char *column = add_text(cases, prefix, name);
    for (size_t i = 0; i < cases->column_count; i++)
        if (!strcmp(cases->columns[i], column))
            return column;
    return NULL;
}

/* A leaf lies at the lowest level. A value that was stored when the hierarchy had fewer levels has no finer
 * one; of one stored when it had more, the finer ones do not count. */
static uint32_t find_leaf(struct loading *loading, uint32_t entry)
{
    while (loading->tree.entries[entry].level > loading->levels)
        entry = loading->tree.entries[entry].parent;
    while (loading->tree.entries[entry].level < loading->levels)
        entry = tree_add(&loading->tree, entry, DOMAIN_MISSING_LABEL, TREE_BY_LABEL, true);
    return entry;
}

static int add_value(struct case_source *cases, size_t d, struct stmt *stmt, struct err *err)
{
    struct loading *loading = &cases->loading[d];
    int64_t code = stmt_integer(stmt, 0), parent = stmt_integer(stmt, 1);
    bool known =
        parent == 0 || (parent > 0 && (size_t)parent < cases->code_count && cases->codes[parent].dimension == d + 1);
    if (!known || code <= 0 || (size_t)code >= cases->code_count)
        return err_set(err, ERR_DATA, "the dictionary of dimension '%s' is broken",
                       cases->request->dimensions[d]->name);
    int64_t position = stmt_is_null(stmt, 3) ? TREE_BY_LABEL : stmt_integer(stmt, 3);
    uint32_t above = parent ? cases->codes[parent].node : TREE_ROOT;
    const struct case_request *request = cases->request;
    const char *label = stmt_text(stmt, 2, NULL);
    bool named = stmt_integer(stmt, 4) != 0 || (request->may_show && request->may_show(request->context, request->dimensions[d]->name, label));
    uint32_t entry = tree_add(&loading->tree, above, label, position, named);
    cases->codes[code] = (struct code_node){ (uint32_t)d + 1, entry };
    return 0;
}

static int load_values(struct case_source *cases, size_t d, int64_t dimension, struct err *err)
{
    struct stmt *stmt = NULL;
    int step = db_prepare(cases->db, QUERIES, "values", &stmt, err);
    if (step)
        return step;
    stmt_bind_integer(stmt, ":dimension", dimension);
    while ((step = stmt_step(stmt, err)) > 0) {
        int failed = add_value(cases, d, stmt, err);
        if (failed) {
            step = failed;
            break;
        }
    }
    stmt_free(stmt);
    return step;
}

/* Finds the dimension's number and depth; number 0 if the store does not have it yet. */
static int find_dimension(struct case_source *cases, size_t d, int64_t *dimension, struct err *err)
{
    const struct table_dimension *wanted = cases->request->dimensions[d];
    struct stmt *stmt = NULL;
    int step = db_prepare(cases->db, QUERIES, "dimension", &stmt, err);
    if (step)
        return step;
    stmt_bind_integer(stmt, ":source", cases->source);
    stmt_bind_string(stmt, ":name", wanted->name);
    cases->loading[d].levels = wanted->level_count ? wanted->level_count : 1;
    step = stmt_step(stmt, err);
    if (step > 0) {
        *dimension = stmt_integer(stmt, 0);
        cases->loading[d].levels = (size_t)stmt_integer(stmt, 1);
        if (stmt_integer(stmt, 1) < 1)
            step = err_set(err, ERR_DATA, "dimension '%s' has no levels", wanted->name);
    }
    stmt_free(stmt);
    return step < 0 ? step : 0;
}

static int load_tree(struct case_source *cases, size_t d, struct err *err)
{
    struct loading *loading = &cases->loading[d];
    int64_t dimension = 0;
    tree_init(&loading->tree);
    loading->is_tree = true;
    int failed = find_dimension(cases, d, &dimension, err);
    if (!failed && dimension)
        failed = load_values(cases, d, dimension, err);
    if (failed)
        return failed;
    loading->missing = find_leaf(loading, TREE_ROOT);
    for (size_t code = 0; code < cases->code_count; code++)
        if (cases->codes[code].dimension == d + 1)
            cases->codes[code].node = find_leaf(loading, cases->codes[code].node);
    cases->row_dimensions[d] =
        (struct rows_dimension){ .column = find_column(cases, "d_", cases->request->dimensions[d]->name),
                                 .missing = loading->missing };
    return 0;
}

static void load_period(struct case_source *cases, size_t d)
{
    const struct table_dimension *wanted = cases->request->dimensions[d];
    struct rows_dimension *row = &cases->row_dimensions[d];
    period_dimension(wanted->kind, &cases->arena, &cases->dimensions[d], &row->of_day, &row->missing);
    row->column = find_column(cases, wanted->of_opened ? "opened_day" : "closed_day", "");
}

static int load_dimensions(struct case_source *cases, struct err *err)
{
    struct stmt *stmt = NULL;
    int step = db_prepare(cases->db, QUERIES, "last_code", &stmt, err);
    if (step)
        return step;
    step = stmt_step(stmt, err);
    cases->code_count = step > 0 ? (size_t)stmt_integer(stmt, 0) + 1 : 1;
    stmt_free(stmt);
    cases->codes = mem_zalloc(cases->code_count, sizeof *cases->codes);
    int failed = step < 0 ? step : 0;
    for (size_t d = 0; d < cases->request->dimension_count && !failed; d++) {
        if (cases->request->dimensions[d]->is_period)
            load_period(cases, d);
        else
            failed = load_tree(cases, d, err);
    }
    return failed;
}

static int read_measure(struct case_source *cases, struct stmt *stmt, size_t m, struct err *err)
{
    const char *name = cases->request->measures[m];
    int64_t decimals = stmt_integer(stmt, 0);
    if (decimals < 0 || decimals > 15)
        return err_set(err, ERR_DATA, "measure '%s' has %d decimals", name, (int)decimals);
    cases->measures[m] = (struct case_measure){
        .unit = stmt_is_null(stmt, 1) ? NULL : arena_strdup(&cases->arena, stmt_text(stmt, 1, NULL)),
        .decimals = (int)decimals,
        .is_bounded = stmt_integer(stmt, 2) != 0,
        .lowest = stmt_integer(stmt, 3),
        .highest = stmt_integer(stmt, 4),
    };
    cases->measure_columns[m] = find_column(cases, "m_", name);
    return 0;
}

static int load_measures(struct case_source *cases, struct err *err)
{
    struct stmt *stmt = NULL;
    int step = db_prepare(cases->db, QUERIES, "measure", &stmt, err);
    if (step)
        return step;
    for (size_t m = 0; m < cases->request->measure_count && step >= 0; m++) {
        const char *name = cases->request->measures[m];
        stmt_bind_integer(stmt, ":source", cases->source);
        stmt_bind_string(stmt, ":name", name);
        step = stmt_step(stmt, err);
        if (step > 0)
            step = read_measure(cases, stmt, m, err);
        stmt_reset(stmt);
    }
    stmt_free(stmt);
    return step < 0 ? step : 0;
}

static int start_rows(struct case_source *cases, struct err *err)
{
    cases->rows.path = db_path(cases->db);
    cases->rows.dimensions = cases->row_dimensions;
    cases->rows.dimension_count = cases->request->dimension_count;
    cases->rows.measures = cases->measure_columns;
    cases->rows.measure_count = cases->request->measure_count;
    cases->rows.codes = cases->codes;
    cases->rows.code_count = cases->code_count;
    cases->rows.days = cases->request->days;
    cases->rows.counted = cases->request->counted;
    cases->rows.uncounted = cases->request->uncounted;
    cases->rows.uncounted_count = cases->request->uncounted_count;
    return rows_cases_init(&cases->rows, cases->db, err);
}

/* Counts persons per entry with a pass over the dimensions alone; none where every label may be shown. */
static int count_rare(struct case_source *cases, struct err *err)
{
    size_t count = cases->request->dimension_count;
    const struct tree **trees = mem_zalloc(count, sizeof *trees);
    uint64_t **persons = mem_zalloc(count, sizeof *persons);
    bool possible = false;
    for (size_t d = 0; d < count; d++) {
        struct loading *loading = &cases->loading[d];
        if (!loading->is_tree)
            continue;
        loading->persons = mem_zalloc(loading->tree.count, sizeof *loading->persons);
        persons[d] = loading->persons;
        if (rare_is_possible(&loading->tree))
            trees[d] = &loading->tree;
        possible |= trees[d] != NULL;
    }
    struct rows_cases rows = cases->rows;
    rows.measure_count = rows.source.measures = 0;
    rows.days = NULL;
    rows.counted = false;
    rows.source.context = &rows;
    int failed =
        possible ? rare_count(&rows.source, trees, cases->request->k, cases->request->threads, persons, err) : 0;
    free(trees);
    free(persons);
    return failed;
}

/* From entries to merged entries to nodes. */
static void finish_dimension(struct case_source *cases, size_t d)
{
    struct loading *loading = &cases->loading[d];
    struct tree merged;
    uint32_t *image = mem_alloc(loading->tree.count * sizeof *image);
    tree_merge_rare(&loading->tree, loading->persons, cases->request->k, &merged, image);
    uint32_t *node_of = mem_alloc(merged.count * sizeof *node_of);
    cases->dimensions[d].levels = loading->levels;
    tree_finish(&merged, &cases->arena, &cases->dimensions[d], node_of);
    for (size_t code = 0; code < cases->code_count; code++)
        if (cases->codes[code].dimension == d + 1)
            cases->codes[code].node = node_of[image[cases->codes[code].node]];
    cases->row_dimensions[d].missing = node_of[image[loading->missing]];
    tree_release(&merged);
    free(image);
    free(node_of);
}

static void finish_dimensions(struct case_source *cases)
{
    for (size_t d = 0; d < cases->request->dimension_count; d++) {
        const struct table_dimension *wanted = cases->request->dimensions[d];
        if (cases->loading[d].is_tree)
            finish_dimension(cases, d);
        cases->dimensions[d].open = cases->loading[d].is_tree;
        cases->dimensions[d].name = wanted->name;
        cases->dimensions[d].columns = table_source_columns(wanted, cases->dimensions[d].levels, &cases->arena);
    }
}

static void free_loading(struct case_source *cases)
{
    for (size_t d = 0; d < cases->request->dimension_count; d++) {
        tree_release(&cases->loading[d].tree);
        free(cases->loading[d].persons);
    }
    for (size_t i = 0; i < cases->column_count; i++)
        free(cases->columns[i]);
    free(cases->columns);
}

static int load(struct case_source *cases, struct err *err)
{
    int failed = find_source(cases, err);
    if (!failed)
        failed = find_columns(cases, err);
    if (!failed)
        failed = load_dimensions(cases, err);
    if (!failed)
        failed = load_measures(cases, err);
    if (!failed)
        failed = start_rows(cases, err);
    if (!failed)
        failed = count_rare(cases, err);
    if (!failed)
        finish_dimensions(cases);
    return failed;
}

int case_source_open(struct case_source **out, struct db *db, const struct case_request *request, struct err *err)
{
    struct case_source *cases = mem_zalloc(1, sizeof *cases);
    cases->db = db;
    cases->request = request;
    arena_init(&cases->arena, false);
    cases->loading = arena_alloc(&cases->arena, (request->dimension_count + 1) * sizeof *cases->loading);
    cases->dimensions = arena_alloc(&cases->arena, (request->dimension_count + 1) * sizeof *cases->dimensions);
    cases->row_dimensions = arena_alloc(&cases->arena, (request->dimension_count + 1) * sizeof *cases->row_dimensions);
    cases->measures = arena_alloc(&cases->arena, (request->measure_count + 1) * sizeof *cases->measures);
    cases->measure_columns = arena_alloc(&cases->arena, (request->measure_count + 1) * sizeof *cases->measure_columns);
    int failed = load(cases, err);
    free_loading(cases);
    if (failed)
        case_source_free(cases);
    else
        *out = cases;
    return failed;
}

void case_source_free(struct case_source *cases)
{
    if (!cases)
        return;
    free(cases->codes);
    arena_release(&cases->arena);
    free(cases);
}

const struct dimension *case_source_dimensions(const struct case_source *cases)
{
    return cases->dimensions;
}

const struct case_measure *case_source_measures(const struct case_source *cases)
{
    return cases->measures;
}

const struct row_source *case_source_rows(const struct case_source *cases)
{
    return &cases->rows.source;
}
