#include "cli/demo.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/demo_row.h"
#include "cli/demo_subjects.h"
#include "core/atomfile.h"
#include "core/mem.h"

enum { SEED = 20240131, FIRST_CASE = 1000001, LATE_MONTHS = 3 };

struct demo {
    struct demo_random random;
    struct demo_person *people;
    struct demo_case *cases; /* all so far, in the order of closing */
    size_t count, capacity;
    size_t month_begins[DEMO_MONTHS + 1];
    struct demo_row row;
    struct strbuf file;
    const char *line_end;
};

static int32_t first_day(int month)
{
    return calendar_day((struct calendar_date){ DEMO_FIRST_YEAR + month / 12, 1 + month % 12, 1 });
}

static void write_case(struct demo *demo, const struct demo_case *made)
{
    demo_row_fill(&demo->row, made, &demo->people[made->person], &demo->random);
    demo_row_spoil(&demo->row, &demo->random);
    demo_row_write(&demo->row, &demo->file, demo->line_end);
    if (demo_random_chance(&demo->random, 2)) /* some systems export a row twice */
        demo_row_write(&demo->row, &demo->file, demo->line_end);
}

static void write_month(struct demo *demo, int month)
{
    demo->month_begins[month] = demo->count;
    for (int32_t day = first_day(month); day < first_day(month + 1); day++)
        for (uint32_t left = demo_case_volume(&demo->random, month, day); left > 0; left--) {
            MEM_GROW(demo->cases, demo->count, demo->capacity);
            struct demo_case *made = &demo->cases[demo->count];
            *made = demo_case_make(&demo->random, demo->people, month, day);
            made->number = FIRST_CASE + (uint32_t)demo->count++;
            made->missed = demo_random_chance(&demo->random, 3);
            if (!made->missed)
                write_case(demo, made);
        }
}

/* What last month's export missed, and corrections of cases closed up to three months before. */
static void write_late(struct demo *demo, int month)
{
    if (month == 0)
        return;
    for (size_t i = demo->month_begins[month - 1]; i < demo->month_begins[month]; i++)
        if (demo->cases[i].missed)
            write_case(demo, &demo->cases[i]);
    size_t begin = demo->month_begins[month > LATE_MONTHS ? month - LATE_MONTHS : 0];
    uint32_t candidates = (uint32_t)(demo->month_begins[month] - begin);
    for (uint32_t left = 15 + demo_random_below(&demo->random, 15); left > 0; left--) {
        struct demo_case *corrected = &demo->cases[begin + demo_random_below(&demo->random, candidates)];
        demo_case_correct(&demo->random, corrected, first_day(month) + (int32_t)demo_random_below(&demo->random, 28));
        write_case(demo, corrected);
    }
}

/* One system adds a BOM and ends its lines with CR LF. */
static void begin_file(struct demo *demo, int month)
{
    bool windows = month % 6 == 5;
    demo->line_end = windows ? "\r\n" : "\n";
    strbuf_clear(&demo->file);
    strbuf_adds(&demo->file, windows ? "\xEF\xBB\xBF" : "");
    demo_row_write_header(&demo->file, demo->line_end);
}

static int save_file(const struct demo *demo, const char *folder, const char *kind, const char *month, struct err *err)
{
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s/%s-%s.csv", folder, kind, month);
    int code = atomfile_write(strbuf_text(&path), 0640, (struct slice){ demo->file.text, demo->file.length }, err);
    strbuf_release(&path);
    return code;
}

int demo_write(const char *folder, struct err *err)
{
    struct demo demo = { 0 };
    struct demo_random claims;
    int code = 0;
    demo_random_seed(&demo.random, SEED);
    demo_random_seed(&claims, SEED + 1); /* of their own: the exports are the same with and without them */
    demo.people = demo_people_make(&demo.random);
    for (int month = 0; !code && month < DEMO_MONTHS; month++) {
        char name[16];
        snprintf(name, sizeof name, "%04d-%02d", DEMO_FIRST_YEAR + month / 12, 1 + month % 12);
        begin_file(&demo, month);
        write_month(&demo, month);
        write_late(&demo, month);
        code = save_file(&demo, folder, "cases", name, err);
        strbuf_clear(&demo.file);
        demo_subjects_month(demo.people, &claims, month, name, &demo.file);
        if (!code)
            code = save_file(&demo, folder, "subjects", name, err);
    }
    demo_row_release(&demo.row);
    strbuf_release(&demo.file);
    free(demo.people);
    free(demo.cases);
    return code;
}
