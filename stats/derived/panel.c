#include "stats/derived/panel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/domain.h"

/* While a panel is built: its lines and a hash table of them. */
struct builder {
    struct panel *panel;
    struct panel_line *lines;
    size_t **rows; /* per line, writable */
    size_t line_capacity;
    size_t *slots; /* line + 1, 0: free */
    size_t slot_count;
};

static const char *label_at(const struct released_table *table, size_t row, size_t column)
{
    return released_value(table, row, column).text;
}

/* The dimension columns: the period's, then those of one hierarchy each. */
static void find_dimensions(struct panel *panel)
{
    size_t columns = released_column_count(panel->table), count = 0;
    struct panel_dimension *dimensions = arena_alloc(&panel->arena, columns * sizeof *dimensions);
    for (size_t c = 1; c < columns && released_column(panel->table, c)->role == RELEASED_DIMENSION; c++) {
        const struct released_column *column = released_column(panel->table, c);
        const char *name = column->hierarchy ? column->hierarchy : column->name;
        panel->label_count++;
        if (count && !strcmp(dimensions[count - 1].name, name))
            dimensions[count - 1].levels++;
        else
            dimensions[count++] = (struct panel_dimension){ name, c, 1 };
    }
    panel->dimensions = dimensions;
    panel->dimension_count = count;
}

static bool find_periods(struct panel *panel)
{
    size_t rows = released_row_count(panel->table);
    int64_t last = INT64_MIN;
    panel->first_period = INT64_MAX;
    for (size_t row = 0; row < rows; row++) {
        enum timeline_unit unit;
        int64_t number;
        if (!timeline_parse(label_at(panel->table, row, 0), &unit, &number) || (row && unit != panel->unit))
            return false;
        panel->unit = unit;
        if (number < panel->first_period)
            panel->first_period = number;
        if (number > last)
            last = number;
    }
    panel->period_count = rows ? (size_t)(last - panel->first_period) + 1 : 0;
    panel->season = timeline_season(panel->unit);
    return rows > 0;
}

static uint64_t hash_labels(const char *const *labels, size_t count)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < count; i++) {
        for (const char *c = labels[i]; *c; c++)
            hash = (hash ^ (unsigned char)*c) * 1099511628211u;
        hash = (hash ^ 0x1f) * 1099511628211u;
    }
    return hash ^ hash >> 29;
}

static bool same_labels(const char *const *a, const char *const *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(a[i], b[i]))
            return false;
    return true;
}

/* The slot of the labels or the free one where they belong. */
static size_t *find_slot(const struct builder *builder, const char *const *labels)
{
    size_t count = builder->panel->label_count;
    size_t i = (size_t)hash_labels(labels, count) & (builder->slot_count - 1);
    while (builder->slots[i] && !same_labels(builder->lines[builder->slots[i] - 1].labels, labels, count))
        i = (i + 1) & (builder->slot_count - 1);
    return &builder->slots[i];
}

static void grow_slots(struct builder *builder)
{
    free(builder->slots);
    builder->slot_count = builder->slot_count ? 2 * builder->slot_count : 256;
    builder->slots = mem_zalloc(builder->slot_count, sizeof *builder->slots);
    for (size_t i = 0; i < builder->panel->line_count; i++)
        *find_slot(builder, builder->lines[i].labels) = i + 1;
}

static bool has_label(const char *const *labels, size_t count, const char *wanted)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(labels[i], wanted))
            return true;
    return false;
}

