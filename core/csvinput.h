/* The bytes of an input file: plain, or unpacked by libarchive (gzip, bzip2, xz, zstd; a single stream), told apart by
 * content. The digest is of the file on disk, packed as it may be. Never holds more than a block in memory. */
#ifndef CORE_CSVINPUT_H
#define CORE_CSVINPUT_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/text.h"

struct csvinput;

/* Takes over the descriptor, also on failure. `block_bytes`: how much is read at once, 0 for 256 KiB. ERR_NOINPUT for
 * a folder, ERR_IO, ERR_DATA for a packed file that cannot be unpacked. */
int csvinput_open(struct csvinput **input, int fd, size_t block_bytes, struct err *err);
void csvinput_free(struct csvinput *input);

/* The next unpacked bytes, valid until the next call; an empty slice at the end. ERR_IO, ERR_DATA (damaged). */
int csvinput_read(struct csvinput *input, struct slice *bytes, struct err *err);

/* Bytes of the file on disk read so far, and its size (0 if unknown). */
void csvinput_progress(const struct csvinput *input, uint64_t *done_bytes, uint64_t *total_bytes);

/* BLAKE2b-256 of the file on disk; valid once csvinput_read() has given an empty slice. */
void csvinput_digest(const struct csvinput *input, unsigned char digest[32]);

#endif
