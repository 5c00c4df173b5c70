#include <string.h>

#include "etl/map_build.h"

static bool has_address(const struct case_row *row, const struct case_identifier *identifiers, const struct source_identifier *address)
{
    for (size_t i = 0; i < row->identifier_count; i++)
        if (identifiers[i].identifier == address)
            return true;
    return false;
}

static enum case_word read_word(const struct mapper *mapper, const struct source_opt_in *opt_in, int column)
{
    struct slice cell = map_cell(mapper, column);
    if (map_is_one_of(cell, opt_in->values, opt_in->value_count))
        return CASE_SAYS_YES;
    return map_is_one_of(cell, opt_in->withdrawn, opt_in->withdrawn_count) ? CASE_SAYS_NO_LONGER : CASE_SAYS_NOTHING;
}

/* When it was said: nothing is declared in the future. */
static bool read_stated_at(struct mapper *mapper, int column, int64_t *stated_at)
{
    struct map_time given = { 0 };
    if (!map_read_time(mapper, column, &given))
        return false;
    const struct map_time *time = given.present ? &given : mapper->updated.present ? &mapper->updated : &mapper->closed;
    *stated_at = time->read.instant < mapper->now ? time->read.instant : mapper->now;
    return true;
}

enum { TAG_BYTES_MAX = 35, COUNTRY_BYTES_MAX = 64 };

/* A tag that is longer than any is none. */
static struct slice read_tag(const struct mapper *mapper, int column)
{
    struct slice cell = map_cell(mapper, column);
    return cell.length <= TAG_BYTES_MAX ? cell : (struct slice){ NULL, 0 };
}

/* What is no code is one that nobody understands, which is not the same as none. */
static struct slice read_country(const struct mapper *mapper, int column)
{
    struct slice cell = map_cell(mapper, column);
    return (struct slice){ cell.text, cell.length < COUNTRY_BYTES_MAX ? cell.length : COUNTRY_BYTES_MAX };
}

bool map_read_opt_ins(struct mapper *mapper, struct case_row *row)
{
    const struct source *source = mapper->source;
    for (size_t i = 0; i < source->opt_in_count; i++) {
        const struct source_opt_in *opt_in = &source->opt_ins[i];
        struct case_opt_in *out = &mapper->row_opt_ins[row->opt_in_count];
        if (!has_address(row, mapper->row_identifiers, opt_in->address))
            continue;
        out->opt_in = opt_in;
        out->word = read_word(mapper, opt_in, mapper->opt_ins[i].column);
        if (!read_stated_at(mapper, mapper->opt_ins[i].given_at, &out->stated_at))
            return false;
        row->opt_in_count++;
    }
    row->opt_ins = mapper->row_opt_ins;
    if (row->opt_in_count) {
        row->language = read_tag(mapper, mapper->language);
        row->country = read_country(mapper, mapper->country);
    }
    return true;
}
