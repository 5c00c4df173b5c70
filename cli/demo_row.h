/* A row of the demo's export: texts, as an agent, a form or a shop system left them. */
#ifndef CLI_DEMO_ROW_H
#define CLI_DEMO_ROW_H

#include "cli/demo_case.h"

enum demo_column {
    DEMO_CASE_NO,
    DEMO_STATUS,
    DEMO_OPENED_AT,
    DEMO_CLOSED_AT,
    DEMO_UPDATED_AT,
    DEMO_BRAND,
    DEMO_COUNTRY,
    DEMO_LANGUAGE,
    DEMO_CHANNEL,
    DEMO_CATEGORY,
    DEMO_SUBCATEGORY,
    DEMO_DELIVERY,
    DEMO_PAYMENT,
    DEMO_ORDER_VALUE,
    DEMO_CUSTOMER_NO,
    DEMO_CUSTOMER_NAME,
    DEMO_EMAIL,
    DEMO_PHONE,
    DEMO_BIRTH_DATE,
    DEMO_SATISFACTION,
    DEMO_OPT_IN_EMAIL,
    DEMO_OPT_IN_PHONE,
    DEMO_AGENT,
    DEMO_COMMENT,
    DEMO_COLUMNS
};

struct demo_row {
    struct strbuf fields[DEMO_COLUMNS];
    size_t count; /* fields that are written: fewer or more than DEMO_COLUMNS in a broken row */
};

void demo_row_clear(struct demo_row *row);
void demo_row_release(struct demo_row *row);
void demo_row_set(struct demo_row *row, enum demo_column column, const char *text);

/* The row of a case, with the spellings of its brand's system and the identifiers that its channel asked for. */
void demo_row_fill(struct demo_row *row, const struct demo_case *made, const struct demo_person *person,
                   struct demo_random *random);

/* Spoils about 15 rows in 1,000: each kind of mistake that exports have (dates that do not exist, closed before opened, no case
 * number, unknown channels, formulas, scores out of range, broken records …). */
void demo_row_spoil(struct demo_row *row, struct demo_random *random);

/* Appends header or row as CSV (RFC 4180) with that line end. */
void demo_row_write_header(struct strbuf *out, const char *line_end);
void demo_row_write(const struct demo_row *row, struct strbuf *out, const char *line_end);

#endif
