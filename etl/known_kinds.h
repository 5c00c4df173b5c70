/* The kinds of identifiers by which a store knows persons (table source_identifier), against those of the configuration.
 *
 * An identifier is hashed together with its name, so under another name nobody is recognised: the cases of an objector would come in,
 * and a customer would be two. So a kind that a source had since anything was read or declared must stay, or be said to be
 * retired (`retired_identifiers`). A store of which nothing is known yet forgets what it noted. */
#ifndef ETL_KNOWN_KINDS_H
#define ETL_KNOWN_KINDS_H

#include "etl/case_table.h"

/* Adds a config_problem() for each kind that a source had and has no longer; of a source that is gone, any other may have it. */
int known_kinds_check(struct db *cases, const struct sources *sources, struct config *config, struct err *err);

/* Notes those of the configured sources, within the caller's transaction. */
int known_kinds_note(const struct store *store, const struct case_tables *tables, struct err *err);

#endif
