#include "stats/outsider/package.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/strbuf.h"

struct package {
    json_t *root; /* NULL: there is none */
};

int package_open(struct package **package, const char *folder, struct err *err)
{
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s/datapackage.json", folder);
    json_error_t problem;
    json_t *root = NULL;
    FILE *file = fopen(strbuf_text(&path), "re");
    if (file) {
        root = json_loadf(file, JSON_REJECT_DUPLICATES, &problem);
        fclose(file);
    }
    int code = file && !root ? err_set(err, ERR_DATA, "%s:%d: not JSON", strbuf_text(&path), problem.line) : 0;
    strbuf_release(&path);
    if (code)
        return code;
    *package = mem_zalloc(1, sizeof **package);
    (*package)->root = root;
    return 0;
}

void package_free(struct package *package)
{
    if (!package)
        return;
    json_decref(package->root);
    free(package);
}

/* The element of an array whose member `key` is `value`, or NULL. */
static const json_t *element(const json_t *array, const char *key, const char *value)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *candidate = json_array_get(array, i);
        const char *text = json_string_value(json_object_get(candidate, key));
        if (text && strcmp(text, value) == 0)
            return candidate;
    }
    return NULL;
}

static const json_t *resource(const struct package *package, const char *path)
{
    return package ? element(json_object_get(package->root, "resources"), "path", path) : NULL;
}

static const json_t *field(const struct package *package, const char *path, const char *column)
{
    return element(json_object_get(json_object_get(resource(package, path), "schema"), "fields"), "name", column);
}

const char *package_source(const struct package *package, const char *path)
{
    return json_string_value(json_object_get(resource(package, path), "fallzahl:source"));
}

const char *package_hierarchy(const struct package *package, const char *path, const char *column)
{
    return json_string_value(json_object_get(field(package, path, column), "fallzahl:hierarchy"));
}

bool package_open_values(const struct package *package, const char *path, const char *column)
{
    const char *values = json_string_value(json_object_get(field(package, path, column), "fallzahl:values"));
    return values && strcmp(values, "open") == 0;
}

static void add_values(struct impossibles *impossibles, const char *dimension, const json_t *values)
{
    for (size_t v = 0; v < json_array_size(values); v++) {
        const char *value = json_string_value(json_array_get(values, v));
        if (value)
            impossible_add(impossibles, dimension, value);
    }
}

void package_impossibles(const struct package *package, const char *source, struct impossibles *impossibles)
{
    json_t *list = package ? json_object_get(package->root, "fallzahl:structural_zeros") : NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *entry = json_array_get(list, i), *values;
        const char *dimension, *of = json_string_value(json_object_get(entry, "source"));
        if (of && strcmp(of, source) != 0)
            continue;
        impossible_begin(impossibles);
        json_object_foreach(json_object_get(entry, "values"), dimension, values)
            add_values(impossibles, dimension, values);
    }
}

bool package_range(const struct package *package, const char *path, const char *column, double *lowest, double *highest)
{
    const json_t *constraints = json_object_get(field(package, path, column), "constraints");
    const json_t *minimum = json_object_get(constraints, "minimum"), *maximum = json_object_get(constraints, "maximum");
    if (!json_is_number(minimum) || !json_is_number(maximum))
        return false;
    *lowest = json_number_value(minimum);
    *highest = json_number_value(maximum);
    return true;
}
