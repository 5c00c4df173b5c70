#include <string.h>

#include "etl/bands.h"
#include "etl/decimal.h"
#include "etl/map_build.h"

enum { MAX_KEY_BYTES = 256, MAX_AGE_YEARS = 120 };

/* ---- categories ---- */

/* What tells the cells of a category apart: the cell, or of several each with its length. */
static struct slice make_key(struct map_dimension *dimension, const struct slice *cells)
{
    size_t count = dimension->is->column_count;
    if (count == 1)
        return cells[0];
    strbuf_clear(&dimension->key);
    for (size_t i = 0; i < count; i++) {
        uint32_t length = cells[i].text ? (uint32_t)cells[i].length : UINT32_MAX;
        strbuf_add(&dimension->key, (const char *)&length, sizeof length);
        if (cells[i].text)
            strbuf_add(&dimension->key, cells[i].text, cells[i].length);
    }
    return (struct slice){ dimension->key.text, dimension->key.length };
}

static const struct case_label *keep_labels(struct arena *arena, const struct case_label *labels, size_t count)
{
    struct case_label *kept = arena_alloc(arena, count * sizeof *kept);
    for (size_t i = 0; i < count; i++) {
        kept[i] = labels[i];
        kept[i].text.text = arena_strndup(arena, labels[i].text.text, labels[i].text.length);
    }
    return kept;
}

/* Resolves the cells, and keeps the value for the next row while there is room. */
static struct map_value resolve(struct mapper *mapper, struct map_dimension *dimension, const struct slice *cells,
                                struct slice key, uint64_t hash)
{
    vocabulary_resolve(dimension->is->vocabulary, cells, &dimension->work);
    struct map_value value = { { dimension->work.labels, 0 },
                               dimension->work.not_allowed,
                               dimension->work.unknown_in_hierarchy };
    if (key.length > MAX_KEY_BYTES || dimension->last_id == MAPPER_MAX_VALUES)
        return value;
    struct map_value *kept = arena_alloc(&mapper->arena, sizeof *kept);
    value.category.levels = keep_labels(&mapper->arena, dimension->work.labels, dimension->is->level_count);
    value.category.id = ++dimension->last_id;
    *kept = value;
    key.text = arena_strndup(&mapper->arena, key.text, key.length);
    text_map_add(&dimension->values, key, hash, kept);
    return value;
}

static struct case_category read_category(struct mapper *mapper, struct map_dimension *dimension)
{
    struct slice cells[SOURCE_MAX_LEVELS];
    bool any = false;
    for (size_t i = 0; i < dimension->is->column_count; i++) {
        cells[i] = map_cell(mapper, dimension->columns[i]);
        any = any || cells[i].text;
    }
    if (!any)
        return dimension->missing;
    struct slice key = make_key(dimension, cells);
    uint64_t hash = text_map_hash(key);
    const struct map_value *known = text_map_find(&dimension->values, key, hash);
    struct map_value value = known ? *known : resolve(mapper, dimension, cells, key, hash);
    mapper->counts.not_allowed += value.not_allowed;
    mapper->counts.unknown_in_hierarchy += value.unknown_in_hierarchy;
    return value.category;
}

/* ---- bands ---- */

static bool read_number_band(struct mapper *mapper, struct map_dimension *dimension, struct case_category *category)
{
    const struct source *source = mapper->source;
    const struct source_bands *bands = dimension->is->bands;
    const struct decimal_format format = { source->decimal_comma ? ',' : '.', bands->decimals, DECIMAL_FLOOR };
    struct slice cell = map_cell(mapper, dimension->columns[0]);
    int64_t scaled;
    if (!cell.text)
        return true;
    if (!decimal_read(cell, &format, &scaled, NULL))
        return map_blank(mapper, source->unreadable_number, MAP_BAD_NUMBER, dimension->columns[0],
                         "rules.unreadable_number");
    *category = dimension->bands[bands_find(bands, scaled)];
    return true;
}

/* Seconds between the two ends; `present` is false unless both are there. False: the row is refused. */
static bool read_duration(struct mapper *mapper, const struct map_bound_time *from, const struct map_bound_time *to,
                          int64_t *seconds, bool *present)
{
    struct map_time start, end;
    if (!map_bound_time(mapper, from, &start) || !map_bound_time(mapper, to, &end))
        return false;
    *present = start.present && end.present;
    *seconds = *present ? map_seconds(&start, &end) : 0;
    return true;
}

static bool read_duration_band(struct mapper *mapper, struct map_dimension *dimension, struct case_category *category)
{
    const struct source_bands *bands = dimension->is->bands;
    const struct decimal_format format = { '.', bands->decimals, DECIMAL_FLOOR };
    int64_t seconds, scaled;
    bool present;
    if (!read_duration(mapper, &dimension->from, &dimension->to, &seconds, &present))
        return false;
    if (present && seconds >= 0 && decimal_ratio(seconds, dimension->is->unit_seconds, &format, &scaled))
        *category = dimension->bands[bands_find(bands, scaled)];
    return true;
}

