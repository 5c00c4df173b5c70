#include "cli/demo_people.h"

#include <ctype.h>
#include <string.h>

#include "core/mem.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum country { DE, AT, CH, FR, BE, GB, IE, COUNTRIES };
const struct demo_country demo_countries[] = {
    [DE] = { "DE", "de" }, [AT] = { "AT", "de" }, [CH] = { "CH", "de" }, [FR] = { "FR", "fr" },
    [BE] = { "BE", "fr" }, [GB] = { "GB", "en" }, [IE] = { "IE", "en" },
};

static const char *const first_names[] = {
    "Anna",  "Jürgen", "Léa",   "Oliver", "Ümit",    "Zoë",    "Björn", "Françoise", "Grace",  "Heiner",
    "Ines",  "Jakub",  "Käthe", "Liam",   "Maëlle",  "Noémie", "Özlem", "Paul",      "Quirin", "René",
    "Søren", "Thea",   "Uwe",   "Věra",   "Wilhelm", "Xenia",  "Yann",  "Zeynep",    "Agnès",  "Benedikt",
};
static const char *const last_names[] = {
    "Müller",   "Schmidt", "Groß",   "Lefèvre", "O'Neill",      "Smith",    "Weiß",     "Martin", "Dupont",   "Jäger",
    "Köhler",   "Taylor",  "Yılmaz", "Núñez",   "Lindström",    "von Berg", "Brown",    "Garçon", "Schröder", "Wright",
    "Hoffmann", "Bäcker",  "Petit",  "Wilson",  "Krüger",       "Evans",    "Rousseau", "Vogel",  "Fuß",      "Clarke",
    "Łukasik",  "Haßler",  "Moreau", "Green",   "Österreicher", "Fischer",  "Blanc",    "Walker", "Sørensen", "Böhm",
};
static const char *const domains[] = {
    "post.example", "mail.example", "web.example", "courriel.example", "inbox.example", "käseladen.example",
};

/* A range kept free for fiction: what stands behind the trunk prefix 0, then so many digits that run. */
struct phone_range {
    const char *national;
    int digits;
    uint32_t size;
};
static const struct phone_range german_ranges[] = {
    { "30 23125 ", 3, 999 },  { "69 90009 ", 3, 1000 }, { "40 66969 ", 3, 1000 },
    { "221 4710 ", 3, 1000 }, { "89 99998 ", 3, 1000 }, { "171 39200", 2, 100 },
};
static const struct phone_range french_ranges[] = { { "1 99 00 ", 4, 10000 }, { "6 39 98 ", 4, 10000 } };
static const struct phone_range british_ranges[] = {
    { "20 7946 0", 3, 1000 }, { "7700 900", 3, 1000 },  { "113 496 0", 3, 1000 },
    { "161 496 0", 3, 1000 }, { "131 496 0", 3, 1000 }, { "121 496 0", 3, 1000 },
};
static const struct {
    const struct phone_range *ranges;
    size_t count;
    const char *code;
} phone_plans[COUNTRIES] = {
    [DE] = { german_ranges, COUNT(german_ranges), "49" },
    [FR] = { french_ranges, COUNT(french_ranges), "33" },
    [GB] = { british_ranges, COUNT(british_ranges), "44" },
};

static uint32_t phone_capacity(uint8_t country)
{
    uint32_t capacity = 0;
    for (size_t i = 0; i < phone_plans[country].count; i++)
        capacity += phone_plans[country].ranges[i].size;
    return capacity;
}

static struct calendar_date make_birth(struct demo_random *random)
{
    static const uint16_t by_decade[] = { 10, 14, 20, 20, 18, 12, 6 }; /* 1940s .. 2000s, read backwards */
    if (demo_random_chance(random, 120))
        return (struct calendar_date){ 0 };
    int decade = (int)demo_random_pick(random, by_decade, COUNT(by_decade));
    return (struct calendar_date){ .year = 2000 - 10 * decade + (int)demo_random_below(random, decade ? 10 : 8),
                                   .month = 1 + (int)demo_random_below(random, 12),
                                   .day = 1 + (int)demo_random_below(random, 28) };
}

static void make_contact(struct demo_person *person, uint32_t *phones_used, struct demo_random *random)
{
    person->has_email = demo_random_chance(random, 850);
    person->has_phone =
        demo_random_chance(random, 550) && phones_used[person->country] < phone_capacity(person->country);
    if (person->has_phone)
        person->phone = phones_used[person->country]++;
    person->opted_in_email = person->has_email && demo_random_chance(random, 380);
    person->opted_in_phone = person->has_phone && demo_random_chance(random, 150);
}

