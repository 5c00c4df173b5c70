#include "cli/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/backup_part.h"
#include "core/atomfile.h"
#include "core/calendar.h"
#include "core/db.h"
#include "core/json_build.h"
#include "core/mem.h"
#include "core/strbuf.h"
#include "etl/term.h"

enum { PART_BYTES = 1 << 16 };

const char *const backup_schemas[BACKUP_DATABASES] = { "cases", "surveys", "intake", "releases" };

static const char prefix[] = "backup-", unfinished[] = ".tmp-backup";

int backup_digest(const char *path, int out, char hex[SHA256_HEX_BYTES], struct err *err)
{
    unsigned char part[PART_BYTES], hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    ssize_t got = 0;
    int code = 0, fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(err, ERR_NOINPUT, "cannot open '%s'", path);
    crypto_hash_sha256_init(&state);
    while (!code && (got = read(fd, part, sizeof part)) > 0) {
        crypto_hash_sha256_update(&state, part, (unsigned long long)got);
        if (out >= 0 && atomfile_put(out, (struct slice) { (const char *)part, (size_t)got }))
            code = err_set_errno(err, ERR_IO, "cannot copy '%s'", path);
    }
    if (got < 0)
        code = err_set_errno(err, ERR_IO, "cannot read '%s'", path);
    close(fd);
    crypto_hash_sha256_final(&state, hash);
    sodium_bin2hex(hex, SHA256_HEX_BYTES, hash, sizeof hash);
    return code;
}

/* ---- making ---- */

/* What waits for its batch stays out: of two copies made a night apart the later has the tickets spent since and the answers given
 * since, and whoever holds the token key too could assign them for as long as the copies last. */
static int drop_unmixed(const char *copy, struct err *err)
{
    struct db *db = NULL;
    int code = db_open(&db, copy, "intake", DB_WRITE, err);
    if (!code)
        code = db_exec(db, "DELETE FROM partial; DELETE FROM waiting WHERE token_hash IS NULL", err);
    if (!code)
        code = db_checkpoint(db, err);
    db_close(db);
    return code;
}

static int copy_database(const struct workspace *workspace, const char *schema, const char *staged, json_t *files, struct err *err)
{
    char hex[SHA256_HEX_BYTES];
    struct strbuf copy = { 0 };
    struct db *db = NULL;
    int64_t version = 0;
    char *path = workspace_path(workspace, "state/%s.db", schema);
    strbuf_addf(&copy, "%s/%s.db", staged, schema);
    bool is_there = access(path, F_OK) == 0;
    int code = is_there ? db_open(&db, path, schema, DB_WRITE, err) : 0;
    if (!code && is_there)
        code = db_integer(db, "PRAGMA user_version", &version, err);
    if (!code && is_there)
        code = db_copy(db, copy.text, err);
    if (!code && is_there && strcmp(schema, "intake") == 0)
        code = drop_unmixed(copy.text, err);
    if (!code && is_there)
        code = backup_digest(copy.text, -1, hex, err);
    if (!code && is_there)
        json_set_made(files, schema, json_pack("{s:I, s:s}", "schema", (json_int_t)version, "sha256", hex));
    db_close(db);
    free(path);
    strbuf_release(&copy);
    return code;
}

static int write_manifest(const char *staged, const char *when, json_t *files, struct err *err)
{
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s/manifest.json", staged);
    json_t *manifest = json_made(json_pack("{s:i, s:s, s:O}", "format", (int)BACKUP_FORMAT, "at", when, "databases", files));
    char *text = json_dumps(manifest, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    if (!text)
        mem_fail();
    int code = atomfile_write(path.text, 0600, (struct slice){ text, strlen(text) }, err);
    free(text);
    json_decref(manifest);
    strbuf_release(&path);
    return code;
}

static int fill(const struct workspace *workspace, const char *staged, const char *when, struct err *err)
{
    json_t *files = json_made(json_object());
    int code = 0;
    for (int i = 0; i < BACKUP_DATABASES && !code; i++)
        code = copy_database(workspace, backup_schemas[i], staged, files, err);
    if (!code && json_object_size(files) == 0)
        code = err_set(err, ERR_NOINPUT, "there is no database in 'state/' yet");
    if (!code)
        code = write_manifest(staged, when, files, err);
    json_decref(files);
    return code;
}

int backup_make(const struct workspace *workspace, const char *folder, int64_t now, char **made, struct err *err)
{
    char when[32];
    struct strbuf staged = { 0 }, path = { 0 };
    calendar_format_instant(now, when);
    strbuf_addf(&staged, "%s/%s", folder, unfinished);
    strbuf_addf(&path, "%s/%s%s", folder, prefix, when);
    int code = access(path.text, F_OK) == 0 ? err_set(err, ERR_CANTCREAT, "'%s' is there already", path.text) : 0;
    if (!code && access(folder, F_OK))
        code = atomfile_mkdir(folder, 0700, err);
    if (!code)
        code = atomfile_remove_tree(staged.text, err); /* of a killed run */
    if (!code)
        code = atomfile_mkdir(staged.text, 0700, err);
    if (!code) {
        code = fill(workspace, staged.text, when, err);
        if (!code)
            code = atomfile_rename(staged.text, path.text, err);
        if (code)
            atomfile_remove_tree(staged.text, NULL);
    }
    if (!code)
        *made = mem_strdup(path.text);
    strbuf_release(&staged);
    strbuf_release(&path);
    return code;
}

/* ---- the end of a backup ---- */

/* What a killed run left is no backup and has no term. */
static bool is_expired(const char *name, int32_t newest_day)
{
    if (strcmp(name, unfinished) == 0)
        return true;
    return strncmp(name, prefix, sizeof prefix - 1) == 0 && term_is_over(name + sizeof prefix - 1, newest_day);
}

int backup_expire(const struct workspace *workspace, int32_t newest_day, bool dry_run, uint64_t *removed, struct err *err)
{
    char *folder = workspace_path(workspace, "state/backups");
    DIR *list = opendir(folder);
    int code = list || errno == ENOENT ? 0 : err_set_errno(err, ERR_IO, "cannot list '%s'", folder);
    for (struct dirent *entry; list && !code && (entry = readdir(list));) {
        if (!is_expired(entry->d_name, newest_day))
            continue;
        char *path = workspace_path(workspace, "state/backups/%s", entry->d_name);
        code = dry_run ? 0 : atomfile_remove_tree(path, err);
        *removed += !code;
        free(path);
    }
    if (list)
        closedir(list);
    free(folder);
    return code;
}
