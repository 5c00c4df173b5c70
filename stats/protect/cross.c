#include "stats/protect/cross.h"

#include <stdlib.h>
#include <string.h>

/* Combinations are numbers in mixed radix: of codes for cells, of leaves for unknowns. */
struct builder {
    const struct cross *cross;
    struct protect_problem *problem;
    struct cross_map *map;
    uint64_t code_step[CROSS_MAX_DIMENSIONS];
    /* per dimension: the leaves' codes, and per code the codes that hold it, itself first */
    uint32_t *leaves[CROSS_MAX_DIMENSIONS];
    uint32_t leaf_count[CROSS_MAX_DIMENSIONS];
    size_t *first_above[CROSS_MAX_DIMENSIONS];
    uint32_t *above[CROSS_MAX_DIMENSIONS];
    /* cells: sorted numbers; members by cell */
    uint64_t *cells;
    size_t cell_count;
    size_t *first_member;
    uint32_t *member;
    /* unknowns: number of each */
    uint64_t *unknowns;
    size_t unknown_count;
    uint32_t first_unknown;
};

static uint64_t number_of(const struct builder *b, const uint32_t *codes)
{
    uint64_t number = 0;
    for (size_t d = 0; d < b->cross->dimension_count; d++)
        number += codes[d] * b->code_step[d];
    return number;
}

static void codes_of(const struct builder *b, uint64_t number, uint32_t *codes)
{
    for (size_t d = 0; d < b->cross->dimension_count; d++) {
        codes[d] = (uint32_t)(number / b->code_step[d]);
        number %= b->code_step[d];
    }
}

/* The codes above one code over all axes, each once; itself first. */
static size_t find_above(const struct cross_dimension *dimension, uint32_t code, uint32_t *above)
{
    size_t count = 0;
    above[count++] = code;
    for (size_t a = 0; a < dimension->axis_count; a++) {
        const uint32_t *parent = dimension->axes[a].parent;
        for (uint32_t at = code; at != 0 && parent[at] != CROSS_NOT_HERE; at = parent[at]) {
            size_t i = 0;
            while (i < count && above[i] != parent[at])
                i++;
            if (i == count)
                above[count++] = parent[at];
        }
    }
    return count;
}

static void index_dimension(struct builder *b, size_t d)
{
    const struct cross_dimension *dimension = &b->cross->dimensions[d];
    b->leaves[d] = mem_zalloc(dimension->code_count, sizeof **b->leaves);
    b->first_above[d] = mem_zalloc((size_t)dimension->code_count + 1, sizeof **b->first_above);
    uint32_t *above = mem_zalloc(dimension->code_count, sizeof *above);
    size_t used = 0, capacity = 0;
    for (uint32_t code = 0; code < dimension->code_count; code++) {
        b->first_above[d][code] = used;
        size_t count = dimension->leaf[code] ? find_above(dimension, code, above) : 0;
        for (size_t i = 0; i < count; i++) {
            MEM_GROW(b->above[d], used, capacity);
            b->above[d][used++] = above[i];
        }
        if (dimension->leaf[code])
            b->leaves[d][b->leaf_count[d]++] = code;
    }
    b->first_above[d][dimension->code_count] = used;
    free(above);
}

static int begin(struct builder *b, struct err *err)
{
    double combinations = 1, codes = 1;
    for (size_t d = b->cross->dimension_count; d-- > 0;) {
        index_dimension(b, d);
        b->code_step[d] = (uint64_t)codes;
        codes *= b->cross->dimensions[d].code_count;
        combinations *= b->leaf_count[d];
        if (codes > 1e15)
            return err_set(err, ERR_DATA, "too many combinations of codes in one table");
    }
    if (b->cross->zeros && combinations > CROSS_MAX_UNKNOWNS)
        return err_set(err, ERR_DATA, "%.0f combinations in one table, at most %d can be protected: split it by a dimension", combinations,
                       CROSS_MAX_UNKNOWNS);
    return 0;
}

struct sortable {
    uint64_t number;
    uint32_t person;
    uint32_t record;
};

static int compare_sortables(const void *left, const void *right)
{
    const struct sortable *a = left, *b = right;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    if (a->person != b->person)
        return a->person < b->person ? -1 : 1;
    return a->record < b->record ? -1 : a->record > b->record;
}

static struct sortable *sort_records(const struct builder *b)
{
    const struct cross *cross = b->cross;
    struct sortable *sorted = mem_zalloc(cross->record_count, sizeof *sorted);
    for (size_t r = 0; r < cross->record_count; r++)
        sorted[r] = (struct sortable) { number_of(b, cross->records[r].leaves), cross->records[r].person, (uint32_t)r };
    qsort(sorted, cross->record_count, sizeof *sorted, compare_sortables);
    return sorted;
}

static void add_unknown(struct builder *b, uint64_t number, size_t *capacity)
{
    MEM_GROW(b->unknowns, b->unknown_count, *capacity);
    b->unknowns[b->unknown_count++] = number;
    problem_add_unknown(b->problem, false);
}

