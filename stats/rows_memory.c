#include "stats/rows.h"

#include <stdbool.h>
#include <stdlib.h>

#include "core/mem.h"

struct memory_reader {
    const struct row_source *source;
    size_t part;
    bool done;
};

static int memory_open(const struct row_source *source, void **out, struct err *err)
{
    (void)err;
    struct memory_reader *reader = mem_zalloc(1, sizeof *reader);
    reader->source = source;
    reader->done = true;
    *out = reader;
    return 0;
}

static int memory_seek(void *context, size_t part, struct err *err)
{
    (void)err;
    struct memory_reader *reader = context;
    reader->part = part;
    reader->done = false;
    return 0;
}

static int memory_next(void *context, struct rows *rows, struct err *err)
{
    (void)err;
    struct memory_reader *reader = context;
    const struct row_source *source = reader->source;
    const struct rows_memory *memory = source->context;
    size_t first = memory->first[reader->part], last = memory->first[reader->part + 1];
    if (reader->done || first == last)
        return 0;
    reader->done = true;
    *rows = (struct rows){
        .count = last - first,
        .person = memory->rows.person + first,
        .nodes = memory->rows.nodes + first * source->dimensions,
        .values = memory->rows.values + first * source->measures,
    };
    return 1;
}

void rows_memory_init(struct rows_memory *memory, const struct rows *rows, size_t dimensions, size_t measures,
                      size_t parts)
{
    *memory = (struct rows_memory){
        .rows = *rows,
        .first = mem_zalloc(parts + 1, sizeof *memory->first),
        .source = { .dimensions = dimensions,
                    .measures = measures,
                    .parts = parts,
                    .open = memory_open,
                    .seek = memory_seek,
                    .next = memory_next,
                    .close = free },
    };
    memory->source.context = memory;
    size_t row = 0;
    for (size_t part = 1; part < parts; part++) {
        size_t cut = rows->count * part / parts;
        row = row > cut ? row : cut;
        while (row > 0 && row < rows->count && rows->person[row] == rows->person[row - 1])
            row++;
        memory->first[part] = row;
    }
    memory->first[parts] = rows->count;
}

void rows_memory_release(struct rows_memory *memory)
{
    free(memory->first);
    *memory = (struct rows_memory){ 0 };
}
