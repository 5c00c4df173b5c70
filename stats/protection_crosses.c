/* Which tables are protected together, and which crosses of dimensions their cells lie in. */
#include "stats/protection_work.h"

static void add_face(struct work *work, size_t t)
{
    const struct cube_table_plan *plan = &work->cube->plan->tables[t];
    struct face *face = &work->faces[work->face_count++];
    *face = (struct face) { .table = t };
    if (work->axis != NO_AXIS)
        face->dimensions[face->count++] = work->axis;
    for (size_t d = 1; d < plan->dimension_count; d++)
        face->dimensions[face->count++] = plan->dimensions[d];
}

static bool is_within(const struct face *face, const struct face *other)
{
    size_t found = 0;
    for (size_t d = 0; d < face->count; d++)
        for (size_t o = 0; o < other->count; o++)
            found += face->dimensions[d] == other->dimensions[o];
    return found == face->count;
}

/* The face whose dimensions become the cross: one that is within no other, the first of equals. */
static size_t find_owner(const struct work *work, size_t f)
{
    size_t owner = f;
    for (size_t o = 0; o < work->face_count; o++) {
        bool within = is_within(&work->faces[owner], &work->faces[o]), equal = within && is_within(&work->faces[o], &work->faces[owner]);
        if (within && (!equal || o < owner))
            owner = o;
    }
    return owner;
}

/* A cross for each set of dimensions that is in no other's. */
static int make_crosses(struct work *work, struct err *err)
{
    for (size_t f = 0; f < work->face_count; f++) {
        struct face *face = &work->faces[f], *owner = &work->faces[find_owner(work, f)];
        if (owner != face)
            continue;
        if (work->table_count == PROTECT_MAX_TABLES)
            return err_set(err, ERR_CONFIG, "more than %d tables of one source can not be protected together", PROTECT_MAX_TABLES);
        face->cross = work->table_count;
        work->tables[work->table_count++] = (struct protection_table) { .dimensions = face->dimensions, .count = face->count };
    }
    for (size_t f = 0; f < work->face_count; f++)
        work->faces[f].cross = work->faces[find_owner(work, f)].cross;
    if (links_are_tree(work->tables, work->table_count))
        return 0;
    return err_set(err, ERR_CONFIG,
                   "the tables' shared dimensions form a cycle (as A by B, B by C, C by A), which cannot be protected: leave one out, or "
                   "make one table of all their dimensions");
}

/* The tables by the period dimension; with an axis of periods all of them. True: some of them are to be protected only. */
static bool gather_faces(struct work *work, size_t dimension)
{
    bool left = false;
    work->table_count = work->face_count = 0;
    for (size_t t = 0; t < work->cube->plan->table_count; t++)
        if (work->axis != NO_AXIS || work->cube->plan->tables[t].dimensions[0] == dimension) {
            left |= work->patterns[t].protect_only;
            if (!work->asked_only || !work->patterns[t].protect_only)
                add_face(work, t);
        }
    return left && !work->asked_only;
}

int protection_gather(struct work *work, size_t dimension, struct err *err)
{
    struct err failure = { 0 };
    bool more = gather_faces(work, dimension);
    int code = make_crosses(work, more ? &failure : err);
    if (!code || !more)
        return code;
    work->asked_only = true;
    gather_faces(work, dimension);
    return make_crosses(work, err);
}

bool protection_leave_out(struct work *work, uint32_t period)
{
    bool left = false;
    for (size_t f = 0; f < work->face_count; f++)
        left |= work->patterns[work->faces[f].table].protect_only;
    if (!left)
        return false;
    protection_tell_left_out(work, period);
    work->asked_only = true;
    return true;
}
