/* What the survey page's database holds on a recipient (surveys/dossier.h): links, clicks, answers that wait. */
#include <jansson.h>

#include "surveys/collect.h"
#include "surveys/dossier_part.h"

struct links {
    const struct dossier_stores *stores;
    json_t *links, *clicks, *waiting;
};

static void add_link(const struct links *links, struct stmt *stmt)
{
    static const char *const flags[] = { "finished", "opted_out", "confirmed", "begun" };
    json_t *link = dossier_append(links->links);
    dossier_set_text(link, "survey", stmt, 0);
    dossier_set_text(link, "link_for", stmt, 1);
    dossier_set_text(link, "controller", stmt, 2);
    dossier_set_text(link, "language", stmt, 3);
    dossier_set_text(link, "segment", stmt, 4);
    dossier_set_instant(link, "expires", stmt_integer(stmt, 5));
    for (int i = 0; i < (int)(sizeof flags / sizeof *flags); i++)
        if (stmt_integer(stmt, 6 + i))
            json_set_made(link, flags[i], json_true());
}

static void add_click(const struct links *links, struct stmt *stmt)
{
    json_t *click = dossier_append(links->clicks);
    dossier_set_text(click, "kind", stmt, 0);
    dossier_set_instant(click, "at", stmt_integer(stmt, 1));
}

/* Of confidential surveys: anonymous ones wait without the link. */
static void add_waiting(const struct links *links, struct stmt *stmt)
{
    json_t *entry = dossier_append(links->waiting);
    struct strbuf answers = { 0 };
    size_t length;
    const char *sealed = stmt_blob(stmt, 2, &length);
    dossier_set_text(entry, "survey", stmt, 0);
    if (collect_open_answer(links->stores->keyring, stmt_integer(stmt, 1), (struct slice){ sealed, length }, &answers))
        json_set_made(entry, "answers", json_string(strbuf_text(&answers)));
    strbuf_wipe(&answers);
}

static int each_of(const struct links *links, const char *query, struct slice hash, void (*add)(const struct links *links, struct stmt *stmt),
                   struct err *err)
{
    struct stmt *stmt = NULL;
    int step = 0, code = db_prepare(links->stores->intake, DOSSIER_QUERIES, query, &stmt, err);
    if (code)
        return code;
    stmt_bind_blob(stmt, ":hash", hash.text, hash.length);
    while ((step = stmt_step(stmt, err)) > 0)
        add(links, stmt);
    stmt_free(stmt);
    return step;
}

static int look_at_link(const struct links *links, struct slice hash, struct err *err)
{
    int code = each_of(links, "link", hash, add_link, err);
    if (!code)
        code = each_of(links, "clicks", hash, add_click, err);
    return code ? code : each_of(links, "waiting", hash, add_waiting, err);
}

int dossier_intake(const struct dossier_stores *stores, int64_t recipient, json_t *out, struct err *err)
{
    const struct links links = { stores, json_made(json_array()), json_made(json_array()), json_made(json_array()) };
    struct stmt *stmt = NULL;
    int step = 0, code = db_prepare(stores->surveys, DOSSIER_QUERIES, "tokens", &stmt, err);
    if (!code)
        stmt_bind_integer(stmt, ":recipient", recipient);
    while (!code && (step = stmt_step(stmt, err)) > 0) {
        size_t length;
        const char *hash = stmt_blob(stmt, 0, &length);
        code = look_at_link(&links, (struct slice){ hash, length }, err);
    }
    stmt_free(stmt);
    dossier_set_list(out, "links", links.links);
    dossier_set_list(out, "clicks", links.clicks);
    dossier_set_list(out, "waiting", links.waiting);
    return code ? code : step;
}
