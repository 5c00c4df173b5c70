#include "stats/release_build.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/text.h"

union stored {
    const char *text; /* interned */
    int64_t integer;
    double decimal;
};

struct released_table {
    const char *name, *folder, *title, *source;
    int64_t version;
    struct released_column *columns;
    size_t column_count, row_count, row_capacity;
    union stored *values; /* row by row */
    bool *present;
};

struct release {
    struct arena arena;
    struct release_build facts;
    struct released_table **tables;
    size_t table_count, table_capacity;
    const char **texts; /* hash table of the interned texts; NULL: free */
    size_t text_count, text_slots;
};

static bool is_name(const char *text)
{
    if (!islower((unsigned char)*text))
        return false;
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static const char *copy(struct release *release, const char *text)
{
    return text ? arena_strdup(&release->arena, text) : NULL;
}

struct release *release_new(const struct release_build *build)
{
    BUG_ON(!*build->name || build->name[strspn(build->name, "0123456789abcdefghijklmnopqrstuvwxyz-")] != '\0');
    struct release *release = mem_zalloc(1, sizeof *release);
    arena_init(&release->arena, false);
    release->facts = (struct release_build){
        .name = copy(release, build->name),
        .as_of = build->as_of,
        .k = build->k,
        .program = copy(release, build->program),
        .config_digest = copy(release, build->config_digest),
        .protection = copy(release, build->protection),
        .structural_zeros = copy(release, build->structural_zeros),
    };
    return release;
}

void release_free(struct release *release)
{
    if (!release)
        return;
    for (size_t i = 0; i < release->table_count; i++) {
        free(release->tables[i]->values);
        free(release->tables[i]->present);
    }
    free(release->tables);
    free(release->texts);
    arena_release(&release->arena);
    free(release);
}

static size_t hash_text(const char *text)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return (size_t)(hash ^ hash >> 32);
}

static const char **find_slot(const char **texts, size_t slots, const char *text)
{
    size_t i = hash_text(text) & (slots - 1);
    while (texts[i] && strcmp(texts[i], text) != 0)
        i = (i + 1) & (slots - 1);
    return &texts[i];
}

static void grow_texts(struct release *release)
{
    size_t slots = release->text_slots ? release->text_slots * 2 : 1024;
    const char **texts = mem_zalloc(slots, sizeof *texts);
    for (size_t i = 0; i < release->text_slots; i++)
        if (release->texts[i])
            *find_slot(texts, slots, release->texts[i]) = release->texts[i];
    free(release->texts);
    release->texts = texts;
    release->text_slots = slots;
}

/* A table has few labels and many rows: each label is kept once. */
static const char *intern(struct release *release, const char *text)
{
    if (release->text_count * 2 >= release->text_slots)
        grow_texts(release);
    const char **slot = find_slot(release->texts, release->text_slots, text);
    if (!*slot) {
        BUG_ON(!text_is_utf8((struct slice){ text, strlen(text) }));
        *slot = arena_strdup(&release->arena, text);
        release->text_count++;
    }
    return *slot;
}

static bool is_folder(const char *folder)
{
    static const char *const folders[] = { "tables", "preferences", "trends", "surveys", "" };
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (strcmp(folders[i], folder) == 0)
            return true;
    return false;
}

/* Readers of tables/ take the columns before `cases` for the dimensions. */
static void check_order(const struct released_build *build)
{
    size_t i = 0;
    while (i < build->column_count && build->columns[i].role == RELEASED_DIMENSION)
        i++;
    BUG_ON(i == build->column_count || strcmp(build->columns[i].name, "cases") != 0);
    for (; i < build->column_count; i++)
        BUG_ON(build->columns[i].role == RELEASED_DIMENSION);
}

static void check_table(const struct release *release, const struct released_build *build)
{
    BUG_ON(!is_name(build->name) || !is_folder(build->folder) || build->column_count == 0 || build->version < 1);
    for (size_t i = 0; i < release->table_count; i++)
        BUG_ON(strcmp(release->tables[i]->name, build->name) == 0 &&
               strcmp(release->tables[i]->folder, build->folder) == 0);
    for (size_t i = 0; i < build->column_count; i++) {
        BUG_ON(!is_name(build->columns[i].name));
        for (size_t j = 0; j < i; j++)
            BUG_ON(strcmp(build->columns[i].name, build->columns[j].name) == 0);
    }
    if (strcmp(build->folder, "tables") == 0)
        check_order(build);
}

