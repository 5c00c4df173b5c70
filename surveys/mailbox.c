#include "surveys/mailbox.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/strbuf.h"

enum { MESSAGE_MAX = 8 << 20, MBOX_MAX = 1 << 28 };

struct reading {
    int (*visit)(void *context, struct slice message, struct err *err);
    void *context;
};

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Of a message that is larger than any report: what was sent back with it stands at its end. */
static int read_start(const char *path, struct strbuf *out, struct err *err)
{
    char part[1 << 16];
    FILE *file = fopen(path, "re");
    if (!file)
        return err_set_errno(err, ERR_NOINPUT, "cannot open '%s'", path);
    for (size_t got; out->length < MESSAGE_MAX && (got = fread(part, 1, sizeof part, file)) > 0;)
        strbuf_add(out, part, got);
    int code = ferror(file) ? err_set_errno(err, ERR_IO, "cannot read '%s'", path) : 0;
    fclose(file);
    explicit_bzero(part, sizeof part);
    return code;
}

static int read_message(const struct reading *reading, const char *path, struct err *err)
{
    struct strbuf message = { 0 };
    struct stat status;
    if (lstat(path, &status) || !S_ISREG(status.st_mode))
        return 0;
    int code = read_start(path, &message, err);
    if (!code)
        code = reading->visit(reading->context, (struct slice) { strbuf_text(&message), message.length }, err);
    strbuf_wipe(&message);
    if (!code && unlink(path) && errno != ENOENT)
        code = err_set_errno(err, ERR_IO, "cannot remove '%s'", path);
    return code;
}

static int read_folder(const struct reading *reading, const char *path, const char *name, struct err *err)
{
    struct strbuf folder = { 0 }, file = { 0 };
    struct dirent **entries = NULL;
    strbuf_addf(&folder, "%s/%s", path, name);
    int count = scandir(strbuf_text(&folder), &entries, is_visible, alphasort), code = 0;
    if (count < 0)
        code = err_set_errno(err, ERR_NOINPUT, "cannot look into '%s'", strbuf_text(&folder));
    for (int i = 0; i < count; i++) {
        strbuf_clear(&file);
        strbuf_addf(&file, "%s/%s", strbuf_text(&folder), entries[i]->d_name);
        if (!code)
            code = read_message(reading, strbuf_text(&file), err);
        free(entries[i]);
    }
    free(entries);
    strbuf_release(&file);
    strbuf_release(&folder);
    return code;
}

/* The start of the next "From " line, or the end. */
static const char *next_mark(const char *text, const char *end)
{
    while (text < end) {
        if (end - text >= 5 && strncmp(text, "From ", 5) == 0)
            return text;
        const char *line = memchr(text, '\n', (size_t)(end - text));
        text = line ? line + 1 : end;
    }
    return end;
}

/* A ">From " line lost nothing but its quoting. */
static void unquote(const char *text, const char *end, struct strbuf *out)
{
    strbuf_clear(out);
    while (text < end) {
        const char *line = memchr(text, '\n', (size_t)(end - text)), *next = line ? line + 1 : end;
        size_t quotes = 0;
        while (text + quotes < next && text[quotes] == '>')
            quotes++;
        if (quotes && next - text - (ptrdiff_t)quotes >= 5 && strncmp(text + quotes, "From ", 5) == 0)
            text++;
        strbuf_add(out, text, (size_t)(next - text));
        text = next;
    }
}

static int read_mbox(const struct reading *reading, const char *path, struct err *err)
{
    struct strbuf all = { 0 }, message = { 0 };
    int code = atomfile_read(path, MBOX_MAX, &all, err);
    const char *end = strbuf_text(&all) + all.length, *at = next_mark(strbuf_text(&all), end);
    while (!code && at < end) {
        const char *body = memchr(at, '\n', (size_t)(end - at)), *next;
        if (!body)
            break;
        next = next_mark(body + 1, end);
        unquote(body + 1, next, &message);
        code = reading->visit(reading->context, (struct slice) { strbuf_text(&message), message.length }, err);
        at = next;
    }
    strbuf_wipe(&message);
    strbuf_wipe(&all);
    return code;
}

int mailbox_each(const char *path, int (*visit)(void *context, struct slice message, struct err *err), void *context, struct err *err)
{
    const struct reading reading = { visit, context };
    struct stat status;
    if (stat(path, &status))
        return err_set_errno(err, ERR_NOINPUT, "nothing is sent while mail that came back cannot be read: make the mailbox (a Maildir has new, cur and tmp) "
                             "or take 'surveys.bounces' out of fallzahl.yaml; cannot open '%s'", path);
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) /* a named pipe would be waited for without end */
        return err_set(err, ERR_NOINPUT, "nothing is sent while mail that came back cannot be read: '%s' of 'surveys.bounces' is neither a mailbox "
                       "file nor a Maildir; name one, or take 'surveys.bounces' out of fallzahl.yaml", path);
    if (!S_ISDIR(status.st_mode))
        return read_mbox(&reading, path, err);
    int code = read_folder(&reading, path, "cur", err);
    return code ? code : read_folder(&reading, path, "new", err);
}
