#include "stats/outsider/bounds.h"

#include <math.h>
#include <stdlib.h>

#include "core/mem.h"

enum { VISITS_PER_EQUATION = 100 };
static const double ROUNDING = 1e-9; /* of sums, relative: far above what a few hundred additions lose */

void bounds_init(struct bounds *bounds, size_t count, bool whole, double low, double high)
{
    *bounds = (struct bounds){ .count = count, .whole = whole };
    bounds->low = mem_zalloc(count, sizeof *bounds->low);
    bounds->high = mem_zalloc(count, sizeof *bounds->high);
    bounds->given = mem_zalloc(count, sizeof *bounds->given);
    for (size_t c = 0; c < count; c++) {
        bounds->low[c] = low;
        bounds->high[c] = high;
    }
}

void bounds_release(struct bounds *bounds)
{
    free(bounds->low);
    free(bounds->high);
    free(bounds->given);
    *bounds = (struct bounds){ 0 };
}

bool bounds_fixed(const struct bounds *bounds, uint32_t cell)
{
    return bounds->low[cell] == bounds->high[cell];
}

/* Equations to look at again, first in, first out. */
struct queue {
    size_t *items, capacity, first, count;
    bool *waiting;
};

static void queue_add(struct queue *queue, size_t equation)
{
    if (queue->waiting[equation])
        return;
    queue->waiting[equation] = true;
    queue->items[(queue->first + queue->count++) % queue->capacity] = equation;
}

static size_t queue_take(struct queue *queue)
{
    size_t equation = queue->items[queue->first];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->count--;
    queue->waiting[equation] = false;
    return equation;
}

struct propagation {
    struct bounds *bounds;
    const struct lattice *lattice;
    struct queue queue;
};

static void requeue(struct propagation *propagation, uint32_t cell)
{
    const struct lattice *lattice = propagation->lattice;
    for (size_t e = lattice->first_equation[cell]; e < lattice->first_equation[cell + 1]; e++)
        queue_add(&propagation->queue, e);
    for (size_t u = lattice->first_use[cell]; u < lattice->first_use[cell + 1]; u++)
        queue_add(&propagation->queue, lattice->uses[u]);
}

/* Puts the cell within [low, high]; false if that leaves nothing. */
static bool narrow(struct propagation *propagation, uint32_t cell, double low, double high)
{
    struct bounds *bounds = propagation->bounds;
    double least = 0; /* the least gain worth another round */
    if (!bounds->whole) {
        low -= ROUNDING * (1 + fabs(low));
        high += ROUNDING * (1 + fabs(high));
        double size = fmin(fabs(bounds->low[cell]), fabs(bounds->high[cell]));
        least = isinf(size) ? 0 : 1e-6 * (1 + size);
    }
    if (low > bounds->high[cell] || high < bounds->low[cell])
        return false;
    bool changed = false;
    if (low > bounds->low[cell] + least) {
        bounds->low[cell] = low;
        changed = true;
    }
    if (high < bounds->high[cell] - least) {
        bounds->high[cell] = high;
        changed = true;
    }
    if (changed)
        requeue(propagation, cell);
    return true;
}

/* A sum in which infinite terms are counted, so that one can be taken out again. */
struct extent {
    double sum;
    size_t infinite;
};

static void extent_add(struct extent *extent, double value)
{
    if (isinf(value))
        extent->infinite++;
    else
        extent->sum += value;
}

static double extent_without(struct extent extent, double value, double infinity)
{
    size_t others = extent.infinite - (isinf(value) ? 1 : 0);
    return others ? infinity : isinf(value) ? extent.sum : extent.sum - value;
}

static bool visit(struct propagation *propagation, const struct lattice_equation *equation)
{
    struct bounds *bounds = propagation->bounds;
    const uint32_t *parts = &propagation->lattice->parts[equation->first];
    struct extent low = { 0 }, high = { 0 };
    for (size_t i = 0; i < equation->count; i++) {
        extent_add(&low, bounds->low[parts[i]]);
        extent_add(&high, bounds->high[parts[i]]);
    }
    if (!narrow(propagation, equation->whole, low.infinite ? -INFINITY : low.sum, high.infinite ? INFINITY : high.sum))
        return false;
    double whole_low = bounds->low[equation->whole], whole_high = bounds->high[equation->whole];
    for (size_t i = 0; i < equation->count; i++) {
        uint32_t part = parts[i];
        double others_low = extent_without(low, bounds->low[part], -INFINITY);
        double others_high = extent_without(high, bounds->high[part], INFINITY);
        if (!narrow(propagation, part, whole_low - others_high, whole_high - others_low))
            return false;
    }
    return true;
}

size_t bounds_propagate(struct bounds *bounds, const struct lattice *lattice)
{
    size_t equations = lattice->equation_count, wrong = BOUNDS_CONSISTENT;
    struct propagation propagation = { .bounds = bounds, .lattice = lattice };
    propagation.queue.capacity = equations + 1;
    propagation.queue.items = mem_zalloc(equations + 1, sizeof(size_t));
    propagation.queue.waiting = mem_zalloc(equations + 1, sizeof(bool));
    for (size_t e = 0; e < equations; e++)
        queue_add(&propagation.queue, e);
    for (size_t left = equations * VISITS_PER_EQUATION; left > 0 && propagation.queue.count > 0; left--) {
        size_t e = queue_take(&propagation.queue);
        if (visit(&propagation, &lattice->equations[e]))
            continue;
        wrong = e;
        break;
    }
    free(propagation.queue.items);
    free(propagation.queue.waiting);
    return wrong;
}
