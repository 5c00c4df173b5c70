#include "stats/outsider/impossible.h"

#include <stdlib.h>
#include <string.h>

#include "core/csvread.h"
#include "core/mem.h"

void impossibles_release(struct impossibles *impossibles)
{
    for (size_t i = 0; i < impossibles->count; i++) {
        for (size_t v = 0; v < impossibles->list[i].count; v++) {
            free(impossibles->list[i].values[v].dimension);
            free(impossibles->list[i].values[v].value);
        }
        free(impossibles->list[i].values);
    }
    free(impossibles->list);
    *impossibles = (struct impossibles) { 0 };
}

void impossible_begin(struct impossibles *impossibles)
{
    MEM_GROW(impossibles->list, impossibles->count, impossibles->capacity);
    impossibles->list[impossibles->count++] = (struct impossible_combination) { 0 };
}

void impossible_add(struct impossibles *impossibles, const char *dimension, const char *value)
{
    struct impossible_combination *last = &impossibles->list[impossibles->count - 1];
    MEM_GROW(last->values, last->count, last->capacity);
    last->values[last->count++] = (struct impossible_value) { mem_strdup(dimension), mem_strdup(value) };
}

static int read_line(struct impossibles *impossibles, const struct csvread *reader, const struct csv_record *record, const char *path,
                     struct err *err)
{
    const struct csv_record *header = csvread_header(reader);
    if (record->count != header->count)
        return err_set(err, ERR_DATA, "%s:%llu: not as many fields as the header", path, (unsigned long long)record->line);
    impossible_begin(impossibles);
    for (size_t i = 0; i < record->count; i++)
        if (record->fields[i].length)
            impossible_add(impossibles, header->fields[i].text, record->fields[i].text);
    if (!impossibles->list[impossibles->count - 1].count)
        return err_set(err, ERR_DATA, "%s:%llu: a combination of nothing", path, (unsigned long long)record->line);
    return 0;
}

int impossible_read(struct impossibles *impossibles, const char *path, struct err *err)
{
    struct csvread *reader;
    struct csv_record record;
    int got = 0, code = csvread_open(&reader, path, NULL, err);
    if (code)
        return code;
    while (!code && (got = csvread_next(reader, &record, err)) == 1)
        code = read_line(impossibles, reader, &record, path, err);
    csvread_free(reader);
    return code ? code : got;
}

/* A node and all below it; groupings may share parts, but nothing goes round. */
static void mark_below(const struct space_dimension *dimension, uint32_t node, bool *marks)
{
    if (marks[node])
        return;
    marks[node] = true;
    for (size_t p = 0; p < dimension->nodes[node].part_count; p++)
        mark_below(dimension, dimension->nodes[node].parts[p], marks);
}

/* A path ends in its value. */
static const char *value_of(const struct space_dimension *dimension, uint32_t node)
{
    const char *key = dimension->keys.text[node], *end = dimension->kind == SPACE_PATH ? strrchr(key, SPACE_PATH_SEPARATOR) : NULL;
    return end ? end + 1 : key;
}

bool impossible_mark(const struct impossible_combination *combination, const struct space *space, bool *marks[SPACE_MAX_DIMENSIONS])
{
    memset(marks, 0, SPACE_MAX_DIMENSIONS * sizeof *marks);
    bool known = true;
    for (size_t v = 0; v < combination->count; v++) {
        int64_t d = space_find(space, combination->values[v].dimension);
        if (d == NAMES_NONE) {
            known = false;
            continue;
        }
        const struct space_dimension *dimension = &space->dimensions[d];
        if (!marks[d])
            marks[d] = mem_zalloc(dimension->node_count, sizeof **marks);
        for (uint32_t node = 1; node < dimension->keys.count; node++)
            if (strcmp(value_of(dimension, node), combination->values[v].value) == 0)
                mark_below(dimension, node, marks[d]);
    }
    return known;
}
