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
        data->labels = mem_resize(data->labels, data->capacity * data->name_count, sizeof *data->labels);
    }
    if (!parse_exposure(record->fields[value_column].text, &data->values[data->count]))
        return err_set(err, ERR_DATA, "%s:%llu: column '%s' holds no number of 0 or more", denominator->file,
                       (unsigned long long)record->line, denominator->column);
    size_t next = data->count * data->name_count;
    for (size_t i = 0; i < record->count; i++)
        if ((int)i != value_column)
            data->labels[next++] = arena_strndup(&data->arena, record->fields[i].text, record->fields[i].length);
    data->count++;
    return 0;
}

static int read_rows(struct denominator *denominator, struct csvread *reader, struct err *err)
{
    struct csv_record record;
    int value_column, more, code = read_header(denominator, reader, &value_column, err);
    while (!code && (more = csvread_next(reader, &record, err)) != 0)
        code = more < 0 ? more : read_row(denominator, &record, value_column, err);
    return code;
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
    arena_release(&denominator->data->arena);
    free(denominator->data);
    denominator->data = NULL;
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
        if (isnan(exposure))
            exposure = add_up(data, wanted, false);
    }
    free(wanted);
    return exposure;
}
