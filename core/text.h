/* Text: UTF-8 in, UTF-8 out, through ICU with ASCII fast paths. Slices are pointer and length, not NUL-terminated. */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/strbuf.h"

struct slice {
    const char *text;
    size_t length;
};

bool slice_equals(struct slice slice, const char *text);

bool text_is_ascii(struct slice text);
bool text_is_utf8(struct slice text);
struct slice text_trim(struct slice text); /* Unicode White_Space at both ends; no copy */

/* A copy to show, to be freed: see utf8_make_plain(). */
char *text_plain(const char *text);

/* Each replaces `out` by the result. ERR_DATA if the input is not valid UTF-8. */
int text_nfc(struct slice text, struct strbuf *out, struct err *err);
int text_nfkc(struct slice text, struct strbuf *out, struct err *err);
/* Without what no reader sees (Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties: zero-width characters, soft hyphens, marks
 * and isolates of direction, variation selectors); `joiners`: but U+200C and U+200D stay, which make other names in a domain. */
int text_visible(struct slice text, bool joiners, struct strbuf *out, struct err *err);
int text_lower(struct slice text, struct strbuf *out, struct err *err); /* full, locale-independent */
int text_upper(struct slice text, struct strbuf *out, struct err *err);
int text_fold_space(struct slice text, struct strbuf *out, struct err *err); /* trims, inner runs become one blank */

/* Identifier rules, version 2 (DESIGN 3). Each gives the normalised form that is hashed; ERR_DATA if the text is not
 * an identifier of that kind (no @, no digits, …). Never puts the text into the message. Normalising twice changes nothing.
 *   all:    what no reader sees is dropped (text_visible()), trimmed;
 *   e-mail: NFKC (UAX #15), `mailto:` dropped, domain by IDNA (UTS #46, non-transitional) and lower-cased, local part
 *           lower-cased; one @, no blanks, no quoting, no address literal; at most 64 bytes before the @ (RFC 5321);
 *   phone:  NFKC, `tel:` dropped, E.164; `country` is the ISO 3166 code for numbers without a country code (NULL: they are refused);
 *           separators dropped, 00 and the country's own exit code are +, the national trunk prefix dropped per country. A number
 *           with an extension is refused: cut off, it would make one person of an office;
 *   id:     NFC, case kept, at most 256 bytes, no control characters.
 * Version 1 knew neither NFKC nor the prefixes and dropped nothing; a text of ASCII without prefix is the same under both. */
enum identifier_kind { IDENTIFIER_EMAIL, IDENTIFIER_PHONE, IDENTIFIER_ID };
enum { IDENTIFIER_RULES_VERSION = 2 };
int identifier_normalise(enum identifier_kind kind, const char *country, struct slice text, struct strbuf *out,
                         struct err *err);
/* Does the text, as people give it, mean an e-mail address: has it an @ in whatever form? */
bool identifier_has_at(struct slice text);
/* Whether national phone numbers of that country can be read. */
bool identifier_knows_country(const char *country);

/* Decodes a single-byte or other charset known to ICU ("cp1252", "iso-8859-15", "utf-16le") to UTF-8, all of `in`.
 * ERR_CONFIG for an unknown charset, ERR_DATA for bytes that it does not have. */
int text_decode(const char *charset, struct slice in, struct strbuf *out, struct err *err);

#endif
