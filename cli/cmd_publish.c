#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ledger_guard.h"
#include "cli/night.h"
#include "cli/restored.h"
#include "cli/version.h"
#include "core/atomfile.h"
#include "core/strbuf.h"
#include "etl/inbox.h"
#include "reports/publish.h"
#include "stats/derived/derive.h"
#include "stats/period_span.h"
#include "stats/publication.h"
#include "stats/publish.h"

enum { DIGEST_BYTES = 32 };

/* A publication over the open store and the ledger. */
struct publishing {
    struct publication publication;
    struct ledger *ledger;
    struct publication_held *held;
    char digest[2 * DIGEST_BYTES + 1];
    char *published;
    struct protection_report report;
};

/* A file that is still in the inbox was rejected, or could not be read: what it covers waits. */
static int find_held(struct publishing *publishing, const struct night *night, struct err *err)
{
    struct inbox inbox = { 0 };
    const struct sources *sources = night->work.session.sources;
    char *folder = workspace_path(night->work.session.workspace, "inbox");
    int code = inbox_list(&inbox, folder, sources, night->work.now, err);
    free(folder);
    publishing->held = mem_zalloc(inbox.count, sizeof *publishing->held);
    for (size_t i = 0; i < inbox.count && !code; i++) {
        if (inbox.list[i].ready)
            publishing->held[publishing->publication.held_count++]
                = (struct publication_held) { inbox.list[i].source->name, mem_strdup(inbox.list[i].name) };
    }
    publishing->publication.held = publishing->held;
    inbox_release(&inbox);
    return code;
}

static int open_publishing(struct publishing *publishing, struct night *night, struct err *err)
{
    const struct workspace *workspace = night->work.session.workspace;
    unsigned char digest[DIGEST_BYTES];
    char *path = workspace_path(workspace, "state/releases.db");
    config_digest(workspace->config, digest);
    sodium_bin2hex(publishing->digest, sizeof publishing->digest, digest, sizeof digest);
    publishing->published = workspace_path(workspace, "published");
    int code = ledger_open(&publishing->ledger, path, err);
    free(path);
    publishing->publication = (struct publication) { .cases = night->work.store.db, .ledger = publishing->ledger,
                                                     .tables = night->work.session.tables, .config = workspace->config,
                                                     .zone = workspace->zone, .program = FALLZAHL_VERSION,
                                                     .config_digest = publishing->digest, .as_of = night->work.now,
                                                     .kept_from_day = term_oldest_day(&night->work.session.term,
                                                                                      zone_day(workspace->zone, night->work.now)),
                                                     .report = &publishing->report };
    return code ? code : find_held(publishing, night, err);
}

static void close_publishing(struct publishing *publishing)
{
    ledger_close(publishing->ledger);
    free(publishing->published);
    for (size_t i = 0; i < publishing->publication.held_count; i++)
        free(publishing->held[i].file);
    free(publishing->held);
    protection_report_release(&publishing->report);
}

/* Preferences, trends and findings, from what the release shows. */
static int derive(struct night *night, struct release *release, struct err *err)
{
    int code = derived_config_load(night->work.session.derived, night->work.session.workspace->folder, err);
    if (!code)
        code = derived_config_fits(night->work.session.derived, release, err);
    if (!code)
        derive_tables(release, night->work.session.derived);
    return code;
}

/* Makes the folder, under an act of its own: the evidence knows each release by name, whatever becomes of the ledger. */
static int show(struct publishing *publishing, struct night *night, const struct release *release, struct err *err)
{
    const struct workspace *workspace = night->work.session.workspace;
    struct report_options options = report_options_of(workspace->config);
    struct act act = { .workspace = workspace, .clock = night->work.clock, .name = "release", .about = release_name(release) };
    int code = act_begin(&act, err);
    if (!code)
        code = publish_release(release, &options, publishing->published, &night->release, err);
    return act_end(&act, code, NULL, err);
}

