/* The part of etl/ingest.c that hands contacts to the desk, if there is one and the source has opt-ins. */
#ifndef ETL_INGEST_CONTACTS_H
#define ETL_INGEST_CONTACTS_H

#include "etl/ingest.h"

int ingest_contacts_begin(const struct ingest *ingest, const struct source *source, struct err *err);
/* Of a batch that was loaded; rows of the erased are passed over. */
int ingest_contacts_take(const struct ingest *ingest, const struct load *load, const struct batch *batch, struct err *err);
int ingest_contacts_commit(const struct ingest *ingest, const struct source *source, struct err *err);
void ingest_contacts_rollback(const struct ingest *ingest, const struct source *source); /* no-op after commit */

#endif
