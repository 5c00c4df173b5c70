#include "stats/derived/finding_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/derived/preference.h"

struct voice {
    const struct finding *finding;
    bool german;
    struct strbuf *out;
};

static const char *either(const struct voice *voice, const char *english, const char *german)
{
    return voice->german ? german : english;
}

static void say(const struct voice *voice, const char *english, const char *german)
{
    strbuf_adds(voice->out, either(voice, english, german));
}

/* Digits in groups of three, from the text of a number with a decimal point. */
static void add_grouped(const struct voice *voice, const char *digits)
{
    size_t whole = strcspn(digits, ".");
    for (size_t i = 0; digits[i]; i++) {
        if (digits[i] == '.')
            say(voice, ".", ",");
        else
            strbuf_addc(voice->out, digits[i]);
        bool inside = i + 1 < whole && digits[i] != '-';
        if (inside && (whole - i - 1) % 3 == 0)
            say(voice, ",", ".");
    }
}

/* Decimals to write a value with: `usual`, more where less than one digit that counts would be left. */
static int decimals_of(double value, int usual)
{
    enum { MOST = 9 };
    int decimals = usual;
    for (double least = pow(10, -usual); value != 0 && fabs(value) < least && decimals < MOST; least /= 10)
        decimals++;
    return decimals;
}

/* Three digits that count: "1,234", "56.7", "8.90"; whole numbers of cases as they are: "70". */
static void say_number(const struct voice *voice, double value)
{
    char digits[400];
    int usual = fabs(value) >= 100 ? 0 : fabs(value) >= 10 ? 1 : 2;
    bool whole = !strcmp(voice->finding->figure, "cases") && fabs(value - round(value)) < 1e-9;
    snprintf(digits, sizeof digits, "%.*f", whole ? 0 : decimals_of(value, usual), whole ? round(value) + 0.0 : value);
    add_grouped(voice, digits);
}

/* A value of the finding's figure. */
static void say_value(const struct voice *voice, double value)
{
    if (voice->finding->unit == FINDING_NUMBER) {
        say_number(voice, value);
        return;
    }
    char digits[400];
    snprintf(digits, sizeof digits, "%.*f", decimals_of(100 * value, 1), 100 * value);
    add_grouped(voice, digits);
    if (voice->finding->unit == FINDING_SHARE)
        say(voice, "%", " %");
}

/* A difference of two values. */
static void say_difference(const struct voice *voice, double value)
{
    say_number(voice, voice->finding->unit == FINDING_NUMBER ? value : 100 * value);
}

static void say_interval(const struct voice *voice, void (*say_end)(const struct voice *voice, double value))
{
    if (isnan(voice->finding->low) || isnan(voice->finding->high))
        return;
    say(voice, " (95% interval ", " (95-%-Intervall ");
    say_end(voice, voice->finding->low);
    say(voice, " to ", " bis ");
    say_end(voice, voice->finding->high);
    say(voice, ")", ")");
}

void finding_group(const struct panel *panel, size_t line, size_t except, struct strbuf *out)
{
    bool first = true;
    for (size_t d = 0; d < panel->dimension_count; d++) {
        size_t depth = panel_depth(panel, line, d);
        if (d == except || depth == 0)
            continue;
        strbuf_addf(out, "%s%s ", first ? "" : ", ", panel->dimensions[d].name);
        for (size_t level = 0; level < depth; level++)
            strbuf_addf(out, "%s%s", level ? " / " : "",
                        panel->lines[line].labels[panel->dimensions[d].column - 1 + level]);
        first = false;
    }
}

static void say_group(const struct voice *voice, size_t line, const char *english_all, const char *german_all)
{
    struct strbuf group = { 0 };
    finding_group(voice->finding->panel, line, voice->finding->share_of, &group);
    strbuf_adds(voice->out, group.length ? strbuf_text(&group) : either(voice, english_all, german_all));
    strbuf_release(&group);
}

/* "channel chat": the category that a share is of. */
static void say_category(const struct voice *voice)
{
    const struct panel *panel = voice->finding->panel;
    size_t d = voice->finding->share_of, depth = panel_depth(panel, voice->finding->line, d);
    strbuf_addf(voice->out, "%s ", panel->dimensions[d].name);
    for (size_t level = 0; level < depth; level++)
        strbuf_addf(voice->out, "%s%s", level ? " / " : "",
                    panel->lines[voice->finding->line].labels[panel->dimensions[d].column - 1 + level]);
}

