/* make_release FOLDER [NAME]: publishes a small release that was made by hand, with every kind of cell, column and text
 * that a report must get right. With a NAME it is one of that name, without the copies for German Excel. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/publish.h"
#include "stats/release_build.h"

static const struct release_build facts = {
    .name = "2026-02-28",
    .as_of = 1772280000, /* 2026-02-28T12:00:00Z */
    .k = 10,
    .program = "0.1.0",
    .config_digest = "5d41402abc4b2a76b9719d911017c592ae8fcf2d1b5e6a7c8d9e0f1a2b3c4d5e",
    .protection = "threshold only, do not publish",
};

#define DIMENSION(name_, title_)                                                                                       \
    {                                                                                                                  \
        .name = name_, .type = RELEASED_TEXT, .role = RELEASED_DIMENSION, .title = title_                              \
    }
#define LEVEL(name_, of_, title_)                                                                                      \
    {                                                                                                                  \
        .name = name_, .type = RELEASED_TEXT, .role = RELEASED_DIMENSION, .hierarchy = of_, .title = title_            \
    }

static const struct released_column channels[] = {
    DIMENSION("month", "Month in which the case was closed."),
    DIMENSION("brand", "Brand."),
    DIMENSION("channel", "Channel, \"quoted\" by the customer; M\xC3\xBCnchen, \xE6\x9D\xB1\xE4\xBA\xAC."),
    { .name = "cases", .type = RELEASED_INTEGER, .role = RELEASED_COUNT, .title = "Closed cases." },
    { .name = "satisfaction_n", .type = RELEASED_INTEGER, .role = RELEASED_COUNT, .title = "Cases with a score." },
    { .name = "satisfaction_mean",
      .type = RELEASED_DECIMAL,
      .role = RELEASED_FIGURE,
      .decimals = 2,
      .title = "Mean score.",
      .bounded = true,
      .minimum = 1,
      .maximum = 5 },
    { .name = "handling_mean",
      .type = RELEASED_DECIMAL,
      .role = RELEASED_FIGURE,
      .decimals = 1,
      .unit = "hours",
      .title = "Mean time from opening to closing." },
    { .name = "satisfaction_status",
      .type = RELEASED_TEXT,
      .role = RELEASED_STATUS,
      .title = "Why a figure is empty." },
};
static const struct released_column places[] = {
    DIMENSION("quarter", "Quarter in which the case was closed."),
    LEVEL("region", "country", "Region."),
    LEVEL("country", "country", "Country."),
    { .name = "cases", .type = RELEASED_INTEGER, .role = RELEASED_COUNT, .title = "Closed cases." },
};
static const struct released_column trends[] = {
    DIMENSION("brand", "Brand."),
    { .name = "slope",
      .type = RELEASED_DECIMAL,
      .role = RELEASED_FIGURE,
      .decimals = 3,
      .unit = "cases per month",
      .title = "Theil-Sen slope." },
};
static const struct released_column findings[] = {
    { .name = "text", .type = RELEASED_TEXT, .role = RELEASED_STATUS, .title = "What was found." },
};

#define TEXT(value)                                                                                                    \
    {                                                                                                                  \
        .present = true, .text = value                                                                                 \
    }
#define INTEGER(value)                                                                                                 \
    {                                                                                                                  \
        .present = true, .integer = value                                                                              \
    }
#define DECIMAL(value)                                                                                                 \
    {                                                                                                                  \
        .present = true, .decimal = value                                                                              \
    }
#define EMPTY                                                                                                          \
    {                                                                                                                  \
        .present = false                                                                                               \
    }

