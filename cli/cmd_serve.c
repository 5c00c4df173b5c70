/* `fallzahl serve`: the survey page. */
#include "cli/command.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/restored.h"
#include "cli/session.h"
#include "cli/survey_shelf.h"
#include "core/log.h"
#include "core/sandbox.h"
#include "surveys/serve.h"

enum { DEADLINE_SECONDS = 20, PATIENCE_SECONDS = 10 };

struct serving {
    struct session session;
    struct survey_shelf shelf;
    struct db *reading, *writing;
    sigset_t signals;
};

static int open_intake(struct serving *serving, struct err *err)
{
    char *path = workspace_path(serving->session.workspace, "state/intake.db");
    int code = db_open(&serving->writing, path, "intake", DB_CREATE, err);
    if (!code)
        code = db_open(&serving->reading, path, "intake", DB_READ, err);
    free(path);
    return code;
}

/* The page runs beside the nights, so it takes no lock; the rule on injected clocks holds all the same. */
static int check_clock(const struct serving *serving, const struct clock *clock, struct err *err)
{
    if (clock->injected && !serving->session.workspace->test)
        return err_set(err, ERR_USAGE, "--as-of may not serve here; only in a workspace of 'init --test'");
    return 0;
}

/* Threads that are started later leave these signals to this one. */
static void block_signals(struct serving *serving)
{
    sigemptyset(&serving->signals);
    sigaddset(&serving->signals, SIGTERM);
    sigaddset(&serving->signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &serving->signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* From here on the process opens intake.db and the surveys' texts, and nothing else: whoever takes it over has no more. Its own entry in
 * /proc is what a sanitizer reads at the end. */
static int confine(const struct serving *serving, struct err *err)
{
    const struct workspace *workspace = serving->session.workspace;
    char *database = workspace_path(workspace, "state/intake.db"), *log = workspace_path(workspace, "state/intake.db-wal");
    char *shared = workspace_path(workspace, "state/intake.db-shm"), *texts = workspace_path(workspace, "surveys");
    const struct sandbox_path paths[] = { { database, true }, { log, true }, { shared, true }, { texts, false }, { "/proc/self", false } };
    int version, code = sandbox_enter(paths, sizeof paths / sizeof *paths, &version, err);
    if (!code && !version)
        log_event(LOG_LEVEL_WARNING, "unconfined", "reason=kernel_without_landlock");
    free(database);
    free(log);
    free(shared);
    free(texts);
    return code;
}

static void wait_for_end(const struct serving *serving, struct server *server)
{
    const struct timespec second = { .tv_sec = 1 };
    while (sigtimedwait(&serving->signals, NULL, &second) < 0)
        serve_tick(server);
}

static int serve(struct serving *serving, const struct invocation *invocation, struct err *err)
{
    const struct brands *brands = &serving->session.brands;
    long port = brands->port, deadline = DEADLINE_SECONDS;
    struct server *server;
    struct serve_counts counts;
    int taken, code = invocation_integer(invocation, "port", 0, 65535, &port, err);
    if (!code)
        code = invocation_integer(invocation, "deadline", 1, 600, &deadline, err);
    if (code)
        return code;
    struct serve_input input = {
        .responder = { serving->reading, brands, serving->session.workspace->zone, survey_shelf_find, &serving->shelf },
        .writing = serving->writing,
        .clock = invocation->clock,
        .port = (int)port,
        .deadline_seconds = (int)deadline,
        .requests_per_minute = brands->requests_per_minute,
    };
    block_signals(serving);
    code = confine(serving, err);
    if (code)
        return code;
    code = serve_start(&server, &input, &taken, err);
    if (code)
        return code;
    printf("http://127.0.0.1:%d/\n", taken);
    fflush(stdout);
    wait_for_end(serving, server);
    serve_stop(server, PATIENCE_SECONDS, &counts);
    log_event(LOG_LEVEL_INFO, "served", "requests=%" PRIu64 " answers=%" PRIu64 " refused=%" PRIu64 " failed=%" PRIu64, counts.requests,
              counts.answers, counts.refused, counts.failed);
    return 0;
}

static int run(const struct invocation *invocation, struct err *err)
{
    struct serving serving = { 0 };
    int code = session_open(&serving.session, invocation, err);
    if (code)
        return code;
    serving.shelf.workspace = serving.session.workspace;
    code = check_clock(&serving, &invocation->clock, err);
    if (!code)
        code = restored_check(serving.session.workspace, err); /* a link that was used since the backup would be taken again */
    if (!code)
        code = open_intake(&serving, err);
    if (!code)
        code = serve(&serving, invocation, err);
    db_close(serving.reading);
    db_close(serving.writing);
    survey_shelf_release(&serving.shelf);
    session_close(&serving.session);
    return code;
}

const struct command command_serve = {
    .name = "serve",
    .usage = "",
    .summary = "the survey page, on the loopback interface behind a TLS proxy",
    .help = "Shows the surveys to whoever has the link of an invitation, and takes their answers, opt-outs and confirmations into\n"
            "state/intake.db, until it is stopped (SIGTERM, SIGINT). It opens no other database and no key, and can open none once it\n"
            "listens (Landlock, where the kernel has it): an answer is sealed as it comes, and the night moves it on. It runs beside\n"
            "the nights. docs/serve.md has a unit for systemd and settings for Caddy and nginx. Prints its address once it listens.\n\n"
            "Examples:\n"
            "  fallzahl -C /srv/fallzahl serve\n"
            "  fallzahl serve --port 0\n",
    .run = run,
    .options = {
        { "port", "PORT", "listen there instead of 'page.port'; 0: any that is free" },
        { "deadline", "SECONDS", "end a connection after so long, however slowly it sends (20)" },
        { 0 },
    },
};
