/* Whose a sealed row is (etl/dossier_part.h): its identifiers are read as an import would read them and compared as hashes.
 *
 * It is told if it carries an identifier of the person, or the number of one of the person's cases, and nothing that points to
 * somebody else. A row of another shape than the header may be shifted: what stands in it by column is a guess, and a guess
 * tells no content. An address or an international number is one in whichever column it stands. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/dossier_part.h"
#include "etl/subject.h"

enum { NO_COLUMN = -1 };

struct slot { /* a column that holds identifiers */
    const struct source_identifier *identifier;
    char *kind;
    int column, country_column;
};

struct dossier_rows {
    const struct dossier_search *search;
    const struct source *source; /* NULL: of none that is configured, columns are known by those of all */
    bool of_subjects;
    const struct slice *header;
    size_t header_count;
    struct slot *slots;
    size_t slot_count, slot_capacity;
    int case_id, identifier, contact, country; /* the latter three of subject events */
    struct strbuf text, domain;
    struct subject_text subject;

    /* of the row */
    const struct slice *cells;
    size_t count;
    bool shifted;               /* fewer or more cells than the header */
    bool own, guessed, by_case; /* an identifier of the person; perhaps one; the number of one of the cases */
    bool others;
};

struct reading {
    struct person_key key;
    bool of_column; /* the column is one of identifiers */
    bool guessed;
};
typedef int reader(struct dossier_rows *rows, const struct reading *reading, struct err *err);

/* ---- columns ---- */

static int find_column(const struct dossier_rows *rows, const char *name)
{
    for (size_t i = 0; i < rows->header_count && name; i++)
        if (slice_equals(text_trim(rows->header[i]), name))
            return (int)i;
    return NO_COLUMN;
}

static void add_slots(struct dossier_rows *rows, const struct source *source)
{
    struct strbuf kind = { 0 };
    for (size_t i = 0; i < source->identifier_count; i++) {
        const struct source_identifier *identifier = &source->identifiers[i];
        int column = find_column(rows, identifier->column);
        if (column == NO_COLUMN)
            continue;
        case_table_kind_name(identifier, &kind);
        MEM_GROW(rows->slots, rows->slot_count, rows->slot_capacity);
        rows->slots[rows->slot_count++] = (struct slot){ identifier, mem_strdup(strbuf_text(&kind)), column,
                                                         find_column(rows, identifier->country_column) };
    }
    strbuf_release(&kind);
}

static void bind_subjects(struct dossier_rows *rows)
{
    rows->identifier = find_column(rows, subject_column_name(SUBJECT_IDENTIFIER));
    rows->contact = find_column(rows, subject_column_name(SUBJECT_CONTACT));
    rows->country = find_column(rows, subject_column_name(SUBJECT_COUNTRY));
    rows->of_subjects = rows->identifier != NO_COLUMN;
}

struct dossier_rows *dossier_rows_open(const struct dossier_search *search, const char *name, const struct slice *header, size_t count)
{
    const struct sources *sources = search->ingest->sources;
    struct dossier_rows *rows = mem_zalloc(1, sizeof *rows);
    *rows = (struct dossier_rows){ .search = search, .source = name ? source_find(sources, name) : NULL, .header = header,
                                   .header_count = count, .case_id = NO_COLUMN, .identifier = NO_COLUMN, .contact = NO_COLUMN,
                                   .country = NO_COLUMN };
    if (!rows->source && name && strcmp(name, "subjects") == 0)
        bind_subjects(rows);
    if (rows->source)
        rows->case_id = find_column(rows, rows->source->case_id);
    for (size_t i = 0; i < sources->count && !rows->of_subjects; i++)
        if (!rows->source || rows->source == &sources->list[i])
            add_slots(rows, &sources->list[i]);
    return rows;
}

void dossier_rows_free(struct dossier_rows *rows)
{
    if (!rows)
        return;
    for (size_t i = 0; i < rows->slot_count; i++)
        free(rows->slots[i].kind);
    free(rows->slots);
    strbuf_wipe(&rows->text);
    strbuf_wipe(&rows->subject.kind);
    strbuf_wipe(&rows->subject.value);
    strbuf_release(&rows->domain);
    free(rows);
}

/* ---- cells ---- */

/* Without a text where nothing stands, or what the source says to mean nothing. */
static struct slice cell_of(const struct dossier_rows *rows, int column)
{
    static const struct slice none = { "", 0 };
    if (column == NO_COLUMN || (size_t)column >= rows->count)
        return none;
    const struct slice cell = text_trim(rows->cells[column]);
    for (size_t i = 0; rows->source && i < rows->source->missing_count; i++)
        if (slice_equals(cell, rows->source->missing[i]))
            return none;
    return cell;
}

static const char *country_of(const struct dossier_rows *rows, const struct slot *slot, char country[3])
{
    const struct slice cell = cell_of(rows, slot->country_column);
    if (cell.length != 2)
        return cell.length ? NULL : slot->identifier->country;
    memcpy(country, cell.text, 2);
    country[2] = '\0';
    return country;
}

static int read_slot(struct dossier_rows *rows, const struct slot *slot, int column, reader *take, struct err *err)
{
    char buffer[3];
    const struct slice cell = cell_of(rows, column);
    const char *country = rows->shifted ? slot->identifier->country : country_of(rows, slot, buffer);
    if (!cell.length || identifier_normalise(slot->identifier->kind, country, cell, &rows->text, NULL))
        return 0;
    const struct reading reading = { { slot->kind, { rows->text.text, rows->text.length } }, true, rows->shifted };
    return take(rows, &reading, err);
}