static size_t add_line(struct builder *builder, const char *const *labels)
{
    struct panel *panel = builder->panel;
    const char **copy = arena_alloc(&panel->arena, panel->label_count * sizeof *copy);
    for (size_t i = 0; i < panel->label_count; i++)
        copy[i] = labels[i];
    if (panel->line_count == builder->line_capacity) {
        builder->line_capacity = builder->line_capacity ? 2 * builder->line_capacity : 64;
        builder->lines = mem_resize(builder->lines, builder->line_capacity, sizeof *builder->lines);
        builder->rows = mem_resize(builder->rows, builder->line_capacity, sizeof *builder->rows);
    }
    size_t *rows = arena_alloc(&panel->arena, panel->period_count * sizeof *rows), line = panel->line_count;
    for (size_t p = 0; p < panel->period_count; p++)
        rows[p] = PANEL_NONE;
    builder->rows[line] = rows;
    builder->lines[line] =
        (struct panel_line){ copy, rows, has_label(copy, panel->label_count, DOMAIN_WITHHELD_LABEL) };
    return panel->line_count++;
}

static size_t line_of(struct builder *builder, const char *const *labels)
{
    if (2 * builder->panel->line_count >= builder->slot_count)
        grow_slots(builder);
    size_t *slot = find_slot(builder, labels);
    if (!*slot)
        *slot = add_line(builder, labels) + 1;
    return *slot - 1;
}

static size_t period_of(const struct panel *panel, size_t row)
{
    enum timeline_unit unit;
    int64_t number = 0;
    timeline_parse(label_at(panel->table, row, 0), &unit, &number);
    return (size_t)(number - panel->first_period);
}

/* Row numbers, those of the newest period first: its order of lines leads, and lines that ended earlier follow. */
static size_t *newest_first(const struct panel *panel)
{
    size_t rows = released_row_count(panel->table), next = 0;
    size_t *place = mem_zalloc(panel->period_count + 1, sizeof *place), *order = mem_zalloc(rows, sizeof *order);
    for (size_t row = 0; row < rows; row++)
        place[period_of(panel, row)]++;
    for (size_t p = panel->period_count; p-- > 0;) {
        size_t count = place[p];
        place[p] = next;
        next += count;
    }
    for (size_t row = 0; row < rows; row++)
        order[place[period_of(panel, row)]++] = row;
    free(place);
    return order;
}

static void read_rows(struct builder *builder)
{
    struct panel *panel = builder->panel;
    const char **labels = arena_alloc(&panel->arena, panel->label_count * sizeof *labels);
    size_t *order = newest_first(panel);
    for (size_t i = 0; i < released_row_count(panel->table); i++) {
        for (size_t l = 0; l < panel->label_count; l++)
            labels[l] = label_at(panel->table, order[i], 1 + l);
        size_t line = line_of(builder, labels); /* may move the rows */
        builder->rows[line][period_of(panel, order[i])] = order[i];
    }
    free(order);
}

static size_t depth_of(const struct panel_line *line, const struct panel_dimension *dimension)
{
    size_t depth = 0;
    while (depth < dimension->levels && strcmp(line->labels[dimension->column - 1 + depth], DOMAIN_TOTAL_LABEL))
        depth++;
    return depth;
}

static size_t find_parent(struct builder *builder, size_t line, size_t dimension, const char **labels)
{
    struct panel *panel = builder->panel;
    size_t depth = panel_depth(panel, line, dimension);
    if (depth == 0)
        return PANEL_NONE;
    memcpy(labels, builder->lines[line].labels, panel->label_count * sizeof *labels);
    labels[panel->dimensions[dimension].column - 1 + depth - 1] = DOMAIN_TOTAL_LABEL;
    size_t slot = *find_slot(builder, labels);
    return slot ? slot - 1 : PANEL_NONE;
}

/* Lists each line's children in the order of the lines. */
static void list_children(struct panel *panel)
{
    size_t dimensions = panel->dimension_count, cells = panel->line_count * dimensions;
    size_t *first = arena_alloc(&panel->arena, cells * sizeof *first);
    size_t *next = arena_alloc(&panel->arena, cells * sizeof *next);
    for (size_t i = 0; i < cells; i++)
        first[i] = next[i] = PANEL_NONE;
    for (size_t line = panel->line_count; line-- > 0;) {
        for (size_t d = 0; d < dimensions; d++) {
            size_t parent = panel_parent(panel, line, d);
            if (parent == PANEL_NONE || panel->lines[line].withheld)
                continue;
            next[line * dimensions + d] = first[parent * dimensions + d];
            first[parent * dimensions + d] = line;
        }
    }
    panel->first_child = first;
    panel->next_sibling = next;
}

