#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/progress.h"

static void shows_share_speed_and_time_left(void **state)
{
    (void)state;
    static const struct {
        uint64_t done, total;
        int64_t elapsed_ns;
        const char *expected;
    } examples[] = {
        { 42000000, 100000000, 500000000, "x  42 %  84 MB/s  0:00 left" },
        { 1000000000, 100000000000, 10000000000, "x  1 %  100 MB/s  16:30 left" },
        { 5000000, 0, 1000000000, "x  5 MB/s" },
        { 0, 100, 0, "x  0 %  0 MB/s" },
        { 100, 100, 1000000000, "x  100 %  0 MB/s  0:00 left" },
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct strbuf line = { 0 };
        progress_line(&line, "x", examples[i].done, examples[i].total, examples[i].elapsed_ns);
        assert_string_equal(line.text, examples[i].expected);
        strbuf_release(&line);
    }
}

/* Puts `fd` in the place of stderr while some work goes on. */
static void work_on(int fd, bool quiet)
{
    struct progress progress;
    int saved = dup(STDERR_FILENO);
    dup2(fd, STDERR_FILENO);
    progress_begin(&progress, "work", quiet);
    for (uint64_t i = 0; i < 1000; i++)
        progress_update(&progress, i, 1000);
    progress_end(&progress);
    dup2(saved, STDERR_FILENO);
    close(saved);
}

static void says_nothing_unless_stderr_is_a_terminal(void **state)
{
    (void)state;
    int ends[2];
    char byte;
    assert_int_equal(pipe(ends), 0);
    work_on(ends[1], false);
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 0);
    close(ends[0]);
}

/* What a terminal of that kind gets to see: once its other end is closed, reading ends with an error. */
static size_t draw_on_terminal(const char *kind, bool quiet, char *drawn, size_t size)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        skip(); /* a system without pseudo-terminals, such as a bare chroot */
    int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(terminal >= 0);
    setenv("TERM", kind, 1);
    work_on(terminal, quiet);
    close(terminal);
    size_t length = 0;
    for (ssize_t got; length < size - 1 && (got = read(master, drawn + length, size - 1 - length)) > 0;)
        length += (size_t)got;
    drawn[length] = '\0';
    close(master);
    return length;
}

static void draws_on_a_terminal_and_wipes_the_line(void **state)
{
    (void)state;
    char drawn[64 * 1024];
    size_t length = draw_on_terminal("xterm", false, drawn, sizeof drawn);
    assert_true(length > 10);
    assert_memory_equal(drawn, "\rwork  0 %", 10);
    assert_string_equal(drawn + length - 4, "\r\033[K");
    size_t lines = 0;
    for (const char *at = drawn; (at = strstr(at, "\rwork")); at++)
        lines++;
    assert_true(lines < 500); /* of a thousand calls */
}

static void says_nothing_when_quiet_or_on_a_dumb_terminal(void **state)
{
    (void)state;
    char drawn[1024];
    assert_int_equal(draw_on_terminal("xterm", true, drawn, sizeof drawn), 0);
    assert_int_equal(draw_on_terminal("dumb", false, drawn, sizeof drawn), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_share_speed_and_time_left),
        cmocka_unit_test(says_nothing_unless_stderr_is_a_terminal),
        cmocka_unit_test(draws_on_a_terminal_and_wipes_the_line),
        cmocka_unit_test(says_nothing_when_quiet_or_on_a_dumb_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
