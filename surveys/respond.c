#include "surveys/respond.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "surveys/page.h"

/* The statuses that are used. */
enum { OK = 200, SEE_OTHER = 303, BAD_REQUEST = 400, NOT_FOUND = 404, NOT_ALLOWED = 405, CONFLICT = 409, GONE = 410, TOO_LARGE = 413,
       UNPROCESSABLE = 422, TOO_MANY = 429, UNAVAILABLE = 503 };

/* One request on its way. */
struct handling {
    const struct responder *responder;
    const struct respond_request *request;
    struct responding *out;
    struct page page;
};

static void set_page(struct reply *reply, unsigned status)
{
    reply->status = status;
    reply->type = "text/html; charset=utf-8";
}

static struct page page_of(const struct responder *responder, const struct responding *out)
{
    const struct ticket *ticket = &out->ticket;
    return (struct page){ .survey = responder->find_survey(responder->context, ticket->survey),
                          .brand = brands_find(responder->brands, ticket->controller),
                          .language = ticket->language,
                          .token = out->job.token,
                          .anonymous = ticket->anonymous,
                          .expires_day = zone_day(responder->zone, ticket->expires_at - 1) };
}

static void say(struct responding *out, const struct page *page, unsigned status, enum page_text title)
{
    const char *values[] = { page->brand.name, NULL };
    set_page(&out->reply, status);
    page_add_message(&out->reply.body, page, title, (enum page_text)(title + 1), values); /* each title is followed by its text */
}

static void refuse_with(const struct responder *responder, unsigned status, enum page_text title, const char *languages, struct reply *reply)
{
    struct page page = { .brand = responder->brands->count ? responder->brands->list[0] : brands_find(responder->brands, "survey"),
                         .language = page_language(languages) };
    set_page(reply, status);
    page_add_message(&reply->body, &page, title, (enum page_text)(title + 1), NULL);
}

void respond_refuse(const struct responder *responder, unsigned status, const char *languages, struct reply *reply)
{
    bool busy = status == TOO_MANY || status == UNAVAILABLE;
    refuse_with(responder, status, status == NOT_FOUND ? PAGE_UNKNOWN_TITLE : busy ? PAGE_BUSY_TITLE : PAGE_BAD_TITLE, languages, reply);
}

static void refuse(struct handling *handling, unsigned status)
{
    const struct respond_request *request = handling->request;
    if (status == NOT_FOUND && strncmp(request->path, "/o/", 3) == 0)
        refuse_with(handling->responder, status, PAGE_UNKNOWN_OPT_OUT_TITLE, request->languages, &handling->out->reply);
    else
        respond_refuse(handling->responder, status, request->languages, &handling->out->reply);
}

static void show_form(struct handling *handling, const struct page_form *form, unsigned status)
{
    set_page(&handling->out->reply, status);
    page_add_form(&handling->out->reply.body, &handling->page, form);
}

static struct page_form form_of(const struct responding *out)
{
    return (struct page_form){ .inputs = out->form.answers, .input_count = out->form.answer_count, .step = out->step };
}

static void add_saved(void *context, const char *question, struct slice value)
{
    form_add_answer(context, question, value);
}

/* Reads what was saved into the form, if the address has the secret for it: 1, 0 if not, negative if it cannot be looked for. */
static int read_saved(struct handling *handling)
{
    struct responding *out = handling->out;
    struct strbuf json = { 0 };
    int found = *out->secret ? intake_load_partial(handling->responder->intake, out->job.token, out->secret, &json, NULL) : 0;
    if (found == 1)
        answers_each(handling->page.survey, strbuf_text(&json), add_saved, &out->form);
    strbuf_wipe(&json);
    return found;
}

/* The first step. The link of the invitation alone shows nothing of what was saved: others than the person have it. */
static void show_answering(struct handling *handling)
{
    struct responding *out = handling->out;
    int found = read_saved(handling);
    if (found < 0) {
        refuse(handling, UNAVAILABLE);
        return;
    }
    out->step = 1;
    struct page_form form = form_of(out);
    form.notice = found            ? PAGE_SAVED
                  : *out->secret   ? PAGE_NOT_SAVED
                  : out->ticket.saved ? PAGE_SAVED_ELSEWHERE
                                   : PAGE_NOTHING;
    show_form(handling, &form, OK);
}

