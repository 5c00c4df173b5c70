#include "core/runlog.h"

#include <dirent.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/calendar.h"
#include "core/json_build.h"
#include "core/mem.h"
#include "core/strbuf.h"

enum { RECORD_BYTES_MAX = 16 * 1024 * 1024 };

struct runlog {
    struct strbuf path;
    json_t *record, *steps, *step; /* `step` is borrowed from `steps`; NULL between steps */
    bool timed;
    int64_t began_ns;
};

static void set_text(json_t *object, const char *key, const char *text)
{
    json_set_made(object, key, json_text_made(text));
}

static int save(struct runlog *log, struct err *err)
{
    char *text = json_dumps(log->record, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    if (!text)
        mem_fail();
    int code = atomfile_write(strbuf_text(&log->path), 0600, (struct slice) { text, strlen(text) }, err);
    free(text);
    return code;
}

/* The first unused number behind the instant: two runs may share a second or an injected instant. */
static void choose_path(struct strbuf *path, const char *folder, int64_t instant)
{
    char when[32];
    calendar_format_instant(instant, when);
    for (int number = 1;; number++) {
        strbuf_clear(path);
        strbuf_addf(path, "%s/%s-%d.json", folder, when, number);
        if (access(strbuf_text(path), F_OK))
            return;
    }
}

int runlog_begin(struct runlog **log, const char *folder, const char *command, const struct clock *clock,
                 struct err *err)
{
    struct runlog *made = mem_zalloc(1, sizeof *made);
    char when[32];
    calendar_format_instant(clock_now(clock), when);
    choose_path(&made->path, folder, clock_now(clock));
    made->timed = !clock->injected;
    made->record = json_made(json_object());
    made->steps = json_made(json_array());
    set_text(made->record, "command", command);
    set_text(made->record, "as_of", when);
    set_text(made->record, "state", "running");
    json_set_made(made->record, "steps", made->steps);
    int code = save(made, err);
    if (code) {
        json_decref(made->record);
        strbuf_release(&made->path);
        free(made);
        return code;
    }
    *log = made;
    return 0;
}

int runlog_step(struct runlog *log, const char *name, struct err *err)
{
    BUG_ON(log->step);
    log->step = json_made(json_object());
    json_append_made(log->steps, log->step);
    set_text(log->step, "step", name);
    set_text(log->step, "state", "running");
    log->began_ns = clock_monotonic_ns();
    return save(log, err);
}

int runlog_step_end(struct runlog *log, const struct err *outcome, struct err *err)
{
    BUG_ON(!log->step);
    bool failed = outcome && outcome->code;
    set_text(log->step, "state", failed ? "failed" : "done");
    if (failed) {
        set_text(log->step, "message", outcome->message);
        json_set_made(log->step, "exit_status", json_integer(err_exit_status(outcome->code)));
    }
    if (log->timed)
        json_set_made(log->step, "duration_ms", json_integer((clock_monotonic_ns() - log->began_ns) / 1000000));
    log->step = NULL;
    return save(log, err);
}

static json_t *child(struct runlog *log, const char *key, json_t *(*make)(void))
{
    json_t *parent = log->step ? log->step : log->record;
    json_t *found = json_object_get(parent, key);
    if (!found) {
        found = make();
        json_set_made(parent, key, found);
    }
    return found;
}

void runlog_count(struct runlog *log, const char *name, int64_t count)
{
    json_t *counts = child(log, "counts", json_object);
    json_int_t before = json_integer_value(json_object_get(counts, name));
    json_set_made(counts, name, json_integer(before + count));
}

char *runlog_step_counts(const struct runlog *log)
{
    const json_t *counts = json_object_get(log->step, "counts");
    return counts ? json_dumps(counts, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
}

void runlog_note(struct runlog *log, const char *format, ...)
{
    struct strbuf text = { 0 };
    va_list args;
    va_start(args, format);
    strbuf_addv(&text, format, args);
    va_end(args);
    json_append_made(child(log, "notes", json_array), json_text_made(strbuf_text(&text)));
    strbuf_release(&text);
}

int runlog_end(struct runlog *log, int exit_status, struct err *err)
{
    if (!log)
        return 0;
    set_text(log->record, "state", exit_status ? "failed" : "done");
    json_set_made(log->record, "exit_status", json_integer(exit_status));
    int code = save(log, err);
    json_decref(log->record);
    strbuf_release(&log->path);
    free(log);
    return code;
}

static int is_record(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0;
}

/* Instants sort as text; of one instant the higher number is the newer. */
static int by_age(const struct dirent **a, const struct dirent **b)
{
    size_t instant = strlen("2026-01-31T03:00:00Z-");
    int order = strncmp((*a)->d_name, (*b)->d_name, instant);
    if (order || strlen((*a)->d_name) <= instant || strlen((*b)->d_name) <= instant)
        return order;
    long left = strtol((*a)->d_name + instant, NULL, 10), right = strtol((*b)->d_name + instant, NULL, 10);
    return (left > right) - (left < right);
}

char *runlog_newest(const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_record, by_age);
    struct strbuf path = { 0 }, text = { 0 };
    char *newest = NULL;
    if (count > 0) {
        strbuf_addf(&path, "%s/%s", folder, entries[count - 1]->d_name);
        if (!atomfile_read(strbuf_text(&path), RECORD_BYTES_MAX, &text, NULL))
            newest = mem_strdup(strbuf_text(&text));
    }
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    strbuf_release(&path);
    strbuf_release(&text);
    return newest;
}
