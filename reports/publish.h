/* Publishing: a release becomes a folder that appears whole or not at all. It is written in published/.staging-NAME,
 * synced, renamed to published/NAME, and the symlink `latest` is swapped to it. Killed at any instant, `latest` names
 * a whole release, and the next call removes what is left over and does the rest. */
#ifndef REPORTS_PUBLISH_H
#define REPORTS_PUBLISH_H

#include "core/err.h"
#include "reports/writers.h"
#include "stats/release.h"

/* Writes the release below `published_folder`, which is made if it is missing, and gives the path of its folder (to be
 * freed). A folder of that name with the same manifest is this release, published before the run was killed: it stays
 * and becomes `latest`; with another manifest: ERR_CANTCREAT, and nothing is changed. ERR_IO. */
int publish_release(const struct release *release, const struct report_options *options, const char *published_folder,
                    char **out_path, struct err *err);

/* Writes the reports for nobody but the batch user's eyes (0700, 0600), replacing the folder: for `--trial`. */
int publish_trial(const struct release *release, const struct report_options *options, const char *folder,
                  struct err *err);

#endif