static size_t step_given(const struct handling *handling)
{
    const char *text = form_control(&handling->out->form, "step");
    size_t step = strlen(text) < 4 ? strtoul(text, NULL, 10) : 0, last = page_steps(handling->page.survey) + 1;
    return step < 1 ? 1 : step > last ? last : step;
}

static void set_job(struct handling *handling, enum intake_deed deed)
{
    struct responding *out = handling->out;
    memcpy(out->job.questions, handling->page.survey->questions_digest, sizeof out->job.questions);
    out->job.room = answers_room(handling->page.survey);
    out->job.deed = deed;
    out->job.json = (struct slice){ out->json.text, out->json.length };
    if (deed == INTAKE_SAVE)
        token_random(out->job.secret);
    out->has_job = true;
}

/* The next step that shows something. The form carries what was answered; nothing of it is stored. */
static void show_next(struct handling *handling)
{
    struct page_form form = form_of(handling->out);
    form.step = page_step_from(handling->page.survey, &form, false);
    show_form(handling, &form, OK);
}

/* Answers that are in order go to the writer, or to the next step; others come back with what is wrong. */
static void check_answers(struct handling *handling, bool sends, bool saves)
{
    struct responding *out = handling->out;
    struct page_form form = form_of(out);
    struct answer_result result;
    form.checked = true;
    form.finishing = !saves;
    form.step = sends ? page_steps(handling->page.survey) + 1 : out->step;
    size_t wrong = page_fault_step(handling->page.survey, &form);
    answers_check(handling->page.survey, form.inputs, form.input_count, sends, &out->json, &result);
    form.empty = result.fault == ANSWER_EMPTY;
    form.step = wrong && !form.empty ? wrong : out->step;
    if (wrong || form.empty) {
        show_form(handling, &form, UNPROCESSABLE);
    } else if (result.fault) {
        refuse(handling, BAD_REQUEST); /* no form of ours has such a field */
    } else if (sends || saves) {
        set_job(handling, sends ? INTAKE_FINISH : INTAKE_SAVE);
    } else {
        show_next(handling);
    }
}

static void take_answers(struct handling *handling)
{
    struct responding *out = handling->out;
    const char *deed = form_control(&out->form, "do");
    struct page_form form;
    out->step = step_given(handling);
    form = form_of(out);
    if (strcmp(deed, "back") == 0) {
        form.step = page_step_from(handling->page.survey, &form, true);
        show_form(handling, &form, OK);
    } else if (strcmp(deed, "send") == 0 || strcmp(deed, "save") == 0 || strcmp(deed, "next") == 0) {
        check_answers(handling, deed[1] == 'e' && deed[0] == 's', deed[1] == 'a');
    } else {
        form.empty = true; /* no button was pressed */
        show_form(handling, &form, UNPROCESSABLE);
    }
}

/* Does the form show questions that were approved once and then replaced? */
static bool is_outdated(const struct handling *handling)
{
    char now[PAGE_DIGEST_DIGITS + 1];
    const char *shown = form_control(&handling->out->form, "questions");
    page_format_digest(handling->page.survey, now);
    return *shown && strcmp(shown, now) != 0;
}

static void handle_answer(struct handling *handling)
{
    struct responding *out = handling->out;
    const struct ticket *ticket = &out->ticket;
    if (ticket->kind != INTAKE_ANSWER || !handling->page.survey)
        refuse(handling, NOT_FOUND);
    else if (ticket->finished)
        say(out, &handling->page, handling->request->post ? CONFLICT : OK, PAGE_SPENT_TITLE);
    else if (ticket->opted_out)
        say(out, &handling->page, handling->request->post ? CONFLICT : OK, PAGE_OPTED_OUT_TITLE);
    else if (handling->request->now >= ticket->expires_at)
        say(out, &handling->page, GONE, PAGE_EXPIRED_TITLE);
    else if (memcmp(ticket->questions, handling->page.survey->questions_digest, sizeof ticket->questions) != 0)
        say(out, &handling->page, UNAVAILABLE, PAGE_REVISED_TITLE);
    else if (handling->request->post && is_outdated(handling))
        say(out, &handling->page, CONFLICT, PAGE_CHANGED_TITLE);
    else if (handling->request->post)
        take_answers(handling);
    else
        show_answering(handling);
}