/* A staged release into its folder. Every step can be done again. */
static int finish(struct publishing *publishing, struct night *night, int64_t id, struct err *err)
{
    struct release *release = NULL;
    int code = publication_mark_cases(&publishing->publication, id, err);
    if (!code)
        code = publication_assemble(&publishing->publication, id, &release, err);
    if (code)
        return code;
    free(night->release);
    night->release = NULL;
    code = derive(night, release, err);
    if (!code)
        code = show(publishing, night, release, err);
    release_free(release);
    return code ? code : ledger_mark_published(publishing->ledger, id, err);
}

static int finish_staged(struct publishing *publishing, struct night *night, struct err *err)
{
    int64_t id = 0;
    int code = publication_staged(&publishing->publication, &id, err);
    return code || !id ? code : finish(publishing, night, id, err);
}

static void count_periods(struct night *night, const struct publication_periods *periods)
{
    for (size_t i = 0; i < periods->count; i++) {
        const struct publication_period *period = &periods->list[i];
        char day[16];
        if (period->state == SCHEDULE_READY)
            runlog_count(night->work.runlog, "periods_published", 1);
        if (period->state != SCHEDULE_GAP && period->state != SCHEDULE_HELD)
            continue;
        calendar_format_day(period->span.from, day);
        runlog_note(night->work.runlog, "source '%s': the period from %s %s", period->source, day, schedule_state_name(period->state));
        fprintf(stderr, "fallzahl: source '%s': the period from %s %s\n", period->source, day, schedule_state_name(period->state));
    }
}

/* What comes later and cannot be published: the operator learns why, readers see nothing of it. */
static void count_laters(struct night *night, const struct publication_laters *laters)
{
    runlog_count(night->work.runlog, "cells_lost", (int64_t)laters->lost);
    runlog_count(night->work.runlog, "known_rows", (int64_t)laters->known_rows);
    if (laters->lost)
        fprintf(stderr, "fallzahl: cells of few persons that earlier publications alone give away, told once: %zu; state/releases.db names them in lost_cell\n",
                laters->lost);
    for (size_t i = 0; i < laters->count; i++) {
        const struct publication_later *later = &laters->list[i];
        char day[16];
        if (later->is_unfit)
            continue;
        runlog_count(night->work.runlog, later->problem ? "later_withheld" : "later_published", 1);
        if (!later->problem)
            continue;
        calendar_format_day(later->span.from, day);
        runlog_note(night->work.runlog, "table '%s': the %s from %s is withheld: %s", later->spec->name,
                    period_kind_name(later->spec->dimensions[0].kind), day, later->problem);
    }
}

static bool is_first_of_source(const struct table_config *tables, size_t t)
{
    size_t before = 0;
    while (strcmp(tables->tables[before].source, tables->tables[t].source) != 0)
        before++;
    return before == t;
}

/* What late cases and corrections would have changed is counted for the checker alone. */
static int count_late(struct publishing *publishing, struct night *night, struct err *err)
{
    const struct table_config *tables = publishing->publication.tables;
    struct publication_late total = { 0 };
    struct strbuf lines = { 0 };
    int code = 0;
    strbuf_adds(&lines, "source,from,to,late,corrected\n");
    for (size_t t = 0; t < tables->count && !code; t++) {
        if (is_first_of_source(tables, t))
            code = publication_count_late(&publishing->publication, tables->tables[t].source, &lines, &total, err);
    }
    runlog_count(night->work.runlog, "late_cases", total.late);
    runlog_count(night->work.runlog, "corrected_cases", total.corrected);
    char *path = workspace_path(night->work.session.workspace, "state/checks/late.csv");
    if (!code)
        code = atomfile_write(path, 0600, (struct slice) { lines.text, lines.length }, err);
    free(path);
    strbuf_release(&lines);
    return code;
}

static int write_part(const char *folder, const char *release, const char *name, const struct strbuf *part, struct err *err)
{
    struct strbuf path = { 0 };
    strbuf_addf(&path, "%s/%s-%s.csv", folder, release, name);
    int code = part->length ? atomfile_write(path.text, 0600, (struct slice) { part->text, part->length }, err) : 0;
    strbuf_release(&path);
    return code;
}

