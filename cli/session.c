#include "cli/session.h"

#include <stdio.h>

#include "reports/writers.h"
#include "stats/publication.h"

const struct config_rule *const session_rules[] = {
    workspace_config_rules,
    source_config_rules,
    stats_config_rules,
    derived_config_rules,
    term_config_rules,
    publication_config_rules,
    report_config_rules,
    policy_config_rules,
    page_config_rules,
    mail_config_rules,
    NULL,
};

int session_inspect(struct session *session, const char *folder, struct err *err)
{
    *session = (struct session){ 0 };
    int code = workspace_open(&session->workspace, folder, err);
    if (code)
        return code;
    config_check(session->workspace->config, session_rules);
    workspace_configure(session->workspace);
    sources_compile(&session->sources, session->workspace->config, folder, session->workspace->zone);
    table_config_compile(&session->tables, session->workspace->config);
    derived_config_compile(&session->derived, session->workspace->config, session->tables);
    term_compile(&session->term, session->workspace->config);
    policy_compile(&session->policy, session->workspace->config);
    brands_compile(&session->brands, session->workspace->config, folder);
    mail_config_compile(&session->mail, session->workspace->config);
    return 0;
}

int session_judge(const struct session *session, struct err *err)
{
    const struct config *config = session->workspace->config;
    for (size_t i = 0; i < config_problem_count(config); i++)
        fprintf(stderr, "%s\n", config_problem_text(config, i));
    return config_result(config, err);
}

int session_open(struct session *session, const struct invocation *invocation, struct err *err)
{
    int code = session_inspect(session, invocation->folder, err);
    if (code)
        return code;
    code = session_judge(session, err);
    if (code)
        session_close(session);
    return code;
}

void session_close(struct session *session)
{
    brands_release(&session->brands);
    derived_config_free(session->derived);
    table_config_free(session->tables);
    sources_free(session->sources);
    workspace_close(session->workspace);
    *session = (struct session){ 0 };
}
