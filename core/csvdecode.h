/* An input file as UTF-8: validated as it comes, or decoded from another charset through ICU. A BOM is taken off; a BOM
 * of another encoding than the stated one is an error. NUL is not text in any encoding.
 *
 * Text before the first byte that is wrong is still given, so that an error is reported where it is. */
#ifndef CORE_CSVDECODE_H
#define CORE_CSVDECODE_H

#include <stddef.h>
#include <stdint.h>

#include "core/csvinput.h"
#include "core/err.h"
#include "core/text.h"

struct csvdecode;

/* Takes over `input` on success. `encoding`: NULL for UTF-8, else a name that ICU knows; ERR_CONFIG for another. */
int csvdecode_open(struct csvdecode **decode, struct csvinput *input, const char *encoding, struct err *err);
void csvdecode_free(struct csvdecode *decode);

/* UTF-8, before the first read: gives the bytes as they are; only a BOM of another encoding is still an error. */
void csvdecode_leave_unchecked(struct csvdecode *decode);

/* The next text, valid until the next call; empty at the end of the file. ERR_IO, ERR_DATA. */
int csvdecode_read(struct csvdecode *decode, struct slice *text, struct err *err);

/* The offset in the unpacked file of the byte `index` of the text given last. */
uint64_t csvdecode_offset(const struct csvdecode *decode, size_t index);

const struct csvinput *csvdecode_input(const struct csvdecode *decode);

#endif
