/* Text into HTML. */
#ifndef CORE_HTML_H
#define CORE_HTML_H

#include "core/strbuf.h"

/* Adds the text with & < > " ' as references, so that it is text in element content and in quoted attributes. */
void html_add_text(struct strbuf *out, const char *text);

#endif
