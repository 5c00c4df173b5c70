#include "cli/request.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "cli/act.h"
#include "cli/dpo_verb.h"
#include "cli/evidence_head.h"
#include "cli/survey_verb.h"
#include "core/config.h"

/* A request under way. */
struct request {
    struct casework *work;
    const char *who;
    const struct config_node *root;
    const struct request_verb *verb;
};

enum { MAX_KEYS = 3 };

struct request_verb {
    const char *group, *name;
    int (*run)(const struct request *request, struct strbuf *out, struct err *err);
    const char *keys[MAX_KEYS]; /* that it needs besides `do`. The last is the survey verb's argument */
    const char *optional;       /* that it may have */
};

static int run_survey(const struct request *request, struct strbuf *out, struct err *err)
{
    const char *const *keys = request->verb->keys;
    struct survey_ask ask = { .session = &request->work->session, .clock = request->work->clock,
                              .survey = config_text(request->root, "survey", ""), .verb = request->verb->name,
                              .who = request->who };
    if (keys[1])
        ask.argument = config_text(request->root, keys[1], "");
    return survey_verb_run(&ask, out, err);
}

static int run_evidence(const struct request *request, struct strbuf *out, struct err *err)
{
    struct evidence_state state = { 0 };
    char hex[2 * EVIDENCE_HASH_BYTES + 1];
    int code = evidence_state_read(request->work->session.workspace, NULL, &state, err);
    if (code)
        return code;
    sodium_bin2hex(hex, sizeof hex, state.report.head.hash, sizeof state.report.head.hash);
    strbuf_addf(out, "lines: %lld\nhash: %s\nacts without outcome, besides this one: %lld\nheads compared: %zu\n", (long long)state.report.head.number,
                hex, (long long)evidence_state_killed(&state), state.heads);
    code = evidence_state_result(&state, err);
    evidence_state_release(&state);
    return code;
}

/* What is told of a person and done to a person leaves a record of its own, without the identity. */
static int run_dpo(const struct request *request, struct strbuf *out, struct err *err)
{
    struct casework *work = request->work;
    struct strbuf name = { 0 };
    const struct dpo_ask ask = { .work = work, .verb = request->verb->name, .person = config_text(request->root, "person", ""),
                                 .at = config_text(request->root, "at", NULL),
                                 .reason = config_text(request->root, "reason", NULL) };
    strbuf_addf(&name, "person %s", request->verb->name);
    struct act act = { .workspace = work->session.workspace, .clock = work->clock, .name = strbuf_text(&name) };
    snprintf(act.who, sizeof act.who, "%s", request->who);
    int code = act_begin(&act, err);
    if (!code)
        code = dpo_verb_run(&ask, out, err);
    code = act_end(&act, code, NULL, err);
    strbuf_release(&name);
    return code;
}

static const struct request_verb verbs[] = {
    { "marketing", "plan", run_survey, { "survey" }, NULL },
    { "marketing", "preview", run_survey, { "survey" }, NULL },
    { "marketing", "approve", run_survey, { "survey", "plan" }, NULL },
    { "marketing", "halt", run_survey, { "survey" }, NULL },
    { "marketing", "status", run_survey, { "survey" }, NULL },
    { "marketing", "results", run_survey, { "survey" }, NULL },
    { "dpo", "why", run_survey, { "survey", "person" }, NULL },
    { "dpo", "evidence", run_evidence, { 0 }, NULL },
    { "dpo", "access", run_dpo, { "person" }, NULL },
    { "dpo", "objection", run_dpo, { "person" }, "at" },
    { "dpo", "objection_withdrawn", run_dpo, { "person" }, "at" },
    { "dpo", "erasure", run_dpo, { "person" }, "at" },
    { "dpo", "recording_consent", run_dpo, { "person" }, "at" },
    { "dpo", "recording_consent_withdrawn", run_dpo, { "person" }, "at" },
    { "dpo", "opt_out", run_dpo, { "person" }, "at" },
    { "dpo", "hold", run_dpo, { "person", "reason" }, "at" },
    { "dpo", "hold_release", run_dpo, { "person", "reason" }, "at" },
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static const struct config_rule rules[] = {
    { .path = "do", .type = CONFIG_TYPE_TEXT, .required = true },
    { .path = "survey", .type = CONFIG_TYPE_NAME },
    { .path = "plan", .type = CONFIG_TYPE_TEXT },
    { .path = "person", .type = CONFIG_TYPE_TEXT },
    { .path = "reason", .type = CONFIG_TYPE_TEXT },
    { .path = "at", .type = CONFIG_TYPE_TEXT },
    { .path = NULL },
};

static const struct request_verb *find_verb(const char *group, const char *name)
{
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].group, group) == 0 && strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

static void list_verbs(const char *group, struct strbuf *out)
{
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].group, group) == 0)
            strbuf_addf(out, "%s%s", out->length ? ", " : "", verbs[i].name);
}

static bool takes(const struct request_verb *verb, const char *key)
{
    for (size_t i = 0; i < MAX_KEYS && verb->keys[i]; i++)
        if (strcmp(verb->keys[i], key) == 0)
            return true;
    return strcmp(key, "do") == 0 || (verb->optional && strcmp(key, verb->optional) == 0);
}

/* The keys of the verb are all there, and no others. */
static void check_keys(struct config *config, const struct request_verb *verb)
{
    const struct config_node *root = config_root(config);
    CONFIG_EACH(child, root)
        if (!takes(verb, child->key))
            config_problem_key(config, child, "'%s' takes no '%.40s'", verb->name, child->key);
    for (size_t i = 0; i < MAX_KEYS && verb->keys[i]; i++)
        if (!config_get(root, verb->keys[i]))
            config_problem(config, root, "'%s' is missing; '%s' needs it", verb->keys[i], verb->name);
}

static const struct request_verb *check(struct config *config, const char *group)
{
    static const struct config_rule *const tables[] = { rules, NULL };
    config_check(config, tables);
    const struct config_node *node = config_get(config_root(config), "do");
    if (config_problem_count(config) || !node)
        return NULL;
    const struct request_verb *verb = find_verb(group, node->value);
    struct strbuf known = { 0 };
    list_verbs(group, &known);
    if (verb)
        check_keys(config, verb);
    else
        config_problem(config, node, "'do' is '%.40s'; this group may ask for: %s", node->value, strbuf_text(&known));
    strbuf_release(&known);
    return verb;
}

int request_do(struct casework *work, const char *group, const char *who, struct config *config, struct strbuf *out,
               struct err *err)
{
    const struct request_verb *verb = check(config, group);
    for (size_t i = 0; i < config_problem_count(config); i++)
        strbuf_addf(out, "%s\n", config_problem_text(config, i));
    int code = config_result(config, err);
    if (code)
        return code;
    const struct request request = { work, who, config_root(config), verb };
    return verb->run(&request, out, err);
}
