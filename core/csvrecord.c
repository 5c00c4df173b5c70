#include "core/csvrecord.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

void csvrecord_clear(struct csvrecord *record)
{
    record->used = record->field_count = 0;
}

void csvrecord_release(struct csvrecord *record)
{
    if (record->bytes)
        explicit_bzero(record->bytes, record->capacity);
    free(record->bytes);
    free(record->fields);
    record->bytes = NULL;
    record->fields = NULL;
    record->used = record->capacity = record->field_count = record->field_capacity = 0;
}

/* Fields point into the bytes and move with them. */
static void reserve(struct csvrecord *record, size_t more)
{
    if (record->capacity - record->used >= more)
        return;
    size_t capacity = (record->used + more) * 2;
    char *bytes = mem_alloc(capacity);
    if (record->used)
        memcpy(bytes, record->bytes, record->used);
    for (size_t i = 0; i < record->field_count; i++)
        record->fields[i].text = bytes + (record->fields[i].text - record->bytes);
    if (record->bytes)
        explicit_bzero(record->bytes, record->capacity);
    free(record->bytes);
    record->bytes = bytes;
    record->capacity = capacity;
}

static void add_slice(struct csvrecord *record, const char *text, size_t length)
{
    MEM_GROW(record->fields, record->field_count, record->field_capacity);
    record->fields[record->field_count++] = (struct slice){ text, length };
}

enum csvrecord_fit csvrecord_add(struct csvrecord *record, const char *text, size_t length)
{
    if (length > record->max_field_bytes)
        return CSVRECORD_FIELD_BYTES;
    if (record->field_count >= record->max_fields)
        return CSVRECORD_FIELDS;
    if (record->used + length > record->max_bytes)
        return CSVRECORD_BYTES;
    reserve(record, length + 1);
    char *copy = record->bytes + record->used;
    memcpy(copy, text, length);
    copy[length] = '\0';
    record->used += length + 1;
    add_slice(record, copy, length);
    return CSVRECORD_FITS;
}

/* Where the field that begins at `field` is and ends; the end is made a NUL. NULL if it is not a simple one. */
static char *end_field(char *field, char *end, char delimiter, struct slice *slice)
{
    char *stop;
    if (*field == '"') {
        stop = memchr(field + 1, '"', (size_t)(end - field) - 1);
        if (!stop || (stop + 1 != end && stop[1] != delimiter))
            return NULL;
        *slice = (struct slice){ field + 1, (size_t)(stop - field) - 1 };
        *stop = '\0';
        return stop + 1;
    }
    stop = memchr(field, delimiter, (size_t)(end - field));
    if (!stop)
        stop = end;
    *slice = (struct slice){ field, (size_t)(stop - field) };
    *stop = '\0';
    return stop;
}

size_t csvrecord_split(struct csvrecord *record, const char *line, size_t length, char delimiter)
{
    if (length > record->max_bytes)
        return 0;
    reserve(record, length + 1);
    char *start = record->bytes, *at = start, *end = start + length;
    memcpy(start, line, length);
    *end = '\0';
    while (at <= end) {
        struct slice field;
        char *stop = end_field(at, end, delimiter, &field);
        if (!stop)
            break;
        if (field.length > record->max_field_bytes || record->field_count == record->max_fields) {
            csvrecord_clear(record);
            return 0;
        }
        add_slice(record, field.text, field.length);
        at = stop + 1;
    }
    record->used = (size_t)(at - start);
    return record->used;
}
