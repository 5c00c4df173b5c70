/* A child confines itself and tries what it may and what it may not. Without Landlock only no_new_privs is looked at. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/sandbox.h"

static char folder[] = "/tmp/test_sandbox.XXXXXX";

static void put(const char *name)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs("text", file);
    fclose(file);
}

static int make_files(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || chdir(folder) || system("mkdir texts keys") != 0) /* fixed command */
        return 1;
    put("own.db");
    put("other.db");
    put("texts/a.yaml");
    put("keys/secret");
    return symlink("../keys/secret", "texts/link.yaml") || link("other.db", "second-name.db");
}

static int remove_files(void **state)
{
    (void)state;
    char command[80];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") || system(command);
}

static const struct sandbox_path paths[] = { { "own.db", true }, { "texts", false }, { "/proc/self", false } };

/* errno of opening, 0 if it opens. */
static int try(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);
    int problem = fd < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    return problem;
}

static bool is_open_for_use(void)
{
    return try("own.db", O_RDWR) == 0 && try("own.db", O_WRONLY | O_TRUNC) == 0 && try("texts/a.yaml", O_RDONLY) == 0;
}

static bool is_closed(void)
{
    return try("other.db", O_RDONLY) == EACCES && try("second-name.db", O_RDWR) == EACCES && try("keys/secret", O_RDONLY) == EACCES &&
           try("keys", O_RDONLY | O_DIRECTORY) == EACCES && try("texts/link.yaml", O_RDONLY) == EACCES &&
           try("texts/a.yaml", O_WRONLY) == EACCES && try("new", O_WRONLY | O_CREAT) == EACCES && try("/etc/passwd", O_RDONLY) == EACCES &&
           unlink("own.db") && errno == EACCES && rename("own.db", "texts/own.db");
}

static bool cannot_execute(void)
{
    execl("/bin/true", "true", (char *)NULL);
    return errno == EACCES;
}

static bool cannot_connect(int version, uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = port };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return version < 4 || (connect(fd, (const struct sockaddr *)&address, sizeof address) && errno == EACCES);
}

/* The first thing that is not as it should be; 0: all is. */
static int child(uint16_t port)
{
    int version = -1;
    if (sandbox_enter(paths, 3, &version, NULL))
        return 1;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        return 2;
    if (!is_open_for_use())
        return 3;
    if (version == 0) {
        print_message("# the kernel has no Landlock\n");
        return 0;
    }
    if (!is_closed())
        return 4;
    if (!cannot_connect(version, port))
        return 5;
    return cannot_execute() ? 0 : 6;
}

static void test_confined(void **state)
{
    (void)state;
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listening = socket(AF_INET, SOCK_STREAM, 0), status;
    assert_return_code(bind(listening, (const struct sockaddr *)&address, sizeof address), errno);
    assert_return_code(listen(listening, 1), errno);
    assert_return_code(getsockname(listening, (struct sockaddr *)&address, &length), errno);
    pid_t pid = fork();
    if (pid == 0)
        _exit(child(address.sin_port));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(listening);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(try("other.db", O_RDONLY), 0); /* the parent is not confined */
}

static void test_missing_path(void **state)
{
    (void)state;
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        const struct sandbox_path missing = { "not there", true };
        struct err err = { 0 };
        int version, code = sandbox_enter(&missing, 1, &version, &err);
        _exit(version == 0 || (code == ERR_IO && strstr(err.message, "not there")) ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_confined), cmocka_unit_test(test_missing_path) };
    return cmocka_run_group_tests_name("sandbox", tests, make_files, remove_files);
}
