/* A CSV record that is being put together: its fields, each followed by a NUL, and the caps on them. */
#ifndef CORE_CSVRECORD_H
#define CORE_CSVRECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/text.h"

struct csvrecord {
    size_t max_field_bytes, max_fields, max_bytes;
    char *bytes;
    size_t used, capacity;
    struct slice *fields; /* into `bytes` */
    size_t field_count, field_capacity;
};

enum csvrecord_fit { CSVRECORD_FITS, CSVRECORD_FIELD_BYTES, CSVRECORD_FIELDS, CSVRECORD_BYTES };

void csvrecord_clear(struct csvrecord *record);   /* no fields; keeps the memory */
void csvrecord_release(struct csvrecord *record); /* wipes it, too */

/* Adds a field, or says which cap it is over. */
enum csvrecord_fit csvrecord_add(struct csvrecord *record, const char *text, size_t length);

/* Adds the fields at the start of a line, which ends where `length` does, to an empty record: those without quotes, and
 * those in quotes that hold no quote and no line end. Gives how much of the line they are, with the delimiter after
 * them: 0 if the first is not such a field or one is over a cap; length + 1 if they are the whole line. */
size_t csvrecord_split(struct csvrecord *record, const char *line, size_t length, char delimiter);

#endif
