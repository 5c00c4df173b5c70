#include "core/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/calendar.h"
#include "core/json_build.h"
#include "core/mem.h"
#include "core/strbuf.h"
#include "core/text.h"

enum { HASH_HEX = 2 * EVIDENCE_HASH_BYTES, TAIL_BYTES = 2 * EVIDENCE_LINE_BYTES_MAX };

static void chain(const unsigned char before[EVIDENCE_HASH_BYTES], struct slice json,
                  unsigned char hash[EVIDENCE_HASH_BYTES])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, EVIDENCE_HASH_BYTES);
    crypto_generichash_update(&state, before, EVIDENCE_HASH_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)json.text, json.length);
    crypto_generichash_final(&state, hash, EVIDENCE_HASH_BYTES);
}

/* A line without its line feed, taken apart. */
struct line {
    unsigned char hash[EVIDENCE_HASH_BYTES];
    struct slice json;
    int64_t number;
    bool outcome;
};

static bool parse_json(struct line *line)
{
    json_t *object = json_loadb(line->json.text, line->json.length, JSON_REJECT_DUPLICATES, NULL);
    line->number = json_integer_value(json_object_get(object, "number"));
    line->outcome = json_object_get(object, "of") != NULL;
    json_decref(object);
    return line->number > 0;
}

static bool parse_line(struct slice text, struct line *line)
{
    size_t decoded = 0;
    const char *end = text.text;
    if (text.length < HASH_HEX + 2 || text.text[HASH_HEX] != ' ' ||
        strspn(text.text, "0123456789abcdef") != HASH_HEX ||
        sodium_hex2bin(line->hash, sizeof line->hash, text.text, HASH_HEX, NULL, &decoded, &end) || decoded != sizeof line->hash)
        return false;
    line->json = (struct slice){ text.text + HASH_HEX + 1, text.length - HASH_HEX - 1 };
    return parse_json(line);
}

static int check_file(int fd, const char *path, struct err *err)
{
    struct stat status;
    if (fstat(fd, &status))
        return err_set_errno(err, ERR_IO, "cannot look at '%s'", path);
    if (!S_ISREG(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 077))
        return err_set(err, ERR_PERMISSION, "'%s' must be a file of this user with mode 0600", path);
    return 0;
}

static int open_log(const char *path, int flags, int *fd, struct err *err)
{
    int opened = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (opened < 0 && errno == ELOOP)
        return err_set(err, ERR_PERMISSION, "'%s' is a symbolic link", path);
    if (opened < 0)
        return err_set_errno(err, flags & O_CREAT ? ERR_CANTCREAT : ERR_IO, "cannot open '%s'", path);
    int code = check_file(opened, path, err);
    if (code)
        close(opened);
    else
        *fd = opened;
    return code;
}

/* ---- append ---- */

struct end {
    off_t length;            /* up to here the file consists of whole lines */
    int64_t cut_bytes;       /* behind it */
    struct evidence_head head;
};

/* Finds the last whole line in the last bytes of the file. One that is none begins the chain anew, for all to see. */
static int parse_tail(struct slice tail, off_t size, struct end *end, const char *path, struct err *err)
{
    const char *feed = tail.length ? memrchr(tail.text, '\n', tail.length) : NULL;
    if (!feed && size > TAIL_BYTES)
        return err_set(err, ERR_DATA, "'%s' does not end as an evidence log", path);
    size_t whole = feed ? (size_t)(feed - tail.text) + 1 : 0;
    end->cut_bytes = (int64_t)(tail.length - whole);
    end->length = size - (off_t)end->cut_bytes;
    if (!feed)
        return 0;
    const char *before = memrchr(tail.text, '\n', whole - 1), *begin = before ? before + 1 : tail.text;
    struct line line;
    if (parse_line((struct slice){ begin, (size_t)(feed - begin) }, &line)) {
        end->head.number = line.number;
        memcpy(end->head.hash, line.hash, sizeof line.hash);
    }
    return 0;
}

