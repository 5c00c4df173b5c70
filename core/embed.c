#include "core/embed.h"

#include <string.h>

const struct embed_file *embed_find(const char *path)
{
    for (const struct embed_file *file = embed_files; file->path; file++)
        if (strcmp(file->path, path) == 0)
            return file;
    return NULL;
}

const struct embed_file *embed_under(const char *prefix, size_t i)
{
    for (const struct embed_file *file = embed_files; file->path; file++)
        if (strncmp(file->path, prefix, strlen(prefix)) == 0 && i-- == 0)
            return file;
    return NULL;
}