static void print_notes(const struct night *night, const struct strbuf *notes)
{
    const char *line = strbuf_text(notes);
    for (const char *end; (end = strchr(line, '\n')); line = end + 1) {
        runlog_note(night->work.runlog, "%.*s", (int)(end - line), line);
        fprintf(stderr, "fallzahl: %.*s\n", (int)(end - line), line);
    }
}

/* For the checker: why cells are withheld. */
static int write_report(const struct publishing *publishing, const struct night *night, const char *release, struct err *err)
{
    const struct protection_report *report = &publishing->report;
    char *folder = workspace_path(night->work.session.workspace, "state/checks");
    print_notes(night, &report->notes);
    int code = write_part(folder, release, "withheld", &report->cells, err);
    if (!code)
        code = write_part(folder, release, "tables", &report->tables, err);
    if (!code)
        code = write_part(folder, release, "audit", &report->audits, err);
    if (!code)
        code = write_part(folder, release, "waivers", &report->waivers, err);
    free(folder);
    return code;
}

static int publish_due(struct publishing *publishing, struct night *night, struct err *err)
{
    struct publication_periods periods;
    struct publication_laters laters = { 0 };
    int64_t id = 0;
    int code = publication_periods(&publishing->publication, &periods, err);
    if (code)
        return code;
    code = publication_laters(&publishing->publication, &periods, &laters, err);
    if (!code)
        code = publication_stage(&publishing->publication, &periods, &laters, &id, err);
    if (!code && id) {
        char name[32];
        snprintf(name, sizeof name, "protection-%" PRId64, id);
        code = write_report(publishing, night, name, err);
    }
    if (!code && id)
        code = finish(publishing, night, id, err);
    else if (!code && !night->invocation->quiet)
        fprintf(stderr, "nothing is due; 'fallzahl publish --dry-run' lists the periods and what each waits for\n");
    if (!code)
        count_periods(night, &periods);
    if (!code)
        count_laters(night, &laters);
    if (!code)
        code = count_late(publishing, night, err);
    publication_periods_release(&periods);
    publication_laters_release(&laters);
    return code;
}

int night_publish(struct night *night, struct err *err)
{
    struct publishing publishing = { 0 };
    int code = restored_check(night->work.session.workspace, err);
    if (!code)
        code = open_publishing(&publishing, night, err);
    if (!code)
        code = ledger_guard(night->work.session.workspace, publishing.ledger, err);
    if (!code)
        code = finish_staged(&publishing, night, err);
    if (!code)
        code = publish_due(&publishing, night, err);
    close_publishing(&publishing);
    return code;
}

/* ---- the command ---- */

static void print_period(const struct publication_period *period)
{
    char from[16], to[16];
    calendar_format_day(period->span.from, from);
    calendar_format_day(period->span.to, to);
    printf("%s %s..%s: %s\n", period->source, from, to, schedule_state_name(period->state));
}

static void print_later(const struct publication_later *later)
{
    char from[16], to[16];
    calendar_format_day(later->span.from, from);
    calendar_format_day(later->span.to, to);
    printf("table %s %s..%s: %s%s", later->spec->name, from, to, later->problem ? "withheld: " : "ready, protected against what is published of it",
           later->problem ? later->problem : "");
    if (later->against)
        printf("%s%s", later->problem ? "; published of it: " : ": ", later->against);
    putchar('\n');
}

/* Frozen periods of a source that follow each other are one line. */
struct frozen_days {
    char *source;
    struct schedule_span span;
};

static void print_frozen(const struct frozen_days *days)
{
    char from[16], to[16];
    if (!days->source)
        return;
    calendar_format_day(days->span.from, from);
    calendar_format_day(days->span.to, to);
    printf("%s %s..%s: frozen\n", days->source, from, to);
}

static int add_frozen(void *context, const struct ledger_frozen *frozen, struct err *err)
{
    struct frozen_days *days = context;
    enum period_kind kind = PERIOD_MONTH;
    if (!period_kind_parse(frozen->unit, &kind))
        return err_set(err, ERR_DATA, "the ledger has a period of no known kind");
    struct schedule_span span = period_span(kind, (int32_t)frozen->period);
    if (span.from == days->span.to + 1 && days->source) {
        days->span.to = span.to;
        return 0;
    }
    print_frozen(days);
    free(days->source);
    *days = (struct frozen_days) { mem_strdup(frozen->source), span };
    return 0;
}