/* "satisfaction_mean" as "mean of satisfaction". */
static void say_figure(const struct voice *voice)
{
    static const struct {
        const char *suffix, *english, *german;
    } figures[] = {
        { "_mean", "The mean of ", "Der Mittelwert von " },
        { "_median", "The median of ", "Der Median von " },
        { "_share", "The share of good values of ", "Der Anteil guter Werte von " },
        { "_nps", "The NPS of question ", "Der NPS der Frage " },
        { "_csat", "The percentage of satisfied answers to question ", "Der Prozentsatz der Zufriedenen bei der Frage " },
        { "_q10", "The 10% quantile of ", "Das 10-%-Quantil von " },
        { "_q25", "The lower quartile of ", "Das untere Quartil von " },
        { "_q75", "The upper quartile of ", "Das obere Quartil von " },
        { "_q90", "The 90% quantile of ", "Das 90-%-Quantil von " },
    };
    static const char rate[] = "cases_per_";
    const char *figure = voice->finding->figure;
    if (!strncmp(figure, rate, strlen(rate))) {
        say(voice, "The rate of cases per ", "Die Rate der Fälle je ");
        strbuf_adds(voice->out, figure + strlen(rate));
        return;
    }
    size_t length = strlen(figure);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        size_t tail = strlen(figures[i].suffix);
        if (length <= tail || strcmp(figure + length - tail, figures[i].suffix))
            continue;
        say(voice, figures[i].english, figures[i].german);
        strbuf_add(voice->out, figure, length - tail);
        return;
    }
    say(voice, "The figure ", "Die Kennzahl ");
    strbuf_adds(voice->out, figure);
}

static void say_subject(const struct voice *voice)
{
    if (!strcmp(voice->finding->figure, "cases"))
        say(voice, "The number of cases", "Die Zahl der Fälle");
    else if (voice->finding->share_of != PANEL_NONE) {
        say(voice, "The share of ", "Der Anteil von ");
        say_category(voice);
    } else
        say_figure(voice);
    say(voice, " (", " (");
    say_group(voice, voice->finding->line, "all", "gesamt");
    say(voice, ")", ")");
}

static const char *unit_name(const struct voice *voice)
{
    switch (voice->finding->panel->unit) {
    case TIMELINE_MONTH:
        return either(voice, "month", "Monat");
    case TIMELINE_QUARTER:
        return either(voice, "quarter", "Quartal");
    case TIMELINE_WEEK:
        return either(voice, "week", "Woche");
    case TIMELINE_YEAR:
        return either(voice, "year", "Jahr");
    }
    return "";
}

static void say_trend(const struct voice *voice)
{
    const struct finding *finding = voice->finding;
    bool rises = finding->slope > 0;
    say_subject(voice);
    say(voice, rises ? " rises" : " falls", rises ? " steigt" : " fällt");
    say(voice, " by about ", " um etwa ");
    say_difference(voice, fabs(finding->slope));
    if (finding->unit == FINDING_SHARE)
        say(voice, " percentage points", " Prozentpunkte");
    strbuf_addf(voice->out, "%s%s", either(voice, " a ", " je "), unit_name(voice));
    if (!isnan(finding->low)) {
        say(voice, " (slope, 95% interval ", " (Steigung, 95-%-Intervall ");
        say_difference(voice, finding->low);
        say(voice, " to ", " bis ");
        say_difference(voice, finding->high);
        say(voice, ")", ")");
    }
    say(voice, ", from ", ", von ");
    say_value(voice, finding->reference);
    strbuf_addf(voice->out, " (%s)%s", finding->since, either(voice, " to ", " auf "));
    say_value(voice, finding->value);
    strbuf_addf(voice->out, " (%s).", finding->period);
}

static void say_change(const struct voice *voice)
{
    say_subject(voice);
    say(voice, " has a new level from ", " hat ab ");
    strbuf_adds(voice->out, voice->finding->period);
    say(voice, " on: ", " ein neues Niveau: ");
    say_value(voice, voice->finding->value);
    say(voice, ", before that ", ", vorher ");
    say_value(voice, voice->finding->reference);
    say(voice, ".", ".");
}

static void say_last(const struct voice *voice)
{
    bool high = voice->finding->value > voice->finding->reference;
    say_subject(voice);
    say(voice, high ? " is unusually high in " : " is unusually low in ",
        high ? " ist ungewöhnlich hoch in " : " ist ungewöhnlich niedrig in ");
    strbuf_addf(voice->out, "%s: ", voice->finding->period);
    say_value(voice, voice->finding->value);
    say(voice, ", expected about ", ", erwartet etwa ");
    say_value(voice, voice->finding->reference);
    say(voice, " (limits ", " (Grenzen ");
    say_value(voice, voice->finding->low);
    say(voice, " to ", " bis ");
    say_value(voice, voice->finding->high);
    say(voice, ").", ").");
}

