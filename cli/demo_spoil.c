/* Mistakes of every kind that exports have. Each spoils one row in its own way. */
#include "cli/demo_row.h"

struct mistake {
    enum demo_column column;
    const char *text;
};

/* A cell that cannot be right, or that is not what it should be. Those the reader must reject, blank, rename, put under
 * "(other)" or defuse: the configuration says which. */
static const struct mistake mistakes[] = {
    { DEMO_CASE_NO, "" },
    { DEMO_OPENED_AT, "2024-02-30 10:00" },
    { DEMO_OPENED_AT, "2042-01-01 00:00" }, /* closed before opened */
    { DEMO_CLOSED_AT, "gestern" },
    { DEMO_CLOSED_AT, "" },
    { DEMO_CLOSED_AT, "31.11.2024 08:15" },
    { DEMO_CLOSED_AT, "2042-01-01 00:00" }, /* in the future */
    { DEMO_UPDATED_AT, "00.00.0000 00:00" },
    { DEMO_STATUS, "open" },
    { DEMO_BRAND, " nordhaus " },
    { DEMO_BRAND, "testbrand" },
    { DEMO_CHANNEL, "fax" },
    { DEMO_CHANNEL, "Brieftaube" },
    { DEMO_CATEGORY, "=SUM(A1:A9)" },
    { DEMO_CATEGORY, "@home" },
    { DEMO_CATEGORY, "Reklamation, \"alt\"" },
    { DEMO_CATEGORY, "delivery\nlate" },
    { DEMO_SUBCATEGORY, "-" },
    { DEMO_COUNTRY, "Deutschland" },
    { DEMO_COUNTRY, "?" },
    { DEMO_LANGUAGE, "DE" },
    { DEMO_PAYMENT, "n/a" },
    { DEMO_ORDER_VALUE, "-15.00" },
    { DEMO_ORDER_VALUE, "999999" },
    { DEMO_ORDER_VALUE, "1.234,50" },
    { DEMO_SATISFACTION, "0" },
    { DEMO_SATISFACTION, "11" },
    { DEMO_SATISFACTION, "five" },
    { DEMO_BIRTH_DATE, "1900-01-01" },
    { DEMO_BIRTH_DATE, "2031-05-05" },
    { DEMO_EMAIL, "none@none.example" },
    { DEMO_EMAIL, "service@nordhaus.example" },
    { DEMO_EMAIL, "unbekannt" },
    { DEMO_PHONE, "+49 30 23125 999" }, /* the shop's own */
    { DEMO_PHONE, "siehe oben" },
    { DEMO_CUSTOMER_NO, "0" },
};
enum { MISTAKES = sizeof mistakes / sizeof *mistakes };

void demo_row_spoil(struct demo_row *row, struct demo_random *random)
{
    if (!demo_random_chance(random, 15))
        return;
    uint32_t kind = demo_random_below(random, MISTAKES + 2);
    if (kind == MISTAKES)
        row->count = DEMO_CHANNEL; /* a record that breaks off */
    else if (kind == MISTAKES + 1)
        row->count = DEMO_COLUMNS + 2;
    else
        demo_row_set(row, mistakes[kind].column, mistakes[kind].text);
}
