/* The surveys of a workspace as the page needs them: read when first asked for, read again when the file changed. */
#ifndef CLI_SURVEY_SHELF_H
#define CLI_SURVEY_SHELF_H

#include "core/workspace.h"
#include "surveys/definition.h"

struct survey_shelf {
    const struct workspace *workspace;
    struct survey_shelf_entry *entries;
    size_t count, capacity;
};

void survey_shelf_release(struct survey_shelf *shelf);

/* The survey of that name, or NULL if there is none or it has mistakes. Valid until the next call. */
const struct survey *survey_shelf_find(void *shelf, const char *name);

#endif
