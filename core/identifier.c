#include <pthread.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/uidna.h>

#include "core/phone.h"
#include "core/text.h"
#include "core/utf8.h"

enum { MAX_LOCAL_BYTES = 64, MAX_DOMAIN_BYTES = 253, MAX_LABEL_BYTES = 63, MAX_ID_BYTES = 256 };

/* True if it was there, in either case (RFC 6068, RFC 3966). */
static bool drop_scheme(const char *scheme, struct slice *text)
{
    size_t length = strlen(scheme);
    if (text->length < length || strncasecmp(text->text, scheme, length) != 0)
        return false;
    *text = text_trim((struct slice){ text->text + length, text->length - length });
    return true;
}

/* ---- e-mail ---- */

static UIDNA *idna;
static pthread_once_t idna_once = PTHREAD_ONCE_INIT;

static void open_idna(void)
{
    UErrorCode status = U_ZERO_ERROR;
    idna = uidna_openUTS46(UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                               UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE,
                           &status);
    BUG_ON(U_FAILURE(status));
}

/* Printable, no blank, and none of the characters that RFC 5322 wants quoted; non-ASCII is allowed (RFC 6531). */
static bool is_local_part(struct slice local)
{
    if (!local.length || local.length > MAX_LOCAL_BYTES)
        return false;
    for (size_t i = 0; i < local.length; i++) {
        unsigned char c = (unsigned char)local.text[i];
        if (c <= ' ' || c == 0x7F || strchr("()<>[]:;,\\\"@", c))
            return false;
    }
    return true;
}

static inline bool is_plain_domain_char(char c)
{
    return (unsigned char)(c - 'a') < 26 || (unsigned char)(c - 'A') < 26 || (unsigned char)(c - '0') < 10;
}

static bool is_plain_label(const char *label, size_t length)
{
    return length > 0 && length <= MAX_LABEL_BYTES && label[0] != '-' && label[length - 1] != '-' &&
           !(length >= 4 && label[2] == '-' && label[3] == '-');
}

/* A domain of letters, digits and hyphens that IDNA would only lower-case. */
static bool is_plain_domain(struct slice domain)
{
    size_t start = 0;
    for (size_t i = 0; i < domain.length; i++) {
        char c = domain.text[i];
        if (c == '.') {
            if (!is_plain_label(domain.text + start, i - start))
                return false;
            start = i + 1;
        } else if (!is_plain_domain_char(c) && c != '-') {
            return false;
        }
    }
    return domain.length <= MAX_DOMAIN_BYTES && is_plain_label(domain.text + start, domain.length - start);
}

static int add_idna_domain(struct slice domain, struct strbuf *out, struct err *err)
{
    char ascii[MAX_DOMAIN_BYTES + 3];
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UErrorCode status = U_ZERO_ERROR;
    pthread_once(&idna_once, open_idna);
    int32_t length =
        domain.length > 4 * MAX_DOMAIN_BYTES
            ? 0
            : uidna_nameToASCII_UTF8(idna, domain.text, (int32_t)domain.length, ascii, sizeof ascii, &info, &status);
    if (U_FAILURE(status) || info.errors || length <= 0 || length > MAX_DOMAIN_BYTES)
        return err_set(err, ERR_DATA, "not an e-mail address: its domain is not valid");
    strbuf_add(out, ascii, (size_t)length - (length > 1 && ascii[length - 1] == '.'));
    return 0;
}

/* Adds the domain in its ASCII form; a dot at its end means the same domain and is dropped. */
static int add_domain(struct slice domain, struct strbuf *out, struct err *err)
{
    struct slice bare = domain;
    if (bare.length > 1 && bare.text[bare.length - 1] == '.')
        bare.length--;
    if (!is_plain_domain(bare))
        return add_idna_domain(domain, out, err);
    size_t start = out->length;
    strbuf_add(out, bare.text, bare.length);
    for (size_t i = start; i < out->length; i++)
        if ((unsigned char)(out->text[i] - 'A') < 26)
            out->text[i] ^= 0x20;
    return 0;
}

static int add_local(struct slice local, struct strbuf *out, struct err *err)
{
    if (!is_local_part(local))
        return err_set(err, ERR_DATA, "not an e-mail address: the part before the @ is not valid");
    return text_lower(local, out, err);
}

