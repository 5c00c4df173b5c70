#include <string.h>
#include <strings.h>

#include "surveys/definition_build.h"

/* "Voluntary" in the languages that the program speaks itself; others are for the reviewer of the preview. */
static const struct {
    const char *language, *stem;
} voluntary[] = {
    { "de", "freiwillig" }, { "en", "voluntary" },  { "fr", "volontaire" }, { "es", "voluntari" }, { "it", "volontari" },
    { "nl", "vrijwillig" }, { "pl", "dobrowoln" },  { "pt", "volunt" },     { "sv", "frivillig" }, { "da", "frivillig" },
    { "no", "frivillig" },  { "cs", "dobrovoln" },  { "sk", "dobrovo" },
};

static void check_voluntary(struct build *build, const struct config_node *body)
{
    CONFIG_EACH(text, body) {
        for (size_t i = 0; i < sizeof voluntary / sizeof *voluntary; i++)
            if (strcmp(voluntary[i].language, text->key) == 0 && text->value && !strcasestr(text->value, voluntary[i].stem))
                config_problem(build->config, text, "the text must say that answering is voluntary (a word with '%s')",
                               voluntary[i].stem);
    }
}

/* Does the text say of itself that it is anonymous, and not that it is not? */
static bool promises_anonymity(const char *text)
{
    static const char *const stems[] = { "anonym", "anonim", "an\xc3\xb3nim", "an\xc3\xb4nim", "anoniem" };
    static const char *const denials[] = { "nicht ", "not ", "pas ", "no ", "non ", "niet ", "nie ", "ikke ", "inte ", "n\xc3\xa3o " };
    for (size_t i = 0; i < sizeof stems / sizeof *stems; i++)
        for (const char *at = text; (at = strcasestr(at, stems[i])); at++) {
            bool denied = false;
            for (size_t d = 0; d < sizeof denials / sizeof *denials; d++) {
                size_t length = strlen(denials[d]);
                denied = denied || ((size_t)(at - text) >= length && strncasecmp(at - length, denials[d], length) == 0);
            }
            if (!denied)
                return true;
        }
    return false;
}

/* What the invitation says must hold. */
static void check_promise(struct build *build, const struct config_node *texts)
{
    CONFIG_EACH(text, texts)
        if (build->survey->anonymity == SURVEY_CONFIDENTIAL && text->value && promises_anonymity(text->value))
            config_problem(build->config, text, "the text promises anonymity, and the survey is confidential");
}

static void check_fields(struct build *build, const struct config_node *body)
{
    static const char *const wanted[] = { "{link}", "{opt_out_link}", "{privacy_notice}", NULL };
    if (build->survey->channel != SURVEY_EMAIL)
        return;
    CONFIG_EACH(text, body) {
        for (size_t i = 0; text->value && wanted[i]; i++)
            if (!strstr(text->value, wanted[i]))
                config_problem(build->config, text, "the text lacks %s", wanted[i]);
    }
}

/* Blanks, control characters, and what ends an address in a header or in HTML. */
static bool has_delimiter(const char *text)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f || strchr("<>,;\"()\\", *c))
            return true;
    return false;
}

static void check_https(struct build *build, const struct config_node *node)
{
    static const char scheme[] = "https://";
    if (node && node->value && (strncmp(node->value, scheme, sizeof scheme - 1) != 0 || has_delimiter(node->value)))
        config_problem(build->config, node, "not an https address");
}

static void check_address(struct build *build, const struct config_node *node)
{
    const char *at = node && node->value ? strchr(node->value, '@') : NULL;
    if (node && (!at || at == node->value || !strchr(at, '.') || strchr(at + 1, '@') || has_delimiter(node->value)))
        config_problem(build->config, node, "not an e-mail address");
}

/* It stands in Return-Path, Message-ID and List-Unsubscribe as it is. */
static void check_domain(struct build *build, const struct config_node *node)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";
    if (node && node->value && (!strchr(node->value, '.') || node->value[strspn(node->value, allowed)]))
        config_problem(build->config, node, "not a domain such as nordhaus.example");
}

/* What shows a line in another order than it is written: U+202A to U+202E, U+2066 to U+2069, U+200E, U+200F, U+061C. */
static bool turns_text(const char *c)
{
    const unsigned char *byte = (const unsigned char *)c;
    if (byte[0] == 0xd8)
        return byte[1] == 0x9c;
    if (byte[0] != 0xe2 || (byte[1] != 0x80 && byte[1] != 0x81))
        return false;
    return byte[1] == 0x80 ? byte[2] == 0x8e || byte[2] == 0x8f || (byte[2] >= 0xaa && byte[2] <= 0xae) : byte[2] >= 0xa6 && byte[2] <= 0xa9;
}

