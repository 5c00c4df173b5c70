/* Building JSON with jansson as core/mem.h allocates: what cannot be made ends the program, so callers check nothing. */
#ifndef CORE_JSON_BUILD_H
#define CORE_JSON_BUILD_H

#include <jansson.h>

/* `value` itself, never NULL. */
json_t *json_made(json_t *value);
/* A text that comes from outside (a file's name): where it is not UTF-8, "?" stands for each byte beyond ASCII. */
json_t *json_text_made(const char *text);
/* Each takes the reference to `value` over. */
void json_set_made(json_t *object, const char *key, json_t *value);
void json_append_made(json_t *list, json_t *value);

#endif
