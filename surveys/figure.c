#include "surveys/figure.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

#define QUERIES "surveys/sql/figure.sql"

/* So many buckets that people hardly ever meet in one while fewer than about k differ; if they do, the sets pass for closer than they
 * are, which shows less. */
enum { BUCKETS_MIN = 4096, BUCKETS_PER_K = 16, SECONDS_A_MONTH = 30 * 86400 };

void figures_init(struct figures *figures, struct db *surveys, const struct keyring *keyring, int64_t k, int64_t now)
{
    static const char domain[] = "plan-figure";
    *figures = (struct figures) { .surveys = surveys, .k = k, .now = now, .buckets = BUCKETS_MIN };
    while (figures->buckets < (size_t)k * BUCKETS_PER_K)
        figures->buckets *= 2;
    pseudonym_derive(keyring_key(keyring, KEY_OBJECTION, keyring_epoch(keyring, KEY_OBJECTION)), domain, (struct slice) { "", 0 }, figures->key);
}

int figures_are_exhausted(const struct figures *figures, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(figures->surveys, QUERIES, "lately", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":since", figures->now - SECONDS_A_MONTH);
    code = stmt_step(stmt, err);
    if (code == 1)
        code = stmt_integer(stmt, 0) >= FIGURES_A_MONTH;
    stmt_free(stmt);
    return code;
}

void figure_set_init(const struct figures *figures, struct figure_set *set)
{
    *set = (struct figure_set) { mem_zalloc(figures->buckets, sizeof *set->sketch), 0 };
}

void figure_set_release(struct figure_set *set)
{
    free(set->sketch);
    *set = (struct figure_set) { 0 };
}

void figure_set_add(const struct figures *figures, struct figure_set *set, int64_t person)
{
    unsigned char digest[crypto_shorthash_BYTES];
    uint64_t hash;
    crypto_shorthash(digest, (const unsigned char *)&person, sizeof person, figures->key);
    memcpy(&hash, digest, sizeof hash);
    set->sketch[hash & (figures->buckets - 1)] += hash | 1; /* never nothing */
    set->people++;
}

void figure_set_join(const struct figures *figures, struct figure_set *to, const struct figure_set *from)
{
    for (size_t i = 0; i < figures->buckets; i++)
        to->sketch[i] += from->sketch[i];
    to->people += from->people;
}

/* At most as many buckets differ as people do. */
static bool is_close(const struct figures *figures, const struct figure_set *set, const void *sketch, size_t length)
{
    const unsigned char *other = sketch;
    int64_t differing = 0;
    if (length != figures->buckets * sizeof *set->sketch)
        return false;
    for (size_t i = 0; i < figures->buckets && differing < figures->k; i++)
        differing += memcmp(&set->sketch[i], other + i * sizeof *set->sketch, sizeof *set->sketch) != 0;
    return differing < figures->k;
}

/* 1 and the size of a close set that was shown. */
static int find_close(const struct figures *figures, const struct figure_set *set, int64_t *size, struct err *err)
{
    struct stmt *stmt = NULL;
    bool found = false;
    int code = db_prepare(figures->surveys, QUERIES, "shown", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":k", figures->k);
    while (!found && (code = stmt_step(stmt, err)) == 1) {
        size_t length;
        const void *sketch = stmt_blob(stmt, 1, &length);
        found = is_close(figures, set, sketch, length);
        if (found)
            *size = stmt_integer(stmt, 0);
    }
    stmt_free(stmt);
    return code < 0 ? code : found;
}

static int remember(const struct figures *figures, const struct figure_set *set, int64_t size, struct err *err)
{
    struct stmt *stmt = NULL;
    int code = db_prepare(figures->surveys, QUERIES, "add", &stmt, err);
    if (code)
        return code;
    stmt_bind_integer(stmt, ":now", figures->now);
    stmt_bind_integer(stmt, ":k", figures->k);
    stmt_bind_integer(stmt, ":size", size);
    stmt_bind_blob(stmt, ":sketch", set->sketch, figures->buckets * sizeof *set->sketch);
    code = stmt_run(stmt, err);
    stmt_free(stmt);
    return code;
}

int figure_show(const struct figures *figures, const struct figure_set *set, int64_t *size, struct err *err)
{
    int64_t rounded = set->people / figures->k * figures->k;
    int found = set->people ? find_close(figures, set, size, err) : 0;
    if (found)
        return found < 0 ? found : 0;
    int code = rounded ? remember(figures, set, rounded, err) : 0;
    if (!code)
        *size = rounded;
    return code;
}