/* Age in full years on the day that counts. One that nobody reaches is a placeholder and taken for missing. */
static bool read_age_band(struct mapper *mapper, struct map_dimension *dimension, struct case_category *category)
{
    const struct map_time *at = dimension->is->at.role == TIME_OPENED ? &mapper->opened : &mapper->closed;
    struct map_time birth;
    if (!map_read_time(mapper, dimension->columns[0], &birth))
        return false;
    if (!birth.present || !at->present)
        return true;
    int age = calendar_age(calendar_date(birth.read.day), calendar_date(at->read.day));
    if (age >= 0 && age <= MAX_AGE_YEARS)
        *category = dimension->bands[bands_find(dimension->is->bands, age)];
    return true;
}

static bool has_cell(const struct mapper *mapper, const struct map_dimension *dimension)
{
    for (size_t i = 0; i < dimension->is->column_count; i++)
        if (map_cell(mapper, dimension->columns[i]).text)
            return true;
    return dimension->is->is_duration;
}

static bool read_dimension(struct mapper *mapper, struct map_dimension *dimension, struct case_category *category)
{
    *category = dimension->missing;
    if (dimension->consent && !dimension->consent->given) {
        mapper->counts.without_consent += has_cell(mapper, dimension);
        return true;
    }
    switch (dimension->is->kind) {
    case DIMENSION_CATEGORY:
        *category = read_category(mapper, dimension);
        return true;
    case DIMENSION_BAND:
        return dimension->is->is_duration ? read_duration_band(mapper, dimension, category)
                                          : read_number_band(mapper, dimension, category);
    case DIMENSION_AGE:
        return read_age_band(mapper, dimension, category);
    case DIMENSION_PERIOD:
        return true;
    }
    BUG("dimension kind %d", (int)dimension->is->kind);
}

bool map_read_dimensions(struct mapper *mapper)
{
    for (size_t i = 0; i < mapper->source->dimension_count; i++)
        if (!read_dimension(mapper, &mapper->dimensions[i], &mapper->row_categories[i]))
            return false;
    return true;
}

/* ---- measures ---- */

/* False: the row is refused. `value->present` is false if there is none. */
static bool read_number(struct mapper *mapper, const struct map_measure *measure, struct case_value *value)
{
    const struct source *source = mapper->source;
    const struct decimal_format format = { source->decimal_comma ? ',' : '.', measure->is->decimals, DECIMAL_NEAREST };
    struct slice cell = map_cell(mapper, measure->column);
    bool inexact = false;
    if (!cell.text)
        return true;
    value->present = decimal_read(cell, &format, &value->scaled, &inexact) && !(measure->is->is_score && inexact);
    if (value->present)
        return true;
    return map_blank(mapper, source->unreadable_number, MAP_BAD_NUMBER, measure->column, "rules.unreadable_number");
}

static bool read_duration_measure(struct mapper *mapper, const struct map_measure *measure, struct case_value *value)
{
    const struct decimal_format format = { '.', measure->is->decimals, DECIMAL_NEAREST };
    int64_t seconds;
    bool present;
    if (!read_duration(mapper, &measure->from, &measure->to, &seconds, &present))
        return false;
    value->present = present && decimal_ratio(seconds, measure->is->unit_seconds, &format, &value->scaled);
    return true;
}

static bool is_in_range(const struct source_measure *measure, int64_t scaled)
{
    if (measure->is_duration && scaled < 0)
        return false;
    return !measure->has_range || (scaled >= measure->lowest && scaled <= measure->highest);
}

static bool has_value(const struct mapper *mapper, const struct map_measure *measure)
{
    return measure->is->is_duration || map_cell(mapper, measure->column).text;
}

static bool read_measure(struct mapper *mapper, const struct map_measure *measure, struct case_value *value)
{
    const struct source_measure *is = measure->is;
    *value = (struct case_value){ false, 0 };
    if (measure->consent && !measure->consent->given) {
        mapper->counts.without_consent += has_value(mapper, measure);
        return true;
    }
    bool read = is->is_duration ? read_duration_measure(mapper, measure, value) : read_number(mapper, measure, value);
    if (!read)
        return false;
    if (!value->present || is->out_of_range == RULE_KEEP || is_in_range(is, value->scaled))
        return true;
    *value = (struct case_value){ false, 0 };
    int column = is->is_duration ? mapper->closed_at : measure->column;
    return map_blank(mapper, is->out_of_range, MAP_OUT_OF_RANGE, column, measure->range_rule);
}

bool map_read_measures(struct mapper *mapper)
{
    for (size_t i = 0; i < mapper->source->measure_count; i++)
        if (!read_measure(mapper, &mapper->measures[i], &mapper->row_values[i]))
            return false;
    return true;
}
