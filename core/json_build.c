#include "core/json_build.h"

#include <stdlib.h>

#include "core/mem.h"

json_t *json_made(json_t *value)
{
    if (!value)
        mem_fail();
    return value;
}

void json_set_made(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, json_made(value)))
        mem_fail();
}

void json_append_made(json_t *list, json_t *value)
{
    if (json_array_append_new(list, json_made(value)))
        mem_fail();
}

json_t *json_text_made(const char *text)
{
    json_t *value = json_string(text);
    if (value)
        return value;
    char *plain = mem_strdup(text);
    for (char *c = plain; *c; c++)
        if ((unsigned char)*c > 0x7f)
            *c = '?';
    value = json_made(json_string(plain));
    free(plain);
    return value;
}