/* The person's own button, or the mail program's one click (RFC 8058). */
static void handle_opt_out(struct handling *handling)
{
    static const enum page_text texts[3] = { PAGE_OPT_OUT_TITLE, PAGE_OPT_OUT, PAGE_OPT_OUT_BUTTON };
    struct responding *out = handling->out;
    bool wanted = strcmp(form_control(&out->form, "do"), "opt_out") == 0 ||
                  strcmp(form_control(&out->form, "List-Unsubscribe"), "One-Click") == 0;
    if (out->ticket.opted_out) {
        say(out, &handling->page, OK, PAGE_OPTED_OUT_TITLE);
    } else if (handling->request->post && wanted) {
        out->job.deed = INTAKE_OPT_OUT;
        out->has_job = true;
    } else {
        set_page(&out->reply, handling->request->post ? UNPROCESSABLE : OK);
        page_add_question(&out->reply.body, &handling->page, texts, "opt_out");
    }
}

static void handle_confirmation(struct handling *handling)
{
    static const enum page_text texts[3] = { PAGE_CONFIRM_TITLE, PAGE_CONFIRM, PAGE_CONFIRM_BUTTON };
    struct responding *out = handling->out;
    bool wanted = strcmp(form_control(&out->form, "do"), "confirm") == 0;
    if (out->ticket.kind != INTAKE_CONFIRM)
        refuse(handling, NOT_FOUND);
    else if (out->ticket.confirmed)
        say(out, &handling->page, OK, PAGE_CONFIRMED_TITLE);
    else if (handling->request->now >= out->ticket.expires_at)
        say(out, &handling->page, GONE, PAGE_EXPIRED_TITLE);
    else if (handling->request->post && wanted) {
        out->job.deed = INTAKE_CONFIRM_OPT_IN;
        out->has_job = true;
    } else {
        set_page(&out->reply, handling->request->post ? UNPROCESSABLE : OK);
        page_add_question(&out->reply.body, &handling->page, texts, "confirm");
    }
}

/* "<token>" or "<token>.<secret>". */
static bool read_address(const char *text, struct responding *out)
{
    size_t length = strcspn(text, ".");
    bool has_secret = text[length] == '.';
    if (has_secret && !token_read((struct slice){ text + length + 1, strlen(text + length + 1) }, out->secret))
        return false;
    return token_read((struct slice){ text, length }, out->job.token);
}

static void handle_token(struct handling *handling, void (*handle)(struct handling *handling))
{
    struct responding *out = handling->out;
    unsigned char hash[TOKEN_HASH_BYTES];
    if (!read_address(handling->request->path + 3, out)) {
        refuse(handling, NOT_FOUND);
        return;
    }
    token_hash(out->job.token, hash);
    int found = intake_find(handling->responder->intake, hash, &out->ticket, NULL);
    if (found < 1) {
        refuse(handling, found < 0 ? UNAVAILABLE : NOT_FOUND);
        return;
    }
    handling->page = page_of(handling->responder, out);
    out->job.now = handling->request->now;
    handle(handling);
}

/* "/style/nordhaus.css" and "/logo/nordhaus". Only configured brands have a logo. */
static void handle_file(struct handling *handling)
{
    struct reply *reply = &handling->out->reply;
    const char *path = handling->request->path;
    bool style = strncmp(path, "/style/", 7) == 0;
    char name[64];
    size_t length = strcspn(path + (style ? 7 : 6), ".");
    if (length >= sizeof name) {
        refuse(handling, NOT_FOUND);
        return;
    }
    memcpy(name, path + (style ? 7 : 6), length);
    name[length] = '\0';
    struct brand brand = brands_find(handling->responder->brands, name);
    if (!style && !brand.logo_type) {
        refuse(handling, NOT_FOUND);
        return;
    }
    *reply = (struct reply){ .status = OK, .type = style ? "text/css; charset=utf-8" : brand.logo_type, .cacheable = true };
    if (style)
        page_add_style(&reply->body, &brand);
    else
        strbuf_add(&reply->body, brand.logo.text, brand.logo.length);
}

