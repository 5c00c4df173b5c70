#include "stats/derived/sums.h"

#include <math.h>
#include <string.h>

#include "stats/derived/sheet.h"
#include "stats/derived/span.h"

static const struct sheet_column first_columns[] = {
    { "period", SHEET_DIMENSION, 0, "The periods that are summed, first/last." }, { 0 }
};

/* Cases, numbers of values and sums; a mean, a share, a quantile does not add up. */
static bool is_additive(const struct released_column *column)
{
    size_t length = strlen(column->name);
    bool is_sum = length > 4 && strcmp(column->name + length - 4, "_sum") == 0;
    return column->role == RELEASED_COUNT || (column->role == RELEASED_FIGURE && is_sum);
}

/* NAN where a period is missing. */
static double sum_of(const struct panel *panel, size_t line, struct span span, size_t column)
{
    double sum = 0;
    for (size_t p = span.first; p <= span.last; p++)
        sum += panel_value(panel, line, p, column);
    return sum;
}

/* Weeks are cut by years. */
static bool is_calendar_year(const struct panel *panel, struct span span)
{
    char season[16];
    panel_season(panel, span.first, season);
    return panel->unit != TIMELINE_WEEK && (strcmp(season, "01") == 0 || strcmp(season, "Q1") == 0);
}

static void write_row(struct sheet *sheet, const struct panel *panel, struct span span, size_t line, size_t column)
{
    char label[SPAN_LABEL_BYTES], year[16] = "";
    double sum = sum_of(panel, line, span, column), before = NAN;
    if (isnan(sum))
        return;
    if (span.first >= panel->season)
        before = sum_of(panel, line, (struct span){ span.first - panel->season, span.last - panel->season }, column);
    span_label(panel, span, label);
    if (is_calendar_year(panel, span))
        timeline_format(TIMELINE_YEAR, (panel->first_period + (int64_t)span.first) / (int64_t)panel->season, year);
    sheet_text(sheet, label);
    sheet_labels(sheet, panel, line);
    sheet_text(sheet, released_column(panel->table, column)->name);
    sheet_text(sheet, *year ? year : NULL);
    sheet_number(sheet, sum);
    sheet_number(sheet, before);
    sheet_number(sheet, before > 0 || before < 0 ? sum / before - 1 : NAN);
    sheet_end_row(sheet);
}

static bool has_sum(const struct panel *panel)
{
    for (size_t last = panel->season; last <= panel->period_count; last++)
        for (size_t line = 0; line < panel->line_count; line++)
            if (!panel->lines[line].withheld && !isnan(sum_of(panel, line, (struct span){ last - panel->season, last - 1 }, panel->label_count + 1)))
                return true;
    return false;
}

static int most_decimals(const struct panel *panel)
{
    int most = 0;
    for (size_t c = 0; c < released_column_count(panel->table); c++) {
        const struct released_column *column = released_column(panel->table, c);
        if (is_additive(column) && column->decimals > most)
            most = column->decimals;
    }
    return most;
}

static void write_rows(struct sheet *sheet, const struct panel *panel)
{
    for (size_t last = panel->season; last <= panel->period_count; last++)
        for (size_t line = 0; line < panel->line_count; line++)
            for (size_t c = 0; !panel->lines[line].withheld && c < released_column_count(panel->table); c++)
                if (is_additive(released_column(panel->table, c)))
                    write_row(sheet, panel, (struct span){ last - panel->season, last - 1 }, line, c);
}

void sums_add(struct release *release, const struct panel *panel)
{
    int decimals = most_decimals(panel);
    const struct sheet_column columns[] = {
        { "figure", SHEET_DIMENSION, 0, "What is summed: cases, a number of values, a sum of values." },
        { "year", SHEET_TEXT, 0, "The calendar year, where the periods are one; empty for the other rolling cycles." },
        { "sum", SHEET_NUMBER, decimals, "Sum of the released figure over the periods." },
        { "sum_before", SHEET_NUMBER, decimals, "The same a cycle earlier; empty where not all of its periods are published." },
        { "change", SHEET_NUMBER, 4, "sum / sum_before - 1." },
        { 0 },
    };
    struct sheet sheet;
    if (panel->season < 2 || !has_sum(panel))
        return;
    sheet_init(&sheet, release);
    sheet_add_columns(&sheet, first_columns);
    sheet_add_dimensions(&sheet, panel);
    sheet_add_columns(&sheet, columns);
    sheet_open(&sheet, "trends", panel->table, "_sums", "Sums over years and rolling cycles, beside the cycle before");
    write_rows(&sheet, panel);
    sheet_close(&sheet);
}
