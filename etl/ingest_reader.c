#include "etl/ingest_reader.h"

#include <inttypes.h>
#include <string.h>

static int begin_quarantine(struct ingest_reader *reader, struct err *err)
{
    const struct ingest *ingest = reader->ingest;
    const struct quarantine_options options = {
        .folder = ingest->quarantine_folder,
        .keyring = ingest->store->keyring,
        .source = reader->source->name,
        .input = basename(reader->path),
        .expires_day = zone_day(ingest->sources->zone, ingest->now) + ingest->term.quarantine_days,
    };
    return quarantine_begin(&reader->quarantine, &options, csvread_header(reader->csv), err);
}

int ingest_reader_open(struct ingest_reader *reader, int fd, struct err *err)
{
    const struct csvread_options options = { .delimiter = reader->source->delimiter,
                                             .encoding = reader->source->encoding };
    int code = csvread_open_fd(&reader->csv, fd, reader->path, &options, err);
    if (code)
        return code;
    reader->from = INT32_MAX;
    reader->to = INT32_MIN;
    progress_begin(&reader->progress, basename(reader->path), reader->ingest->quiet);
    code = mapper_open(&reader->mapper, reader->ingest->sources, reader->source, csvread_header(reader->csv),
                       reader->ingest->now, err);
    if (code)
        return err_prefix(err, "%s", reader->path);
    return begin_quarantine(reader, err);
}

void ingest_reader_close(struct ingest_reader *reader)
{
    if (reader->csv)
        progress_end(&reader->progress);
    quarantine_abort(reader->quarantine);
    mapper_free(reader->mapper);
    csvread_free(reader->csv);
    batch_maker_release(&reader->maker);
    *reader = (struct ingest_reader){ 0 };
}

int ingest_reader_check(const struct ingest_reader *reader, bool at_end, struct err *err)
{
    const struct source *source = reader->source;
    bool too_many = source->max_reject_rows >= 0 && reader->rejected > (uint64_t)source->max_reject_rows;
    if (at_end)
        too_many |= (double)reader->rejected * 100 > source->max_reject_percent * (double)reader->rows;
    if (!too_many)
        return 0;
    return err_set(err, ERR_DATA, "%s: %" PRIu64 " of %" PRIu64 " rows%s rejected, more than max_rejects allows", reader->path,
                   reader->rejected, reader->rows, at_end ? "" : " read so far");
}

static int reject(struct ingest_reader *reader, struct batch *batch, const struct csv_record *record,
                  const struct case_row *row, const struct map_reject *reject, struct err *err)
{
    reader->rejected++;
    int code = quarantine_add(reader->quarantine, record, reject, err);
    if (!code && reader->source->delivery == SOURCE_SNAPSHOT)
        batch_add(batch, &reader->maker, row);
    return code ? code : ingest_reader_check(reader, false, err);
}

static void accept(struct ingest_reader *reader, struct batch *batch, const struct case_row *row)
{
    batch_add(batch, &reader->maker, row);
    if (row->state != CASE_CLOSED)
        return;
    if (row->closed_day < reader->from)
        reader->from = row->closed_day;
    if (row->closed_day > reader->to)
        reader->to = row->closed_day;
}

static void show_progress(struct ingest_reader *reader)
{
    uint64_t done, total;
    csvread_progress(reader->csv, &done, &total);
    progress_update(&reader->progress, done, total);
}

int ingest_reader_fill(void *context, struct batch *batch, struct err *err)
{
    struct ingest_reader *reader = context;
    struct csv_record record;
    int more = 1;
    while (batch->count < BATCH_ROWS && (more = csvread_next(reader->csv, &record, err)) > 0) {
        struct case_row row;
        struct map_reject rejected;
        reader->rows++;
        if (mapper_map(reader->mapper, &record, &row, &rejected)) {
            accept(reader, batch, &row);
        } else {
            int code = reject(reader, batch, &record, &row, &rejected, err);
            if (code)
                return code;
        }
        if (reader->rows % 4096 == 0)
            show_progress(reader);
    }
    batch_finish(batch);
    return more;
}
