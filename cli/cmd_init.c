/* `fallzahl init`: makes a workspace, or completes one. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/demo.h"
#include "core/atomfile.h"
#include "core/embed.h"
#include "core/strbuf.h"
#include "core/workspace.h"

static bool has_configuration(const char *folder)
{
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s/fallzahl.yaml", folder);
    bool there = access(strbuf_text(&path), F_OK) == 0;
    strbuf_release(&path);
    return there;
}

/* A folder that is not there, or holds nothing. */
static bool is_vacant(const char *folder)
{
    DIR *opened = opendir(folder);
    if (!opened)
        return errno == ENOENT;
    size_t entries = 0;
    while (entries < 3 && readdir(opened))
        entries++;
    closedir(opened);
    return entries == 2; /* . and .. */
}

static int put_file(const char *folder, const char *name, const struct embed_file *file, struct err *err)
{
    struct strbuf path = { 0 };
    const char *slash = strrchr(name, '/');
    strbuf_addf(&path, "%s/%.*s", folder, slash ? (int)(slash - name) : 0, name);
    int code = atomfile_mkdir(strbuf_text(&path), 0755, err);
    strbuf_clear(&path);
    strbuf_addf(&path, "%s/%s", folder, name);
    if (!code)
        code = atomfile_write(strbuf_text(&path), 0644, (struct slice){ file->text, file->length }, err);
    strbuf_release(&path);
    return code;
}

static int put_demo(const char *folder, struct err *err)
{
    static const char prefix[] = "examples/demo/";
    int code = 0;
    const struct embed_file *file;
    for (size_t i = 0; !code && (file = embed_under(prefix, i)); i++)
        code = put_file(folder, file->path + strlen(prefix), file, err);
    struct strbuf arriving = { 0 };
    strbuf_addf(&arriving, "%s/arriving", folder);
    if (!code)
        code = atomfile_mkdir(strbuf_text(&arriving), 0750, err);
    if (!code)
        code = demo_write(strbuf_text(&arriving), err);
    strbuf_release(&arriving);
    return code;
}

static int put_configuration(const struct invocation *invocation, const char *folder, struct err *err)
{
    if (!is_vacant(folder))
        return err_set(err, ERR_USAGE, "'%s' is not empty and has no fallzahl.yaml; name a new folder", folder);
    int code = atomfile_mkdir(folder, 0755, err);
    if (code)
        return code;
    if (invocation_has(invocation, "demo"))
        return put_demo(folder, err);
    return put_file(folder, "fallzahl.yaml", embed_find("cli/embed/starter.yaml"), err);
}

static void say_done(const struct invocation *invocation, const char *folder, bool completed)
{
    if (invocation->quiet)
        return;
    if (invocation->json)
        printf("{\"completed\": %s, \"test\": %s}\n", completed ? "true" : "false",
               invocation_has(invocation, "test") ? "true" : "false");
    else if (completed)
        printf("%s: nothing is missing any more; 'fallzahl -C %s check' looks at the rest\n", folder, folder);
    else if (invocation_has(invocation, "demo"))
        printf("%s: a workspace with 26 months of made-up cases; 'sh %s/run.sh' runs them one by one\n", folder,
               folder);
    else
        printf("%s: a new workspace\n\nNext:\n"
               "  1. name your export's columns in %s/fallzahl.yaml, then   fallzahl -C %s check\n"
               "  2. copy the export to %s/inbox/cases.csv, then            touch %s/inbox/cases.csv.ok\n"
               "  3. fallzahl -C %s run\n",
               folder, folder, folder, folder, folder, folder);
}

/* That databases are gone is told, once all else is there: `restore` needs the folders. */
static int finish(const char *folder, struct err *err)
{
    struct workspace *workspace = NULL;
    int code = workspace_open(&workspace, folder, err);
    if (!code)
        code = workspace_give_groups(workspace, err);
    if (!code)
        code = workspace_require_databases(workspace, err);
    workspace_close(workspace);
    return code;
}

static int run(const struct invocation *invocation, struct err *err)
{
    const char *folder = invocation->argument_count ? invocation->arguments[0] : invocation->folder;
    bool completes = has_configuration(folder), demo = invocation_has(invocation, "demo");
    if (completes && demo)
        return err_set(err, ERR_USAGE, "'%s' has a fallzahl.yaml already; --demo makes a new workspace", folder);
    int code = completes ? 0 : put_configuration(invocation, folder, err);
    if (!code)
        code = workspace_create(folder, invocation_has(invocation, "test"), err);
    if (!code)
        code = finish(folder, err);
    if (!code)
        say_done(invocation, folder, completes);
    return code;
}

const struct command command_init = {
    .name = "init",
    .usage = "[DIR]",
    .summary = "make a workspace, or complete one that has a fallzahl.yaml",
    .help = "Makes the folder with a commented fallzahl.yaml, all subfolders with their modes, and the keys. Where a\n"
            "fallzahl.yaml lies already, only what is missing is added. Nothing is ever overwritten, and a key that was\n"
            "lost is not replaced. Where heads of the evidence log, releases or keys show that state/ was lost, its folders are made\n"
            "for 'fallzahl restore', and the exit status is 65.\n\n"
            "Examples:\n  fallzahl init shop\n  fallzahl init demo --demo --test\n  fallzahl -C shop init\n",
    .maximum_arguments = 1,
    .run = run,
    .options = {
        { "demo", NULL, "the example of a made-up retail group, with 26 months of generated cases" },
        { "test", NULL, "a workspace for tests: --as-of may send, serve and delete in it" },
    },
};