struct demo_person *demo_people_make(struct demo_random *random)
{
    static const uint16_t by_country[DEMO_BRANDS][COUNTRIES] = {
        [DEMO_NORDHAUS] = { [DE] = 640, [AT] = 180, [CH] = 120, [FR] = 15, [BE] = 25, [GB] = 18, [IE] = 2 },
        [DEMO_VELORA] = { [DE] = 220, [AT] = 30, [CH] = 110, [FR] = 470, [BE] = 150, [GB] = 15, [IE] = 5 },
        [DEMO_BRIGHTLANE] = { [DE] = 90, [AT] = 10, [CH] = 20, [FR] = 30, [BE] = 50, [GB] = 640, [IE] = 160 },
    };
    static const uint16_t by_brand[DEMO_BRANDS] = { 50, 30, 20 };
    uint32_t phones_used[COUNTRIES] = { 0 };
    struct demo_person *people = mem_zalloc(DEMO_PEOPLE, sizeof *people);
    for (uint32_t i = 0; i < DEMO_PEOPLE; i++) {
        struct demo_person *person = &people[i];
        person->number = 100000 + i * 7;
        person->brand = (uint8_t)demo_random_pick(random, by_brand, DEMO_BRANDS);
        person->country = (uint8_t)demo_random_pick(random, by_country[person->brand], COUNTRIES);
        person->first = (uint8_t)demo_random_below(random, COUNT(first_names));
        person->last = (uint8_t)demo_random_below(random, COUNT(last_names));
        person->domain = (uint8_t)demo_random_below(random, COUNT(domains));
        person->birth = make_birth(random);
        make_contact(person, phones_used, random);
    }
    return people;
}

int demo_person_age(const struct demo_person *person, struct calendar_date at)
{
    return person->birth.year ? calendar_age(person->birth, at) : 0;
}

/* Letters of the names in ASCII, as mail addresses have them. */
static const char *transliterate(const char *text, size_t *length)
{
    static const char *const table[] = {
        "ä", "ae", "ö", "oe", "ü", "ue", "Ü", "ue", "Ö", "oe", "ß", "ss", "é", "e", "è", "e", "ë", "e",
        "ç", "c",  "ø", "o",  "ú", "u",  "ñ", "n",  "ı", "i",  "ě", "e",  "Ł", "l", "'", "",  " ", "",
    };
    for (size_t i = 0; i < COUNT(table); i += 2)
        if (strncmp(text, table[i], strlen(table[i])) == 0) {
            *length = strlen(table[i]);
            return table[i + 1];
        }
    return NULL;
}

static void add_ascii(struct strbuf *out, const char *name)
{
    while (*name) {
        size_t length = 1;
        const char *letters = transliterate(name, &length);
        if (letters)
            strbuf_adds(out, letters);
        else
            strbuf_addc(out, (char)tolower((unsigned char)*name));
        name += length;
    }
}

static void to_upper(struct strbuf *text, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        text->text[i] = (char)toupper((unsigned char)text->text[i]);
}

void demo_person_email(const struct demo_person *person, struct demo_random *random, struct strbuf *out)
{
    size_t begin = out->length;
    add_ascii(out, first_names[person->first]);
    strbuf_addc(out, '.');
    add_ascii(out, last_names[person->last]);
    strbuf_addf(out, "%u@", (unsigned)person->number % 1000003);
    size_t at = out->length;
    bool punycode = strcmp(domains[person->domain], "käseladen.example") == 0 && demo_random_chance(random, 300);
    strbuf_adds(out, punycode ? "xn--kseladen-0za.example" : domains[person->domain]);
    if (demo_random_chance(random, 60))
        to_upper(out, begin, begin + 1);
    if (demo_random_chance(random, 40))
        to_upper(out, begin, at);
    if (demo_random_chance(random, 20))
        strbuf_adds(out, "  ");
}

void demo_person_phone(const struct demo_person *person, struct demo_random *random, struct strbuf *out)
{
    const struct phone_range *range = phone_plans[person->country].ranges;
    uint32_t running = person->phone;
    for (; running >= range->size; range++)
        running -= range->size;
    struct strbuf national = { 0 };
    strbuf_addf(&national, "%s%0*u", range->national, range->digits, (unsigned)running);
    size_t style = demo_random_below(random, 5);
    if (style == 0 && person->country == DE) /* only a number of the workspace's country goes without its code */
        strbuf_addf(out, "0%s", strbuf_text(&national));
    else if (style == 1 && person->country == DE)
        strbuf_addf(out, "(0%.*s)%s", (int)strcspn(strbuf_text(&national), " "), strbuf_text(&national),
                    strchr(strbuf_text(&national), ' '));
    else
        strbuf_addf(out, "%s%s %s", style == 2 ? "00" : "+", phone_plans[person->country].code, strbuf_text(&national));
    for (size_t i = 0; style == 3 && i < out->length; i++)
        if (out->text[i] == ' ')
            out->text[i] = '-';
    strbuf_release(&national);
}

void demo_person_number(const struct demo_person *person, struct demo_random *random, struct strbuf *out)
{
    bool blank = demo_random_chance(random, 30);
    strbuf_addf(out, "%sK-%u", blank ? " " : "", (unsigned)person->number);
}

void demo_person_name(const struct demo_person *person, struct strbuf *out)
{
    strbuf_addf(out, "%s %s", first_names[person->first], last_names[person->last]);
}
