/* A line of progress on stderr, only if that is a terminal and the user did not ask for quiet. Ten times a second at
 * most; gone when the work is done. It shows a name of the work, share, speed and time left: nothing of the data. */
#ifndef CORE_PROGRESS_H
#define CORE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/strbuf.h"

struct progress {
    const char *what; /* must live as long */
    bool shown, drawn;
    int64_t begun_ns, drawn_ns; /* monotonic */
};

void progress_begin(struct progress *progress, const char *what, bool quiet);
/* May be called as often as one likes; `total_bytes` 0: unknown. */
void progress_update(struct progress *progress, uint64_t done_bytes, uint64_t total_bytes);
void progress_end(struct progress *progress); /* wipes the line */

/* The line itself: "reading cases  42 %  310 MB/s  0:07 left". */
void progress_line(struct strbuf *out, const char *what, uint64_t done_bytes, uint64_t total_bytes, int64_t elapsed_ns);

#endif
