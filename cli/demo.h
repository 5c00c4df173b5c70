/* The demo's inputs: one export of cases and one of what people declare per month from January 2024 to February 2026, made up, the same every time. */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include "core/err.h"

/* Writes cases-2024-01.csv … cases-2026-02.csv into the folder, which exists. ERR_CANTCREAT, ERR_IO. */
int demo_write(const char *folder, struct err *err);

#endif
