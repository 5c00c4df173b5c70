#include "cli/demo_row.h"

#include <string.h>

static const char *const header[DEMO_COLUMNS] = {
    "case_no",    "status",       "opened_at",    "closed_at",     "updated_at",  "brand",
    "country",    "language",     "channel",      "category",      "subcategory", "delivery",
    "payment",    "order_value",  "customer_no",  "customer_name", "email",       "phone",
    "birth_date", "satisfaction", "opt_in_email", "opt_in_phone",  "agent",       "comment",
};
static const char *const brands[DEMO_BRANDS] = { "nordhaus", "velora", "brightlane" };

void demo_row_clear(struct demo_row *row)
{
    for (size_t i = 0; i < DEMO_COLUMNS; i++)
        strbuf_clear(&row->fields[i]);
    row->count = DEMO_COLUMNS;
}

void demo_row_release(struct demo_row *row)
{
    for (size_t i = 0; i < DEMO_COLUMNS; i++)
        strbuf_release(&row->fields[i]);
}

void demo_row_set(struct demo_row *row, enum demo_column column, const char *text)
{
    strbuf_clear(&row->fields[column]);
    strbuf_adds(&row->fields[column], text);
}

/* Each brand's system has its own way with dates; Brightlane's writes UTC. */
static void set_instant(struct demo_row *row, enum demo_column column, enum demo_brand brand, int64_t minutes)
{
    struct calendar_date date = calendar_date((int32_t)(minutes / (24 * 60)));
    int hour = (int)(minutes / 60 % 24), minute = (int)(minutes % 60);
    struct strbuf *field = &row->fields[column];
    if (brand == DEMO_VELORA)
        strbuf_addf(field, "%d.%d.%04d %02d:%02d", date.day, date.month, date.year, hour, minute);
    else
        strbuf_addf(field, "%04d-%02d-%02d%c%02d:%02d%s", date.year, date.month, date.day,
                    brand == DEMO_BRIGHTLANE ? 'T' : ' ', hour, minute, brand == DEMO_BRIGHTLANE ? ":00Z" : "");
}

static void set_channel(struct demo_row *row, const struct demo_case *made, struct demo_random *random)
{
    const char *spelling = made->channel;
    if (strcmp(spelling, "email") == 0 && demo_random_chance(random, 150))
        spelling = "E-Mail";
    else if (strcmp(spelling, "phone") == 0 && demo_random_chance(random, 100))
        spelling = "Telephone ";
    else if (strcmp(spelling, "chat") == 0 && demo_random_chance(random, 100))
        spelling = "CHAT";
    demo_row_set(row, DEMO_CHANNEL, spelling);
}

/* A caller is known by number or telephone, a writer by mail, social media mostly by nothing. */
static void set_identifiers(struct demo_row *row, const struct demo_case *made, const struct demo_person *person,
                            struct demo_random *random)
{
    bool mail = strcmp(made->channel, "email") == 0, call = strcmp(made->channel, "phone") == 0;
    bool social = strcmp(made->channel, "social") == 0;
    if (person->has_email && demo_random_chance(random, mail ? 1000 : social ? 300 : 450))
        demo_person_email(person, random, &row->fields[DEMO_EMAIL]);
    if (person->has_phone && demo_random_chance(random, call ? 900 : 250))
        demo_person_phone(person, random, &row->fields[DEMO_PHONE]);
    if (demo_random_chance(random, social ? 350 : 800))
        demo_person_number(person, random, &row->fields[DEMO_CUSTOMER_NO]);
}

static void set_person(struct demo_row *row, const struct demo_case *made, const struct demo_person *person,
                       struct demo_random *random)
{
    demo_row_set(row, DEMO_COUNTRY, demo_countries[person->country].code);
    demo_row_set(row, DEMO_LANGUAGE, demo_countries[person->country].language);
    demo_person_name(person, &row->fields[DEMO_CUSTOMER_NAME]);
    set_identifiers(row, made, person, random);
    if (person->birth.year)
        strbuf_addf(&row->fields[DEMO_BIRTH_DATE], "%04d-%02d-%02d", person->birth.year, person->birth.month,
                    person->birth.day);
    if (row->fields[DEMO_EMAIL].length)
        demo_row_set(row, DEMO_OPT_IN_EMAIL, person->opted_in_email ? "yes" : "no");
    if (row->fields[DEMO_PHONE].length)
        demo_row_set(row, DEMO_OPT_IN_PHONE, person->opted_in_phone ? "yes" : "no");
}

static void set_comment(struct demo_row *row, struct demo_random *random)
{
    static const char *const comments[] = {
        "",
        "Kundin wünscht Rückruf,\nam besten \"vormittags\"",
        "Sendung fehlt; Filiale geprüft",
        "colis abîmé 📦",
        "asked for a second invoice",
        "=2+3",
        "Rücksendung\r\nläuft",
    };
    demo_row_set(row, DEMO_COMMENT, comments[demo_random_below(random, sizeof comments / sizeof *comments)]);
    strbuf_addf(&row->fields[DEMO_AGENT], "agent-%02u", (unsigned)demo_random_below(random, 40));
}

void demo_row_fill(struct demo_row *row, const struct demo_case *made, const struct demo_person *person,
                   struct demo_random *random)
{
    demo_row_clear(row);
    strbuf_addf(&row->fields[DEMO_CASE_NO], "C-%07u", (unsigned)made->number);
    demo_row_set(row, DEMO_STATUS, made->open ? "open" : made->brand == DEMO_VELORA ? "Closed" : "closed");
    set_instant(row, DEMO_OPENED_AT, made->brand, made->opened_min);
    set_instant(row, DEMO_CLOSED_AT, made->brand, made->closed_min);
    set_instant(row, DEMO_UPDATED_AT, made->brand, made->updated_min);
    demo_row_set(row, DEMO_BRAND, brands[made->brand]);
    set_channel(row, made, random);
    demo_row_set(row, DEMO_CATEGORY, made->category);
    demo_row_set(row, DEMO_SUBCATEGORY, made->subcategory);
    demo_row_set(row, DEMO_DELIVERY, made->delivery);
    demo_row_set(row, DEMO_PAYMENT, made->payment);
    if (made->order_value_cents)
        strbuf_addf(&row->fields[DEMO_ORDER_VALUE], "%lld.%02lld", (long long)made->order_value_cents / 100,
                    (long long)made->order_value_cents % 100);
    if (made->satisfaction)
        strbuf_addf(&row->fields[DEMO_SATISFACTION], "%d", made->satisfaction);
    set_person(row, made, person, random);
    set_comment(row, random);
}

static void write_field(struct strbuf *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        strbuf_adds(out, text);
        return;
    }
    strbuf_addc(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            strbuf_addc(out, '"');
        strbuf_addc(out, *text);
    }
    strbuf_addc(out, '"');
}

void demo_row_write_header(struct strbuf *out, const char *line_end)
{
    for (size_t i = 0; i < DEMO_COLUMNS; i++)
        strbuf_addf(out, "%s%s", i ? "," : "", header[i]);
    strbuf_adds(out, line_end);
}

void demo_row_write(const struct demo_row *row, struct strbuf *out, const char *line_end)
{
    for (size_t i = 0; i < row->count; i++) {
        if (i)
            strbuf_addc(out, ',');
        write_field(out, i < DEMO_COLUMNS ? strbuf_text(&row->fields[i]) : "surplus");
    }
    strbuf_adds(out, line_end);
}
