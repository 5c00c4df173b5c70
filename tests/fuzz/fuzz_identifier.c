/* Fuzz target: first byte the kind, the rest an identifier. The normal form is stable, valid UTF-8, and the ASCII fast
 * path agrees with ICU. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_stable(enum identifier_kind kind, const struct strbuf *normal)
{
    struct strbuf again = { 0 };
    struct slice text = { normal->text, normal->length };
    if (!text_is_utf8(text) || identifier_normalise(kind, NULL, text, &again, NULL) || again.length != normal->length ||
        memcmp(again.text, normal->text, normal->length) != 0)
        __builtin_trap();
    strbuf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const countries[] = { "DE", "IT", "RU", "US", "AU", "HU", NULL };
    if (!size)
        return 0;
    enum identifier_kind kind = (enum identifier_kind)(data[0] % 3);
    char *text = malloc(size);
    memcpy(text, data + 1, size - 1);
    struct slice slice = { text, size - 1 };
    struct strbuf normal = { 0 };
    if (!identifier_normalise(kind, countries[data[0] / 3 % 7], slice, &normal, NULL))
        check_stable(kind, &normal);
    if (!text_fold_space(slice, &normal, NULL) != text_is_utf8(slice))
        __builtin_trap();
    text_upper(slice, &normal, NULL);
    strbuf_release(&normal);
    free(text);
    return 0;
}
