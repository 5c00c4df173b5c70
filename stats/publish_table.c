#include "stats/publish_table.h"

#include <stdlib.h>

#include "core/mem.h"
#include "core/strbuf.h"
#include "stats/figure.h"
#include "stats/quantile.h"
#include "stats/release_build.h"

enum { MEAN_DECIMALS = 2, SHARE_DECIMALS = 4 };

/* ---- columns ---- */

struct columns {
    struct arena arena;
    struct released_column *list;
    size_t count, capacity;
};

static void add_column(struct columns *columns, struct released_column column)
{
    MEM_GROW(columns->list, columns->count, columns->capacity);
    columns->list[columns->count++] = column;
}

static const char *format(struct columns *columns, const char *pattern, ...) __attribute__((format(printf, 2, 3)));
static const char *format(struct columns *columns, const char *pattern, ...)
{
    struct strbuf text = { 0 };
    va_list args;
    va_start(args, pattern);
    strbuf_addv(&text, pattern, args);
    va_end(args);
    const char *copy = arena_strdup(&columns->arena, strbuf_text(&text));
    strbuf_release(&text);
    return copy;
}

static void add_dimension_columns(struct columns *columns, const struct publish_table *table)
{
    for (size_t d = 0; d < table->cube->layout.dimensions; d++) {
        const struct dimension *dimension = table->cube->layout.dimension[d];
        for (size_t level = 0; level < dimension->levels; level++)
            add_column(columns, (struct released_column){
                                    .name = dimension->columns[level],
                                    .type = RELEASED_TEXT,
                                    .role = RELEASED_DIMENSION,
                                    .title = d ? format(columns, "Dimension %s, level %zu of %zu.", dimension->name,
                                                        level + 1, dimension->levels)
                                               : "Period of closing.",
                                    .hierarchy = dimension->name,
                                    .open = dimension->open,
                                });
    }
}

static const char *figure_title(struct columns *columns, const struct publish_table *table, size_t m,
                                enum table_figure figure)
{
    const char *name = table->spec->measures[m].name;
    const struct cube_table_measure *plan = &table->cube->plan->measures[m];
    int decimals = table->measures[plan->measure].decimals;
    switch (figure) {
    case TABLE_SUM:
        return format(columns, "Sum of %s.", name);
    case TABLE_MEAN:
        return format(columns, "Mean of %s.", name);
    case TABLE_SD:
        return format(columns, "Standard deviation of %s in the sample.", name);
    case TABLE_SHARE:
        return format(columns, "Share of the values of %s from %g to %g.", name, table->spec->measures[m].share_lowest,
                      table->spec->measures[m].share_highest);
    default:
        return format(
            columns,
            "%d %% quantile of the persons' mean %s: mean of the %lld or %lld persons around it, to multiples of %.*f.",
            table_figure_percent(figure), name, (long long)table->k, (long long)table->k + 1, decimals,
            figure_unscale(plan->base, decimals));
    }
}

static void add_figure_column(struct columns *columns, const struct publish_table *table, size_t m,
                              enum table_figure figure)
{
    const struct case_measure *measure = &table->measures[table->cube->plan->measures[m].measure];
    struct released_column column = {
        .name = format(columns, "%s_%s", table->spec->measures[m].name, table_figure_name(figure)),
        .type = RELEASED_DECIMAL,
        .role = RELEASED_FIGURE,
        .decimals = measure->decimals,
        .unit = measure->unit,
        .title = figure_title(columns, table, m, figure),
    };
    if (figure == TABLE_MEAN || figure == TABLE_SD)
        column.decimals += MEAN_DECIMALS;
    if (figure == TABLE_SHARE) {
        column.decimals = SHARE_DECIMALS;
        column.unit = NULL;
        column.bounded = true;
        column.maximum = 1;
    } else if (measure->is_bounded && figure != TABLE_SUM && figure != TABLE_SD) {
        column.bounded = true;
        column.minimum = figure_unscale(measure->lowest, measure->decimals);
        column.maximum = figure_unscale(measure->highest, measure->decimals);
    }
    add_column(columns, column);
}

