/* Published rows and today's cube, side by side. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "stats/known.h"
#include "stats/publish_table.h"

struct matching {
    struct known_table *table;
    struct publish_table today;
    struct protected_table *shown;
    struct released_value *then, *now;
    uint32_t last[LAYOUT_MAX_DIMENSIONS]; /* node of the row before: rows come in order */
};

/* The node right below `parent` with that label; 0: there is none. */
static uint32_t find_child(const struct dimension *dimension, uint32_t parent, const char *label)
{
    for (uint32_t node = parent + 1; node <= dimension->nodes[parent].last; node = dimension->nodes[node].last + 1)
        if (strcmp(dimension->nodes[node].label, label) == 0)
            return node;
    return 0;
}

/* The node that the level columns name; false if there is none. */
static bool find_node(const struct dimension *dimension, const struct released_value *labels, uint32_t *node)
{
    uint32_t at = 0;
    for (size_t level = 0; level < dimension->levels; level++) {
        if (!labels[level].present)
            return false;
        if (strcmp(labels[level].text, DOMAIN_TOTAL_LABEL) == 0)
            break;
        at = find_child(dimension, at, labels[level].text);
        if (!at)
            return false;
    }
    *node = at;
    return true;
}

static bool is_path_of(const struct dimension *dimension, uint32_t node, const struct released_value *labels)
{
    const struct domain_node *found = &dimension->nodes[node];
    return node && found->level == dimension->levels && dimension->levels == 1 && strcmp(found->label, labels[0].text) == 0;
}

static bool find_key(struct matching *matching, cell_key *key)
{
    const struct layout *layout = &matching->today.cube->layout;
    size_t column = 0;
    *key = 0;
    for (size_t d = 0; d < layout->dimensions; d++) {
        const struct dimension *dimension = layout->dimension[d];
        const struct released_value *labels = matching->then + column;
        column += dimension->levels;
        if (column > matching->table->columns.count || matching->table->columns.list[column - 1].role != RELEASED_DIMENSION || !labels[0].present)
            return false;
        if (!is_path_of(dimension, matching->last[d], labels) && !find_node(dimension, labels, &matching->last[d]))
            return false;
        *key |= layout_part(layout, d, matching->last[d]);
    }
    return matching->table->columns.list[column].role != RELEASED_DIMENSION;
}

/* A remainder follows from the cells. */
static bool is_remainder(const struct matching *matching)
{
    for (size_t i = 0; matching->table->columns.list[i].role == RELEASED_DIMENSION; i++)
        if (matching->then[i].present && strcmp(matching->then[i].text, DOMAIN_WITHHELD_LABEL) == 0)
            return true;
    return false;
}

static void note_measures(struct matching *matching, uint32_t cell)
{
    size_t count = matching->today.cube->plan->measure_count, m = 0;
    for (size_t i = 0; i < matching->table->columns.count && m < count; i++)
        if (matching->table->columns.list[i].role == RELEASED_STATUS) {
            const struct released_value *status = &matching->then[i];
            matching->shown->measures[cell * count + m++] = status->present && strcmp(status->text, "published") == 0;
        }
}

/* What was written was rounded. */
static bool is_same(const struct released_column *column, struct released_value then, struct released_value now)
{
    if (then.present != now.present)
        return false;
    if (!then.present)
        return true;
    if (column->type == RELEASED_TEXT)
        return strcmp(then.text, now.text) == 0;
    if (column->type == RELEASED_INTEGER)
        return then.integer == now.integer;
    return fabs(then.decimal - now.decimal) <= 0.500001 * pow(10, -column->decimals);
}

static bool match_row(struct matching *matching, const json_t *cells)
{
    const struct ledger_columns *columns = &matching->table->columns;
    cell_key key;
    if (!ledger_cells_read(columns, cells, matching->then))
        return false;
    if (is_remainder(matching))
        return true;
    uint32_t cell = find_key(matching, &key) ? cellmap_find(&matching->today.cube->cells, key) : CELLMAP_NONE;
    if (cell == CELLMAP_NONE)
        return false;
    matching->shown->cells[cell] = true;
    note_measures(matching, cell);
    if (publish_table_values(&matching->today, cell, matching->now) != columns->count)
        return false;
    bool same = true;
    for (size_t i = 0; i < columns->count && same; i++)
        same = is_same(&columns->list[i], matching->then[i], matching->now[i]);
    return same;
}

static bool match_table(struct known_table *table, const struct publish_table *today, struct protected_table *shown)
{
    size_t width = table->columns.count + publish_table_width(today);
    struct matching matching = { .table = table, .today = *today, .shown = shown };
    bool same = true;
    matching.then = mem_zalloc(width, sizeof *matching.then);
    matching.now = mem_zalloc(width, sizeof *matching.now);
    for (size_t r = 0; r < table->row_count && same; r++)
        same = match_row(&matching, table->rows[r]);
    free(matching.then);
    free(matching.now);
    return same;
}

void known_match(struct known *known, const struct cube *cube, const struct case_measure *measures,
                 struct protected_table *shown)
{
    for (size_t t = 0; t < known->count && !known->problem.length; t++) {
        struct publish_table today = { .spec = &known->tables[t].spec, .measures = measures, .cube = &cube->tables[t],
                                       .result = &shown[t], .k = known->k };
        if (match_table(&known->tables[t], &today, &shown[t]))
            continue;
        known->has_changed = true;
        strbuf_addf(&known->problem, "the cases are not those any more that table '%s' counted", known->tables[t].spec.name);
    }
}

static const char *label_at(const struct dimension *dimension, uint32_t node, size_t level)
{
    while (dimension->nodes[node].level > level)
        node = dimension->nodes[node].parent;
    return dimension->nodes[node].level == level ? dimension->nodes[node].label : DOMAIN_TOTAL_LABEL;
}

void known_cell(const struct cube_table *table, uint32_t cell, struct strbuf *json)
{
    json_t *list = json_array();
    const struct layout *layout = &table->layout;
    for (size_t d = 0; d < layout->dimensions; d++) {
        uint32_t node = layout_node(layout, cellmap_at(&table->cells, cell)->key, d);
        for (size_t level = 1; level <= layout->dimension[d]->levels; level++)
            json_array_append_new(list, json_string(label_at(layout->dimension[d], node, level)));
    }
    char *text = json_dumps(list, JSON_COMPACT);
    if (!text)
        mem_fail();
    strbuf_clear(json);
    strbuf_adds(json, text);
    free(text);
    json_decref(list);
}
