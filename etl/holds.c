#include "etl/holds.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "etl/mask.h"

struct holds {
    const struct store *store;
    struct stmt *any, *covers, *stands, *record, *release, *identifiers;
};

int holds_open(struct holds **holds, const struct store *store, struct err *err)
{
    struct holds *opened = mem_zalloc(1, sizeof *opened);
    const struct {
        const char *name;
        struct stmt **stmt;
    } wanted[] = {
        { "any", &opened->any },
        { "covers", &opened->covers },
        { "stands", &opened->stands },
        { "record", &opened->record },
        { "release", &opened->release },
        { "identifiers", &opened->identifiers },
    };
    int code = 0;
    opened->store = store;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && !code; i++)
        code = db_prepare(store->db, "etl/sql/holds.sql", wanted[i].name, wanted[i].stmt, err);
    if (code)
        holds_free(opened);
    else
        *holds = opened;
    return code;
}

void holds_free(struct holds *holds)
{
    if (!holds)
        return;
    struct stmt *statements[] = { holds->any, holds->covers, holds->stands, holds->record, holds->release, holds->identifiers };
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        stmt_free(statements[i]);
    free(holds);
}

/* Negative: error; else whether there is a row with something in it. */
static int is_there(struct stmt *stmt, struct err *err)
{
    int step = stmt_step(stmt, err);
    int found = step > 0 ? stmt_integer(stmt, 0) != 0 : step;
    stmt_reset(stmt);
    return found;
}

static int covers(struct holds *holds, const unsigned char *hash, struct err *err)
{
    stmt_set_blob(holds->covers, 1, hash, PSEUDONYM_BYTES);
    return is_there(holds->covers, err);
}

static int covers_person(struct holds *holds, int64_t person, struct err *err)
{
    int step, found = 0;
    stmt_bind_integer(holds->identifiers, ":person", person);
    while (!found && (step = stmt_step(holds->identifiers, err)) != 0) {
        unsigned char hash[PSEUDONYM_BYTES];
        if (step < 0)
            return step;
        const unsigned char *key =
            keyring_key(holds->store->keyring, KEY_ANALYTICS, (uint32_t)stmt_integer(holds->identifiers, 1));
        if (!key)
            continue; /* the epoch's key is gone: nobody can tell any more */
        objection_mask(key, stmt_blob(holds->identifiers, 0, NULL), stmt_blob(holds->identifiers, 2, NULL), hash);
        found = covers(holds, hash, err);
    }
    stmt_reset(holds->identifiers);
    return found;
}

int holds_cover(struct holds *holds, const unsigned char case_key[PSEUDONYM_BYTES], int64_t person, bool *held,
                struct err *err)
{
    int found = is_there(holds->any, err);
    if (found > 0) {
        found = covers(holds, case_key, err);
        if (found == 0 && person > 0)
            found = covers_person(holds, person, err);
    }
    *held = found > 0;
    return found < 0 ? found : 0;
}

int holds_name(struct holds *holds, const unsigned char hash[PSEUDONYM_BYTES], bool *named, struct err *err)
{
    int found = covers(holds, hash, err);
    *named = found > 0;
    return found < 0 ? found : 0;
}

int holds_stand(struct holds *holds, const struct hold_event *event, bool *stands, struct err *err)
{
    stmt_bind_blob(holds->stands, ":hash", event->hash, sizeof event->hash);
    stmt_bind_text(holds->stands, ":reason", event->reason, strlen(event->reason));
    int found = is_there(holds->stands, err);
    *stands = found > 0;
    return found < 0 ? found : 0;
}

int holds_record(struct holds *holds, const struct hold_event *event, struct err *err)
{
    struct stmt *stmt = event->release ? holds->release : holds->record;
    stmt_bind_blob(stmt, ":hash", event->hash, sizeof event->hash);
    stmt_bind_text(stmt, ":reason", event->reason, strlen(event->reason));
    stmt_bind_integer(stmt, ":of_case", event->of_case);
    stmt_bind_integer(stmt, ":at", event->occurred_at);
    return stmt_run(stmt, err);
}