struct released_table *release_add_table(struct release *release, const struct released_build *build)
{
    check_table(release, build);
    struct released_table *table = arena_alloc(&release->arena, sizeof *table);
    table->name = copy(release, build->name);
    table->folder = copy(release, build->folder);
    table->title = copy(release, build->title);
    table->source = copy(release, build->source);
    table->version = build->version;
    table->column_count = build->column_count;
    table->columns = arena_alloc(&release->arena, build->column_count * sizeof *table->columns);
    for (size_t i = 0; i < build->column_count; i++) {
        table->columns[i] = build->columns[i];
        table->columns[i].name = copy(release, build->columns[i].name);
        table->columns[i].unit = copy(release, build->columns[i].unit);
        table->columns[i].title = copy(release, build->columns[i].title);
        table->columns[i].hierarchy = copy(release, build->columns[i].hierarchy);
    }
    MEM_GROW(release->tables, release->table_count, release->table_capacity);
    release->tables[release->table_count++] = table;
    return table;
}

static void make_room(struct released_table *table)
{
    if (table->row_count < table->row_capacity)
        return;
    table->row_capacity = table->row_capacity ? table->row_capacity * 2 : 64;
    size_t width;
    BUG_ON(__builtin_mul_overflow(table->row_capacity, table->column_count, &width));
    table->values = mem_resize(table->values, width, sizeof *table->values);
    table->present = mem_resize(table->present, width, sizeof *table->present);
}

static union stored store(struct release *release, enum released_type type, struct released_value value)
{
    union stored stored = { .integer = 0 };
    if (!value.present)
        return stored;
    if (type == RELEASED_TEXT)
        stored.text = intern(release, value.text);
    else if (type == RELEASED_INTEGER)
        stored.integer = value.integer;
    else
        stored.decimal = value.decimal;
    BUG_ON(type == RELEASED_DECIMAL && !isfinite(value.decimal));
    return stored;
}

void release_add_row(struct release *release, struct released_table *table, const struct released_value *values)
{
    make_room(table);
    size_t start = table->row_count * table->column_count;
    for (size_t i = 0; i < table->column_count; i++) {
        table->present[start + i] = values[i].present;
        table->values[start + i] = store(release, table->columns[i].type, values[i]);
    }
    table->row_count++;
}

const char *release_name(const struct release *release)
{
    return release->facts.name;
}

int64_t release_as_of(const struct release *release)
{
    return release->facts.as_of;
}

const char *release_protection(const struct release *release)
{
    return release->facts.protection;
}

const char *release_config_digest(const struct release *release)
{
    return release->facts.config_digest;
}

int64_t release_k(const struct release *release)
{
    return release->facts.k;
}

const char *release_structural_zeros(const struct release *release)
{
    return release->facts.structural_zeros;
}

const char *release_program(const struct release *release)
{
    return release->facts.program;
}

size_t release_table_count(const struct release *release)
{
    return release->table_count;
}

const struct released_table *release_table(const struct release *release, size_t i)
{
    BUG_ON(i >= release->table_count);
    return release->tables[i];
}

const char *released_name(const struct released_table *table)
{
    return table->name;
}

const char *released_folder(const struct released_table *table)
{
    return table->folder;
}

const char *released_title(const struct released_table *table)
{
    return table->title;
}

const char *released_source(const struct released_table *table)
{
    return table->source;
}

int64_t released_version(const struct released_table *table)
{
    return table->version;
}

size_t released_column_count(const struct released_table *table)
{
    return table->column_count;
}

const struct released_column *released_column(const struct released_table *table, size_t column)
{
    BUG_ON(column >= table->column_count);
    return &table->columns[column];
}

size_t released_row_count(const struct released_table *table)
{
    return table->row_count;
}

struct released_value released_value(const struct released_table *table, size_t row, size_t column)
{
    BUG_ON(row >= table->row_count || column >= table->column_count);
    size_t i = row * table->column_count + column;
    struct released_value value = { .present = table->present[i] };
    if (!value.present)
        return value;
    if (table->columns[column].type == RELEASED_TEXT)
        value.text = table->values[i].text;
    else if (table->columns[column].type == RELEASED_INTEGER)
        value.integer = table->values[i].integer;
    else
        value.decimal = table->values[i].decimal;
    return value;
}
