#include "cli/night.h"

/* In this order: nothing of an objector is read in before the objection is known, no answer is moved out of reach of an erasure that
 * is there, nothing is published before what is past its term is gone. */
static const struct night_step steps[] = {
    { "page", night_page },
    { "requests", night_requests },
    { "subjects", night_subjects },
    { "answers", night_answers },
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
    .help = "Does the night's work in order, under one lock, each step recorded in state/runs/: takes in opt-outs and confirmations of\n"
            "the survey page, does the requests and what persons declared (inbox/subjects-*.csv), moves answers into the\n"
            "statistics, deletes what is past its term, reads the complete files of inbox/, builds, protects and publishes a\n"
            "release, then sends the surveys that somebody approved, with due reminders, and takes back what must not go any\n"
            "more. A rejected file does not stop the rest; the exit status is then 65.\n"
            "Killed at any instant, the next run comes to the same result.\n\n"
            "Examples:\n"
            "  fallzahl -C /srv/fallzahl run\n"
            "  fallzahl run --as-of 2026-02-03\n",
    .run = run,
};
