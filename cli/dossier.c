#include "cli/dossier.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/subjects.h"
#include "core/mem.h"
#include "etl/dossier.h"
#include "etl/mask.h"
#include "etl/subject.h"
#include "surveys/dossier.h"

struct dossier {
    json_t *all;
    char as_of[32];
};

/* ---- looking it up ---- */

struct known {
    const struct casework *work;
    const struct dossier_hashes *hashes;
};

static bool is_known(void *context, const struct contact_identifier *identifier)
{
    const struct known *known = context;
    unsigned char hash[PSEUDONYM_BYTES];
    objection_hash(known->work->store.objection, identifier->kind,
                   (struct slice){ identifier->value, strlen(identifier->value) }, hash);
    for (size_t i = 0; i < known->hashes->count; i++)
        if (memcmp(known->hashes->list[i], hash, sizeof hash) == 0)
            return true;
    return false;
}

static int open_if_there(const struct casework *work, const char *schema, struct db **db, struct err *err)
{
    char *path = workspace_path(work->session.workspace, "state/%s.db", schema);
    int code = access(path, F_OK) == 0 ? db_open(db, path, schema, DB_WRITE, err) : 0;
    free(path);
    return code;
}

static int look_into_surveys(struct casework *work, const struct subject_text *text, const struct dossier_hashes *hashes, json_t *all,
                             struct err *err)
{
    struct known known = { work, hashes };
    const struct dossier_person person = { { strbuf_text(&text->kind), strbuf_text(&text->value) }, is_known, &known };
    struct dossier_stores stores = { .keyring = work->keyring };
    int code = open_if_there(work, "surveys", &stores.surveys, err);
    if (!code)
        code = open_if_there(work, "intake", &stores.intake, err);
    if (stores.surveys && !code)
        code = dossier_surveys(&stores, &person, all, err);
    db_close(stores.surveys);
    db_close(stores.intake);
    return code;
}

static int look(struct casework *work, const struct subject_text *text, json_t *all, struct err *err)
{
    const struct person_key key = { strbuf_text(&text->kind), { strbuf_text(&text->value), text->value.length } };
    struct dossier_hashes hashes = { 0 };
    int code = subjects_finish(work, err); /* what is declared is done before it is told what is held */
    if (!code)
        code = dossier_store(&work->ingest, &key, all, &hashes, err);
    if (!code && !json_object_get(all, "shared"))
        code = look_into_surveys(work, text, &hashes, all, err);
    if (!code && !json_object_get(all, "shared"))
        code = dossier_files(&work->ingest, &key, all, err);
    dossier_hashes_release(&hashes);
    return code;
}

int dossier_open(struct dossier **dossier, struct casework *work, const char *person, struct err *err)
{
    struct subject_text text = { 0 };
    if (!subject_read_identifier(work->session.sources, (struct slice){ person, strlen(person) }, NULL, &text)) {
        strbuf_wipe(&text.kind);
        strbuf_wipe(&text.value);
        return err_set(err, ERR_DATA, "the person is not named by an e-mail address, a telephone number or NAME=VALUE of fallzahl.yaml");
    }
    struct dossier *opened = mem_zalloc(1, sizeof *opened);
    opened->all = json_object();
    calendar_format_instant(work->now, opened->as_of);
    int code = look(work, &text, opened->all, err);
    strbuf_wipe(&text.kind);
    strbuf_wipe(&text.value);
    if (code)
        dossier_free(opened);
    else
        *dossier = opened;
    return code;
}

void dossier_free(struct dossier *dossier)
{
    if (!dossier)
        return;
    json_decref(dossier->all);
    free(dossier);
}

void dossier_json(const struct dossier *dossier, struct strbuf *out)
{
    json_t *whole = json_pack("{s:s, s:b, s:O}", "as_of", dossier->as_of, "held", (int)(json_object_size(dossier->all) > 0), "data",
                              dossier->all);
    char *text = whole ? json_dumps(whole, JSON_INDENT(2)) : NULL;
    if (!text)
        mem_fail();
    strbuf_addf(out, "%s\n", text);
    explicit_bzero(text, strlen(text));
    free(text);
    json_decref(whole);
}

/* ---- in words ---- */

/* Names of keys and values, in the two languages. What is not here (dimensions, what an export said) stands for itself. */
static const char *const words[][3] = {
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
    { "released_at", "released on", "aufgehoben am" },
    { "reminders", "reminders sent", "gesendete Erinnerungen" },
    { "responses", "Answers to confidential surveys", "Antworten in vertraulichen Umfragen" },
    { "begun", "answer begun, not sent; only the link opens it", "Antwort begonnen, nicht abgeschickt; nur der Link öffnet sie" },
    { "clicks", "Clicks on the survey page that are not yet noted as consent or refusal", "Klicks auf der Umfrageseite, noch nicht als Einwilligung oder Widerruf vermerkt" },
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
    { "vendor", "handed to", "übergeben an" },
    { "waiting", "Answers to confidential surveys that wait for others, encrypted", "Antworten in vertraulichen Umfragen, die auf weitere warten, verschlüsselt" },
    { "answers", "answers", "Antworten" },
    { "week", "week of", "Woche ab" },
    { "segment", "group in the survey's sample", "Gruppe in der Stichprobe" },
    { "source", "source", "Quelle" },
    { "state", "state", "Stand" },
    { "survey", "survey", "Umfrage" },
    { "text", "text that was shown", "gezeigter Text" },
    { "value", "value", "Wert" },
    { "values", "what is stored of it", "was davon gespeichert ist" },
    { "wave", "wave", "Welle" },
    { "opt_in", "consent given", "Einwilligung erteilt" },
    { "opt_in_requested", "consent asked for, not confirmed", "Einwilligung erbeten, nicht bestätigt" },
    { "opt_out", "consent withdrawn", "Einwilligung widerrufen" },
    { "objection", "objection", "Widerspruch" },
    { "objection_withdrawn", "objection withdrawn", "Widerspruch zurückgenommen" },
};

