#include "stats/outsider/publication.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/mem.h"
#include "stats/outsider/tablefile.h"

void publication_init(struct publication *publication, const struct publication_options *options)
{
    *publication = (struct publication){ .options = options };
    publication->figures[publication->figure_count++].name = mem_strdup(options->count);
}

static void release_table(struct publication_table *table)
{
    free(table->name);
    free(table->axes);
    free(table->figures);
    free(table->nodes);
    free(table->withheld);
    free(table->low);
    free(table->high);
}

void publication_release(struct publication *publication)
{
    space_release(&publication->space);
    impossibles_release(&publication->impossibles);
    for (size_t f = 0; f < publication->figure_count; f++)
        free(publication->figures[f].name);
    for (size_t t = 0; t < publication->table_count; t++)
        release_table(&publication->tables[t]);
    for (size_t i = 0; i < publication->ignored_count; i++)
        free(publication->ignored[i]);
    names_release(&publication->sources);
    free(publication->unnamed);
    free(publication->tables);
    free(publication->ignored);
    *publication = (struct publication){ 0 };
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int is_table(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 4 && strcmp(entry->d_name + length - 4, ".csv") == 0;
}

/* Names in byte order, so that the same folder is always read in the same order. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Whether the table is to be read; notes its source. */
static bool is_wanted(struct publication *publication, const struct tablefile_source *file)
{
    const char *source = package_source(file->package, file->package_path), *wanted = publication->options->source;
    if (source)
        names_add(&publication->sources, source);
    else if (!publication->unnamed)
        publication->unnamed = mem_strdup(file->path);
    bool is = wanted && (!source || strcmp(source, wanted) == 0);
    publication->passed_over += !is;
    return is;
}

static int read_table(struct publication *publication, const struct tablefile_source *file, struct err *err)
{
    return is_wanted(publication, file) ? tablefile_read(publication, file, err) : 0;
}

/* Reads FOLDER/NAME, NAME being what the package calls it. */
static int read_file(struct publication *publication, const struct package *package, const char *folder,
                     const char *name, struct err *err)
{
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s/%s", folder, name);
    struct tablefile_source source = { strbuf_text(&path), name, package, publication->release_count };
    int code = read_table(publication, &source, err);
    strbuf_release(&path);
    return code;
}

/* Reads FOLDER/PREFIX*.csv; `prefix` is "tables/" or "". */
static int read_files(struct publication *publication, const struct package *package, const char *folder,
                      const char *prefix, struct err *err)
{
    struct strbuf name = { 0 };
    strbuf_addf(&name, "%s/%s", folder, prefix);
    struct dirent **entries;
    int count = scandir(strbuf_text(&name), &entries, is_table, by_name), code = 0;
    if (count < 0)
        code = err_set_errno(err, ERR_NOINPUT, "cannot read '%s'", strbuf_text(&name));
    for (int i = 0; i < count; i++) {
        strbuf_clear(&name);
        strbuf_addf(&name, "%s%s", prefix, entries[i]->d_name);
        if (!code)
            code = read_file(publication, package, folder, strbuf_text(&name), err);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    strbuf_release(&name);
    return code;
}

static int read_folder(struct publication *publication, const char *folder, struct err *err)
{
    struct package *package;
    int code = package_open(&package, folder, err);
    if (code)
        return code;
    if (publication->options->source)
        package_impossibles(package, publication->options->source, &publication->impossibles);
    struct strbuf tables = { 0 };
    strbuf_addf(&tables, "%s/tables", folder);
    code = read_files(publication, package, folder, is_folder(strbuf_text(&tables)) ? "tables/" : "", err);
    strbuf_release(&tables);
    package_free(package);
    return code;
}

int publication_read(struct publication *publication, const char *path, struct err *err)
{
    size_t before = publication->table_count + publication->passed_over;
    struct tablefile_source file = { .path = path, .package_path = "", .release = publication->release_count };
    int code = is_folder(path) ? read_folder(publication, path, err) : read_table(publication, &file, err);
    publication->release_count++;
    if (!code && publication->table_count + publication->passed_over == before)
        return err_set(err, ERR_NOINPUT, "'%s' has no table with a column '%s'", path, publication->options->count);
    return code;
}
