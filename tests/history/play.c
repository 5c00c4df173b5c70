/* play SEED COUNT: COUNT random histories of consent, contacts, bounces, plans, approvals, halts, sending and pick-ups, played
 * through surveys/ itself. After each it prints a line of JSON with the surveys' rules and the path of surveys.db, and waits for a
 * line on stdin: a verifier that shares no code with it looks at the ledgers meanwhile (test_history.py). */
#include <inttypes.h>
#include <unistd.h>

#define assert_int_equal(a, b)                                                                                         \
    do {                                                                                                               \
        if ((a) != (b))                                                                                                \
            BUG("%s is not %s", #a, #b);                                                                               \
    } while (0)

#include "core/err.h"
#include "core/strbuf.h"
#include "surveys/bounce.h"
#include "surveys/dispatch.h"
#include "surveys/plan.h"
#include "surveys/send.h"
#include "surveys/spool.h"
#include "tests/unit/surveys/people.h"

enum { PEOPLE = 6, ADDRESSES = 8, SURVEYS = 3, STEPS = 110, CASES = 8 };

static uint64_t state_of_chance;

static uint32_t below(uint32_t limit)
{
    state_of_chance = state_of_chance * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state_of_chance >> 33) % limit;
}

static struct survey rules[SURVEYS];
static struct survey_policy group;
static int64_t recipients[ADDRESSES];
static int64_t now;
static char outbox[96], linked[4096];

static void make_surveys(void)
{
    static const struct survey_text text[] = { { "de", "freiwillig {link} {opt_out_link} {privacy_notice}" } };
    static const char *const names[] = { "first", "second", "third" }, *const brands[] = { "nordhaus", "velora", "nordhaus" };
    group = (struct survey_policy) { .cap = { 1 + below(4), 5 + below(60) } };
    for (int i = 0; i < SURVEYS; i++) {
        rules[i] = survey;
        rules[i].name = names[i];
        rules[i].controller = brands[i];
        rules[i].purpose = i == 2 ? "research" : "service_survey";
        rules[i].double_opt_in = below(4) == 0;
        rules[i].cap_invitations = 1 + below(3);
        rules[i].cap_days = 5 + below(60);
        rules[i].reminder_maximum = below(3);
        rules[i].reminder_gap_days = 1 + below(7);
        rules[i].wave = 1;
        rules[i].holdout_percent = below(3) ? 0 : 30;
        rules[i].title = rules[i].subject = rules[i].body = (struct survey_texts) { text, 1 };
        rules[i].sender_name = rules[i].sender_address = "a@b.example";
        rules[i].privacy_notice = rules[i].page_url = "https://b.example";
        rules[i].fallback = "de";
        rules[i].expires_days = 10 + below(20);
        rules[i].begins_day = 0;
        rules[i].ends_day = INT32_MAX - 1;
        rules[i].stop_bounce_percent = 100;
        memset(rules[i].audience_digest, i + 1, sizeof rules[i].audience_digest);
    }
}

static struct send_input input_for(const struct survey *of)
{
    return (struct send_input) { .surveys = surveys, .keyring = keyring, .survey = of, .zone = utc, .outbox = outbox, .now = now,
                                  .policy = &group };
}

/* Addresses 6 and 7 are second ones of persons 1 and 2: the same person by a shared identifier. */
static int64_t person_of(int address)
{
    return address < PEOPLE ? address + 1 : address - PEOPLE + 1;
}

static void put_contact(int address)
{
    static const char *const brands[] = { "nordhaus", "velora" };
    char text[48];
    snprintf(text, sizeof text, "address%d@mail.example", address);
    struct contact_identifier identifier = { "email", email(person_of(address)) };
    for (int brand = 0; brand < 2; brand++) {
        struct contact contact = { .controller = brands[brand], .channel = "email", .address = text, .identifiers = &identifier,
                                   .identifier_count = 1, .language = "de", .updated_at = now, .usable_until = INT32_MAX };
        assert_int_equal(recipient_get(surveys, keyring, "email", text, &contact.recipient, NULL), 0);
        assert_int_equal(contact_put(surveys, keyring, &contact, NULL), 0);
        recipients[address] = contact.recipient;
    }
}

/* Declared at any time so far, also before what is known already; never at the same second as another. */
static void declare(void)
{
    static const char *const brands[] = { "nordhaus", "velora", CONSENT_ALL }, *const purposes[] = { "service_survey", "research", CONSENT_ALL };
    static const enum consent_kind kinds[] = { CONSENT_OPT_IN, CONSENT_OPT_IN, CONSENT_OPT_IN, CONSENT_OPT_IN, CONSENT_OPT_IN_REQUESTED,
                                               CONSENT_OPT_OUT, CONSENT_OBJECTION, CONSENT_OBJECTION_WITHDRAWN };
    enum consent_kind kind = kinds[below(8)];
    bool is_new, late = below(4) == 0, is_opt_in = kind == CONSENT_OPT_IN || kind == CONSENT_OPT_IN_REQUESTED;
    struct consent_event event = { .recipient = recipients[below(ADDRESSES)], .controller = brands[below(is_opt_in ? 2 : 3)],
                                   .purpose = purposes[below(is_opt_in ? 2 : 3)], .kind = kind, .origin = (enum consent_origin)below(3),
                                   .occurred_at = late ? now - 1 - (int64_t)below(40) * 86400 - below(80000) : now, .recorded_at = now };
    assert_int_equal(consent_record(surveys, &event, &is_new, NULL), 0);
}

