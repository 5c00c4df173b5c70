/* Why a person is asked or not, in words for the data protection officer: what was declared and sent, what a plan made now would do, and
 * what the newest plan holds. The plan made now is a plan: what is said here is what surveys/audience.h finds, made for everybody and
 * not kept, so that it takes as long as one. */
#ifndef SURVEYS_WHY_H
#define SURVEYS_WHY_H

#include "core/strbuf.h"
#include "surveys/contact.h"
#include "surveys/eligible.h"

struct why_verdict {
    enum eligible_lack lack;  /* not ELIGIBLE_LACKS_NOTHING: no case by which the person could be asked */
    enum exclusion excluded;  /* else: as in the audience of a plan */
};

/* Of the person behind the identifier, as one person of cases.db or as the address that is known by it. Of several the one who is asked. */
int why_judge(const struct audience_input *input, const struct contact_identifier *identifier, struct why_verdict *verdict, struct err *err);

/* The text. `intake`: what the page took in, or NULL. `input->look_only` is set. */
int why_describe(const struct audience_input *input, struct db *intake, const struct contact_identifier *identifier, struct strbuf *out,
                 struct err *err);

#endif
