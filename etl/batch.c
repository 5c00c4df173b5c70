#include "etl/batch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/mask.h"

enum { FIRST_TEXTS = 1 << 20 };

void batch_init(struct batch *batch, const struct case_table *table)
{
    const struct source *source = table->source;
    *batch = (struct batch){ .table = table };
    for (size_t i = 0; i < source->dimension_count; i++)
        batch->code_count += case_table_has_column(&source->dimensions[i]);
    batch->rows = mem_zalloc(BATCH_ROWS, sizeof *batch->rows);
    batch->identifiers = mem_zalloc(BATCH_ROWS * source->identifier_count, sizeof *batch->identifiers);
    batch->codes = mem_zalloc(BATCH_ROWS * batch->code_count, sizeof *batch->codes);
    batch->values = mem_zalloc(BATCH_ROWS * source->measure_count, sizeof *batch->values);
    batch->key_order = mem_zalloc(BATCH_ROWS, sizeof *batch->key_order);
    batch->identifier_order = mem_zalloc(BATCH_ROWS * source->identifier_count, sizeof *batch->identifier_order);
    batch->text_size = FIRST_TEXTS;
    batch->texts = mem_alloc(batch->text_size);
}

void batch_clear(struct batch *batch)
{
    explicit_bzero(batch->texts, batch->text_used);
    batch->text_used = 0;
    batch->count = batch->identifier_count = batch->opt_in_count = 0;
}

void batch_release(struct batch *batch)
{
    batch_clear(batch);
    free(batch->texts);
    free(batch->rows);
    free(batch->identifiers);
    free(batch->codes);
    free(batch->values);
    free(batch->key_order);
    free(batch->identifier_order);
    free(batch->opt_ins);
    *batch = (struct batch){ 0 };
}

static bool needs_opened(const struct source *source)
{
    for (size_t i = 0; i < source->dimension_count; i++)
        if (source->dimensions[i].kind == DIMENSION_PERIOD && source->dimensions[i].of_opened)
            return true;
    return false;
}

void batch_maker_init(struct batch_maker *maker, const struct store *store, const struct case_table *table,
                      struct dictionary *dictionary)
{
    const struct source *source = table->source;
    struct strbuf domain = { 0 };
    strbuf_addf(&domain, "case:%s", source->name);
    *maker = (struct batch_maker){ .store = store, .dictionary = dictionary, .case_domain = domain.text,
                                   .by_file = !source->updated_at, .oldest_day = INT32_MIN,
                                   .has_case_ids = source->case_id,
                                   .keeps_opened = needs_opened(source) };
    maker->kind_count = source->identifier_count;
    maker->kind_names = mem_zalloc(source->identifier_count, sizeof *maker->kind_names);
    for (size_t i = 0; i < source->identifier_count; i++)
        case_table_kind_name(&source->identifiers[i], &maker->kind_names[i]);
}

void batch_maker_release(struct batch_maker *maker)
{
    for (size_t i = 0; i < maker->kind_count; i++)
        strbuf_release(&maker->kind_names[i]);
    free(maker->kind_names);
    free(maker->case_domain);
    *maker = (struct batch_maker){ 0 };
}

/* Growing copies the texts: what is left behind is wiped, which reallocation would not do. */
static uint32_t keep_text(struct batch *batch, struct slice text)
{
    if (batch->text_size - batch->text_used < text.length) {
        size_t size = batch->text_size * 2 + text.length;
        char *grown = mem_alloc(size);
        memcpy(grown, batch->texts, batch->text_used);
        explicit_bzero(batch->texts, batch->text_used);
        free(batch->texts);
        batch->texts = grown;
        batch->text_size = size;
    }
    uint32_t at = (uint32_t)batch->text_used;
    if (text.length)
        memcpy(batch->texts + at, text.text, text.length);
    batch->text_used += text.length;
    return at;
}

static void add_identifiers(struct batch *batch, struct batch_maker *maker, const struct case_row *row)
{
    const struct source *source = batch->table->source;
    struct batch_identifier *out = batch->identifiers + batch->count * source->identifier_count;
    memset(out, 0, source->identifier_count * sizeof *out);
    for (size_t i = 0; i < row->identifier_count; i++) {
        const struct case_identifier *identifier = &row->identifiers[i];
        size_t slot = (size_t)(identifier->identifier - source->identifiers);
        struct batch_identifier *to = &out[slot];
        pseudonym_derive(maker->store->analytics, strbuf_text(&maker->kind_names[slot]), identifier->normalised,
                         to->pseudonym);
        objection_hash(maker->store->objection, strbuf_text(&maker->kind_names[slot]), identifier->normalised, to->hash);
        to->text = keep_text(batch, identifier->normalised);
        to->length = (uint32_t)identifier->normalised.length;
    }
}

