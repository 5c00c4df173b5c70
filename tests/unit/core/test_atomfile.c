#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/atomfile.h"

static int make_folder(void **state)
{
    static char folder[64];
    snprintf(folder, sizeof folder, "/tmp/fallzahl-test-XXXXXX");
    *state = mkdtemp(folder);
    return *state && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    return chdir("/") == 0 && atomfile_remove_tree(*state, NULL) == 0 ? 0 : -1;
}

static struct slice slice(const char *text)
{
    return (struct slice){ text, strlen(text) };
}

static void assert_content(const char *path, const char *expected)
{
    struct strbuf content = { 0 };
    assert_int_equal(atomfile_read(path, 1000, &content, NULL), 0);
    assert_string_equal(strbuf_text(&content), expected);
    strbuf_release(&content);
}

static mode_t mode_of(const char *path)
{
    struct stat found;
    assert_int_equal(lstat(path, &found), 0);
    return found.st_mode & 07777;
}

static bool exists(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0;
}

static void writes_a_file_with_its_mode_whatever_the_umask(void **state)
{
    (void)state;
    umask(0077);
    assert_int_equal(atomfile_write("a", 0644, slice("one"), NULL), 0);
    umask(0022);
    assert_content("a", "one");
    assert_int_equal(mode_of("a"), 0644);
    assert_int_equal(atomfile_write("a", 0600, slice("two"), NULL), 0);
    assert_content("a", "two");
    assert_int_equal(mode_of("a"), 0600);
    assert_int_equal(atomfile_write("./a", 0600, slice(""), NULL), 0);
    assert_content("a", "");
    assert_false(exists(".tmp-a"));
}

static void a_reader_of_the_old_file_keeps_it(void **state)
{
    (void)state;
    char text[4] = "";
    assert_int_equal(atomfile_write("b", 0600, slice("old"), NULL), 0);
    int fd = open("b", O_RDONLY);
    assert_int_equal(atomfile_write("b", 0600, slice("new"), NULL), 0);
    assert_int_equal(read(fd, text, 3), 3);
    assert_string_equal(text, "old");
    close(fd);
}

static void what_a_killed_run_left_does_no_harm(void **state)
{
    (void)state;
    assert_int_equal(atomfile_write("victim", 0600, slice("untouched"), NULL), 0);
    assert_int_equal(symlink("victim", ".tmp-c"), 0);
    assert_int_equal(atomfile_write("c", 0600, slice("c"), NULL), 0);
    assert_content("victim", "untouched");
    assert_content("c", "c");
    assert_int_equal(atomfile_write(".tmp-left", 0600, slice("half"), NULL), 0);
    assert_int_equal(atomfile_clean(".", NULL), 0);
    assert_false(exists(".tmp-left"));
    assert_content("c", "c");
}

static void a_failed_write_leaves_the_old_file(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(atomfile_write("missing/a", 0600, slice("x"), &err), ERR_CANTCREAT);
    assert_non_null(strstr(err.message, "missing/.tmp-a"));
    assert_int_equal(mkdir("is-folder", 0700), 0);
    assert_int_equal(atomfile_write("is-folder", 0600, slice("x"), &err), ERR_IO);
    assert_false(exists(".tmp-is-folder"));
    assert_int_equal(atomfile_write("/dev/full/x", 0600, slice("x"), &err), ERR_CANTCREAT);
}

