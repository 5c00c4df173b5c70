/* The identifiers of one batch, each once: what identity.c, identity_find.c and identity_link.c work on. */
#ifndef ETL_IDENTITY_NODE_H
#define ETL_IDENTITY_NODE_H

#include "core/db_rows.h"
#include "etl/identity.h"
#include "etl/person_move.h"

struct node {
    unsigned char pseudonym[PSEUDONYM_BYTES];
    unsigned char masked[PSEUDONYM_BYTES]; /* of a new one: its objection hash, masked */
    int64_t number, person;                /* person 0: new, or set aside */
    int64_t kind;
    uint32_t first;                        /* where it stands first: row × identifiers + slot */
    uint32_t parent;                       /* union-find */
    int32_t last_day;                      /* latest closing in the batch */
    bool is_new, set_aside;
};

struct identity {
    const struct store *store;
    const struct case_table *table;
    struct store_counters *counters;
    struct person_move *move;
    struct stmt *find, *find_all, *add_all, *rekey, *add_link, *count_links, *drop_links, *set_aside;
    uint32_t epochs[PSEUDONYM_MAX_EPOCHS]; /* live ones, ascending; the last is the store's */
    size_t epoch_count;
    struct strbuf *kind_names;             /* per identifier of the source */
    struct identity_counts counts;
    struct identity_set_aside shown[IDENTITY_SHOWN];

    /* of the batch */
    const struct batch *batch;
    const bool *skip;
    struct node *nodes;                    /* by pseudonym */
    uint32_t *new_nodes;                   /* those that are new, by pseudonym; see write_new() */
    int64_t *owner;                        /* per node: the person, where it is the root of a class */
    size_t node_count, node_capacity;
    uint32_t *node_of;                     /* per row and slot: index of the node + 1, 0: none */
    int64_t *person, *numbers;             /* the result */
    int64_t *moved;
    size_t moved_count, moved_capacity;
};

/* identity_find.c: makes the nodes of the batch and looks them up; new ones get a number. */
int identity_find_nodes(struct identity *identity, struct err *err);
/* Reads again who owns the nodes that belonged to `person`. */
int identity_find_again(struct identity *identity, int64_t person, struct err *err);

/* identity_link.c: adds the links of the batch; nodes that turn out to join too many are set aside and what they joined comes
 * apart. */
int identity_add_links(struct identity *identity, struct err *err);

void identity_note_moved(struct identity *identity, int64_t person);

#endif
