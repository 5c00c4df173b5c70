/* Requests from requests/<group>/<name>.yaml, answers to answers/<group>/<name>.answer.txt and .json.
 *
 * Who asks is the owner of the file, so nobody else may be able to write to it. A file that is no request (a symbolic link, a
 * second name of another file, open to others, too large, its last line without end, malformed, a verb of another group)
 * is answered with the reason, and so is a regular file whose name ends in anything but .yaml, if it was last written ten minutes ago;
 * what begins with a dot is left alone. A request is removed once its answer is durable; killed before that, it is done again, which
 * changes nothing. What its owner puts in its place meanwhile is a request of its own. */
#ifndef CLI_REQUEST_FOLDER_H
#define CLI_REQUEST_FOLDER_H

#include "cli/casework.h"

struct request_counts {
    int64_t done, refused;
};

/* All requests of both groups, in the order of their names. A refused request is no error; what cannot be read or answered is. */
int request_folders_do(struct casework *work, struct request_counts *counts, struct err *err);

/* Deletes the answers in answers/dpo/ of `newest_day` (UTC) or before, both files of each, for they may hold all that is known of
 * somebody; only counts them in a dry run. One that does not say when it was given goes too. The heads of the evidence stay. */
int request_answers_expire(const struct workspace *workspace, int32_t newest_day, bool dry_run, uint64_t *removed, struct err *err);

#endif
