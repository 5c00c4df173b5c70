#include "stats/protect/eliminate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/protect/classes.h"
#include "stats/protect/order.h"
#include "stats/protect/sparse.h"

enum column_kind { COLUMN_KNOWN, COLUMN_FORCED, COLUMN_CANDIDATE };

/* Columns: the equations, then the cells in order, then the members. */
struct elimination {
    const struct protect_problem *problem;
    struct protect_members *members;
    struct classes classes;
    struct sparse sparse;
    uint32_t *order;        /* cells */
    size_t order_count;
    uint32_t first_member;  /* column */
    const struct protect_options *options;
    bool disagree;
};

/* Real coefficients are taken as whole multiples of this: proportions are what counts. */
static const double coefficient_unit = 1e-6;

static struct field_pair coefficient_of(struct protect_view view, size_t i)
{
    if (!view.coefficients)
        return field_one();
    return field_mul(field_from_integer(llround(view.coefficients[i] / coefficient_unit)),
                     field_inverse(field_from_integer(llround(1 / coefficient_unit))));
}

static int compare_entries(const void *left, const void *right)
{
    const struct sparse_entry *a = left, *b = right;
    return a->row < b->row ? -1 : a->row > b->row;
}

/* One entry for each class: all of its unknowns have the same coefficient. */
static void fill_column(struct elimination *e, uint32_t column, struct protect_view view)
{
    struct sparse_entry *entries = mem_alloc((view.count + 1) * sizeof *entries);
    size_t count = 0;
    for (size_t i = 0; i < view.count; i++) {
        uint32_t class = e->classes.of[view.members[i]];
        if (class != PROTECT_NONE)
            entries[count++] = (struct sparse_entry) { class, coefficient_of(view, i) };
    }
    qsort(entries, count, sizeof *entries, compare_entries);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || entries[i].row != entries[i - 1].row)
            sparse_append(&e->sparse, column, entries[i]);
    free(entries);
}

/* What each column stands for. */
static struct protect_view *list_views(const struct elimination *e, size_t column_count)
{
    struct protect_view *views = mem_zalloc(column_count, sizeof *views);
    size_t count = 0;
    for (size_t i = 0; i < e->problem->equation_count; i++)
        views[count++] = problem_view(e->problem, e->problem->equations[i]);
    for (size_t i = 0; i < e->order_count; i++)
        views[count++] = problem_view(e->problem, e->problem->cells[e->order[i]].row);
    for (size_t m = 0; m < e->members->count; m++)
        views[count++] = protect_member_view(e->members, m);
    return views;
}

static void begin(struct elimination *e, const unsigned *withheld)
{
    e->order = mem_zalloc(e->problem->cell_count, sizeof *e->order);
    e->order_count = order_candidates(e->problem, withheld, e->order);
    e->first_member = (uint32_t)(e->problem->equation_count + e->order_count);
    size_t column_count = e->first_member + e->members->count;
    struct protect_view *views = list_views(e, column_count);
    classes_find(&e->classes, e->problem, views, column_count);
    sparse_init(&e->sparse, e->classes.count, column_count);
    for (uint32_t column = 0; column < column_count; column++)
        fill_column(e, column, views[column]);
    free(views);
}

static void end(struct elimination *e)
{
    sparse_release(&e->sparse);
    classes_release(&e->classes);
    free(e->order);
}

/* The column's entry with the shortest row, of those outside the singleton block if `outside`; NULL if there is none. */
static const struct sparse_entry *find_short_row(struct elimination *e, uint32_t column, bool outside)
{
    const struct sparse_column *c = &e->sparse.columns[column];
    const struct sparse_entry *best = NULL;
    for (uint32_t i = 0; i < c->count; i++) {
        const struct sparse_entry *entry = &c->entries[i];
        if (field_disagrees(entry->value))
            e->disagree = true;
        else if (outside && e->classes.singleton[entry->row])
            continue;
        else if (!best || e->sparse.rows[entry->row].count < e->sparse.rows[best->row].count)
            best = entry;
    }
    return best;
}

/* A member that would be known were the column published. */
static uint32_t find_exposed(struct elimination *e, uint32_t column)
{
    const struct sparse_entry *shortest = find_short_row(e, column, false);
    if (!shortest)
        return PROTECT_NONE;
    const struct sparse_row *row = &e->sparse.rows[shortest->row];
    for (uint32_t i = 0; i < row->count; i++)
        if (row->columns[i] >= e->first_member && sparse_proportional(&e->sparse, column, row->columns[i]))
            return row->columns[i] - e->first_member;
    return PROTECT_NONE;
}

