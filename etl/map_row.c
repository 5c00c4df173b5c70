#include <string.h>

#include "etl/map_build.h"

enum { SECONDS_PER_DAY = 86400 };

/* ---- cells ---- */

static bool is_missing(const struct source *source, struct slice cell)
{
    for (size_t i = 0; i < source->missing_count; i++)
        if (slice_equals(cell, source->missing[i]))
            return true;
    return false;
}

struct slice map_cell(const struct mapper *mapper, int column)
{
    if (column == NO_COLUMN)
        return (struct slice){ NULL, 0 };
    struct slice cell = text_trim(mapper->record->fields[column]);
    if (!cell.length || is_missing(mapper->source, cell))
        return (struct slice){ NULL, 0 };
    return cell;
}

bool map_refuse(struct mapper *mapper, enum map_code code, int column, const char *rule)
{
    *mapper->reject = (struct map_reject){
        .line = mapper->record->line,
        .offset = mapper->record->offset,
        .column = column == NO_COLUMN ? "" : mapper->names[column],
        .code = code,
        .rule = rule,
    };
    return false;
}

bool map_blank(struct mapper *mapper, enum source_rule what, enum map_code code, int column, const char *rule)
{
    if (what == RULE_REJECT)
        return map_refuse(mapper, code, column, rule);
    mapper->counts.blanked[code]++;
    return true;
}

/* Fewer cells than the header, or a cell beyond it that holds something: the row may be shifted. */
static bool check_shape(struct mapper *mapper)
{
    const struct csv_record *record = mapper->record;
    if (record->count < mapper->header_count)
        return map_refuse(mapper, MAP_MISSING_CELLS, NO_COLUMN, "header");
    for (size_t i = mapper->header_count; i < record->count; i++)
        if (text_trim(record->fields[i]).length)
            return map_refuse(mapper, MAP_EXTRA_CELLS, NO_COLUMN, "header");
    return true;
}

/* ---- times ---- */

static bool read_date(const struct mapper *mapper, struct slice cell, struct map_time *time)
{
    const struct source *source = mapper->source;
    time->present =
        date_read(source->dates, source->date_count, mapper->sources->zone, cell.text, cell.length, &time->read);
    return time->present;
}

bool map_read_time(struct mapper *mapper, int column, struct map_time *time)
{
    struct slice cell = map_cell(mapper, column);
    time->present = false;
    if (!cell.text || read_date(mapper, cell, time))
        return true;
    return map_blank(mapper, mapper->source->unreadable_date, MAP_BAD_DATE, column, "rules.unreadable_date");
}

bool map_bound_time(struct mapper *mapper, const struct map_bound_time *bound, struct map_time *time)
{
    switch (bound->role) {
    case TIME_OPENED:
        *time = mapper->opened;
        return true;
    case TIME_CLOSED:
        *time = mapper->closed;
        return true;
    case TIME_UPDATED:
        *time = mapper->updated;
        return true;
    default:
        return map_read_time(mapper, bound->column, time);
    }
}

int64_t map_seconds(const struct map_time *from, const struct map_time *to)
{
    if (from->read.has_time && to->read.has_time)
        return to->read.instant - from->read.instant;
    return ((int64_t)to->read.day - from->read.day) * SECONDS_PER_DAY;
}

/* ---- the parts of a row ---- */

static bool read_case_id(struct mapper *mapper, struct case_row *row)
{
    if (mapper->case_id == NO_COLUMN)
        return true;
    struct slice cell = map_cell(mapper, mapper->case_id);
    if (!cell.text)
        return map_refuse(mapper, MAP_NO_CASE_ID, mapper->case_id, "case_id");
    if (identifier_normalise(IDENTIFIER_ID, NULL, cell, &mapper->case_id_text, NULL))
        return map_refuse(mapper, MAP_BAD_CASE_ID, mapper->case_id, "case_id");
    row->case_id = (struct slice){ mapper->case_id_text.text, mapper->case_id_text.length };
    return true;
}

static bool read_version(struct mapper *mapper, struct case_row *row)
{
    if (!map_read_time(mapper, mapper->updated_at, &mapper->updated))
        return false;
    row->has_version = mapper->updated.present;
    row->version = mapper->updated.present ? mapper->updated.read.instant : 0;
    return true;
}

bool map_is_one_of(struct slice cell, const char *const *values, size_t count)
{
    for (size_t i = 0; cell.text && i < count; i++)
        if (slice_equals(cell, values[i]))
            return true;
    return false;
}

static bool is_closed(const struct mapper *mapper)
{
    const struct source *source = mapper->source;
    if (mapper->closed_column == NO_COLUMN)
        return map_cell(mapper, mapper->closed_at).text != NULL;
    return map_is_one_of(map_cell(mapper, mapper->closed_column), source->closed_values, source->closed_value_count);
}

