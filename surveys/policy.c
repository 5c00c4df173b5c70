#include "surveys/policy.h"

#include <string.h>
#include <strings.h>
#include <unicode/uloc.h>

/* An invitation and a reminder in a quarter. */
enum { CAP_INVITATIONS = 2, CAP_DAYS = 90 };

#define CHOICES "consent|double_opt_in|none"

const struct config_rule policy_config_rules[] = {
    { "surveys", CONFIG_TYPE_MAP, .doc = "What holds for all surveys." },
    { "surveys.cap", CONFIG_TYPE_MAP,
      .doc = "How often a person is asked, over all surveys, brands, channels and reminders, whatever the surveys' files say: their own `cap` can only be tighter." },
    { "surveys.cap.invitations", CONFIG_TYPE_INTEGER, .fallback = "2", .minimum = 1, .maximum = 100, .doc = "At most so many messages." },
    { "surveys.cap.days", CONFIG_TYPE_INTEGER, .fallback = "90", .minimum = 1, .maximum = 3650, .doc = "Within so many days." },
    { "surveys.legal_basis", CONFIG_TYPE_MAP,
      .doc = "What an invitation needs, by country of the recipient (ISO 3166, or `default`) and channel. Without it, a recorded opt-in." },
    { "surveys.legal_basis.**", CONFIG_TYPE_MAP, .doc = "A country; what it does not say, `default` says." },
    { "surveys.legal_basis.**.email", CONFIG_TYPE_CHOICE, .choices = CHOICES,
      .doc = "`consent`: an opt-in. `double_opt_in`: one that the person confirmed. `none`: nobody is asked." },
    { "surveys.legal_basis.**.phone", CONFIG_TYPE_CHOICE, .choices = CHOICES, .doc = "The same for calls." },
    { "surveys.legal_basis.**.chat", CONFIG_TYPE_CHOICE, .choices = CHOICES, .doc = "The same for chat." },
    { "surveys.legal_basis.**.social", CONFIG_TYPE_CHOICE, .choices = CHOICES, .doc = "The same for social media." },
    { .path = NULL },
};

static bool is_country(const char *text)
{
    for (const char *const *code = uloc_getISOCountries(); *code; code++)
        if (strcmp(*code, text) == 0)
            return true;
    return false;
}

struct policy_cap policy_cap_of(const struct config *config)
{
    const struct config_node *root = config_root(config);
    return (struct policy_cap) { config_integer(root, "surveys.cap.invitations", CAP_INVITATIONS), config_integer(root, "surveys.cap.days", CAP_DAYS) };
}

struct policy_cap policy_cap(const struct survey_policy *policy)
{
    return policy ? policy->cap : (struct policy_cap) { CAP_INVITATIONS, CAP_DAYS };
}

void policy_compile(struct survey_policy *policy, struct config *config)
{
    policy->cap = policy_cap_of(config);
    policy->bases = config_get(config_root(config), "surveys.legal_basis");
    CONFIG_EACH(country, policy->bases)
        if (country->key && strcmp(country->key, "default") != 0 && !is_country(country->key))
            config_problem_key(config, country, "'%.80s' is no country; expected an ISO 3166 code such as DE, or default", country->key);
}

static const char *find(const struct survey_policy *policy, const char *country, const char *channel)
{
    CONFIG_EACH(entry, policy->bases)
        if (entry->key && strcasecmp(entry->key, country) == 0)
            return config_text(entry, channel, NULL);
    return NULL;
}

/* The strictest that any country has on the channel: nobody knows which is meant. */
static enum legal_basis strictest(const struct survey_policy *policy, const char *channel)
{
    enum legal_basis basis = BASIS_CONSENT;
    CONFIG_EACH(entry, policy->bases) {
        const char *name = config_text(entry, channel, "");
        enum legal_basis own = strcmp(name, "none") == 0 ? BASIS_NONE : strcmp(name, "double_opt_in") == 0 ? BASIS_DOUBLE_OPT_IN : BASIS_CONSENT;
        basis = own > basis ? own : basis;
    }
    return basis;
}

enum legal_basis policy_basis(const struct survey_policy *policy, const struct survey *survey, const char *country)
{
    static const char *const channels[] = { "email", "phone", "chat", "social" };
    const char *channel = channels[survey->channel], *basis = NULL;
    if (policy && policy->bases && country && !is_country(country) && strictest(policy, channel) != BASIS_CONSENT)
        return strictest(policy, channel);
    if (policy && country)
        basis = find(policy, country, channel);
    if (policy && !basis)
        basis = find(policy, "default", channel);
    if (basis && strcmp(basis, "none") == 0)
        return BASIS_NONE;
    return survey->double_opt_in || (basis && strcmp(basis, "double_opt_in") == 0) ? BASIS_DOUBLE_OPT_IN : BASIS_CONSENT;
}