/* Joiners have been left to the domain, for whose rules they are; lower-casing may leave NFKC. */
static int add_wide_local(struct slice local, struct strbuf *out, struct err *err)
{
    struct strbuf visible = { 0 }, lower = { 0 };
    int code = text_visible(local, false, &visible, err);
    if (!code)
        code = add_local((struct slice){ strbuf_text(&visible), visible.length }, &lower, err);
    if (!code)
        code = text_nfkc((struct slice){ lower.text, lower.length }, out, err);
    strbuf_wipe(&visible);
    strbuf_wipe(&lower);
    return code;
}

static int normalise_email(struct slice text, struct strbuf *out, struct err *err)
{
    bool is_link = drop_scheme("mailto:", &text);
    const char *sign = text.length ? memrchr(text.text, '@', text.length) : NULL;
    if (!sign)
        return err_set(err, ERR_DATA, "not an e-mail address: it has no @");
    struct slice local = { text.text, (size_t)(sign - text.text) };
    struct slice domain = { sign + 1, text.length - local.length - 1 };
    if (is_link && local.length && memchr(local.text, '%', local.length))
        return err_set(err, ERR_DATA, "not an e-mail address: it is a link whose characters are encoded");
    int code = text_is_ascii(local) ? add_local(local, out, err) : add_wide_local(local, out, err);
    if (code)
        return code;
    strbuf_addc(out, '@');
    return add_domain(domain, out, err);
}

/* ---- phone ---- */

/* A footnote's mark, a number in a circle: as a digit it would make another number. */
static bool has_odd_number(struct slice text)
{
    const char *end = text.text + text.length;
    for (const char *at = text.text; at < end;) {
        uint32_t rune;
        size_t length = utf8_decode(at, end, &rune);
        if (!length || u_charType((UChar32)rune) == U_OTHER_NUMBER)
            return true;
        at += length;
    }
    return false;
}

static int normalise_phone(const char *country, struct slice text, struct strbuf *out, struct err *err)
{
    drop_scheme("tel:", &text);
    return phone_normalise(country, text, out, err);
}

/* ---- id ---- */

static int normalise_id(struct slice text, struct strbuf *out, struct err *err)
{
    if (!text.length || text.length > MAX_ID_BYTES)
        return err_set(err, ERR_DATA, "not an identifier: it is %s", text.length ? "too long" : "empty");
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.text[i] < ' ' || text.text[i] == 0x7F)
            return err_set(err, ERR_DATA, "not an identifier: it holds a control character");
    strbuf_clear(out);
    strbuf_add(out, text.text, text.length);
    return 0;
}

static int normalise(enum identifier_kind kind, const char *country, struct slice text, struct strbuf *out,
                     struct err *err)
{
    switch (kind) {
    case IDENTIFIER_EMAIL:
        return normalise_email(text, out, err);
    case IDENTIFIER_PHONE:
        return normalise_phone(country, text, out, err);
    case IDENTIFIER_ID:
        return normalise_id(text, out, err);
    }
    BUG("identifier kind %d", (int)kind);
}

/* A text beyond ASCII as the rules of its kind begin: visible, in normal form, trimmed. */
static int make_plain(enum identifier_kind kind, struct slice text, struct strbuf *out, struct err *err)
{
    struct strbuf visible = { 0 };
    int code = text_visible(text, kind == IDENTIFIER_EMAIL, &visible, err);
    const struct slice seen = { strbuf_text(&visible), visible.length };
    if (!code && kind == IDENTIFIER_PHONE && has_odd_number(seen))
        code = err_set(err, ERR_DATA, "not a telephone number: it has more than digits and separators, or too many digits");
    if (!code)
        code = kind == IDENTIFIER_ID ? text_nfc(seen, out, err) : text_nfkc(seen, out, err);
    strbuf_wipe(&visible);
    return code;
}

int identifier_normalise(enum identifier_kind kind, const char *country, struct slice text, struct strbuf *out,
                         struct err *err)
{
    text = text_trim(text);
    if (text_is_ascii(text))
        return normalise(kind, country, text, out, err);
    struct strbuf plain = { 0 };
    int code = make_plain(kind, text, &plain, err);
    if (!code)
        code = normalise(kind, country, text_trim((struct slice){ strbuf_text(&plain), plain.length }), out, err);
    strbuf_wipe(&plain);
    return code;
}

bool identifier_has_at(struct slice text)
{
    struct strbuf plain = { 0 };
    bool has = text.length && memchr(text.text, '@', text.length);
    if (!has && !text_is_ascii(text))
        has = text_nfkc(text, &plain, NULL) == 0 && memchr(strbuf_text(&plain), '@', plain.length);
    strbuf_wipe(&plain);
    return has;
}

bool identifier_knows_country(const char *country)
{
    return phone_plan(country) != NULL;
}
