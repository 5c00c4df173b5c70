#include "stats/protect/block.h"

#include <stdlib.h>
#include <string.h>

static void index_rows(struct block_maker *maker)
{
    const struct system *system = maker->system;
    size_t entry_count = system->first_entry[system->row_count];
    maker->first_row_of = mem_zalloc(system->variable_count + 2, sizeof *maker->first_row_of);
    maker->row_of = mem_zalloc(entry_count, sizeof *maker->row_of);
    for (size_t i = 0; i < entry_count; i++)
        maker->first_row_of[system->entries[i].variable + 2]++;
    for (size_t v = 2; v < system->variable_count + 2; v++)
        maker->first_row_of[v] += maker->first_row_of[v - 1];
    for (uint32_t r = 0; r < system->row_count; r++)
        for (size_t i = system->first_entry[r]; i < system->first_entry[r + 1]; i++)
            maker->row_of[maker->first_row_of[system->entries[i].variable + 1]++] = r;
}

void block_maker_init(struct block_maker *maker, const struct system *system)
{
    *maker = (struct block_maker) { .system = system };
    index_rows(maker);
    maker->place = mem_alloc((system->variable_count + 1) * sizeof *maker->place);
    memset(maker->place, 0xff, (system->variable_count + 1) * sizeof *maker->place);
    maker->stamp = mem_zalloc(system->row_count, sizeof *maker->stamp);
    maker->wanted = mem_zalloc(system->variable_count, sizeof *maker->wanted);
    maker->rows = mem_zalloc(system->row_count, sizeof *maker->rows);
}

void block_maker_release(struct block_maker *maker)
{
    free(maker->first_row_of);
    free(maker->row_of);
    free(maker->place);
    free(maker->stamp);
    free(maker->wanted);
    free(maker->rows);
    *maker = (struct block_maker) { 0 };
}

void block_want(struct block_maker *maker, uint32_t variable)
{
    if (maker->place[variable] != PROTECT_NONE)
        return;
    maker->place[variable] = (uint32_t)maker->wanted_count;
    maker->wanted[maker->wanted_count++] = variable;
}

static void want_unknown(struct block_maker *maker, size_t unknown)
{
    uint32_t variable = maker->system->variable_of[unknown];
    if (variable != PROTECT_NONE)
        block_want(maker, variable);
}

void block_want_row(struct block_maker *maker, struct protect_view view)
{
    const struct protect_problem *problem = maker->system->problem;
    for (size_t i = 0; i < view.count; i++) {
        want_unknown(maker, view.members[i]);
        for (size_t u = problem->layer_size ? view.members[i] % problem->layer_size : problem->unknown_count; u < problem->unknown_count;
             u += problem->layer_size)
            want_unknown(maker, u);
    }
}

void block_want_all(struct block_maker *maker)
{
    for (uint32_t v = 0; v < maker->system->variable_count; v++)
        block_want(maker, v);
}

static void list_rows(struct block_maker *maker)
{
    maker->now++;
    maker->row_count = 0;
    for (size_t i = 0; i < maker->wanted_count; i++) {
        uint32_t v = maker->wanted[i];
        for (size_t j = maker->first_row_of[v]; j < maker->first_row_of[v + 1]; j++) {
            uint32_t row = maker->row_of[j];
            if (maker->stamp[row] == maker->now)
                continue;
            maker->stamp[row] = maker->now;
            maker->rows[maker->row_count++] = row;
        }
    }
}

/* Takes the variables of the row out of the block if it holds them in place. */
static bool settle(struct block_maker *maker, uint32_t row)
{
    const struct system *system = maker->system;
    size_t open = 0, movable = 0;
    bool sum = true;
    for (size_t i = system->first_entry[row]; i < system->first_entry[row + 1]; i++) {
        uint32_t v = system->entries[i].variable;
        if (maker->place[v] == PROTECT_NONE)
            continue;
        open++;
        movable += system->truth[v] > system->lowest[v];
        sum = sum && system->entries[i].coefficient > 0;
    }
    if (!open || (open > 1 && !(sum && !movable)))
        return false;
    for (size_t i = system->first_entry[row]; i < system->first_entry[row + 1]; i++)
        maker->place[system->entries[i].variable] = PROTECT_NONE;
    return true;
}

static void settle_all(struct block_maker *maker)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t r = 0; r < maker->row_count; r++)
            changed = settle(maker, maker->rows[r]) || changed;
    }
}

static void number_variables(struct block_maker *maker, struct block *block)
{
    block->variables = mem_zalloc(maker->wanted_count, sizeof *block->variables);
    for (size_t i = 0; i < maker->wanted_count; i++) {
        uint32_t v = maker->wanted[i];
        if (maker->place[v] == PROTECT_NONE)
            continue;
        maker->place[v] = (uint32_t)block->variable_count;
        block->variables[block->variable_count++] = v;
    }
}

static void copy_rows(struct block_maker *maker, struct block *block)
{
    const struct system *system = maker->system;
    size_t capacity = 0, count = 0;
    block->first_entry = mem_zalloc(maker->row_count + 1, sizeof *block->first_entry);
    for (size_t r = 0; r < maker->row_count; r++) {
        size_t first = count, row = maker->rows[r];
        for (size_t i = system->first_entry[row]; i < system->first_entry[row + 1]; i++) {
            uint32_t place = maker->place[system->entries[i].variable];
            if (place == PROTECT_NONE)
                continue;
            MEM_GROW(block->entries, count, capacity);
            block->entries[count++] = (struct system_entry) { place, system->entries[i].coefficient };
        }
        if (count > first)
            block->first_entry[++block->row_count] = count;
    }
}

void block_make(struct block_maker *maker, struct block *block)
{
    *block = (struct block) { 0 };
    list_rows(maker);
    settle_all(maker);
    number_variables(maker, block);
    copy_rows(maker, block);
    for (size_t i = 0; i < maker->wanted_count; i++)
        maker->place[maker->wanted[i]] = PROTECT_NONE;
    maker->wanted_count = 0;
}

void block_release(struct block *block)
{
    free(block->variables);
    free(block->first_entry);
    free(block->entries);
    *block = (struct block) { 0 };
}
