#include "cli/dossier_words.h"

#include <dirent.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/subjects.h"
#include "core/json_build.h"
#include "core/mem.h"
#include "etl/dossier.h"
#include "etl/store_keys.h"
#include "etl/subject.h"
#include "surveys/dossier.h"

struct dossier {
    json_t *all;
    char as_of[32];
    const struct zone *zone; /* the workspace's */
    int unread;              /* files in the inbox: not looked into */
};

/* ---- looking it up ---- */

static bool is_known(void *context, const struct contact_identifier *identifier)
{
    const struct person_key key = { identifier->kind, { identifier->value, strlen(identifier->value) } };
    return dossier_is_own(context, &key);
}

static int open_if_there(const struct casework *work, const char *schema, struct db **db, struct err *err)
{
    char *path = workspace_path(work->session.workspace, "state/%s.db", schema);
    int code = access(path, F_OK) == 0 ? db_open(db, path, schema, DB_WRITE, err) : 0;
    free(path);
    return code;
}

static int look_into_surveys(struct casework *work, const struct subject_text *text, struct dossier_search *search, json_t *all,
                             struct err *err)
{
    const struct dossier_person person = { { strbuf_text(&text->kind), strbuf_text(&text->value) }, is_known, search };
    struct dossier_stores stores = { .keyring = work->keyring };
    bool usable = false;
    int code = store_keys_usable(work->store.db, work->keyring, KEY_CONTACT, &usable, err);
    stores.contacts_lost = !usable;
    if (!code)
        code = open_if_there(work, "surveys", &stores.surveys, err);
    if (!code)
        code = open_if_there(work, "intake", &stores.intake, err);
    if (stores.surveys && !code)
        code = dossier_surveys(&stores, &person, all, err);
    db_close(stores.surveys);
    db_close(stores.intake);
    return code;
}

static int learn(struct dossier_search *search, const char *kind, const char *value, struct err *err)
{
    const struct person_key key = { kind, { value ? value : "", value ? strlen(value) : 0 } };
    return kind && value ? dossier_learn(search, &key, err) : 0;
}

static int learn_contact(struct dossier_search *search, const char *channel, const json_t *contact, struct err *err)
{
    const json_t *identifiers = json_object_get(contact, "identifiers");
    bool is_identifier = channel && (strcmp(channel, "email") == 0 || strcmp(channel, "phone") == 0);
    int code = is_identifier ? learn(search, channel, json_string_value(json_object_get(contact, "address")), err) : 0;
    for (size_t i = 0; i < json_array_size(identifiers) && !code; i++) {
        const json_t *identifier = json_array_get(identifiers, i);
        code = learn(search, json_string_value(json_object_get(identifier, "kind")),
                     json_string_value(json_object_get(identifier, "value")), err);
    }
    return code;
}

/* By what the person's contacts are known, the person is known in sealed rows, too. */
static int learn_contacts(struct dossier_search *search, const json_t *all, struct err *err)
{
    const json_t *recipients = json_object_get(all, "recipients");
    int code = 0;
    for (size_t r = 0; r < json_array_size(recipients); r++) {
        const json_t *recipient = json_array_get(recipients, r), *contacts = json_object_get(recipient, "contacts");
        for (size_t i = 0; i < json_array_size(contacts) && !code; i++)
            code = learn_contact(search, json_string_value(json_object_get(recipient, "channel")), json_array_get(contacts, i), err);
    }
    return code;
}

static int look_up(struct casework *work, const struct subject_text *text, struct dossier_search *search, json_t *all, struct err *err)
{
    int code = dossier_store(search, all, err);
    if (code || json_object_get(all, "shared"))
        return code;
    code = look_into_surveys(work, text, search, all, err);
    if (!code)
        code = learn_contacts(search, all, err);
    return code ? code : dossier_files(search, all, err);
}

static int look(struct casework *work, const struct subject_text *text, json_t *all, struct err *err)
{
    const struct person_key key = { strbuf_text(&text->kind), { strbuf_text(&text->value), text->value.length } };
    struct dossier_search *search = NULL;
    int code = subjects_finish(work, err); /* what is declared is done before it is told what is held */
    if (!code)
        code = dossier_search_open(&search, &work->ingest, &key, err);
    if (!code)
        code = look_up(work, text, search, all, err);
    dossier_search_free(search);
    return code;
}

static int is_input(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && (length < 3 || strcmp(entry->d_name + length - 3, ".ok") != 0);
}

static int count_unread(const struct workspace *workspace)
{
    struct dirent **entries = NULL;
    char *folder = workspace_path(workspace, "inbox");
    int count = scandir(folder, &entries, is_input, NULL);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    free(folder);
    return count > 0 ? count : 0;
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
    opened->zone = work->session.workspace->zone;
    opened->unread = count_unread(work->session.workspace);
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
    if (whole && dossier->unread)
        json_set_made(whole, "inbox_files_not_searched", json_integer(dossier->unread));
    char *text = whole ? json_dumps(whole, JSON_INDENT(2)) : NULL;
    if (!text)
        mem_fail();
    strbuf_addf(out, "%s\n", text);
    explicit_bzero(text, strlen(text));
    free(text);
    json_decref(whole);
}