/* A line break makes two words of a header's text, one of which may look like an address; an encoded word is decoded by whoever shows it. */
static void check_line(struct build *build, const struct config_node *node)
{
    const char *text = node && node->value ? node->value : "", *encoded = strstr(text, "=?");
    if (encoded && strstr(encoded + 2, "?=")) {
        config_problem(build->config, node, "an encoded word (=?…?=) in a header; write the text as it is to be read");
        return;
    }
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f || turns_text(c) || ((unsigned char)*c == 0xc2 && (unsigned char)c[1] < 0xa0)) {
            config_problem(build->config, node, "a line break or a control character in a header; remove it");
            return;
        }
}

static void check_transport(struct build *build, const struct config_node *root)
{
    const struct survey *survey = build->survey;
    bool mail = survey->channel == SURVEY_EMAIL && survey->transport != SURVEY_HANDOFF;
    if (survey->channel != SURVEY_EMAIL && survey->transport != SURVEY_HANDOFF)
        config_problem(build->config, config_get(root, "channel"), "this channel goes by 'transport: handoff' only");
    if (survey->transport == SURVEY_HANDOFF && !survey->vendor)
        config_problem(build->config, root, "a hand-off needs 'vendor'");
    if (mail && !survey->sender_address)
        config_problem(build->config, root, "e-mail needs 'sender'");
    if (mail && !survey->page_url)
        config_problem(build->config, root, "e-mail needs 'page'");
}

static bool is_listed(const char *const *list, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], text) == 0)
            return true;
    return false;
}

static void check_languages(struct build *build, const struct config_node *root)
{
    const struct survey *survey = build->survey;
    if (survey->fallback && !is_listed(survey->languages, survey->language_count, survey->fallback))
        config_problem(build->config, config_get(root, "fallback"), "'%s' is not among 'languages'", survey->fallback);
    build_require_languages(build, config_get(root, "title"), &survey->title);
    build_require_languages(build, config_get(root, "message.subject"), &survey->subject);
    build_require_languages(build, config_get(root, "message.body"), &survey->body);
    build_require_languages(build, config_get(root, "message.greeting"), &survey->greeting);
    build_require_languages(build, config_get(root, "message.footer"), &survey->footer);
}

void build_check(struct build *build, const struct config_node *root)
{
    const struct survey *survey = build->survey;
    check_languages(build, root);
    check_transport(build, root);
    check_voluntary(build, config_get(root, "message.body"));
    check_fields(build, config_get(root, "message.body"));
    check_promise(build, config_get(root, "title"));
    CONFIG_EACH(texts, config_get(root, "message"))
        check_promise(build, texts);
    CONFIG_EACH(question, config_get(root, "questions"))
        check_promise(build, config_get(question, "text"));
    check_https(build, config_get(root, "privacy_notice"));
    check_https(build, config_get(root, "page"));
    if (survey->page_url && strpbrk(survey->page_url, "?#"))
        config_problem(build->config, config_get(root, "page"), "links are appended to this address; it has no '?' and no '#'");
    check_address(build, config_get(root, "sender.address"));
    check_address(build, config_get(root, "sender.reply_to"));
    check_domain(build, config_get(root, "sender.bounce_domain"));
    check_line(build, config_get(root, "sender.name"));
    check_line(build, config_get(root, "vendor"));
    CONFIG_EACH(subject, config_get(root, "message.subject"))
        check_line(build, subject);
    if (survey->begins_day > survey->ends_day)
        config_problem(build->config, config_get(root, "begins"), "the survey ends before it begins");
    if (survey->reminder_maximum >= survey->cap_invitations && survey->reminder_maximum)
        config_problem(build->config, config_get(root, "reminders"), "reminders count against the cap: 'cap.invitations' must be at least %lld",
                       (long long)survey->reminder_maximum + 1);
    if (config_get(root, "sample") && !survey->sample_size)
        config_problem(build->config, config_get(root, "sample"), "'sample' needs 'size'");
}

void build_digest_node(crypto_generichash_state *state, const char *key, const struct config_node *node, const char *skipped)
{
    unsigned char kind = node ? (unsigned char)(node->kind + 1) : 0;
    crypto_generichash_update(state, (const unsigned char *)key, strlen(key) + 1);
    crypto_generichash_update(state, &kind, 1);
    if (node && node->value)
        crypto_generichash_update(state, (const unsigned char *)node->value, strlen(node->value) + 1);
    CONFIG_EACH(child, node)
        if (!skipped || !child->key || strcmp(child->key, skipped) != 0)
            build_digest_node(state, child->key ? child->key : "", child, skipped);
    kind = 0xff; /* end of the children */
    crypto_generichash_update(state, &kind, 1);
}
