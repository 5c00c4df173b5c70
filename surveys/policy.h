/* What no survey can loosen: what an invitation rests on, by country and channel (`surveys.legal_basis` of fallzahl.yaml), and how often
 * a person is asked (`surveys.cap`). Read-only once compiled; lives as long as the configuration. */
#ifndef SURVEYS_POLICY_H
#define SURVEYS_POLICY_H

#include "core/config.h"
#include "surveys/definition.h"

enum legal_basis {
    BASIS_CONSENT,       /* a recorded opt-in */
    BASIS_DOUBLE_OPT_IN, /* an opt-in that the person confirmed */
    BASIS_NONE,          /* nobody is asked there on this channel */
};

/* At most so many messages to a person within so many days, over all surveys, brands, channels and reminders. A survey's own cap holds
 * beside it, so that a survey can only tighten it. */
struct policy_cap {
    int64_t invitations, days;
};

struct survey_policy {
    const struct config_node *bases; /* NULL: consent everywhere */
    struct policy_cap cap;
};

extern const struct config_rule policy_config_rules[];

/* Problems go to config_problem(). */
void policy_compile(struct survey_policy *policy, struct config *config);

/* The cap of the configuration, checked or not; and that of a policy, which may be NULL: what a workspace has that sets none. */
struct policy_cap policy_cap_of(const struct config *config);
struct policy_cap policy_cap(const struct survey_policy *policy);

/* For somebody in `country` (ISO 3166, NULL if unknown: what `default` says; no such code: the strictest of any country); `policy` may be NULL. The survey may ask for
 * more than its country does. */
enum legal_basis policy_basis(const struct survey_policy *policy, const struct survey *survey, const char *country);

#endif