/* A month by its name, other parts of the year as they are. */
static void say_season_name(const struct voice *voice, const char *label)
{
    static const char *const months[12][2] = {
        { "January", "Januar" },  { "February", "Februar" },  { "March", "März" },
        { "April", "April" },     { "May", "Mai" },           { "June", "Juni" },
        { "July", "Juli" },       { "August", "August" },     { "September", "September" },
        { "October", "Oktober" }, { "November", "November" }, { "December", "Dezember" },
    };
    size_t month = voice->finding->panel->unit == TIMELINE_MONTH ? strtoul(label, NULL, 10) : 0;
    strbuf_adds(voice->out, month >= 1 && month <= 12 ? months[month - 1][voice->german] : label);
}

static void say_season(const struct voice *voice)
{
    say_subject(voice);
    say(voice, " has a yearly pattern: highest in ", " hat ein Jahresmuster: am höchsten in ");
    say_season_name(voice, voice->finding->period);
    say(voice, " (about ", " (etwa ");
    say_value(voice, voice->finding->value);
    say(voice, "), lowest in ", "), am niedrigsten in ");
    say_season_name(voice, voice->finding->since);
    say(voice, " (about ", " (etwa ");
    say_value(voice, voice->finding->reference);
    say(voice, ").", ").");
}

static void say_preference(const struct voice *voice)
{
    const struct finding *finding = voice->finding;
    bool more = finding->value > finding->reference;
    say_group(voice, finding->line, "all", "alle");
    say(voice, ": ", ": ");
    say_category(voice);
    say(voice, more ? " is more common than " : " is less common than ",
        more ? " kommt häufiger vor als " : " kommt seltener vor als ");
    size_t parent = preference_parent(finding->panel, finding->line, finding->share_of);
    struct strbuf group = { 0 };
    finding_group(finding->panel, parent, finding->share_of, &group);
    if (group.length)
        strbuf_addf(voice->out, "%s%s", either(voice, "in ", "bei "), strbuf_text(&group));
    else
        say(voice, "overall", "insgesamt");
    strbuf_release(&group);
    say(voice, ": ", ": ");
    say_value(voice, finding->value);
    say_interval(voice, say_value);
    say(voice, " against ", " gegen ");
    say_value(voice, finding->reference);
    strbuf_addf(voice->out, " (%s).", finding->period);
}

static void say_gap(const struct voice *voice)
{
    const struct finding *finding = voice->finding;
    bool better = finding->value > finding->reference;
    strbuf_addf(voice->out, "%s (", finding->figure);
    say_group(voice, finding->line, "all", "gesamt");
    say(voice, better ? "): experience exceeds expectation: " : "): experience falls short of expectation: ",
        better ? "): Die Erfahrung übertrifft die Erwartung: "
               : "): Die Erfahrung bleibt hinter der Erwartung zurück: ");
    say_value(voice, finding->value);
    say(voice, " against ", " gegen ");
    say_value(voice, finding->reference);
    say(voice, ", a gap of ", ", Abstand ");
    say_difference(voice, finding->value - finding->reference);
    say_interval(voice, say_difference);
    strbuf_addf(voice->out, " (%s).", finding->period);
}

/* The fall lies between two periods: the last that is whole and the first that is not. */
static void say_end(const struct voice *voice)
{
    strbuf_adds(voice->out, either(voice, " falls off after ", " bricht nach "));
    strbuf_adds(voice->out, voice->finding->since);
    strbuf_adds(voice->out, either(voice, " and looks incomplete from ", " ab und wirkt ab "));
    strbuf_adds(voice->out, voice->finding->period);
    strbuf_adds(voice->out, either(voice, " on: about ", " unvollständig: etwa "));
}

static void say_beginning(const struct voice *voice)
{
    strbuf_adds(voice->out, either(voice, " looks incomplete up to ", " wirkt bis "));
    strbuf_adds(voice->out, voice->finding->period);
    strbuf_adds(voice->out, either(voice, ": about ", " unvollständig: etwa "));
}

static void say_artefact(const struct voice *voice)
{
    const struct finding *finding = voice->finding;
    bool end = finding->kind == FINDING_END;
    say(voice, "The table ", "Die Tabelle ");
    strbuf_adds(voice->out, released_name(finding->panel->table));
    if (end)
        say_end(voice);
    else
        say_beginning(voice);
    say_number(voice, finding->value);
    say(voice, " cases a ", " Fälle je ");
    strbuf_adds(voice->out, unit_name(voice));
    say(voice, end ? ", before that about " : ", afterwards about ", end ? ", vorher etwa " : ", danach etwa ");
    say_number(voice, finding->reference);
    say(voice, ". This is likely an artefact of the extraction, not a trend; these periods are left out of all trends.",
        ". Das ist wahrscheinlich ein Artefakt des Datenauszugs, kein Trend; diese Perioden bleiben bei allen Trends "
        "außer Betracht.");
}

