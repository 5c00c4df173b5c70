#include "cli/night.h"

/* In this order: nothing of an objector is read in before the objection is known, nothing is published before what is past
 * its term is gone. */
static const struct night_step steps[] = {
    { "answers", night_answers },
    { "requests", night_requests },
    { "subjects", night_subjects },
    { "retention", night_retention },
    { "ingest", night_ingest },
    { "publish", night_publish },
    { "surveys", night_surveys },
    { "keys", night_keys },
    { "evidence", night_evidence },
    { 0 },
};

static int run(const struct invocation *invocation, struct err *err)
{
    return night_run(invocation, WORKSPACE_SENDS_OR_DELETES, steps, err);
}

const struct command command_run = {
    .name = "run",
    .usage = "",
    .summary = "the night: do what is asked for and declared, delete what is past its term, read what arrived, publish, send surveys",
    .help = "Does the night's work in order, under one lock, each step recorded in state/runs/: takes in what came through the survey\n"
            "page, does the requests and what persons declared (inbox/subjects-*.csv), deletes what is past its term, reads the\n"
            "complete files of inbox/, builds, protects and publishes a release, then sends the surveys that somebody approved,\n"
            "with due reminders, and takes back what must not go any more. A rejected file does not stop the rest; the exit\n"
            "status is then 65.\n"
            "Killed at any instant, the next run comes to the same result.\n\n"
            "Examples:\n"
            "  fallzahl -C /srv/fallzahl run\n"
            "  fallzahl run --as-of 2026-02-03\n",
    .run = run,
};
