#include "stats/tabulate/tabulate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/nearest.h"
#include "stats/tabulate/number.h"
#include "stats/tabulate/reserved.h"

/* Rows read before equal records are added up for the first time. */
enum { FIRST_CAPACITY = 1 << 16 };
/* All rows without an identifier are one person. */
enum { PERSON_UNKNOWN = 0 };

struct reading {
    struct tabulation *t;
    const struct tabulate_plan *plan;
    struct csvread *reader;
    const char *name; /* for messages */
    size_t by[CROSS_MAX_DIMENSIONS], sums[TABULATE_MAX_SUMS], freq, person; /* columns */
};

static int fault(const struct reading *r, uint64_t line, const char *column, const char *problem, struct err *err)
{
    return err_set(err, ERR_DATA, "%s:%llu: column '%s': %s", r->name, (unsigned long long)line, column, problem);
}

/* ---- columns ---- */

static int missing_column(const struct reading *r, const char *column, struct err *err)
{
    const struct csv_record *header = csvread_header(r->reader);
    const char **names = mem_zalloc(header->count, sizeof *names);
    for (size_t i = 0; i < header->count; i++)
        names[i] = header->fields[i].text;
    const char *nearest = nearest_name(column, names, header->count);
    int code = nearest ? err_set(err, ERR_DATA, "%s:1: no column '%s'; did you mean '%s'?", r->name, column, nearest)
                       : err_set(err, ERR_DATA, "%s:1: no column '%s'", r->name, column);
    free(names);
    return code;
}

static int find_column(const struct reading *r, const char *name, size_t *column, struct err *err)
{
    int found = name ? csvread_column(r->reader, name) : 0;
    if (found < 0)
        return missing_column(r, name, err);
    *column = (size_t)found;
    return 0;
}

static int find_columns(struct reading *r, struct err *err)
{
    int code = find_column(r, r->plan->freq, &r->freq, err);
    if (!code)
        code = find_column(r, r->plan->person, &r->person, err);
    for (size_t d = 0; !code && d < r->plan->by_count; d++)
        code = find_column(r, r->plan->by[d], &r->by[d], err);
    for (size_t s = 0; !code && s < r->plan->sum_count; s++)
        code = find_column(r, r->plan->sums[s], &r->sums[s], err);
    return code;
}

/* ---- records ---- */

static int compare_records(const void *left, const void *right, void *context)
{
    const struct tabulation *t = context;
    const struct cross_record *a = &t->records[*(const uint32_t *)left], *b = &t->records[*(const uint32_t *)right];
    int order = memcmp(a->leaves, b->leaves, t->dimension_count * sizeof *a->leaves);
    if (order)
        return order;
    return a->person < b->person ? -1 : a->person > b->person;
}

/* Adds one record to another of the same values and person. */
static void merge(struct tabulation *t, size_t into, size_t from, struct cross_record *records,
                  struct tabulate_amount *amounts)
{
    records[into].cases += t->records[from].cases;
    for (size_t s = 0; s < t->sum_count; s++) {
        amounts[into * t->sum_count + s].amount += t->amounts[from * t->sum_count + s].amount;
        amounts[into * t->sum_count + s].values += t->amounts[from * t->sum_count + s].values;
    }
}

/* Adds up equal records and sorts them; `capacity` is kept. */
static void compact(struct tabulation *t)
{
    uint32_t *order = mem_alloc((t->record_count + 1) * sizeof *order);
    for (size_t i = 0; i < t->record_count; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, t->record_count, sizeof *order, compare_records, t);
    struct cross_record *records = mem_alloc(t->capacity * sizeof *records);
    struct tabulate_amount *amounts = mem_zalloc(t->capacity * t->sum_count, sizeof *amounts);
    size_t kept = 0;
    for (size_t i = 0; i < t->record_count; i++) {
        if (i == 0 || compare_records(&order[i - 1], &order[i], t) != 0) {
            records[kept] = t->records[order[i]];
            records[kept++].cases = 0;
        }
        merge(t, kept - 1, order[i], records, amounts);
    }
    free(order);
    free(t->records);
    free(t->amounts);
    t->records = records;
    t->amounts = amounts;
    t->record_count = kept;
}