static void add_measure_columns(struct columns *columns, const struct publish_table *table, size_t m)
{
    const char *name = table->spec->measures[m].name;
    add_column(columns, (struct released_column){ .name = format(columns, "%s_n", name),
                                                  .type = RELEASED_INTEGER,
                                                  .role = RELEASED_COUNT,
                                                  .title = format(columns, "Cases with a value of %s.", name) });
    for (enum table_figure f = 0; f < TABLE_FIGURES; f++)
        if (table->spec->measures[m].figures & 1u << f)
            add_figure_column(columns, table, m, f);
    add_column(columns,
               (struct released_column){
                   .name = format(columns, "%s_status", name),
                   .type = RELEASED_TEXT,
                   .role = RELEASED_STATUS,
                   .title = format(columns, "published, or withheld: no values of %s, or too few persons.", name),
               });
}

/* ---- rows ---- */

/* A cell, or the remainder below one along a dimension. */
struct row {
    const struct publish_table *table;
    const struct cell *cell; /* its key is the place; of a remainder: the cell above */
    const struct protected_remainder *remainder;
    size_t index; /* of the cell */
};

/* Where the row stands in dimension d: a remainder after everything below the node that it is the remainder of. */
static uint32_t place_of(const struct row *row, size_t d)
{
    const struct layout *layout = &row->table->cube->layout;
    uint32_t node = layout_node(layout, row->cell->key, d);
    return row->remainder && row->remainder->dimension == d ? layout->dimension[d]->nodes[node].last : node;
}

static int compare_rows(const void *a, const void *b)
{
    const struct row *left = a, *right = b;
    const struct layout *layout = &left->table->cube->layout;
    for (size_t d = 0; d < layout->dimensions; d++) {
        uint32_t left_place = place_of(left, d), right_place = place_of(right, d);
        if (left_place != right_place)
            return left_place < right_place ? -1 : 1;
        /* The last node itself, then the remainders that end with it, that of the innermost node first. */
        uint32_t left_node = layout_node(layout, left->cell->key, d);
        uint32_t right_node = layout_node(layout, right->cell->key, d);
        if (left_node != right_node)
            return left_node > right_node ? -1 : 1;
    }
    return 0;
}

static bool is_over(const struct publish_table *table, const struct cell *cell)
{
    const struct layout *layout = &table->cube->layout;
    return layout->dimension[0]->last_day[layout_node(layout, cell->key, 0)] < table->today;
}

static struct row *list_rows(const struct publish_table *table, size_t *count)
{
    const struct cellmap *cells = &table->cube->cells;
    const struct protected_table *result = table->result;
    struct row *rows = mem_alloc((cells->count + result->remainder_count) * sizeof *rows);
    *count = 0;
    for (size_t c = 0; c < cells->count; c++)
        if (result->cells[c] && is_over(table, cellmap_at(cells, c)))
            rows[(*count)++] = (struct row){ table, cellmap_at(cells, c), NULL, c };
    for (size_t i = 0; i < result->remainder_count; i++) {
        const struct protected_remainder *remainder = &result->remainders[i];
        if (is_over(table, cellmap_at(cells, remainder->parent)))
            rows[(*count)++] =
                (struct row){ table, cellmap_at(cells, remainder->parent), remainder, remainder->parent };
    }
    qsort(rows, *count, sizeof *rows, compare_rows);
    return rows;
}

static size_t add_labels(const struct row *row, size_t d, struct released_value *values)
{
    const struct layout *layout = &row->table->cube->layout;
    const struct dimension *dimension = layout->dimension[d];
    uint32_t node = layout_node(layout, row->cell->key, d), depth = dimension->nodes[node].level;
    for (size_t level = 0; level < dimension->levels; level++)
        values[level] = (struct released_value){ .present = true, .text = DOMAIN_TOTAL_LABEL };
    if (row->remainder && row->remainder->dimension == d)
        values[depth].text = DOMAIN_WITHHELD_LABEL;
    for (; node; node = dimension->nodes[node].parent)
        values[dimension->nodes[node].level - 1].text = dimension->nodes[node].label;
    return dimension->levels;
}