static void relate(struct builder *builder)
{
    struct panel *panel = builder->panel;
    size_t dimensions = panel->dimension_count, cells = panel->line_count * dimensions;
    size_t *parents = arena_alloc(&panel->arena, cells * sizeof *parents);
    size_t *depths = arena_alloc(&panel->arena, cells * sizeof *depths);
    const char **labels = arena_alloc(&panel->arena, panel->label_count * sizeof *labels);
    panel->parents = parents;
    panel->depths = depths;
    panel->total = PANEL_NONE;
    for (size_t line = 0; line < panel->line_count; line++) {
        bool total = true;
        for (size_t d = 0; d < dimensions; d++) {
            depths[line * dimensions + d] = depth_of(&builder->lines[line], &panel->dimensions[d]);
            parents[line * dimensions + d] = find_parent(builder, line, d, labels);
            total = total && depths[line * dimensions + d] == 0;
        }
        if (total)
            panel->total = line;
    }
}

struct panel *panel_new(const struct released_table *table, const char *source)
{
    struct panel *panel = mem_zalloc(1, sizeof *panel);
    arena_init(&panel->arena, false);
    panel->table = table;
    panel->source = source;
    if (!find_periods(panel)) {
        panel_free(panel);
        return NULL;
    }
    find_dimensions(panel);
    struct builder builder = { .panel = panel };
    read_rows(&builder);
    struct panel_line *lines = arena_alloc(&panel->arena, panel->line_count * sizeof *lines);
    memcpy(lines, builder.lines, panel->line_count * sizeof *lines);
    panel->lines = lines;
    relate(&builder);
    list_children(panel);
    free(builder.lines);
    free(builder.rows);
    free(builder.slots);
    return panel;
}

void panel_free(struct panel *panel)
{
    if (!panel)
        return;
    arena_release(&panel->arena);
    free(panel);
}

void panel_period(const struct panel *panel, size_t period, char label[16])
{
    timeline_format(panel->unit, panel->first_period + (int64_t)period, label);
}

void panel_season(const struct panel *panel, size_t period, char label[16])
{
    panel_period(panel, period, label);
    const char *part = strchr(label, '-');
    if (part)
        memmove(label, part + 1, strlen(part));
}

size_t panel_parent(const struct panel *panel, size_t line, size_t dimension)
{
    return panel->parents[line * panel->dimension_count + dimension];
}

size_t panel_child(const struct panel *panel, size_t line, size_t dimension, size_t child)
{
    size_t dimensions = panel->dimension_count;
    return child == PANEL_NONE ? panel->first_child[line * dimensions + dimension]
                               : panel->next_sibling[child * dimensions + dimension];
}

size_t panel_depth(const struct panel *panel, size_t line, size_t dimension)
{
    return panel->depths[line * panel->dimension_count + dimension];
}

size_t panel_column(const struct panel *panel, const char *name)
{
    for (size_t c = 0; c < released_column_count(panel->table); c++)
        if (!strcmp(released_column(panel->table, c)->name, name))
            return c;
    return PANEL_NONE;
}

/* What a reader of the file sees: the release holds more digits than it writes, and those are nobody's to know. */
static double as_written(double value, int decimals)
{
    char text[400];
    snprintf(text, sizeof text, "%.*f", decimals, value);
    return strtod(text, NULL);
}

double panel_value(const struct panel *panel, size_t line, size_t period, size_t column)
{
    size_t row = panel->lines[line].rows[period];
    if (row == PANEL_NONE || column == PANEL_NONE)
        return NAN;
    struct released_value value = released_value(panel->table, row, column);
    if (!value.present)
        return NAN;
    const struct released_column *of = released_column(panel->table, column);
    return of->type == RELEASED_INTEGER ? (double)value.integer : as_written(value.decimal, of->decimals);
}
