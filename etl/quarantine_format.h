/* How a row lies in a quarantine file, for etl/quarantine*.c alone. */
#ifndef ETL_QUARANTINE_FORMAT_H
#define ETL_QUARANTINE_FORMAT_H

#include <stdint.h>

#include "core/strbuf.h"
#include "core/text.h"

enum { QUARANTINE_FORMAT = 1, QUARANTINE_CONTEXT_BYTES = 320 };

/* What a sealed row is bound to, so that it cannot be put in another's place: its input and its line. */
void quarantine_context(char context[QUARANTINE_CONTEXT_BYTES], const char *input, uint64_t line);

/* Cells to bytes and back: each as its length (4 bytes, little-endian), its text and a NUL. */
void quarantine_pack(const struct slice *cells, size_t count, struct strbuf *out);
/* The cells of `packed`, into which they point; the array is to be freed. NULL if the bytes are no such cells. */
struct slice *quarantine_unpack(struct slice packed, size_t *count);

#endif