static int find_end(int fd, const char *path, struct end *end, struct err *err)
{
    off_t size = lseek(fd, 0, SEEK_END);
    size_t want = size > TAIL_BYTES ? TAIL_BYTES : (size_t)size;
    char *tail = mem_alloc(want + 1);
    int code = 0;
    if (size < 0 || pread(fd, tail, want, size - (off_t)want) != (ssize_t)want)
        code = err_set_errno(err, ERR_IO, "cannot read '%s'", path);
    if (!code)
        code = parse_tail((struct slice){ tail, want }, size, end, path, err);
    free(tail);
    return code;
}

/* One write: whoever is killed leaves a line without its end at worst. */
static int write_line(int fd, const struct end *end, struct slice json, const char *path, struct err *err)
{
    unsigned char hash[EVIDENCE_HASH_BYTES];
    char hex[HASH_HEX + 1];
    struct strbuf line = { 0 };
    chain(end->head.hash, json, hash);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    strbuf_addf(&line, "%s ", hex);
    strbuf_add(&line, json.text, json.length);
    strbuf_addc(&line, '\n');
    int code = 0;
    if (line.length > EVIDENCE_LINE_BYTES_MAX)
        code = err_set(err, ERR_INTERNAL, "a line of the evidence log would be too long");
    else if (pwrite(fd, line.text, line.length, end->length) != (ssize_t)line.length || fsync(fd))
        code = err_set_errno(err, ERR_IO, "cannot write '%s'", path);
    strbuf_release(&line);
    return code;
}

/* Adds what only the place in the log decides, then writes. */
static int append_at_end(int fd, const char *path, json_t *object, int64_t *number, struct err *err)
{
    struct end end = { 0 };
    int code = find_end(fd, path, &end, err);
    if (!code && end.cut_bytes && ftruncate(fd, end.length))
        code = err_set_errno(err, ERR_IO, "cannot cut the torn end of '%s'", path);
    if (code)
        return code;
    json_set_made(object, "number", json_integer(end.head.number + 1));
    if (end.cut_bytes)
        json_set_made(object, "cut_bytes", json_integer(end.cut_bytes));
    char *json = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
    if (!json)
        mem_fail();
    code = write_line(fd, &end, (struct slice){ json, strlen(json) }, path, err);
    free(json);
    if (!code && number)
        *number = end.head.number + 1;
    return code;
}

static int sync_folder(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? mem_strndup(path, (size_t)(slash - path) + 1) : mem_strdup(".");
    int code = atomfile_sync_folder(folder, err);
    free(folder);
    return code;
}

static int append(const char *path, json_t *object, int64_t *number, struct err *err)
{
    bool is_new = access(path, F_OK) != 0;
    int fd, code = open_log(path, O_RDWR | O_CREAT, &fd, err);
    if (!code) {
        if (flock(fd, LOCK_EX))
            code = err_set_errno(err, ERR_IO, "cannot lock '%s'", path);
        if (!code)
            code = append_at_end(fd, path, object, number, err);
        close(fd);
    }
    if (!code && is_new)
        code = sync_folder(path, err);
    json_decref(object);
    return code;
}

static json_t *describe(const struct evidence_act *act)
{
    char when[32];
    json_t *object = json_made(json_object());
    calendar_format_instant(act->at, when);
    json_set_made(object, "number", json_null()); /* keeps its place in front */
    json_set_made(object, "at", json_string(when));
    json_set_made(object, "act", json_string(act->act));
    if (act->about)
        json_set_made(object, "about", json_text_made(act->about));
    json_set_made(object, "who", json_string(act->who));
    return object;
}

int evidence_intent(const struct evidence_act *act, int64_t *number, struct err *err)
{
    json_t *object = describe(act), *rules = json_made(json_object());
    json_set_made(rules, "program", json_string(act->program));
    json_set_made(rules, "identifiers", json_integer(IDENTIFIER_RULES_VERSION));
    if (act->config)
        json_set_made(rules, "config", json_string(act->config));
    json_set_made(object, "rules", rules);
    return append(act->path, object, number, err);
}

int evidence_outcome(const struct evidence_act *act, int64_t intent, int exit_status, const char *counts, struct err *err)
{
    json_t *object = describe(act), *counted = counts ? json_loads(counts, 0, NULL) : NULL;
    json_set_made(object, "of", json_integer(intent));
    json_set_made(object, "exit_status", json_integer(exit_status));
    if (counted)
        json_set_made(object, "counts", counted);
    return append(act->path, object, NULL, err);
}

/* ---- verify ---- */

