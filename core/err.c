#include "core/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"

static void fill(struct err *err, enum err_code code, const char *file, int line)
{
    err->code = code;
    err->file = file;
    err->line = line;
}

int err_set_at(struct err *err, enum err_code code, const char *file, int line, const char *format, ...)
{
    if (!err)
        return code;
    fill(err, code, file, line);
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    utf8_make_plain(err->message, strlen(err->message));
    return code;
}

int err_set_errno_at(struct err *err, enum err_code code, const char *file, int line, const char *format, ...)
{
    int number = errno;
    if (!err)
        return code;
    fill(err, code, file, line);
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    utf8_make_plain(err->message, strlen(err->message));
    size_t used = strlen(err->message);
    snprintf(err->message + used, sizeof err->message - used, ": %s", strerror(number));
    return code;
}

int err_prefix(struct err *err, const char *format, ...)
{
    if (!err)
        return ERR_INTERNAL;
    char message[sizeof err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    utf8_make_plain(message, strlen(message));
    size_t used = strlen(message);
    snprintf(message + used, sizeof message - used, ": %.*s", (int)(sizeof message - used), err->message);
    memcpy(err->message, message, sizeof message);
    return err->code;
}

int err_exit_status(int code)
{
    return code < 0 ? -code : 0;
}

_Noreturn void err_bug_at(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "fallzahl: bug: %s:%d: ", file, line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    _Exit(-ERR_INTERNAL);
}