/* A file size limit stands in for a full disk. */
static void a_full_disk_leaves_the_old_file(void **state)
{
    (void)state;
    struct rlimit before, limit;
    struct err err;
    assert_int_equal(atomfile_write("full", 0600, slice("old"), NULL), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){ 10, before.rlim_max };
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    int code = atomfile_write("full", 0600, slice("longer than ten bytes"), &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(code, ERR_IO);
    assert_string_equal(err.message, "cannot write '.tmp-full': File too large");
    assert_content("full", "old");
    assert_false(exists(".tmp-full"));
}

static void swaps_symlinks(void **state)
{
    (void)state;
    char target[16] = "";
    assert_int_equal(atomfile_symlink("2026-01-31", "latest", NULL), 0);
    assert_int_equal(atomfile_symlink("2026-02-28", "latest", NULL), 0);
    assert_int_equal(readlink("latest", target, sizeof target), 10);
    assert_string_equal(target, "2026-02-28");
    assert_false(exists(".tmp-latest"));
}

static void makes_folders_with_their_parents(void **state)
{
    (void)state;
    char path[128];
    umask(0077);
    assert_int_equal(atomfile_mkdir("x/y//z/", 0755, NULL), 0);
    umask(0022);
    assert_int_equal(mode_of("x"), 0755);
    assert_int_equal(mode_of("x/y/z"), 0755);
    assert_int_equal(atomfile_mkdir("x/y", 0700, NULL), 0);
    assert_int_equal(mode_of("x/y"), 0755);
    snprintf(path, sizeof path, "%s/abs/d", (const char *)*state);
    assert_int_equal(atomfile_mkdir(path, 0700, NULL), 0);
    assert_true(exists("abs/d"));
    assert_int_equal(atomfile_write("file", 0600, slice(""), NULL), 0);
    assert_int_equal(atomfile_mkdir("file/d", 0700, NULL), ERR_CANTCREAT);
}

static void removes_trees_but_follows_no_symlink(void **state)
{
    (void)state;
    assert_int_equal(atomfile_mkdir("kept", 0700, NULL), 0);
    assert_int_equal(atomfile_write("kept/file", 0600, slice("kept"), NULL), 0);
    assert_int_equal(atomfile_mkdir("gone/deep/er", 0700, NULL), 0);
    assert_int_equal(atomfile_write("gone/deep/er/file", 0400, slice(""), NULL), 0);
    assert_int_equal(symlink("../kept", "gone/link"), 0);
    assert_int_equal(symlink("kept", "link"), 0);
    assert_int_equal(atomfile_remove_tree("gone", NULL), 0);
    assert_false(exists("gone"));
    assert_int_equal(atomfile_remove_tree("link", NULL), 0);
    assert_false(exists("link"));
    assert_content("kept/file", "kept");
    assert_int_equal(atomfile_remove_tree("gone", NULL), 0);
    assert_int_equal(atomfile_remove_tree("kept/file/x", NULL), ERR_IO);
}

static void renames_folders(void **state)
{
    (void)state;
    assert_int_equal(atomfile_mkdir("p/staged", 0700, NULL), 0);
    assert_int_equal(atomfile_rename("p/staged", "final", NULL), 0);
    assert_true(exists("final"));
    assert_int_equal(atomfile_rename("p/staged", "final", NULL), ERR_IO);
}

static void reads_up_to_a_limit(void **state)
{
    (void)state;
    struct strbuf content = { 0 };
    struct err err;
    strbuf_adds(&content, "before");
    assert_int_equal(atomfile_write("four", 0600, slice("1234"), NULL), 0);
    assert_int_equal(atomfile_read("four", 3, &content, &err), ERR_DATA);
    assert_string_equal(err.message, "'four' is larger than 3 bytes");
    assert_int_equal(atomfile_read("absent", 3, &content, &err), ERR_NOINPUT);
    assert_int_equal(atomfile_read(".", 3, &content, &err), ERR_IO);
    assert_string_equal(content.text, "before");
    assert_int_equal(atomfile_read("four", 4, &content, NULL), 0);
    assert_string_equal(content.text, "1234");
    strbuf_release(&content);
}

/* Through a pipe that takes 64 KiB at a time, and onto a disk that is full. */
static void test_put_writes_all_or_fails(void **state)
{
    (void)state;
    enum { LENGTH = 300000 };
    char *text = malloc(LENGTH), part[4096];
    int ends[2], full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    size_t got = 0;
    assert_non_null(text);
    memset(text, 'x', LENGTH);
    assert_int_equal(pipe(ends), 0);
    pid_t writer = fork();
    if (writer == 0)
        _exit(atomfile_put(ends[1], (struct slice) { text, LENGTH }) ? 1 : 0);
    close(ends[1]);
    for (ssize_t now; (now = read(ends[0], part, sizeof part)) > 0;)
        got += (size_t)now;
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_int_equal(status, 0);
    assert_int_equal(got, LENGTH);
    assert_int_equal(atomfile_put(full, (struct slice) { text, LENGTH }), -1);
    close(full);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put_writes_all_or_fails),
        cmocka_unit_test(writes_a_file_with_its_mode_whatever_the_umask),
        cmocka_unit_test(a_reader_of_the_old_file_keeps_it),
        cmocka_unit_test(what_a_killed_run_left_does_no_harm),
        cmocka_unit_test(a_failed_write_leaves_the_old_file),
        cmocka_unit_test(a_full_disk_leaves_the_old_file),
        cmocka_unit_test(swaps_symlinks),
        cmocka_unit_test(makes_folders_with_their_parents),
        cmocka_unit_test(removes_trees_but_follows_no_symlink),
        cmocka_unit_test(renames_folders),
        cmocka_unit_test(reads_up_to_a_limit),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