static bool meets(const struct evidence_head *head, const struct line *line, int64_t ordinal)
{
    return head->number == ordinal && memcmp(head->hash, line->hash, sizeof head->hash) == 0;
}

struct checking {
    const struct evidence_head *heads;
    size_t count;
    bool *met;
    struct evidence_report *report;
};

static bool is_right(const struct line *line, const struct evidence_head *before)
{
    unsigned char hash[EVIDENCE_HASH_BYTES];
    chain(before->hash, line->json, hash);
    return line->number == before->number + 1 && memcmp(hash, line->hash, sizeof hash) == 0;
}

/* After a broken line nothing is certain: no head behind it is met. */
static void check_line(const struct checking *checking, struct slice text, int64_t ordinal)
{
    struct evidence_report *report = checking->report;
    struct line line;
    if (report->broken_line)
        return;
    if (!parse_line(text, &line) || !is_right(&line, &report->head)) {
        report->broken_line = ordinal;
        return;
    }
    report->head.number = ordinal;
    memcpy(report->head.hash, line.hash, sizeof line.hash);
    report->open += line.outcome ? -1 : 1;
    for (size_t i = 0; i < checking->count; i++)
        checking->met[i] = checking->met[i] || meets(&checking->heads[i], &line, ordinal);
}

static int visit_check(void *context, struct slice text, int64_t ordinal, struct err *err)
{
    const struct checking *checking = context;
    (void)err;
    check_line(checking, text, ordinal);
    return 0;
}

typedef int line_visitor(void *context, struct slice text, int64_t ordinal, struct err *err);

static int read_lines(FILE *log, line_visitor *visit, void *context, bool *torn, struct err *err)
{
    char *text = NULL;
    size_t capacity = 0;
    ssize_t length;
    int code = 0;
    for (int64_t ordinal = 1; !code && (length = getline(&text, &capacity, log)) > 0; ordinal++) {
        *torn = text[length - 1] != '\n';
        if (!*torn)
            code = visit(context, (struct slice){ text, (size_t)length - 1 }, ordinal, err);
    }
    free(text);
    return code;
}

/* Calls `visit` for each whole line; none if there is no log. */
static int each_line(const char *path, line_visitor *visit, void *context, bool *torn, struct err *err)
{
    int fd;
    if (access(path, F_OK))
        return 0;
    int code = open_log(path, O_RDONLY, &fd, err);
    if (code)
        return code;
    FILE *log = fdopen(fd, "r");
    if (!log)
        mem_fail();
    code = read_lines(log, visit, context, torn, err);
    if (!code && ferror(log))
        code = err_set_errno(err, ERR_IO, "cannot read '%s'", path);
    fclose(log);
    return code;
}

int evidence_verify(const char *path, const struct evidence_head *heads, size_t count, bool *met,
                    struct evidence_report *report, struct err *err)
{
    struct evidence_report found = { 0 };
    struct checking checking = { heads, count, met, &found };
    for (size_t i = 0; i < count; i++)
        met[i] = heads[i].number == 0;
    int code = each_line(path, visit_check, &checking, &found.torn, err);
    if (!code)
        *report = found;
    return code;
}

/* ---- what it says ---- */

struct telling {
    int (*visit)(void *context, const struct evidence_entry *entry, struct err *err);
    void *context;
};

static int visit_tell(void *context, struct slice text, int64_t ordinal, struct err *err)
{
    const struct telling *telling = context;
    struct line line;
    (void)ordinal;
    if (!parse_line(text, &line))
        return 0;
    json_t *object = json_loadb(line.json.text, line.json.length, 0, NULL);
    struct evidence_entry entry = { .act = json_string_value(json_object_get(object, "act")),
                                    .about = json_string_value(json_object_get(object, "about")),
                                    .outcome = line.outcome,
                                    .exit_status = (int)json_integer_value(json_object_get(object, "exit_status")) };
    int code = entry.act ? telling->visit(telling->context, &entry, err) : 0;
    json_decref(object);
    return code;
}

int evidence_each(const char *path, int (*visit)(void *context, const struct evidence_entry *entry, struct err *err),
                  void *context, struct err *err)
{
    struct telling telling = { visit, context };
    bool torn;
    return each_line(path, visit_tell, &telling, &torn, err);
}