static void make_room(struct tabulation *t)
{
    if (t->record_count < t->capacity)
        return;
    if (t->record_count)
        compact(t);
    if (t->record_count <= t->capacity / 2 && t->capacity)
        return;
    t->capacity = t->capacity ? t->capacity * 2 : FIRST_CAPACITY;
    t->records = mem_resize(t->records, t->capacity, sizeof *t->records);
    t->amounts = mem_resize(t->amounts, t->capacity * t->sum_count + 1, sizeof *t->amounts);
}

/* ---- rows ---- */

/* Amounts so far get as many decimals as the new one has. False if they would be too large. */
static bool rescale(struct tabulation *t, size_t sum, int decimals)
{
    int64_t factor = number_power(decimals - t->decimals[sum]);
    if (t->amount_total[sum] > TABULATE_MOST / factor)
        return false;
    for (size_t i = 0; i < t->record_count; i++)
        t->amounts[i * t->sum_count + sum].amount *= factor;
    t->amount_total[sum] *= factor;
    t->decimals[sum] = decimals;
    return true;
}

static int read_amount(struct reading *r, const struct csv_record *record, size_t sum, struct err *err)
{
    struct tabulation *t = r->t;
    struct tabulate_amount *amount = &t->amounts[t->record_count * t->sum_count + sum];
    const char *text = record->fields[r->sums[sum]].text, *column = r->plan->sums[sum];
    int64_t mantissa;
    int decimals;
    *amount = (struct tabulate_amount) { 0 };
    if (!*text)
        return 0;
    const char *problem = number_read_amount(text, r->plan->point, &mantissa, &decimals);
    if (problem)
        return fault(r, record->line, column, problem, err);
    if (decimals > t->decimals[sum] && !rescale(t, sum, decimals))
        return fault(r, record->line, column, "too many decimals for amounts of this size", err);
    int64_t factor = number_power(t->decimals[sum] - decimals);
    if (mantissa > (TABULATE_MOST - t->amount_total[sum]) / factor)
        return fault(r, record->line, column, "the amounts add up to too much for their decimals", err);
    *amount = (struct tabulate_amount) { mantissa * factor, 1 };
    t->amount_total[sum] += mantissa * factor;
    return 0;
}

static int read_person(struct reading *r, const struct csv_record *record, struct cross_record *to, struct err *err)
{
    struct tabulation *t = r->t;
    to->person = PROTECT_EACH_CASE;
    if (r->plan->person) {
        const char *text = record->fields[r->person].text;
        to->person = *text ? labels_add(&t->persons, text) + 1 : PERSON_UNKNOWN;
    } else if (t->sum_count) { /* whose amounts are whose: each row is its own contributor's */
        if (t->row_count >= UINT32_MAX / 2)
            return err_set(err, ERR_DATA, "%s:%llu: too many rows", r->name, (unsigned long long)record->line);
        to->person = (uint32_t)t->row_count;
    }
    return 0;
}

static int read_cases(struct reading *r, const struct csv_record *record, struct cross_record *to, struct err *err)
{
    const char *problem = r->plan->freq ? number_read_count(record->fields[r->freq].text, &to->cases) : NULL;
    if (problem)
        return fault(r, record->line, r->plan->freq, problem, err);
    if (!r->plan->freq)
        to->cases = 1;
    r->t->case_total += to->cases;
    if (r->t->case_total > UINT32_MAX)
        return err_set(err, ERR_DATA, "%s:%llu: more than 4,294,967,295 cases in all", r->name,
                       (unsigned long long)record->line);
    return 0;
}

static int read_values(struct reading *r, const struct csv_record *record, struct cross_record *to, struct err *err)
{
    for (size_t d = 0; d < r->plan->by_count; d++) {
        const char *problem
            = hierarchy_meet(&r->t->dimensions[d], record->fields[r->by[d]].text, &to->leaves[d]);
        if (problem)
            return fault(r, record->line, r->plan->by[d], problem, err);
    }
    return 0;
}

