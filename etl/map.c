#include "etl/map.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "etl/map_build.h"

#include "etl/bands.h"

static const char *const code_names[MAP_CODES] = {
    [MAP_EXTRA_CELLS] = "extra_cells",
    [MAP_MISSING_CELLS] = "missing_cells",
    [MAP_NO_CASE_ID] = "no_case_id",
    [MAP_BAD_CASE_ID] = "bad_case_id",
    [MAP_NO_CLOSED_AT] = "no_closed_at",
    [MAP_BAD_DATE] = "bad_date",
    [MAP_OPENED_AFTER_CLOSED] = "opened_after_closed",
    [MAP_CLOSED_IN_FUTURE] = "closed_in_future",
    [MAP_UNKNOWN_CONTROLLER] = "unknown_controller",
    [MAP_BAD_IDENTIFIER] = "bad_identifier",
    [MAP_BAD_NUMBER] = "bad_number",
    [MAP_OUT_OF_RANGE] = "out_of_range",
    [MAP_NO_VALUE] = "no_value",
    [MAP_UNKNOWN_VALUE] = "unknown_value",
    [MAP_IN_FUTURE] = "in_future",
    [MAP_IDENTIFIES_NOBODY] = "identifies_nobody",
    [MAP_EVENT_REUSED] = "event_reused",
    [MAP_MALFORMED] = "malformed",
    [MAP_NOT_UTF8] = "not_utf8",
    [MAP_TOO_LATE] = "too_late",
};

const char *map_code_name(enum map_code code)
{
    BUG_ON((unsigned)code >= MAP_CODES);
    return code_names[code];
}

/* ---- binding ---- */

struct binding {
    struct mapper *mapper;
    const struct csv_record *header;
    struct strbuf missing; /* names of columns that the header lacks */
};

static bool is_listed(const struct strbuf *list, const char *name)
{
    struct strbuf quoted = { 0 };
    strbuf_addf(&quoted, "'%s'", name);
    bool found = strstr(strbuf_text(list), strbuf_text(&quoted)) != NULL;
    strbuf_release(&quoted);
    return found;
}

static bool is_there_in_other_case(const struct csv_record *header, const char *name)
{
    for (size_t i = 0; i < header->count; i++) {
        struct slice found = text_trim(header->fields[i]);
        if (found.length == strlen(name) && strncasecmp(found.text, name, found.length) == 0)
            return true;
    }
    return false;
}

/* Of a header that is one column: what it looks to be cut by. */
static const char *likely_delimiter(const struct csv_record *header)
{
    static const struct {
        char byte;
        const char *name;
    } known[] = { { ';', "';'" }, { '\t', "a tab" }, { '|', "'|'" }, { ',', "','" } };
    for (size_t i = 0; header->count == 1 && i < sizeof known / sizeof *known; i++)
        if (memchr(header->fields[0].text, known[i].byte, header->fields[0].length))
            return known[i].name;
    return NULL;
}

static int bind_column(struct binding *binding, const char *name)
{
    if (!name)
        return NO_COLUMN;
    for (size_t i = 0; i < binding->header->count; i++)
        if (slice_equals(text_trim(binding->header->fields[i]), name)) {
            binding->mapper->names[i] = name;
            return (int)i;
        }
    if (!is_listed(&binding->missing, name))
        strbuf_addf(&binding->missing, "%s'%s'%s", binding->missing.length ? ", " : "", name,
                    is_there_in_other_case(binding->header, name) ? " (it is there in another case)" : "");
    return NO_COLUMN;
}

static struct map_bound_time bind_time(struct binding *binding, const struct source_time *time)
{
    bool own = time->role == TIME_COLUMN;
    return (struct map_bound_time){ time->role, own ? bind_column(binding, time->column) : NO_COLUMN };
}

static struct map_consent *find_consent(const struct mapper *mapper, const struct source_consent *consent)
{
    return consent ? &mapper->consents[consent - mapper->source->consents] : NULL;
}

static void bind_case(struct binding *binding)
{
    struct mapper *mapper = binding->mapper;
    const struct source *source = mapper->source;
    mapper->case_id = bind_column(binding, source->case_id);
    mapper->opened_at = bind_column(binding, source->opened_at);
    mapper->closed_at = bind_column(binding, source->closed_at);
    mapper->updated_at = bind_column(binding, source->updated_at);
    mapper->controller = bind_column(binding, source->controller);
    mapper->closed_column = bind_column(binding, source->closed_column);
}

static void bind_people(struct binding *binding)
{
    struct mapper *mapper = binding->mapper;
    const struct source *source = mapper->source;
    mapper->identifiers = arena_alloc(&mapper->arena, (source->identifier_count + 1) * sizeof *mapper->identifiers);
    for (size_t i = 0; i < source->identifier_count; i++) {
        mapper->identifiers[i].column = bind_column(binding, source->identifiers[i].column);
        mapper->identifiers[i].country_column = bind_column(binding, source->identifiers[i].country_column);
    }
    mapper->consents = arena_alloc(&mapper->arena, (source->consent_count + 1) * sizeof *mapper->consents);
    for (size_t i = 0; i < source->consent_count; i++)
        mapper->consents[i].column = bind_column(binding, source->consents[i].column);
}

static void bind_opt_ins(struct binding *binding)
{
    struct mapper *mapper = binding->mapper;
    const struct source *source = mapper->source;
    mapper->opt_ins = arena_alloc(&mapper->arena, (source->opt_in_count + 1) * sizeof *mapper->opt_ins);
    for (size_t i = 0; i < source->opt_in_count; i++) {
        mapper->opt_ins[i].column = bind_column(binding, source->opt_ins[i].column);
        mapper->opt_ins[i].given_at = bind_column(binding, source->opt_ins[i].given_at);
    }
    mapper->language = bind_column(binding, source->contact_language);
    mapper->country = bind_column(binding, source->contact_country);
}

