#include "etl/quarantine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/calendar.h"
#include "core/mem.h"
#include "etl/quarantine_format.h"

enum { MAX_TALLIES = 256, MAX_NAMED_TALLIES = 10 };

/* How often a column was refused for one reason. */
struct tally {
    const char *column;
    enum map_code code;
    uint64_t count, first_line;
};

struct quarantine {
    struct quarantine_options options;
    const struct csv_record *header;
    uint32_t epoch;
    const unsigned char *key;
    char *temporary; /* path */
    FILE *file;      /* NULL until the first row */
    struct tally tallies[MAX_TALLIES];
    size_t tally_count;
    uint64_t count;
    struct strbuf plain, sealed, base64;
};

int quarantine_begin(struct quarantine **quarantine, const struct quarantine_options *options,
                     const struct csv_record *header, struct err *err)
{
    uint32_t epoch = keyring_epoch(options->keyring, KEY_QUARANTINE);
    if (!epoch)
        return err_set(err, ERR_CONFIG, "there is no key for the quarantine; 'fallzahl init' makes what is missing");
    struct quarantine *made = mem_zalloc(1, sizeof *made);
    made->options = *options;
    made->header = header;
    made->epoch = epoch;
    made->key = keyring_key(options->keyring, KEY_QUARANTINE, epoch);
    *quarantine = made;
    return 0;
}

/* ---- writing ---- */

static int write_line(struct quarantine *quarantine, json_t *line, struct err *err)
{
    int written = json_dumpf(line, quarantine->file, JSON_COMPACT);
    json_decref(line);
    if (written || fputc('\n', quarantine->file) == EOF)
        return err_set_errno(err, ERR_IO, "cannot write '%s'", quarantine->temporary);
    return 0;
}

static json_t *seal_record(struct quarantine *quarantine, const struct csv_record *record)
{
    char context[QUARANTINE_CONTEXT_BYTES];
    quarantine_context(context, quarantine->options.input, record->line);
    quarantine_pack(record->fields, record->count, &quarantine->plain);
    key_encrypt(quarantine->key, context, (struct slice){ quarantine->plain.text, quarantine->plain.length },
                &quarantine->sealed);
    size_t room = sodium_base64_ENCODED_LEN(quarantine->sealed.length, sodium_base64_VARIANT_ORIGINAL);
    char *text = mem_alloc(room);
    sodium_bin2base64(text, room, (const unsigned char *)quarantine->sealed.text, quarantine->sealed.length,
                      sodium_base64_VARIANT_ORIGINAL);
    json_t *sealed = json_string(text);
    free(text);
    return sealed;
}

static json_t *new_object(void)
{
    json_t *object = json_object();
    if (!object)
        mem_fail();
    return object;
}

/* Texts come from the configuration and file names; what is not UTF-8 there becomes "?". */
static void set_text(json_t *object, const char *key, const char *text)
{
    json_t *value = json_string(text);
    json_object_set_new(object, key, value ? value : json_string("?"));
}

static void set_number(json_t *object, const char *key, uint64_t number)
{
    json_object_set_new(object, key, json_integer((json_int_t)number));
}

static int write_opening(struct quarantine *quarantine, struct err *err)
{
    char day[16];
    calendar_format_day(quarantine->options.expires_day, day);
    json_t *about = new_object();
    set_number(about, "format", QUARANTINE_FORMAT);
    set_text(about, "source", quarantine->options.source);
    set_text(about, "input", quarantine->options.input);
    set_text(about, "expires", day);
    set_number(about, "epoch", quarantine->epoch);
    int code = write_line(quarantine, about, err);
    if (code)
        return code;
    json_t *header = new_object();
    set_number(header, "line", quarantine->header->line);
    json_object_set_new(header, "row", seal_record(quarantine, quarantine->header));
    return write_line(quarantine, header, err);
}

