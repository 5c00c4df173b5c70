#include "etl/ingest_contacts.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* Room for the identifiers of one row and the names of their kinds. */
struct gathering {
    const struct ingest *ingest;
    const struct batch *batch;
    struct strbuf *kinds; /* per identifier of the source */
    struct ingest_identifier *identifiers;
};

static bool wants(const struct ingest *ingest, const struct source *source)
{
    return ingest->desk && source->opt_in_count;
}

static struct slice text_at(const struct batch *batch, uint32_t at, uint32_t length)
{
    return (struct slice){ batch->texts + at, length };
}

/* All identifiers of the row; the one that is the address on the channel becomes it. */
static void gather(const struct gathering *gathering, const struct batch_opt_in *opt_in, struct ingest_contact *contact)
{
    const struct batch *batch = gathering->batch;
    const struct source *source = batch->table->source;
    const struct batch_identifier *row = batch->identifiers + (size_t)opt_in->row * source->identifier_count;
    for (size_t i = 0; i < source->identifier_count; i++) {
        struct slice value = text_at(batch, row[i].text, row[i].length);
        if (!row[i].length)
            continue;
        gathering->identifiers[contact->identifier_count++] =
            (struct ingest_identifier){ strbuf_text(&gathering->kinds[i]), value };
        if (&source->identifiers[i] == opt_in->opt_in->address)
            contact->address = value;
    }
    contact->identifiers = gathering->identifiers;
}

static const char *controller_of(const struct gathering *gathering, const struct batch_opt_in *opt_in)
{
    return opt_in->controller ? opt_in->controller : gathering->ingest->sources->controllers[0];
}

static int take_one(const struct gathering *gathering, const struct load *load, const struct batch_opt_in *opt_in, struct err *err)
{
    const struct batch *batch = gathering->batch;
    struct ingest_contact contact = {
        .opt_in = opt_in->opt_in, .word = opt_in->word, .stated_at = opt_in->stated_at,
        .closed_day = batch->rows[opt_in->row].closed_day, .controller = controller_of(gathering, opt_in),
        .language = text_at(batch, opt_in->language, opt_in->language_length),
        .country = text_at(batch, opt_in->country, opt_in->country_length),
    };
    struct person_hashes known_by = { 0 };
    const struct ingest_desk *desk = gathering->ingest->desk;
    gather(gathering, opt_in, &contact);
    contact.known_by = &known_by;
    int code = load_known_by(load, opt_in->row, &known_by, err);
    if (!code)
        code = desk->take(desk->context, &contact, err);
    person_hashes_release(&known_by);
    return code;
}

int ingest_contacts_take(const struct ingest *ingest, const struct load *load, const struct batch *batch, struct err *err)
{
    const struct source *source = batch->table->source;
    if (!wants(ingest, source) || !batch->opt_in_count)
        return 0;
    struct gathering gathering = { ingest, batch, mem_zalloc(source->identifier_count, sizeof *gathering.kinds),
                                   mem_zalloc(source->identifier_count, sizeof *gathering.identifiers) };
    int code = 0;
    for (size_t i = 0; i < source->identifier_count; i++)
        case_table_kind_name(&source->identifiers[i], &gathering.kinds[i]);
    for (size_t i = 0; i < batch->opt_in_count && !code; i++)
        if (!load_has_no_say(load, batch->opt_ins[i].row))
            code = take_one(&gathering, load, &batch->opt_ins[i], err);
    for (size_t i = 0; i < source->identifier_count; i++)
        strbuf_release(&gathering.kinds[i]);
    free(gathering.kinds);
    free(gathering.identifiers);
    return code;
}

int ingest_contacts_begin(const struct ingest *ingest, const struct source *source, struct err *err)
{
    return wants(ingest, source) ? ingest->desk->begin(ingest->desk->context, err) : 0;
}

int ingest_contacts_commit(const struct ingest *ingest, const struct source *source, struct err *err)
{
    return wants(ingest, source) ? ingest->desk->commit(ingest->desk->context, err) : 0;
}

void ingest_contacts_rollback(const struct ingest *ingest, const struct source *source)
{
    if (wants(ingest, source))
        ingest->desk->rollback(ingest->desk->context);
}
