#include "stats/protect/system.h"

#include <stdlib.h>
#include <string.h>

#include "stats/protect/classes.h"
#include "stats/protect/remainder.h"

/* The rows to begin with, over unknowns; views of the reduced rows point into `unknown`. */
struct builder {
    struct system *system;
    struct classes classes;
    struct protect_view *views;
    size_t view_count;
    uint32_t **reduced; /* memory of reduced rows */
    size_t reduced_count;
    /* rows over classes */
    size_t *first_entry;
    struct system_entry *entries;
    size_t entry_count, entry_capacity;
    bool *known;        /* per class */
};

/* A published sum minus its published descendants says the same in fewer terms. Tries each axis. */
static struct protect_view reduce(struct builder *b, struct remainder *remainder, uint32_t cell)
{
    const struct protect_problem *problem = remainder->problem;
    struct protect_view best = problem_view(problem, problem->cells[cell].row);
    if (best.coefficients)
        return best;
    uint32_t *kept = NULL;
    for (size_t i = problem->first_family[cell]; i < problem->first_family[cell + 1]; i++) {
        remainder_deep(remainder, problem->family_of[i]);
        if (remainder->count >= best.count)
            continue;
        kept = mem_resize(kept, remainder->count + 1, sizeof *kept);
        memcpy(kept, remainder->unknowns, remainder->count * sizeof *kept);
        best = (struct protect_view) { kept, NULL, remainder->count };
    }
    if (kept)
        b->reduced[b->reduced_count++] = kept;
    return best;
}

static void list_rows(struct builder *b, const unsigned *withheld)
{
    const struct protect_problem *problem = b->system->problem;
    const struct protect_members *members = b->system->members;
    struct remainder remainder;
    remainder_init(&remainder, problem, withheld);
    b->views = mem_zalloc(problem->cell_count + problem->equation_count + members->count, sizeof *b->views);
    b->reduced = mem_zalloc(problem->cell_count, sizeof *b->reduced);
    for (uint32_t c = 0; c < problem->cell_count; c++)
        if (!withheld[c])
            b->views[b->view_count++] = reduce(b, &remainder, c);
    for (size_t e = 0; e < problem->equation_count; e++)
        b->views[b->view_count++] = problem_view(problem, problem->equations[e]);
    for (size_t m = 0; m < members->count; m++)
        b->views[b->view_count + m] = protect_member_view(members, m);
    classes_find(&b->classes, problem, b->views, b->view_count + members->count);
    remainder_release(&remainder);
}

static int compare_entries(const void *left, const void *right)
{
    const struct system_entry *a = left, *b = right;
    return a->variable < b->variable ? -1 : a->variable > b->variable;
}

/* Entries of one row over classes, each once. */
static void add_entries(struct builder *b, struct protect_view view)
{
    size_t first = b->entry_count, kept = first;
    for (size_t i = 0; i < view.count; i++) {
        uint32_t class = b->classes.of[view.members[i]];
        if (class == PROTECT_NONE)
            continue;
        MEM_GROW(b->entries, b->entry_count, b->entry_capacity);
        b->entries[b->entry_count++]
            = (struct system_entry) { class, view.coefficients ? view.coefficients[i] : 1 };
    }
    if (b->entry_count > first)
        qsort(b->entries + first, b->entry_count - first, sizeof *b->entries, compare_entries);
    for (size_t i = first; i < b->entry_count; i++)
        if (kept == first || b->entries[kept - 1].variable != b->entries[i].variable)
            b->entries[kept++] = b->entries[i];
    b->entry_count = kept;
}

static void merge_unknowns(struct builder *b, const struct protect_options *options)
{
    struct system *system = b->system;
    b->first_entry = mem_zalloc(b->view_count + 1, sizeof *b->first_entry);
    for (size_t r = 0; r < b->view_count; r++) {
        b->first_entry[r] = b->entry_count;
        add_entries(b, b->views[r]);
    }
    b->first_entry[b->view_count] = b->entry_count;
    system->truth = mem_zalloc(b->classes.count, sizeof *system->truth);
    system->lowest = mem_zalloc(b->classes.count, sizeof *system->lowest);
    memcpy(system->truth, b->classes.cases, b->classes.count * sizeof *system->truth);
    for (uint32_t u = 0; u < system->problem->unknown_count; u++)
        if (b->classes.of[u] != PROTECT_NONE)
            system->lowest[b->classes.of[u]] += system_lowest(system->problem, options, u);
}

/* Whether the row tells each of its variables that is not yet known: because only one is left, or because none can be lower. */
static bool tells_all(const struct builder *b, size_t row)
{
    size_t open = 0, movable = 0;
    bool sum = true;
    for (size_t i = b->first_entry[row]; i < b->first_entry[row + 1]; i++) {
        uint32_t class = b->entries[i].variable;
        if (b->known[class])
            continue;
        open++;
        movable += b->system->truth[class] > b->system->lowest[class];
        sum = sum && b->entries[i].coefficient > 0;
    }
    return open == 1 || (open && sum && !movable);
}

