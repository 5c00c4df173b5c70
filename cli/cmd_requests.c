#include "cli/night.h"

static const struct night_step steps[] = {
    { "requests", night_requests },
    { 0 },
};

static int run(const struct invocation *invocation, struct err *err)
{
    return night_run(invocation, WORKSPACE_STORES, steps, err);
}

const struct command command_requests = {
    .name = "requests",
    .usage = "",
    .summary = "do what marketing and the data protection officer ask for",
    .help = "Reads requests/marketing/*.yaml and requests/dpo/*.yaml, does what they ask for, writes answers/<group>/NAME.answer.txt\n"
            "and .json, and removes them. Who asks is the owner of the file. `fallzahl run` begins with it.\n"
            "A file of another name (x.yml) is answered as no request, once it was left alone for ten minutes.\n\n"
            "A request names what to do and on what:\n\n"
            "  do: approve                do: why\n"
            "  survey: service            survey: service\n"
            "  plan: 3f2a9c01d4e5b677     person: erika@mail.example\n\n"
            "Marketing: plan, preview, approve, halt, status, results. Data protection officer: why, evidence, and for a\n"
            "person access (what is held), objection, objection_withdrawn, erasure, recording_consent,\n"
            "recording_consent_withdrawn, opt_out, hold and hold_release; `at` says when it was declared, `reason` why it is held.\n"
            "`person` is an e-mail address, a telephone number, NAME=VALUE for an identifier of fallzahl.yaml or, of holds,\n"
            "case:SOURCE=NUMBER.\n\n"
            "Examples:\n"
            "  fallzahl requests\n"
            "  fallzahl -C /srv/fallzahl requests --quiet\n",
    .run = run,
};
