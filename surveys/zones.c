#include "surveys/zones.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/uenum.h>

#include "core/mem.h"
#include "surveys/quiet.h"

enum { ZONES_MAX = 64, ROUNDS_MAX = 16 };

struct zones_entry {
    char *name;
    struct zone *zone; /* NULL: ICU does not know it */
};

void zones_init(struct zones *zones, const struct zone *fallback)
{
    *zones = (struct zones) { .fallback = fallback };
}

void zones_release(struct zones *zones)
{
    for (size_t i = 0; i < zones->count; i++) {
        zone_free(zones->entries[i].zone);
        free(zones->entries[i].name);
    }
    free(zones->entries);
    *zones = (struct zones) { 0 };
}

static const struct zone *find(struct zones *zones, const char *name)
{
    for (size_t i = 0; i < zones->count; i++)
        if (strcmp(zones->entries[i].name, name) == 0)
            return zones->entries[i].zone;
    MEM_GROW(zones->entries, zones->count, zones->capacity);
    struct zones_entry *entry = &zones->entries[zones->count++];
    *entry = (struct zones_entry) { .name = mem_strdup(name) };
    if (zone_open(&entry->zone, name, NULL))
        entry->zone = NULL;
    return entry->zone;
}

/* CLDR's canonical zones of the country; how many there are. */
static size_t list_country(struct zones *zones, const char *country, const struct zone **list)
{
    UErrorCode status = U_ZERO_ERROR;
    size_t count = 0;
    const char *name;
    UEnumeration *names = ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL_LOCATION, country, NULL, &status);
    while (U_SUCCESS(status) && count < ZONES_MAX && (name = uenum_next(names, NULL, &status))) {
        const struct zone *zone = find(zones, name);
        if (zone)
            list[count++] = zone;
    }
    uenum_close(names);
    return count;
}

static size_t list_zones(struct zones *zones, const struct contact *contact, const struct zone **list)
{
    const struct zone *own = contact->timezone ? find(zones, contact->timezone) : NULL;
    size_t count = 0;
    if (own)
        list[count++] = own;
    else if (contact->country)
        count = list_country(zones, contact->country, list);
    if (!count)
        list[count++] = zones->fallback;
    return count;
}

int64_t zones_quiet_until(struct zones *zones, const struct survey *survey, const struct contact *contact, int64_t now)
{
    const struct zone *list[ZONES_MAX];
    size_t count = list_zones(zones, contact, list);
    int64_t at = now;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        int64_t before = at;
        for (size_t i = 0; i < count && at != INT64_MAX; i++)
            at = quiet_until(survey, list[i], at);
        if (at == before || at == INT64_MAX)
            return at;
    }
    return INT64_MAX;
}
