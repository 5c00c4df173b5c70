#include <stdlib.h>
#include <string.h>

#include "etl/source_build.h"

static const char *const kinds[] = { "email", "phone", "id", NULL };

void build_person(struct source_build *build, const struct config_node *node)
{
    struct source *source = build->source;
    const struct config_node *person = config_get(node, "person"), *identifiers = config_get(node, "identifiers");
    source->personal = strcmp(config_text(node, "personal_data", "present"), "none") != 0;
    bool per_case = !source->personal || strcmp(config_text(node, "person", "identifiers"), "none") == 0;
    source->person = per_case ? SOURCE_PERSON_NONE : SOURCE_PERSON_IDENTIFIERS;
    if (source->personal && per_case)
        config_problem(
            build->config, person,
            "'person: none' counts each case for a person and protects nobody who has several; it needs 'personal_data: none'");
    else if (!source->personal && person && strcmp(config_text(node, "person", ""), "identifiers") == 0)
        config_problem(build->config, person,
                       "'personal_data: none' leaves no identifiers; expected 'person: none', or no such key");
    if (!source->personal && identifiers)
        config_problem_key(build->config, identifiers,
                           "identifiers are personal data; remove them, or 'personal_data: none'");
    else if (!per_case && !identifiers)
        config_problem_key(
            build->config, node,
            "source '%.80s' has no identifiers; add some, or 'personal_data: none' where no person is in it",
            node->key);
}

static int by_bytes(const void *a, const void *b)
{
    const struct slice *left = a, *right = b;
    if (left->length != right->length)
        return left->length < right->length ? -1 : 1;
    return memcmp(left->text, right->text, left->length);
}

bool source_is_denied(const struct source_identifier *identifier, struct slice normalised)
{
    const struct source_denied *denied = &identifier->denied;
    return denied->count && bsearch(&normalised, denied->list, denied->count, sizeof *denied->list, by_bytes) != NULL;
}

/* The deny-list as this identifier's rules write it. An entry of another kind (a telephone number, for an e-mail address)
 * does not normalise and does not matter here. */
static struct source_denied build_denied(struct source_build *build, const struct source_identifier *identifier,
                                         const struct config_node *deny)
{
    struct slice *list = arena_alloc(build->arena, ((deny ? deny->count : 0) + 1) * sizeof *list);
    struct strbuf out = { 0 };
    size_t count = 0;
    CONFIG_EACH(entry, deny) {
        if (entry->kind != CONFIG_SCALAR)
            continue;
        struct slice text = { entry->value, strlen(entry->value) };
        if (!identifier_normalise(identifier->kind, identifier->country, text, &out, NULL))
            list[count++] = (struct slice){ arena_strndup(build->arena, out.text, out.length), out.length };
    }
    qsort(list, count, sizeof *list, by_bytes);
    strbuf_release(&out);
    return (struct source_denied){ list, count };
}

static void check_country(struct source_build *build, const struct source_identifier *identifier,
                          const struct config_node *node)
{
    const struct config_node *country = config_get(node, "country"), *column = config_get(node, "country_column");
    if (identifier->kind != IDENTIFIER_PHONE && (country || column))
        config_problem_key(build->config, country ? country : column,
                           "only a telephone number has a country; remove the key");
    else if (country && country->kind == CONFIG_SCALAR && !identifier_knows_country(country->value))
        config_problem(build->config, country,
                       "'%.80s' is no country whose telephone numbers are known; expected an ISO 3166 code such as DE",
                       country->value);
}

void build_identifiers(struct source_build *build, const struct config_node *node, const char *country)
{
    const struct config_node *map = config_get(node, "identifiers"), *deny = config_get(node, "identifier_limits.deny");
    struct source_identifier *list = arena_alloc(build->arena, ((map ? map->count : 0) + 1) * sizeof *list);
    size_t count = 0;
    CONFIG_EACH(child, map) {
        struct source_identifier *identifier = &list[count];
        identifier->name = child->key;
        identifier->column = config_text(child, "column", NULL);
        identifier->kind = (enum identifier_kind)source_build_choice(child, "kind", kinds, IDENTIFIER_ID);
        identifier->country = config_text(child, "country", country);
        identifier->country_column = config_text(child, "country_column", NULL);
        check_country(build, identifier, child);
        identifier->denied = build_denied(build, identifier, deny);
        count += child->key && identifier->column;
    }
    build->source->identifiers = list;
    build->source->identifier_count = count;
    build->source->max_persons = config_integer(node, "identifier_limits.persons", 5);
}

void build_retired(struct source_build *build, const struct config_node *node)
{
    struct source *source = build->source;
    const struct config_node *list = config_get(node, "retired_identifiers");
    source->retired = source_build_list(build, list, &source->retired_count);
    CONFIG_EACH(child, list)
        for (size_t i = 0; child->kind == CONFIG_SCALAR && i < source->identifier_count; i++)
            if (source->identifiers[i].kind == IDENTIFIER_ID && strcmp(source->identifiers[i].name, child->value) == 0)
                config_problem(build->config, child, "'%.80s' is one of 'identifiers'; remove it from one of both", child->value);
}

void build_consents(struct source_build *build, const struct config_node *node)
{
    const struct config_node *map = config_get(node, "consent");
    struct source_consent *list = arena_alloc(build->arena, ((map ? map->count : 0) + 1) * sizeof *list);
    size_t count = 0;
    CONFIG_EACH(child, map) {
        struct source_consent *consent = &list[count];
        consent->name = child->key;
        consent->column = config_text(child, "column", NULL);
        consent->values = source_build_list(build, config_get(child, "values"), &consent->value_count);
        count += consent->name && consent->column;
    }
    build->source->consents = list;
    build->source->consent_count = count;
}

const struct source_consent *build_consent(struct source_build *build, const struct config_node *node)
{
    const struct config_node *wanted = config_get(node, "needs_consent");
    if (!wanted || wanted->kind != CONFIG_SCALAR)
        return NULL;
    for (size_t i = 0; i < build->source->consent_count; i++)
        if (strcmp(build->source->consents[i].name, wanted->value) == 0)
            return &build->source->consents[i];
    config_problem(build->config, wanted, "'%.80s' is no consent of this source; add it under 'consent'",
                   wanted->value);
    return NULL;
}

void build_check_shown(struct source_build *build, const struct config_node *column)
{
    const struct source *source = build->source;
    if (!column || column->kind != CONFIG_SCALAR || !source->personal)
        return;
    bool hidden = source->case_id && strcmp(source->case_id, column->value) == 0;
    for (size_t i = 0; i < source->identifier_count; i++)
        hidden = hidden || strcmp(source->identifiers[i].column, column->value) == 0;
    if (hidden)
        config_problem(build->config, column,
                       "column '%.80s' is an identifier; its values must not become figures or labels", column->value);
}
