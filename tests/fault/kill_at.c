/* kill_at N COMMAND...: runs the command and kills it (SIGKILL, all threads and children) just before its N-th system
 * call that changes files: opening to write, writing, renaming, removing, linking, making folders, modes, syncing.
 * Calls on descriptors 0 to 2 do not count. Exit status 99 if it was killed, else the command's own. To try every
 * instant: count N up from 1 until the status is no longer 99. Leak checking is off: it needs ptrace for itself. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KILLED_STATUS = 99, USAGE_STATUS = 64, FAILED_STATUS = 70 };

static const unsigned long long changing_paths[] = {
#ifdef SYS_rename
    SYS_rename,   SYS_unlink,    SYS_rmdir,    SYS_mkdir,   SYS_symlink,   SYS_link,   SYS_chmod,
    SYS_creat,    SYS_truncate,
#endif
    SYS_renameat, SYS_renameat2, SYS_unlinkat, SYS_mkdirat, SYS_symlinkat, SYS_linkat, SYS_fchmodat,
};
static const unsigned long long changing_descriptors[] = {
    SYS_write,     SYS_pwrite64,  SYS_writev,    SYS_pwritev, SYS_fsync,
    SYS_fdatasync, SYS_ftruncate, SYS_fallocate, SYS_fchmod,
};

static bool among(unsigned long long call, const unsigned long long *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (calls[i] == call)
            return true;
    return false;
}
#define AMONG(call, calls) among((call), (calls), sizeof(calls) / sizeof *(calls))

static bool opens_to_write(unsigned long long flags)
{
    return (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;
}

static bool changes_files(unsigned long long call, const unsigned long long *arguments)
{
    if (call == SYS_openat)
        return opens_to_write(arguments[2]);
#ifdef SYS_open
    if (call == SYS_open)
        return opens_to_write(arguments[1]);
#endif
    return AMONG(call, changing_paths) || (AMONG(call, changing_descriptors) && arguments[0] > STDERR_FILENO);
}

static bool enters_changing_call(pid_t pid)
{
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof info, &info) <= 0)
        return false;
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
        return false;
    unsigned long long arguments[6];
    for (int i = 0; i < 6; i++)
        arguments[i] = info.entry.args[i];
    return changes_files(info.entry.nr, arguments);
}

static void run_child(char **command)
{
    setenv("ASAN_OPTIONS", "detect_leaks=0", 0);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0) {
        perror("kill_at: ptrace");
        _exit(FAILED_STATUS);
    }
    raise(SIGSTOP);
    execvp(command[0], command);
    perror("kill_at: cannot run the command");
    _exit(FAILED_STATUS);
}

/* The signal to pass on when the tracee goes on; 0 for what ptrace itself has stopped it with. */
static int signal_to_pass(int status)
{
    int number = WSTOPSIG(status);
    bool is_event = (status >> 16) != 0;
    return is_event || number == SIGSTOP || number == SIGTRAP || number == (SIGTRAP | 0x80) ? 0 : number;
}

static pid_t tracees[4096];
static size_t tracee_count;

static void remember(pid_t pid)
{
    for (size_t i = 0; i < tracee_count; i++)
        if (tracees[i] == pid)
            return;
    if (tracee_count < sizeof tracees / sizeof *tracees)
        tracees[tracee_count++] = pid;
}

/* Its number may soon be another's. */
static void forget(pid_t pid)
{
    for (size_t i = 0; i < tracee_count; i++)
        if (tracees[i] == pid)
            tracees[i] = tracees[--tracee_count];
}

static int trace(pid_t child, long target)
{
    long count = 0;
    int status;
    for (;;) {
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid < 0)
            return FAILED_STATUS;
        if (pid == child && WIFEXITED(status))
            return WEXITSTATUS(status);
        if (pid == child && WIFSIGNALED(status))
            return 128 + WTERMSIG(status);
        if (!WIFSTOPPED(status)) {
            forget(pid);
            continue;
        }
        remember(pid);
        if (WSTOPSIG(status) == (SIGTRAP | 0x80) && enters_changing_call(pid) && ++count == target)
            return KILLED_STATUS;
        ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)signal_to_pass(status));
    }
}

/* Returns when nothing that was traced runs any more. */
static void kill_and_reap(void)
{
    for (size_t i = 0; i < tracee_count; i++)
        kill(tracees[i], SIGKILL);
    while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
        ;
}

int main(int argc, char **argv)
{
    long target = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
    if (target < 1) {
        fputs("usage: kill_at N COMMAND...\n", stderr);
        return USAGE_STATUS;
    }
    pid_t child = fork();
    if (child == 0)
        run_child(argv + 2);
    if (child < 0 || waitpid(child, NULL, __WALL) < 0)
        return FAILED_STATUS;
    long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                   PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC;
    if (ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)options) < 0) {
        perror("kill_at: ptrace");
        return FAILED_STATUS;
    }
    ptrace(PTRACE_SYSCALL, child, NULL, NULL);
    int status = trace(child, target);
    if (status == KILLED_STATUS)
        kill_and_reap();
    return status;
}
