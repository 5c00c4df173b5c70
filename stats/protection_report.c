#include "stats/protection_report.h"

#include <string.h>

#include "core/csvwrite.h"
#include "stats/protection_work.h"

void protection_report_release(struct protection_report *report)
{
    strbuf_release(&report->cells);
    strbuf_release(&report->notes);
    strbuf_release(&report->tables);
    strbuf_release(&report->waivers);
    strbuf_release(&report->audits);
}

static const struct {
    unsigned rule;
    const char *name;
} rule_names[] = {
    { PROTECT_FREQUENCY, "frequency" }, { PROTECT_DOMINANCE, "dominance" }, { PROTECT_P_PERCENT, "p percent" },
    { PROTECT_ATTRIBUTE, "attribute" }, { PROTECT_RANGE, "range" }, { PROTECT_CONTRIBUTORS, "contributors" },
    { PROTECT_REMAINDER, "remainder" }, { PROTECT_ELIMINATION, "elimination" }, { PROTECT_SINGLETON, "singleton" },
    { PROTECT_AUDIT, "audit" }, { PROTECT_CONTRIBUTOR, "contributor" }, { PROTECT_DROPPED, "not safe within the budget" },
    { PROTECT_COUNT_WITHHELD, "count withheld" }, { PROTECT_FORCED_UNSAFE, "waived, but unsafe" },
};

#define CELLS_HEADER "table,period,figure,cell,rules,protects\n"

struct telling {
    const struct work *work;
    const struct protect_problem *problem;
    const struct protect_result *result;
    struct csvwrite writer;
    struct strbuf text;
    uint32_t period;
    bool joint; /* of all figures together */
};

/* ---- names ---- */

static void begin_line(struct telling *telling, struct strbuf *out, const char *header)
{
    if (!out->length)
        strbuf_adds(out, header);
    csvwrite_init(&telling->writer, out, CSV_DIALECT_RFC4180);
}

static const char *table_name(const struct telling *telling, const struct face *face)
{
    return telling->work->specs[face->table]->name;
}

static void write_period(struct telling *telling)
{
    const struct work *work = telling->work;
    size_t dimension = work->cube->plan->tables[work->faces[0].table].dimensions[0];
    csvwrite_text(&telling->writer, work->axis == NO_AXIS ? work->cube->plan->dimensions[dimension].nodes[telling->period].label : "");
}

static void write_figure(struct telling *telling)
{
    const struct work *work = telling->work;
    const char *name = telling->joint ? "(all)" : "cases";
    for (size_t t = 0; t < work->cube->plan->table_count && work->layer.measure != NO_MEASURE; t++)
        for (size_t m = 0; m < work->cube->plan->tables[t].measure_count; m++)
            if (work->cube->plan->tables[t].measures[m].measure == work->layer.measure)
                name = work->specs[t]->measures[m].name;
    strbuf_clear(&telling->text);
    strbuf_addf(&telling->text, "%s%s", name, work->layer.measure == NO_MEASURE || work->layer.amounts ? "" : "_n");
    csvwrite_text(&telling->writer, telling->text.text);
}

/* The table that has the cell of the problem. */
static size_t table_with(const struct work *work, uint32_t cell)
{
    size_t t = 0;
    while (cell - work->tables[t].map.first_cell >= work->tables[t].map.cell_count)
        t++;
    return t;
}

/* "brand=velora, country=IE"; "(total)". */
static void label_cell(struct telling *telling, uint32_t cell)
{
    const struct work *work = telling->work;
    const struct protection_table *table = &work->tables[table_with(work, cell)];
    size_t before = telling->text.length;
    for (size_t d = 0; d < table->count; d++) {
        const struct dimension *dimension = &work->cube->plan->dimensions[table->dimensions[d]];
        uint32_t code = table->map.codes[(size_t)(cell - table->map.first_cell) * table->map.dimension_count + d];
        if (code)
            strbuf_addf(&telling->text, "%s%s=%s", telling->text.length > before ? ", " : "", dimension->name,
                        dimension->nodes[work->codes[table->dimensions[d]].node_of[code]].label);
    }
    if (telling->text.length == before)
        strbuf_adds(&telling->text, DOMAIN_TOTAL_LABEL);
}

static void write_rules(struct telling *telling, unsigned rules)
{
    strbuf_clear(&telling->text);
    for (size_t i = 0; i < sizeof rule_names / sizeof *rule_names; i++)
        if (rules & rule_names[i].rule)
            strbuf_addf(&telling->text, "%s%s", telling->text.length ? " + " : "", rule_names[i].name);
    csvwrite_text(&telling->writer, telling->text.text);
}

