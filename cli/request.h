/* A request: what somebody without a shell asks for, in a small YAML file that lies in the folder of a group.
 *
 *   do: approve
 *   survey: service
 *   plan: 3f2a9c01d4e5b677
 *
 * What a group may ask for is one table (request.c): group, verb, function. Whatever is not in it does not exist for that group.
 * Doing a request twice changes nothing more than doing it once. */
#ifndef CLI_REQUEST_H
#define CLI_REQUEST_H

#include "cli/casework.h"
#include "cli/caller.h"
#include "core/strbuf.h"


/* Checks the file of a group against the table and does what it asks for; the answer goes to `out`. ERR_CONFIG: malformed, or not
 * for this group (`out` names every problem with its place); any other error is the verb's. */
int request_do(struct casework *work, const char *group, const char *who, struct config *config, struct strbuf *out,
               struct err *err);

#endif