/* The closing of a case that is closed. It may turn out to be open: closed in the future, by its rule. */
static bool read_closed(struct mapper *mapper, struct case_row *row)
{
    struct slice cell = map_cell(mapper, mapper->closed_at);
    if (!cell.text)
        return map_refuse(mapper, MAP_NO_CLOSED_AT, mapper->closed_at, "closed_at");
    if (!read_date(mapper, cell, &mapper->closed))
        return map_refuse(mapper, MAP_BAD_DATE, mapper->closed_at, "closed_at");
    row->state = CASE_CLOSED;
    row->closed_day = mapper->closed.read.day;
    enum source_rule rule = mapper->source->closed_in_future;
    if (mapper->closed.read.instant <= mapper->now || rule == RULE_KEEP)
        return true;
    row->state = CASE_OPEN;
    return map_blank(mapper, rule, MAP_CLOSED_IN_FUTURE, mapper->closed_at, "rules.closed_in_future");
}

static bool read_opened(struct mapper *mapper, struct case_row *row)
{
    if (!map_read_time(mapper, mapper->opened_at, &mapper->opened))
        return false;
    enum source_rule rule = mapper->source->opened_after_closed;
    if (mapper->opened.present && rule != RULE_KEEP && map_seconds(&mapper->opened, &mapper->closed) < 0) {
        if (!map_blank(mapper, rule, MAP_OPENED_AFTER_CLOSED, mapper->opened_at, "rules.opened_after_closed"))
            return false;
        mapper->opened.present = false;
    }
    row->has_opened = mapper->opened.present;
    row->opened_day = mapper->opened.present ? mapper->opened.read.day : 0;
    return true;
}

static bool read_controller(struct mapper *mapper, struct case_row *row)
{
    if (mapper->controller == NO_COLUMN)
        return true;
    struct slice cell = map_cell(mapper, mapper->controller);
    for (size_t i = 0; cell.text && i < mapper->sources->controller_count; i++) {
        const char *name = mapper->sources->controllers[i];
        if (strlen(name) == cell.length && strncasecmp(name, cell.text, cell.length) == 0) {
            row->controller = name;
            return true;
        }
    }
    return map_refuse(mapper, MAP_UNKNOWN_CONTROLLER, mapper->controller, "controller");
}

static void read_consents(struct mapper *mapper)
{
    for (size_t i = 0; i < mapper->source->consent_count; i++) {
        const struct source_consent *consent = &mapper->source->consents[i];
        mapper->consents[i].given =
            map_is_one_of(map_cell(mapper, mapper->consents[i].column), consent->values, consent->value_count);
    }
}

/* The country of a telephone number: the row's, if it says one, else the configured. */
static const char *country_of(const struct mapper *mapper, const struct map_identifier *bound, const char *configured,
                              char country[3])
{
    struct slice cell = map_cell(mapper, bound->country_column);
    if (cell.length != 2)
        return cell.text ? NULL : configured;
    memcpy(country, cell.text, 2);
    country[2] = '\0';
    return country;
}

static bool read_identifiers(struct mapper *mapper, struct case_row *row)
{
    const struct source *source = mapper->source;
    for (size_t i = 0; i < source->identifier_count; i++) {
        const struct source_identifier *identifier = &source->identifiers[i];
        struct map_identifier *bound = &mapper->identifiers[i];
        struct slice cell = map_cell(mapper, bound->column);
        if (!cell.text)
            continue;
        char buffer[3];
        const char *country = country_of(mapper, bound, identifier->country, buffer);
        if (identifier_normalise(identifier->kind, country, cell, &bound->normalised, NULL)) {
            if (!map_blank(mapper, source->unusable_identifier, MAP_BAD_IDENTIFIER, bound->column,
                           "rules.unusable_identifier"))
                return false;
            continue;
        }
        struct slice normalised = { bound->normalised.text, bound->normalised.length };
        if (source_is_denied(identifier, normalised))
            mapper->counts.denied_identifiers++;
        else
            mapper->row_identifiers[row->identifier_count++] = (struct case_identifier){ identifier, normalised };
    }
    return true;
}

/* ---- the row ---- */

static bool map_closed(struct mapper *mapper, struct case_row *row)
{
    if (!read_opened(mapper, row) || !read_controller(mapper, row) || !read_identifiers(mapper, row))
        return false;
    read_consents(mapper);
    if (!map_read_opt_ins(mapper, row) || !map_read_dimensions(mapper) || !map_read_measures(mapper))
        return false;
    row->identifiers = mapper->row_identifiers;
    row->categories = mapper->row_categories;
    row->values = mapper->row_values;
    mapper->counts.closed++;
    return true;
}

static bool map_row(struct mapper *mapper, struct case_row *row)
{
    if (!check_shape(mapper) || !read_case_id(mapper, row) || !read_version(mapper, row))
        return false;
    row->state = CASE_OPEN;
    if (is_closed(mapper) && !read_closed(mapper, row))
        return false;
    if (row->state == CASE_CLOSED)
        return map_closed(mapper, row);
    row->closed_day = 0;
    mapper->counts.open++;
    return true;
}

bool mapper_map(struct mapper *mapper, const struct csv_record *record, struct case_row *row, struct map_reject *reject)
{
    mapper->record = record;
    mapper->reject = reject;
    mapper->counts.rows++;
    *row = (struct case_row){ .state = CASE_REJECTED, .line = record->line, .offset = record->offset };
    if (map_row(mapper, row))
        return true;
    *row = (struct case_row){
        .state = CASE_REJECTED, .case_id = row->case_id, .line = record->line, .offset = record->offset
    };
    mapper->counts.rejected++;
    return false;
}