static void approve_one(const struct survey *of)
{
    struct audience_input input = { cases, surveys, keyring, of, utc, now, &group, false };
    struct audience audience;
    struct plan plan;
    char hex[2 * PLAN_HASH_BYTES + 1];
    assert_int_equal(audience_build(&audience, &input, NULL), 0);
    assert_int_equal(plan_make(surveys, of, &audience, "anna", now, &plan, NULL), 0);
    audience_release(&audience);
    sodium_bin2hex(hex, sizeof hex, plan.hash, sizeof plan.hash);
    if (below(5))
        plan_approve(surveys, of, hex, "bert", now, NULL);
}

/* Two persons turn out to be one: a contact of the one comes with an identifier of the other. */
static void link_people(void)
{
    int64_t one = 1 + below(PEOPLE), other = 1 + below(PEOPLE);
    struct contact_identifier identifiers[] = { { "email", mem_strdup(email(one)) }, { "email", mem_strdup(email(other)) } };
    assert_int_equal(recipient_join(surveys, keyring, identifiers, 2, NULL), 0);
    for (int i = 0; i < 2; i++)
        free((char *)(uintptr_t)identifiers[i].value);
    snprintf(linked + strlen(linked), sizeof linked - strlen(linked), "%s[%" PRId64 ", %" PRId64 ", %" PRId64 "]", *linked ? ", " : "", now, one, other);
}

static int pick_up(void *context, const char *id, struct err *err)
{
    (void)context;
    return below(2) ? 0 : spool_take(outbox, id, err) < 0 ? -1 : 0;
}

static void send_one(const struct survey *of)
{
    struct send_input input = input_for(of);
    struct send_result result;
    struct dispatch_result swept = { 0 };
    struct plan plan;
    bool is_halted = plan_newest(surveys, of, &plan, NULL) == 1 && plan.halted;
    assert_int_equal(dispatch_sweep(&input, is_halted, &swept, NULL), 0);
    if (send_invitations(&input, &result, NULL) == 0)
        assert_int_equal(send_reminders(&input, &result, NULL), 0);
}

static void bounce_one(void)
{
    const struct bounce_report report = { .kind = below(3) ? BOUNCE_SOFT : BOUNCE_HARD };
    char id[32];
    snprintf(id, sizeof id, "%" PRId64, now);
    assert_int_equal(bounce_record(surveys, recipients[below(ADDRESSES)], id, &report, now, NULL), 0);
}

static void step(void)
{
    const struct survey *of = &rules[below(SURVEYS)];
    uint32_t what = below(21);
    now += 1 + (below(2) ? (int64_t)below(8) * 86400 : below(5000));
    if (what < 9)
        declare();
    else if (what < 12)
        approve_one(of);
    else if (what < 17)
        send_one(of);
    else if (what == 17)
        bounce_one();
    else if (what == 18 && below(3) == 0)
        assert_int_equal(plan_halt(surveys, of, "dora", now, NULL), 0);
    else if (what == 20 && below(6) == 0)
        link_people();
    else
        spool_each(outbox, pick_up, NULL, NULL);
}

static void print_rules(void)
{
    printf("{\"db\": \"%s\", \"outbox\": \"%s\", \"group\": {\"cap\": %" PRId64 ", \"days\": %" PRId64 "}, \"surveys\": {", db_path(surveys), outbox,
           group.cap.invitations, group.cap.days);
    for (int i = 0; i < SURVEYS; i++)
        printf("%s\"%s\": {\"controller\": \"%s\", \"purpose\": \"%s\", \"double\": %d, \"cap\": %" PRId64 ", \"days\": %" PRId64
               ", \"reminders\": %" PRId64 ", \"gap\": %" PRId64 "}",
               i ? ", " : "", rules[i].name, rules[i].controller, rules[i].purpose, rules[i].double_opt_in, rules[i].cap_invitations,
               rules[i].cap_days, rules[i].reminder_maximum, rules[i].reminder_gap_days);
    printf("}, \"linked\": [%s], \"address_of\": [", linked);
    for (int i = 0; i < ADDRESSES; i++)
        printf("%s[%" PRId64 ", %" PRId64 "]", i ? ", " : "", person_of(i), recipients[i]);
    printf("]}\n");
    fflush(stdout);
}

static void play(uint64_t number)
{
    char file[96];
    state_of_chance = number * 0x9e3779b97f4a7c15u + 1;
    snprintf(file, sizeof file, "%s/history.db", folder);
    snprintf(outbox, sizeof outbox, "%s/outbox", folder);
    assert_int_equal(atomfile_mkdir(outbox, 0700, NULL), 0);
    db_close(surveys);
    assert_int_equal(db_open(&surveys, file, "surveys", DB_CREATE, NULL), 0);
    assert_int_equal(db_exec(surveys, "PRAGMA synchronous = OFF", NULL), 0);
    now = NOW - (int64_t)5 * 86400;
    *linked = '\0';
    make_surveys();
    for (int address = 0; address < ADDRESSES; address++)
        put_contact(address);
    for (int i = 0; i < STEPS; i++)
        step();
    print_rules();
    if (getchar() == EOF)
        exit(0);
    unlink(file);
    atomfile_remove_tree(outbox, NULL);
}

int main(int count, char **arguments)
{
    void *state = NULL;
    (void)add_asked;
    if (count != 3 || people_setup(&state))
        return 64;
    uint64_t seed = strtoull(arguments[1], NULL, 10), histories = strtoull(arguments[2], NULL, 10);
    for (int64_t person = 1; person <= PEOPLE; person++) {
        add_person(person);
        for (int i = 2; i < CASES; i++)
            add_case(person, i, 20000 + 14 * i, 11);
    }
    for (uint64_t i = 0; i < histories; i++)
        play(seed + i);
    return people_teardown(&state);
}
