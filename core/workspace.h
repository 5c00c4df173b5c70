/* A workspace: the folder with the configuration, the data and the results of one installation (DESIGN 4).
 *
 * workspace_open() reads the configuration and changes nothing. Whoever is about to write calls workspace_enter()
 * first: it takes the one lock, refuses a clock that may not be, and notes the instant; the lock lasts until
 * workspace_close() or the end of the process, however that comes. Opening twice is fine, entering twice is not. */
#ifndef CORE_WORKSPACE_H
#define CORE_WORKSPACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/calendar.h"
#include "core/clock.h"
#include "core/config.h"
#include "core/err.h"

struct workspace {
    char *folder;          /* as given with -C */
    struct config *config; /* fallzahl.yaml, read but not yet checked */
    struct zone *zone;     /* of `timezone`; NULL until workspace_configure() */
    bool test;             /* made with `init --test`: an injected clock may send, serve and delete */
    int lock;              /* descriptor of run.lock, -1 while not entered */
};

/* A folder of a workspace and the mode that it is made with. */
struct workspace_folder {
    const char *path;
    mode_t mode;
    bool secret; /* nobody but the batch user may look into it or anything below */
};
extern const struct workspace_folder workspace_folders[]; /* parents first; ends with a NULL path */

/* Makes what is missing: the folder, its subfolders, the keys. Never changes what is there: keys are made only while
 * nothing is stored that was made with lost ones. `test` sets the mark of `init --test`, which only a workspace
 * without keys can get. ERR_CANTCREAT, ERR_PERMISSION, ERR_USAGE. */
int workspace_create(const char *folder, bool test, struct err *err);

/* The keys alone: makes missing ones, or fails with ERR_PERMISSION where data was stored with them. */
int workspace_make_keys(const char *folder, struct err *err);

/* Reads fallzahl.yaml. ERR_NOINPUT if there is none ("no workspace"), ERR_CONFIG for a syntax error. */
int workspace_open(struct workspace **workspace, const char *folder, struct err *err);
void workspace_close(struct workspace *workspace); /* NULL is fine */

/* The rules for version, timezone, country and controllers; the check behind them, which also opens the zone. */
extern const struct config_rule workspace_config_rules[];
void workspace_configure(struct workspace *workspace);

/* The path of something in the workspace, to be freed: workspace_path(w, "state/runs"). */
char *workspace_path(const struct workspace *workspace, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Gives the folders of requests and answers to the groups that `groups` names, with their modes; where none is named, nothing
 * is changed. ERR_CONFIG for an unknown group, ERR_PERMISSION. The check reports what is not so. */
int workspace_give_groups(const struct workspace *workspace, struct err *err);
void workspace_check_groups(const struct workspace *workspace, void (*report)(void *context, const char *problem),
                            void *context);

/* What the caller is about to do, for the rule on injected clocks (DESIGN 5). */
enum workspace_act {
    WORKSPACE_STORES,           /* ingests, publishes: any injected instant from the last run on */
    WORKSPACE_SENDS_OR_DELETES, /* and serves: the machine's clock only, unless it is a test workspace */
    WORKSPACE_RESTORES,         /* the same, where a database may be gone */
};

/* Takes run.lock and notes the instant in state/clock. ERR_AGAIN if another process holds it (the message says which), ERR_PERMISSION if state/ is open
 * to others, or if it, answers/, quarantine/, outbox/ or a folder in them is a link, ERR_USAGE for an injected clock behind the last run or
 * one that may not do `act`, ERR_DATA if a database is gone. */
int workspace_enter(struct workspace *workspace, const struct clock *clock, enum workspace_act act, struct err *err);

/* state/cases.db and state/surveys.db hold who objected, left or consented: one that is lost is never replaced by an empty one. What
 * is there is noted in state/known-<schema> when an act begins and when it ends; both are done by workspace_enter() and _close(). */
int workspace_note_databases(const struct workspace *workspace, struct err *err);
/* Is there anything outside state/ that tells of acts (a head of the evidence log, a release, messages, refused rows), or do keys lie
 * there without the folders that were made before them? Then a state/ that is new, or no longer there, has lost its databases. */
bool workspace_shows_use(const struct workspace *workspace);
/* Notes in a new state/ that it is one, once; before that, if the workspace was in use, that cases.db is known. */
int workspace_note_begun(const struct workspace *workspace, bool used, struct err *err);
/* ERR_DATA, with the way on, if one that was noted is gone or empty. For what reads only; workspace_enter() asks it itself. */
int workspace_require_databases(const struct workspace *workspace, struct err *err);

/* Modes and owners: calls `report` with one sentence for each folder or file that is open to others than it must be. */
void workspace_check_modes(const char *folder, void (*report)(void *context, const char *problem), void *context);

/* Files that are none of the program's where personal data lies (an old database, a renamed backup, what an editor left): one sentence
 * for each, with its name. Of inbox/, outbox/ and requests/ others tell. */
void workspace_check_foreign(const char *folder, void (*report)(void *context, const char *problem), void *context);

#endif
