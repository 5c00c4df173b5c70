/* The building of what comes after other figures of the same cases (stats/publication_due.c). */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "stats/known.h"
#include "stats/publication_inside.h"

/* ---- jobs: what shares equations is built at once ---- */

struct job {
    const struct publication *publication;
    struct publication_later **list;
    size_t count;
    struct schedule_span span;        /* covers all periods whose equations meet */
    struct schedule_span *uncounted;
    size_t uncounted_count;
    struct table_spec *specs;         /* each table once */
    struct table_config tables;
    bool look_only;
    size_t published, lost, known_rows;
};

static int note_longer(void *context, const struct ledger_version *version, struct err *err)
{
    bool *longer = context;
    (void)err;
    *longer = *longer || strcmp(version->period_unit, period_kind_name(PERIOD_QUARTER)) == 0;
    return 0;
}

/* The days that a period is to be built with: of a month whose quarter is out the whole quarter. */
static int find_span(const struct publication *publication, const struct publication_later *later, struct schedule_span *span,
                     struct err *err)
{
    bool longer = false;
    *span = later->span;
    if (later->spec->dimensions[0].kind != PERIOD_MONTH)
        return 0;
    struct schedule_span quarter = period_span(PERIOD_QUARTER, later->span.from);
    struct ledger_span known = { later->spec->source, quarter.from, quarter.to };
    int code = ledger_each_known(publication->ledger, &known, note_longer, &longer, err);
    if (longer)
        *span = quarter;
    return code;
}

static bool may_publish(const void *context, const struct table_spec *spec, int32_t first_day)
{
    const struct job *job = context;
    for (size_t i = 0; i < job->count; i++)
        if (strcmp(job->list[i]->spec->name, spec->name) == 0 && job->list[i]->span.from == first_day)
            return true;
    return false;
}

static void list_tables(struct job *job)
{
    job->specs = mem_zalloc(job->count + 1, sizeof *job->specs);
    job->tables = (struct table_config) { .k = job->publication->tables->k, .tables = job->specs };
    for (size_t i = 0; i < job->count; i++) {
        size_t t = 0;
        while (t < job->tables.count && strcmp(job->specs[t].name, job->list[i]->spec->name) != 0)
            t++;
        if (t == job->tables.count)
            job->specs[job->tables.count++] = *job->list[i]->spec;
    }
}

static void list_uncounted(struct job *job, const struct publication_periods *periods)
{
    job->uncounted = mem_zalloc(periods->count + 1, sizeof *job->uncounted);
    for (size_t i = 0; i < periods->count; i++) {
        const struct publication_period *period = &periods->list[i];
        if (period->state == SCHEDULE_READY && strcmp(period->source, job->list[0]->spec->source) == 0)
            job->uncounted[job->uncounted_count++] = period->span;
    }
}

static int stage_job(struct job *job, const struct release *built, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < job->count && !code; i++) {
        int32_t first_day = job->list[i]->span.from;
        code = publication_stage_table(job->publication, job->list[i]->spec, built, &first_day, 1, err);
        job->published += !code;
    }
    return code;
}

/* Cases that have changed do not change back: the tables do not try again. */
static int note_problem(struct job *job, const struct known *known, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < job->count && !code; i++) {
        struct publication_later *later = job->list[i];
        free(later->problem);
        later->problem = mem_strdup(known->problem.text);
        if (known->has_changed && !job->look_only)
            code = ledger_add_unfit(job->publication->ledger, later->spec->name, later->span.from, err);
    }
    return code;
}

static int add_lost(void *context, int64_t version, int32_t first_day, const char *cell, struct err *err)
{
    struct job *job = context;
    bool is_new = false;
    int code = ledger_add_lost(job->publication->ledger, version, first_day, cell, &is_new, err);
    job->lost += is_new;
    return code;
}

/* With the days of a quarter its tables are there themselves. */
static bool is_month(const struct job *job)
{
    return period_span(PERIOD_MONTH, job->span.from).to == job->span.to;
}

