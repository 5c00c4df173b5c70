#include "stats/derived/denominator.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/csvread.h"
#include "core/strbuf.h"
#include "stats/domain.h"

struct denominator_data {
    struct arena arena;
    const char **names; /* of the columns but that of the exposure */
    size_t name_count;
    const char **labels; /* row by row, a label per name */
    double *values;
    uint64_t *lines; /* of the file */
    size_t count, capacity;
};

static int read_header(struct denominator *denominator, const struct csvread *reader, int *value_column,
                       struct err *err)
{
    struct denominator_data *data = denominator->data;
    const struct csv_record *header = csvread_header(reader);
    *value_column = csvread_column(reader, denominator->column);
    if (*value_column < 0)
        return err_set(err, ERR_DATA, "%s: there is no column '%s'", denominator->file, denominator->column);
    data->names = arena_alloc(&data->arena, header->count * sizeof *data->names);
    for (size_t i = 0; i < header->count; i++)
        if ((int)i != *value_column)
            data->names[data->name_count++] =
                arena_strndup(&data->arena, header->fields[i].text, header->fields[i].length);
    return 0;
}

static bool parse_exposure(const char *text, double *value)
{
    char *end;
    errno = 0;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && errno == 0 && isfinite(*value) && *value >= 0;
}

static int read_row(struct denominator *denominator, const struct csv_record *record, int value_column, struct err *err)
{
    struct denominator_data *data = denominator->data;
    if (record->count != data->name_count + 1)
        return err_set(err, ERR_DATA, "%s:%llu: %zu fields, but the header has %zu", denominator->file,
                       (unsigned long long)record->line, record->count, data->name_count + 1);
    if (data->count == data->capacity) {
        data->capacity = data->capacity ? 2 * data->capacity : 64;
        data->values = mem_resize(data->values, data->capacity, sizeof *data->values);
        data->lines = mem_resize(data->lines, data->capacity, sizeof *data->lines);
        data->labels = mem_resize(data->labels, data->capacity * data->name_count, sizeof *data->labels);
    }
    if (!parse_exposure(record->fields[value_column].text, &data->values[data->count]))
        return err_set(err, ERR_DATA, "%s:%llu: column '%s' holds no number of 0 or more", denominator->file,
                       (unsigned long long)record->line, denominator->column);
    size_t next = data->count * data->name_count;
    for (size_t i = 0; i < record->count; i++)
        if ((int)i != value_column)
            data->labels[next++] = arena_strndup(&data->arena, record->fields[i].text, record->fields[i].length);
    data->lines[data->count++] = record->line;
    return 0;
}

static int compare_rows(const void *a, const void *b, void *context)
{
    const struct denominator_data *data = context;
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    for (size_t i = 0; i < data->name_count; i++) {
        int order = strcmp(data->labels[left * data->name_count + i], data->labels[right * data->name_count + i]);
        if (order)
            return order;
    }
    return (left > right) - (left < right);
}

static bool same_row(const struct denominator_data *data, size_t left, size_t right)
{
    for (size_t i = 0; i < data->name_count; i++)
        if (strcmp(data->labels[left * data->name_count + i], data->labels[right * data->name_count + i]))
            return false;
    return true;
}

/* A row twice would count twice. */
static int refuse_duplicates(const struct denominator *denominator, struct err *err)
{
    struct denominator_data *data = denominator->data;
    size_t *order = mem_zalloc(data->count + 1, sizeof *order), i = 1;
    for (size_t row = 0; row < data->count; row++)
        order[row] = row;
    qsort_r(order, data->count, sizeof *order, compare_rows, data);
    while (i < data->count && !same_row(data, order[i - 1], order[i]))
        i++;
    int code = 0;
    if (i < data->count)
        code = err_set(err, ERR_DATA, "%s:%llu: the same labels as in line %llu", denominator->file,
                       (unsigned long long)data->lines[order[i]], (unsigned long long)data->lines[order[i - 1]]);
    free(order);
    return code;
}

static int read_rows(struct denominator *denominator, struct csvread *reader, struct err *err)
{
    struct csv_record record;
    int value_column, more, code = read_header(denominator, reader, &value_column, err);
    while (!code && (more = csvread_next(reader, &record, err)) != 0)
        code = more < 0 ? more : read_row(denominator, &record, value_column, err);
    return code ? code : refuse_duplicates(denominator, err);
}

int denominator_read(struct denominator *denominator, const char *folder, struct err *err)
{
    struct strbuf path = { 0 };
    struct csvread *reader = NULL;
    strbuf_addf(&path, "%s/%s", folder, denominator->file);
    int code = csvread_open(&reader, strbuf_text(&path), NULL, err);
    strbuf_release(&path);
    if (code) {
        err_prefix(err, "denominator '%s'", denominator->name);
        return code;
    }
    denominator->data = mem_zalloc(1, sizeof *denominator->data);
    arena_init(&denominator->data->arena, false);
    code = read_rows(denominator, reader, err);
    csvread_free(reader);
    if (code) {
        denominator_free(denominator);
        err_prefix(err, "denominator '%s'", denominator->name);
    }
    return code;
}

