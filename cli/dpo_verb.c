#include "cli/dpo_verb.h"

#include <string.h>

#include "cli/dossier.h"
#include "cli/subjects.h"

static struct slice slice_of(const char *text)
{
    return (struct slice){ text ? text : "", text ? strlen(text) : 0 };
}

/* The same request is the same event: its id is all that it says. */
static int run_event(const struct dpo_ask *ask, struct strbuf *out, struct err *err)
{
    struct slice cells[SUBJECT_COLUMNS] = { 0 };
    struct strbuf id = { 0 };
    char now[32];
    calendar_format_instant(ask->work->now, now);
    const char *at = ask->at ? ask->at : now;
    strbuf_addf(&id, "request %s %s %s %s", ask->verb, ask->person, at, ask->reason ? ask->reason : "");
    for (int i = 0; i < SUBJECT_COLUMNS; i++)
        cells[i] = slice_of("");
    cells[SUBJECT_EVENT] = (struct slice){ strbuf_text(&id), id.length };
    cells[SUBJECT_KIND] = slice_of(ask->verb);
    cells[SUBJECT_IDENTIFIER] = slice_of(ask->person);
    cells[SUBJECT_OCCURRED_AT] = slice_of(at);
    cells[SUBJECT_PURPOSE] = slice_of(ask->reason ? ask->reason : strcmp(ask->verb, "opt_out") == 0 ? "*" : "");
    cells[SUBJECT_CHANNEL] = slice_of("*");
    cells[SUBJECT_SOURCE] = slice_of("request");
    int code = subjects_do_event(ask->work, cells, out, err);
    strbuf_wipe(&id);
    return code;
}

static int run_access(const struct dpo_ask *ask, struct strbuf *out, struct err *err)
{
    static const enum dossier_language languages[] = { DOSSIER_ENGLISH, DOSSIER_GERMAN };
    struct dossier *dossier;
    int code = dossier_open(&dossier, ask->work, ask->person, err);
    if (code)
        return code;
    for (size_t i = 0; i < 2; i++) {
        dossier_describe(dossier, languages[i], out);
        strbuf_adds(out, i ? "" : "\n");
    }
    dossier_free(dossier);
    return 0;
}

int dpo_verb_run(const struct dpo_ask *ask, struct strbuf *out, struct err *err)
{
    return strcmp(ask->verb, "access") == 0 ? run_access(ask, out, err) : run_event(ask, out, err);
}
