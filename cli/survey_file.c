#include "cli/survey_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/strbuf.h"
#include "stats/table_config.h"
#include "surveys/policy.h"

static void check_controller(struct config *config, const struct workspace *workspace)
{
    const struct config_node *controller = config_get(config_root(config), "controller");
    const struct config_node *known = config_get(config_root(workspace->config), "controllers");
    if (!controller || controller->kind != CONFIG_SCALAR)
        return;
    CONFIG_EACH(child, known)
        if (child->kind == CONFIG_SCALAR && strcmp(child->value, controller->value) == 0)
            return;
    config_problem(config, controller, "the controller '%.80s' is not one of 'controllers' in fallzahl.yaml",
                   controller->value);
}

static void check_dimension(struct config *config, const struct config_node *dimensions, const struct config_node *at,
                            const char *name)
{
    const struct config_node *dimension = config_get(dimensions, name);
    if (dimension && config_get(dimension, "date") && strcmp(config_text(dimension, "as", ""), "weekday") != 0)
        config_problem(config, at, "'%.80s' is a period: people are not told apart by it; see 'closed_within_days'", name);
    if (!dimensions || dimension)
        return;
    if (at->kind == CONFIG_SCALAR)
        config_problem(config, at, "the source has no dimension '%.80s'", name);
    else
        config_problem_key(config, at, "the source has no dimension '%.80s'", name);
}

/* With `allow` the labels are known: another one would stand for nobody. */
static void check_label(struct config *config, const struct config_node *dimension, const struct config_node *label)
{
    const struct config_node *allow = config_get(dimension, "allow");
    if (!allow || !label || !label->value || strcmp(label->value, "(other)") == 0
        || strcmp(label->value, config_text(dimension, "missing_as", "(missing)")) == 0)
        return;
    CONFIG_EACH(allowed, allow)
        if (allowed->value && strcmp(allowed->value, label->value) == 0)
            return;
    config_problem(config, label, "the dimension has no label '%.80s'; see its 'allow' in fallzahl.yaml", label->value);
}

static void check_dimensions(struct config *config, const struct config_node *source)
{
    const struct config_node *known = config_get(source, "dimensions"), *root = config_root(config);
    CONFIG_EACH(filter, config_get(root, "audience")) {
        check_dimension(config, known, filter, filter->key ? filter->key : "");
        CONFIG_EACH(label, filter)
            check_label(config, config_get(known, filter->key ? filter->key : ""), label);
    }
    CONFIG_EACH(segment, config_get(root, "segments"))
        if (segment->kind == CONFIG_SCALAR)
            check_dimension(config, known, segment, segment->value);
    CONFIG_EACH(quota, config_get(root, "quotas")) {
        const struct config_node *dimension = config_get(quota, "dimension");
        if (dimension && dimension->kind == CONFIG_SCALAR)
            check_dimension(config, known, dimension, dimension->value);
        if (dimension && dimension->kind == CONFIG_SCALAR)
            check_label(config, config_get(known, dimension->value), config_get(quota, "label"));
    }
}

static void check_source(struct config *config, const struct workspace *workspace)
{
    const struct config_node *source = config_get(config_root(config), "source");
    if (!source || source->kind != CONFIG_SCALAR)
        return;
    const struct config_node *sources = config_get(config_root(workspace->config), "sources");
    const struct config_node *known = config_get(sources, source->value);
    if (known)
        check_dimensions(config, known);
    else
        config_problem(config, source, "the source '%.80s' is not one of 'sources' in fallzahl.yaml", source->value);
}