static int print_all_frozen(const struct publication *publication, struct err *err)
{
    const struct table_config *tables = publication->tables;
    int code = 0;
    for (size_t t = 0; t < tables->count && !code; t++) {
        struct frozen_days days = { 0 };
        if (!is_first_of_source(tables, t))
            continue;
        code = ledger_each_frozen_of(publication->ledger, tables->tables[t].source, add_frozen, &days, err);
        print_frozen(&days);
        free(days.source);
    }
    return code;
}

static int dry_run(struct night *night, struct err *err)
{
    struct publishing publishing = { 0 };
    struct publication_periods periods = { 0 };
    struct publication_laters laters = { 0 };
    int code = open_publishing(&publishing, night, err);
    if (!code)
        code = ledger_guard(night->work.session.workspace, publishing.ledger, err);
    if (!code)
        code = publication_periods(&publishing.publication, &periods, err);
    if (!code)
        code = publication_laters(&publishing.publication, &periods, &laters, err);
    if (!code)
        code = publication_look_at_laters(&publishing.publication, &periods, &laters, err);
    if (!code)
        code = print_all_frozen(&publishing.publication, err);
    for (size_t i = 0; i < periods.count; i++)
        print_period(&periods.list[i]);
    for (size_t i = 0; i < laters.count; i++)
        print_later(&laters.list[i]);
    if (!code && !periods.count && !laters.count)
        puts("every period with cases is published");
    publication_periods_release(&periods);
    publication_laters_release(&laters);
    close_publishing(&publishing);
    return code;
}

/* All periods with today's cases, for the checker's eyes: it touches neither the ledger nor published/. */
static int trial(struct night *night, struct err *err)
{
    struct publishing publishing = { 0 };
    struct release *release = NULL;
    struct report_options options = report_options_of(night->work.session.workspace->config);
    int code = open_publishing(&publishing, night, err);
    struct publish_request request = { .tables = publishing.publication.tables, .name = "trial", .program = FALLZAHL_VERSION,
                                       .config_digest = publishing.digest, .as_of = night->work.now, .zone = publishing.publication.zone,
                                       .report = &publishing.report };
    if (!code)
        code = publish_build(publishing.publication.cases, &request, &release, err);
    if (!code)
        code = derive(night, release, err);
    char *folder = workspace_path(night->work.session.workspace, "state/checks/trial");
    if (!code)
        code = publish_trial(release, &options, folder, err);
    if (!code)
        code = write_report(&publishing, night, "trial", err);
    if (!code)
        printf("%s\n", folder);
    free(folder);
    release_free(release);
    close_publishing(&publishing);
    return code;
}

static int run(const struct invocation *invocation, struct err *err)
{
    static const struct night_step steps[] = { { "publish", night_publish }, { 0 } };
    static const struct night_step dry[] = { { "dry_run", dry_run }, { 0 } };
    static const struct night_step trials[] = { { "trial", trial }, { 0 } };
    const struct night_step *chosen = invocation_has(invocation, "dry-run") ? dry : invocation_has(invocation, "trial") ? trials : steps;
    return night_run(invocation, WORKSPACE_STORES, chosen, err);
}

const struct command command_publish = {
    .name = "publish",
    .usage = "[--dry-run|--trial]",
    .summary = "aggregate, protect and publish the periods that are due",
    .help = "Builds the tables of fallzahl.yaml for every period that is over, past its grace and covered by its files, protects\n"
            "them and publishes a release below published/, whole or not at all. A period is published once and never\n"
            "restated. Prints the release's folder; nothing if nothing is due.\n\n"
            "Examples:\n"
            "  fallzahl publish\n"
            "  fallzahl publish --dry-run\n"
            "  fallzahl publish --trial\n",
    .run = run,
    .options = {
        { "dry-run", NULL, "list what is frozen, and the periods that are not published and what each waits for" },
        { "trial", NULL, "write tables of all periods to state/checks/trial, outside the ledger, for the checker alone" },
    },
};
