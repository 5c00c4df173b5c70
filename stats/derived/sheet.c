#include "stats/derived/sheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/strbuf.h"
#include "stats/release_build.h"

enum { P_DECIMALS = 6 };

void sheet_init(struct sheet *sheet, struct release *release)
{
    *sheet = (struct sheet){ .release = release };
    arena_init(&sheet->names, false);
    arena_init(&sheet->texts, false);
}

static bool is_taken(const struct sheet *sheet, const char *name)
{
    for (size_t i = 0; i < sheet->column_count; i++)
        if (!strcmp(sheet->columns[i].name, name))
            return true;
    return false;
}

static const char *free_name(struct sheet *sheet, const char *name)
{
    while (is_taken(sheet, name)) {
        size_t length = strlen(name);
        char *longer = arena_alloc(&sheet->names, length + 2);
        memcpy(longer, name, length);
        longer[length] = '_';
        name = longer;
    }
    return name;
}

static void add_column(struct sheet *sheet, struct released_column column)
{
    column.name = free_name(sheet, column.name);
    MEM_GROW(sheet->columns, sheet->column_count, sheet->column_capacity);
    sheet->columns[sheet->column_count++] = column;
}

void sheet_add_columns(struct sheet *sheet, const struct sheet_column *columns)
{
    static const struct {
        enum released_type type;
        enum released_role role;
    } kinds[] = {
        [SHEET_DIMENSION] = { RELEASED_TEXT, RELEASED_DIMENSION },
        [SHEET_TEXT] = { RELEASED_TEXT, RELEASED_STATUS },
        [SHEET_COUNT] = { RELEASED_INTEGER, RELEASED_COUNT },
        [SHEET_NUMBER] = { RELEASED_DECIMAL, RELEASED_FIGURE },
        [SHEET_P] = { RELEASED_DECIMAL, RELEASED_FIGURE },
    };
    for (; columns->name; columns++) {
        struct released_column column = {
            .name = columns->name,
            .type = kinds[columns->kind].type,
            .role = kinds[columns->kind].role,
            .decimals = columns->decimals,
            .title = columns->title,
        };
        if (columns->kind == SHEET_P) {
            column.decimals = P_DECIMALS;
            column.bounded = true;
            column.minimum = SHEET_LEAST_P;
            column.maximum = 1;
        }
        add_column(sheet, column);
    }
}

void sheet_add_dimensions(struct sheet *sheet, const struct panel *panel)
{
    for (size_t c = 1; c <= panel->label_count; c++)
        add_column(sheet, *released_column(panel->table, c));
}

void sheet_open(struct sheet *sheet, const char *folder, const struct released_table *from, const char *suffix,
                const char *title)
{
    struct strbuf name = { 0 };
    strbuf_addf(&name, "%s%s", from ? released_name(from) : "", suffix);
    const struct released_build build = {
        .folder = folder,
        .name = strbuf_text(&name),
        .title = title,
        .version = from ? released_version(from) : 1,
        .columns = sheet->columns,
        .column_count = sheet->column_count,
    };
    sheet->table = release_add_table(sheet->release, &build);
    sheet->row = mem_zalloc(sheet->column_count, sizeof *sheet->row);
    strbuf_release(&name);
}

static struct released_value *next_cell(struct sheet *sheet, enum released_type type)
{
    BUG_ON(sheet->filled >= sheet->column_count || sheet->columns[sheet->filled].type != type);
    sheet->row[sheet->filled] = (struct released_value){ 0 };
    return &sheet->row[sheet->filled++];
}

void sheet_text(struct sheet *sheet, const char *text)
{
    struct released_value *cell = next_cell(sheet, RELEASED_TEXT);
    cell->present = text != NULL;
    cell->text = text ? arena_strdup(&sheet->texts, text) : NULL;
}

void sheet_labels(struct sheet *sheet, const struct panel *panel, size_t line)
{
    for (size_t i = 0; i < panel->label_count; i++)
        sheet_text(sheet, panel->lines[line].labels[i]);
}

void sheet_count(struct sheet *sheet, size_t value)
{
    struct released_value *cell = next_cell(sheet, RELEASED_INTEGER);
    cell->present = true;
    cell->integer = (int64_t)value;
}

void sheet_number(struct sheet *sheet, double value)
{
    struct released_value *cell = next_cell(sheet, RELEASED_DECIMAL);
    const struct released_column *column = &sheet->columns[sheet->filled - 1];
    cell->present = isfinite(value);
    cell->decimal = !cell->present ? 0 : column->bounded ? fmax(column->minimum, value) : value;
}

void sheet_numbers(struct sheet *sheet, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sheet_number(sheet, values[i]);
}

void sheet_skip(struct sheet *sheet, size_t cells)
{
    BUG_ON(cells > sheet->column_count - sheet->filled);
    for (; cells; cells--)
        sheet->row[sheet->filled++] = (struct released_value){ 0 };
}

void sheet_end_row(struct sheet *sheet)
{
    BUG_ON(sheet->filled != sheet->column_count);
    release_add_row(sheet->release, sheet->table, sheet->row);
    arena_clear(&sheet->texts);
    sheet->filled = 0;
}

void sheet_close(struct sheet *sheet)
{
    BUG_ON(sheet->filled);
    free(sheet->columns);
    free(sheet->row);
    arena_release(&sheet->names);
    arena_release(&sheet->texts);
    *sheet = (struct sheet){ 0 };
}
