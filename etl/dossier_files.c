/* Rows that name a person and are kept for a while as they came: quarantine and kept inputs (etl/dossier.h). */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/calendar.h"
#include "core/json_build.h"
#include "core/mem.h"
#include "etl/dossier_part.h"
#include "etl/kept_input.h"
#include "etl/quarantine.h"
#include "etl/store_keys.h"

struct look {
    const struct dossier_search *search;
    const char *name; /* of the file */
    json_t *list;
};

static json_t *list_values(const struct slice *header, const struct slice *cells, size_t count)
{
    json_t *values = json_made(json_object());
    for (size_t i = 0; i < count; i++) {
        if (!cells[i].length)
            continue;
        char *name = mem_strndup(header[i].text, header[i].length);
        json_t *value = json_stringn(cells[i].text, cells[i].length);
        if (json_object_set_new(values, name, value ? value : json_string("?")))
            mem_fail();
        free(name);
    }
    return values;
}

/* The row, if it is the person's. */
static int tell_row(const struct look *look, struct dossier_rows *rows, uint64_t line, const struct csv_record *header,
                    const struct csv_record *record, struct err *err)
{
    enum dossier_row verdict;
    int code = dossier_row_judge(rows, record->fields, record->count, &verdict, err);
    if (code || verdict == DOSSIER_ROW_PASS)
        return code;
    json_t *entry = json_made(json_object());
    json_set_made(entry, "file", json_text_made(look->name));
    json_set_made(entry, "line", json_integer((json_int_t)line));
    if (verdict == DOSSIER_ROW_TELL)
        json_set_made(entry, "values",
                      list_values(header->fields, record->fields, record->count < header->count ? record->count : header->count));
    else
        json_set_made(entry, "withheld", json_true());
    json_append_made(look->list, entry);
    return 0;
}

/* A file that is damaged, or whose key was given up, keeps nobody from the rest: it is named, with the day on which it goes. */
static void tell_closed(const struct look *look, const int32_t *expires_day)
{
    json_t *entry = json_made(json_object());
    char day[16];
    json_set_made(entry, "file", json_text_made(look->name));
    json_set_made(entry, "damaged", json_true());
    if (expires_day) {
        calendar_format_day(*expires_day, day);
        json_set_made(entry, "kept_until", json_text_made(day));
    }
    json_append_made(look->list, entry);
}

static bool is_closed(int code)
{
    return code == ERR_DATA || code == ERR_NOINPUT;
}

/* Its head is in clear and may still say when it goes. */
static void tell_closed_quarantine(const struct look *look, const char *path)
{
    int32_t day;
    int code = quarantine_term(path, look->search->ingest->term.quarantine_days, &day, NULL);
    tell_closed(look, code && code != ERR_DATA ? NULL : &day);
}

static int look_into_quarantine(const struct look *look, const char *path, struct err *err)
{
    struct quarantine_reader *reader;
    struct quarantine_row row;
    int more = 0, code = quarantine_open(&reader, path, look->search->store->keyring, err);
    if (code)
        return code;
    const struct quarantine_row *top = quarantine_header(reader);
    const struct csv_record header = { .fields = top->cells, .count = top->cell_count };
    struct dossier_rows *rows = dossier_rows_open(look->search, quarantine_about(reader)->source, top->cells, top->cell_count);
    while (!code && (more = quarantine_next(reader, &row, err)) > 0) {
        const struct csv_record record = { .fields = row.cells, .count = row.cell_count };
        code = tell_row(look, rows, row.line, &header, &record, err);
    }
    dossier_rows_free(rows);
    quarantine_close(reader);
    return code ? code : more;
}

static int look_at_quarantine(struct look *look, struct err *err)
{
    char **paths;
    int code = quarantine_list(look->search->ingest->quarantine_folder, &paths, err);
    if (code)
        return code;
    for (char **path = paths; *path; path++) {
        look->name = basename(*path);
        if (!code)
            code = look_into_quarantine(look, *path, err);
        if (is_closed(code)) {
            tell_closed_quarantine(look, *path);
            code = 0;
        }
        free(*path);
    }
    free(paths);
    return code;
}

