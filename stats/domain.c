#include "stats/domain.h"

#include <stdlib.h>
#include <string.h>

void tree_init(struct tree *tree)
{
    *tree = (struct tree){ 0 };
    arena_init(&tree->arena, false);
    MEM_GROW(tree->entries, tree->count, tree->capacity);
    tree->entries[tree->count++] = (struct tree_entry){ .label = DOMAIN_TOTAL_LABEL };
}

void tree_release(struct tree *tree)
{
    arena_release(&tree->arena);
    free(tree->entries);
    free(tree->slots);
    *tree = (struct tree){ 0 };
}

/* FNV-1a, 64 bits. */
static size_t hash(uint32_t parent, const char *label)
{
    uint64_t value = UINT64_C(14695981039346656037) ^ parent;
    for (const char *c = label; *c; c++)
        value = (value ^ (unsigned char)*c) * UINT64_C(1099511628211);
    return (size_t)(value ^ (value >> 32));
}

static size_t find_slot(const struct tree *tree, uint32_t parent, const char *label)
{
    size_t slot = hash(parent, label) & tree->mask;
    for (; tree->slots[slot]; slot = (slot + 1) & tree->mask) {
        const struct tree_entry *entry = &tree->entries[tree->slots[slot]];
        if (entry->parent == parent && !strcmp(entry->label, label))
            break;
    }
    return slot;
}

static void rehash(struct tree *tree)
{
    size_t slots = tree->slots ? (tree->mask + 1) * 2 : 64;
    free(tree->slots);
    tree->slots = mem_zalloc(slots, sizeof *tree->slots);
    tree->mask = slots - 1;
    for (uint32_t e = 1; e < tree->count; e++)
        tree->slots[find_slot(tree, tree->entries[e].parent, tree->entries[e].label)] = e;
}

uint32_t tree_add(struct tree *tree, uint32_t parent, const char *label, int64_t position, bool named)
{
    if (tree->count * 2 > tree->mask)
        rehash(tree);
    size_t slot = find_slot(tree, parent, label);
    uint32_t found = tree->slots[slot];
    if (found) {
        tree->entries[found].named |= named;
        return found;
    }
    MEM_GROW(tree->entries, tree->count, tree->capacity);
    tree->entries[tree->count] = (struct tree_entry){
        .label = arena_strdup(&tree->arena, label),
        .parent = parent,
        .level = tree->entries[parent].level + 1,
        .position = position,
        .named = named,
    };
    tree->slots[slot] = (uint32_t)tree->count;
    return (uint32_t)tree->count++;
}

static bool is_reserved(const char *label)
{
    return !strcmp(label, DOMAIN_TOTAL_LABEL) || !strcmp(label, DOMAIN_WITHHELD_LABEL);
}

void tree_merge_rare(const struct tree *tree, const uint64_t *persons, uint64_t k, struct tree *out, uint32_t *image)
{
    tree_init(out);
    image[TREE_ROOT] = TREE_ROOT;
    for (size_t e = 1; e < tree->count; e++) {
        const struct tree_entry *entry = &tree->entries[e];
        uint32_t parent = image[entry->parent];
        if ((entry->named || persons[e] >= k) && !is_reserved(entry->label))
            image[e] = tree_add(out, parent, entry->label, entry->position, entry->named);
        else
            image[e] = tree_add(out, parent, DOMAIN_OTHER_LABEL, TREE_BY_LABEL, true);
    }
}

struct order {
    const struct tree_entry *entry;
    uint32_t index;
};

static int compare_siblings(const void *a, const void *b)
{
    const struct tree_entry *left = ((const struct order *)a)->entry, *right = ((const struct order *)b)->entry;
    if (left->parent != right->parent)
        return left->parent < right->parent ? -1 : 1;
    if (left->position != right->position)
        return left->position < right->position ? -1 : 1;
    return strcmp(left->label, right->label);
}

struct numbering {
    const struct order *order; /* sorted by parent, then among siblings */
    const size_t *first;       /* per entry, and one past the last: its children in `order` */
    struct domain_node *nodes;
    uint32_t *node_of;
    uint32_t next;
};

/* The depth of the recursion is that of the hierarchy. */
static void number_subtree(struct numbering *numbering, uint32_t entry, uint32_t parent_node)
{
    for (size_t i = numbering->first[entry]; i < numbering->first[entry + 1]; i++) {
        const struct order *child = &numbering->order[i];
        uint32_t node = numbering->next++;
        numbering->node_of[child->index] = node;
        numbering->nodes[node] =
            (struct domain_node){ .label = child->entry->label, .parent = parent_node, .level = child->entry->level };
        number_subtree(numbering, child->index, node);
        numbering->nodes[node].last = numbering->next - 1;
    }
}

static struct order *sort_entries(const struct tree *tree)
{
    struct order *order = mem_alloc(tree->count * sizeof *order);
    for (uint32_t e = 1; e < tree->count; e++)
        order[e - 1] = (struct order){ &tree->entries[e], e };
    qsort(order, tree->count - 1, sizeof *order, compare_siblings);
    return order;
}

static size_t *find_children(const struct tree *tree)
{
    size_t *first = mem_zalloc(tree->count + 1, sizeof *first);
    for (size_t e = 1; e < tree->count; e++)
        first[tree->entries[e].parent + 1]++;
    for (size_t e = 0; e < tree->count; e++)
        first[e + 1] += first[e];
    return first;
}

void tree_finish(const struct tree *tree, struct arena *arena, struct dimension *dimension, uint32_t *node_of)
{
    struct domain_node *nodes = arena_alloc(arena, tree->count * sizeof *nodes);
    struct order *order = sort_entries(tree);
    size_t *first = find_children(tree);
    struct numbering numbering = { .order = order, .first = first, .nodes = nodes, .node_of = node_of, .next = 1 };
    node_of[TREE_ROOT] = 0;
    nodes[0] = (struct domain_node){ .label = DOMAIN_TOTAL_LABEL, .last = (uint32_t)tree->count - 1 };
    number_subtree(&numbering, TREE_ROOT, 0);
    for (size_t n = 1; n < tree->count; n++)
        nodes[n].label = arena_strdup(arena, nodes[n].label);
    dimension->nodes = nodes;
    dimension->count = (uint32_t)tree->count;
    free(order);
    free(first);
}
