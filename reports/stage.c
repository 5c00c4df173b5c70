#include "reports/stage.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/atomfile.h"
#include "core/mem.h"
#include "core/strbuf.h"

struct stage {
    struct arena arena;
    char *folder;
    mode_t folder_mode, file_mode;
    struct stage_file *files;
    size_t file_count, file_capacity;
    char **folders; /* that were made below it */
    size_t folder_count, folder_capacity;
};

int stage_open(struct stage **out, const char *folder, bool is_private, struct err *err)
{
    mode_t folder_mode = is_private ? 0700 : 0755;
    int code = atomfile_remove_tree(folder, err);
    if (!code)
        code = atomfile_mkdir(folder, folder_mode, err);
    if (code)
        return code;
    struct stage *stage = mem_zalloc(1, sizeof *stage);
    arena_init(&stage->arena, false);
    stage->folder = arena_strdup(&stage->arena, folder);
    stage->folder_mode = folder_mode;
    stage->file_mode = is_private ? 0600 : 0644;
    *out = stage;
    return 0;
}

void stage_free(struct stage *stage)
{
    if (!stage)
        return;
    free(stage->files);
    free(stage->folders);
    arena_release(&stage->arena);
    free(stage);
}

static char *path_below(struct stage *stage, const char *path, size_t length)
{
    struct strbuf joined = { 0 };
    strbuf_addf(&joined, "%s/%.*s", stage->folder, (int)length, path);
    char *copy = arena_strdup(&stage->arena, joined.text);
    strbuf_release(&joined);
    return copy;
}

static int make_folder(struct stage *stage, const char *path, size_t length, struct err *err)
{
    char *folder = path_below(stage, path, length);
    for (size_t i = 0; i < stage->folder_count; i++)
        if (strcmp(stage->folders[i], folder) == 0)
            return 0;
    int code = atomfile_mkdir(folder, stage->folder_mode, err);
    if (code)
        return code;
    MEM_GROW(stage->folders, stage->folder_count, stage->folder_capacity);
    stage->folders[stage->folder_count++] = folder;
    return 0;
}

/* Each folder on the way, the outermost first. */
static int make_folders(struct stage *stage, const char *path, struct err *err)
{
    int code = 0;
    for (const char *slash = path; !code && (slash = strchr(slash, '/')); slash++)
        code = make_folder(stage, path, (size_t)(slash - path), err);
    return code;
}

int stage_add(struct stage *stage, const char *path, struct slice content, struct err *err)
{
    BUG_ON(path[0] == '/' || strstr(path, "..") || stage_find(stage, path));
    int code = make_folders(stage, path, err);
    if (!code)
        code = atomfile_write_staged(path_below(stage, path, strlen(path)), stage->file_mode, content, err);
    if (code)
        return code;
    unsigned char digest[crypto_hash_sha256_BYTES];
    struct stage_file file = { .path = arena_strdup(&stage->arena, path) };
    crypto_hash_sha256(digest, (const unsigned char *)content.text, content.length);
    sodium_bin2hex(file.sha256, sizeof file.sha256, digest, sizeof digest);
    MEM_GROW(stage->files, stage->file_count, stage->file_capacity);
    stage->files[stage->file_count++] = file;
    return 0;
}

int stage_sync(struct stage *stage, struct err *err)
{
    int code = 0;
    for (size_t i = 0; !code && i < stage->folder_count; i++)
        code = atomfile_sync_folder(stage->folders[i], err);
    return code ? code : atomfile_sync_folder(stage->folder, err);
}

const struct stage_file *stage_file(const struct stage *stage, size_t i)
{
    return i < stage->file_count ? &stage->files[i] : NULL;
}

const struct stage_file *stage_find(const struct stage *stage, const char *path)
{
    for (size_t i = 0; i < stage->file_count; i++)
        if (strcmp(stage->files[i].path, path) == 0)
            return &stage->files[i];
    return NULL;
}
