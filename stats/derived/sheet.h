/* A derived table while it is written: columns first, then rows cell by cell. Numbers that are not finite become empty cells, so
 * that none reaches a file. Only stats/derived uses it, and only on what it computed from released tables. */
#ifndef STATS_DERIVED_SHEET_H
#define STATS_DERIVED_SHEET_H

#include "core/mem.h"
#include "stats/derived/panel.h"
#include "stats/release.h"

enum sheet_kind {
    SHEET_DIMENSION,
    SHEET_TEXT,
    SHEET_COUNT, /* a whole number */
    SHEET_NUMBER,
    SHEET_P /* a p value: SHEET_LEAST_P stands for that or less, so that none reads as 0 */
};

#define SHEET_LEAST_P 0.000001

struct sheet_column {
    const char *name;
    enum sheet_kind kind;
    int decimals;      /* of a number */
    const char *title; /* one sentence, which docs/statistics.md repeats */
};

struct sheet {
    struct release *release;
    struct released_table *table;
    struct released_column *columns;
    size_t column_count, column_capacity;
    struct released_value *row;
    size_t filled;
    struct arena names, texts; /* of columns; of the row that is being filled */
};

void sheet_init(struct sheet *sheet, struct release *release);
/* `columns` ends with a NULL name. A name that is taken already, by a dimension say, gets an underscore at its end. */
void sheet_add_columns(struct sheet *sheet, const struct sheet_column *columns);
/* The panel's dimension columns without the period. */
void sheet_add_dimensions(struct sheet *sheet, const struct panel *panel);

/* After the columns. The name is that of the table it comes from and `suffix` ("" or "_tests"). */
void sheet_open(struct sheet *sheet, const char *folder, const struct released_table *from, const char *suffix,
                const char *title);

void sheet_text(struct sheet *sheet, const char *text); /* NULL: empty */
void sheet_labels(struct sheet *sheet, const struct panel *panel, size_t line);
void sheet_count(struct sheet *sheet, size_t value);
void sheet_number(struct sheet *sheet, double value);
void sheet_numbers(struct sheet *sheet, const double *values, size_t count);
void sheet_skip(struct sheet *sheet, size_t cells); /* leaves them empty */
void sheet_end_row(struct sheet *sheet);            /* all cells are filled */

void sheet_close(struct sheet *sheet);

#endif
