#include <inttypes.h>

#include "cli/survey_call.h"
#include "surveys/review.h"

int survey_review(struct survey_call *call, struct err *err)
{
    struct review_counts counts;
    if (!call->ask->argument)
        return review_list(call->surveys, call->survey->name, call->out, err);
    int code = review_apply(call->surveys, call->survey->name, call->ask->argument, call->ask->who, &counts, err);
    if (!code)
        strbuf_addf(call->out, "%" PRId64 " approved, %" PRId64 " rejected, %" PRId64 " undecided, %" PRId64 " decided before\n",
                    counts.approved, counts.rejected, counts.undecided, counts.unknown);
    return code;
}
