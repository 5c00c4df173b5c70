/* The few changes that matter, in plain words. Every statistic that asks a question of the release hands in its answer
 * with its p and its size; then the p values of all of them are adjusted together (Benjamini & Hochberg 1995), what stays under
 * the stated rate of false findings is ranked by size and certainty, what only repeats a larger finding is left out, and the
 * first few are written. Artefact warnings are not tests and come first. */
#ifndef STATS_DERIVED_FINDINGS_H
#define STATS_DERIVED_FINDINGS_H

#include "stats/derived/derived_config.h"
#include "stats/derived/panel.h"

enum finding_kind {
    FINDING_END,        /* the table's end looks like a cut extract */
    FINDING_BEGINNING,  /* its beginning does */
    FINDING_TREND,      /* a figure rises or falls */
    FINDING_CHANGE,     /* a figure changed its level at a period */
    FINDING_SEASON,     /* a figure has a yearly pattern */
    FINDING_LAST,       /* the last period is not what was expected */
    FINDING_PREFERENCE, /* a group chooses a category more or less than its parent group */
    FINDING_GAP,        /* experience differs from expectation */
    FINDING_LOW_RESPONSE, /* few of the invited answered: a warning, not a test */
    FINDING_RESPONSE,   /* a group answers more or less often than the rest of the invited */
    FINDING_SCORE,      /* a survey's score changed: from the period or the wave before */
    FINDING_SCORE_GROUP, /* a group's score differs from that of the rest */
    FINDING_HOLDOUT,    /* those who were invited behave otherwise than those who were held out */
    FINDING_KINDS
};

enum finding_unit {
    FINDING_NUMBER, /* cases, scores, hours */
    FINDING_SHARE,  /* spoken of in percent and percentage points */
    FINDING_POINTS  /* a survey's score: a hundredfold, without a sign */
};

struct finding {
    enum finding_kind kind;
    enum finding_unit unit;
    const struct panel *panel; /* must live until findings_write() */
    size_t line;
    const char *figure; /* the released column, "share", or a rate's or a pair's name */
    size_t share_of;    /* of a share: the dimension of the category; else PANEL_NONE */
    char period[40];    /* the one it is about: of the change, the last, the span, the season's highest */
    char since
        [40];    /* of a trend: where it begins; of a season: its lowest part; of an artefact: the last whole period; of a survey's score: what it is compared with */
    double size; /* 0..1: how much of the table's cases, or of a score's range, it moves */
    double p;
    double value, reference; /* after and before; observed and expected; the group and its parent */
    double slope;            /* of a trend, per period */
    double low, high;        /* of the slope, of what was expected, of the value or the gap; NAN where there is none */
};

struct findings;

struct findings *findings_new(void);
void findings_free(struct findings *findings);

/* A copy of the text that lives as long as the findings, for `figure`. */
const char *findings_keep(struct findings *findings, const char *text);

/* Copies it. A p that is not a number is not a question and is left out. */
void findings_add(struct findings *findings, const struct finding *finding);

/* Writes findings.csv. */
void findings_write(struct findings *findings, const struct derived_config *config, struct release *release);

#endif
