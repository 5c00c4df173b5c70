#include "core/csvheader.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

struct column {
    struct slice name;
    size_t number;
};

static int compare_names(const struct slice *a, const struct slice *b)
{
    int order = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare_columns(const void *left, const void *right)
{
    const struct column *a = left, *b = right;
    int order = compare_names(&a->name, &b->name);
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

static int find_duplicate(const struct column *sorted, size_t count, struct err *err)
{
    for (size_t i = 1; i < count; i++)
        if (compare_names(&sorted[i - 1].name, &sorted[i].name) == 0)
            return err_set(err, ERR_DATA, "columns %zu and %zu of the header have the same name", sorted[i - 1].number,
                           sorted[i].number);
    return 0;
}

int csvheader_check(struct slice *names, size_t count, size_t *named_columns, struct err *err)
{
    size_t named = 0;
    for (size_t i = 0; i < count; i++) {
        names[i] = text_trim(names[i]);
        if (names[i].length)
            named = i + 1;
    }
    struct column *columns = mem_alloc(named * sizeof *columns);
    for (size_t i = 0; i < named; i++)
        columns[i] = (struct column){ names[i], i + 1 };
    qsort(columns, named, sizeof *columns, compare_columns);
    int code = 0;
    if (named == 0 || columns[0].name.length == 0)
        code = err_set(err, ERR_DATA, "a column of the header has no name");
    else
        code = find_duplicate(columns, named, err);
    free(columns);
    if (!code)
        *named_columns = named;
    return code;
}
