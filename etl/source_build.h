/* The inside of sources_compile(), for etl/source_*.c alone. */
#ifndef ETL_SOURCE_BUILD_H
#define ETL_SOURCE_BUILD_H

#include "core/mem.h"
#include "etl/source.h"

struct source_build {
    struct config *config;
    struct arena *arena;
    const char *folder;
    size_t controller_count;
    struct source *source; /* the one in work; its consents and times are there */
};

const char *const *source_build_list(struct source_build *build, const struct config_node *node, size_t *count);
/* The place of the text at `path` in a NULL-ended list of names; `fallback` if it is none of them. */
int source_build_choice(const struct config_node *node, const char *path, const char *const *names, int fallback);
enum source_rule build_rule(const struct config_node *node, const char *path, enum source_rule fallback);

/* From and to of `duration`; problems if the source lacks a time. */
void build_duration(struct source_build *build, const struct config_node *node, struct source_time ends[2]);
/* Seconds in one `unit`, `days` if there is no such key; 0 for any other text. */
int64_t build_unit_seconds(const struct config_node *node);
/* The consent of `needs_consent`, or NULL. */
const struct source_consent *build_consent(struct source_build *build, const struct config_node *node);
/* A problem if a column that dimensions and measures show is one that must never be shown (identifier, case number). */
void build_check_shown(struct source_build *build, const struct config_node *column);

/* personal_data and person; identifiers, with `country` as the workspace's, and those of before; consents. */
void build_person(struct source_build *build, const struct config_node *node);
void build_identifiers(struct source_build *build, const struct config_node *node, const char *country);
void build_retired(struct source_build *build, const struct config_node *node);
void build_consents(struct source_build *build, const struct config_node *node);

/* Flags of surveys. Identifiers and `controller` are there. */
void build_opt_ins(struct source_build *build, const struct config_node *node);

void build_dimensions(struct source_build *build, const struct config_node *node);
void build_measures(struct source_build *build, const struct config_node *node);

#endif
