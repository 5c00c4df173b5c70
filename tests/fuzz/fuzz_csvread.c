/* Fuzz target: any bytes as a CSV file. The first byte chooses delimiter, encoding and caps, the second the block size.
 * What the reader says may not depend on how the bytes come. */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/csvread.h"

static const char *const encodings[] = { NULL, "cp1252", "utf-16", "shift_jis" };

static int file_of(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
        __builtin_trap();
    return fd;
}

static void say_record(struct strbuf *said, const struct csv_record *record)
{
    strbuf_addf(said, "%llu@%llu", (unsigned long long)record->line, (unsigned long long)record->offset);
    for (size_t i = 0; i < record->count; i++) {
        if (strlen(record->fields[i].text) != record->fields[i].length)
            __builtin_trap();
        strbuf_addc(said, '\x1f');
        strbuf_add(said, record->fields[i].text, record->fields[i].length);
    }
}

static void read_all(const uint8_t *data, size_t size, const struct csvread_options *options, struct strbuf *said)
{
    struct csvread *reader;
    struct csv_record record;
    struct err err = { 0 };
    int code = csvread_open_fd(&reader, file_of(data, size), "fuzz", options, &err);
    if (!code) {
        while ((code = csvread_next(reader, &record, &err)) == 1) {
            csvread_clean(reader);
            say_record(said, &record);
        }
        csvread_free(reader);
    }
    strbuf_addf(said, "%d %s", code, err.message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct csvread_options options = {
        .delimiter = data[0] & 1 ? ';' : ',',
        .encoding = encodings[data[0] >> 1 & 3],
        .max_field_bytes = data[0] & 8 ? 9 : 0,
        .max_fields = data[0] & 16 ? 3 : 0,
        .block_bytes = 4096,
        .salvage = data[0] & 32,
    };
    struct strbuf whole = { 0 }, parted = { 0 };
    read_all(data + 2, size - 2, &options, &whole);
    options.block_bytes = data[1] + 1u;
    read_all(data + 2, size - 2, &options, &parted);
    if (strcmp(strbuf_text(&whole), strbuf_text(&parted)) != 0)
        __builtin_trap();
    strbuf_release(&whole);
    strbuf_release(&parted);
    return 0;
}
