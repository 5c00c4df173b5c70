#include "etl/bands.h"

#include <inttypes.h>
#include <string.h>

#include "core/strbuf.h"
#include "etl/decimal.h"

static int count_decimals(const char *text)
{
    const char *point = strchr(text, '.');
    return point ? (int)strlen(point + 1) : 0;
}

static int most_decimals(struct config *config, const struct config_node *list)
{
    int most = 0;
    CONFIG_EACH(edge, list) {
        int decimals = edge->kind == CONFIG_SCALAR ? count_decimals(edge->value) : 0;
        if (decimals > DECIMAL_MAX_DECIMALS)
            config_problem(config, edge, "this edge of a band has %d decimals; expected at most %d", decimals,
                           DECIMAL_MAX_DECIMALS);
        else if (decimals > most)
            most = decimals;
    }
    return most;
}

static size_t read_edges(struct config *config, const struct config_node *list, int decimals, int64_t *edges)
{
    const struct decimal_format format = { '.', decimals, DECIMAL_FLOOR };
    size_t count = 0;
    CONFIG_EACH(edge, list) {
        int64_t value;
        if (edge->kind != CONFIG_SCALAR)
            continue;
        if (!decimal_read((struct slice){ edge->value, strlen(edge->value) }, &format, &value, NULL))
            config_problem(config, edge,
                           "this edge of a band cannot be used; expected a plain number such as 18 or 0.5");
        else if (count && value <= edges[count - 1])
            config_problem(config, edge, "the edges of bands must ascend; this one is not above the one before");
        else
            edges[count++] = value;
    }
    return count;
}

static void add_edge(struct strbuf *out, int64_t edge, int decimals)
{
    int64_t power = decimal_power(decimals);
    uint64_t size = edge < 0 ? 0 - (uint64_t)edge : (uint64_t)edge;
    strbuf_addf(out, "%s%" PRIu64, edge < 0 ? "-" : "", size / (uint64_t)power);
    uint64_t fraction = size % (uint64_t)power;
    if (!fraction)
        return;
    int digits = decimals;
    for (; fraction % 10 == 0; digits--)
        fraction /= 10;
    strbuf_addf(out, ".%0*" PRIu64, digits, fraction);
}

static void describe(struct strbuf *out, const struct source_bands *bands, size_t i)
{
    const int64_t *edges = bands->edges;
    strbuf_clear(out);
    if (bands->count == 0) {
        strbuf_adds(out, "all");
    } else if (i == 0) {
        strbuf_adds(out, "under ");
        add_edge(out, edges[0], bands->decimals);
    } else if (i == bands->count) {
        add_edge(out, edges[i - 1], bands->decimals);
        strbuf_addc(out, '+');
    } else if (bands->decimals == 0 && edges[i - 1] >= 0) {
        add_edge(out, edges[i - 1], 0);
        if (edges[i] - 1 > edges[i - 1])
            strbuf_addf(out, "-%" PRId64, edges[i] - 1);
    } else {
        add_edge(out, edges[i - 1], bands->decimals);
        strbuf_adds(out, " to under ");
        add_edge(out, edges[i], bands->decimals);
    }
}

const struct source_bands *bands_compile(struct arena *arena, struct config *config, const struct config_node *list)
{
    struct source_bands *bands = arena_alloc(arena, sizeof *bands);
    size_t most = list ? list->count : 0;
    int64_t *edges = arena_alloc(arena, (most + 1) * sizeof *edges);
    bands->decimals = most_decimals(config, list);
    bands->count = read_edges(config, list, bands->decimals, edges);
    bands->edges = edges;
    struct case_label *labels = arena_alloc(arena, (bands->count + 1) * sizeof *labels);
    struct strbuf text = { 0 };
    for (size_t i = 0; i <= bands->count; i++) {
        describe(&text, bands, i);
        labels[i].text = (struct slice){ arena_strndup(arena, text.text, text.length), text.length };
        labels[i].named = true;
        labels[i].position = (int32_t)i;
    }
    strbuf_release(&text);
    bands->labels = labels;
    return bands;
}

size_t bands_find(const struct source_bands *bands, int64_t scaled)
{
    size_t i = 0;
    while (i < bands->count && bands->edges[i] <= scaled)
        i++;
    return i;
}
