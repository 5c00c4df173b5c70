/* A growing string, always NUL-terminated. A zeroed struct is an empty string and needs no init. */
#ifndef CORE_STRBUF_H
#define CORE_STRBUF_H

#include <stdarg.h>
#include <stddef.h>

struct strbuf {
    char *text; /* NULL while nothing was ever added: use strbuf_text() */
    size_t length, capacity;
};

const char *strbuf_text(const struct strbuf *buf); /* "" for an empty one */
void strbuf_add(struct strbuf *buf, const char *text, size_t length);
void strbuf_adds(struct strbuf *buf, const char *text);
void strbuf_addc(struct strbuf *buf, char c);
void strbuf_addf(struct strbuf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strbuf_addv(struct strbuf *buf, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
void strbuf_clear(struct strbuf *buf);  /* to length 0, keeps the memory */
void strbuf_wipe(struct strbuf *buf);   /* zeroes the memory, then frees it */
void strbuf_release(struct strbuf *buf);

#endif
