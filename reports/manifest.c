#include "core/calendar.h"
#include "reports/json.h"
#include "reports/writers.h"

static json_t *tables_of(const struct release *release)
{
    json_t *tables = json_array();
    for (size_t i = 0; i < release_table_count(release); i++) {
        const struct released_table *table = release_table(release, i);
        json_t *entry = json_object();
        struct strbuf path = { 0 };
        report_table_path(table, &path);
        json_put(entry, "path", path.text);
        json_object_set_new(entry, "version", json_integer(released_version(table)));
        json_array_append_new(tables, entry);
        strbuf_release(&path);
    }
    return tables;
}

static json_t *files_of(const struct stage *stage)
{
    json_t *files = json_array();
    const struct stage_file *file;
    for (size_t i = 0; (file = stage_file(stage, i)); i++) {
        json_t *entry = json_object();
        json_put(entry, "path", file->path);
        json_put(entry, "sha256", file->sha256);
        json_array_append_new(files, entry);
    }
    return files;
}

int report_manifest(const struct release *release, const struct report_options *options, struct stage *stage,
                    struct err *err)
{
    (void)options;
    char instant[32];
    json_t *manifest = json_object();
    calendar_format_instant(release_as_of(release), instant);
    json_put(manifest, "release", release_name(release));
    json_put(manifest, "as_of", instant);
    json_put(manifest, "program", release_program(release));
    json_put(manifest, "configuration", release_config_digest(release));
    json_put(manifest, "protection", release_protection(release));
    json_object_set_new(manifest, "k", json_integer(release_k(release)));
    json_object_set_new(manifest, "tables", tables_of(release));
    json_object_set_new(manifest, "files", files_of(stage));
    return json_stage(manifest, stage, "manifest.json", err);
}
