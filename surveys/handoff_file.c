#include "surveys/handoff_file.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/atomfile.h"
#include "core/mem.h"
#include "core/strbuf.h"

const char *const handoff_fields[] = { "reference", "address", "language", "code", "not_after", NULL };

/* The vendor's own account reads them. */
enum { FILE_MODE = 0640 };

void handoff_file_name(const struct survey *survey, int64_t disclosure, char name[HANDOFF_NAME_MAX])
{
    snprintf(name, HANDOFF_NAME_MAX, "handoff-%06lld-%.60s", (long long)disclosure, survey->name);
}

void handoff_file_digest(struct slice csv, unsigned char sha256[32])
{
    crypto_hash_sha256(sha256, (const unsigned char *)csv.text, csv.length);
}

static void path_of(const char *outbox, const char *folder, const char *name, const char *suffix, struct strbuf *path)
{
    strbuf_clear(path);
    strbuf_addf(path, "%s/%s%s.%s", outbox, folder, name, suffix);
}

int handoff_file_is_complete(const char *outbox, const char *name, bool *complete, struct err *err)
{
    static const char *const folders[] = { "", "sent/" };
    struct strbuf path = { 0 };
    int code = 0;
    bool found = false;
    for (size_t i = 0; i < 2 && !code; i++) {
        path_of(outbox, folders[i], name, "json", &path);
        if (access(strbuf_text(&path), F_OK) == 0)
            found = true;
        else if (errno != ENOENT)
            code = err_set_errno(err, ERR_IO, "cannot look for '%s'", strbuf_text(&path));
    }
    strbuf_release(&path);
    if (!code)
        *complete = found;
    return code;
}

int handoff_file_put(const char *outbox, const char *name, struct slice csv, struct err *err)
{
    struct strbuf path = { 0 };
    path_of(outbox, "", name, "csv", &path);
    int code = atomfile_write(strbuf_text(&path), FILE_MODE, csv, err);
    strbuf_release(&path);
    return code;
}

static json_t *quiet_json(const struct survey *survey)
{
    static const char *const weekdays[] = { "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday" };
    char from[16], to[16];
    json_t *days = json_array();
    snprintf(from, sizeof from, "%02d:%02d", survey->quiet_from_minute / 60, survey->quiet_from_minute % 60);
    snprintf(to, sizeof to, "%02d:%02d", survey->quiet_to_minute / 60, survey->quiet_to_minute % 60);
    for (unsigned i = 0; i < 7; i++)
        if (survey->quiet_weekdays >> i & 1u)
            json_array_append_new(days, json_string(weekdays[i]));
    return json_pack("{s:s, s:s, s:o, s:s}", "from", from, "to", to, "weekdays", days, "zone", "the recipient's own");
}

static json_t *fields_json(void)
{
    json_t *list = json_array();
    for (size_t i = 0; handoff_fields[i]; i++)
        json_array_append_new(list, json_string(handoff_fields[i]));
    return list;
}

static char *manifest_text(const struct send_input *input, const struct handoff_facts *facts)
{
    static const char *const channels[] = { "email", "phone", "chat", "social" };
    const struct survey *survey = input->survey;
    char digits[65], day[16], instant[32];
    struct strbuf csv = { 0 }, withdrawn = { 0 };
    sodium_bin2hex(digits, sizeof digits, facts->sha256, sizeof facts->sha256);
    calendar_format_day(facts->expires_day, day);
    calendar_format_instant(facts->handed_at, instant);
    strbuf_addf(&csv, "%s.csv", facts->name);
    strbuf_addf(&withdrawn, "%s.withdrawn.csv", facts->name);
    json_t *manifest = json_pack("{s:s, s:s, s:I, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "file", strbuf_text(&csv), "sha256",
                                 digits, "people", (json_int_t)facts->people, "fields", fields_json(), "survey", survey->name, "controller",
                                 survey->controller, "purpose", survey->purpose, "channel", channels[survey->channel], "vendor",
                                 survey->vendor, "handed_at", instant, "delete_after", day, "look_before_each_contact_into",
                                 strbuf_text(&withdrawn), "quiet", quiet_json(survey));
    char *text = manifest ? json_dumps(manifest, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    json_decref(manifest);
    strbuf_release(&csv);
    strbuf_release(&withdrawn);
    if (!text)
        mem_fail();
    return text;
}

int handoff_file_manifest(const struct send_input *input, const struct handoff_facts *facts, struct err *err)
{
    struct strbuf path = { 0 };
    char *text = manifest_text(input, facts);
    path_of(input->outbox, "", facts->name, "json", &path);
    int code = atomfile_write(strbuf_text(&path), FILE_MODE, (struct slice) { text, strlen(text) }, err);
    strbuf_release(&path);
    free(text);
    return code;
}

int handoff_file_remove(const char *outbox, const char *name, struct err *err)
{
    static const char *const folders[] = { "", "sent/" }, *const suffixes[] = { "csv", "withdrawn.csv", "json" };
    struct strbuf path = { 0 };
    int code = 0;
    for (size_t i = 0; i < 6 && !code; i++) {
        path_of(outbox, folders[i / 3], name, suffixes[i % 3], &path);
        if (unlink(strbuf_text(&path)) && errno != ENOENT)
            code = err_set_errno(err, ERR_IO, "cannot remove '%s'", strbuf_text(&path));
    }
    strbuf_release(&path);
    return code;
}