/* Bands have ids from 1 in their order; a missing value has the next. */
static void prepare_categories(struct mapper *mapper, struct map_dimension *dimension)
{
    const struct source_dimension *is = dimension->is;
    size_t bands = is->bands ? is->bands->count + 1 : 0;
    dimension->bands = arena_alloc(&mapper->arena, (bands + 1) * sizeof *dimension->bands);
    for (size_t i = 0; i < bands; i++)
        dimension->bands[i] = (struct case_category){ &is->bands->labels[i], ++dimension->last_id };
    struct case_label *levels = arena_alloc(&mapper->arena, is->level_count * sizeof *levels);
    for (size_t i = 0; i < is->level_count; i++)
        levels[i] = (struct case_label){ { is->missing_as, strlen(is->missing_as) }, true, -1 };
    if (is->kind != DIMENSION_PERIOD)
        dimension->missing = (struct case_category){ levels, ++dimension->last_id };
}

static void bind_dimensions(struct binding *binding)
{
    struct mapper *mapper = binding->mapper;
    const struct source *source = mapper->source;
    mapper->dimensions = arena_alloc(&mapper->arena, (source->dimension_count + 1) * sizeof *mapper->dimensions);
    for (size_t i = 0; i < source->dimension_count; i++) {
        struct map_dimension *dimension = &mapper->dimensions[i];
        const struct source_dimension *is = dimension->is = &source->dimensions[i];
        for (size_t j = 0; j < is->column_count; j++)
            dimension->columns[j] = bind_column(binding, is->columns[j]);
        dimension->from = bind_time(binding, &is->from);
        dimension->to = bind_time(binding, &is->to);
        dimension->consent = find_consent(mapper, is->consent);
        prepare_categories(mapper, dimension);
    }
}

static void bind_measures(struct binding *binding)
{
    struct mapper *mapper = binding->mapper;
    const struct source *source = mapper->source;
    mapper->measures = arena_alloc(&mapper->arena, (source->measure_count + 1) * sizeof *mapper->measures);
    for (size_t i = 0; i < source->measure_count; i++) {
        struct map_measure *measure = &mapper->measures[i];
        const struct source_measure *is = measure->is = &source->measures[i];
        measure->column = bind_column(binding, is->column);
        measure->from = bind_time(binding, &is->from);
        measure->to = bind_time(binding, &is->to);
        measure->consent = find_consent(mapper, is->consent);
        struct strbuf rule = { 0 };
        strbuf_addf(&rule, "measures.%s.out_of_range", is->name);
        measure->range_rule = arena_strdup(&mapper->arena, strbuf_text(&rule));
        strbuf_release(&rule);
    }
}

static void prepare_row(struct mapper *mapper)
{
    const struct source *source = mapper->source;
    struct arena *arena = &mapper->arena;
    mapper->row_identifiers = arena_alloc(arena, (source->identifier_count + 1) * sizeof *mapper->row_identifiers);
    mapper->row_opt_ins = arena_alloc(arena, (source->opt_in_count + 1) * sizeof *mapper->row_opt_ins);
    mapper->row_categories = arena_alloc(arena, (source->dimension_count + 1) * sizeof *mapper->row_categories);
    mapper->row_values = arena_alloc(arena, (source->measure_count + 1) * sizeof *mapper->row_values);
    for (size_t i = 0; i < mapper->header_count; i++)
        mapper->dropped_columns += !mapper->names[i];
}

int mapper_open(struct mapper **mapper, const struct sources *sources, const struct source *source,
                const struct csv_record *header, int64_t now, struct err *err)
{
    struct mapper *made = mem_zalloc(1, sizeof *made);
    made->sources = sources;
    made->source = source;
    made->now = now;
    arena_init(&made->arena, true);
    made->header_count = header->count;
    made->names = arena_alloc(&made->arena, (header->count + 1) * sizeof *made->names);
    struct binding binding = { made, header, { 0 } };
    bind_case(&binding);
    bind_people(&binding);
    bind_opt_ins(&binding);
    bind_dimensions(&binding);
    bind_measures(&binding);
    prepare_row(made);
    int code = 0;
    if (binding.missing.length) {
        const char *likely = likely_delimiter(header);
        code = err_set(err, ERR_DATA, "the header lacks what source '%s' needs: %.500s%s%s", source->name,
                       strbuf_text(&binding.missing), likely ? "; perhaps its delimiter is " : "", likely ? likely : "");
        mapper_free(made);
    } else {
        *mapper = made;
    }
    strbuf_release(&binding.missing);
    return code;
}

void mapper_free(struct mapper *mapper)
{
    if (!mapper)
        return;
    for (size_t i = 0; i < mapper->source->identifier_count; i++)
        strbuf_wipe(&mapper->identifiers[i].normalised);
    for (size_t i = 0; i < mapper->source->dimension_count; i++) {
        struct map_dimension *dimension = &mapper->dimensions[i];
        text_map_release(&dimension->values);
        vocabulary_work_release(&dimension->work);
        strbuf_wipe(&dimension->key);
    }
    strbuf_wipe(&mapper->case_id_text);
    arena_release(&mapper->arena);
    free(mapper);
}

size_t mapper_dropped_columns(const struct mapper *mapper)
{
    return mapper->dropped_columns;
}

const struct map_counts *mapper_counts(const struct mapper *mapper)
{
    return &mapper->counts;
}
