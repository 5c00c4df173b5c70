/* What the parts of etl/dossier.h share; nobody else includes it. */
#ifndef ETL_DOSSIER_PART_H
#define ETL_DOSSIER_PART_H

#include "etl/dossier.h"
#include "etl/holds.h"
#include "etl/rights.h"

#define DOSSIER_SQL "etl/sql/dossier.sql"

struct dossier_search {
    const struct ingest *ingest;
    const struct store *store;
    const struct person_key *key;      /* by which somebody asks */
    struct rights *rights;
    struct holds *holds;
    struct person_found found;
    bool shared;
    struct person_identifiers known;   /* to the store */
    struct person_hashes identifiers;  /* of the person */
    struct person_hashes cases;        /* case_key.case_key */
};

bool dossier_has_hash(const struct person_hashes *hashes, const unsigned char hash[PSEUDONYM_BYTES]);

/* Whose an identifier is. SHARED: it identifies nobody. OTHERS: the store or the register of claims knows it, and not as the person's. */
enum dossier_whose { DOSSIER_SHARED, DOSSIER_OWN, DOSSIER_OTHERS, DOSSIER_UNKNOWN };
int dossier_find(const struct dossier_search *search, const struct person_key *key, enum dossier_whose *whose, struct err *err);

/* ---- dossier_row.c: whose is a sealed row? ---- */

struct dossier_rows; /* of one file */

/* `name`: of the source, "subjects" for a file of subject events, NULL if it is not known. The header must live until the end. */
struct dossier_rows *dossier_rows_open(const struct dossier_search *search, const char *name, const struct slice *header, size_t count);
void dossier_rows_free(struct dossier_rows *rows); /* wipes; NULL is fine */

enum dossier_row { DOSSIER_ROW_PASS, DOSSIER_ROW_TELL, DOSSIER_ROW_WITHHOLD };
int dossier_row_judge(struct dossier_rows *rows, const struct slice *cells, size_t count, enum dossier_row *verdict, struct err *err);

#endif
