/* What can be done for a person, whoever asks: `fallzahl person` and requests of the data protection officer. */
#ifndef CLI_DPO_VERB_H
#define CLI_DPO_VERB_H

#include "cli/casework.h"
#include "core/strbuf.h"

struct dpo_ask {
    struct casework *work;
    const char *verb;      /* a kind of event (etl/subject.h), or access */
    const char *person;    /* an e-mail address, a telephone number, NAME=VALUE, or case:SOURCE=NUMBER for holds */
    const char *at;        /* when it was declared; NULL: now */
    const char *reason;    /* of a hold; or NULL */
};

/* Does it and appends the answer. ERR_DATA: what was asked cannot be done; nothing was. */
int dpo_verb_run(const struct dpo_ask *ask, struct strbuf *out, struct err *err);

#endif
