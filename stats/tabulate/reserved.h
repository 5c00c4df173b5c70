/* Labels that tables keep for themselves. */
#ifndef STATS_TABULATE_RESERVED_H
#define STATS_TABULATE_RESERVED_H

#define RESERVED_TOTAL    "(total)"
#define RESERVED_WITHHELD "(withheld)"
#define RESERVED_MISSING  "(missing)"

#endif