static int open_file(struct quarantine *quarantine, struct err *err)
{
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s/.tmp-quarantine-%ld-XXXXXX", quarantine->options.folder, (long)getpid());
    int fd = mkostemp(path.text, O_CLOEXEC);
    int code = 0;
    if (fd < 0) {
        code = err_set_errno(err, ERR_CANTCREAT, "cannot write to the quarantine '%s'", quarantine->options.folder);
    } else {
        quarantine->temporary = mem_strdup(path.text);
        quarantine->file = fdopen(fd, "w");
        if (!quarantine->file)
            mem_fail();
        code = write_opening(quarantine, err);
    }
    strbuf_release(&path);
    return code;
}

static void add_tally(struct quarantine *quarantine, const struct map_reject *reject)
{
    for (size_t i = 0; i < quarantine->tally_count; i++) {
        struct tally *tally = &quarantine->tallies[i];
        if (tally->code == reject->code && strcmp(tally->column, reject->column) == 0) {
            tally->count++;
            return;
        }
    }
    if (quarantine->tally_count < MAX_TALLIES)
        quarantine->tallies[quarantine->tally_count++] =
            (struct tally){ reject->column, reject->code, 1, reject->line };
}

int quarantine_add(struct quarantine *quarantine, const struct csv_record *record, const struct map_reject *reject,
                   struct err *err)
{
    int code = quarantine->file ? 0 : open_file(quarantine, err);
    if (code)
        return code;
    json_t *row = new_object();
    set_number(row, "line", reject->line);
    set_number(row, "offset", reject->offset);
    set_text(row, "column", reject->column);
    set_text(row, "code", map_code_name(reject->code));
    set_text(row, "rule", reject->rule);
    json_object_set_new(row, "row", seal_record(quarantine, record));
    code = write_line(quarantine, row, err);
    if (!code) {
        quarantine->count++;
        add_tally(quarantine, reject);
    }
    return code;
}

uint64_t quarantine_count(const struct quarantine *quarantine)
{
    return quarantine->count;
}

void quarantine_summary(const struct quarantine *quarantine, struct strbuf *out)
{
    for (size_t i = 0; i < quarantine->tally_count && i < MAX_NAMED_TALLIES; i++) {
        const struct tally *tally = &quarantine->tallies[i];
        strbuf_addf(out, "%s%s%s%s %" PRIu64 " (first in line %" PRIu64 ")", i ? "; " : "", tally->column,
                    *tally->column ? ": " : "", map_code_name(tally->code), tally->count, tally->first_line);
    }
    if (quarantine->tally_count > MAX_NAMED_TALLIES)
        strbuf_adds(out, "; …");
}

/* ---- the end ---- */

static void release(struct quarantine *quarantine)
{
    if (quarantine->file)
        fclose(quarantine->file);
    free(quarantine->temporary);
    strbuf_wipe(&quarantine->plain);
    strbuf_release(&quarantine->sealed);
    free(quarantine);
}

static int flush(struct quarantine *quarantine, struct err *err)
{
    int failed = fflush(quarantine->file) || fsync(fileno(quarantine->file));
    failed = fclose(quarantine->file) || failed;
    quarantine->file = NULL;
    return failed ? err_set_errno(err, ERR_IO, "cannot write '%s'", quarantine->temporary) : 0;
}

void quarantine_name(const char *input, const unsigned char digest[32], struct strbuf *out)
{
    strbuf_addf(out, "%s-%02x%02x%02x%02x.jsonl", input, digest[0], digest[1], digest[2], digest[3]);
}

int quarantine_commit(struct quarantine *quarantine, const unsigned char digest[32], struct err *err)
{
    if (!quarantine->file) {
        release(quarantine);
        return 0;
    }
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s/", quarantine->options.folder);
    quarantine_name(quarantine->options.input, digest, &path);
    int code = flush(quarantine, err);
    if (!code)
        code = atomfile_rename(quarantine->temporary, path.text, err);
    if (code)
        unlink(quarantine->temporary);
    strbuf_release(&path);
    release(quarantine);
    return code;
}

void quarantine_abort(struct quarantine *quarantine)
{
    if (!quarantine)
        return;
    if (quarantine->file)
        unlink(quarantine->temporary);
    release(quarantine);
}
