#include "reports/publish.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/atomfile.h"
#include "core/mem.h"
#include "core/strbuf.h"

enum { FOLDER_MODE = 0755, MAX_MANIFEST_BYTES = 16 * 1024 * 1024 };

static const char staging_prefix[] = ".staging-";

static char *join(const char *folder, const char *prefix, const char *name)
{
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s/%s%s", folder, prefix, name);
    return path.text;
}

/* What killed runs left: staging folders and a half-made `latest`. */
static int remove_leftovers(const char *published, struct err *err)
{
    DIR *folder = opendir(published);
    if (!folder)
        return err_set_errno(err, ERR_IO, "cannot open folder '%s'", published);
    int code = 0;
    for (struct dirent *entry; !code && (entry = readdir(folder));) {
        if (strncmp(entry->d_name, staging_prefix, sizeof staging_prefix - 1) != 0)
            continue;
        char *path = join(published, "", entry->d_name);
        code = atomfile_remove_tree(path, err);
        free(path);
    }
    closedir(folder);
    return code ? code : atomfile_clean(published, err);
}

static int write_reports(const struct release *release, const struct report_options *options, const char *folder,
                         bool is_private, struct err *err)
{
    struct stage *stage = NULL;
    int code = stage_open(&stage, folder, is_private, err);
    for (const struct report_writer *writer = report_writers; !code && writer->name; writer++) {
        code = writer->write(release, options, stage, err);
        if (code)
            err_prefix(err, "%s", writer->name);
    }
    if (!code)
        code = stage_sync(stage, err);
    stage_free(stage);
    return code;
}

static int read_manifest(const char *folder, struct strbuf *manifest, struct err *err)
{
    char *path = join(folder, "", "manifest.json");
    int code = atomfile_read(path, MAX_MANIFEST_BYTES, manifest, err);
    free(path);
    return code;
}

/* The manifest holds the digest of each other file. */
static int compare_manifests(const char *staging, const char *final, struct err *err)
{
    struct strbuf staged = { 0 }, there = { 0 };
    int code = read_manifest(staging, &staged, err);
    if (!code && (read_manifest(final, &there, NULL) || strcmp(strbuf_text(&staged), strbuf_text(&there)) != 0))
        code = err_set(err, ERR_CANTCREAT, "'%s' is there already and is another release", final);
    strbuf_release(&staged);
    strbuf_release(&there);
    return code;
}

static int move_into_place(const char *staging, const char *final, struct err *err)
{
    struct stat there;
    if (lstat(final, &there) < 0)
        return atomfile_rename(staging, final, err);
    int code = compare_manifests(staging, final, err);
    return code ? code : atomfile_remove_tree(staging, err);
}

int publish_release(const struct release *release, const struct report_options *options, const char *published_folder,
                    char **out_path, struct err *err)
{
    char *staging = join(published_folder, staging_prefix, release_name(release));
    char *final = join(published_folder, "", release_name(release));
    char *latest = join(published_folder, "", "latest");
    int code = atomfile_mkdir(published_folder, FOLDER_MODE, err);
    if (!code)
        code = remove_leftovers(published_folder, err);
    if (!code)
        code = write_reports(release, options, staging, false, err);
    if (!code)
        code = move_into_place(staging, final, err);
    if (!code)
        code = atomfile_symlink(release_name(release), latest, err);
    if (!code) {
        *out_path = final;
        final = NULL;
    } else {
        atomfile_remove_tree(staging, NULL);
    }
    free(staging);
    free(final);
    free(latest);
    return code;
}

int publish_trial(const struct release *release, const struct report_options *options, const char *folder,
                  struct err *err)
{
    return write_reports(release, options, folder, true, err);
}
