#include "stats/protection_rows.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

static void grow(struct period_rows *period)
{
    period->capacity = period->capacity ? period->capacity * 2 : 1024;
    period->nodes = mem_resize(period->nodes, period->capacity * period->dimensions, sizeof *period->nodes);
    period->person = mem_resize(period->person, period->capacity, sizeof *period->person);
    period->amount = mem_resize(period->amount, period->capacity, sizeof *period->amount);
    period->value = mem_resize(period->value, period->capacity, sizeof *period->value);
}

static void take_row(struct period_rows *period, const struct rows *rows, size_t r, int64_t value)
{
    if (period->count == period->capacity)
        grow(period);
    memcpy(period->nodes + period->count * period->dimensions, rows->nodes + r * period->dimensions,
           period->dimensions * sizeof *period->nodes);
    period->value[period->count] = value;
    period->person[period->count++] = period->persons - 1;
}

static int64_t part_of(const struct layer *layer, int64_t value)
{
    bool inside = value >= layer->lowest && value <= layer->highest;
    switch (layer->part) {
    case LAYER_VALUE:
    case LAYER_AS_IT_IS:
    case LAYER_SQUARE: /* by scale_amounts() */
        return value;
    case LAYER_ABOVE_LOWEST:
        return value - layer->lowest;
    case LAYER_BELOW_HIGHEST:
        return layer->highest - value;
    case LAYER_INSIDE:
        return inside;
    case LAYER_OUTSIDE:
        return !inside;
    }
    BUG("a layer is of part %d", (int)layer->part);
}

static int read_part(struct period_rows *period, const struct row_source *source, void *reader, const struct period_choice *choice,
                     struct err *err)
{
    struct rows rows;
    int64_t last = INT64_MIN;
    int code;
    while ((code = source->next(reader, &rows, err)) == 1)
        for (size_t r = 0; r < rows.count; r++) {
            int64_t value = choice->layer.measure == NO_MEASURE ? 0 : rows.values[r * source->measures + choice->layer.measure];
            bool here = choice->dimension == PERIOD_ANY || rows.nodes[r * period->dimensions + choice->dimension] == choice->node;
            if (!here || (value == ROWS_NO_VALUE && choice->layer.part != LAYER_AS_IT_IS))
                continue;
            if (rows.person[r] != last)
                period->persons++;
            last = rows.person[r];
            take_row(period, &rows, r, choice->layer.amounts ? part_of(&choice->layer, value) : 0);
        }
    return code;
}

/* In units of about the millionth part of the greatest value, so that their sum fits. */
static void square_values(struct period_rows *period)
{
    enum { MOST = 1000000 };
    int64_t greatest = 0;
    for (size_t r = 0; r < period->count; r++)
        greatest = period->value[r] > greatest ? period->value[r] : greatest;
    const int64_t unit = greatest / MOST + 1;
    for (size_t r = 0; r < period->count; r++) {
        int64_t value = period->value[r] / unit + (period->value[r] % unit != 0);
        period->value[r] = value * value;
    }
}

static bool has_units(const struct layer *layer)
{
    return layer->part == LAYER_VALUE || layer->part == LAYER_SQUARE;
}

static void scale_amounts(struct period_rows *period, const struct layer *layer)
{
    int64_t total = 0;
    for (size_t r = 0; r < period->count; r++) {
        period->negative = period->negative || period->value[r] < 0;
        period->value[r] = period->value[r] < 0 ? -period->value[r] : period->value[r];
    }
    if (layer->part == LAYER_SQUARE)
        square_values(period);
    for (size_t r = 0; r < period->count; r++)
        total = total > INT64_MAX - period->value[r] ? INT64_MAX : total + period->value[r];
    int64_t unit = has_units(layer) ? total / PERIOD_AMOUNTS + 1 : 1;
    for (size_t r = 0; r < period->count; r++)
        period->amount[r] = layer->amounts ? (uint32_t)(period->value[r] / unit + (period->value[r] % unit != 0)) : 1;
}

int period_rows_read(struct period_rows *period, const struct row_source *source, const struct period_choice *choice, struct err *err)
{
    void *reader = NULL;
    period->count = period->persons = 0;
    period->negative = false;
    int code = source->open(source, &reader, err);
    if (code)
        return code;
    for (size_t part = 0; part < source->parts && !code; part++) {
        code = source->seek(reader, part, err);
        if (!code)
            code = read_part(period, source, reader, choice, err);
    }
    source->close(reader);
    if (choice->layer.part != LAYER_AS_IT_IS)
        scale_amounts(period, &choice->layer);
    return code;
}

void period_rows_release(struct period_rows *period)
{
    free(period->nodes);
    free(period->person);
    free(period->amount);
    free(period->value);
}

static void mark_path(struct codes *codes, const struct dimension *dimension, uint32_t node)
{
    for (; codes->code_of[node] == CROSS_NOT_HERE; node = dimension->nodes[node].parent)
        codes->code_of[node] = 0;
}

static void number_codes(struct codes *codes, const struct dimension *dimension)
{
    codes->node_of = mem_alloc(dimension->count * sizeof *codes->node_of);
    codes->parent = mem_zalloc(dimension->count, sizeof *codes->parent);
    codes->leaf = mem_zalloc(dimension->count, sizeof *codes->leaf);
    for (uint32_t node = 0; node < dimension->count; node++) {
        if (codes->code_of[node] == CROSS_NOT_HERE)
            continue;
        uint32_t code = codes->count++;
        codes->code_of[node] = code;
        codes->node_of[code] = node;
        codes->parent[code] = codes->code_of[dimension->nodes[node].parent];
        codes->leaf[code] = dimension->nodes[node].level == dimension->levels;
    }
    codes->axis.parent = codes->parent;
}

void codes_find(struct codes *codes, const struct dimension *dimension, const struct period_rows *period, size_t d)
{
    *codes = (struct codes) { .code_of = mem_alloc(dimension->count * sizeof *codes->code_of) };
    for (uint32_t node = 0; node < dimension->count; node++)
        codes->code_of[node] = CROSS_NOT_HERE;
    codes->code_of[0] = 0;
    for (size_t r = 0; r < period->count; r++)
        mark_path(codes, dimension, period->nodes[r * period->dimensions + d]);
    number_codes(codes, dimension);
}

void codes_release(struct codes *codes)
{
    free(codes->code_of);
    free(codes->node_of);
    free(codes->parent);
    free(codes->leaf);
    *codes = (struct codes) { 0 };
}