static int read_row(struct reading *r, const struct csv_record *record, struct err *err)
{
    struct tabulation *t = r->t;
    if (record->count != csvread_header(r->reader)->count)
        return err_set(err, ERR_DATA, "%s:%llu: %zu fields, the header has %zu", r->name,
                       (unsigned long long)record->line, record->count, csvread_header(r->reader)->count);
    make_room(t);
    struct cross_record *to = &t->records[t->record_count];
    *to = (struct cross_record) { 0 };
    int code = read_values(r, record, to, err);
    if (!code)
        code = read_cases(r, record, to, err);
    if (!code)
        code = read_person(r, record, to, err);
    for (size_t s = 0; !code && s < t->sum_count; s++)
        code = read_amount(r, record, s, err);
    t->row_count++;
    t->record_count += !code && to->cases > 0;
    return code;
}

static int open_input(struct reading *r, struct err *err)
{
    const struct tabulate_plan *plan = r->plan;
    r->name = plan->path;
    if (strcmp(plan->path, "-") != 0)
        return csvread_open(&r->reader, plan->path, &plan->reading, err);
    r->name = "standard input";
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return err_set_errno(err, ERR_NOINPUT, "cannot read standard input");
    return csvread_open_fd(&r->reader, fd, r->name, &plan->reading, err);
}

static int read_rows(struct reading *r, struct err *err)
{
    struct csv_record record;
    int got = 0, code = find_columns(r, err);
    while (!code && (got = csvread_next(r->reader, &record, err)) == 1)
        code = read_row(r, &record, err);
    return code ? code : got;
}

/* ---- the whole ---- */

static int read_hierarchies(struct tabulation *t, const struct tabulate_plan *plan, struct err *err)
{
    int code = 0;
    t->dimension_count = plan->by_count;
    t->sum_count = plan->sum_count;
    for (size_t d = 0; d < plan->by_count; d++)
        hierarchy_init(&t->dimensions[d], plan->total);
    for (size_t d = 0; !code && d < plan->by_count; d++)
        if (plan->hierarchies[d])
            code = hierarchy_read(&t->dimensions[d], plan->hierarchies[d], err);
    return code;
}

static int number_leaves(struct tabulation *t, struct err *err)
{
    int code = 0;
    for (size_t d = 0; !code && d < t->dimension_count; d++)
        code = hierarchy_finish(&t->dimensions[d], err);
    for (size_t i = 0; !code && i < t->record_count; i++)
        for (size_t d = 0; d < t->dimension_count; d++)
            t->records[i].leaves[d] = t->dimensions[d].code_of[t->records[i].leaves[d]];
    return code;
}

/* A reader takes these for empty: a case there would be none of those that hide another. */
static int read_impossible(const struct reading *r, struct err *err)
{
    struct tabulation *t = r->t;
    const struct tabulate_plan *plan = r->plan;
    int code = plan->structural_zeros ? impossible_list_read(&t->impossible, t, plan->by, plan->structural_zeros, err) : 0;
    for (size_t i = 0; !code && i < t->record_count; i++)
        if (impossible_list_has(&t->impossible, t->records[i].leaves))
            code = err_set(err, ERR_DATA, "%s: cases in a combination that '%s' calls impossible", r->name, plan->structural_zeros);
    return code;
}

int tabulation_read(struct tabulation *tabulation, const struct tabulate_plan *plan, struct err *err)
{
    struct reading r = { .t = tabulation, .plan = plan };
    *tabulation = (struct tabulation) { 0 };
    int code = read_hierarchies(tabulation, plan, err);
    if (!code)
        code = open_input(&r, err);
    if (code)
        return code;
    code = read_rows(&r, err);
    csvread_free(r.reader);
    if (!code)
        code = number_leaves(tabulation, err);
    if (!code)
        code = read_impossible(&r, err);
    if (!code && !tabulation->record_count)
        code = err_set(err, ERR_DATA, "%s: no cases", r.name);
    if (!code)
        compact(tabulation);
    return code;
}

void tabulation_release(struct tabulation *tabulation)
{
    for (size_t d = 0; d < tabulation->dimension_count; d++)
        hierarchy_release(&tabulation->dimensions[d]);
    free(tabulation->records);
    free(tabulation->amounts);
    labels_release(&tabulation->persons);
    impossible_list_release(&tabulation->impossible);
    *tabulation = (struct tabulation) { 0 };
}