static const char *word(const char *text, enum dossier_language language)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], text) == 0)
            return words[i][language == DOSSIER_ENGLISH ? 1 : 2];
    return text;
}

static void indent(struct strbuf *out, int depth)
{
    for (int i = 0; i < depth; i++)
        strbuf_adds(out, "  ");
}

static bool is_own(const char *key)
{
    return strcmp(key, "kind") == 0;
}

static void write_entry(const char *key, const json_t *value, int depth, enum dossier_language language, struct strbuf *out);

/* Of a contact the identifiers themselves are held, of cases their hashes. */
static const char *heading(const char *key, const json_t *value, enum dossier_language language)
{
    bool of_contact = strcmp(key, "identifiers") == 0 && json_object_get(json_array_get(value, 0), "value");
    return word(of_contact ? "contact_identifiers" : key, language);
}

/* Dimensions and measures have names that the configuration gave them; the opening day has none. */
static void write_values(const json_t *values, int depth, enum dossier_language language, struct strbuf *out)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)values, name, value) {
        indent(out, depth);
        strbuf_addf(out, "%s: %s\n", strcmp(name, "opened") == 0 ? word(name, language) : name, json_string_value(value));
    }
}

static void write_object(const json_t *object, int depth, enum dossier_language language, struct strbuf *out)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) /* jansson's macro takes no const */
        write_entry(key, value, depth, language, out);
}

static void write_list(const json_t *list, int depth, enum dossier_language language, struct strbuf *out)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        indent(out, depth);
        strbuf_addf(out, "%zu.\n", i + 1);
        write_object(json_array_get(list, i), depth + 1, language, out);
    }
}

static void write_entry(const char *key, const json_t *value, int depth, enum dossier_language language, struct strbuf *out)
{
    indent(out, depth);
    strbuf_adds(out, heading(key, value, language));
    if (strcmp(key, "values") == 0) {
        strbuf_adds(out, ":\n");
        write_values(value, depth + 1, language, out);
    } else if (json_is_array(value) || json_is_object(value)) {
        strbuf_adds(out, ":\n");
        if (json_is_array(value))
            write_list(value, depth + 1, language, out);
        else
            write_object(value, depth + 1, language, out);
    } else if (json_is_integer(value)) {
        strbuf_addf(out, ": %lld\n", (long long)json_integer_value(value));
    } else if (json_is_true(value)) {
        strbuf_adds(out, "\n");
    } else {
        const char *text = json_string_value(value);
        strbuf_addf(out, ": %s\n", is_own(key) ? word(text, language) : text);
    }
}

static const struct {
    const char *title, *nothing, *shared, *rest;
} sentences[] = {
    [DOSSIER_ENGLISH] = {
        "What is held on this person as of %s\n\n",
        "Nothing is held on this person: no case, no contact, no objection, no invitation.\n",
        "This identifier is shared by many or stands for nobody, so nothing can be found by it. Please ask for another one.\n",
        "\nPublished statistics are anonymous and hold nothing on a single person.\n",
    },
    [DOSSIER_GERMAN] = {
        "Was zu dieser Person gespeichert ist, Stand %s\n\n",
        "Zu dieser Person ist nichts gespeichert: kein Vorgang, kein Kontakt, kein Widerspruch, keine Einladung.\n",
        "Diese Kennung teilen sich viele, oder sie steht für niemanden; über sie lässt sich nichts finden. Bitte eine andere nennen.\n",
        "\nVeröffentlichte Statistiken sind anonym und enthalten nichts zu einer einzelnen Person.\n",
    },
};

void dossier_describe(const struct dossier *dossier, enum dossier_language language, struct strbuf *out)
{
    const char *title = sentences[language].title, *blank = strstr(title, "%s");
    strbuf_add(out, title, (size_t)(blank - title));
    strbuf_addf(out, "%s%s", dossier->as_of, blank + 2);
    if (json_object_get(dossier->all, "shared"))
        strbuf_adds(out, sentences[language].shared);
    else if (json_object_size(dossier->all) == 0)
        strbuf_adds(out, sentences[language].nothing);
    else
        write_object(dossier->all, 0, language, out);
    strbuf_adds(out, sentences[language].rest);
}
