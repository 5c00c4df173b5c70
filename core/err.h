/* Errors: what went wrong, in one sentence, and how the program ends because of it.
 *
 * A function that can fail returns 0 or a negative `enum err_code` and takes a `struct err *` as its last
 * parameter, which it fills on failure. Output parameters are untouched on failure. `err` may be NULL where the
 * caller needs the code alone. Wording: lower case, no full stop, the problem first, the subject quoted; never the
 * content of a cell. A name of a file may be anybody's: control characters and what is no UTF-8 become '?'.
 *
 * A broken invariant of the program itself is not an error but a bug: see BUG(). */
#ifndef CORE_ERR_H
#define CORE_ERR_H

#include <stdarg.h>

/* The values are the negated exit codes of sysexits(3). */
enum err_code {
    ERR_OK = 0,
    ERR_USAGE = -64,      /* the command line is wrong */
    ERR_DATA = -65,       /* input was rejected */
    ERR_NOINPUT = -66,    /* an input does not exist or cannot be opened */
    ERR_INTERNAL = -70,   /* a bug, or the machine broke its promise */
    ERR_CANTCREAT = -73,  /* an output cannot be created */
    ERR_IO = -74,         /* reading or writing failed */
    ERR_AGAIN = -75,      /* try again: locked, busy, out of memory */
    ERR_PERMISSION = -77, /* modes or owners of files are not what they must be */
    ERR_CONFIG = -78,     /* the configuration is wrong */
};

struct err {
    enum err_code code;
    char message[768];
    const char *file; /* where in the source the error was first set */
    int line;
};

/* Fills `err` (if not NULL) and returns `code`. Use through err_set(), which adds the place. */
int err_set_at(struct err *err, enum err_code code, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
#define err_set(err, code, ...) err_set_at((err), (code), __FILE__, __LINE__, __VA_ARGS__)

/* As err_set(), and appends ": " and strerror(errno). */
int err_set_errno_at(struct err *err, enum err_code code, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
#define err_set_errno(err, code, ...) err_set_errno_at((err), (code), __FILE__, __LINE__, __VA_ARGS__)

/* Puts a context in front of the message, "context: message", and returns the code already set. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The exit status for a return code: 0 for 0, else the sysexits number. */
int err_exit_status(int code);

/* Ends the program at once with status 70 for a broken invariant; stays in release builds. */
_Noreturn void err_bug_at(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#define BUG(...) err_bug_at(__FILE__, __LINE__, __VA_ARGS__)
#define BUG_ON(condition)                                                                                              \
    do {                                                                                                               \
        if (condition)                                                                                                 \
            BUG("%s", #condition);                                                                                     \
    } while (0)

#endif