static double figure_value(const struct row *row, size_t m, enum table_figure figure, const struct cell_sum *sum)
{
    const struct cube_table *cube = row->table->cube;
    int decimals = row->table->measures[cube->plan->measures[m].measure].decimals;
    size_t quantile = 0;
    switch (figure) {
    case TABLE_SUM:
        return figure_sum(sum, decimals);
    case TABLE_MEAN:
        return figure_mean(sum, decimals);
    case TABLE_SD:
        return figure_sd(sum, decimals);
    case TABLE_SHARE:
        return figure_share(sum);
    default:
        while (cube->plan->measures[m].percents[quantile] != table_figure_percent(figure))
            quantile++;
        return figure_unscale(cube_quantile(cube, row->index, m, quantile), decimals);
    }
}

/* Quantiles are not given of remainders, nor where few persons would be left beside those that they are of. */
static bool is_given(const struct row *row, enum table_figure figure, const struct cell_sum *sum)
{
    int percent = table_figure_percent(figure);
    return !percent || (!row->remainder && sum->persons >= quantile_least_persons((size_t)row->table->k, percent));
}

static size_t add_measure(const struct row *row, size_t m, struct released_value *values)
{
    const struct cell_sum *sum = &(row->remainder ? row->remainder->cell : row->cell)->sums[m];
    size_t measures = row->table->cube->plan->measure_count, count = 0;
    bool published =
        row->remainder ? row->remainder->measures[m] : row->table->result->measures[row->index * measures + m];
    values[count++] = (struct released_value){ .present = published, .integer = (int64_t)sum->n };
    for (enum table_figure f = 0; f < TABLE_FIGURES; f++) {
        if (!(row->table->spec->measures[m].figures & 1u << f))
            continue;
        bool given = published && is_given(row, f, sum);
        values[count++] =
            (struct released_value){ .present = given, .decimal = given ? figure_value(row, m, f, sum) : 0 };
    }
    values[count++] = (struct released_value){ .present = true, .text = published ? "published" : "withheld" };
    return count;
}

static size_t fill_row(const struct row *row, struct released_value *values)
{
    const struct cell *cell = row->remainder ? row->remainder->cell : row->cell;
    size_t count = 0;
    for (size_t d = 0; d < row->table->cube->layout.dimensions; d++)
        count += add_labels(row, d, values + count);
    values[count++] = (struct released_value){ .present = true, .integer = (int64_t)cell->cases };
    for (size_t m = 0; m < row->table->cube->plan->measure_count; m++)
        count += add_measure(row, m, values + count);
    return count;
}

size_t publish_table_width(const struct publish_table *table)
{
    const struct layout *layout = &table->cube->layout;
    size_t width = 1;
    for (size_t d = 0; d < layout->dimensions; d++)
        width += layout->dimension[d]->levels;
    return width + table->cube->plan->measure_count * (2 + TABLE_FIGURES);
}

size_t publish_table_values(const struct publish_table *table, uint32_t cell, struct released_value *values)
{
    struct row row = { table, cellmap_at(&table->cube->cells, cell), NULL, cell };
    return fill_row(&row, values);
}

void publish_add_table(struct release *release, const struct publish_table *table)
{
    struct columns columns = { 0 };
    arena_init(&columns.arena, false);
    add_dimension_columns(&columns, table);
    add_column(&columns,
               (struct released_column){
                   .name = "cases", .type = RELEASED_INTEGER, .role = RELEASED_COUNT, .title = "Closed cases." });
    for (size_t m = 0; m < table->cube->plan->measure_count; m++)
        add_measure_columns(&columns, table, m);
    struct released_build build = {
        .folder = "tables",
        .name = table->spec->name,
        .title = table->spec->title,
        .source = table->spec->source,
        .version = 1,
        .columns = columns.list,
        .column_count = columns.count,
    };
    struct released_table *out = release_add_table(release, &build);
    struct released_value *values = mem_alloc(columns.count * sizeof *values);
    size_t count;
    struct row *rows = list_rows(table, &count);
    for (size_t i = 0; i < count; i++) {
        fill_row(&rows[i], values);
        release_add_row(release, out, values);
    }
    free(rows);
    free(values);
    free(columns.list);
    arena_release(&columns.arena);
}
