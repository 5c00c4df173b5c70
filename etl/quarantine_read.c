#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/calendar.h"
#include "core/mem.h"
#include "etl/quarantine.h"
#include "etl/quarantine_format.h"

enum { DAY_SECONDS = 86400 };

void quarantine_context(char context[QUARANTINE_CONTEXT_BYTES], const char *input, uint64_t line)
{
    snprintf(context, QUARANTINE_CONTEXT_BYTES, "quarantine:%llu:%.255s", (unsigned long long)line, input);
}

void quarantine_pack(const struct slice *cells, size_t count, struct strbuf *out)
{
    strbuf_clear(out);
    strbuf_add(out, "", 0);
    for (size_t i = 0; i < count; i++) {
        size_t length = cells[i].length;
        const char bytes[4] = { (char)(length & 0xFF), (char)(length >> 8 & 0xFF), (char)(length >> 16 & 0xFF),
                                (char)(length >> 24 & 0xFF) };
        strbuf_add(out, bytes, sizeof bytes);
        strbuf_add(out, cells[i].text, length);
        strbuf_addc(out, '\0');
    }
}

static size_t read_length(const char *bytes)
{
    size_t length = 0;
    for (int i = 3; i >= 0; i--)
        length = length << 8 | (unsigned char)bytes[i];
    return length;
}

struct slice *quarantine_unpack(struct slice packed, size_t *count)
{
    struct slice *cells = NULL;
    size_t capacity = 0, used = 0;
    const char *at = packed.text, *end = packed.text + packed.length;
    MEM_GROW(cells, used, capacity);
    while (end - at >= 5) {
        size_t length = read_length(at);
        if ((size_t)(end - at) - 5 < length)
            break;
        MEM_GROW(cells, used, capacity);
        cells[used++] = (struct slice){ at + 4, length };
        at += 5 + length;
    }
    if (at == end) {
        *count = used;
        return cells;
    }
    free(cells);
    return NULL;
}

/* A row's cells, decrypted. */
struct opened {
    struct strbuf plain;
    struct slice *cells; /* into plain */
};

static void wipe(struct opened *opened)
{
    strbuf_wipe(&opened->plain);
    free(opened->cells);
    opened->cells = NULL;
}

struct quarantine_reader {
    FILE *file;
    char *path, *line;
    size_t line_capacity;
    const struct keyring *keyring;
    const unsigned char *key;
    json_t *about, *row;
    struct quarantine_file is;
    struct quarantine_row header;
    struct opened header_cells, cells;
};

static int damaged(const struct quarantine_reader *reader, struct err *err)
{
    return err_set(err, ERR_DATA, "'%s' is not a quarantine file, or it is damaged", reader->path);
}

/* 1: `object` is the next line, to be released; 0: the end. */
static int read_object(struct quarantine_reader *reader, json_t **object, struct err *err)
{
    errno = 0;
    ssize_t length = getline(&reader->line, &reader->line_capacity, reader->file);
    if (length < 0)
        return ferror(reader->file) ? err_set_errno(err, ERR_IO, "cannot read '%s'", reader->path) : 0;
    *object = json_loadb(reader->line, (size_t)length, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(*object)) {
        json_decref(*object);
        *object = NULL;
        return damaged(reader, err);
    }
    return 1;
}

static int32_t read_day(const char *text)
{
    struct calendar_date date;
    char rest;
    if (!text || sscanf(text, "%4d-%2d-%2d%c", &date.year, &date.month, &date.day, &rest) != 3 ||
        !calendar_is_valid(date))
        return INT32_MIN;
    return calendar_day(date);
}

static int read_about(struct quarantine_reader *reader, struct err *err)
{
    int more = read_object(reader, &reader->about, err);
    if (more < 0)
        return more;
    reader->is.source = json_string_value(json_object_get(reader->about, "source"));
    reader->is.input = json_string_value(json_object_get(reader->about, "input"));
    reader->is.expires_day = read_day(json_string_value(json_object_get(reader->about, "expires")));
    json_int_t epoch = json_integer_value(json_object_get(reader->about, "epoch"));
    if (!more || json_integer_value(json_object_get(reader->about, "format")) != QUARANTINE_FORMAT ||
        !reader->is.source || !reader->is.input || reader->is.expires_day == INT32_MIN || epoch < 1 ||
        epoch > UINT32_MAX)
        return damaged(reader, err);
    if (!reader->keyring)
        return 0;
    reader->key = keyring_key(reader->keyring, KEY_QUARANTINE, (uint32_t)epoch);
    if (!reader->key)
        return err_set(err, ERR_DATA, "the key that '%s' was written with is gone: its rows cannot be read",
                       reader->path);
    return 0;
}

static int decrypt(const struct quarantine_reader *reader, const char *base64, uint64_t line, struct strbuf *plain,
                   struct err *err)
{
    size_t length = strlen(base64), bytes = 0;
    unsigned char *sealed = mem_alloc(length + 1);
    char context[QUARANTINE_CONTEXT_BYTES];
    int code = 0;
    quarantine_context(context, reader->is.input, line);
    if (sodium_base642bin(sealed, length, base64, length, NULL, &bytes, NULL, sodium_base64_VARIANT_ORIGINAL))
        code = damaged(reader, err);
    else
        code = key_decrypt(reader->key, context, (struct slice){ (const char *)sealed, bytes }, plain, err);
    free(sealed);
    return code;
}

