#include "core/config_describe.h"

static void describe_limits(struct strbuf *out, const struct config_rule *rule)
{
    if (rule->minimum == 0 && rule->maximum == 0)
        return;
    if (rule->minimum == rule->maximum)
        strbuf_addf(out, ", %.15g", rule->minimum);
    else
        strbuf_addf(out, " from %.15g to %.15g", rule->minimum, rule->maximum);
}

static void describe_list(struct strbuf *out, const struct config_rule *rule)
{
    bool limited = rule->minimum != 0 || rule->maximum != 0;
    if (limited && rule->minimum == rule->maximum)
        strbuf_addf(out, "a list of %.15g", rule->minimum);
    else if (limited)
        strbuf_addf(out, "a list of %.15g to %.15g", rule->minimum, rule->maximum);
    else
        strbuf_adds(out, "a list");
}

static void describe_choices(struct strbuf *out, const char *choices)
{
    strbuf_adds(out, "one of ");
    for (; *choices; choices++)
        if (*choices == '|')
            strbuf_adds(out, ", ");
        else
            strbuf_addc(out, *choices);
}

void config_describe(struct strbuf *out, const struct config_rule *rule)
{
    static const char *const texts[] = {
        [CONFIG_TYPE_MAP] = "keys with values",
        [CONFIG_TYPE_TEXT] = "a text",
        [CONFIG_TYPE_ANY_TEXT] = "a text",
        [CONFIG_TYPE_NAME] = "a name (a-z, then a-z, 0-9 or _; at most 40 characters)",
        [CONFIG_TYPE_INTEGER] = "a whole number",
        [CONFIG_TYPE_NUMBER] = "a number",
        [CONFIG_TYPE_BOOLEAN] = "true or false",
        [CONFIG_TYPE_DATE] = "a date such as 2026-01-31",
    };
    if (rule->type == CONFIG_TYPE_CHOICE) {
        describe_choices(out, rule->choices);
    } else if (rule->type == CONFIG_TYPE_LIST) {
        describe_list(out, rule);
    } else {
        strbuf_adds(out, texts[rule->type]);
        describe_limits(out, rule);
    }
}
