/* The desk that takes contacts from exports (etl/ingest.h) into state/surveys.db: opt-ins into the consent ledger, contact
 * data of people with a valid one, for as long as a survey can use it. */
#ifndef CLI_SURVEY_DESK_H
#define CLI_SURVEY_DESK_H

#include "core/keyring.h"
#include "core/workspace.h"
#include "etl/ingest.h"
#include "surveys/needs.h"

struct survey_desk {
    const struct workspace *workspace;
    const struct keyring *keyring;
    int64_t now;
    struct db *surveys; /* opened by the first file that has opt-ins */
    struct needs needs;
    struct ingest_desk desk; /* for struct ingest */
};

void survey_desk_init(struct survey_desk *desk, const struct workspace *workspace, const struct keyring *keyring, int64_t now);
void survey_desk_close(struct survey_desk *desk); /* a zeroed one is fine */

#endif
