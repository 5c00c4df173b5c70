#include "stats/layout.h"

#include "core/err.h"

static unsigned bits_for(uint32_t count)
{
    unsigned bits = 1;
    while (bits < 32 && (UINT64_C(1) << bits) < count)
        bits++;
    return bits;
}

static bool add_dimension(struct layout *layout, size_t d, const struct dimension *dimension, unsigned *total_bits)
{
    unsigned bits = bits_for(dimension->count);
    layout->dimension[d] = dimension;
    layout->shift[d] = *total_bits;
    layout->mask[d] = (UINT64_C(1) << bits) - 1;
    *total_bits += bits;
    return *total_bits <= 128;
}

bool layout_init(struct layout *layout, const struct dimension *const *dimensions, size_t count, bool margins)
{
    BUG_ON(count == 0 || count > LAYOUT_MAX_DIMENSIONS);
    unsigned bits = 0;
    *layout = (struct layout){ .dimensions = count, .ancestors = 1 };
    for (size_t d = count; d-- > 0;)
        if (!add_dimension(layout, d, dimensions[d], &bits))
            return false;
    for (size_t d = 1; margins && d < count; d++) {
        layout->ancestors *= dimensions[d]->levels + 1;
        if (layout->ancestors > LAYOUT_MAX_ANCESTORS)
            return false;
    }
    return true;
}

cell_key layout_with(const struct layout *layout, cell_key key, size_t d, uint32_t node)
{
    return key - layout_part(layout, d, layout_node(layout, key, d)) + layout_part(layout, d, node);
}

size_t layout_ancestors(const struct layout *layout, cell_key key, cell_key *out)
{
    size_t count = 1;
    out[0] = key;
    if (layout->ancestors == 1)
        return 1;
    for (size_t d = 1; d < layout->dimensions; d++) {
        const struct domain_node *nodes = layout->dimension[d]->nodes;
        size_t below = count;
        for (uint32_t node = layout_node(layout, key, d); node;) {
            node = nodes[node].parent;
            for (size_t i = 0; i < below; i++)
                out[count++] = layout_with(layout, out[i], d, node);
        }
    }
    return count;
}
