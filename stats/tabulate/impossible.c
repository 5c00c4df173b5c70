#include "stats/tabulate/impossible.h"

#include <stdlib.h>
#include <string.h>

#include "core/csvread.h"
#include "core/mem.h"
#include "stats/tabulate/tabulate.h"

struct reading {
    struct impossible_list *list;
    const struct tabulation *tabulation;
    struct csvread *reader;
    const char *path;
    size_t column[CROSS_MAX_DIMENSIONS]; /* per column of the file: the dimension */
};

static int fault(const struct reading *r, uint64_t line, const char *problem, struct err *err)
{
    return err_set(err, ERR_DATA, "%s:%llu: %s", r->path, (unsigned long long)line, problem);
}

static int find_columns(struct reading *r, const char *const *by, struct err *err)
{
    const struct csv_record *header = csvread_header(r->reader);
    if (header->count > r->list->dimensions)
        return fault(r, 1, "more columns than the table has dimensions", err);
    for (size_t i = 0; i < header->count; i++) {
        size_t d = 0;
        while (d < r->list->dimensions && strcmp(by[d], header->fields[i].text) != 0)
            d++;
        if (d == r->list->dimensions)
            return fault(r, 1, "a column that '--by' does not name", err);
        r->column[i] = d;
    }
    return 0;
}

/* Marks the code and all leaves below it, along whichever axis. */
static bool *mark_value(const struct hierarchy *hierarchy, uint32_t code)
{
    bool *marked = mem_zalloc(hierarchy->code_count, sizeof *marked);
    for (size_t a = 0; a < hierarchy->axis_count; a++)
        for (uint32_t c = 1; c < hierarchy->code_count; c++)
            for (uint32_t at = c; hierarchy->leaf[c] && at && at != CROSS_NOT_HERE; at = hierarchy->axes[a].parent[at])
                marked[c] |= at == code;
    return marked;
}

/* A value that the data do not have holds no cases in any combination: nothing is marked, and nothing lies there. */
static int read_line(struct reading *r, const struct csv_record *record, struct err *err)
{
    struct impossible_list *list = r->list;
    bool any = false;
    if (record->count != csvread_header(r->reader)->count)
        return fault(r, record->line, "not as many fields as the header", err);
    if (list->count == list->capacity) {
        list->capacity = list->capacity * 2 + 16;
        list->marks = mem_resize(list->marks, list->capacity * list->dimensions, sizeof *list->marks);
    }
    bool **marks = list->marks + list->count++ * list->dimensions;
    memset(marks, 0, list->dimensions * sizeof *marks);
    for (size_t i = 0; i < record->count; i++) {
        const struct hierarchy *hierarchy = &r->tabulation->dimensions[r->column[i]];
        if (!record->fields[i].length)
            continue;
        uint32_t label = labels_find(&hierarchy->labels, record->fields[i].text);
        marks[r->column[i]] = mark_value(hierarchy, label == LABELS_NONE ? LABELS_NONE : hierarchy->code_of[label]);
        any = true;
    }
    return any ? 0 : fault(r, record->line, "a combination of nothing", err);
}

static int read_all(struct reading *r, const char *const *by, struct err *err)
{
    struct csv_record record;
    int got = 0, code = find_columns(r, by, err);
    while (!code && (got = csvread_next(r->reader, &record, err)) == 1)
        code = read_line(r, &record, err);
    return code ? code : got;
}

int impossible_list_read(struct impossible_list *list, const struct tabulation *tabulation, const char *const *by, const char *path,
                         struct err *err)
{
    struct reading r = { .list = list, .tabulation = tabulation, .path = path };
    list->dimensions = tabulation->dimension_count;
    int code = csvread_open(&r.reader, path, NULL, err);
    if (code)
        return code;
    code = read_all(&r, by, err);
    csvread_free(r.reader);
    return code;
}

void impossible_list_release(struct impossible_list *list)
{
    for (size_t i = 0; i < list->count * list->dimensions; i++)
        free(list->marks[i]);
    free(list->marks);
    *list = (struct impossible_list) { 0 };
}

bool impossible_list_has(const void *context, const uint32_t *leaves)
{
    const struct impossible_list *list = context;
    for (size_t i = 0; i < list->count; i++) {
        bool *const *marks = list->marks + i * list->dimensions;
        size_t d = 0;
        while (d < list->dimensions && (!marks[d] || marks[d][leaves[d]]))
            d++;
        if (d == list->dimensions)
            return true;
    }
    return false;
}
