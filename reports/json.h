/* Building JSON files with jansson: members keep the order in which they were set. */
#ifndef REPORTS_JSON_H
#define REPORTS_JSON_H

#include <jansson.h>

#include "reports/stage.h"

/* Sets a member; a text that is not UTF-8 is a BUG, NULL sets nothing. */
void json_put(json_t *object, const char *key, const char *text);

/* Adds the value as a file, indented, and releases it. */
int json_stage(json_t *value, struct stage *stage, const char *path, struct err *err);

#endif
