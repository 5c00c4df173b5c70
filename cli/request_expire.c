/* The end of answers: cli/request_folder.h. */
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/request_folder.h"
#include "core/atomfile.h"
#include "core/mem.h"
#include "core/strbuf.h"

enum { ANSWER_BYTES_MAX = 1 << 28 };

static const char suffix[] = ".answer.json";

static int is_over(const char *path, int32_t newest_day, bool *over, struct err *err)
{
    struct strbuf text = { 0 };
    const char *as_of = NULL;
    int code = atomfile_read(path, ANSWER_BYTES_MAX, &text, err);
    if (!code) {
        json_t *answer = json_loadb(strbuf_text(&text), text.length, 0, NULL);
        *over = !answer || json_unpack(answer, "{s:s}", "as_of", &as_of) || term_is_over(as_of, newest_day);
        json_decref(answer);
    }
    strbuf_wipe(&text);
    return code;
}

static int drop(const char *path, struct err *err)
{
    return unlink(path) && errno != ENOENT ? err_set_errno(err, ERR_IO, "cannot remove '%s'", path) : 0;
}

/* The file that holds the instant goes last, so that a killed run is made up for. */
static int drop_both(const char *json, struct err *err)
{
    char *page = mem_strdup(json);
    memcpy(page + strlen(page) - strlen("json"), "txt", sizeof "txt");
    int code = drop(page, err);
    free(page);
    return code ? code : drop(json, err);
}

static int expire(const char *path, int32_t newest_day, bool dry_run, uint64_t *removed, struct err *err)
{
    bool over = false;
    int code = is_over(path, newest_day, &over, err);
    if (!code && over && !dry_run)
        code = drop_both(path, err);
    *removed += over && !code;
    return code;
}

int request_answers_expire(const struct workspace *workspace, int32_t newest_day, bool dry_run, uint64_t *removed, struct err *err)
{
    char *folder = workspace_path(workspace, "answers/dpo");
    DIR *list = opendir(folder);
    int code = list || errno == ENOENT ? 0 : err_set_errno(err, ERR_IO, "cannot list '%s'", folder);
    for (struct dirent *entry; list && !code && (entry = readdir(list));) {
        size_t length = strlen(entry->d_name), tail = sizeof suffix - 1;
        if (length <= tail || strcmp(entry->d_name + length - tail, suffix) != 0)
            continue;
        char *path = workspace_path(workspace, "answers/dpo/%s", entry->d_name);
        code = expire(path, newest_day, dry_run, removed, err);
        free(path);
    }
    if (list && !code && !dry_run)
        code = atomfile_clean(folder, err); /* half an answer, of a killed run */
    if (list)
        closedir(list);
    free(folder);
    return code;
}
