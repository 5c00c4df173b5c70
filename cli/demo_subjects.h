/* The rights that the demo's customers claim: a few objections, erasures, opt-outs and holds each month. */
#ifndef CLI_DEMO_SUBJECTS_H
#define CLI_DEMO_SUBJECTS_H

#include "cli/demo_people.h"

/* Appends the month's file of subject events (docs/rights.md). `month`: since the first; `name`: as 2024-01. */
void demo_subjects_month(const struct demo_person *people, struct demo_random *random, int month, const char *name, struct strbuf *out);

#endif