/* Steps to the next combination of leaves; false after the last. `at` holds positions in leaves[]. */
static bool next_combination(const struct builder *b, uint32_t *at)
{
    for (size_t d = b->cross->dimension_count; d-- > 0;) {
        if (++at[d] < b->leaf_count[d])
            return true;
        at[d] = 0;
    }
    return false;
}

static void add_all_combinations(struct builder *b, const struct sortable *sorted)
{
    uint32_t at[CROSS_MAX_DIMENSIONS] = { 0 }, codes[CROSS_MAX_DIMENSIONS];
    size_t capacity = 0, next = 0;
    do {
        for (size_t d = 0; d < b->cross->dimension_count; d++)
            codes[d] = b->leaves[d][at[d]];
        uint64_t number = number_of(b, codes);
        while (next < b->cross->record_count && sorted[next].number < number)
            next++;
        bool holds = next < b->cross->record_count && sorted[next].number == number;
        if (holds || !b->cross->impossible || !b->cross->impossible(b->cross->context, codes))
            add_unknown(b, number, &capacity);
    } while (next_combination(b, at));
}

static void add_unknowns(struct builder *b, const struct sortable *sorted)
{
    b->first_unknown = (uint32_t)b->problem->unknown_count;
    if (b->cross->zeros && b->cross->record_count) {
        add_all_combinations(b, sorted);
        return;
    }
    size_t capacity = 0;
    for (size_t i = 0; i < b->cross->record_count; i++)
        if (i == 0 || sorted[i].number != sorted[i - 1].number)
            add_unknown(b, sorted[i].number, &capacity);
}

static void add_contributions(struct builder *b, const struct sortable *sorted)
{
    size_t unknown = 0, last = 0;
    b->map->contribution_of = mem_zalloc(b->cross->record_count, sizeof *b->map->contribution_of);
    for (size_t i = 0; i < b->cross->record_count; i++) {
        const struct cross_record *record = &b->cross->records[sorted[i].record];
        while (b->unknowns[unknown] != sorted[i].number)
            unknown++;
        if (i && sorted[i].number == sorted[i - 1].number && sorted[i].person == sorted[i - 1].person)
            b->problem->contributions[last].cases += record->cases;
        else
            last = problem_add_contribution(b->problem, b->first_unknown + (uint32_t)unknown, record->person,
                                            record->cases);
        b->map->contribution_of[sorted[i].record] = (uint32_t)last;
    }
}

/* Calls `visit` for every combination of codes that holds the combination of leaves. */
static void visit_above(struct builder *b, uint64_t leaves, void (*visit)(struct builder *, uint64_t, void *), void *context)
{
    uint32_t codes[CROSS_MAX_DIMENSIONS], above[CROSS_MAX_DIMENSIONS];
    size_t at[CROSS_MAX_DIMENSIONS], d;
    codes_of(b, leaves, codes);
    for (d = 0; d < b->cross->dimension_count; d++)
        at[d] = b->first_above[d][codes[d]];
    do {
        for (size_t i = 0; i < b->cross->dimension_count; i++)
            above[i] = b->above[i][at[i]];
        visit(b, number_of(b, above), context);
        for (d = 0; d < b->cross->dimension_count; d++) {
            if (++at[d] < b->first_above[d][codes[d] + 1])
                break;
            at[d] = b->first_above[d][codes[d]];
        }
    } while (d < b->cross->dimension_count);
}

static void collect_cell(struct builder *b, uint64_t number, void *context)
{
    size_t *capacity = context;
    MEM_GROW(b->cells, b->cell_count, *capacity);
    b->cells[b->cell_count++] = number;
}

static int compare_numbers(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

static size_t sort_unique(uint64_t *numbers, size_t count)
{
    size_t kept = 0;
    if (count) /* no cells, no array */
        qsort(numbers, count, sizeof *numbers, compare_numbers);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || numbers[i] != numbers[i - 1])
            numbers[kept++] = numbers[i];
    return kept;
}

/* Every combination of codes with cases. */
static void find_cells(struct builder *b, const struct sortable *sorted)
{
    size_t capacity = 0;
    for (size_t i = 0; i < b->cross->record_count; i++)
        if (i == 0 || sorted[i].number != sorted[i - 1].number)
            visit_above(b, sorted[i].number, collect_cell, &capacity);
    b->cell_count = sort_unique(b->cells, b->cell_count);
}

static size_t find_cell(const struct builder *b, uint64_t number)
{
    const uint64_t *found
        = b->cell_count ? bsearch(&number, b->cells, b->cell_count, sizeof *b->cells, compare_numbers) : NULL;
    return found ? (size_t)(found - b->cells) : SIZE_MAX;
}

static void count_member(struct builder *b, uint64_t number, void *context)
{
    (void)context;
    size_t cell = find_cell(b, number);
    if (cell != SIZE_MAX)
        b->first_member[cell + 2]++;
}

static void place_member(struct builder *b, uint64_t number, void *context)
{
    const uint32_t *unknown = context;
    size_t cell = find_cell(b, number);
    if (cell != SIZE_MAX)
        b->member[b->first_member[cell + 1]++] = *unknown;
}

