/* The files of a hand-off, <name>.csv, <name>.json (manifest), <name>.withdrawn.csv, in the outbox or moved to outbox/sent/. */
#ifndef SURVEYS_HANDOFF_FILE_H
#define SURVEYS_HANDOFF_FILE_H

#include "core/text.h"
#include "surveys/send.h"

enum { HANDOFF_NAME_MAX = 96 };

/* The columns, in order; ends with NULL. */
extern const char *const handoff_fields[];

struct handoff_facts {
    int64_t disclosure, people, handed_at;
    int32_t expires_day;
    unsigned char sha256[32];
    char name[HANDOFF_NAME_MAX];
};

void handoff_file_name(const struct survey *survey, int64_t disclosure, char name[HANDOFF_NAME_MAX]);
void handoff_file_digest(struct slice csv, unsigned char sha256[32]);

/* Whether there is a manifest of that name, waiting or taken. */
int handoff_file_is_complete(const char *outbox, const char *name, bool *complete, struct err *err);

/* Puts the CSV in place; one without a manifest is replaced. */
int handoff_file_put(const char *outbox, const char *name, struct slice csv, struct err *err);
int handoff_file_manifest(const struct send_input *input, const struct handoff_facts *facts, struct err *err);
int handoff_file_remove(const char *outbox, const char *name, struct err *err);

#endif