static int build_job(struct job *job, struct known *known, struct err *err)
{
    struct release *built = NULL;
    struct publish_later later = { .known = known, .uncounted = job->uncounted, .uncounted_count = job->uncounted_count,
                                   .may_publish = may_publish, .context = job, .look_only = job->look_only,
                                   .on_lost = add_lost, .lost_context = job };
    struct publish_request request = publication_request(job->publication, &job->tables, job->list[0]->spec->source, &job->span);
    struct table_config longer;
    if (known->k > job->tables.k)
        job->tables.k = known->k;
    publication_longer(job->publication, &job->tables, &longer);
    request.protect_only = is_month(job) ? &longer : NULL;
    int code = publish_build_later(job->publication->cases, &request, &later, &built, err);
    arena_release(&longer.arena);
    if (!code && known->problem.length)
        code = note_problem(job, known, err);
    else if (!code && !job->look_only)
        code = stage_job(job, built, err);
    release_free(built);
    return code;
}

static int add_kind(void *context, const struct ledger_kind *kind, struct err *err)
{
    struct strbuf *text = context;
    (void)err;
    strbuf_addf(text, "%s%stables by %s%s", text->length ? ", " : "", kind->imported ? "imported " : "", kind->unit,
                kind->withdrawn ? " of a withdrawn release" : "");
    return 0;
}

/* Says of each period which kinds of publications it meets. */
static int name_kinds(struct job *job, const struct ledger_span *span, struct err *err)
{
    struct strbuf text = { 0 };
    int code = ledger_each_kind(job->publication->ledger, span, add_kind, &text, err);
    for (size_t i = 0; i < job->count && !code && text.length; i++)
        job->list[i]->against = mem_strdup(text.text);
    strbuf_release(&text);
    return code;
}

static int run_job(struct job *job, const struct publication_periods *periods, struct err *err)
{
    struct known known;
    struct known_request request = { .ledger = job->publication->ledger, .cases = job->publication->cases, .config = job->publication->config,
                                     .span = { job->list[0]->spec->source, job->span.from, job->span.to } };
    int code = known_load(&known, &request, err);
    if (code)
        return code;
    for (size_t t = 0; t < known.count; t++)
        job->known_rows += known.tables[t].row_count;
    list_tables(job);
    list_uncounted(job, periods);
    code = job->look_only ? name_kinds(job, &request.span, err) : 0;
    if (!code)
        code = build_job(job, &known, err);
    known_release(&known);
    free(job->specs);
    free(job->uncounted);
    return code;
}

/* Takes the first entry that is not done into the job, with all others of the source and the same days. */
static int gather_job(struct job *job, const struct publication_laters *laters, size_t first, bool *done, struct err *err)
{
    int code = find_span(job->publication, &laters->list[first], &job->span, err);
    for (size_t i = first; i < laters->count && !code; i++) {
        struct schedule_span span;
        if (done[i] || strcmp(laters->list[i].spec->source, laters->list[first].spec->source) != 0)
            continue;
        code = find_span(job->publication, &laters->list[i], &span, err);
        if (code || span.from != job->span.from || span.to != job->span.to)
            continue;
        done[i] = true;
        job->list[job->count++] = &laters->list[i];
    }
    return code;
}

static int run_jobs(const struct publication *publication, const struct publication_periods *periods, struct publication_laters *laters,
                    bool look_only, size_t *published, struct err *err)
{
    bool *done = mem_zalloc(laters->count + 1, sizeof *done);
    struct publication_later **list = mem_zalloc(laters->count + 1, sizeof(struct publication_later *));
    int code = 0;
    for (size_t i = 0; i < laters->count; i++)
        done[i] = laters->list[i].is_unfit;
    for (size_t first = 0; first < laters->count && !code; first++) {
        struct job job = { .publication = publication, .list = list, .look_only = look_only };
        if (done[first])
            continue;
        code = gather_job(&job, laters, first, done, err);
        if (!code)
            code = run_job(&job, periods, err);
        *published += job.published;
        laters->lost += job.lost;
        laters->known_rows += job.known_rows;
    }
    free(done);
    free(list);
    return code;
}

int publication_look_at_laters(const struct publication *publication, const struct publication_periods *periods,
                               struct publication_laters *laters, struct err *err)
{
    size_t published = 0;
    return run_jobs(publication, periods, laters, true, &published, err);
}

int publication_stage_laters(const struct publication *publication, const struct publication_periods *periods,
                             struct publication_laters *laters, size_t *published, struct err *err)
{
    return run_jobs(publication, periods, laters, false, published, err);
}
