#include "reports/json.h"

#include <stdlib.h>
#include <string.h>

#include "core/strbuf.h"

void json_put(json_t *object, const char *key, const char *text)
{
    if (text)
        BUG_ON(json_object_set_new(object, key, json_string(text)) < 0);
}

int json_stage(json_t *value, struct stage *stage, const char *path, struct err *err)
{
    struct strbuf content = { 0 };
    char *text = json_dumps(value, JSON_INDENT(2));
    BUG_ON(!text);
    strbuf_addf(&content, "%s\n", text);
    int code = stage_add(stage, path, (struct slice){ content.text, content.length }, err);
    strbuf_release(&content);
    free(text);
    json_decref(value);
    return code;
}