/* Which source a kept input is of, whose number stands in its name; NULL if it is no longer configured. */
static int find_source(const struct ingest *ingest, const char *name, const struct source **source, struct err *err)
{
    struct stmt *stmt;
    long long file = 0;
    *source = NULL;
    if (sscanf(name, "%*d-%*d-%*d.%lld.", &file) != 1)
        return 0;
    int code = db_prepare(ingest->store->db, "etl/sql/dossier.sql", "source_of_file", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":file", file);
    int step = stmt_step(stmt, err);
    if (step > 0)
        *source = source_find(ingest->sources, stmt_text(stmt, 0, NULL));
    stmt_free(stmt);
    return step < 0 ? step : 0;
}

static int read_kept(const struct look *look, const char *source, struct csvread *csv, struct err *err)
{
    struct csv_record record;
    const struct csv_record *header = csvread_header(csv);
    struct dossier_rows *rows = dossier_rows_open(look->search, source, header->fields, header->count);
    int more = 0, code = 0;
    while (!code && (more = csvread_next(csv, &record, err)) > 0)
        code = tell_row(look, rows, record.line, header, &record, err);
    dossier_rows_free(rows);
    return code ? code : more;
}

/* Unsealed into memory that no disk sees. */
static int look_into_kept(const struct look *look, const char *path, struct err *err)
{
    struct csvread *csv = NULL;
    const struct source *source;
    int code = find_source(look->search->ingest, look->name, &source, err);
    if (code)
        return code;
    const struct csvread_options options = { .delimiter = source ? source->delimiter : 0, .encoding = source ? source->encoding : NULL };
    int fd = memfd_create("kept", MFD_CLOEXEC);
    if (fd < 0)
        return err_set_errno(err, ERR_IO, "cannot make a file in memory");
    code = kept_input_read(path, look->search->store->keyring, fd, err);
    if (!code && lseek(fd, 0, SEEK_SET))
        code = err_set_errno(err, ERR_IO, "cannot read a file in memory");
    if (code) {
        close(fd);
        return code;
    }
    code = csvread_open_fd(&csv, fd, look->name, &options, err);
    if (!code)
        code = read_kept(look, source ? source->name : NULL, csv, err);
    csvread_free(csv);
    return code;
}

static int look_at_kept(struct look *look, struct err *err)
{
    const struct ingest *ingest = look->search->ingest;
    DIR *list = opendir(ingest->inputs_folder);
    int code = 0;
    if (!list)
        return errno == ENOENT ? 0 : err_set_errno(err, ERR_IO, "cannot list '%s'", ingest->inputs_folder);
    for (struct dirent *entry; (entry = readdir(list)) && !code;) {
        struct strbuf path = { 0 };
        if (entry->d_name[0] == '.')
            continue;
        strbuf_addf(&path, "%s/%s", ingest->inputs_folder, entry->d_name);
        look->name = entry->d_name;
        code = look_into_kept(look, path.text, err);
        if (is_closed(code)) {
            int32_t day;
            tell_closed(look, kept_input_term(entry->d_name, &day) ? &day : NULL);
            code = 0;
        }
        strbuf_release(&path);
    }
    closedir(list);
    return code;
}

int dossier_files(struct dossier_search *search, json_t *out, struct err *err)
{
    struct look look = { .search = search, .list = json_made(json_array()) };
    bool can_read = false;
    int code = store_keys_usable(search->store->db, search->store->keyring, KEY_QUARANTINE, &can_read, err);
    if (!code && can_read)
        code = look_at_quarantine(&look, err);
    if (!code && can_read)
        code = look_at_kept(&look, err);
    if (!code && !can_read)
        json_append_made(look.list, json_made(json_pack("{s:b}", "unreadable", 1)));
    if (json_array_size(look.list))
        json_set_made(out, "quarantine", json_incref(look.list));
    json_decref(look.list);
    return code;
}
