/* A cases.db for tests, written by hand as core/sql/cases/001_init.sql describes it. */
#ifndef TESTS_STATS_CASE_DB_H
#define TESTS_STATS_CASE_DB_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/db.h"

struct case_db {
    char folder[64], path[96];
    struct db *db;
};

static inline void case_db_exec(struct case_db *cases, const char *sql)
{
    struct err err;
    if (db_exec(cases->db, sql, &err))
        fail_msg("%s in: %s", err.message, sql);
}

static inline void case_db_open(struct case_db *cases)
{
    struct err err;
    snprintf(cases->folder, sizeof cases->folder, "/tmp/fallzahl-cases-XXXXXX");
    assert_non_null(mkdtemp(cases->folder));
    snprintf(cases->path, sizeof cases->path, "%s/cases.db", cases->folder);
    if (db_open(&cases->db, cases->path, "cases", DB_CREATE, &err))
        fail_msg("%s", err.message);
}

static inline void case_db_close(struct case_db *cases)
{
    char path[128];
    db_close(cases->db);
    static const char *const suffixes[] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s%s", cases->path, suffixes[i]);
        unlink(path);
    }
    rmdir(cases->folder);
}

/* Source `shop`: country is region > country, brand is flat; bands have positions; measures score and hours (2 decimals). */
static inline void case_db_shop(struct case_db *cases)
{
    case_db_exec(cases,
                 "INSERT INTO source (source, name, personal, per_case) VALUES (1, 'shop', 1, 0);"
                 "INSERT INTO dimension (dimension, source, name, kind, levels, definition) VALUES"
                 " (1, 1, 'country', 'category', 2, x''), (2, 1, 'brand', 'category', 1, x''),"
                 " (3, 1, 'age', 'age', 1, x'');"
                 "INSERT INTO dimension_value (code, dimension, parent, level, label, position, named) VALUES"
                 " (1, 1, NULL, 1, 'north', NULL, 1), (2, 1, 1, 2, 'SE', NULL, 1), (3, 1, 1, 2, 'DK', NULL, 1),"
                 " (4, 1, NULL, 1, 'south', NULL, 1), (5, 1, 4, 2, 'IT', NULL, 1),"
                 " (6, 2, NULL, 1, 'velora', NULL, 1), (7, 2, NULL, 1, 'nordhaus', NULL, 1),"
                 " (8, 3, NULL, 1, '50+', 1, 1), (9, 3, NULL, 1, 'under 50', 0, 1);"
                 "INSERT INTO measure (measure, source, name, unit, decimals, score) VALUES"
                 " (1, 1, 'score', NULL, 0, 1), (2, 1, 'hours', 'hours', 2, 0);"
                 "CREATE TABLE case_shop (id INTEGER PRIMARY KEY, case_key BLOB, file INTEGER, closed_day INTEGER,"
                 " opened_day INTEGER, held INTEGER NOT NULL DEFAULT 0, released INTEGER, i_email INTEGER,"
                 " d_country INTEGER, d_brand INTEGER, d_age INTEGER, m_score INTEGER, m_hours INTEGER) STRICT;");
}

#endif
