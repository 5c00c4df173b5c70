/* Rows of case_<source>, written. */
#ifndef ETL_CASE_WRITER_H
#define ETL_CASE_WRITER_H

#include "etl/batch.h"

struct case_writer;

struct case_order { /* a row to be written, for sorting */
    int64_t person, id;
    uint32_t row;
};

struct case_image { /* what is to be written of a row of a batch */
    const struct batch *batch;
    uint32_t row;
    int64_t file, id;
    const int64_t *numbers; /* as identity_rows.numbers */
};

int case_writer_open(struct case_writer **writer, const struct store *store, const struct case_table *table,
                     struct err *err);
void case_writer_free(struct case_writer *writer);

int case_writer_insert(struct case_writer *writer, const struct case_image *image, struct err *err);
/* Keeps what a newer version does not change: held, released. The id may change. */
int case_writer_update(struct case_writer *writer, const struct case_image *image, int64_t old_id, struct err *err);
int case_writer_delete(struct case_writer *writer, int64_t id, struct err *err);
int case_writer_touch(struct case_writer *writer, int64_t id, int64_t file, struct err *err); /* sets the file */

#endif
