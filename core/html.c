#include "core/html.h"

#include <string.h>

static const char *reference(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void html_add_text(struct strbuf *out, const char *text)
{
    while (*text) {
        size_t plain = strcspn(text, "&<>\"'");
        strbuf_add(out, text, plain);
        text += plain;
        if (*text)
            strbuf_adds(out, reference(*text++));
    }
}