static bool read_form(struct handling *handling)
{
    if (!handling->request->post)
        return true;
    return form_read(&handling->out->form, handling->request->type, handling->request->body, NULL) == 0;
}

void respond_begin(const struct responder *responder, const struct respond_request *request, struct responding *responding)
{
    struct handling handling = { .responder = responder, .request = request, .out = responding };
    const char *path = request->path;
    *responding = (struct responding){ 0 };
    form_init(&responding->form);
    if (!read_form(&handling))
        refuse(&handling, BAD_REQUEST);
    else if (strncmp(path, "/a/", 3) == 0)
        handle_token(&handling, handle_answer);
    else if (strncmp(path, "/o/", 3) == 0)
        handle_token(&handling, handle_opt_out);
    else if (strncmp(path, "/c/", 3) == 0)
        handle_token(&handling, handle_confirmation);
    else if (!request->post && (strncmp(path, "/style/", 7) == 0 || strncmp(path, "/logo/", 6) == 0))
        handle_file(&handling);
    else
        refuse(&handling, NOT_FOUND);
}

/* On to the address that alone shows what was saved, so that it stands where people bookmark it. */
static void go_to_saved(struct responding *out)
{
    set_page(&out->reply, SEE_OTHER);
    snprintf(out->reply.location, sizeof out->reply.location, "%s.%s", out->job.token, out->job.secret);
}

static void end_done(struct responding *out, const struct page *page)
{
    switch (out->job.deed) {
    case INTAKE_FINISH:
        say(out, page, OK, PAGE_THANKS_TITLE);
        break;
    case INTAKE_SAVE:
        go_to_saved(out);
        break;
    case INTAKE_OPT_OUT:
        say(out, page, OK, PAGE_OPTED_OUT_TITLE);
        break;
    case INTAKE_CONFIRM_OPT_IN:
        say(out, page, OK, PAGE_CONFIRMED_TITLE);
        break;
    }
}

static enum page_text title_of_repeated(enum intake_deed deed)
{
    if (deed == INTAKE_OPT_OUT)
        return PAGE_OPTED_OUT_TITLE;
    return deed == INTAKE_CONFIRM_OPT_IN ? PAGE_CONFIRMED_TITLE : PAGE_SPENT_TITLE;
}

void respond_end(const struct responder *responder, struct responding *out, int failed)
{
    if (failed) {
        respond_refuse(responder, UNAVAILABLE, out->ticket.language, &out->reply);
        return;
    }
    struct page page = page_of(responder, out);
    bool answers = out->job.deed == INTAKE_FINISH || out->job.deed == INTAKE_SAVE;
    if (answers && !page.survey) /* its file was taken away meanwhile; what was stored is stored */
        respond_refuse(responder, NOT_FOUND, out->ticket.language, &out->reply);
    else if (out->job.outcome == INTAKE_DONE)
        end_done(out, &page);
    else if (out->job.outcome == INTAKE_REPEATED)
        say(out, &page, answers ? CONFLICT : OK, title_of_repeated(out->job.deed));
    else if (out->job.outcome == INTAKE_EXPIRED)
        say(out, &page, GONE, PAGE_EXPIRED_TITLE);
    else if (out->job.outcome == INTAKE_CHANGED)
        say(out, &page, UNAVAILABLE, PAGE_REVISED_TITLE);
    else
        respond_refuse(responder, NOT_FOUND, out->ticket.language, &out->reply);
}

void responding_release(struct responding *responding)
{
    form_release(&responding->form);
    strbuf_wipe(&responding->json);
    strbuf_wipe(&responding->reply.body);
    explicit_bzero(&responding->job, sizeof responding->job);
    explicit_bzero(responding->secret, sizeof responding->secret);
    explicit_bzero(responding->reply.location, sizeof responding->reply.location);
}
