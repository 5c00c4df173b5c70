#include "cli/dossier_words.h"

#include <stdlib.h>
#include <string.h>

/* Names of keys. What is not here (dimensions, what an export said) stands for itself. */
static const char *const keys[][3] = {
    { "address", "address", "Adresse" },
    { "at", "on", "am" },
    { "bounces", "Mail that could not be delivered", "Unzustellbare Nachrichten" },
    { "cases", "Closed cases, pseudonymised", "Abgeschlossene Vorgänge, pseudonymisiert" },
    { "channel", "channel", "Kanal" },
    { "claims", "Rights that were exercised; kept as keyed hashes, so that they are respected", "Ausgeübte Rechte; als verschlüsselte Prüfwerte gespeichert, damit sie beachtet werden" },
    { "closed", "closed on", "abgeschlossen am" },
    { "consents", "Consents and refusals", "Einwilligungen und Widersprüche" },
    { "contacts", "Contact data, encrypted", "Kontaktdaten, verschlüsselt" },
    { "controller", "given to (controller)", "gegenüber (Verantwortlicher)" },
    { "country", "country", "Land" },
    { "erased_at", "erasure asked for, as of", "Löschung verlangt, Stand" },
    { "expires", "valid until", "gültig bis" },
    { "file", "file", "Datei" },
    { "from_file", "came with the file", "geliefert mit der Datei" },
    { "held", "kept beyond its term for a hold, out of statistics and surveys", "über die Frist hinaus aufbewahrt, nicht in Statistik und Umfragen" },
    { "held_at", "since", "seit" },
    { "holdout", "in the comparison group, never asked", "in der Vergleichsgruppe, wird nicht gefragt" },
    { "holds", "Holds: reasons to keep it", "Aufbewahrungsgründe" },
    { "contact_identifiers", "Identifiers of the person, encrypted", "Kennungen der Person, verschlüsselt" },
    { "identifiers", "Identifiers by which the cases are known, as keyed hashes", "Kennungen, unter denen die Vorgänge bekannt sind, als verschlüsselte Prüfwerte" },
    { "invitations", "Survey invitations", "Einladungen zu Umfragen" },
    { "kept_until", "deleted at the latest on", "spätestens gelöscht am" },
    { "key_epoch", "generation of the key", "Generation des Schlüssels" },
    { "kind", "kind", "Art" },
    { "language", "language", "Sprache" },
    { "left_surveys_at", "opted out of surveys on, last", "Umfragen zuletzt abbestellt am" },
    { "line", "line", "Zeile" },
    { "objected_at", "objection on", "Widerspruch am" },
    { "objection_withdrawn_at", "objection withdrawn on", "Widerspruch zurückgenommen am" },
    { "opened", "opened on", "eröffnet am" },
    { "origin", "declared through", "erklärt über" },
    { "plans", "Planned to be asked", "Für eine Umfrage vorgesehen" },
    { "purpose", "purpose", "Zweck" },
    { "quarantine", "Rows of exports that are kept for a while as they came, encrypted", "Zeilen aus Lieferungen, befristet und verschlüsselt im Wortlaut aufbewahrt" },
    { "read_at", "read on", "eingelesen am" },
    { "reason", "reason", "Grund" },
    { "recipients", "Addresses for surveys", "Adressen für Umfragen" },
    { "recording_allowed_at", "consent to the recording of calls given on", "Einwilligung in Gesprächsaufzeichnung erteilt am" },
    { "recording_refused_at", "consent to the recording of calls withdrawn on", "Einwilligung in Gesprächsaufzeichnung widerrufen am" },
    { "in_force", "in force, until it is released at a later instant", "in Kraft, bis er zu einem späteren Zeitpunkt aufgehoben wird" },
    { "over", "no longer in force", "nicht mehr in Kraft" },
    { "released_at", "released on", "aufgehoben am" },
    { "reminders", "reminders sent", "gesendete Erinnerungen" },
    { "responses", "Answers to confidential surveys", "Antworten in vertraulichen Umfragen" },
    { "begun", "answer saved, not sent; only the address that the page had then opens it", "Antwort gespeichert, nicht abgeschickt; nur die Adresse, die die Seite danach hatte, öffnet sie" },
    { "clicks", "Clicks on the survey page that are not yet noted as consent or refusal", "Klicks auf der Umfrageseite, noch nicht als Einwilligung oder Widerruf vermerkt" },
    { "damaged", "cannot be opened: the file is damaged, or its key was given up", "nicht lesbar: die Datei ist beschädigt oder ihr Schlüssel aufgegeben" },
    { "confirm", "consent confirmed", "Einwilligung bestätigt" },
    { "confirmations", "Requests to confirm a consent", "Bitten, eine Einwilligung zu bestätigen" },
    { "confirmed", "consent confirmed by it", "Einwilligung damit bestätigt" },
    { "decision", "why the invitation was allowed", "warum eingeladen werden durfte" },
    { "fields", "handed over", "übergeben wurden" },
    { "finished", "answered", "beantwortet" },
    { "known_by", "identifiers by which the address is known, as keyed hashes", "Kennungen, unter denen die Adresse bekannt ist, als verschlüsselte Prüfwerte" },
    { "known_kinds", "recognised by", "wiedererkannt an" },
    { "link_for", "link for", "Link für" },
    { "links", "Links of the survey page", "Links der Umfrageseite" },
    { "messages", "Messages and calls", "Nachrichten und Anrufe" },
    { "opted_out", "consent withdrawn by it", "Einwilligung damit widerrufen" },
    { "refused", "no more surveys, said by its link", "keine weiteren Umfragen, über den Link erklärt" },
    { "unreadable", "cannot be opened: its key is lost", "nicht lesbar: der Schlüssel ist verloren" },
    { "vendor", "handed to", "übergeben an" },
    { "waiting", "Answers to confidential surveys that wait for others, encrypted", "Antworten in vertraulichen Umfragen, die auf weitere warten, verschlüsselt" },
    { "answers", "answers", "Antworten" },
    { "withheld", "not told: the row names somebody else, too, or may be another's", "nicht mitgeteilt: die Zeile nennt noch jemanden oder gehört vielleicht jemand anderem" },
    { "week", "week of", "Woche ab" },
    { "segment", "group in the survey's sample", "Gruppe in der Stichprobe" },
    { "source", "source", "Quelle" },
    { "stand_in", "no address: it stands for whichever turns out to be this person's", "keine Adresse: Platzhalter für die, die sich als die der Person erweist" },
    { "state", "state", "Stand" },
    { "survey", "survey", "Umfrage" },
    { "term_ends", "its term ends on (kept longer while a hold stands)", "Ende der Frist (länger aufbewahrt, solange ein Aufbewahrungsgrund besteht)" },
    { "text", "text that was shown", "gezeigter Text" },
    { "value", "value", "Wert" },
    { "values", "what is stored of it", "was davon gespeichert ist" },
    { "wave", "wave", "Welle" },
};

