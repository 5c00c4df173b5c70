/* The evidence log: one line for each act that changes something (an import, a deletion, a release, an approval), for the
 * data protection officer. Counts, instants, versions of rules and who asked; never an identity.
 *
 * A line is the hash, a blank, a JSON object. The hash is BLAKE2b-256 (RFC 7693) over the hash of the line before (32 bytes; zeros for
 * the first) and the JSON, so that a line that is changed, removed or moved shows. That the end was cut off shows against a
 * head that was handed over.
 *
 * Before an act its intent is written, after it the outcome, each fsynced before the call returns. An act that was killed leaves an
 * intent without outcome; the run that completes it writes an intent of its own. A line without its end (the writer was killed)
 * was never relied on: the next append cuts it off and says so in `cut_bytes`. A damaged line in the middle stops no
 * append, because deletions must not wait for it; evidence_verify() shows it for ever. */
#ifndef CORE_EVIDENCE_H
#define CORE_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

enum { EVIDENCE_HASH_BYTES = 32, EVIDENCE_LINE_BYTES_MAX = 32 * 1024 };

struct evidence_act {
    const char *path;    /* the log; made with mode 0600 if it is not there */
    int64_t at;          /* instant */
    const char *act;     /* "ingest", "survey approve" */
    const char *about;   /* the survey, the release; or NULL */
    const char *who;     /* the user who asked */
    const char *program; /* its version */
    const char *config;  /* digest of the configuration (hex), or NULL */
};

/* Appends that the act begins; gives the number of the line. ERR_CANTCREAT, ERR_IO, ERR_PERMISSION (a symlink, not ours, open to
 * others), ERR_DATA (the end of the file is no such log). */
int evidence_intent(const struct evidence_act *act, int64_t *number, struct err *err);

/* Appends how the act of line `intent` ended: exit status and counts (a JSON object as text, or NULL). */
int evidence_outcome(const struct evidence_act *act, int64_t intent, int exit_status, const char *counts, struct err *err);

/* A head: the number of a line and its hash. */
struct evidence_head {
    int64_t number; /* 0: the log is empty */
    unsigned char hash[EVIDENCE_HASH_BYTES];
};

struct evidence_report {
    struct evidence_head head;
    int64_t broken_line; /* the first that cannot be right, 0: none */
    int64_t open;        /* intents without outcome */
    bool torn;           /* the last line has no end; it is not counted */
};

/* Reads the log and checks every line. Of the `count` heads that were handed over, met[i] says whether the log still has them. A
 * log that is not there is an empty one. ERR_IO, ERR_PERMISSION. */
int evidence_verify(const char *path, const struct evidence_head *heads, size_t count, bool *met,
                    struct evidence_report *report, struct err *err);

/* What a line says of its act. */
struct evidence_entry {
    const char *act, *about; /* about: NULL where the act has none */
    bool outcome;            /* else the intent */
    int exit_status;         /* of an outcome */
};

/* Calls `visit` for each line in order, until it fails; lines that cannot be read are passed over (evidence_verify() shows
 * them). The texts are valid during the call. ERR_IO, ERR_PERMISSION, or what `visit` gives. */
int evidence_each(const char *path, int (*visit)(void *context, const struct evidence_entry *entry, struct err *err),
                  void *context, struct err *err);

#endif
