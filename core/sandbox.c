#include "core/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights that the headers of Linux 6.1 do not name. */
#define ACCESS_REFER (UINT64_C(1) << 13)
#define ACCESS_TRUNCATE (UINT64_C(1) << 14)
#define ACCESS_DEVICE_IOCTL (UINT64_C(1) << 15)
#define NET_CONNECT_TCP (UINT64_C(1) << 1)

struct ruleset {
    uint64_t files, net; /* what is forbidden unless a rule allows it */
};

static uint64_t files_of(int version)
{
    uint64_t files = (UINT64_C(1) << 13) - 1; /* all of version 1 */
    files |= version >= 2 ? ACCESS_REFER : 0;
    files |= version >= 3 ? ACCESS_TRUNCATE : 0;
    return files | (version >= 5 ? ACCESS_DEVICE_IOCTL : 0);
}

static uint64_t access_to(bool is_folder, bool writes)
{
    if (is_folder)
        return LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    return LANDLOCK_ACCESS_FS_READ_FILE | (writes ? LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE : 0);
}

static int allow(int rules, const struct ruleset *forbidden, const struct sandbox_path *path, struct err *err)
{
    struct stat found;
    int fd = open(path->path, O_PATH | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &found)) {
        int problem = errno;
        if (fd >= 0)
            close(fd);
        return err_set(err, ERR_IO, "cannot confine to '%s': %s", path->path, strerror(problem));
    }
    struct landlock_path_beneath_attr rule = { access_to(S_ISDIR(found.st_mode), path->writes) & forbidden->files, fd };
    long code = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    int problem = errno;
    close(fd);
    return code ? err_set(err, ERR_IO, "cannot confine to '%s': %s", path->path, strerror(problem)) : 0;
}

int sandbox_enter(const struct sandbox_path *paths, size_t count, int *version, struct err *err)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return err_set(err, ERR_IO, "cannot give up new privileges: %s", strerror(errno));
    long found = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    *version = found > 0 ? (int)found : 0;
    if (!*version)
        return 0;
    const struct ruleset forbidden = { files_of(*version), NET_CONNECT_TCP };
    size_t known_bytes = *version >= 4 ? sizeof forbidden : sizeof forbidden.files;
    int code = 0, rules = (int)syscall(SYS_landlock_create_ruleset, &forbidden, known_bytes, 0);
    if (rules < 0)
        return err_set(err, ERR_IO, "cannot make a sandbox: %s", strerror(errno));
    for (size_t i = 0; i < count && !code; i++)
        code = allow(rules, &forbidden, &paths[i], err);
    if (!code && syscall(SYS_landlock_restrict_self, rules, 0))
        code = err_set(err, ERR_IO, "cannot enter the sandbox: %s", strerror(errno));
    close(rules);
    return code;
}