static void write_protected(struct telling *telling, uint32_t member)
{
    strbuf_clear(&telling->text);
    if (member != PROTECT_NONE) {
        const struct protect_member *protected = &telling->result->members.members[member];
        if (protected->cell == PROTECT_NONE)
            strbuf_adds(&telling->text, "what is withheld below ");
        label_cell(telling, protected->cell == PROTECT_NONE ? telling->problem->families[protected->family].parent : protected->cell);
    }
    csvwrite_text(&telling->writer, strbuf_text(&telling->text));
}

/* ---- lines ---- */

static bool is_asked(const struct telling *telling, const struct face *face, uint32_t cell)
{
    enum protect_state state = telling->problem->cells[cell].state;
    uint32_t first = telling->work->tables[face->cross].map.first_cell;
    return (state == PROTECT_CANDIDATE || state == PROTECT_FORCED)
        && protection_cube_cell(telling->work, face, telling->period, cell - first) != CELLMAP_NONE;
}

static void tell_cell(struct telling *telling, const struct face *face, uint32_t cell)
{
    begin_line(telling, &telling->work->counts->report->cells, CELLS_HEADER);
    csvwrite_text(&telling->writer, table_name(telling, face));
    write_period(telling);
    write_figure(telling);
    strbuf_clear(&telling->text);
    label_cell(telling, cell);
    csvwrite_text(&telling->writer, telling->text.text);
    write_rules(telling, telling->result->withheld[cell]);
    write_protected(telling, telling->result->protects[cell]);
    csvwrite_end(&telling->writer);
}

void protection_tell_joint_loss(const struct work *work, uint32_t period, const struct protection_joint_loss *loss)
{
    struct telling telling = { .work = work, .period = period };
    if (!work->counts->report)
        return;
    begin_line(&telling, &work->counts->report->cells, CELLS_HEADER);
    csvwrite_text(&telling.writer, table_name(&telling, loss->face));
    write_period(&telling);
    write_figure(&telling);
    strbuf_clear(&telling.text);
    label_cell(&telling, loss->cell);
    csvwrite_text(&telling.writer, telling.text.text);
    write_rules(&telling, loss->rules);
    strbuf_clear(&telling.text);
    if (loss->protects != PROTECT_NONE) {
        strbuf_adds(&telling.text, loss->below ? "what is withheld below " : "");
        label_cell(&telling, loss->protects);
        strbuf_addf(&telling.text, ": %s", loss->figure);
    }
    csvwrite_text(&telling.writer, strbuf_text(&telling.text));
    csvwrite_end(&telling.writer);
    strbuf_release(&telling.text);
}

/* What the table lost: of its cells, and of the cases that are in its finest ones. */
struct loss {
    int64_t cells, cells_before, cells_withheld, cases, cases_before, cases_withheld; /* before: the audit and its repair */
};

/* Is it a leaf in each dimension that the face has? */
static bool is_finest(const struct telling *telling, const struct face *face, uint32_t cell)
{
    const struct protection_table *cross = &telling->work->tables[face->cross];
    const uint32_t *codes = cross->map.codes + (size_t)(cell - cross->map.first_cell) * cross->map.dimension_count;
    for (size_t c = 0; c < cross->count; c++)
        for (size_t d = 0; d < face->count; d++)
            if (face->dimensions[d] == cross->dimensions[c] && !telling->work->codes[cross->dimensions[c]].leaf[codes[c]])
                return false;
    return true;
}

static struct loss measure_loss(const struct telling *telling, const struct face *face)
{
    const struct cross_map *map = &telling->work->tables[face->cross].map;
    struct loss loss = { 0 };
    for (uint32_t c = map->first_cell; c < map->first_cell + map->cell_count; c++) {
        int64_t cases = is_finest(telling, face, c) ? problem_cases(telling->problem, telling->problem->cells[c].row) : 0;
        if (!is_asked(telling, face, c))
            continue;
        loss.cells++;
        loss.cells_before += telling->result->withheld_before_audit[c];
        loss.cells_withheld += telling->result->withheld[c] != 0;
        loss.cases += cases;
        loss.cases_before += telling->result->withheld_before_audit[c] ? cases : 0;
        loss.cases_withheld += telling->result->withheld[c] ? cases : 0;
    }
    return loss;
}

/* How many of its dimensions are left. */
static int64_t count_dimensions(const struct telling *telling, const struct face *face)
{
    const struct protection_table *cross = &telling->work->tables[face->cross];
    int64_t count = 0;
    for (size_t d = 0; d < face->count; d++)
        for (size_t c = 0; c < cross->count; c++)
            count += face->dimensions[d] == cross->dimensions[c];
    return count;
}

