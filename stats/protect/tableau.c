#include "stats/protect/tableau.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ENTRIES = 40 * 1000 * 1000 };

static const double least_entry = 1e-11, least_pivot = 1e-7, least_worth = 1e-7, slack = 1e-9;

bool tableau_fits(const struct block *block)
{
    return block->row_count * block->variable_count <= MOST_ENTRIES;
}

static double *row_at(const struct tableau *t, size_t row)
{
    return t->entries + row * t->stride;
}

/* ---- the exchange of a row and a column ---- */

/* Solves the row for the column's variable. */
static void turn_row(struct tableau *t, size_t row, size_t column)
{
    double *entries = row_at(t, row), factor = -1 / entries[column];
    for (size_t c = 0; c < t->column_count; c++)
        entries[c] *= factor;
    entries[column] = -factor;
}

/* What ought to be 0 and is not for rounding is made 0. */
static void add_row(const struct tableau *t, double *target, const double *source, double factor, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double *to = &target[t->support[i]];
        *to += factor * source[t->support[i]];
        *to = fabs(*to) > least_entry ? *to : 0;
    }
}

static size_t find_support(const struct tableau *t, const double *source)
{
    size_t count = 0;
    for (uint32_t c = 0; c < t->column_count; c++)
        if (source[c] != 0)
            t->support[count++] = c;
    return count;
}

/* Devex: weights of the reference framework. */
static void weigh(struct tableau *t, size_t row, size_t column)
{
    const double *source = row_at(t, row);
    double weight = t->norm[column];
    for (size_t c = 0; c < t->column_count; c++)
        t->norm[c] = fmax(t->norm[c], source[c] * source[c] * weight);
    t->norm[column] = fmax(1, weight * source[column] * source[column]);
}

static void subtract_row(struct tableau *t, size_t row, size_t column)
{
    const double *source = row_at(t, row);
    size_t count = find_support(t, source);
    for (size_t r = 0; r < t->row_count; r++) {
        double *target = row_at(t, r), factor = target[column];
        if (r == row || factor == 0)
            continue;
        target[column] = 0;
        add_row(t, target, source, factor, count);
        t->changed[r] = true;
    }
    double worth = t->worth[column];
    t->worth[column] = 0;
    for (size_t i = 0; i < count; i++)
        t->worth[t->support[i]] += worth * source[t->support[i]];
}

static void exchange(struct tableau *t, size_t row, size_t column)
{
    turn_row(t, row, column);
    t->changed[row] = t->any_changed = true;
    subtract_row(t, row, column);
    uint32_t leaves = t->basic[row], enters = t->nonbasic[column];
    t->basic[row] = enters;
    t->nonbasic[column] = leaves;
    t->row_of[enters] = (uint32_t)row;
    t->column_of[enters] = PROTECT_NONE;
    t->row_of[leaves] = PROTECT_NONE;
    t->column_of[leaves] = (uint32_t)column;
}

/* ---- making it ---- */

static void drop_column(struct tableau *t, size_t column)
{
    size_t last = --t->column_count;
    for (size_t r = 0; r < t->row_count; r++) {
        row_at(t, r)[column] = row_at(t, r)[last];
        row_at(t, r)[last] = 0;
    }
    t->norm[column] = t->norm[last];
    t->nonbasic[column] = t->nonbasic[last];
    t->column_of[t->nonbasic[column]] = (uint32_t)column;
}

static void drop_row(struct tableau *t, size_t row)
{
    size_t last = --t->row_count;
    if (row == last)
        return;
    memcpy(row_at(t, row), row_at(t, last), t->stride * sizeof *t->entries);
    t->basic[row] = t->basic[last];
}

/* The column whose variable becomes basic instead of the equation: of those that can rise and fall, the one in fewest equations.
 * PROTECT_NONE: the equation says nothing new. */
static uint32_t choose_column(const struct tableau *t, size_t row, const double *ease)
{
    const double *entries = row_at(t, row);
    uint32_t best = PROTECT_NONE;
    bool best_moves = false;
    for (uint32_t c = 0; c < t->column_count; c++) {
        if (fabs(entries[c]) <= least_pivot)
            continue;
        bool moves = ease[t->nonbasic[c]] > 0;
        if (best != PROTECT_NONE && (moves < best_moves || (moves == best_moves && t->norm[c] >= t->norm[best])))
            continue;
        best = c;
        best_moves = moves;
    }
    return best;
}

/* Equations are basic at first, as variables that are 0 for ever: numbers from variable_count on. */
static void eliminate(struct tableau *t, const double *ease)
{
    for (size_t r = 0; r < t->row_count;) {
        uint32_t column = choose_column(t, r, ease);
        if (column == PROTECT_NONE) {
            drop_row(t, r);
            continue;
        }
        exchange(t, r, column);
        drop_column(t, column);
        r++;
    }
}

/* Short rows first: they leave least behind in others. */
struct ordered_row {
    size_t count, row;
};

