/* `fallzahl person`: what is held on somebody, and what somebody asks for. */
#include <stdio.h>
#include <string.h>

#include "cli/dossier.h"
#include "cli/dpo_verb.h"
#include "cli/night.h"

static const char *person_of(const struct night *night)
{
    return night->invocation->arguments[1];
}

static int show_as(struct night *night, bool json, struct err *err)
{
    const char *language = invocation_value(night->invocation, "language");
    struct dossier *dossier;
    struct strbuf out = { 0 };
    int code = dossier_open(&dossier, &night->work, person_of(night), err);
    if (code)
        return code;
    if (json)
        dossier_json(dossier, &out);
    else
        dossier_describe(dossier, language && strcmp(language, "de") == 0 ? DOSSIER_GERMAN : DOSSIER_ENGLISH, &out);
    fwrite(strbuf_text(&out), 1, out.length, stdout);
    strbuf_wipe(&out);
    dossier_free(dossier);
    return 0;
}

static int show(struct night *night, struct err *err)
{
    return show_as(night, night->invocation->json, err);
}

static int export_json(struct night *night, struct err *err)
{
    return show_as(night, true, err);
}

static int declare(struct night *night, const char *kind, struct err *err)
{
    const struct dpo_ask ask = { .work = &night->work, .verb = kind, .person = person_of(night) };
    struct strbuf out = { 0 };
    int code = dpo_verb_run(&ask, &out, err);
    if (!code && !night->invocation->quiet)
        fputs(strbuf_text(&out), stdout);
    strbuf_release(&out);
    return code;
}

static int forget(struct night *night, struct err *err)
{
    return declare(night, "erasure", err);
}

static int object(struct night *night, struct err *err)
{
    return declare(night, "objection", err);
}

static const struct {
    const char *verb;
    struct night_step steps[2]; /* the name is the one in the evidence */
    enum workspace_act act;
} verbs[] = {
    { "show", { { "person show", show }, { 0 } }, WORKSPACE_STORES },
    { "export", { { "person export", export_json }, { 0 } }, WORKSPACE_STORES },
    { "forget", { { "person forget", forget }, { 0 } }, WORKSPACE_SENDS_OR_DELETES },
    { "object", { { "person object", object }, { 0 } }, WORKSPACE_SENDS_OR_DELETES },
};

static int run(const struct invocation *invocation, struct err *err)
{
    const char *language = invocation_value(invocation, "language");
    if (language && strcmp(language, "en") != 0 && strcmp(language, "de") != 0)
        return err_set(err, ERR_USAGE, "'--language' is en or de");
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].verb, invocation->arguments[0]) == 0)
            return night_run(invocation, verbs[i].act, verbs[i].steps, err);
    return err_set(err, ERR_USAGE, "expected 'person show', 'export', 'forget' or 'object' and an identifier");
}

const struct command command_person = {
    .name = "person",
    .usage = "show|export|forget|object ID",
    .summary = "what is held on somebody; erasure; objection",
    .help =
        "For the data protection officer. ID is an e-mail address, a telephone number, or NAME=VALUE for an identifier of\n"
        "fallzahl.yaml; the person is found by it under every key that is alive, whatever else the cases are known by.\n"
        "\n"
        "  show    everything that is held on the person, in plain words (--language en or de), or that nothing is held\n"
        "  export  the same as JSON\n"
        "  forget  erasure: cases, contact, invitations; an objection stays\n"
        "  object  objection: nothing of the person is kept or comes in again, no survey reaches the person\n"
        "\n"
        "Each leaves a record in the evidence, without the identity. Whoever shall not have a shell drops a request instead\n"
        "(`do: access`, `erasure`, `objection`; see `fallzahl requests --help`).\n"
        "\nExamples:\n"
        "  fallzahl person show erika@mail.example --language de\n"
        "  fallzahl person export customer=4711 > answer.json\n"
        "  fallzahl person object '+49 30 5550101'\n",
    .minimum_arguments = 2,
    .maximum_arguments = 2,
    .run = run,
    .options = {
        { "language", "LANGUAGE", "en (the default) or de" },
        { NULL, NULL, NULL },
    },
};
