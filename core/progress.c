#include "core/progress.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"

enum { REDRAW_NS = 100 * 1000 * 1000 };

/* A terminal that cannot go back to the start of a line says that it is dumb. */
static bool is_terminal(void)
{
    const char *kind = getenv("TERM");
    return isatty(STDERR_FILENO) && !(kind && strcmp(kind, "dumb") == 0);
}

void progress_begin(struct progress *progress, const char *what, bool quiet)
{
    *progress = (struct progress){ .what = what, .shown = !quiet && is_terminal() };
    progress->begun_ns = clock_monotonic_ns();
}

void progress_line(struct strbuf *out, const char *what, uint64_t done_bytes, uint64_t total_bytes, int64_t elapsed_ns)
{
    double seconds = (double)elapsed_ns * 1e-9;
    double speed = seconds > 0 ? (double)done_bytes / seconds : 0;
    strbuf_adds(out, what);
    if (total_bytes)
        strbuf_addf(out, "  %d %%", (int)(100.0 * (double)done_bytes / (double)total_bytes));
    strbuf_addf(out, "  %.0f MB/s", speed * 1e-6);
    if (total_bytes >= done_bytes && speed > 0) {
        long left = (long)((double)(total_bytes - done_bytes) / speed);
        strbuf_addf(out, "  %ld:%02ld left", left / 60, left % 60);
    }
}

/* A terminal's fault is no fault of the work: what cannot be written is not. */
static void put(const char *text, size_t length)
{
    if (write(STDERR_FILENO, text, length) < 0)
        return;
}

void progress_update(struct progress *progress, uint64_t done_bytes, uint64_t total_bytes)
{
    if (!progress->shown)
        return;
    int64_t now = clock_monotonic_ns();
    if (progress->drawn && now - progress->drawn_ns < REDRAW_NS)
        return;
    struct strbuf line = { 0 };
    strbuf_addc(&line, '\r');
    progress_line(&line, progress->what, done_bytes, total_bytes, now - progress->begun_ns);
    strbuf_adds(&line, "\033[K");
    put(line.text, line.length);
    strbuf_release(&line);
    progress->drawn = true;
    progress->drawn_ns = now;
}

void progress_end(struct progress *progress)
{
    static const char wipe[] = "\r\033[K";
    if (progress->drawn)
        put(wipe, sizeof wipe - 1);
    progress->drawn = false;
}
