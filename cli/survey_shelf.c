#include "cli/survey_shelf.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/survey_file.h"
#include "core/mem.h"

struct survey_shelf_entry {
    char *name;
    struct survey *survey; /* NULL: none, or one with mistakes from the start */
    struct config *config;
    struct stat seen;      /* of the file when it was read; zeroed: there was none */
};

static void drop(struct survey_shelf_entry *entry)
{
    survey_free(entry->survey);
    config_free(entry->config);
    entry->survey = NULL;
    entry->config = NULL;
}

void survey_shelf_release(struct survey_shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++) {
        drop(&shelf->entries[i]);
        free(shelf->entries[i].name);
    }
    free(shelf->entries);
    *shelf = (struct survey_shelf){ 0 };
}

static struct survey_shelf_entry *entry_of(struct survey_shelf *shelf, const char *name)
{
    for (size_t i = 0; i < shelf->count; i++)
        if (strcmp(shelf->entries[i].name, name) == 0)
            return &shelf->entries[i];
    MEM_GROW(shelf->entries, shelf->count, shelf->capacity);
    shelf->entries[shelf->count] = (struct survey_shelf_entry){ .name = mem_strdup(name) };
    return &shelf->entries[shelf->count++];
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Somebody who answers sees nothing of a file with mistakes: it is being changed, and what was read before goes on. */
static void read_again(const struct survey_shelf *shelf, struct survey_shelf_entry *entry)
{
    struct survey_shelf_entry read = { 0 };
    int code = survey_file_read(&read.survey, &read.config, shelf->workspace, entry->name, NULL);
    bool usable = !code && !config_result(read.config, NULL);
    if (usable || code == ERR_NOINPUT) {
        drop(entry);
        entry->survey = usable ? read.survey : NULL;
        entry->config = usable ? read.config : NULL;
    }
    if (!usable)
        drop(&read);
}

const struct survey *survey_shelf_find(void *context, const char *name)
{
    struct survey_shelf *shelf = context;
    if (!*name || strchr(name, '/'))
        return NULL;
    struct survey_shelf_entry *entry = entry_of(shelf, name);
    struct stat now = { 0 };
    char *path = workspace_path(shelf->workspace, "surveys/%s.yaml", name);
    if (stat(path, &now))
        now = (struct stat){ 0 };
    free(path);
    if (!is_same_file(&now, &entry->seen)) {
        entry->seen = now;
        read_again(shelf, entry);
    }
    return entry->survey;
}
