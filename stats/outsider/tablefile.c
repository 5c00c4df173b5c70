#include "stats/outsider/tablefile.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* Where a column of figures goes. */
struct figure_column {
    size_t column, slot; /* slot: index into the table's figures */
    bool mean;           /* times the contributors of `contributor_column` */
    size_t contributor_column;
};

struct reading {
    struct publication *publication;
    const struct tablefile_source *source;
    const struct publication_options *options;
    struct csvread *reader;
    struct publication_table table;
    size_t count_column;
    size_t *axis_of; /* per column before the count column */
    struct figure_column columns[PUBLICATION_MAX_FIGURES];
    size_t column_count;
};

static const char *column_name(const struct reading *reading, size_t column)
{
    return csvread_header(reading->reader)->fields[column].text;
}

static bool listed(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

/* The hierarchy that a column is a level of: as --levels says (named by its list), or the package; NULL: none. */
static const char *hierarchy_of(const struct reading *reading, const char *column)
{
    for (size_t i = 0; i < reading->options->level_count; i++)
        if (listed(reading->options->levels[i], column))
            return reading->options->levels[i];
    return package_hierarchy(reading->source->package, reading->source->package_path, column);
}

static bool is_period(const char *column)
{
    return strcmp(column, "week") == 0 || strcmp(column, "month") == 0 || strcmp(column, "quarter") == 0 ||
           strcmp(column, "year") == 0 || strcmp(column, "period") == 0;
}

/* Whether another column of the table is a level of the same hierarchy. */
static bool shares_hierarchy(const struct reading *reading, size_t column, const char *hierarchy)
{
    for (size_t c = 0; hierarchy && c < reading->count_column; c++) {
        const char *other = hierarchy_of(reading, column_name(reading, c));
        if (c != column && other && strcmp(other, hierarchy) == 0)
            return true;
    }
    return false;
}

static size_t axis_with(const struct publication_table *table, size_t dimension)
{
    size_t a = 0;
    while (a < table->axis_count && table->axes[a].dimension != dimension)
        a++;
    return a;
}

/* The dimension that a column belongs to. Periods go by the name of the column; a hierarchy file may have named it. */
static int find_dimension(struct reading *reading, size_t column, size_t *dimension, struct err *err)
{
    struct space *space = &reading->publication->space;
    const char *name = column_name(reading, column), *hierarchy = hierarchy_of(reading, name);
    bool level = shares_hierarchy(reading, column, hierarchy);
    int64_t period = space_find(space, "(period)"), own = space_find(space, name);
    bool coded = own != NAMES_NONE && space->dimensions[own].kind == SPACE_CODED;
    bool taken = period != NAMES_NONE && axis_with(&reading->table, (size_t)period) < reading->table.axis_count;
    if (is_period(name) && !level && !coded && !taken)
        return space_dimension(space, "(period)", SPACE_PERIOD, dimension, err);
    int code = space_dimension(space, hierarchy ? hierarchy : name, SPACE_PATH, dimension, err);
    if (!code && level && space->dimensions[*dimension].kind == SPACE_CODED)
        code = space_make_paths(&space->dimensions[*dimension], err);
    return code;
}

static int add_axis(struct reading *reading, size_t column, struct err *err)
{
    struct publication_table *table = &reading->table;
    size_t dimension;
    int code = find_dimension(reading, column, &dimension, err);
    if (code)
        return code;
    size_t axis = axis_with(table, dimension);
    if (package_open_values(reading->source->package, reading->source->package_path, column_name(reading, column)))
        reading->publication->space.dimensions[dimension].open = !reading->options->closed;
    if (axis == table->axis_count)
        table->axes[table->axis_count++] = (struct publication_axis){ .dimension = dimension };
    else if (!hierarchy_of(reading, column_name(reading, column)))
        return err_set(err, ERR_DATA, "'%s': dimension '%s' twice", reading->source->path,
                       column_name(reading, column));
    reading->axis_of[column] = axis;
    return 0;
}

static int find_figure(struct reading *reading, const char *name, bool sum, size_t *figure, struct err *err)
{
    struct publication *publication = reading->publication;
    for (*figure = 0; *figure < publication->figure_count; ++*figure)
        if (strcmp(publication->figures[*figure].name, name) == 0)
            return 0;
    if (publication->figure_count == PUBLICATION_MAX_FIGURES)
        return err_set(err, ERR_DATA, "more than %d figures", PUBLICATION_MAX_FIGURES);
    publication->figures[publication->figure_count++] =
        (struct publication_figure){ .name = mem_strdup(name), .sum = sum };
    return 0;
}

/* The table's slot for the figure of that name, added if it is new. */
static int find_slot(struct reading *reading, const char *name, bool sum, size_t *slot, struct err *err)
{
    size_t figure;
    int code = find_figure(reading, name, sum, &figure, err);
    if (code)
        return code;
    struct publication_table *table = &reading->table;
    for (*slot = 0; *slot < table->figure_count; ++*slot)
        if (table->figures[*slot] == figure)
            return 0;
    if (table->figure_count == PUBLICATION_MAX_FIGURES || reading->column_count == PUBLICATION_MAX_FIGURES)
        return err_set(err, ERR_DATA, "'%s': more than %d figures", reading->source->path, PUBLICATION_MAX_FIGURES);
    table->figures[table->figure_count++] = figure;
    return 0;
}

static int add_count(struct reading *reading, const char *name, size_t column, struct err *err)
{
    struct figure_column added = { .column = column };
    int code = find_slot(reading, name, false, &added.slot, err);
    if (!code)
        reading->columns[reading->column_count++] = added;
    return code;
}

/* A column "<m>_mean", "<m>_share" or "<m>_sum", whose contributors are "<m>_n"; `figure`: what it makes known. */
static int add_sum(struct reading *reading, const char *measure, size_t column, const char *figure, struct err *err)
{
    char contributors[256], name[256];
    snprintf(contributors, sizeof contributors, "%s_n", measure);
    snprintf(name, sizeof name, "%s_%s", measure, figure);
    int contributor_column = csvread_column(reading->reader, contributors);
    if (contributor_column < 0)
        return 0;
    bool mean = strcmp(column_name(reading, column), name) != 0, share = strcmp(figure, "share") == 0;
    struct figure_column added = { .column = column,
                                   .mean = mean || share,
                                   .contributor_column = (size_t)contributor_column };
    size_t counted;
    int code = find_figure(reading, contributors, false, &counted, err);
    if (!code)
        code = find_slot(reading, name, true, &added.slot, err);
    if (code)
        return code;
    struct publication_figure *known = &reading->publication->figures[reading->table.figures[added.slot]];
    known->contributors = counted;
    if (mean && package_range(reading->source->package, reading->source->package_path, column_name(reading, column),
                              &known->lowest, &known->highest))
        known->bounded = true;
    if (share) {
        known->bounded = true;
        known->highest = 1;
    }
    reading->columns[reading->column_count++] = added;
    return 0;
}

static bool ends_with(const char *text, const char *end, char *start, size_t size)
{
    size_t length = strlen(text), tail = strlen(end);
    if (length <= tail || strcmp(text + length - tail, end) != 0 || length - tail >= size)
        return false;
    memcpy(start, text, length - tail);
    start[length - tail] = '\0';
    return true;
}

static int plan_figures(struct reading *reading, struct err *err)
{
    char measure[200];
    int code = add_count(reading, reading->options->count, reading->count_column, err);
    for (size_t c = reading->count_column + 1; !code && c < csvread_header(reading->reader)->count; c++) {
        const char *name = column_name(reading, c);
        if (ends_with(name, "_n", measure, sizeof measure))
            code = add_count(reading, name, c, err);
        else if (ends_with(name, "_mean", measure, sizeof measure))
            code = add_sum(reading, measure, c, "sum", err);
        else if (ends_with(name, "_sum", measure, sizeof measure))
            code = add_sum(reading, measure, c, "sum", err);
        else if (ends_with(name, "_share", measure, sizeof measure))
            code = add_sum(reading, measure, c, "share", err);
    }
    return code;
}

static int plan(struct reading *reading, struct err *err)
{
    reading->axis_of = mem_zalloc(reading->count_column, sizeof *reading->axis_of);
    reading->table.axes = mem_zalloc(reading->count_column, sizeof *reading->table.axes);
    reading->table.figures = mem_zalloc(PUBLICATION_MAX_FIGURES, sizeof *reading->table.figures);
    int code = 0;
    for (size_t c = 0; !code && c < reading->count_column; c++)
        code = add_axis(reading, c, err);
    return code ? code : plan_figures(reading, err);
}

/* The node that the row names on an axis. A reserved value ends the path; (withheld) marks the row. */
static void read_axis(struct reading *reading, const struct csv_record *record, size_t axis, size_t row)
{
    struct publication_table *table = &reading->table;
    struct space_dimension *dimension = &reading->publication->space.dimensions[table->axes[axis].dimension];
    struct strbuf key = { 0 };
    unsigned level = 0;
    for (size_t c = 0; c < reading->count_column; c++) {
        if (reading->axis_of[c] != axis)
            continue;
        const char *value = record->fields[c].text;
        bool withheld = strcmp(value, reading->options->withheld) == 0;
        if (withheld)
            table->withheld[row] |= UINT32_C(1) << axis;
        if (withheld || strcmp(value, reading->options->total) == 0)
            break;
        if (key.length)
            strbuf_addc(&key, SPACE_PATH_SEPARATOR);
        strbuf_adds(&key, value);
        level = dimension->kind == SPACE_PERIOD  ? space_period_level(value)
                : dimension->kind == SPACE_CODED ? 1
                                                 : level + 1;
    }
    table->nodes[row * table->axis_count + axis] = space_node(dimension, strbuf_text(&key));
    table->axes[axis].levels |= UINT32_C(1) << (level < SPACE_MAX_LEVELS ? level : SPACE_MAX_LEVELS);
    strbuf_release(&key);
}

/* A number and half a unit of its last digit; false if the text is none. */
static bool read_number(const char *text, double *value, double *half)
{
    char *end;
    *value = strtod(text, &end);
    if (end == text || *end || !isfinite(*value))
        return false;
    const char *point = strchr(text, '.');
    *half = 0.5 * pow(10, point ? -(double)strspn(point + 1, "0123456789") : 0);
    return true;
}

static int read_figure(struct reading *reading, const struct csv_record *record, const struct figure_column *column,
                       size_t row, struct err *err)
{
    struct publication_table *table = &reading->table;
    const char *text = record->fields[column->column].text;
    double value, half, contributors, unused;
    if (!*text)
        return 0;
    if (!read_number(text, &value, &half))
        return err_set(err, ERR_DATA, "%s:%llu: '%s' is not a number", reading->source->path,
                       (unsigned long long)record->line, column_name(reading, column->column));
    size_t at = row * table->figure_count + column->slot;
    if (!reading->publication->figures[table->figures[column->slot]].sum) {
        if (value < 0 || value != floor(value))
            return err_set(err, ERR_DATA, "%s:%llu: '%s' is not a count", reading->source->path,
                           (unsigned long long)record->line, column_name(reading, column->column));
        table->low[at] = table->high[at] = value;
        return 0;
    }
    if (!read_number(record->fields[column->contributor_column].text, &contributors, &unused))
        return 0; /* a mean of an unknown number says nothing about a sum */
    double scale = column->mean ? contributors : 1;
    table->low[at] = fmax(table->low[at], (value - half) * scale); /* fmax and fmin pass over the NaN of "not given" */
    table->high[at] = fmin(table->high[at], (value + half) * scale);
    return 0;
}

static void grow(struct publication_table *table)
{
    if (table->row_count < table->row_capacity)
        return;
    table->row_capacity = table->row_capacity ? table->row_capacity * 2 : 64;
    size_t rows = table->row_capacity;
    table->nodes = mem_resize(table->nodes, rows * (table->axis_count ? table->axis_count : 1), sizeof *table->nodes);
    table->withheld = mem_resize(table->withheld, rows, sizeof *table->withheld);
    table->low = mem_resize(table->low, rows * table->figure_count, sizeof *table->low);
    table->high = mem_resize(table->high, rows * table->figure_count, sizeof *table->high);
}

static int read_row(struct reading *reading, const struct csv_record *record, struct err *err)
{
    struct publication_table *table = &reading->table;
    if (record->count != csvread_header(reading->reader)->count)
        return err_set(err, ERR_DATA, "%s:%llu: not as many fields as the header", reading->source->path,
                       (unsigned long long)record->line);
    grow(table);
    size_t row = table->row_count;
    table->withheld[row] = 0;
    for (size_t f = 0; f < table->figure_count; f++)
        table->low[row * table->figure_count + f] = table->high[row * table->figure_count + f] = NAN;
    for (size_t a = 0; a < table->axis_count; a++)
        read_axis(reading, record, a, row);
    int code = 0;
    for (size_t i = 0; !code && i < reading->column_count; i++)
        code = read_figure(reading, record, &reading->columns[i], row, err);
    if (!code)
        table->row_count++;
    return code;
}

static int read_rows(struct reading *reading, struct err *err)
{
    struct csv_record record;
    int code;
    while ((code = csvread_next(reading->reader, &record, err)) == 1)
        if ((code = read_row(reading, &record, err)))
            break;
    return code;
}

static void ignore(struct publication *publication, const char *path)
{
    MEM_GROW(publication->ignored, publication->ignored_count, publication->ignored_capacity);
    publication->ignored[publication->ignored_count++] = mem_strdup(path);
}

int tablefile_read(struct publication *publication, const struct tablefile_source *source, struct err *err)
{
    const struct publication_options *options = publication->options;
    struct reading reading = { .publication = publication, .source = source, .options = options };
    int code = csvread_open(&reading.reader, source->path, NULL, err);
    if (code)
        return code;
    int count_column = csvread_column(reading.reader, options->count);
    if (count_column < 0) {
        ignore(publication, source->path);
        csvread_free(reading.reader);
        return 0;
    }
    reading.count_column = (size_t)count_column;
    reading.table.name = mem_strdup(source->path);
    reading.table.release = source->release;
    code = plan(&reading, err);
    if (!code)
        code = read_rows(&reading, err);
    MEM_GROW(publication->tables, publication->table_count, publication->table_capacity);
    publication->tables[publication->table_count++] = reading.table; /* also after an error: the publication frees it */
    free(reading.axis_of);
    csvread_free(reading.reader);
    return code;
}
