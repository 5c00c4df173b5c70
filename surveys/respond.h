/* From a request to the page's answer, without any network: what GET shows, what POST does.
 *
 * Laws. A GET changes nothing. A POST changes something only with a button's value and, for an answer, with at least one
 * question answered: what follows every link and submits every form empty changes nothing. No token, address or answer goes into
 * a message.
 *
 * Two steps, as the write is done by another thread: respond_begin() looks and either has the reply or a job for intake_do();
 * respond_end() says what became of the job. */
#ifndef SURVEYS_RESPOND_H
#define SURVEYS_RESPOND_H

#include <stdbool.h>
#include <stdint.h>

#include "core/calendar.h"
#include "core/db.h"
#include "core/err.h"
#include "core/strbuf.h"
#include "core/text.h"
#include "surveys/brand.h"
#include "surveys/form.h"
#include "surveys/intake.h"

/* Whoever shows pages: where the texts are. */
struct responder {
    struct db *intake;  /* for looking */
    const struct brands *brands;
    const struct zone *zone;
    /* The survey of that name, or NULL; valid until the next call. */
    const struct survey *(*find_survey)(void *context, const char *name);
    void *context;
};

struct respond_request {
    bool post;
    const char *path;       /* "/a/<token>" or "/a/<token>.<secret>", as the client sent it */
    const char *languages;  /* Accept-Language, or NULL */
    const char *type;       /* Content-Type, or NULL */
    struct slice body;
    int64_t now;
};

struct reply {
    unsigned status;
    const char *type;       /* of the content */
    bool cacheable;         /* style and logo */
    struct strbuf body;
    char location[2 * TOKEN_LENGTH + 2]; /* where to go on (303), relative to the request's address; or empty */
};

struct responding {
    struct reply reply;     /* if `has_job` is not set */
    bool has_job;
    struct intake_job job;
    struct ticket ticket;
    struct strbuf json;     /* of the job; wiped */
    struct form form;
    size_t step;            /* of the form that was sent */
    char secret[TOKEN_LENGTH + 1]; /* of the address, by which it shows what was saved; or empty */
};

void respond_begin(const struct responder *responder, const struct respond_request *request, struct responding *responding);
/* `failed`: the code of intake_do(), 0 if it was done. */
void respond_end(const struct responder *responder, struct responding *responding, int failed);
void responding_release(struct responding *responding);

/* A page about no survey, for what the network part refuses: 400, 404, 405, 413, 429, 503. */
void respond_refuse(const struct responder *responder, unsigned status, const char *languages, struct reply *reply);

#endif
