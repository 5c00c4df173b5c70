/* What the demo's customers declare, month by month: the file that a shop system or the data protection officer delivers. */
#include <stdio.h>

#include "cli/demo_people.h"
#include "cli/demo_subjects.h"

enum { HOLD_MONTHS = 4 };

struct declared {
    const char *kind, *channel, *purpose;
    int count; /* a month */
    bool by_email;
};

static const struct declared monthly[] = {
    { "objection", "", "", 3, true },
    { "erasure", "", "", 2, false },
    { "opt_out", "*", "", 2, true },
    { "recording_consent_withdrawn", "", "", 1, false },
};

static const struct demo_person *pick(const struct demo_person *people, struct demo_random *random, bool by_email)
{
    const struct demo_person *person;
    do
        person = &people[demo_random_below(random, DEMO_PEOPLE)];
    while (by_email && !person->has_email);
    return person;
}

/* `event` tells events of a month apart. */
static void add_event(struct strbuf *out, const struct declared *what, const char *month, int event, const char *identifier)
{
    strbuf_addf(out, "%s-%d,,%s,%s,%s,%s,%s-%02dT10:00:00Z,letter\n", month, event, what->kind, identifier, what->channel, what->purpose, month,
                1 + event);
}

static void add_declared(struct strbuf *out, const struct declared *what, const struct demo_person *people, struct demo_random *random,
                         const char *month, int *event)
{
    for (int i = 0; i < what->count; i++) {
        const struct demo_person *person = pick(people, random, what->by_email);
        struct strbuf identifier = { 0 };
        if (what->by_email)
            demo_person_email(person, random, &identifier);
        else
            strbuf_addf(&identifier, "customer=K-%u", (unsigned)person->number);
        add_event(out, what, month, (*event)++, strbuf_text(&identifier));
        strbuf_release(&identifier);
    }
}

/* A dispute each month, over four months later. */
static void add_holds(struct strbuf *out, const struct demo_person *people, int month, const char *name, int *event)
{
    static const struct declared begun = { "hold", "", "court case", 1, false }, over = { "hold_release", "", "court case", 1, false };
    const int of[] = { month, month - HOLD_MONTHS };
    for (int i = 0; i < 2; i++) {
        char identifier[32];
        if (of[i] < 0)
            continue;
        snprintf(identifier, sizeof identifier, "customer=K-%u", (unsigned)people[of[i] * 97 + 11].number);
        add_event(out, i ? &over : &begun, name, (*event)++, identifier);
    }
}

void demo_subjects_month(const struct demo_person *people, struct demo_random *random, int month, const char *name, struct strbuf *out)
{
    int event = 1;
    strbuf_adds(out, "event,controller,kind,identifier,channel,purpose,occurred_at,source\n");
    for (size_t i = 0; i < sizeof monthly / sizeof *monthly; i++)
        add_declared(out, &monthly[i], people, random, name, &event);
    add_holds(out, people, month, name, &event);
}
