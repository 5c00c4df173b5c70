#include "cli/restored.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/strbuf.h"

enum { INSTANT_BYTES_MAX = 32 };

/* 1 with the instant in `at`, 0: nothing is noted. What cannot be read is an error: it is never taken for nothing. */
static int read_note(const struct workspace *workspace, char at[INSTANT_BYTES_MAX], struct err *err)
{
    struct strbuf text = { 0 };
    char *path = workspace_path(workspace, "state/restored");
    int code = atomfile_read(path, INSTANT_BYTES_MAX - 1, &text, err);
    snprintf(at, INSTANT_BYTES_MAX, "%.*s", (int)strcspn(strbuf_text(&text), "\n"), strbuf_text(&text));
    strbuf_release(&text);
    free(path);
    return code == ERR_NOINPUT ? 0 : code ? code : 1;
}

int restored_note(const struct workspace *workspace, const char *at, struct err *err)
{
    char noted[INSTANT_BYTES_MAX], line[INSTANT_BYTES_MAX];
    int found = read_note(workspace, noted, err);
    if (found < 0 || (found && strcmp(noted, at) <= 0)) /* instants in UTC, ISO 8601: their order is that of the text */
        return found < 0 ? found : 0;
    int length = snprintf(line, sizeof line, "%s\n", at);
    char *path = workspace_path(workspace, "state/restored");
    int code = atomfile_write(path, 0600, (struct slice){ line, (size_t)length }, err);
    free(path);
    return code;
}

int restored_check(const struct workspace *workspace, struct err *err)
{
    char at[INSTANT_BYTES_MAX];
    int found = read_note(workspace, at, err);
    if (found > 0)
        return err_set(err, ERR_DATA, "databases were restored as of %s: apply every objection, erasure, opt-out, hold and consent since then again, "
                       "then say so with 'fallzahl restore --replayed'; until then nothing is read, published or sent, and the page stays shut", at);
    return found;
}

int restored_clear(const struct workspace *workspace, struct err *err)
{
    char at[INSTANT_BYTES_MAX];
    int found = read_note(workspace, at, err);
    if (found <= 0)
        return found < 0 ? found : err_set(err, ERR_USAGE, "nothing was restored");
    char *path = workspace_path(workspace, "state/restored"), *folder = workspace_path(workspace, "state");
    int code = unlink(path) ? err_set_errno(err, ERR_IO, "cannot remove '%s'", path) : atomfile_sync_folder(folder, err);
    free(path);
    free(folder);
    return code;
}