static void add_opt_ins(struct batch *batch, const struct case_row *row)
{
    if (!row->opt_in_count)
        return;
    uint32_t language = keep_text(batch, row->language), country = keep_text(batch, row->country);
    for (size_t i = 0; i < row->opt_in_count; i++) {
        const struct case_opt_in *opt_in = &row->opt_ins[i];
        MEM_GROW(batch->opt_ins, batch->opt_in_count, batch->opt_in_capacity);
        batch->opt_ins[batch->opt_in_count++] = (struct batch_opt_in){
            .row = (uint32_t)batch->count, .language = language, .language_length = (uint32_t)row->language.length,
            .country = country, .country_length = (uint32_t)row->country.length, .opt_in = opt_in->opt_in,
            .controller = row->controller, .word = opt_in->word, .stated_at = opt_in->stated_at,
        };
    }
}

static void add_values(struct batch *batch, struct batch_maker *maker, const struct case_row *row)
{
    const struct source *source = batch->table->source;
    int64_t *codes = batch->codes + batch->count * batch->code_count;
    int64_t *values = batch->values + batch->count * source->measure_count;
    for (size_t i = 0; i < source->dimension_count; i++)
        if (case_table_has_column(&source->dimensions[i]))
            *codes++ = dictionary_code(maker->dictionary, i, &row->categories[i]);
    for (size_t i = 0; i < source->measure_count; i++)
        values[i] = row->values[i].present ? row->values[i].scaled : BATCH_NO_VALUE;
}

/* A row that cannot say how new it is, where others can, is taken for the oldest. */
static int64_t version_of(const struct batch_maker *maker, const struct case_row *row)
{
    if (maker->by_file)
        return maker->file;
    return row->has_version ? row->version : INT64_MIN;
}

/* Without case numbers a row is a case of its own: it is known by its place. No case number begins with a NUL. */
static void derive_key(const struct batch_maker *maker, const struct case_row *row, unsigned char key[PSEUDONYM_BYTES])
{
    struct slice name = row->case_id;
    char place[48];
    if (!maker->has_case_ids) {
        int length = snprintf(place, sizeof place, "%c%" PRId64 ":%" PRIu64, '\0', maker->file, row->line);
        name = (struct slice){ place, (size_t)length };
    }
    pseudonym_derive(maker->store->cases, maker->case_domain, name, key);
}

void batch_add(struct batch *batch, struct batch_maker *maker, const struct case_row *row)
{
    struct batch_row *out = &batch->rows[batch->count];
    BUG_ON(batch->count >= BATCH_ROWS);
    if (row->state == CASE_REJECTED && row->case_id.length == 0)
        return;
    *out = (struct batch_row){ .version = version_of(maker, row), .closed_day = row->closed_day,
                               .opened_day = row->has_opened && maker->keeps_opened ? row->opened_day : BATCH_NO_DAY,
                               .line = (uint32_t)row->line, .state = BATCH_STORE };
    derive_key(maker, row, out->key);
    if (row->state == CASE_REJECTED) {
        out->state = BATCH_SEEN;
    } else if (row->state == CASE_OPEN || row->closed_day < maker->oldest_day) {
        out->state = BATCH_LEAVE;
        out->past_term = row->state == CASE_CLOSED;
    } else {
        add_identifiers(batch, maker, row);
        add_values(batch, maker, row);
        add_opt_ins(batch, row);
    }
    batch->count++;
}

void batch_finish(struct batch *batch)
{
    size_t slots = batch->table->source->identifier_count;
    for (size_t row = 0; row < batch->count; row++) {
        batch->key_order[row] = sort_key_of(batch->rows[row].key, (uint32_t)row);
        for (size_t at = row * slots; at < (row + 1) * slots && batch->rows[row].state == BATCH_STORE; at++)
            if (batch->identifiers[at].length)
                batch->identifier_order[batch->identifier_count++] =
                    sort_key_of(batch->identifiers[at].pseudonym, (uint32_t)at);
    }
    sort_keys(batch->key_order, batch->count);
    sort_keys(batch->identifier_order, batch->identifier_count);
}
