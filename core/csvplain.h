/* The part of a CSV line that needs no parser: fields without quotes. */
#ifndef CORE_CSVPLAIN_H
#define CORE_CSVPLAIN_H

#include <stdbool.h>
#include <stddef.h>

/* How a line begins: fields without quotes up to the end of the line, or up to the field with the first quote. */
struct csvplain {
    size_t length;   /* of the fields with the delimiters between them */
    size_t consumed; /* with what ends them: a delimiter, LF or CR LF; 0: there is no such start */
    bool is_record;  /* they are the whole line */
};

/* Looks at `text`, which begins where a record does. Nothing is found where the line's end is not there, or where a CR
 * stands that is not followed by LF. */
struct csvplain csvplain_find(const char *text, size_t length, int delimiter);

#endif
