/* Answers to those who have no shell: answers/<group>/<name>.answer.txt for people, .answer.json for programs. Given again
 * under the same name, an answer takes the place of the first if it is to the same request; else that one is kept as <name>-<digest>. Those of answers/dpo go by their term (request_answers_expire()). */
#ifndef CLI_ANSWER_H
#define CLI_ANSWER_H

#include "cli/casework.h"

enum { ANSWER_NAME_MAX = 101 };

/* A name for an answer from that of what was handed in: whatever is not plain becomes '_'. */
void answer_name(char out[ANSWER_NAME_MAX], struct slice given);

struct answer {
    const char *group, *name;
    const char *who;           /* handed it in */
    const char *state;         /* "done", "refused", "done in part" */
    const struct err *outcome; /* code 0: nothing to complain of */
    const char *text;
    const char *digest;        /* hex, of what was handed in; NULL: the name tells it */
};
int answer_write(const struct casework *work, const struct answer *answer, struct err *err);

#endif