static int compare_rows(const void *left, const void *right)
{
    const struct ordered_row *a = left, *b = right;
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

static void fill(struct tableau *t, const struct block *block)
{
    struct ordered_row *order = mem_zalloc(block->row_count, sizeof *order);
    for (size_t r = 0; r < block->row_count; r++)
        order[r] = (struct ordered_row) { block->first_entry[r + 1] - block->first_entry[r], r };
    if (block->row_count)
        qsort(order, block->row_count, sizeof *order, compare_rows);
    for (uint32_t v = 0; v < t->variable_count; v++) {
        t->nonbasic[v] = t->column_of[v] = v;
        t->row_of[v] = PROTECT_NONE;
    }
    for (size_t r = 0; r < block->row_count; r++) {
        const struct ordered_row *row = &order[r];
        t->basic[r] = (uint32_t)(t->variable_count + r);
        for (size_t i = block->first_entry[row->row]; i < block->first_entry[row->row + 1]; i++) {
            const struct system_entry *entry = &block->entries[i];
            row_at(t, r)[entry->variable] = entry->coefficient;
            t->norm[entry->variable]++;
        }
    }
    free(order);
}

/* The steepest edge: how much everything moves for one unit of each column. */
static void measure(struct tableau *t)
{
    for (size_t c = 0; c < t->column_count; c++)
        t->norm[c] = 1;
    for (size_t r = 0; r < t->row_count; r++)
        for (size_t c = 0; c < t->column_count; c++)
            t->norm[c] += row_at(t, r)[c] * row_at(t, r)[c];
}

static void *copy(const void *from, size_t size)
{
    return memcpy(mem_alloc(size + 1), from, size);
}

/* What to begin with again. */
static void keep(struct tableau *t)
{
    size_t capacity = 0, count = 0;
    t->first_kept = mem_zalloc(t->row_count + 1, sizeof *t->first_kept);
    for (size_t r = 0; r < t->row_count; r++) {
        for (uint32_t c = 0; c < t->column_count; c++) {
            if (row_at(t, r)[c] == 0)
                continue;
            MEM_GROW(t->kept, count, capacity);
            t->kept[count++] = (struct tableau_entry) { c, row_at(t, r)[c] };
        }
        t->first_kept[r + 1] = count;
    }
    t->kept_basic = copy(t->basic, t->row_count * sizeof *t->basic);
    t->kept_nonbasic = copy(t->nonbasic, t->column_count * sizeof *t->nonbasic);
    t->kept_norm = copy(t->norm, t->column_count * sizeof *t->norm);
    memset(t->changed, 0, t->row_count * sizeof *t->changed);
    t->any_changed = false;
}

void tableau_open(struct tableau *t, const struct block *block, const double *ease)
{
    const size_t variables = block->variable_count, all = variables + block->row_count;
    *t = (struct tableau) { .row_count = block->row_count, .column_count = variables, .stride = variables, .variable_count = variables };
    t->entries = mem_zalloc(block->row_count * t->stride, sizeof *t->entries);
    t->basic = mem_zalloc(block->row_count, sizeof *t->basic);
    t->nonbasic = mem_zalloc(variables, sizeof *t->nonbasic);
    t->row_of = mem_zalloc(all, sizeof *t->row_of);
    t->column_of = mem_zalloc(all, sizeof *t->column_of);
    t->value = mem_zalloc(variables, sizeof *t->value);
    t->lower = mem_zalloc(variables, sizeof *t->lower);
    t->upper = mem_zalloc(variables, sizeof *t->upper);
    t->norm = mem_zalloc(variables, sizeof *t->norm);
    t->worth = mem_zalloc(variables, sizeof *t->worth);
    t->support = mem_zalloc(variables, sizeof *t->support);
    t->changed = mem_zalloc(block->row_count, sizeof *t->changed);
    t->column = mem_zalloc(block->row_count, sizeof *t->column);
    fill(t, block);
    eliminate(t, ease);
    measure(t);
    keep(t);
}

void tableau_close(struct tableau *t)
{
    free(t->entries);
    free(t->basic);
    free(t->nonbasic);
    free(t->row_of);
    free(t->column_of);
    free(t->value);
    free(t->lower);
    free(t->upper);
    free(t->norm);
    free(t->worth);
    free(t->support);
    free(t->column);
    free(t->changed);
    free(t->kept);
    free(t->first_kept);
    free(t->kept_basic);
    free(t->kept_nonbasic);
    free(t->kept_norm);
    *t = (struct tableau) { 0 };
}

static void restore_row(struct tableau *t, size_t row)
{
    double *entries = row_at(t, row);
    memset(entries, 0, t->column_count * sizeof *entries);
    for (size_t i = t->first_kept[row]; i < t->first_kept[row + 1]; i++)
        entries[t->kept[i].column] = t->kept[i].value;
    t->changed[row] = false;
}

static void restore(struct tableau *t)
{
    for (uint32_t r = 0; r < t->row_count; r++) {
        t->basic[r] = t->kept_basic[r];
        t->row_of[t->basic[r]] = r;
        t->column_of[t->basic[r]] = PROTECT_NONE;
        if (t->changed[r])
            restore_row(t, r);
    }
    for (uint32_t c = 0; c < t->column_count; c++) {
        t->nonbasic[c] = t->kept_nonbasic[c];
        t->column_of[t->nonbasic[c]] = c;
        t->row_of[t->nonbasic[c]] = PROTECT_NONE;
        t->norm[c] = t->kept_norm[c];
    }
    t->any_changed = false;
}

void tableau_rest(struct tableau *t)
{
    memset(t->value, 0, t->variable_count * sizeof *t->value);
    if (t->any_changed)
        restore(t);
}

void tableau_bound(struct tableau *t, uint32_t variable, double lower, double upper)
{
    t->lower[variable] = lower;
    t->upper[variable] = upper;
}

void tableau_aim(struct tableau *t, const uint32_t *variables, size_t count, double direction)
{
    t->objective = 0;
    memset(t->worth, 0, t->column_count * sizeof *t->worth);
    for (size_t i = 0; i < count; i++) {
        uint32_t v = variables[i];
        t->objective += direction * t->value[v];
        if (t->row_of[v] == PROTECT_NONE) {
            t->worth[t->column_of[v]] += direction;
            continue;
        }
        const double *row = row_at(t, t->row_of[v]);
        for (size_t c = 0; c < t->column_count; c++)
            t->worth[c] += direction * row[c];
    }
}

/* ---- simplex ---- */

/* How far the variable can go that way. */
static double room(const struct tableau *t, uint32_t variable, bool up)
{
    return up ? t->upper[variable] - t->value[variable] : t->value[variable] - t->lower[variable];
}

static uint32_t choose_entering(const struct tableau *t)
{
    uint32_t best = PROTECT_NONE;
    double most = 0;
    for (uint32_t c = 0; c < t->column_count; c++) {
        double worth = t->worth[c];
        if (fabs(worth) < least_worth || worth * worth <= most * t->norm[c] || room(t, t->nonbasic[c], worth > 0) <= slack)
            continue;
        most = worth * worth / t->norm[c];
        best = c;
    }
    return best;
}

/* The row that stops the column first, and how far that lets it go: the entry furthest from 0 of those that stop it within the slack. */
static uint32_t choose_leaving(struct tableau *t, uint32_t column, double direction, double *step)
{
    double most = *step;
    uint32_t best = PROTECT_NONE;
    for (size_t r = 0; r < t->row_count; r++) {
        double rate = t->column[r] = direction * row_at(t, r)[column];
        if (fabs(rate) > least_pivot)
            most = fmin(most, (fmax(room(t, t->basic[r], rate > 0), 0) + slack) / fabs(rate));
    }
    for (uint32_t r = 0; r < t->row_count; r++) {
        double rate = t->column[r];
        if (fabs(rate) <= least_pivot || room(t, t->basic[r], rate > 0) > most * fabs(rate))
            continue;
        if (best == PROTECT_NONE || fabs(rate) > fabs(t->column[best]))
            best = r;
    }
    if (best != PROTECT_NONE)
        *step = fmin(*step, fmax(room(t, t->basic[best], t->column[best] > 0), 0) / fabs(t->column[best]));
    return best;
}

static void settle(struct tableau *t, uint32_t variable, bool up)
{
    t->value[variable] = up ? t->upper[variable] : t->lower[variable];
}

static void move(struct tableau *t, uint32_t column, double direction, double step)
{
    t->value[t->nonbasic[column]] += direction * step;
    for (size_t r = 0; r < t->row_count; r++)
        t->value[t->basic[r]] += step * t->column[r];
    t->objective += step * fabs(t->worth[column]);
}

/* False if no column improves the objective. */
static bool iterate(struct tableau *t, double *step)
{
    uint32_t column = choose_entering(t);
    if (column == PROTECT_NONE)
        return false;
    double direction = t->worth[column] > 0 ? 1 : -1;
    uint32_t entering = t->nonbasic[column];
    double most = *step = room(t, entering, direction > 0);
    uint32_t row = choose_leaving(t, column, direction, step);
    move(t, column, direction, *step);
    if (row == PROTECT_NONE || *step >= most) {
        settle(t, entering, direction > 0);
        return true;
    }
    settle(t, t->basic[row], t->column[row] > 0);
    exchange(t, row, column);
    weigh(t, row, column);
    return true;
}

bool tableau_improve(struct tableau *t, double enough, uint64_t limit)
{
    for (uint64_t done = 0; done < limit && t->objective + slack < enough; done++) {
        double step;
        t->iterations++;
        if (!iterate(t, &step))
            break;
    }
    return t->objective + slack >= enough;
}
