#include "cli/ledger_guard.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/evidence.h"
#include "core/mem.h"

struct known_release {
    char *name;
    bool withdrawn;
};

struct guard {
    struct known_release *releases;
    size_t count, capacity;
    char *missing;   /* the first by name that the ledger does not know */
    char *withdrawn; /* one that it does not know to be withdrawn */
};

static int add_release(void *context, const struct ledger_listed *listed, struct err *err)
{
    struct guard *guard = context;
    (void)err;
    MEM_GROW(guard->releases, guard->count, guard->capacity);
    guard->releases[guard->count++]
        = (struct known_release){ mem_strdup(listed->release.name), strcmp(listed->state, "withdrawn") == 0 };
    return 0;
}

static const struct known_release *find(const struct guard *guard, const char *name)
{
    for (size_t i = 0; i < guard->count; i++)
        if (strcmp(guard->releases[i].name, name) == 0)
            return &guard->releases[i];
    return NULL;
}

static void look_up(struct guard *guard, const char *name)
{
    if (find(guard, name) || (guard->missing && strcmp(guard->missing, name) <= 0))
        return;
    free(guard->missing);
    guard->missing = mem_strdup(name);
}

/* A day, and perhaps a number behind it: whatever else lies there is none of ours. */
static bool is_release_name(const char *name)
{
    static const char shape[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof shape - 1; i++)
        if (shape[i] == 'd' ? name[i] < '0' || name[i] > '9' : name[i] != shape[i])
            return false;
    const char *rest = name + sizeof shape - 1;
    return !*rest || (*rest == '-' && rest[1] && !rest[1 + strspn(rest + 1, "0123456789")]);
}

static int look_at_folders(struct guard *guard, const char *path, struct err *err)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    if (!folder)
        return errno == ENOENT ? 0 : err_set_errno(err, ERR_IO, "cannot open folder '%s'", path);
    while ((entry = readdir(folder)))
        if (is_release_name(entry->d_name))
            look_up(guard, entry->d_name);
    closedir(folder);
    return 0;
}

static int look_at_act(void *context, const struct evidence_entry *entry, struct err *err)
{
    struct guard *guard = context;
    (void)err;
    if (!entry->about)
        return 0;
    if (strcmp(entry->act, "release") == 0)
        look_up(guard, entry->about);
    if (strcmp(entry->act, "release withdraw") == 0 && entry->outcome && !entry->exit_status) {
        const struct known_release *release = find(guard, entry->about);
        if (release && !release->withdrawn && !guard->withdrawn)
            guard->withdrawn = mem_strdup(entry->about);
    }
    return 0;
}

static int judge(const struct guard *guard, struct err *err)
{
    if (guard->missing)
        return err_set(err, ERR_DATA,
                       "release '%s' was published, but state/releases.db does not know it: the ledger is older than what it must protect "
                       "against, as after a restored backup, so nothing is published; restore the newest backup of state/releases.db, or "
                       "make the release known with 'fallzahl history import' and its folder",
                       guard->missing);
    if (guard->withdrawn)
        return err_set(err, ERR_DATA,
                       "release '%s' was withdrawn, but state/releases.db does not know it: the ledger is older than the evidence, as after "
                       "a restored backup, so nothing is published; withdraw it again, or restore the newest backup of state/releases.db",
                       guard->withdrawn);
    return 0;
}

int ledger_guard(const struct workspace *workspace, struct ledger *ledger, struct err *err)
{
    struct guard guard = { 0 };
    char *published = workspace_path(workspace, "published"), *evidence = workspace_path(workspace, "state/evidence.log");
    int code = ledger_each_release(ledger, add_release, &guard, err);
    if (!code)
        code = look_at_folders(&guard, published, err);
    if (!code)
        code = evidence_each(evidence, look_at_act, &guard, err);
    if (!code)
        code = judge(&guard, err);
    for (size_t i = 0; i < guard.count; i++)
        free(guard.releases[i].name);
    free(guard.releases);
    free(guard.missing);
    free(guard.withdrawn);
    free(published);
    free(evidence);
    return code;
}