/* ---- in words ---- */

static void indent(struct strbuf *out, int depth)
{
    for (int i = 0; i < depth; i++)
        strbuf_adds(out, "  ");
}

static void write_entry(const char *key, const json_t *value, int depth, const struct dossier_speech *speech, struct strbuf *out);

/* Of a contact the identifiers themselves are held, of cases their hashes. */
static const char *heading(const char *key, const json_t *value, const struct dossier_speech *speech)
{
    bool of_contact = strcmp(key, "identifiers") == 0 && json_object_get(json_array_get(value, 0), "value");
    return dossier_word(of_contact ? "contact_identifiers" : key, speech->language);
}

/* Dimensions and measures have names that the configuration gave them; the opening day has none. */
static void write_values(const json_t *values, int depth, const struct dossier_speech *speech, struct strbuf *out)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)values, name, value) {
        indent(out, depth);
        strbuf_addf(out, "%s: %s\n", strcmp(name, "opened") == 0 ? dossier_word(name, speech->language) : name, json_string_value(value));
    }
}

static void write_object(const json_t *object, int depth, const struct dossier_speech *speech, struct strbuf *out)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) /* jansson's macro takes no const */
        write_entry(key, value, depth, speech, out);
}

static void write_list(const json_t *list, int depth, const struct dossier_speech *speech, struct strbuf *out)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        indent(out, depth);
        strbuf_addf(out, "%zu.\n", i + 1);
        write_object(json_array_get(list, i), depth + 1, speech, out);
    }
}

static void write_entry(const char *key, const json_t *value, int depth, const struct dossier_speech *speech, struct strbuf *out)
{
    indent(out, depth);
    strbuf_adds(out, heading(key, value, speech));
    if (strcmp(key, "values") == 0) {
        strbuf_adds(out, ":\n");
        write_values(value, depth + 1, speech, out);
    } else if (json_is_array(value) || json_is_object(value)) {
        strbuf_adds(out, ":\n");
        if (json_is_array(value))
            write_list(value, depth + 1, speech, out);
        else
            write_object(value, depth + 1, speech, out);
    } else if (json_is_integer(value)) {
        strbuf_addf(out, ": %lld\n", (long long)json_integer_value(value));
    } else if (json_is_true(value)) {
        strbuf_adds(out, "\n");
    } else {
        strbuf_adds(out, ": ");
        dossier_value(key, json_string_value(value), speech, out);
        strbuf_addc(out, '\n');
    }
}

static const struct {
    const char *title, *nothing, *shared, *unread, *rest;
} sentences[] = {
    [DOSSIER_ENGLISH] = {
        "What is held on this person as of %s\n\n",
        "Nothing is held on this person: no case, no contact, no objection, no invitation.\n",
        "This identifier is shared by many or stands for nobody, so nothing can be found by it. Please ask for another one.\n",
        "\nFiles in the inbox that nothing has read yet, and that were not looked into: %d\n",
        "\nPublished statistics are anonymous and hold nothing on a single person.\n",
    },
    [DOSSIER_GERMAN] = {
        "Was zu dieser Person gespeichert ist, Stand %s\n\n",
        "Zu dieser Person ist nichts gespeichert: kein Vorgang, kein Kontakt, kein Widerspruch, keine Einladung.\n",
        "Diese Kennung teilen sich viele, oder sie steht für niemanden; über sie lässt sich nichts finden. Bitte eine andere nennen.\n",
        "\nDateien im Eingang, die noch nicht gelesen sind und in die nicht gesehen wurde: %d\n",
        "\nVeröffentlichte Statistiken sind anonym und enthalten nichts zu einer einzelnen Person.\n",
    },
};

static void add_number(const char *sentence, int number, struct strbuf *out)
{
    const char *blank = strstr(sentence, "%d");
    strbuf_add(out, sentence, (size_t)(blank - sentence));
    strbuf_addf(out, "%d%s", number, blank + 2);
}

void dossier_describe(const struct dossier *dossier, enum dossier_language language, struct strbuf *out)
{
    const struct dossier_speech speech = { language, dossier->zone };
    const char *title = sentences[language].title, *blank = strstr(title, "%s");
    strbuf_add(out, title, (size_t)(blank - title));
    strbuf_addf(out, "%s%s", dossier->as_of, blank + 2);
    if (json_object_get(dossier->all, "shared"))
        strbuf_adds(out, sentences[language].shared);
    else if (json_object_size(dossier->all) == 0)
        strbuf_adds(out, sentences[language].nothing);
    else
        write_object(dossier->all, 0, &speech, out);
    if (dossier->unread)
        add_number(sentences[language].unread, dossier->unread, out);
    strbuf_adds(out, sentences[language].rest);
}