/* Values, of the keys below. */
static const char *const values[][3] = {
    { "opt_in", "consent given", "Einwilligung erteilt" },
    { "opt_in_requested", "consent asked for, not confirmed", "Einwilligung erbeten, nicht bestätigt" },
    { "opt_out", "consent withdrawn", "Einwilligung widerrufen" },
    { "objection", "objection", "Widerspruch" },
    { "objection_withdrawn", "objection withdrawn", "Widerspruch zurückgenommen" },
    { "answer", "answering", "Antworten" },
    { "confirm", "confirming a consent", "Bestätigen einer Einwilligung" },
    { "email", "e-mail", "E-Mail" },
    { "phone", "telephone", "Telefon" },
    { "social", "social media", "soziale Medien" },
    { "hard", "address does not exist", "Adresse gibt es nicht" },
    { "soft", "could not be delivered for the time being", "vorübergehend nicht zustellbar" },
    { "full", "mailbox is full", "Postfach ist voll" },
    { "complaint", "complaint (spam)", "Beschwerde (Spam)" },
    { "reserved", "being written", "wird geschrieben" },
    { "spooled", "waits to be sent", "wartet auf den Versand" },
    { "sent", "sent", "versendet" },
    { "uncertain", "perhaps sent", "vielleicht versendet" },
    { "failed", "not sent, failed", "nicht versendet, gescheitert" },
    { "pulled", "taken back before it was sent", "vor dem Versand zurückgenommen" },
    { "answered", "answered", "beantwortet" },
    { "expired", "expired", "abgelaufen" },
    { "event", "a declaration that was handed in", "eine eingereichte Erklärung" },
    { "case", "an export of cases", "eine Lieferung von Vorgängen" },
    { "page", "the survey page", "die Umfrageseite" },
    { "mail", "an e-mail", "eine E-Mail" },
    { "service_survey", "surveys on service", "Umfragen zum Service" },
    { "*", "all", "alle" },
};

static const char *const own[] = { "kind", "known_kinds", "channel", "state", "link_for", "purpose", "controller", "origin" };

static const char *find(const char *const (*words)[3], size_t count, struct slice text, enum dossier_language language)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equals(text, words[i][0]))
            return words[i][language == DOSSIER_ENGLISH ? 1 : 2];
    return NULL;
}

const char *dossier_word(const char *key, enum dossier_language language)
{
    const char *found = find(keys, sizeof keys / sizeof *keys, (struct slice){ key, strlen(key) }, language);
    return found ? found : key;
}

static bool is_own(const char *key)
{
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i], key) == 0)
            return true;
    return false;
}

/* "id:customer": the configuration's name is the word. */
static void add_value(struct slice value, enum dossier_language language, struct strbuf *out)
{
    static const char named[] = "id:";
    const char *found = find(values, sizeof values / sizeof *values, value, language);
    if (value.length > sizeof named - 1 && memcmp(value.text, named, sizeof named - 1) == 0)
        value = (struct slice){ value.text + sizeof named - 1, value.length - (sizeof named - 1) };
    if (found)
        strbuf_adds(out, found);
    else
        strbuf_add(out, value.text, value.length);
}

/* An instant of UTC is told as the clock of the zone showed it, with its distance: whoever declared something on the 4th reads the 4th. */
static bool add_instant(const char *value, const struct zone *zone, struct strbuf *out)
{
    struct clock clock = { 0 };
    char when[32];
    if (strlen(value) != strlen("2026-01-03T23:00:00Z") || value[10] != 'T' || clock_inject(&clock, value, NULL))
        return false;
    const int offset = zone_offset(zone, clock.injected_s), minutes = abs(offset) / 60;
    calendar_format_instant(clock.injected_s + offset, when);
    if (offset)
        strbuf_addf(out, "%.19s%c%02d:%02d", when, offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
    else
        strbuf_adds(out, when);
    return true;
}

void dossier_value(const char *key, const char *value, const struct dossier_speech *speech, struct strbuf *out)
{
    const enum dossier_language language = speech->language;
    if (add_instant(value, speech->zone, out))
        return;
    if (!is_own(key)) {
        strbuf_adds(out, value);
        return;
    }
    for (const char *comma; (comma = strstr(value, ", ")); value = comma + 2) {
        add_value((struct slice){ value, (size_t)(comma - value) }, language, out);
        strbuf_adds(out, ", ");
    }
    add_value((struct slice){ value, strlen(value) }, language, out);
}
