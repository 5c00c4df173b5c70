#include "cli/grid.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "core/mem.h"

struct grid {
    struct arena arena;
    const char **cells;
    size_t cell_count, cell_capacity;
    size_t *ends; /* per row: the number of cells up to its end */
    size_t row_count, row_capacity;
};

struct column {
    int width;
    bool numeric;
};

struct grid *grid_new(void)
{
    return mem_zalloc(1, sizeof(struct grid));
}

void grid_free(struct grid *grid)
{
    arena_release(&grid->arena);
    free(grid->cells);
    free(grid->ends);
    free(grid);
}

/* A terminal obeys control characters: none may reach it out of a label. */
static char *printable(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *at = copy; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
    return copy;
}

void grid_add(struct grid *grid, const char *cell)
{
    MEM_GROW(grid->cells, grid->cell_count, grid->cell_capacity);
    grid->cells[grid->cell_count++] = printable(&grid->arena, cell ? cell : "");
}

void grid_end(struct grid *grid)
{
    MEM_GROW(grid->ends, grid->row_count, grid->row_capacity);
    grid->ends[grid->row_count++] = grid->cell_count;
}

/* Columns that the text takes on a terminal (UAX #11: wide and full-width take two, marks none). */
static int display_width(const char *cell)
{
    const uint8_t *text = (const uint8_t *)cell;
    int width = 0;
    int32_t at = 0, length = (int32_t)strlen(cell);
    while (at < length) {
        UChar32 c;
        U8_NEXT(text, at, length, c);
        int category = u_charType(c < 0 ? 0xfffd : c);
        int wide = u_getIntPropertyValue(c < 0 ? 0xfffd : c, UCHAR_EAST_ASIAN_WIDTH);
        if (category != U_NON_SPACING_MARK && category != U_ENCLOSING_MARK)
            width += wide == U_EA_WIDE || wide == U_EA_FULLWIDTH ? 2 : 1;
    }
    return width;
}

static bool is_number(const char *text)
{
    return text[strspn(text, "0123456789.-+e")] == '\0';
}

static size_t row_begin(const struct grid *grid, size_t row)
{
    return row ? grid->ends[row - 1] : 0;
}

static size_t count_columns(const struct grid *grid)
{
    size_t most = 0;
    for (size_t row = 0; row < grid->row_count; row++) {
        size_t count = grid->ends[row] - row_begin(grid, row);
        most = count > most ? count : most;
    }
    return most;
}

static void measure(const struct grid *grid, struct column *columns)
{
    for (size_t row = 0; row < grid->row_count; row++) {
        size_t begin = row_begin(grid, row);
        for (size_t at = begin; at < grid->ends[row]; at++) {
            int width = display_width(grid->cells[at]);
            struct column *column = &columns[at - begin];
            column->width = width > column->width ? width : column->width;
            if (row > 0 && !is_number(grid->cells[at]))
                column->numeric = false;
        }
    }
}

static void print_cell(const char *text, const struct column *column, bool last, FILE *out)
{
    int padding = column->width - display_width(text);
    if (column->numeric)
        fprintf(out, "%*s%s", padding, "", text);
    else
        fprintf(out, "%s%*s", text, last ? 0 : padding, "");
    fputs(last ? "\n" : "  ", out);
}

void grid_print(const struct grid *grid, FILE *out)
{
    size_t count = count_columns(grid);
    struct column *columns = mem_zalloc(count, sizeof *columns);
    for (size_t i = 0; i < count; i++)
        columns[i].numeric = grid->row_count > 1;
    measure(grid, columns);
    for (size_t row = 0; row < grid->row_count; row++) {
        size_t begin = row_begin(grid, row), end = grid->ends[row];
        for (size_t at = begin; at < end; at++)
            print_cell(grid->cells[at], &columns[at - begin], at + 1 == end, out);
    }
    free(columns);
}