/* Both caps hold whatever the file says; one that promises more than the group allows would mislead who reads it. */
static void check_cap(struct config *config, const struct survey *survey, const struct workspace *workspace)
{
    const struct policy_cap group = policy_cap_of(workspace->config);
    const struct config_node *root = config_root(config), *cap = config_get(root, "cap.invitations");
    int64_t gap = survey->reminder_gap_days, window = gap > 0 ? (group.days - 1) / gap : 0;
    if (survey->cap_invitations > group.invitations && survey->cap_days <= group.days)
        config_problem(config, cap, "more than 'surveys.cap' in fallzahl.yaml allows, which is %lld in %lld days; a survey can only be stricter",
                       (long long)group.invitations, (long long)group.days);
    if ((survey->reminder_maximum < window ? survey->reminder_maximum : window) >= group.invitations)
        config_problem(config, config_get(root, "reminders"), "reminders count against 'surveys.cap' in fallzahl.yaml, which is %lld in %lld days",
                       (long long)group.invitations, (long long)group.days);
}

static void check_multiple(struct config *config, const struct config_node *node, int64_t value, int64_t k)
{
    if (node && k > 0 && value % k)
        config_problem(config, node, "not a multiple of 'protection.k' in fallzahl.yaml, which is %lld; numbers in between would tell how many people there are",
                       (long long)k);
}

/* Whoever could choose any limit would learn from the plans' rounded sizes, one after the other, how many people there are exactly. */
static void check_limits(struct config *config, const struct survey *survey, const struct workspace *workspace)
{
    int64_t k = config_integer(config_root(workspace->config), "protection.k", TABLE_K_DEFAULT);
    size_t i = 0;
    check_multiple(config, config_get(config_root(config), "sample.size"), survey->sample_size, k);
    CONFIG_EACH(quota, config_get(config_root(config), "quotas"))
        check_multiple(config, config_get(quota, "maximum"), survey->quotas[i++].maximum, k);
}

static int is_survey(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

int survey_file_each(const struct workspace *workspace, int (*visit)(void *context, const char *name, struct err *err),
                     void *context, struct err *err)
{
    char *folder = workspace_path(workspace, "surveys");
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_survey, alphasort), code = 0;
    if (count < 0 && errno != ENOENT)
        code = err_set_errno(err, ERR_NOINPUT, "cannot look into '%s'", folder);
    for (int i = 0; i < count; i++) {
        entries[i]->d_name[strlen(entries[i]->d_name) - 5] = '\0';
        if (!code)
            code = visit(context, entries[i]->d_name, err);
        free(entries[i]);
    }
    free(entries);
    free(folder);
    return code;
}

static void check_transport(struct config *config, const struct survey *survey, const struct workspace *workspace)
{
    if (survey->transport == SURVEY_SMTP && !config_get(config_root(workspace->config), "surveys.smtp"))
        config_problem(config, config_get(config_root(config), "transport"), "the survey goes by SMTP, and fallzahl.yaml has no 'surveys.smtp'");
}

struct naming {
    struct config *config;
    const char *name;
};

static bool begins(const char *name, const char *other)
{
    size_t length = strlen(other);
    return strncmp(name, other, length) == 0 && name[length] == '-';
}

static int check_other_name(void *context, const char *other, struct err *err)
{
    (void)err;
    const struct naming *naming = context;
    if (begins(naming->name, other) || begins(other, naming->name))
        config_problem_key(naming->config, config_root(naming->config),
                           "the files of the surveys '%.80s' and '%.80s' cannot be told apart (answers-NAME-*.csv); "
                           "give the one that was not planned yet a name that does not begin with the other's and a hyphen",
                           naming->name, other);
    return 0;
}

int survey_file_read(struct survey **survey, struct config **config, const struct workspace *workspace,
                     const char *name, struct err *err)
{
    static const struct config_rule *const rules[] = { survey_config_rules, NULL };
    char *path = workspace_path(workspace, "surveys/%s.yaml", name);
    int code = config_read(config, path, err);
    free(path);
    if (code)
        return code;
    config_check(*config, rules);
    survey_compile(survey, *config, name);
    check_controller(*config, workspace);
    check_source(*config, workspace);
    check_cap(*config, *survey, workspace);
    check_limits(*config, *survey, workspace);
    check_transport(*config, *survey, workspace);
    struct naming naming = { *config, name };
    survey_file_each(workspace, check_other_name, &naming, NULL); /* the page may not list the folder: it publishes nothing */
    return 0;
}
