/* csv_dump FILE: prints each record, the header first, as a JSON array of texts; for comparing with other readers. */
#include <jansson.h>
#include <stdio.h>

#include "core/csvread.h"

static void print_record(const struct csv_record *record)
{
    json_t *fields = json_array();
    for (size_t i = 0; i < record->count; i++)
        json_array_append_new(fields, json_stringn(record->fields[i].text, record->fields[i].length));
    json_dumpf(fields, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(fields);
}

int main(int argc, char **argv)
{
    struct csvread *reader;
    struct csv_record record;
    struct err err;
    if (argc != 2)
        return -ERR_USAGE;
    int code = csvread_open(&reader, argv[1], NULL, &err);
    if (!code) {
        print_record(csvread_header(reader));
        while ((code = csvread_next(reader, &record, &err)) == 1)
            print_record(&record);
        csvread_free(reader);
    }
    if (code)
        fprintf(stderr, "%s\n", err.message);
    return err_exit_status(code);
}
