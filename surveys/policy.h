/* What an invitation rests on, by country and channel: `surveys.legal_basis` of fallzahl.yaml. Read-only once compiled; lives as
 * long as the configuration. */
#ifndef SURVEYS_POLICY_H
#define SURVEYS_POLICY_H

#include "core/config.h"
#include "surveys/definition.h"

enum legal_basis {
    BASIS_CONSENT,       /* a recorded opt-in */
    BASIS_DOUBLE_OPT_IN, /* an opt-in that the person confirmed */
    BASIS_NONE,          /* nobody is asked there on this channel */
};

struct survey_policy {
    const struct config_node *bases; /* NULL: consent everywhere */
};

extern const struct config_rule policy_config_rules[];

/* Problems go to config_problem(). */
void policy_compile(struct survey_policy *policy, struct config *config);

/* For somebody in `country` (ISO 3166, NULL if unknown: what `default` says); `policy` may be NULL. The survey may ask for
 * more than its country does. */
enum legal_basis policy_basis(const struct survey_policy *policy, const struct survey *survey, const char *country);

#endif
