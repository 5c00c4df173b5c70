/* Inputs that are kept for a while because the source asks for it (`keep_input_days`): one file each, sealed in
 * pieces under the quarantine key, so that memory does not grow with the file. The name tells the day on which it goes:
 * <YYYY-MM-DD>.<number of the input file>.<name>.sealed, mode 0600. What a killed run leaves goes by atomfile_clean(). */
#ifndef ETL_KEPT_INPUT_H
#define ETL_KEPT_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/keyring.h"
#include "core/strbuf.h"

struct kept_input {
    const char *folder;
    const struct keyring *keyring;
    int32_t expires_day;
    int64_t file;      /* input_file.file */
    const char *name;  /* of the input, without folder */
};

/* Seals what `fd` holds from its beginning. Replaces what a killed run left. */
int kept_input_write(const struct kept_input *kept, int fd, struct err *err);

/* The day on which a file of this name goes; false: it is none of ours. */
bool kept_input_term(const char *name, int32_t *day);

/* Unseals a kept file to `out_fd`. ERR_DATA if it was changed, cut or belongs to another key. */
int kept_input_read(const char *path, const struct keyring *keyring, int out_fd, struct err *err);

/* Removes those whose day has come and counts them; only counts in a dry run. */
int kept_input_expire(const char *folder, int32_t today, bool dry_run, uint64_t *removed, struct err *err);

#endif
