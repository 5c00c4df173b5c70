/* Subject events from files and requests: done in the store of cases, then in the surveys. */
#ifndef CLI_SUBJECTS_H
#define CLI_SUBJECTS_H

#include "cli/casework.h"
#include "etl/subject_file.h"

/* Does what the journal still holds for surveys.db; an empty one costs nothing. Adds its counts to the running step. */
int subjects_finish(struct casework *work, struct err *err);

/* The same, and takes every contact away whose person the store of cases knows to have objected or to be erased. */
int subjects_sweep(struct casework *work, struct err *err);

/* 0 if the journal is empty; ERR_AGAIN: a killed run left events half done, so nothing may be sent before the next has finished them. */
int subjects_are_done(struct db *cases, struct err *err);

/* A file, to the end: ERR_DATA if rows were refused (the others are done) or it was rejected whole. What was refused, and where, goes
 * to stderr and to the record of the run. */
int subjects_do_file(struct casework *work, const struct invocation *invocation, const char *path, struct err *err);

/* What lies under such a name and is no file: the answer says why nothing of it is done. */
int subjects_refuse(struct casework *work, const char *path, const struct stat *status, const struct err *why, struct err *err);

/* One event, to the end; what became of it in words to `out`. ERR_DATA: refused, with the reason. */
struct strbuf;
int subjects_do_event(struct casework *work, const struct slice cells[SUBJECT_COLUMNS], struct strbuf *out, struct err *err);

#endif