/* Everything that follows row by row: a remainder of 0 makes its cells known zeros. */
static void find_known(struct builder *b)
{
    b->known = mem_zalloc(b->classes.count, sizeof *b->known);
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t r = 0; r < b->view_count; r++) {
            if (!tells_all(b, r))
                continue;
            for (size_t i = b->first_entry[r]; i < b->first_entry[r + 1]; i++)
                b->known[b->entries[i].variable] = true;
            changed = true;
        }
    }
}

/* Numbers the open classes; `truth` and `lowest` move to their variables' places. */
static void number_variables(struct builder *b)
{
    struct system *system = b->system;
    uint32_t *number = mem_zalloc(b->classes.count, sizeof *number);
    for (size_t c = 0; c < b->classes.count; c++) {
        number[c] = b->known[c] ? PROTECT_NONE : (uint32_t)system->variable_count;
        if (b->known[c])
            continue;
        system->truth[system->variable_count] = system->truth[c];
        system->lowest[system->variable_count++] = system->lowest[c];
    }
    system->variable_of = mem_zalloc(system->problem->unknown_count, sizeof *system->variable_of);
    for (size_t u = 0; u < system->problem->unknown_count; u++) {
        uint32_t class = b->classes.of[u];
        system->variable_of[u] = class == PROTECT_NONE ? PROTECT_NONE : number[class];
    }
    size_t kept = 0;
    system->first_entry = mem_zalloc(b->view_count + 1, sizeof *system->first_entry);
    for (size_t r = 0; r < b->view_count; r++) {
        size_t first = kept;
        for (size_t i = b->first_entry[r]; i < b->first_entry[r + 1]; i++)
            if (!b->known[b->entries[i].variable])
                b->entries[kept++] = (struct system_entry) { number[b->entries[i].variable], b->entries[i].coefficient };
        if (kept > first)
            system->first_entry[++system->row_count] = kept;
    }
    system->entries = b->entries;
    free(number);
}

static void index_unknowns(struct system *system)
{
    size_t count = system->problem->unknown_count;
    system->first_unknown_of = mem_zalloc(system->variable_count + 2, sizeof *system->first_unknown_of);
    system->unknown_of = mem_zalloc(count, sizeof *system->unknown_of);
    for (size_t u = 0; u < count; u++)
        if (system->variable_of[u] != PROTECT_NONE)
            system->first_unknown_of[system->variable_of[u] + 2]++;
    for (size_t v = 2; v < system->variable_count + 2; v++)
        system->first_unknown_of[v] += system->first_unknown_of[v - 1];
    for (uint32_t u = 0; u < count; u++)
        if (system->variable_of[u] != PROTECT_NONE)
            system->unknown_of[system->first_unknown_of[system->variable_of[u] + 1]++] = u;
}

static void index_members(struct system *system)
{
    const struct protect_members *members = system->members;
    size_t count = 0, capacity = 0;
    uint32_t *last = mem_alloc((system->variable_count + 1) * sizeof *last);
    memset(last, 0xff, (system->variable_count + 1) * sizeof *last);
    system->first_in_member = mem_zalloc(members->count + 1, sizeof *system->first_in_member);
    system->first_member_of = mem_zalloc(system->variable_count + 2, sizeof *system->first_member_of);
    for (uint32_t m = 0; m < members->count; m++) {
        struct protect_view view = protect_member_view(members, m);
        system->first_in_member[m] = count;
        for (size_t i = 0; i < view.count; i++) {
            uint32_t variable = system->variable_of[view.members[i]];
            if (variable == PROTECT_NONE || last[variable] == m)
                continue;
            last[variable] = m;
            MEM_GROW(system->in_member, count, capacity);
            system->in_member[count++] = variable;
            system->first_member_of[variable + 2]++;
        }
    }
    system->first_in_member[members->count] = count;
    free(last);
    for (size_t v = 2; v < system->variable_count + 2; v++)
        system->first_member_of[v] += system->first_member_of[v - 1];
    system->member_of = mem_zalloc(count, sizeof *system->member_of);
    for (uint32_t m = 0; m < members->count; m++)
        for (size_t i = system->first_in_member[m]; i < system->first_in_member[m + 1]; i++)
            system->member_of[system->first_member_of[system->in_member[i] + 1]++] = m;
}

int64_t system_lowest(const struct protect_problem *problem, const struct protect_options *options, uint32_t unknown)
{
    return options->audit == PROTECT_AUDIT_X1 && problem->unknowns[unknown].cases > 0;
}

void system_build(struct system *system, const struct protect_problem *problem, const struct protect_options *options,
                  const struct protect_members *members, const unsigned *withheld)
{
    *system = (struct system) { .problem = problem, .members = members };
    struct builder b = { .system = system };
    list_rows(&b, withheld);
    merge_unknowns(&b, options);
    find_known(&b);
    number_variables(&b);
    index_unknowns(system);
    index_members(system);
    for (size_t i = 0; i < b.reduced_count; i++)
        free(b.reduced[i]);
    free(b.reduced);
    free(b.views);
    free(b.first_entry);
    free(b.known);
    classes_release(&b.classes);
}

void system_release(struct system *system)
{
    free(system->variable_of);
    free(system->first_unknown_of);
    free(system->unknown_of);
    free(system->truth);
    free(system->lowest);
    free(system->first_entry);
    free(system->entries);
    free(system->first_in_member);
    free(system->in_member);
    free(system->first_member_of);
    free(system->member_of);
    *system = (struct system) { 0 };
}
