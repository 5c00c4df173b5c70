/* Rows of text in aligned columns: the first row is the header, columns of numbers are set to the right. */
#ifndef CLI_GRID_H
#define CLI_GRID_H

#include <stdio.h>

struct grid;

struct grid *grid_new(void);
void grid_add(struct grid *grid, const char *cell); /* NULL is an empty cell; copied */
void grid_end(struct grid *grid);                   /* ends the row */
void grid_print(const struct grid *grid, FILE *out);/* control characters are shown as '?' */
void grid_free(struct grid *grid);

#endif