/* Publishes the column: eliminates it from all that are still of interest. */
static void publish(struct elimination *e, uint32_t column)
{
    const struct sparse_entry *pivot = find_short_row(e, column, true);
    if (!pivot)
        pivot = find_short_row(e, column, false);
    if (!pivot)
        return;
    const uint32_t row = pivot->row;
    sparse_normalise(&e->sparse, column, row);
    struct sparse_row *touched = &e->sparse.rows[row];
    for (uint32_t i = 0; i < touched->count; i++) {
        uint32_t other = touched->columns[i];
        const struct sparse_entry *entry = other == column ? NULL : sparse_find(&e->sparse, other, row);
        if (!entry)
            continue;
        sparse_subtract(&e->sparse, other, entry->value, column);
    }
}

static enum column_kind kind_of(const struct elimination *e, uint32_t column)
{
    if (column < e->problem->equation_count)
        return COLUMN_KNOWN;
    enum protect_state state = e->problem->cells[e->order[column - e->problem->equation_count]].state;
    return state == PROTECT_PUBLISHED ? COLUMN_KNOWN : state == PROTECT_FORCED ? COLUMN_FORCED : COLUMN_CANDIDATE;
}

/* Whether publishing the column would state something of singletons alone. Any function of them lets one compute another. An outsider who
 * knows that none is empty has nothing from a function whose value is 0, for no combination of such functions is a sum: the coefficients of a
 * sum are not negative, and its value would be. */
static bool is_of_singletons(struct elimination *e, uint32_t column)
{
    const struct sparse_column *c = &e->sparse.columns[column];
    struct field_pair value = { { 0, 0 } };
    for (uint32_t i = 0; i < c->count; i++) {
        if (!e->classes.singleton[c->entries[i].row])
            return false;
        value = field_sub(value, field_mul(c->entries[i].value, field_from_integer(e->classes.cases[c->entries[i].row])));
    }
    return !e->options->plain || !field_is_zero(value);
}

/* The rule for which the column must be withheld, or 0. */
static unsigned judge(struct elimination *e, uint32_t column, uint32_t *protects)
{
    enum column_kind kind = kind_of(e, column);
    if (kind == COLUMN_KNOWN)
        return 0;
    *protects = e->options->disabled & PROTECT_ELIMINATION ? PROTECT_NONE : find_exposed(e, column);
    if (*protects != PROTECT_NONE)
        return kind == COLUMN_FORCED ? PROTECT_FORCED_UNSAFE : PROTECT_ELIMINATION;
    if (kind == COLUMN_CANDIDATE && !(e->options->disabled & PROTECT_SINGLETON) && is_of_singletons(e, column))
        return PROTECT_SINGLETON;
    return 0;
}

static void mark_lost(struct elimination *e)
{
    for (uint32_t m = 0; m < e->members->count; m++)
        if (e->members->members[m].count && e->sparse.columns[e->first_member + m].count == 0)
            e->members->members[m].lost = true;
}

static void run(struct elimination *e, unsigned *withheld, uint32_t *protects)
{
    bool marked = false;
    for (uint32_t column = 0; column < e->first_member; column++) {
        if (!marked && kind_of(e, column) != COLUMN_KNOWN) {
            mark_lost(e);
            marked = true;
        }
        if (e->sparse.columns[column].count) {
            uint32_t member = PROTECT_NONE;
            unsigned rule = judge(e, column, &member);
            if (!rule)
                publish(e, column);
            else {
                uint32_t cell = e->order[column - e->problem->equation_count];
                withheld[cell] |= rule;
                protects[cell] = member;
            }
        }
        sparse_drop(&e->sparse, column);
    }
}

int eliminate(const struct protect_problem *problem, const struct protect_options *options,
              struct protect_members *members, unsigned *withheld, uint32_t *protects, struct err *err)
{
    struct elimination e = { .problem = problem, .members = members, .options = options };
    begin(&e, withheld);
    run(&e, withheld, protects);
    end(&e);
    if (e.disagree)
        return err_set(err, ERR_INTERNAL, "the two primes of the elimination disagree");
    return 0;
}