static void find_members(struct builder *b)
{
    b->first_member = mem_zalloc(b->cell_count + 2, sizeof *b->first_member);
    for (size_t u = 0; u < b->unknown_count; u++)
        visit_above(b, b->unknowns[u], count_member, NULL);
    for (size_t c = 2; c < b->cell_count + 2; c++)
        b->first_member[c] += b->first_member[c - 1];
    b->member = mem_zalloc(b->first_member[b->cell_count + 1], sizeof *b->member);
    for (size_t u = 0; u < b->unknown_count; u++) {
        uint32_t unknown = b->first_unknown + (uint32_t)u;
        visit_above(b, b->unknowns[u], place_member, &unknown);
    }
}

static void add_cells(struct builder *b)
{
    struct cross_map *map = b->map;
    map->dimension_count = b->cross->dimension_count;
    map->first_cell = (uint32_t)b->problem->cell_count;
    map->cell_count = (uint32_t)b->cell_count;
    map->codes = mem_zalloc(b->cell_count * map->dimension_count, sizeof *map->codes);
    for (size_t c = 0; c < b->cell_count; c++) {
        codes_of(b, b->cells[c], map->codes + c * map->dimension_count);
        problem_add_cell(b->problem, (struct protect_cell) { .tables = b->cross->tables },
                         b->member + b->first_member[c], NULL, b->first_member[c + 1] - b->first_member[c]);
    }
}

struct kinship {
    uint64_t parent; /* number of the combination */
    uint32_t axis, child;
    bool sensitive;
};

static int compare_kinships(const void *left, const void *right)
{
    const struct kinship *a = left, *b = right;
    if (a->parent != b->parent)
        return a->parent < b->parent ? -1 : 1;
    if (a->axis != b->axis)
        return a->axis < b->axis ? -1 : 1;
    return a->child < b->child ? -1 : a->child > b->child;
}

/* All (parent, axis, child) of one cell as a child. */
static size_t find_parents(const struct builder *b, size_t cell, struct kinship *found)
{
    const uint32_t *codes = b->map->codes + cell * b->map->dimension_count;
    uint32_t axis = b->cross->first_axis;
    size_t count = 0;
    for (size_t d = 0; d < b->map->dimension_count; d++) {
        const struct cross_dimension *dimension = &b->cross->dimensions[d];
        for (size_t a = 0; a < dimension->axis_count; a++, axis++) {
            uint32_t parent = codes[d] ? dimension->axes[a].parent[codes[d]] : CROSS_NOT_HERE;
            if (parent == CROSS_NOT_HERE)
                continue;
            uint64_t number = b->cells[cell] - (codes[d] - (uint64_t)parent) * b->code_step[d];
            found[count++] = (struct kinship) { number, axis, b->map->first_cell + (uint32_t)cell, dimension->sensitive };
        }
    }
    return count;
}

static void add_family(struct builder *b, const struct kinship *kin, size_t count)
{
    uint32_t *children = mem_zalloc(count, sizeof *children);
    for (size_t i = 0; i < count; i++)
        children[i] = kin[i].child;
    uint32_t parent = b->map->first_cell + (uint32_t)find_cell(b, kin->parent);
    problem_add_family(b->problem,
                       (struct protect_family) { .parent = parent, .axis = kin->axis, .sensitive = kin->sensitive },
                       children, count);
    free(children);
}

static void add_families(struct builder *b)
{
    size_t axes = 0, count = 0;
    for (size_t d = 0; d < b->cross->dimension_count; d++)
        axes += b->cross->dimensions[d].axis_count;
    struct kinship *kin = mem_zalloc(b->cell_count * axes, sizeof *kin);
    for (size_t c = 0; c < b->cell_count; c++)
        count += find_parents(b, c, kin + count);
    qsort(kin, count, sizeof *kin, compare_kinships);
    for (size_t first = 0, next; first < count; first = next) {
        next = first + 1;
        while (next < count && kin[next].parent == kin[first].parent && kin[next].axis == kin[first].axis)
            next++;
        add_family(b, kin + first, next - first);
    }
    free(kin);
}

static void release(struct builder *b)
{
    for (size_t d = 0; d < b->cross->dimension_count; d++) {
        free(b->leaves[d]);
        free(b->first_above[d]);
        free(b->above[d]);
    }
    free(b->cells);
    free(b->first_member);
    free(b->member);
    free(b->unknowns);
}

int cross_build(const struct cross *cross, struct protect_problem *problem, struct cross_map *map, struct err *err)
{
    struct builder b = { .cross = cross, .problem = problem, .map = map };
    *map = (struct cross_map) { 0 };
    int code = begin(&b, err);
    if (!code) {
        struct sortable *sorted = sort_records(&b);
        add_unknowns(&b, sorted);
        add_contributions(&b, sorted);
        find_cells(&b, sorted);
        find_members(&b);
        add_cells(&b);
        add_families(&b);
        free(sorted);
    }
    release(&b);
    return code;
}

void cross_map_release(struct cross_map *map)
{
    free(map->codes);
    free(map->contribution_of);
    *map = (struct cross_map) { 0 };
}
