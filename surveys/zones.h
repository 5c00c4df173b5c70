/* Time zones of recipients, opened once each. A recipient without one of their own has those of their country: what is quiet in
 * one of them is quiet for them. */
#ifndef SURVEYS_ZONES_H
#define SURVEYS_ZONES_H

#include <stddef.h>
#include <stdint.h>

#include "core/calendar.h"
#include "surveys/contact.h"
#include "surveys/definition.h"

struct zones {
    struct zones_entry *entries;
    size_t count, capacity;
    const struct zone *fallback; /* the workspace's, for contacts without zone and country */
};

void zones_init(struct zones *zones, const struct zone *fallback);
void zones_release(struct zones *zones);

/* The first instant from `now` on that is quiet in none of the contact's zones; INT64_MAX: never. */
int64_t zones_quiet_until(struct zones *zones, const struct survey *survey, const struct contact *contact, int64_t now);

#endif
