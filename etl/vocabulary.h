/* From the cells of a category dimension to its labels: blanks folded, NFC, case folded, renamed, then looked up in the
 * allow-list or the hierarchy. What cannot be a label (too long, control characters, a reserved word such as
 * "(total)") becomes "(other)": free text is not kept. */
#ifndef ETL_VOCABULARY_H
#define ETL_VOCABULARY_H

#include "core/config.h"
#include "core/mem.h"
#include "core/strbuf.h"
#include "etl/case_row.h"
#include "etl/source.h"
#include "etl/text_map.h"

enum { SOURCE_MAX_LEVELS = 8, LABEL_MAX_BYTES = 160 };

struct source_vocabulary {
    enum source_case fold;
    size_t level_count;
    bool has_allow, has_hierarchy;
    struct text_map entries;            /* folded text, allowed or renamed → struct vocabulary_entry */
    struct text_map leaves;             /* folded leaf → struct case_label[level_count] */
    struct slice missing;               /* the label of a missing value */
    unsigned char hierarchy_digest[32]; /* BLAKE2b-256 of the file, zeros without one */
};

struct vocabulary_entry {
    struct slice label; /* as configured */
    struct slice key;   /* its folded form */
};

/* Buffers of one resolution; zeroed at first, reused, then vocabulary_work_release(). */
struct vocabulary_work {
    struct case_label labels[SOURCE_MAX_LEVELS];
    bool not_allowed, unknown_in_hierarchy;
    struct strbuf texts[SOURCE_MAX_LEVELS], spare;
};

/* Fills work->labels for the cells: one per level, or the one leaf of a hierarchy. Cells are trimmed; a cell without text (NULL)
 * is missing. The labels live until the next call with the same work. */
void vocabulary_resolve(const struct source_vocabulary *vocabulary, const struct slice *cells,
                        struct vocabulary_work *work);
void vocabulary_work_release(struct vocabulary_work *work); /* wipes */

/* Puts the folded form of a text into `out`; false if it is not UTF-8. */
bool vocabulary_fold(enum source_case fold, struct slice text, struct strbuf *spare, struct strbuf *out);
bool vocabulary_is_label(struct slice text);
struct slice vocabulary_fold_text(enum source_case fold, struct arena *arena, struct slice text); /* into the arena */

/* ---- compiling ---- */

/* Reads `rename` and `allow` of the dimension's node; problems go to the configuration. */
void vocabulary_compile(struct source_vocabulary *vocabulary, struct arena *arena, struct config *config,
                        const struct config_node *dimension);
void vocabulary_release(struct source_vocabulary *vocabulary); /* NULL is fine */

/* Reads the file `hierarchy: FILE` (header child,parent) into vocabulary->leaves. A leaf, which is no other entry's parent,
 * needs level_count - 1 ancestors; an entry that is its own parent has the same label one level up. */
void hierarchy_compile(struct source_vocabulary *vocabulary, struct arena *arena, struct config *config,
                       const struct config_node *file, const char *folder);

extern const struct slice label_other; /* "(other)" */

#endif
