/* Publication night after night: which periods are due, a release of them staged in the ledger, and the folder's content
 * out of the ledger alone.
 *
 * Law: a table's period is published once and never restated. What a release shows is what earlier ones showed, plus the
 * periods that became due. Killed at any instant, the next run finds either nothing staged, and does the same again, or a
 * staged release, and finishes it: the cases that it counted are marked, the folder is written from the ledger. */
#ifndef STATS_PUBLICATION_H
#define STATS_PUBLICATION_H

#include "core/calendar.h"
#include "core/config.h"
#include "core/db.h"
#include "core/strbuf.h"
#include "stats/ledger.h"
#include "stats/period_span.h"
#include "stats/release.h"
#include "stats/schedule.h"
#include "stats/table_config.h"

/* A file that was rejected or could not be read. */
struct publication_held {
    const char *source;
    char *file; /* its name */
};

struct publication {
    struct db *cases;
    struct ledger *ledger;
    const struct table_config *tables;
    const struct config *config;
    const struct zone *zone;
    const char *program, *config_digest;
    const struct publication_held *held; /* the periods that they cover wait: all of the source where their names do not tell */
    size_t held_count;
    int64_t as_of;
    int32_t kept_from_day;           /* cases of persons closed before it may be gone already */
    size_t threads;                  /* 0: the processors online */
    struct protection_report *report; /* of what is staged; NULL: none is wanted */
};

/* The keys below `publication`. */
extern const struct config_rule publication_config_rules[];

/* The source's base period: the shortest of its tables' and of what was ever frozen of it. ERR_CONFIG if weeks and months meet. */
int publication_base_kind(const struct publication *publication, const char *source, enum period_kind *kind, struct err *err);

/* A base period of a source that no release has published, from the first one with cases to the last. */
struct publication_period {
    const char *source;
    enum period_kind kind;
    struct schedule_span span;
    enum schedule_state state;
    int32_t missing; /* SCHEDULE_GAP: the first day that no file covers */
    bool is_known;   /* readers have figures of it all the same (imported): tables of it come later */
};

struct publication_periods {
    struct publication_period *list; /* by source in the order of the configuration, then ascending */
    size_t count, capacity;
};

/* ERR_CONFIG if weeks and months of a source meet. */
int publication_periods(const struct publication *publication, struct publication_periods *periods, struct err *err);
void publication_periods_release(struct publication_periods *periods);

/* A period of a table that comes when other figures of the same cases are out: a new table over frozen periods, a quarter
 * after its months. It is protected with all that readers know as known equations; see stats/known.h. */
struct publication_later {
    const struct table_spec *spec;
    struct schedule_span span;
    char *problem; /* why it cannot be published, NULL: it can */
    char *against; /* by publication_look_at_laters(): what readers have of the same cases, as "tables by month, imported tables by month" */
    bool is_unfit; /* found so before, for good */
};

struct publication_laters {
    struct publication_later *list; /* by source in the order of the configuration, shorter periods first, ascending */
    size_t count, capacity;
    size_t lost; /* out: cells found for the first time that what is published gives away by itself */
    size_t known_rows; /* out: published rows that became known equations, which is what the years of publication cost */
};

/* Those that are due once `periods` are published. */
int publication_laters(const struct publication *publication, const struct publication_periods *periods, struct publication_laters *laters,
                       struct err *err);
/* Finds their problems as far as they show before anything is built: for --dry-run. */
int publication_look_at_laters(const struct publication *publication, const struct publication_periods *periods,
                               struct publication_laters *laters, struct err *err);
void publication_laters_release(struct publication_laters *laters);

/* Builds what is ready of the periods, then what comes later, and stages it as a release, whose number comes in *release: 0 if
 * nothing came of it. */
int publication_stage(const struct publication *publication, const struct publication_periods *periods, struct publication_laters *laters,
                      int64_t *release, struct err *err);

/* The release that is staged and not yet published: *release 0 if there is none. */
int publication_staged(const struct publication *publication, int64_t *release, struct err *err);

/* Marks the cases that a staged release counted. Again is fine. */
int publication_mark_cases(const struct publication *publication, int64_t release, struct err *err);

/* All that the release shows, as the ledger has it. */
int publication_assemble(const struct publication *publication, int64_t id, struct release **release, struct err *err);

/* What would have changed figures of published periods and is in none: cases that came after their period was published, and
 * cases that came in another version after they were counted, in the period in which they were closed as of now. Adds lines
 * `source,from,to,late,corrected` for state/checks. */
struct publication_late {
    int64_t late, corrected;
};
int publication_count_late(const struct publication *publication, const char *source, struct strbuf *lines, struct publication_late *total,
                           struct err *err);

#endif