static const struct released_value channel_rows[][8] = {
    { TEXT("2026-01"), TEXT("(total)"), TEXT("(total)"), INTEGER(1234), INTEGER(800), DECIMAL(4.125), DECIMAL(26.04),
      TEXT("") },
    { TEXT("2026-01"), TEXT("nordhaus"), TEXT("(total)"), INTEGER(734), INTEGER(500), DECIMAL(4.5), DECIMAL(-0.04),
      TEXT("") },
    { TEXT("2026-01"), TEXT("nordhaus"), TEXT("chat, \"live\""), INTEGER(100), EMPTY, EMPTY, DECIMAL(1e6),
      TEXT("withheld") },
    { TEXT("2026-01"), TEXT("nordhaus"), TEXT("=cmd|' /C calc'!A0"), INTEGER(90), EMPTY, EMPTY, EMPTY, TEXT("none") },
    { TEXT("2026-01"), TEXT("nordhaus"),
      TEXT(" \xEF\xBC\x8B"
           "49"),
      INTEGER(80), EMPTY, EMPTY, EMPTY, TEXT("none") },
    { TEXT("2026-01"), TEXT("nordhaus"), TEXT("line\nbreak"), INTEGER(70), EMPTY, EMPTY, EMPTY, TEXT("none") },
    { TEXT("2026-01"), TEXT("nordhaus"), TEXT("semi;colon"), INTEGER(60), EMPTY, EMPTY, EMPTY, TEXT("none") },
    { TEXT("2026-01"), TEXT("nordhaus"), TEXT("M\xC3\xBCnchen"), INTEGER(50), EMPTY, EMPTY, EMPTY, TEXT("none") },
    { TEXT("2026-01"), TEXT("nordhaus"), TEXT("(other)"), INTEGER(40), EMPTY, EMPTY, EMPTY, TEXT("none") },
    { TEXT("2026-01"), TEXT("nordhaus"), TEXT("(withheld)"), INTEGER(244), INTEGER(200), DECIMAL(5), DECIMAL(0),
      TEXT("") },
};
static const struct released_value place_rows[][4] = {
    { TEXT("2026-Q1"), TEXT("(total)"), TEXT("(total)"), INTEGER(300) },
    { TEXT("2026-Q1"), TEXT("EU"), TEXT("(total)"), INTEGER(200) },
    { TEXT("2026-Q1"), TEXT("EU"), TEXT("DE"), INTEGER(150) },
    { TEXT("2026-Q1"), TEXT("EU"), TEXT("(withheld)"), INTEGER(50) },
};
static const struct released_value trend_rows[][2] = {
    { TEXT("nordhaus"), DECIMAL(-12.3456) },
    { TEXT("velora"), EMPTY },
};
static const struct released_value finding_rows[][1] = { { TEXT("Chat grows, e-mail shrinks.") },
                                                         { TEXT("") },
                                                         { EMPTY } };

#define ADD_TABLE(release, folder_, name_, title_, columns_, rows_)                                                    \
    do {                                                                                                               \
        const struct released_build table_build = { .folder = folder_,                                                 \
                                                    .name = name_,                                                     \
                                                    .title = title_,                                                   \
                                                    .version = 1,                                                      \
                                                    .columns = columns_,                                               \
                                                    .column_count = sizeof(columns_) / sizeof *(columns_) };           \
        struct released_table *table = release_add_table(release, &table_build);                                       \
        for (size_t i = 0; i < sizeof(rows_) / sizeof *(rows_); i++)                                                   \
            release_add_row(release, table, (rows_)[i]);                                                               \
    } while (0)

int main(int argc, char **argv)
{
    if (argc < 2)
        return -ERR_USAGE;
    struct release_build build = facts;
    if (argc > 2)
        build.name = argv[2];
    struct release *release = release_new(&build);
    ADD_TABLE(release, "tables", "channels", "Which channel customers use", channels, channel_rows);
    ADD_TABLE(release, "tables", "countries", "Where customers are", places, place_rows);
    ADD_TABLE(release, "trends", "channels", "How the brands develop", trends, trend_rows);
    ADD_TABLE(release, "", "findings", "What is worth knowing", findings, finding_rows);
    const struct report_options options = { .german_csv = argc == 2 };
    struct err err;
    char *path;
    int code = publish_release(release, &options, argv[1], &path, &err);
    if (code)
        fprintf(stderr, "%s\n", err.message);
    else
        free(path);
    release_free(release);
    return err_exit_status(code);
}