static int read_plain(struct dossier_rows *rows, enum identifier_kind kind, struct slice cell, reader *take, struct err *err)
{
    const char *name = kind == IDENTIFIER_EMAIL ? "email" : "phone";
    if (identifier_normalise(kind, rows->search->ingest->sources->country, cell, &rows->text, NULL))
        return 0;
    const struct reading reading = { { name, { rows->text.text, rows->text.length } }, false, false };
    return take(rows, &reading, err);
}

/* What is an address or a number beyond doubt, wherever it stands. */
static int read_stray(struct dossier_rows *rows, int column, reader *take, struct err *err)
{
    const struct slice cell = cell_of(rows, column);
    if (!cell.length)
        return 0;
    if (identifier_has_at(cell))
        return read_plain(rows, IDENTIFIER_EMAIL, cell, take, err);
    return *cell.text == '+' || (cell.length > 4 && strncasecmp(cell.text, "tel:", 4) == 0) ? read_plain(rows, IDENTIFIER_PHONE, cell, take, err) : 0;
}

static int read_named(struct dossier_rows *rows, int column, reader *take, struct err *err)
{
    const struct slice cell = cell_of(rows, column), country = cell_of(rows, rows->country);
    char code[3] = { 0 };
    if (country.length == 2)
        memcpy(code, country.text, 2);
    if (!cell.length || !subject_read_identifier(rows->search->ingest->sources, cell, *code ? code : NULL, &rows->subject))
        return 0;
    const struct reading reading = { { strbuf_text(&rows->subject.kind), { rows->subject.value.text, rows->subject.value.length } },
                                     true, rows->shifted };
    return take(rows, &reading, err);
}

/* ---- all that a row says ---- */

static int read_column(struct dossier_rows *rows, int column, reader *take, struct err *err)
{
    bool is_taken = false;
    int code = 0;
    if (rows->of_subjects && (rows->shifted || column == rows->identifier || column == rows->contact)) {
        is_taken = !rows->shifted;
        code = read_named(rows, column, take, err);
    }
    for (size_t i = 0; i < rows->slot_count && !code; i++)
        if (rows->shifted || rows->slots[i].column == column) {
            is_taken |= !rows->shifted;
            code = read_slot(rows, &rows->slots[i], column, take, err);
        }
    return code || is_taken ? code : read_stray(rows, column, take, err);
}

static int read_row(struct dossier_rows *rows, reader *take, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < rows->count && !code; i++)
        code = read_column(rows, (int)i, take, err);
    return code;
}

static int look_for_own(struct dossier_rows *rows, const struct reading *reading, struct err *err)
{
    (void)err;
    bool own = dossier_is_own(rows->search, &reading->key);
    rows->own |= own && !reading->guessed;
    rows->guessed |= own;
    return 0;
}

/* Known by the case's number alone, a row that carries whatever else identifies somebody may be another's. */
static int look_for_others(struct dossier_rows *rows, const struct reading *reading, struct err *err)
{
    enum dossier_whose whose = DOSSIER_SHARED;
    int code = dossier_find(rows->search, &reading->key, &whose, err);
    rows->others |= whose == DOSSIER_OTHERS || (whose == DOSSIER_UNKNOWN && reading->of_column && !rows->own);
    return code;
}

static void look_for_case(struct dossier_rows *rows, const char *source, struct slice number)
{
    unsigned char key[PSEUDONYM_BYTES];
    if (!number.length || identifier_normalise(IDENTIFIER_ID, NULL, number, &rows->text, NULL))
        return;
    strbuf_clear(&rows->domain);
    strbuf_addf(&rows->domain, "case:%s", source);
    pseudonym_derive(rows->search->store->cases, rows->domain.text, (struct slice){ rows->text.text, rows->text.length }, key);
    rows->by_case = dossier_has_hash(&rows->search->cases, key);
}

/* A hold of a case: case:SOURCE=NUMBER. */
static void look_for_held(struct dossier_rows *rows)
{
    const struct slice cell = cell_of(rows, rows->identifier);
    const char *equals = cell.length > 5 && memcmp(cell.text, "case:", 5) == 0 ? memchr(cell.text, '=', cell.length) : NULL;
    if (!equals)
        return;
    char *source = mem_strndup(cell.text + 5, (size_t)(equals - cell.text) - 5);
    look_for_case(rows, source, (struct slice){ equals + 1, (size_t)(cell.text + cell.length - equals) - 1 });
    free(source);
}

static bool is_shifted(const struct dossier_rows *rows)
{
    for (size_t i = rows->header_count; i < rows->count; i++)
        if (text_trim(rows->cells[i]).length)
            return true;
    return rows->count < rows->header_count;
}

int dossier_row_judge(struct dossier_rows *rows, const struct slice *cells, size_t count, enum dossier_row *verdict, struct err *err)
{
    rows->cells = cells;
    rows->count = count;
    rows->shifted = is_shifted(rows);
    rows->own = rows->guessed = rows->by_case = rows->others = false;
    int code = read_row(rows, look_for_own, err);
    if (rows->search->cases.count && rows->source)
        look_for_case(rows, rows->source->name, cell_of(rows, rows->case_id));
    if (rows->search->cases.count && rows->of_subjects)
        look_for_held(rows);
    bool concerns = rows->own || rows->guessed || rows->by_case, is_sure = rows->own || (rows->by_case && !rows->shifted);
    if (!code && is_sure)
        code = read_row(rows, look_for_others, err);
    if (!code)
        *verdict = !concerns ? DOSSIER_ROW_PASS : is_sure && !rows->others ? DOSSIER_ROW_TELL : DOSSIER_ROW_WITHHOLD;
    return code;
}
