/* survey_plan [PEOPLE]: how long it takes to plan a survey over so many eligible cases, all of people with an opt-in, and how much
 * memory. Prints one line. */
#include <inttypes.h>
#include <sys/resource.h>

#define assert_int_equal(a, b)                                                                                         \
    do {                                                                                                               \
        if ((a) != (b))                                                                                                \
            BUG("%s is not %s", #a, #b);                                                                               \
    } while (0)

#include "core/err.h"
#include "surveys/plan.h"
#include "tests/unit/surveys/people.h"

/* CPU seconds of the process so far: the machine may have other work. */
static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void make_people(int64_t people)
{
    assert_int_equal(db_exec(cases, "PRAGMA synchronous = OFF", NULL), 0);
    assert_int_equal(db_exec(surveys, "PRAGMA synchronous = OFF", NULL), 0);
    assert_int_equal(db_begin(cases, NULL), 0);
    assert_int_equal(db_begin(surveys, NULL), 0);
    for (int64_t person = 1; person <= people; person++)
        add_asked(person);
    assert_int_equal(db_commit(cases, NULL), 0);
    assert_int_equal(db_commit(surveys, NULL), 0);
}

int main(int count, char **arguments)
{
    int64_t people = count > 1 ? strtoll(arguments[1], NULL, 10) : 1000000;
    void *state = NULL;
    struct audience audience;
    struct plan plan;
    struct rusage usage;
    if (people_setup(&state))
        return 70;
    double begun = cpu_seconds();
    make_people(people);
    double made = cpu_seconds();
    struct audience_input input = { cases, surveys, keyring, &survey, utc, NOW, NULL, false };
    assert_int_equal(audience_build(&audience, &input, NULL), 0);
    double built = cpu_seconds();
    assert_int_equal(plan_make(surveys, &survey, &audience, "anna", NOW, &plan, NULL), 0);
    double planned = cpu_seconds();
    getrusage(RUSAGE_SELF, &usage);
    printf("people %" PRId64 ": CPU: made in %.1f s, audience in %.1f s, plan stored in %.1f s, %ld MiB\n", people, made - begun,
           built - made, planned - built, usage.ru_maxrss / 1024);
    audience_release(&audience);
    return people_teardown(&state);
}
