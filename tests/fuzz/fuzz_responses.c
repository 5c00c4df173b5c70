/* Fuzz target: a response CSV is imported into an intake with one link. Every row is counted once, stored or rejected with a reason;
 * the link is spent at most once, and a second reading stores nothing. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "surveys/response_file.h"
#include "surveys/token.h"
#include "tests/fuzz/survey.h"

static struct survey *survey;
static struct zone *zone;
static struct db *intake;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void open_intake(void)
{
    static char path[64];
    char sql[512], hex[2 * TOKEN_HASH_BYTES + 1];
    unsigned char hash[TOKEN_HASH_BYTES];
    snprintf(path, sizeof path, "/dev/shm/fuzz_responses.%ld", (long)getpid());
    unlink(path);
    if (db_open(&intake, path, "intake", DB_CREATE, NULL))
        abort();
    unlink(path);
    token_hash("00000000000000000000000000", hash);
    for (size_t i = 0; i < sizeof hash; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    snprintf(sql, sizeof sql,
             "INSERT INTO seal VALUES (1, x'0900000000000000000000000000000000000000000000000000000000000000');"
             "INSERT INTO ticket (token_hash, kind, survey, controller, wave, language, segment, anonymous, expires_at)"
             " VALUES (x'%s', 'answer', 's', 'nordhaus', 1, 'en', '{}', 1, 1770000000)", hex);
    if (db_exec(intake, sql, NULL))
        abort();
    for (size_t i = 0; i < sizeof hash; i++)
        snprintf(hex + 2 * i, 3, "%02x", survey->questions_digest[i]);
    snprintf(sql, sizeof sql, "INSERT INTO approved VALUES ('s', x'%s')", hex);
    if (db_exec(intake, sql, NULL))
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    survey = fuzz_survey();
    if (zone_open(&zone, "UTC", NULL))
        abort();
    open_intake();
    return 0;
}

static int begin(void *context, const struct csv_record *header, struct err *err)
{
    (void)context;
    (void)err;
    return header->count ? 0 : ERR_INTERNAL;
}

static int reject(void *context, const struct csv_record *record, const struct response_reject *given, struct err *err)
{
    (void)err;
    if (!given->column || !given->rule || !record->line)
        __builtin_trap();
    ++*(uint64_t *)context;
    return 0;
}

static int commit(void *context, const unsigned char digest[32], struct err *err)
{
    (void)context;
    (void)digest;
    (void)err;
    return 0;
}

static int import(const uint8_t *data, size_t size, struct response_counts *counts, uint64_t *rejected)
{
    char path[64];
    int fd = memfd_create("responses", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const struct response_file file = { intake, NULL, survey, zone, 1769000000, begin, reject, commit, rejected };
    int code = response_file_read(&file, path, counts, NULL);
    close(fd);
    return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct response_counts counts, again;
    uint64_t rejected = 0, rejected_again = 0;
    if (import(data, size, &counts, &rejected) == 0) {
        if (counts.rejected != rejected || counts.rows != counts.stored + counts.already + counts.rejected || counts.stored > 1)
            __builtin_trap();
        if (import(data, size, &again, &rejected_again) || again.stored || again.rejected != counts.rejected)
            __builtin_trap();
    }
    if (db_exec(intake, "DELETE FROM waiting; UPDATE ticket SET finished = 0", NULL))
        abort();
    return 0;
}
