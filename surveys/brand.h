/* How the page looks for each controller, as `page` in fallzahl.yaml states it: name, colour, logo. A colour on which white text
 * could not be read (WCAG 2.2, 1.4.3: contrast 4.5) is a problem of the configuration. */
#ifndef SURVEYS_BRAND_H
#define SURVEYS_BRAND_H

#include <stdbool.h>
#include <stddef.h>

#include "core/config.h"
#include "core/strbuf.h"

struct brand {
    const char *controller;
    const char *name;       /* as people know it */
    const char *colour;     /* "#rrggbb" */
    const char *imprint;    /* https address, or NULL */
    const char *logo_type;  /* "image/svg+xml", "image/png"; NULL: no logo */
    struct strbuf logo;
};

struct brands {
    struct brand *list;
    size_t count;
    int port;               /* on which the page listens, on loopback */
    long requests_per_minute; /* of one client */
};

/* The keys below `page`. */
extern const struct config_rule page_config_rules[];

/* Problems go to config_problem(); logos are read from below `folder`. The texts are the configuration's. */
void brands_compile(struct brands *brands, struct config *config, const char *folder);
void brands_release(struct brands *brands);

/* The controller's brand; one with its name and a sober colour if the configuration has none. */
struct brand brands_find(const struct brands *brands, const char *controller);

/* WCAG's contrast ratio of a colour "#rrggbb" against white, 1..21; 0 if it is not such a colour. */
double brand_contrast_to_white(const char *colour);

#endif
