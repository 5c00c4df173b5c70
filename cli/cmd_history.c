/* `fallzahl history import|sign-gap`: what the ledger is told by people. */
#include "cli/command.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/act.h"
#include "cli/session.h"
#include "cli/version.h"
#include "core/atomfile.h"
#include "core/mem.h"
#include "core/strbuf.h"
#include "stats/history.h"

enum { MAX_MANIFEST_BYTES = 16 * 1024 * 1024 };

struct telling {
    const struct invocation *invocation;
    struct session session;
    struct ledger *ledger;
    struct publication publication;
};

/* ---- import ---- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A table's name out of its file's: without suffix, without the number of an older version, as a NAME. */
static char *table_name(const char *path, const char *prefix, bool is_release)
{
    struct strbuf name = { 0 };
    const char *base = base_name(path), *dot = strrchr(base, '.');
    size_t length = dot ? (size_t)(dot - base) : strlen(base);
    size_t digits = length;
    while (digits > 2 && base[digits - 1] >= '0' && base[digits - 1] <= '9')
        digits--;
    if (is_release && digits < length && digits > 2 && strncmp(base + digits - 2, "_v", 2) == 0)
        length = digits - 2;
    strbuf_adds(&name, prefix);
    for (size_t i = 0; i < length; i++) {
        char c = base[i] >= 'A' && base[i] <= 'Z' ? (char)(base[i] - 'A' + 'a') : base[i];
        strbuf_addc(&name, (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_');
    }
    return name.text;
}

struct naming {
    const char *name;
    size_t taken;
};

static int count_taken(void *context, const struct ledger_listed *listed, struct err *err)
{
    struct naming *naming = context;
    (void)err;
    naming->taken += strncmp(listed->release.name, naming->name, strlen(naming->name)) == 0;
    return 0;
}

static int find_exact(void *context, const struct ledger_listed *listed, struct err *err)
{
    struct naming *naming = context;
    (void)err;
    naming->taken += strcmp(listed->release.name, naming->name) == 0;
    return 0;
}

static int import_folder(struct history *history, const char *folder, struct err *err)
{
    struct strbuf path = { 0 };
    struct dirent **files;
    strbuf_addf(&path, "%s/tables", folder);
    int count = scandir(strbuf_text(&path), &files, NULL, alphasort), code = 0;
    if (count < 0)
        code = err_set_errno(err, ERR_NOINPUT, "'%s' is no folder of a release: cannot open its tables", folder);
    for (int i = 0; i < count; i++) {
        const char *suffix = strrchr(files[i]->d_name, '.');
        strbuf_clear(&path);
        strbuf_addf(&path, "%s/tables/%s", folder, files[i]->d_name);
        char *name = table_name(files[i]->d_name, "", true);
        if (!code && suffix && strcmp(suffix, ".csv") == 0)
            code = history_import_table(history, strbuf_text(&path), name, err);
        free(name);
        free(files[i]);
    }
    if (count >= 0)
        free(files);
    strbuf_release(&path);
    return code;
}

/* k, configuration and program as the folder's manifest says. */
static int read_manifest(const char *folder, json_t **manifest, struct err *err)
{
    struct strbuf path = { 0 }, text = { 0 };
    strbuf_addf(&path, "%s/manifest.json", folder);
    int code = atomfile_read(strbuf_text(&path), MAX_MANIFEST_BYTES, &text, err);
    if (!code) {
        *manifest = json_loads(strbuf_text(&text), 0, NULL);
        if (!json_string_value(json_object_get(*manifest, "release")) || json_integer_value(json_object_get(*manifest, "k")) < 1
            || !json_string_value(json_object_get(*manifest, "configuration")) || !json_string_value(json_object_get(*manifest, "program")))
            code = err_set(err, ERR_DATA, "'%s' is no manifest of a release", strbuf_text(&path));
    }
    strbuf_release(&path);
    strbuf_release(&text);
    return code;
}

static int import_release(struct telling *telling, struct history *history, const char *folder, struct err *err)
{
    json_t *manifest = NULL;
    int code = read_manifest(folder, &manifest, err);
    struct ledger_release release = { .as_of = clock_now(&telling->invocation->clock) };
    if (!code) {
        release.name = json_string_value(json_object_get(manifest, "release"));
        release.program = json_string_value(json_object_get(manifest, "program"));
        release.config_digest = json_string_value(json_object_get(manifest, "configuration"));
        release.k = json_integer_value(json_object_get(manifest, "k"));
        struct naming naming = { release.name, 0 };
        code = ledger_each_release(telling->ledger, find_exact, &naming, err);
        if (!code && naming.taken)
            code = err_set(err, ERR_USAGE, "release '%s' is in the ledger already", release.name);
    }
    history->is_release = true;
    if (!code)
        code = ledger_begin(telling->ledger, &release, err);
    if (!code)
        code = import_folder(history, folder, err);
    if (!code)
        code = ledger_stage(telling->ledger, err);
    if (!code)
        code = ledger_mark_published(telling->ledger, release.id, err);
    json_decref(manifest);
    return code;
}

static int import_file(struct telling *telling, struct history *history, const char *path, struct err *err)
{
    long k = telling->session.tables->k;
    char day[16];
    struct strbuf name = { 0 };
    calendar_format_day(zone_day(telling->session.workspace->zone, clock_now(&telling->invocation->clock)), day);
    strbuf_addf(&name, "imported-%s", day);
    struct naming naming = { name.text, 0 };
    int code = invocation_integer(telling->invocation, "k", 1, 1000000, &k, err);
    if (!code)
        code = ledger_each_release(telling->ledger, count_taken, &naming, err);
    if (naming.taken)
        strbuf_addf(&name, "-%zu", naming.taken + 1);
    struct ledger_release release = { .name = strbuf_text(&name), .as_of = clock_now(&telling->invocation->clock), .program = FALLZAHL_VERSION,
                                      .config_digest = "", .k = k, .imported = true };
    char *table = table_name(path, "imported_", false);
    if (!code)
        code = ledger_begin(telling->ledger, &release, err);
    if (!code)
        code = history_import_table(history, path, table, err);
    if (!code)
        code = ledger_stage(telling->ledger, err);
    if (!code)
        code = ledger_mark_published(telling->ledger, release.id, err);
    free(table);
    strbuf_release(&name);
    return code;
}

static int import(struct telling *telling, const char *path, struct err *err)
{
    const struct invocation *invocation = telling->invocation;
    struct history history = { .publication = &telling->publication, .source = invocation_value(invocation, "source") };
    struct act act = { .workspace = telling->session.workspace, .clock = &invocation->clock, .name = "history import", .about = base_name(path) };
    struct stat status;
    if (stat(path, &status))
        return err_set_errno(err, ERR_NOINPUT, "cannot open '%s'", path);
    int code = act_begin(&act, err);
    if (!code && S_ISDIR(status.st_mode))
        code = import_release(telling, &history, path, err);
    else if (!code)
        code = import_file(telling, &history, path, err);
    code = act_end(&act, code, NULL, err);
    if (!code && !invocation->quiet)
        printf("%s: %zu periods of %zu tables are known now\n", path, history.periods, history.tables);
    return code;
}

/* ---- gaps ---- */

static int sign_gap(struct telling *telling, struct err *err)
{
    const struct invocation *invocation = telling->invocation;
    const struct config_node *sources = config_get(config_root(telling->publication.config), "sources");
    enum period_kind kind;
    struct schedule_span span;
    if (invocation->argument_count != 3)
        return err_set(err, ERR_USAGE, "'history sign-gap' takes a source and a period");
    const char *source = invocation->arguments[1], *label = invocation->arguments[2];
    struct act act = { .workspace = telling->session.workspace, .clock = &invocation->clock, .name = "history sign-gap", .about = label };
    if (!config_get(sources, source))
        return err_set(err, ERR_USAGE, "no source '%s'", source);
    int code = publication_base_kind(&telling->publication, source, &kind, err);
    if (!code && !period_span_parse(kind, label, &span))
        code = err_set(err, ERR_USAGE, "'%s' is no %s; write 2026-02, 2026-W05 or 2026-Q1", label, period_kind_name(kind));
    if (!code)
        code = act_begin(&act, err);
    if (!code)
        code = ledger_sign_gap(telling->ledger, source, span.from, act.who, clock_now(&invocation->clock), err);
    code = act_end(&act, code, NULL, err);
    if (!code && !invocation->quiet)
        printf("%s of source '%s' is published with what has come, once it is over and past its grace\n", label, source);
    return code;
}

/* ---- the command ---- */

static int tell(struct telling *telling, struct err *err)
{
    const struct invocation *invocation = telling->invocation;
    if (strcmp(invocation->arguments[0], "sign-gap") == 0)
        return sign_gap(telling, err);
    if (strcmp(invocation->arguments[0], "import") != 0 || invocation->argument_count < 2)
        return err_set(err, ERR_USAGE, "'history' takes 'import FILE...' or 'sign-gap SOURCE PERIOD'");
    int code = 0;
    for (size_t i = 1; i < invocation->argument_count && !code; i++)
        code = import(telling, invocation->arguments[i], err);
    return code;
}

static int run(const struct invocation *invocation, struct err *err)
{
    struct telling telling = { .invocation = invocation };
    int code = session_open(&telling.session, invocation, err);
    if (code)
        return code;
    char *path = workspace_path(telling.session.workspace, "state/releases.db");
    code = workspace_enter(telling.session.workspace, &invocation->clock, WORKSPACE_STORES, err);
    if (!code)
        code = ledger_open(&telling.ledger, path, err);
    telling.publication = (struct publication) { .ledger = telling.ledger, .tables = telling.session.tables,
                                                 .config = telling.session.workspace->config, .zone = telling.session.workspace->zone };
    if (!code)
        code = tell(&telling, err);
    free(path);
    ledger_close(telling.ledger);
    session_close(&telling.session);
    return code;
}

const struct command command_history = {
    .name = "history",
    .usage = "import FILE...|sign-gap SOURCE PERIOD",
    .summary = "tell the ledger what was published elsewhere, or that a file will not come",
    .help = "'import' makes figures known to the ledger that readers have and it has not: tables that were published before or beside\n"
            "Fallzahl (CSV files, as this program writes them: a period, dimensions, `cases`), or the folder of a release that a\n"
            "restored backup forgot. What is published later of the same cases is protected against them.\n"
            "'sign-gap' says that a file that is expected, or was rejected, will not come: the period is published without it.\n\n"
            "Examples:\n"
            "  fallzahl history import published/2026-03-03\n"
            "  fallzahl history import --k 5 --source cases old/channels-2025.csv\n"
            "  fallzahl history sign-gap cases 2026-02\n",
    .minimum_arguments = 2,
    .maximum_arguments = 64,
    .run = run,
    .options = {
        { "source", "NAME", "whose cases the imported tables count" },
        { "k", "N", "the least number of persons behind the imported figures; protection.k by default" },
    },
};
