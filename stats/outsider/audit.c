#include "stats/outsider/audit.h"

#include <stdlib.h>

enum { ATTEMPT_AGAIN = 1 };

struct attempt {
    struct audit *audit;
    struct publication *publication;
    const struct solve_options *options;
    struct editions editions;
    size_t budget_iterations;
};

/* Opens the dimension where a contradiction showed; where that is none that can be opened, all of them. False: all
 * are. */
static bool open_dimensions(struct space *space, size_t dimension)
{
    bool one = dimension != SOLVE_ANYWHERE && space->dimensions[dimension].kind != SPACE_PERIOD &&
               !space->dimensions[dimension].open;
    bool opened = false;
    for (size_t d = 0; d < space->count; d++) {
        if (space->dimensions[d].kind == SPACE_PERIOD || space->dimensions[d].open || (one && d != dimension))
            continue;
        space->dimensions[d].open = true;
        opened = true;
    }
    return opened;
}

static void add_statistics(struct interval_statistics *sum, const struct interval_statistics *more)
{
    sum->components += more->components;
    sum->columns += more->columns;
    sum->rows += more->rows;
    sum->programs += more->programs;
}

static int explain(struct attempt *attempt, const struct solution *solution, struct err *err)
{
    if (solution->result == SOLVE_TOO_LARGE)
        return err_set(err, ERR_DATA, "too large to audit within %zu iterations; nothing is known about its safety",
                       attempt->options->budget_iterations);
    if (open_dimensions(&attempt->publication->space, solution->dimension))
        return ATTEMPT_AGAIN;
    return err_set(err, ERR_DATA, "the published figures contradict each other: no data could give them");
}

/* Solves one edition and judges it. A difference that no growth of the data explains is judged by its figures alone. */
static int audit_edition(struct attempt *attempt, const struct edition *edition, struct err *err)
{
    struct audit *audit = attempt->audit;
    struct verdict_view view = { attempt->publication, &audit->lattice };
    struct solution solution;
    solve_edition(&solution, edition, attempt->publication, &audit->lattice, attempt->options,
                  &attempt->budget_iterations);
    add_statistics(&audit->statistics, &solution.statistics);
    bool shrunk = edition->minus != EDITION_WHOLE && solution.result == SOLVE_CONTRADICTION;
    int code = 0;
    if (solution.result == SOLVE_DONE) {
        verdict_absent(&audit->verdicts, edition, &solution, &view, attempt->options);
        verdict_computed(&audit->verdicts, edition, &solution, &view, attempt->options->k);
    } else if (!shrunk)
        code = explain(attempt, &solution, err);
    solution_release(&solution);
    return code;
}

static int audit_difference(struct attempt *attempt, size_t later, size_t earlier, struct err *err)
{
    struct audit *audit = attempt->audit;
    struct edition difference = edition_difference(&attempt->editions.items[later], &attempt->editions.items[earlier],
                                                   attempt->publication, &audit->lattice);
    verdict_difference(&audit->verdicts, &difference, &audit->lattice, attempt->options->k);
    verdict_shown(&audit->verdicts, &difference, attempt->publication, &audit->lattice, attempt->options->k);
    int code = audit_edition(attempt, &difference, err);
    edition_release(&difference);
    return code;
}

static int audit_all(struct attempt *attempt, struct err *err)
{
    struct audit *audit = attempt->audit;
    double k = attempt->options->k;
    int code = 0;
    for (size_t e = 0; !code && e < attempt->editions.count; e++) {
        verdict_shown(&audit->verdicts, &attempt->editions.items[e], attempt->publication, &audit->lattice, k);
        code = audit_edition(attempt, &attempt->editions.items[e], err);
    }
    for (size_t later = 1; !code && later < attempt->editions.count; later++)
        for (size_t earlier = 0; !code && earlier < later; earlier++)
            code = audit_difference(attempt, later, earlier, err);
    verdict_withheld_rows(&audit->verdicts, attempt->publication, &audit->lattice, k);
    return code;
}

static size_t count_absent(const struct lattice *lattice, const struct editions *editions)
{
    size_t absent = 0;
    for (size_t e = 0; e < editions->count; e++)
        for (uint32_t c = 0; c < lattice->cell_count; c++)
            absent += lattice_lists(lattice, c, PUBLICATION_CASES) &&
                      !edition_shows(&editions->items[e], PUBLICATION_CASES, c);
    return absent;
}

static int audit_once(struct attempt *attempt, struct err *err)
{
    struct audit *audit = attempt->audit;
    *audit = (struct audit){ 0 };
    space_finish(&attempt->publication->space);
    int code = lattice_build(&audit->lattice, attempt->publication, err);
    if (code)
        return code;
    code = editions_build(&attempt->editions, attempt->publication, &audit->lattice, err);
    if (!code)
        code = audit_all(attempt, err);
    audit->edition_count = attempt->editions.count;
    audit->absent = count_absent(&audit->lattice, &attempt->editions);
    audit->iterations = attempt->options->budget_iterations - attempt->budget_iterations;
    editions_release(&attempt->editions);
    if (code)
        outsider_release(audit);
    return code;
}

int audit_run(struct audit *audit, struct publication *publication, const struct solve_options *options,
              struct err *err)
{
    struct attempt attempt = {
        .audit = audit, .publication = publication, .options = options, .budget_iterations = options->budget_iterations
    };
    int code;
    do {
        code = audit_once(&attempt, err);
    } while (code == ATTEMPT_AGAIN); /* each time with one dimension more open */
    return code;
}

void outsider_release(struct audit *audit)
{
    lattice_release(&audit->lattice);
    verdicts_release(&audit->verdicts);
    *audit = (struct audit){ 0 };
}
