/* What tables need to know of a source's dimensions and measures, read from the configuration: statistics
 * meet the readers in the database and here, never by header. And the names of a table's columns. */
#ifndef STATS_TABLE_SOURCE_H
#define STATS_TABLE_SOURCE_H

#include "stats/table_config.h"

/* Fills `out` from the dimension `node` of the source. */
void table_source_dimension(const struct config_node *source, const struct config_node *node, struct arena *arena,
                            struct table_dimension *out);

/* What the dimension is in the source's tables of a survey: its answers or dispositions, what these are broken down by, or neither. */
enum table_role table_source_role(const struct config_node *root, const struct config_node *source, const char *dimension);

/* Rows that a survey hands over are one of a person in each wave, and of whom they are nobody can tell: so their source says of which survey and
 * which wave they are, and no figure is over several waves. */
bool table_source_is_of_survey(const struct config_node *source);
/* The dimension with the number of the wave as it is; NULL: there is none, or of another source. */
const struct config_node *table_source_wave(const struct config_node *source);
/* Reports sources of surveys that lack it, or read more than one survey. */
void table_source_check_waves(struct config *config);

/* False if the measure has no range `share`. */
bool table_source_share(const struct config_node *measure, double *lowest, double *highest);

/* One column name per level: those configured if there are as many, else the dimension's, numbered if there
 * are several. */
const char *const *table_source_columns(const struct table_dimension *dimension, size_t levels, struct arena *arena);

/* Reports two columns of one name. */
void table_source_check_columns(struct config *config, const struct table_spec *spec);

#endif
