/* Fuzz target: a configuration from an untrusted hand, parsed, checked against a schema of every type and digested. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/config.h"
#include "core/err.h"

static const struct config_rule rules[] = {
    { "version", CONFIG_TYPE_INTEGER, .required = true, .minimum = 1, .maximum = 1 },
    { "title", CONFIG_TYPE_TEXT, .doc = NULL },
    { "open", CONFIG_TYPE_BOOLEAN, .doc = NULL },
    { "share", CONFIG_TYPE_NUMBER, .minimum = 0, .maximum = 1 },
    { "start", CONFIG_TYPE_DATE, .doc = NULL },
    { "delivery", CONFIG_TYPE_CHOICE, .choices = "delta|snapshot" },
    { "sources.*", CONFIG_TYPE_MAP, .required = true },
    { "sources.*.missing", CONFIG_TYPE_LIST, .maximum = 3 },
    { "sources.*.missing[]", CONFIG_TYPE_ANY_TEXT, .doc = NULL },
    { "sources.*.rename.**", CONFIG_TYPE_NAME, .doc = NULL },
    { .path = NULL },
};
static const struct config_rule *const tables[] = { rules, NULL };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config *config;
    struct err err;
    unsigned char digest[32];
    if (config_parse(&config, "fuzz.yaml", (const char *)data, size, &err))
        return 0;
    config_check(config, tables);
    for (size_t i = 0; i < config_problem_count(config); i++)
        if (strpbrk(config_problem_text(config, i), "\n\x1b"))
            __builtin_trap();
    config_digest(config, digest);
    config_free(config);
    return 0;
}