/* The line and, with a key, the sealed cells of an object. */
static int open_row(const struct quarantine_reader *reader, const json_t *object, struct opened *opened,
                    struct quarantine_row *row, struct err *err)
{
    const char *base64 = json_string_value(json_object_get(object, "row"));
    json_int_t line = json_integer_value(json_object_get(object, "line"));
    if (!base64 || line < 1)
        return damaged(reader, err);
    row->line = (uint64_t)line;
    if (!reader->key)
        return 0;
    int code = decrypt(reader, base64, row->line, &opened->plain, err);
    if (code)
        return code;
    free(opened->cells);
    opened->cells =
        quarantine_unpack((struct slice){ strbuf_text(&opened->plain), opened->plain.length }, &row->cell_count);
    row->cells = opened->cells;
    return opened->cells ? 0 : damaged(reader, err);
}

static int read_header(struct quarantine_reader *reader, struct err *err)
{
    json_t *object = NULL;
    int code = read_object(reader, &object, err);
    if (code == 0)
        return damaged(reader, err);
    if (code > 0)
        code = open_row(reader, object, &reader->header_cells, &reader->header, err);
    json_decref(object);
    return code;
}

int quarantine_open(struct quarantine_reader **reader, const char *path, const struct keyring *keyring, struct err *err)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return err_set_errno(err, ERR_NOINPUT, "cannot open '%s'", path);
    struct quarantine_reader *made = mem_zalloc(1, sizeof *made);
    made->file = file;
    made->path = mem_strdup(path);
    made->keyring = keyring;
    int code = read_about(made, err);
    if (!code)
        code = read_header(made, err);
    if (code)
        quarantine_close(made);
    else
        *reader = made;
    return code;
}

void quarantine_close(struct quarantine_reader *reader)
{
    if (!reader)
        return;
    fclose(reader->file);
    json_decref(reader->about);
    json_decref(reader->row);
    wipe(&reader->header_cells);
    wipe(&reader->cells);
    free(reader->line);
    free(reader->path);
    free(reader);
}

const struct quarantine_file *quarantine_about(const struct quarantine_reader *reader)
{
    return &reader->is;
}

const struct quarantine_row *quarantine_header(const struct quarantine_reader *reader)
{
    return &reader->header;
}

int quarantine_next(struct quarantine_reader *reader, struct quarantine_row *row, struct err *err)
{
    json_decref(reader->row);
    reader->row = NULL;
    int more = read_object(reader, &reader->row, err);
    if (more <= 0)
        return more;
    struct quarantine_row read = {
        .offset = (uint64_t)json_integer_value(json_object_get(reader->row, "offset")),
        .column = json_string_value(json_object_get(reader->row, "column")),
        .code = json_string_value(json_object_get(reader->row, "code")),
        .rule = json_string_value(json_object_get(reader->row, "rule")),
    };
    if (!read.column || !read.code || !read.rule)
        return damaged(reader, err);
    int code = open_row(reader, reader->row, &reader->cells, &read, err);
    if (code)
        return code;
    *row = read;
    return 1;
}

/* ---- the folder ---- */

static int is_quarantine_file(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 6 && strcmp(entry->d_name + length - 6, ".jsonl") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

int quarantine_list(const char *folder, char ***paths, struct err *err)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_quarantine_file, by_name);
    if (count < 0)
        return err_set_errno(err, ERR_NOINPUT, "cannot read the quarantine '%s'", folder);
    char **list = mem_zalloc((size_t)count + 1, sizeof *list);
    for (int i = 0; i < count; i++) {
        struct strbuf path = { 0 };
        strbuf_addf(&path, "%s/%s", folder, entries[i]->d_name);
        list[i] = path.text;
        free(entries[i]);
    }
    free(entries);
    *paths = list;
    return 0;
}

int quarantine_term(const char *path, int damaged_days, int32_t *day, struct err *err)
{
    struct quarantine_reader *reader = NULL;
    struct stat status;
    int code = quarantine_open(&reader, path, NULL, err);
    if (!code)
        *day = quarantine_about(reader)->expires_day;
    else if (code == ERR_DATA && lstat(path, &status) == 0)
        *day = (int32_t)(status.st_mtime / DAY_SECONDS) + damaged_days;
    else if (code == ERR_DATA)
        code = err_set_errno(err, ERR_IO, "cannot look at '%s'", path);
    quarantine_close(reader);
    return code;
}

static int expire_file(const struct quarantine_end *end, const char *path, size_t *removed, struct err *err)
{
    int32_t day;
    int code = quarantine_term(path, end->damaged_days, &day, err);
    if ((code && code != ERR_DATA) || day > end->today)
        return code;
    if (!end->dry_run && unlink(path))
        return err_set_errno(err, ERR_IO, "cannot remove '%s'", path);
    ++*removed;
    return 0;
}

int quarantine_expire(const struct quarantine_end *end, size_t *removed, struct err *err)
{
    char **paths = NULL;
    size_t count = 0;
    int code = quarantine_list(end->folder, &paths, err);
    if (code)
        return code;
    for (char **path = paths; *path; path++) {
        struct err failure;
        int failed = expire_file(end, *path, &count, &failure);
        if (failed && !code && err)
            *err = failure;
        code = code ? code : failed;
        free(*path);
    }
    free(paths);
    if (removed)
        *removed = count;
    int synced = count && !end->dry_run ? atomfile_sync_folder(end->folder, code ? NULL : err) : 0;
    return code ? code : synced;
}
