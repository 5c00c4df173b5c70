/* Rows of case_<source>, written.
 *
 * The low part of an id comes from the case key, so that no id has to be asked for; where it is taken (once in millions), the
 * next free one of the person is used. */
#ifndef ETL_CASE_WRITER_H
#define ETL_CASE_WRITER_H

#include "etl/batch.h"
#include "etl/label_use.h"

struct case_writer;

struct case_image {         /* a row to be written */
    uint32_t row;           /* of the batch */
    bool is_stored;         /* a newer version of the case that has this id */
    int64_t id;             /* a new one, or that of the case as it is stored; may come back as another */
};

struct case_images {
    const struct batch *batch;
    int64_t file;
    const int64_t *numbers; /* as identity_rows.numbers */
    struct case_image *list;
    size_t count;
};

int case_writer_open(struct case_writer **writer, const struct store *store, const struct case_table *table,
                     struct err *err);
void case_writer_free(struct case_writer *writer);

/* What learns which codes the cases gain and lose; the caller's. Before anything is written. */
void case_writer_set_labels(struct case_writer *writer, struct label_use *labels);

/* The id that a case of the person would have. */
int64_t case_writer_id(int64_t person, const unsigned char key[PSEUDONYM_BYTES]);

/* Writes the rows; new cases and newer versions of stored ones, which keep what a version does not change (held,
 * released). Sorts the list: new ones first, by id. */
int case_writer_write(struct case_writer *writer, struct case_images *images, struct err *err);
/* Gives a stored case another id, which may come back as a third. */
int case_writer_move(struct case_writer *writer, int64_t from, int64_t *to, struct err *err);
/* The identifiers that a stored case carries, one for each of the source: identifier.identifier or 0. */
int case_writer_whose(struct case_writer *writer, int64_t id, int64_t *numbers, struct err *err);
int case_writer_delete(struct case_writer *writer, int64_t id, struct err *err);
/* Kept for a hold alone: out of statistics and surveys. The next version that is written takes the mark away. */
int case_writer_mark(struct case_writer *writer, int64_t id, struct err *err);
int case_writer_is_marked(struct case_writer *writer, int64_t id, bool *marked, struct err *err);
int case_writer_touch(struct case_writer *writer, int64_t id, int64_t file, struct err *err); /* sets the file */

/* The next id free for a case of nobody known. */
int case_writer_nobody(struct case_writer *writer, int64_t *id, struct err *err);

#endif
