/* The other half of cli/backup.h. A database that is there is never replaced: an older ledger would forget what was published,
 * an older register who objected. */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/backup.h"
#include "cli/backup_part.h"
#include "cli/restored.h"
#include "core/atomfile.h"
#include "core/db.h"
#include "core/strbuf.h"
#include "surveys/lost.h"

enum { MANIFEST_BYTES_MAX = 64 * 1024 };

struct restoring {
    const struct workspace *workspace;
    const char *backup, *at;
    int64_t now;
    json_t *manifest;
};

static json_t *entry_of(const struct restoring *restoring, const char *schema)
{
    return json_object_get(json_object_get(restoring->manifest, "databases"), schema);
}

static char *staged_path(const struct restoring *restoring, const char *schema)
{
    return workspace_path(restoring->workspace, "state/.restore-%s.db", schema);
}

static bool is_there(const struct restoring *restoring, const char *schema, const char *ending)
{
    char *path = workspace_path(restoring->workspace, "state/%s.db%s", schema, ending);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

static bool is_wanted(const struct restoring *restoring, const char *schema)
{
    return entry_of(restoring, schema) && !is_there(restoring, schema, "");
}

static int read_manifest(struct restoring *restoring, struct backup_restored *restored, struct err *err)
{
    struct strbuf path = { 0 }, text = { 0 };
    const char *at = NULL;
    int format = 0;
    strbuf_addf(&path, "%s/manifest.json", restoring->backup);
    int code = atomfile_read(path.text, MANIFEST_BYTES_MAX, &text, err);
    if (!code) {
        json_t *databases = NULL;
        restoring->manifest = json_loadb(strbuf_text(&text), text.length, JSON_REJECT_DUPLICATES, NULL);
        if (!restoring->manifest || json_unpack(restoring->manifest, "{s:i, s:s, s:o}", "format", &format, "at", &at, "databases", &databases) ||
            format != BACKUP_FORMAT || strlen(at) >= sizeof restored->at || !json_is_object(databases))
            code = err_set(err, ERR_DATA, "'%s' is not the manifest of a backup", path.text);
        else
            snprintf(restored->at, sizeof restored->at, "%s", at);
    }
    strbuf_release(&path);
    strbuf_release(&text);
    return code;
}

/* The copy is what is checked: nobody changes it between the check and its use. */
static int copy_checked(const char *from, const char *to, const char *expected, struct err *err)
{
    char hex[SHA256_HEX_BYTES];
    unlink(to); /* of a killed run */
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (out < 0)
        return err_set_errno(err, ERR_CANTCREAT, "cannot create '%s'", to);
    int code = backup_digest(from, out, hex, err);
    if (!code && strcmp(hex, expected) != 0)
        code = err_set(err, ERR_DATA, "'%s' is not the file that the manifest names; nothing is restored", from);
    if (!code && fsync(out))
        code = err_set_errno(err, ERR_IO, "cannot write '%s'", to);
    close(out);
    return code;
}

/* Opening brings an older schema up to date and refuses a newer one and another. */
static int check_database(const struct restoring *restoring, const char *path, const char *schema, int64_t version, struct err *err)
{
    struct db *db = NULL;
    int64_t found = 0;
    int code = db_open(&db, path, schema, DB_WRITE, err);
    if (!code)
        code = db_verify(db, err);
    if (!code)
        code = db_integer(db, "PRAGMA user_version", &found, err);
    if (!code && found < version)
        code = err_set(err, ERR_DATA, "database '%s' is not of the version that the manifest names", path);
    if (!code && strcmp(schema, "surveys") == 0)
        code = lost_note(db, restoring->at, restoring->now, err);
    if (!code)
        code = db_checkpoint(db, err);
    db_close(db);
    return code;
}

static int stage(const struct restoring *restoring, const char *schema, struct err *err)
{
    const char *expected = NULL;
    json_int_t version = 0;
    struct strbuf from = { 0 };
    if (json_unpack(entry_of(restoring, schema), "{s:I, s:s}", "schema", &version, "sha256", &expected))
        return err_set(err, ERR_DATA, "the manifest of '%s' says nothing of '%s.db' that can be checked", restoring->backup, schema);
    if (is_there(restoring, schema, "-wal"))
        return err_set(err, ERR_DATA, "state/%s.db-wal is left of the database that is gone; move it and the -shm away", schema);
    char *to = staged_path(restoring, schema);
    strbuf_addf(&from, "%s/%s.db", restoring->backup, schema);
    int code = copy_checked(from.text, to, expected, err);
    if (!code)
        code = check_database(restoring, to, schema, version, err);
    strbuf_release(&from);
    free(to);
    return code;
}

static int put_in_place(const struct restoring *restoring, const char *schema, struct err *err)
{
    char *from = staged_path(restoring, schema), *to = workspace_path(restoring->workspace, "state/%s.db", schema);
    int code = atomfile_rename(from, to, err);
    free(from);
    free(to);
    return code;
}

static void drop_staged(const struct restoring *restoring)
{
    static const char *const endings[] = { "", "-wal", "-shm" };
    for (int i = 0; i < BACKUP_DATABASES; i++)
        for (size_t e = 0; e < sizeof endings / sizeof *endings; e++) {
            char *path = workspace_path(restoring->workspace, "state/.restore-%s.db%s", backup_schemas[i], endings[e]);
            unlink(path);
            free(path);
        }
}

static int restore_missing(const struct restoring *restoring, struct backup_restored *restored, struct err *err)
{
    bool wanted[BACKUP_DATABASES];
    int code = 0;
    for (int i = 0; i < BACKUP_DATABASES && !code; i++) {
        wanted[i] = is_wanted(restoring, backup_schemas[i]);
        if (wanted[i])
            code = stage(restoring, backup_schemas[i], err);
    }
    if (!code && (wanted[0] || wanted[1] || wanted[2])) /* those that know who claimed what; intake.db: by a link */
        code = restored_note(restoring->workspace, restored->at, err);
    for (int i = 0; i < BACKUP_DATABASES && !code; i++) {
        if (wanted[i])
            code = put_in_place(restoring, backup_schemas[i], err);
        restored->count += wanted[i] && !code;
        restored->has_surveys |= wanted[i] && !code && strcmp(backup_schemas[i], "surveys") == 0;
    }
    if (!code && !restored->count)
        code = err_set(err, ERR_USAGE, "no database of the backup is missing in 'state/': what is there is not replaced; move it away first");
    return code;
}

int backup_restore(const struct workspace *workspace, const char *backup, int64_t now, struct backup_restored *restored, struct err *err)
{
    struct restoring restoring = { workspace, backup, restored->at, now, NULL };
    *restored = (struct backup_restored){ 0 };
    drop_staged(&restoring);
    int code = read_manifest(&restoring, restored, err);
    if (!code)
        code = restore_missing(&restoring, restored, err);
    drop_staged(&restoring);
    json_decref(restoring.manifest);
    return code;
}
