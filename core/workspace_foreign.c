/* Files in a workspace that are none of the program's (core/workspace.h): nothing expires them, no search looks into them. */
#include <dirent.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/strbuf.h"
#include "core/workspace.h"

/* What may lie in a folder; of the workspace itself, which may hold files of the configuration, what may not. */
static const struct {
    const char *folder, *names;
    bool forbidden;
} places[] = {
    { ".", "\\.db|^(keys|state|inbox|outbox|quarantine|backups)[^a-z0-9]", true },
    { "keys", "^(analytics|objection|cases|contact|token|quarantine)\\.[0-9]+$", false },
    { "state",
      "^((cases|surveys|intake|releases)\\.db(-wal|-shm|-journal)?|known-(cases|surveys)|begun|test|clock|run\\.lock|evidence\\.log|"
      "restored|runs|checks|backups|inputs)$",
      false },
    { "state/runs", "\\.json$", false },
    { "state/backups", "^backup-[0-9TZ:-]+$", false },
    { "state/inputs", "^[0-9]{4}-[0-9]{2}-[0-9]{2}\\.[0-9]+\\..*\\.sealed$", false },
    { "quarantine", "\\.jsonl$", false },
    { "answers/dpo", "\\.answer\\.(txt|json)$|^evidence-head-.*\\.txt$", false },
    { "answers/marketing", "\\.answer\\.(txt|json)$|^texts-.*\\.csv$", false },
};

/* What a killed run left, which the next one removes. */
static bool is_temporary(const char *name)
{
    return strncmp(name, ".tmp-", 5) == 0 || strncmp(name, ".restore-", 9) == 0;
}

static int is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && !is_temporary(entry->d_name);
}

struct foreign {
    const char *folder;
    void (*report)(void *context, const char *problem);
    void *context;
};

static void tell(const struct foreign *foreign, const char *place, const char *name)
{
    struct strbuf text = { 0 };
    const bool is_top = strcmp(place, ".") == 0;
    strbuf_addf(&text, "'%s%s%s/%s' is no file of the workspace: it has no term, and access does not look into it; remove it", foreign->folder,
                is_top ? "" : "/", is_top ? "" : place, name);
    foreign->report(foreign->context, text.text);
    strbuf_release(&text);
}

void workspace_check_foreign(const char *folder, void (*report)(void *context, const char *problem), void *context)
{
    const struct foreign foreign = { folder, report, context };
    for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
        struct dirent **entries = NULL;
        struct strbuf path = { 0 };
        regex_t names;
        BUG_ON(regcomp(&names, places[p].names, REG_EXTENDED | REG_NOSUB) != 0);
        strbuf_addf(&path, "%s/%s", folder, places[p].folder);
        int count = scandir(path.text, &entries, is_entry, alphasort); /* one that is not there is told with the modes */
        for (int i = 0; i < count; i++) {
            if ((regexec(&names, entries[i]->d_name, 0, NULL, 0) == 0) == places[p].forbidden)
                tell(&foreign, places[p].folder, entries[i]->d_name);
            free(entries[i]);
        }
        free(entries);
        regfree(&names);
        strbuf_release(&path);
    }
}