void denominator_free(struct denominator *denominator)
{
    if (!denominator->data)
        return;
    free(denominator->data->labels);
    free(denominator->data->values);
    free(denominator->data->lines);
    arena_release(&denominator->data->arena);
    free(denominator->data);
    denominator->data = NULL;
}

static bool has_dimension(const struct released_table *table, const char *name)
{
    for (size_t c = 0; c < released_column_count(table); c++)
        if (released_column(table, c)->role == RELEASED_DIMENSION && !strcmp(released_column(table, c)->name, name))
            return true;
    return false;
}

int denominator_fits(const struct denominator *denominator, const struct released_table *table, struct err *err)
{
    const struct denominator_data *data = denominator->data;
    const char *period = released_column(table, 0)->name;
    bool has_period = false;
    for (size_t i = 0; i < data->name_count; i++) {
        has_period = has_period || !strcmp(data->names[i], period);
        if (!has_dimension(table, data->names[i]))
            return err_set(err, ERR_DATA, "denominator '%s': %s: table '%s' has no dimension column '%.40s'",
                           denominator->name, denominator->file, released_name(table), data->names[i]);
    }
    if (!has_period)
        return err_set(err, ERR_DATA, "denominator '%s': %s: the column of the period, '%s', is missing",
                       denominator->name, denominator->file, period);
    return 0;
}

/* Per name of the file the label that a row must have, NULL where any will do; false if a name is no column of the table. */
static bool wanted_labels(const struct denominator_data *data, const struct panel *panel, size_t line,
                          const char *period, const char **wanted)
{
    for (size_t i = 0; i < data->name_count; i++) {
        size_t column = panel_column(panel, data->names[i]);
        if (column == PANEL_NONE || column > panel->label_count)
            return false;
        wanted[i] = column == 0 ? period : panel->lines[line].labels[column - 1];
    }
    return true;
}

/* Sums the rows that fit; where `totals` is false, a total stands for all rows that are not totals themselves. */
static double add_up(const struct denominator_data *data, const char *const *wanted, bool totals)
{
    double sum = NAN;
    for (size_t row = 0; row < data->count; row++) {
        bool fits = true;
        for (size_t i = 0; i < data->name_count && fits; i++) {
            const char *label = data->labels[row * data->name_count + i];
            bool any = !totals && !strcmp(wanted[i], DOMAIN_TOTAL_LABEL);
            fits = any ? strcmp(label, DOMAIN_TOTAL_LABEL) != 0 : !strcmp(label, wanted[i]);
        }
        if (fits)
            sum = isnan(sum) ? data->values[row] : sum + data->values[row];
    }
    return sum;
}

static bool knows(const struct denominator_data *data, const struct panel *panel, size_t dimension)
{
    size_t first = panel->dimensions[dimension].column, after = first + panel->dimensions[dimension].levels;
    for (size_t i = 0; i < data->name_count; i++) {
        size_t column = panel_column(panel, data->names[i]);
        if (column >= first && column < after)
            return true;
    }
    return false;
}

/* The line without the dimensions that do not matter: of a channel's cell, the brand's. */
static size_t exposed_line(const struct denominator_data *data, const struct panel *panel, size_t line)
{
    for (size_t d = 0; d < panel->dimension_count; d++)
        while (line != PANEL_NONE && !knows(data, panel, d) && panel_depth(panel, line, d) > 0)
            line = panel_parent(panel, line, d);
    return line;
}

/* What is published below the line in a dimension of the file has an exposure too: without it a sum would be too small. */
static bool covers(const struct denominator *denominator, const struct panel *panel, size_t line, size_t period)
{
    size_t above = exposed_line(denominator->data, panel, line);
    for (size_t d = 0; d < panel->dimension_count && above != PANEL_NONE; d++) {
        if (!knows(denominator->data, panel, d))
            continue;
        for (size_t child = panel_child(panel, above, d, PANEL_NONE); child != PANEL_NONE;
             child = panel_child(panel, above, d, child))
            if (panel->lines[child].rows[period] != PANEL_NONE &&
                isnan(denominator_exposure(denominator, panel, child, period)))
                return false;
    }
    return true;
}

double denominator_exposure(const struct denominator *denominator, const struct panel *panel, size_t line,
                            size_t period)
{
    const struct denominator_data *data = denominator->data;
    char label[16];
    if (!data)
        return NAN;
    panel_period(panel, period, label);
    const char **wanted = mem_zalloc(data->name_count, sizeof *wanted);
    double exposure = NAN;
    if (wanted_labels(data, panel, line, label, wanted)) {
        exposure = add_up(data, wanted, true);
        if (isnan(exposure) && covers(denominator, panel, line, period))
            exposure = add_up(data, wanted, false);
    }
    free(wanted);
    return exposure;
}