static void tell_table(struct telling *telling, const struct face *face)
{
    struct loss loss = measure_loss(telling, face);
    begin_line(telling, &telling->work->counts->report->tables,
               "table,period,figure,dimensions,cells,withheld_before_audit,withheld,cases,cases_before_audit,cases_withheld\n");
    csvwrite_text(&telling->writer, table_name(telling, face));
    write_period(telling);
    write_figure(telling);
    csvwrite_integer(&telling->writer, count_dimensions(telling, face));
    csvwrite_integer(&telling->writer, loss.cells);
    csvwrite_integer(&telling->writer, loss.cells_before);
    csvwrite_integer(&telling->writer, loss.cells_withheld);
    csvwrite_integer(&telling->writer, loss.cases);
    csvwrite_integer(&telling->writer, loss.cases_before);
    csvwrite_integer(&telling->writer, loss.cases_withheld);
    csvwrite_end(&telling->writer);
}

static void tell_audit(struct telling *telling, int64_t milliseconds)
{
    const struct protect_report *report = &telling->result->report;
    const size_t numbers[] = { report->primary, report->eliminated, report->remainders, report->repaired, report->spared,
                               report->cells_before_audit, report->members, report->members_lost, report->members_fractional,
                               report->open_before_repair, report->rounds, report->solves, report->witnesses, report->mixtures };
    begin_line(telling, &telling->work->counts->report->audits,
               "period,figure,primary,elimination,remainder,repair,spared,withheld_before_audit,members,lost,fractional,open_before_repair,"
               "rounds,linear_programs,witnesses,mixtures,iterations,budget,milliseconds\n");
    write_period(telling);
    write_figure(telling);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        csvwrite_integer(&telling->writer, (int64_t)numbers[i]);
    csvwrite_integer(&telling->writer, (int64_t)report->iterations);
    csvwrite_integer(&telling->writer, (int64_t)report->budget);
    csvwrite_integer(&telling->writer, milliseconds);
    csvwrite_end(&telling->writer);
}

void protection_tell_left_out(const struct work *work, uint32_t period)
{
    for (size_t f = 0; f < work->face_count && work->counts->report; f++) {
        size_t t = work->faces[f].table;
        const struct dimension *of = &work->cube->plan->dimensions[work->cube->plan->tables[t].dimensions[0]];
        if (work->patterns[t].protect_only)
            strbuf_addf(&work->counts->report->notes, "%s: the combinations of table '%s' are too many to be protected in it\n",
                        work->axis == NO_AXIS ? of->nodes[period].label : "all periods", work->specs[t]->name);
    }
}

void protection_tell_joint(const struct work *work, uint32_t period, const struct protect_result *result, int64_t milliseconds)
{
    struct telling telling = { .work = work, .result = result, .period = period, .joint = true };
    if (work->counts->report)
        tell_audit(&telling, milliseconds);
    strbuf_release(&telling.text);
}

void protection_tell_coarsened(const struct work *work, uint32_t period, size_t t)
{
    const struct protection_table *table = &work->tables[t];
    const struct cube_plan *plan = work->cube->plan;
    const char *lost = plan->dimensions[table->dimensions[table->count]].name;
    for (size_t f = 0; f < work->face_count && work->counts->report; f++) {
        const struct face *face = &work->faces[f];
        const struct dimension *of = &plan->dimensions[plan->tables[face->table].dimensions[0]];
        for (size_t d = 0; d < face->count && face->cross == t; d++)
            if (face->dimensions[d] == table->dimensions[table->count] && !work->patterns[face->table].protect_only)
                strbuf_addf(&work->counts->report->notes,
                            "table '%s', %s: not broken down by '%s': with it, it is too large to be protected or could not be proved safe\n",
                            work->specs[face->table]->name, work->axis == NO_AXIS ? of->nodes[period].label : "all periods", lost);
    }
}

void protection_tell(const struct work *work, uint32_t period, const struct protect_problem *problem, const struct protect_result *result,
                     int64_t milliseconds)
{
    struct telling telling = { .work = work, .problem = problem, .result = result, .period = period };
    if (!work->counts->report)
        return;
    for (size_t f = 0; f < work->face_count; f++) {
        const struct face *face = &work->faces[f];
        const struct cross_map *map = &work->tables[face->cross].map;
        if (work->patterns[face->table].earlier || work->patterns[face->table].protect_only)
            continue;
        for (uint32_t c = map->first_cell; c < map->first_cell + map->cell_count; c++)
            if (is_asked(&telling, face, c) && result->withheld[c])
                tell_cell(&telling, face, c);
        tell_table(&telling, face);
    }
    tell_audit(&telling, milliseconds);
    strbuf_release(&telling.text);
}
