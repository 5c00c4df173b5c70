#include "cli/evidence_head.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/calendar.h"
#include "core/db.h"
#include "core/mem.h"
#include "core/strbuf.h"

enum { HEAD_BYTES_MAX = 4096, HASH_HEX = 2 * EVIDENCE_HASH_BYTES };

static const char prefix[] = "evidence-head-";

/* The files that were found and the heads in them. */
struct handed {
    struct evidence_head *heads;
    char **paths;
    bool *met;
    size_t count, capacity, path_capacity;
};

static int parse_head(const char *path, const char *text, struct evidence_head *head, struct err *err)
{
    const char *number = strstr(text, "\nlines: "), *hash = strstr(text, "\nhash: ");
    size_t decoded = 0;
    if (!number || !hash || strlen(hash) < strlen("\nhash: ") + HASH_HEX ||
        sodium_hex2bin(head->hash, sizeof head->hash, hash + strlen("\nhash: "), HASH_HEX, NULL, &decoded, NULL) ||
        decoded != sizeof head->hash)
        return err_set(err, ERR_DATA, "'%s' holds no head of an evidence log", path);
    head->number = strtoll(number + strlen("\nlines: "), NULL, 10);
    return 0;
}

/* Takes over `path`. */
static int add_head(struct handed *handed, char *path, struct err *err)
{
    struct strbuf text = { 0 };
    MEM_GROW(handed->heads, handed->count, handed->capacity);
    MEM_GROW(handed->paths, handed->count, handed->path_capacity);
    struct evidence_head *head = &handed->heads[handed->count];
    *head = (struct evidence_head){ 0 };
    handed->paths[handed->count++] = path;
    int code = atomfile_read(path, HEAD_BYTES_MAX, &text, err);
    if (!code)
        code = parse_head(path, strbuf_text(&text), head, err);
    strbuf_release(&text);
    return code;
}

static int is_head(const struct dirent *entry)
{
    return strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
}

static int find_heads(struct handed *handed, const struct workspace *workspace, struct err *err)
{
    char *folder = workspace_path(workspace, "answers/dpo");
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_head, alphasort), code = 0;
    if (count < 0 && errno != ENOENT)
        code = err_set_errno(err, ERR_IO, "cannot look into '%s'", folder);
    for (int i = 0; i < count; i++) {
        if (!code)
            code = add_head(handed, workspace_path(workspace, "answers/dpo/%s", entries[i]->d_name), err);
        free(entries[i]);
    }
    free(entries);
    free(folder);
    return code;
}

static void release_handed(struct handed *handed)
{
    for (size_t i = 0; i < handed->count; i++)
        free(handed->paths[i]);
    free(handed->paths);
    free(handed->heads);
    free(handed->met);
}

static int verify(const char *path, struct handed *handed, struct evidence_state *state, struct err *err)
{
    struct evidence_state found = { .heads = handed->count };
    handed->met = mem_zalloc(handed->count + 1, sizeof *handed->met);
    int code = evidence_verify(path, handed->heads, handed->count, handed->met, &found.report, err);
    for (size_t i = 0; !code && i < handed->count && !found.missing; i++)
        if (!handed->met[i])
            found.missing = mem_strdup(handed->paths[i]);
    if (!code)
        *state = found;
    return code;
}

/* Is there anything that is stored under an act alone? */
static int is_anything_stored(const struct workspace *workspace, bool *stored, struct err *err)
{
    static const char held[] = "SELECT EXISTS (SELECT 1 FROM input_file) OR EXISTS (SELECT 1 FROM subject_event)"
                               " OR EXISTS (SELECT 1 FROM claimant)";
    struct db *cases = NULL;
    int64_t rows = 0;
    char *latest = workspace_path(workspace, "published/latest"), *path = workspace_path(workspace, "state/cases.db");
    const bool released = faccessat(AT_FDCWD, latest, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    int code = released ? 0 : db_open(&cases, path, "cases", DB_READ, err);
    if (!code && cases)
        code = db_integer(cases, held, &rows, err);
    db_close(cases);
    free(latest);
    free(path);
    *stored = released || rows;
    return code == ERR_NOINPUT ? 0 : code;
}

int evidence_state_read(const struct workspace *workspace, const char *extra, struct evidence_state *state, struct err *err)
{
    struct handed handed = { 0 };
    char *path = workspace_path(workspace, "state/evidence.log");
    int code = find_heads(&handed, workspace, err);
    if (!code && extra)
        code = add_head(&handed, mem_strdup(extra), err);
    if (!code)
        code = verify(path, &handed, state, err);
    if (!code && !state->report.head.number)
        code = is_anything_stored(workspace, &state->gone, err);
    release_handed(&handed);
    free(path);
    return code;
}

int64_t evidence_state_killed(const struct evidence_state *state)
{
    return state->report.open > 0 ? state->report.open - 1 : 0;
}

int evidence_state_result(const struct evidence_state *state, struct err *err)
{
    if (state->report.broken_line)
        return err_set(err, ERR_DATA, "the evidence log was changed: line %lld does not follow from those before",
                       (long long)state->report.broken_line);
    if (state->gone)
        return err_set(err, ERR_DATA, "the evidence log is gone: it has no line, but there are releases or cases.db holds what was read or declared");
    if (state->missing)
        return err_set(err, ERR_DATA, "the evidence log was cut off or replaced: it lacks the head in '%s'", state->missing);
    return 0;
}

void evidence_state_release(struct evidence_state *state)
{
    free(state->missing);
    *state = (struct evidence_state){ 0 };
}

static void describe(const struct evidence_state *state, const char *when, const char *verdict, struct strbuf *out)
{
    char hex[HASH_HEX + 1];
    sodium_bin2hex(hex, sizeof hex, state->report.head.hash, sizeof state->report.head.hash);
    strbuf_addf(out,
                "Head of the evidence log\n\nas of: %s\nlines: %lld\nhash: %s\nacts without outcome, besides this one: %lld\nstate: %s\n\n"
                "Keep this file where the operator cannot reach it: `fallzahl status --evidence --head FILE` shows\n"
                "whether the log still holds what it held then.\n",
                when, (long long)state->report.head.number, hex, (long long)evidence_state_killed(state), verdict);
}

int evidence_head_hand_over(const struct workspace *workspace, int64_t now, struct err *err)
{
    struct evidence_state state = { 0 };
    struct err verdict = { .message = "whole" };
    struct strbuf text = { 0 };
    char when[32];
    int code = evidence_state_read(workspace, NULL, &state, err);
    if (code)
        return code;
    int found = evidence_state_result(&state, &verdict);
    calendar_format_instant(now, when);
    describe(&state, when, verdict.message, &text);
    char *path = workspace_path(workspace, "answers/dpo/%s%s.txt", prefix, when);
    code = atomfile_write(path, 0640, (struct slice){ text.text, text.length }, err);
    if (!code && found) {
        code = found;
        *err = verdict;
    }
    free(path);
    strbuf_release(&text);
    evidence_state_release(&state);
    return code;
}
