/* Fuzz target: first line a date format, the rest a text. What is read must be a day that its own ISO form reads back. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/calendar.h"

static struct zone *berlin;
static struct date_format *iso;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return zone_open(&berlin, "Europe/Berlin", NULL) || date_format_compile(&iso, "iso", NULL);
}

static void check(const struct date_read *read)
{
    char text[32];
    struct date_read again;
    struct calendar_date date = calendar_date(read->day);
    if (!calendar_is_valid(date))
        return; /* an offset may lead to the day before year 1 or after year 9999 */
    calendar_format_day(read->day, text);
    if (!date_read(&iso, 1, berlin, text, strlen(text), &again) || again.day != read->day)
        __builtin_trap();
    calendar_format_instant(read->instant, text);
    if (strlen(text) == 20 && text[0] != '-' && strncmp(text, "0000", 4) != 0 &&
        (!date_read(&iso, 1, berlin, text, strlen(text), &again) || again.instant != read->instant))
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
    if (!line)
        return 0;
    char *pattern = strndup((const char *)data, (size_t)(line - data));
    size_t length = size - (size_t)(line - data) - 1;
    char *text = malloc(length ? length : 1); /* exactly as long, so that reading past it shows */
    if (length)
        memcpy(text, line + 1, length);
    struct date_format *format = NULL;
    struct date_read read;
    if (!date_format_compile(&format, pattern, NULL) && date_read(&format, 1, berlin, text, length, &read))
        check(&read);
    date_format_free(format);
    free(text);
    free(pattern);
    return 0;
}
