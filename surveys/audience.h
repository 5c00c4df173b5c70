/* The audience of a survey: one candidate for each person with an eligible closed case, and the first reason in the
 * fixed order for which that person is not asked. Read from cases.db and surveys.db, joined in memory only: the pseudonyms
 * of a contact's identifiers are derived here and forgotten. */
#ifndef SURVEYS_AUDIENCE_H
#define SURVEYS_AUDIENCE_H

#include <stddef.h>
#include <stdint.h>

#include "core/calendar.h"
#include "core/db.h"
#include "core/err.h"
#include "core/keyring.h"
#include "core/mem.h"
#include "surveys/definition.h"
#include "surveys/policy.h"

/* In the order in which they are looked at. */
enum exclusion {
    EXCLUDED_NO_OPT_IN,
    EXCLUDED_UNCONFIRMED,   /* double opt-in asked for and not confirmed */
    EXCLUDED_OPTED_OUT,
    EXCLUDED_OBJECTED,
    EXCLUDED_COUNTRY,       /* no legal basis to ask there on this channel */
    EXCLUDED_BOUNCED,
    EXCLUDED_CAP,           /* asked too often lately, over all surveys, channels and reminders */
    EXCLUDED_CASE_ASKED,    /* asked for this very case, by whatever survey */
    EXCLUDED_WAVE_ASKED,    /* has an invitation or an answer of this wave */
    EXCLUDED_NO_ADDRESS,
    EXCLUDED_NO_LANGUAGE,
    EXCLUDED_HOLDOUT,
    EXCLUDED_QUOTA,
    EXCLUDED_SAMPLE,
    EXCLUSIONS,
    EXCLUDED_NOT = EXCLUSIONS, /* will be asked */
};
struct candidate;

/* The labels of quotas as a plan keeps them and the next one counts them; NULL for a survey without any. To be freed. */
char *audience_quotas_json(const struct survey *survey, const struct candidate *candidate);
const char *exclusion_name(enum exclusion exclusion);

enum { CASE_HASH_BYTES = 16 };

struct candidate {
    int64_t person;                 /* of cases.db; stays in memory */
    int64_t recipient;              /* 0: no contact */
    int32_t closed_day;             /* of the person's latest eligible case */
    unsigned char case_hash[CASE_HASH_BYTES];
    const char *language;           /* of the text that the person would get; NULL: none */
    const char *const *segments;    /* a label for each of the survey's segments: the coarsest level */
    const char *const *quota_labels;/* a label for each of the survey's quotas, NULL: the quota is not about this case */
    uint64_t draw;                  /* seeded and fixed for a recipient: the order of sampling */
    enum exclusion excluded;
};

struct audience {
    struct arena arena;
    struct candidate *candidates;   /* in the order of `draw` */
    size_t count, capacity;
};

struct audience_input {
    struct db *cases, *surveys;
    const struct keyring *keyring;
    const struct survey *survey;
    const struct zone *zone;
    int64_t now;
    const struct survey_policy *policy; /* NULL: consent everywhere, the usual cap */
    bool look_only;            /* nothing that was found out on the way is kept */
};

/* ERR_CONFIG if the survey names a source or dimension that the store does not have. */
int audience_build(struct audience *audience, const struct audience_input *input, struct err *err);
void audience_release(struct audience *audience);

#endif
