#include "etl/inbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"
#include "etl/subject_file.h"

static const char marker[] = ".ok";

const struct source *inbox_source(const struct sources *sources, const char *name)
{
    for (size_t i = 0; i < sources->count; i++)
        if (fnmatch(sources->list[i].files, name, FNM_PERIOD) == 0)
            return &sources->list[i];
    return NULL;
}

static bool is_marker(const char *name)
{
    size_t length = strlen(name), tail = strlen(marker);
    return length > tail && strcmp(name + length - tail, marker) == 0;
}

/* The file came first, so a marker alone is left of one that was read before we were killed. It must go: the next file of
 * that name would pass for complete while it is still being copied. */
static void remove_stale_marker(int folder, const char *name, const struct sources *sources)
{
    char *file = mem_strndup(name, strlen(name) - strlen(marker));
    if ((inbox_source(sources, file) || subject_file_is(file)) && faccessat(folder, file, F_OK, AT_SYMLINK_NOFOLLOW) && errno == ENOENT)
        unlinkat(folder, name, 0);
    free(file);
}

static bool has_marker(int folder, const char *name)
{
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s%s", name, marker);
    bool found = faccessat(folder, path.text, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    strbuf_release(&path);
    return found;
}

static void look_at(struct inbox *inbox, int folder, const char *name, const struct sources *sources, int64_t now)
{
    struct stat status;
    const struct source *source = inbox_source(sources, name);
    if (name[0] == '.' || is_marker(name) || subject_file_is(name) || fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW))
        return;
    const bool is_regular = S_ISREG(status.st_mode);
    if (!source && !is_regular)
        return;
    bool old_enough = source && source->minimum_age_s >= 0 && now - status.st_mtime >= source->minimum_age_s;
    MEM_GROW(inbox->list, inbox->count, inbox->capacity);
    inbox->list[inbox->count++] = (struct inbox_file){ .name = mem_strdup(name), .source = source,
                                                       .age_s = now > status.st_mtime ? now - status.st_mtime : 0,
                                                       .ready = source && (!is_regular || old_enough || has_marker(folder, name)),
                                                       .is_regular = is_regular };
}

static int compare_files(const void *left, const void *right)
{
    const struct inbox_file *a = left, *b = right;
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    return strcmp(a->name, b->name);
}

int inbox_list(struct inbox *inbox, const char *folder, const struct sources *sources, int64_t now, struct err *err)
{
    DIR *list = opendir(folder);
    if (!list)
        return err_set_errno(err, ERR_IO, "cannot list '%s'", folder);
    for (struct dirent *entry; (entry = readdir(list));)
        look_at(inbox, dirfd(list), entry->d_name, sources, now);
    closedir(list);
    if (inbox->count)
        qsort(inbox->list, inbox->count, sizeof *inbox->list, compare_files);
    return 0;
}

void inbox_release(struct inbox *inbox)
{
    for (size_t i = 0; i < inbox->count; i++)
        free(inbox->list[i].name);
    free(inbox->list);
    *inbox = (struct inbox){ 0 };
}

void inbox_remove_marker(const char *path)
{
    struct strbuf name = { 0 };
    strbuf_addf(&name, "%s%s", path, marker);
    unlink(name.text);
    strbuf_release(&name);
}

static bool is_fault_of_file(int code)
{
    return code == ERR_DATA || code == ERR_NOINPUT;
}

struct round {
    const struct ingest *ingest;
    const char *folder;
    inbox_report *report;
    void *context;
    struct inbox_totals *totals;
};

static int read_file(const struct round *round, const struct inbox_file *file, struct err *err)
{
    struct ingest_result result = { 0 };
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s/%s", round->folder, file->name);
    int code = file->is_regular ? ingest_file(round->ingest, file->source, path.text, &result, err)
                                : err_set(err, ERR_DATA, "'%s' is not a regular file; nothing of it is read", path.text);
    round->report(round->context, path.text, &result, code ? err : NULL);
    if (!code)
        inbox_remove_marker(path.text);
    round->totals->files += !code;
    round->totals->already += !code && result.already;
    round->totals->rejected += is_fault_of_file(code);
    ingest_result_release(&result);
    strbuf_release(&path);
    return is_fault_of_file(code) ? 0 : code;
}

static int remove_stale_markers(const char *folder, const struct sources *sources, struct err *err)
{
    DIR *list = opendir(folder);
    if (!list)
        return err_set_errno(err, ERR_IO, "cannot list '%s'", folder);
    for (struct dirent *entry; (entry = readdir(list));)
        if (is_marker(entry->d_name))
            remove_stale_marker(dirfd(list), entry->d_name, sources);
    closedir(list);
    return 0;
}

static void note_unread(struct inbox_totals *totals, const struct inbox_file *file)
{
    totals->waiting += file->source != NULL;
    totals->unknown += !file->source;
    if (!file->source && file->age_s > totals->oldest_s)
        totals->oldest_s = file->age_s;
}

int ingest_inbox(const struct ingest *ingest, const char *folder, inbox_report *report, void *context,
                 struct inbox_totals *totals, struct err *err)
{
    const struct round round = { ingest, folder, report, context, totals };
    struct inbox inbox = { 0 };
    *totals = (struct inbox_totals){ 0 };
    int code = remove_stale_markers(folder, ingest->sources, err);
    if (!code)
        code = inbox_list(&inbox, folder, ingest->sources, ingest->now, err);
    for (size_t i = 0; i < inbox.count && !code; i++) {
        if (inbox.list[i].ready)
            code = read_file(&round, &inbox.list[i], err);
        else
            note_unread(totals, &inbox.list[i]);
    }
    inbox_release(&inbox);
    if (!code && totals->rejected)
        code = err_set(err, ERR_DATA, "%" PRIu64 " file%s rejected", totals->rejected,
                       totals->rejected == 1 ? " of the inbox was" : "s of the inbox were");
    return code;
}
