#include <string.h>

#include "etl/source_build.h"

static const struct source_identifier *find_identifier(const struct source *source, const char *name)
{
    for (size_t i = 0; i < source->identifier_count; i++)
        if (strcmp(source->identifiers[i].name, name) == 0)
            return &source->identifiers[i];
    return NULL;
}

/* The address must be of a kind that the channel can use. */
static void check_address(struct source_build *build, const struct config_node *node, const struct source_opt_in *opt_in)
{
    static const struct {
        const char *channel;
        enum identifier_kind kind;
    } kinds[] = { { "email", IDENTIFIER_EMAIL }, { "phone", IDENTIFIER_PHONE }, { "chat", IDENTIFIER_ID }, { "social", IDENTIFIER_ID } };
    const struct config_node *address = config_get(node, "address");
    if (!opt_in->address) {
        config_problem(build->config, address ? address : node, "'address' must name one of this source's identifiers");
        return;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].channel, opt_in->channel) == 0 && opt_in->address->kind == kinds[i].kind)
            return;
    config_problem(build->config, address, "the channel '%.80s' cannot use this identifier; its kind does not fit", opt_in->channel);
}

static bool is_channel(const char *name)
{
    return strcmp(name, "email") == 0 || strcmp(name, "phone") == 0 || strcmp(name, "chat") == 0 || strcmp(name, "social") == 0;
}

static void build_opt_in(struct source_build *build, const struct config_node *node, struct source_opt_in *opt_in)
{
    opt_in->channel = node->key;
    opt_in->column = config_text(node, "column", "");
    opt_in->values = source_build_list(build, config_get(node, "values"), &opt_in->value_count);
    opt_in->withdrawn = source_build_list(build, config_get(node, "withdrawn"), &opt_in->withdrawn_count);
    opt_in->given_at = config_text(node, "given_at", NULL);
    opt_in->purpose = config_text(node, "purpose", "service_survey");
    opt_in->text_version = config_text(node, "text_version", NULL);
    opt_in->address = find_identifier(build->source, config_text(node, "address", ""));
    check_address(build, node, opt_in);
}

void build_opt_ins(struct source_build *build, const struct config_node *node)
{
    const struct config_node *map = config_get(node, "opt_in");
    struct source *source = build->source;
    struct source_opt_in *list = arena_alloc(build->arena, ((map ? map->count : 0) + 1) * sizeof *list);
    CONFIG_EACH(child, map) {
        if (!child->key || child->kind != CONFIG_MAP)
            continue;
        if (is_channel(child->key))
            build_opt_in(build, child, &list[source->opt_in_count++]);
        else
            config_problem_key(build->config, child, "'%.80s' is no channel; expected email, phone, chat or social", child->key);
    }
    source->opt_ins = list;
    source->contact_language = config_text(node, "contact.language", NULL);
    source->contact_country = config_text(node, "contact.country", NULL);
    if (map && !source->controller && build->controller_count != 1)
        config_problem_key(build->config, map, "an opt-in holds for one controller; add 'controller', the column that says which");
}