/* "2026-03", or of a wave "wave 2". */
static void say_when(const struct voice *voice, const char *when)
{
    static const char wave[] = "wave ";
    bool is_wave = strncmp(when, wave, strlen(wave)) == 0;
    if (is_wave)
        say(voice, wave, "Welle ");
    strbuf_adds(voice->out, is_wave ? when + strlen(wave) : when);
}

static void say_score(const struct voice *voice)
{
    const struct finding *finding = voice->finding;
    bool rose = finding->value > finding->reference;
    say_subject(voice);
    say(voice, rose ? " rose to " : " fell to ", rose ? " stieg auf " : " fiel auf ");
    say_value(voice, finding->value);
    say(voice, " (", " (");
    say_when(voice, finding->period);
    say(voice, "), from ", "), von ");
    say_value(voice, finding->reference);
    say(voice, " (", " (");
    say_when(voice, finding->since);
    say(voice, ").", ").");
}

static void say_score_group(const struct voice *voice)
{
    bool higher = voice->finding->value > voice->finding->reference;
    say_subject(voice);
    say(voice, higher ? " is higher than that of the rest: " : " is lower than that of the rest: ",
        higher ? " ist höher als bei den übrigen: " : " ist niedriger als bei den übrigen: ");
    say_value(voice, voice->finding->value);
    say(voice, " against ", " gegen ");
    say_value(voice, voice->finding->reference);
    strbuf_addf(voice->out, " (%s).", voice->finding->period);
}

static void say_low_response(const struct voice *voice)
{
    say(voice, "Only ", "Nur ");
    say_value(voice, voice->finding->value);
    say(voice, " of the invitations (table ", " der Einladungen (Tabelle ");
    strbuf_adds(voice->out, released_name(voice->finding->panel->table));
    say(voice, ") were answered in ", ") wurden beantwortet in ");
    strbuf_adds(voice->out, voice->finding->period);
    say(voice, ": those who did not answer may think otherwise.", ": Wer nicht geantwortet hat, denkt vielleicht anders.");
}

static void say_response(const struct voice *voice)
{
    bool more = voice->finding->value > voice->finding->reference;
    say_group(voice, voice->finding->line, "all", "alle");
    say(voice, more ? ": answered more often than the rest of the invited: " : ": answered less often than the rest of the invited: ",
        more ? ": hat häufiger geantwortet als die übrigen Eingeladenen: " : ": hat seltener geantwortet als die übrigen Eingeladenen: ");
    say_value(voice, voice->finding->value);
    say(voice, " against ", " gegen ");
    say_value(voice, voice->finding->reference);
    strbuf_addf(voice->out, " (%s). ", voice->finding->period);
    say(voice, "The answers do not mirror the invited; look at the weighted score.",
        "Die Antworten sind kein Spiegel der Eingeladenen; maßgeblich ist der gewichtete Wert.");
}

static void say_holdout(const struct voice *voice)
{
    const struct finding *finding = voice->finding;
    strbuf_addf(voice->out, "%s (", finding->figure);
    say_group(voice, finding->line, "all", "gesamt");
    say(voice, "): of those who were invited ", "): Von den Eingeladenen ");
    say_value(voice, finding->value);
    say(voice, ", of those who were held out ", ", von den Zurückgehaltenen ");
    say_value(voice, finding->reference);
    say(voice, ", a difference of ", ", Unterschied ");
    say_difference(voice, finding->value - finding->reference);
    say_interval(voice, say_difference);
    strbuf_addf(voice->out, " (%s).", finding->period);
}

void finding_text(const struct finding *finding, enum finding_language language, struct strbuf *out)
{
    static void (*const speakers[FINDING_KINDS])(const struct voice *voice) = {
        [FINDING_END] = say_artefact,          [FINDING_BEGINNING] = say_artefact,
        [FINDING_TREND] = say_trend,           [FINDING_CHANGE] = say_change,
        [FINDING_SEASON] = say_season,         [FINDING_LAST] = say_last,
        [FINDING_PREFERENCE] = say_preference, [FINDING_GAP] = say_gap,
        [FINDING_LOW_RESPONSE] = say_low_response, [FINDING_RESPONSE] = say_response,
        [FINDING_SCORE] = say_score,           [FINDING_SCORE_GROUP] = say_score_group,
        [FINDING_HOLDOUT] = say_holdout,
    };
    const struct voice voice = { finding, language == FINDING_GERMAN, out };
    speakers[finding->kind](&voice);
}
