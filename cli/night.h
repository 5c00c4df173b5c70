/* The steps of a night, each of them a command of its own too. A step works on the open store, adds its counts to the run's record
 * and fails with an error of its own; what it says to people goes to stderr. */
#ifndef CLI_NIGHT_H
#define CLI_NIGHT_H

#include "cli/casework.h"

struct night {
    const struct invocation *invocation;
    struct casework work;
    char *release; /* path of the folder that was published, or NULL */
};

/* Reads every file of the inbox that is complete. ERR_DATA if one was rejected; the others are read all the same. */
int night_ingest(struct night *night, struct err *err);

/* Does the subject events of the inbox (cli/cmd_subjects.c). ERR_DATA if some were refused; the others are done. */
int night_subjects(struct night *night, struct err *err);

/* Does the requests of both groups. */
int night_requests(struct night *night, struct err *err);

/* Takes in who opted out, confirmed or answered through the survey page, and tells it the invitations (cli/night_answers.c). */
int night_page(struct night *night, struct err *err);

/* Moves answers, and hands over what is ready for the statistics. */
int night_answers(struct night *night, struct err *err);

/* Destroys epochs of the analytics key on which nothing rests any more. */
int night_keys(struct night *night, struct err *err);

/* Hands the head of the evidence log to the data protection officer. ERR_DATA if the log was tampered with. */
int night_evidence(struct night *night, struct err *err);

/* Deletes what is past its date (cli/cmd_retention.c). */
int night_retention(struct night *night, struct err *err);

/* Reads mail that came back, sends and reminds the surveys that are due, takes back what must not go (cli/night_surveys.c). */
int night_surveys(struct night *night, struct err *err);

/* Builds, protects and publishes a release. */
int night_publish(struct night *night, struct err *err);

struct night_step {
    const char *name;
    int (*run)(struct night *night, struct err *err);
};

/* Opens the store, runs the steps (they end with a NULL function) under one record and closes it. A step that fails with
 * ERR_DATA does not stop the others: the exit status says it at the end. Any other failure ends the run. */
int night_run(const struct invocation *invocation, enum workspace_act act, const struct night_step *steps,
              struct err *err);

#endif
