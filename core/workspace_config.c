#include <string.h>
#include <unicode/uloc.h>

#include "core/workspace.h"

const struct config_rule workspace_config_rules[] = {
    { "version", CONFIG_TYPE_INTEGER, .required = true, .minimum = 1, .maximum = 1, .doc = "Version of this format." },
    { "timezone", CONFIG_TYPE_TEXT, .required = true,
      .doc = "IANA name (Europe/Berlin, UTC). It decides which day and month an instant belongs to, and what a time "
             "without an offset means." },
    { "country", CONFIG_TYPE_TEXT, .doc = "ISO 3166 code (DE, AT) of telephone numbers that have no country code." },
    { "controllers", CONFIG_TYPE_LIST,
      .doc = "The controllers, in the GDPR's sense, of the group (brands, companies), as the exports call them. An "
             "opt-in holds for one of them." },
    { "controllers[]", CONFIG_TYPE_TEXT, .doc = NULL },
    { "groups", CONFIG_TYPE_MAP, .doc = "Unix groups that drop requests and read answers; `fallzahl init` gives them their folders." },
    { "groups.marketing", CONFIG_TYPE_TEXT, .doc = "The group that plans, approves and halts surveys (requests/marketing, answers/marketing)." },
    { "groups.dpo", CONFIG_TYPE_TEXT, .doc = "The group of the data protection officer (requests/dpo, answers/dpo)." },
    { .path = NULL },
};

static void open_zone(struct workspace *workspace)
{
    const struct config_node *node = config_get(config_root(workspace->config), "timezone");
    struct err err;
    if (node && node->kind == CONFIG_SCALAR && zone_open(&workspace->zone, node->value, &err))
        config_problem(workspace->config, node, "'timezone' is '%.80s'; expected an IANA name such as Europe/Berlin",
                       node->value);
}

static void check_country(struct workspace *workspace)
{
    const struct config_node *node = config_get(config_root(workspace->config), "country");
    if (!node || node->kind != CONFIG_SCALAR)
        return;
    for (const char *const *code = uloc_getISOCountries(); *code; code++)
        if (strcmp(*code, node->value) == 0)
            return;
    config_problem(workspace->config, node, "'country' is '%.80s'; expected an ISO 3166 code such as DE", node->value);
}

static bool stands_before(const struct config_node *list, const struct config_node *element)
{
    CONFIG_EACH(child, list) {
        if (child == element)
            return false;
        if (child->kind == CONFIG_SCALAR && strcmp(child->value, element->value) == 0)
            return true;
    }
    return false;
}

static void check_controllers(struct workspace *workspace)
{
    const struct config_node *list = config_get(config_root(workspace->config), "controllers");
    CONFIG_EACH(child, list)
        if (child->kind == CONFIG_SCALAR && stands_before(list, child))
            config_problem(workspace->config, child, "the controller '%.80s' stands here twice; remove one",
                           child->value);
}

void workspace_configure(struct workspace *workspace)
{
    open_zone(workspace);
    check_country(workspace);
    check_controllers(workspace);
}
