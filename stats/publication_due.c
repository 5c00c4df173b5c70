/* What comes after other figures of the same cases: which periods of which tables are due. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "stats/publication_inside.h"

struct listing {
    const struct publication *publication;
    const struct publication_periods *periods;
    struct publication_laters *laters;
    const char *source;
    enum period_kind kind;                 /* the base period */
    struct schedule_span days;             /* with cases */
    struct publication_frozen_list frozen; /* tonight's too */
};

/* Tonight's periods will be frozen when the later ones' turn comes. */
static void add_tonight(struct listing *listing)
{
    for (size_t i = 0; i < listing->periods->count; i++) {
        const struct publication_period *period = &listing->periods->list[i];
        if (period->state != SCHEDULE_READY || strcmp(period->source, listing->source) != 0)
            continue;
        MEM_GROW(listing->frozen.list, listing->frozen.count, listing->frozen.capacity);
        listing->frozen.list[listing->frozen.count++] = (struct publication_frozen) { period->span, period->kind };
    }
}

static bool is_frozen(const struct listing *listing, struct schedule_span span)
{
    for (size_t i = 0; i < listing->frozen.count; i++)
        if (listing->frozen.list[i].kind == listing->kind && listing->frozen.list[i].span.from == span.from)
            return true;
    return false;
}

/* Are all base periods of the span frozen? */
static bool is_whole(const struct listing *listing, struct schedule_span span)
{
    for (int32_t day = span.from; day <= span.to;) {
        struct schedule_span part = period_span(listing->kind, day);
        if (!is_frozen(listing, part))
            return false;
        day = part.to + 1;
    }
    return true;
}

/* Will tonight's base tables publish it? */
static bool is_base_tonight(const struct listing *listing, const struct table_spec *spec, struct schedule_span span)
{
    for (size_t i = 0; i < listing->periods->count; i++) {
        const struct publication_period *period = &listing->periods->list[i];
        if (period->state == SCHEDULE_READY && !period->is_known && period->kind == spec->dimensions[0].kind
            && period->span.from == span.from && strcmp(period->source, listing->source) == 0)
            return true;
    }
    return false;
}

static void add_later(struct publication_laters *laters, const struct table_spec *spec, struct schedule_span span, const char *problem)
{
    MEM_GROW(laters->list, laters->count, laters->capacity);
    laters->list[laters->count++] = (struct publication_later) { .spec = spec, .span = span, .is_unfit = problem != NULL,
                                                                 .problem = problem ? mem_strdup(problem) : NULL };
}

/* Did the dimension change between the files that the span's cases came with? */
static int has_changed_within(const struct listing *listing, const char *dimension, struct schedule_span span, struct err *err)
{
    const char *table = db_identifier(listing->source);
    struct strbuf sql = { 0 };
    struct stmt *stmt = NULL;
    strbuf_addf(&sql, "SELECT 1 FROM dimension_change AS c JOIN dimension AS d USING (dimension) JOIN source AS s USING (source)"
                      " WHERE s.name = :source AND d.name = :dimension"
                      " AND EXISTS (SELECT 1 FROM case_%s WHERE closed_day BETWEEN :from AND :to AND held = 0 AND file <= c.file)"
                      " AND EXISTS (SELECT 1 FROM case_%s WHERE closed_day BETWEEN :from AND :to AND held = 0 AND file > c.file)",
                table, table);
    int code = db_prepare_text(listing->publication->cases, strbuf_text(&sql), &stmt, err);
    strbuf_release(&sql);
    if (code)
        return code;
    stmt_bind_string(stmt, ":source", listing->source);
    stmt_bind_string(stmt, ":dimension", dimension);
    stmt_bind_integer(stmt, ":from", span.from);
    stmt_bind_integer(stmt, ":to", span.to);
    code = stmt_step(stmt, err);
    stmt_free(stmt);
    return code;
}

/* A quarter has the values of before and after a change side by side, and readers know in which of its months there were which: with figures
 * of a month, also imported ones, these tell more than the equations say. Alone, as the base period, it comes by another way. */
static int is_mixed(const struct listing *listing, const struct table_spec *spec, struct schedule_span span, struct err *err)
{
    int found = 0;
    for (size_t d = 1; d < spec->dimension_count && !found && spec->dimensions[0].kind == PERIOD_QUARTER; d++)
        if (!spec->dimensions[d].is_period)
            found = has_changed_within(listing, spec->dimensions[d].name, span, err);
    return found;
}

/* The table's periods with cases in the store that are frozen and that it has not published. */
static int list_table(struct listing *listing, const struct table_spec *spec, struct err *err)
{
    for (int32_t day = listing->days.from; day <= listing->days.to;) {
        struct schedule_span span = period_span(spec->dimensions[0].kind, day);
        day = span.to + 1;
        if (!is_whole(listing, span) || is_base_tonight(listing, spec, span))
            continue;
        int has = ledger_has_period(listing->publication->ledger, spec->name, span.from, err);
        int mixed = has == 0 ? is_mixed(listing, spec, span, err) : 0;
        if (has < 0 || mixed < 0)
            return has < 0 ? has : mixed;
        if (has != 1)
            add_later(listing->laters, spec, span,
                      mixed ? "a dimension changed within it" : has == 2 ? "the cases are not those any more that earlier tables counted" : NULL);
    }
    return 0;
}

/* Shorter periods first: the longer ones then know them. */
static int list_source(struct listing *listing, struct err *err)
{
    const struct table_config *tables = listing->publication->tables;
    int code = publication_base_kind(listing->publication, listing->source, &listing->kind, err);
    int found = code ? code : publication_find_days(listing->publication, listing->source, &listing->days, err);
    if (found < 1)
        return found;
    code = publication_load_frozen(listing->publication, listing->source, &listing->frozen, err);
    add_tonight(listing);
    for (int longer = 0; longer < 2; longer++)
        for (size_t t = 0; t < tables->count && !code; t++)
            if (strcmp(tables->tables[t].source, listing->source) == 0 && (tables->tables[t].dimensions[0].kind != listing->kind) == longer)
                code = list_table(listing, &tables->tables[t], err);
    free(listing->frozen.list);
    return code;
}

int publication_laters(const struct publication *publication, const struct publication_periods *periods, struct publication_laters *laters,
                       struct err *err)
{
    const struct table_config *tables = publication->tables;
    int code = 0;
    *laters = (struct publication_laters) { 0 };
    for (size_t t = 0; t < tables->count && !code; t++) {
        struct listing listing = { .publication = publication, .periods = periods, .laters = laters, .source = tables->tables[t].source };
        if (publication_is_first_of_source(tables, t))
            code = list_source(&listing, err);
    }
    if (code)
        publication_laters_release(laters);
    return code;
}

void publication_laters_release(struct publication_laters *laters)
{
    for (size_t i = 0; i < laters->count; i++) {
        free(laters->list[i].problem);
        free(laters->list[i].against);
    }
    free(laters->list);
    *laters = (struct publication_laters) { 0 };
}
