/* A finding in plain words, English or German. */
#ifndef STATS_DERIVED_FINDING_TEXT_H
#define STATS_DERIVED_FINDING_TEXT_H

#include "core/strbuf.h"
#include "stats/derived/findings.h"

enum finding_language { FINDING_ENGLISH, FINDING_GERMAN };

/* Appends one or two sentences. */
void finding_text(const struct finding *finding, enum finding_language language, struct strbuf *out);

/* Appends the labels of a line that are not totals, "brand nordhaus, channel chat", without those of dimension `except`
 * (PANEL_NONE: with all); nothing for the total. */
void finding_group(const struct panel *panel, size_t line, size_t except, struct strbuf *out);

#endif
