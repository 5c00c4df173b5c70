/* Writing CSV: RFC 4180, UTF-8, CRLF-free (LF), minimal quoting; text that a spreadsheet would take for a formula is
 * defused with a leading ' (DESIGN 6): text that begins with = + - @ TAB CR LF, also after white space, also full-width. Numbers
 * are written as they are. The dialect for German Excel has `;`, decimal comma and a BOM. */
#ifndef CORE_CSVWRITE_H
#define CORE_CSVWRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/strbuf.h"

enum csv_dialect { CSV_DIALECT_RFC4180, CSV_DIALECT_GERMAN };

struct csvwrite {
    struct strbuf *out;
    enum csv_dialect dialect;
    bool inside_record;
    size_t record_start; /* in `out` */
};

void csvwrite_init(struct csvwrite *writer, struct strbuf *out,
                   enum csv_dialect dialect);                  /* adds the BOM if the dialect has one */
void csvwrite_text(struct csvwrite *writer, const char *text); /* defused, quoted if needed */
void csvwrite_integer(struct csvwrite *writer, int64_t value);
void csvwrite_decimal(struct csvwrite *writer, double value, int decimals); /* finite; never exponent form, never -0 */
void csvwrite_empty(struct csvwrite *writer);
void csvwrite_end(
    struct csvwrite *writer); /* a record of one empty field is written as "", or it would be a blank line */

#endif
