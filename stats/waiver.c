#include "stats/waiver.h"

#include <string.h>

#include "core/calendar.h"
#include "core/csvwrite.h"
#include "stats/table_config.h"

/* ---- configuration ---- */

static const struct config_node *find_table(struct config *config, const struct config_node *entry)
{
    const char *name = config_text(entry, "table", NULL);
    const struct config_node *table = name ? config_get(config_get(config_root(config), "tables"), name) : NULL;
    if (name && !table)
        config_problem(config, config_get(entry, "table"), "there is no table '%.40s'", name);
    return table;
}

static bool is_of_table(const struct config_node *table, const char *dimension)
{
    CONFIG_EACH(name, config_get(table, "by"))
        if (name->kind == CONFIG_SCALAR && strcmp(name->value, dimension) == 0)
            return true;
    return false;
}

static void compile_cell(struct waiver *waiver, struct arena *arena, struct config *config, const struct config_node *entry)
{
    const struct config_node *table = find_table(config, entry), *cell = config_get(entry, "cell");
    struct waiver_value *values = arena_alloc(arena, ((cell ? cell->count : 0) + 1) * sizeof *values);
    waiver->values = values;
    CONFIG_EACH(value, cell) {
        if (!value->key || value->kind != CONFIG_SCALAR)
            continue;
        if (table && !is_of_table(table, value->key))
            config_problem_key(config, value, "'%.40s' is not one of the table's dimensions; expected one of 'by'", value->key);
        values[waiver->value_count++] = (struct waiver_value) { value->key, value->value };
    }
}

static void check_name(const struct waivers *waivers, const char *name, struct config *config, const struct config_node *entry)
{
    for (size_t w = 0; w < waivers->count; w++)
        if (strcmp(waivers->list[w].name, name) == 0)
            config_problem(config, config_get(entry, "name"), "there are two waivers '%.40s'; give each a name of its own", name);
}

void waivers_compile(struct waivers *waivers, struct arena *arena, struct config *config)
{
    const struct config_node *list = config_get(config_root(config), "protection.waivers");
    struct waiver *compiled = arena_alloc(arena, ((list ? list->count : 0) + 1) * sizeof *compiled);
    *waivers = (struct waivers) { .list = compiled };
    CONFIG_EACH(entry, list) {
        struct waiver *waiver = &compiled[waivers->count];
        *waiver = (struct waiver) {
            .name = config_text(entry, "name", ""),
            .reason = config_text(entry, "reason", ""),
            .person = config_text(entry, "person", ""),
            .table = config_text(entry, "table", ""),
            .period = config_text(entry, "period", NULL),
            .expires = config_text(entry, "expires", ""),
        };
        check_name(waivers, waiver->name, config, entry);
        compile_cell(waiver, arena, config, entry);
        waivers->count++;
    }
}

/* ---- cells ---- */

static const char *value_of(const struct waiver *waiver, const char *dimension)
{
    for (size_t v = 0; v < waiver->value_count; v++)
        if (strcmp(waiver->values[v].dimension, dimension) == 0)
            return waiver->values[v].value;
    return NULL;
}

static const char *label_of(const struct cube_table *table, uint32_t cell, size_t d)
{
    const struct dimension *dimension = table->layout.dimension[d];
    uint32_t node = layout_node(&table->layout, cellmap_at(&table->cells, cell)->key, d);
    return node ? dimension->nodes[node].label : NULL;
}

static bool is_for(const struct waiver *waiver, const struct cube_table *table, uint32_t cell)
{
    const char *period = label_of(table, cell, 0);
    if (waiver->period && (!period || strcmp(waiver->period, period) != 0))
        return false;
    for (size_t d = 1; d < table->layout.dimensions; d++) {
        const char *wanted = value_of(waiver, table->layout.dimension[d]->name), *label = label_of(table, cell, d);
        if (wanted ? !label || strcmp(wanted, label) != 0 : label != NULL)
            return false;
    }
    return true;
}

static bool has_expired(const struct waiver *waiver, int32_t today)
{
    char day[16];
    calendar_format_day(today, day);
    return strcmp(day, waiver->expires) > 0;
}

void waivers_mark(const struct waivers *waivers, const struct table_spec *spec, const struct cube_table *table, int32_t today, bool *waived)
{
    for (size_t w = 0; w < waivers->count; w++) {
        const struct waiver *waiver = &waivers->list[w];
        if (strcmp(waiver->table, spec->name) != 0 || has_expired(waiver, today))
            continue;
        for (uint32_t c = 0; c < table->cells.count; c++)
            waived[c] |= is_for(waiver, table, c);
    }
}

/* ---- the checker's report ---- */

static const char *outcome_of(const struct waiver *waiver, const struct waiver_report *report, uint32_t cell)
{
    if (has_expired(waiver, report->today))
        return "expired";
    if (cellmap_at(&report->table->cells, cell)->persons < report->k)
        return "fewer than k persons";
    return report->published[cell] ? "published" : "withheld: it would expose another cell";
}

static void write_cell(const struct waiver *waiver, struct csvwrite *writer)
{
    struct strbuf text = { 0 };
    for (size_t v = 0; v < waiver->value_count; v++)
        strbuf_addf(&text, "%s%s=%s", v ? ", " : "", waiver->values[v].dimension, waiver->values[v].value);
    csvwrite_text(writer, text.length ? text.text : DOMAIN_TOTAL_LABEL);
    strbuf_release(&text);
}

static void write_line(const struct waiver *waiver, const char *period, const char *outcome, struct strbuf *out)
{
    struct csvwrite writer;
    if (!out->length)
        strbuf_adds(out, "waiver,table,period,cell,outcome,expires,person,reason\n");
    csvwrite_init(&writer, out, CSV_DIALECT_RFC4180);
    csvwrite_text(&writer, waiver->name);
    csvwrite_text(&writer, waiver->table);
    csvwrite_text(&writer, period);
    write_cell(waiver, &writer);
    csvwrite_text(&writer, outcome);
    csvwrite_text(&writer, waiver->expires);
    csvwrite_text(&writer, waiver->person);
    csvwrite_text(&writer, waiver->reason);
    csvwrite_end(&writer);
}

void waivers_tell(const struct waivers *waivers, const struct waiver_report *report, struct strbuf *out)
{
    for (size_t w = 0; w < waivers->count; w++) {
        const struct waiver *waiver = &waivers->list[w];
        bool any = strcmp(waiver->table, report->spec->name) != 0;
        for (uint32_t c = 0; c < report->table->cells.count && !strcmp(waiver->table, report->spec->name); c++) {
            if (!is_for(waiver, report->table, c))
                continue;
            any = true;
            write_line(waiver, label_of(report->table, c, 0), outcome_of(waiver, report, c), out);
        }
        if (!any)
            write_line(waiver, waiver->period ? waiver->period : "", "no such cell", out);
    }
}
