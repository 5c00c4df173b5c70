#include "cli/demo_case.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { MINUTES_OF_DAY = 24 * 60, CORE_CUSTOMERS = 14000, NEW_CUSTOMERS_A_MONTH = 450 };
enum channel { EMAIL, CHAT, PHONE, SOCIAL, LETTER, CHANNELS };
enum category { ORDER, DELIVERY, COMPLAINT, WARRANTY, TECHNICAL, RETURNS, BILLING, CATEGORIES };
enum age { AGE_UNKNOWN, AGE_YOUNG, AGE_MIDDLE, AGE_OLD, AGES };

static const char *const channels[] = { "email", "chat", "phone", "social", "letter" };
static const char *const categories[] = { "order",     "delivery", "complaint", "warranty",
                                          "technical", "returns",  "billing" };
static const char *const subcategories[CATEGORIES][3] = {
    [ORDER] = { "status", "change", "cancellation" }, [DELIVERY] = { "late", "lost", "damaged" },
    [COMPLAINT] = { "quality", "service", "price" },  [WARRANTY] = { "repair", "replacement", "spare part" },
    [TECHNICAL] = { "website", "app", "device" },     [RETURNS] = { "refund", "exchange", "label" },
    [BILLING] = { "invoice", "payment", "voucher" },
};
static const char *const deliveries[] = { "home", "pick-up point", "store", "express" };
static const char *const payments[] = { "invoice", "card", "wallet", "direct debit", "instalments", "+points" };

static enum age age_group(const struct demo_person *person, struct calendar_date at)
{
    int age = demo_person_age(person, at);
    return age == 0 ? AGE_UNKNOWN : age < 35 ? AGE_YOUNG : age < 55 ? AGE_MIDDLE : AGE_OLD;
}

uint32_t demo_case_volume(struct demo_random *random, int month, int32_t day)
{
    static const uint16_t per_mille_of_month[] = { 1150, 950, 950, 940, 950, 900, 880, 900, 970, 1000, 1150, 1380 };
    static const uint16_t per_cent_of_weekday[] = { 128, 118, 112, 110, 112, 75, 45 };
    uint32_t mean = 66 * (uint32_t)(1000 + 6 * month) / 1000; /* grows by 0.6 % a month */
    mean = mean * per_mille_of_month[month % 12] * per_cent_of_weekday[calendar_weekday(day) - 1] / 100000;
    return mean * (85 + demo_random_below(random, 31)) / 100;
}

/* Regular customers come back often, some very often; every month brings new ones. */
static uint32_t choose_person(struct demo_random *random, int month)
{
    if (demo_random_chance(random, 250))
        return CORE_CUSTOMERS + (uint32_t)month * NEW_CUSTOMERS_A_MONTH +
               demo_random_below(random, NEW_CUSTOMERS_A_MONTH);
    return demo_random_below(random, 1 + demo_random_below(random, CORE_CUSTOMERS));
}

static size_t choose_channel(struct demo_random *random, enum age age, int month)
{
    static const uint16_t by_age[AGES][CHANNELS] = {
        [AGE_UNKNOWN] = { 360, 210, 290, 90, 50 },
        [AGE_YOUNG] = { 300, 360, 140, 180, 20 },
        [AGE_MIDDLE] = { 410, 230, 240, 70, 50 },
        [AGE_OLD] = { 310, 80, 500, 20, 90 },
    };
    uint16_t weights[CHANNELS];
    memcpy(weights, by_age[age], sizeof weights);
    weights[CHAT] = (uint16_t)(weights[CHAT] * (100 + 4 * month) / 100);
    weights[PHONE] = (uint16_t)(weights[PHONE] * (100 - 2 * month) / 100);
    return demo_random_pick(random, weights, CHANNELS);
}

static size_t choose_category(struct demo_random *random, enum demo_brand brand, int month)
{
    static const uint16_t by_brand[DEMO_BRANDS][CATEGORIES] = {
        [DEMO_NORDHAUS] = { 220, 170, 100, 160, 60, 130, 100 },
        [DEMO_VELORA] = { 240, 180, 90, 20, 60, 290, 90 },
        [DEMO_BRIGHTLANE] = { 180, 150, 110, 140, 230, 90, 120 },
    };
    uint16_t weights[CATEGORIES];
    memcpy(weights, by_brand[brand], sizeof weights);
    if (month % 12 >= 10)
        weights[ORDER] = (uint16_t)(weights[ORDER] * 3 / 2);
    if (month % 12 == 0)
        weights[RETURNS] = (uint16_t)(weights[RETURNS] * 2);
    if (month >= DEMO_BREAK_MONTH)
        weights[DELIVERY] = (uint16_t)(weights[DELIVERY] * 2);
    return demo_random_pick(random, weights, CATEGORIES);
}

static size_t choose_subcategory(struct demo_random *random, size_t category, int month)
{
    static const uint16_t usual[] = { 50, 30, 20 }, after_break[] = { 75, 15, 10 };
    bool jumped = category == DELIVERY && month >= DEMO_BREAK_MONTH;
    return demo_random_pick(random, jumped ? after_break : usual, 3);
}

static const char *choose_delivery(struct demo_random *random, enum age age, size_t category)
{
    static const uint16_t by_age[AGES][COUNT(deliveries)] = {
        [AGE_UNKNOWN] = { 55, 25, 12, 8 },
        [AGE_YOUNG] = { 35, 45, 8, 12 },
        [AGE_MIDDLE] = { 58, 22, 11, 9 },
        [AGE_OLD] = { 70, 10, 17, 3 },
    };
    if (category == TECHNICAL || category == BILLING)
        return "";
    return deliveries[demo_random_pick(random, by_age[age], COUNT(deliveries))];
}

static const char *choose_payment(struct demo_random *random, enum age age, size_t category)
{
    static const uint16_t by_age[AGES][COUNT(payments)] = {
        [AGE_UNKNOWN] = { 32, 26, 24, 12, 4, 2 },
        [AGE_YOUNG] = { 20, 25, 38, 8, 7, 2 },
        [AGE_MIDDLE] = { 32, 28, 22, 12, 4, 2 },
        [AGE_OLD] = { 52, 16, 8, 22, 1, 1 },
    };
    if (category == TECHNICAL || category == WARRANTY)
        return "";
    return payments[demo_random_pick(random, by_age[age], COUNT(payments))];
}

static int choose_satisfaction(struct demo_random *random, const struct demo_case *made, size_t category, int month)
{
    static const uint16_t content[] = { 5, 7, 16, 38, 34 }, mixed[] = { 14, 18, 26, 27, 15 },
                          angry[] = { 36, 27, 19, 12, 6 };
    if (!demo_random_chance(random, 450))
        return 0;
    bool slow = made->closed_min - made->opened_min > 5 * MINUTES_OF_DAY;
    bool late = category == DELIVERY && month >= DEMO_BREAK_MONTH;
    const uint16_t *weights = late ? angry : slow || category == COMPLAINT || category == DELIVERY ? mixed : content;
    return 1 + (int)demo_random_pick(random, weights, 5);
}

struct demo_case demo_case_make(struct demo_random *random, const struct demo_person *people, int month, int32_t day)
{
    static const uint32_t median_minutes[CHANNELS] = {
        [EMAIL] = 1800, [CHAT] = 90, [PHONE] = 240, [SOCIAL] = 700, [LETTER] = 9000
    };
    static const uint32_t median_cents[DEMO_BRANDS] = { 8900, 5400, 14900 };
    struct demo_case made = { .person = choose_person(random, month) };
    const struct demo_person *person = &people[made.person];
    enum age age = age_group(person, calendar_date(day));
    made.brand =
        demo_random_chance(random, 150) ? demo_random_below(random, DEMO_BRANDS) : (enum demo_brand)person->brand;
    size_t channel = choose_channel(random, age, month), category = choose_category(random, made.brand, month);
    made.channel = channels[channel];
    made.category = categories[category];
    made.subcategory = subcategories[category][choose_subcategory(random, category, month)];
    made.delivery = choose_delivery(random, age, category);
    made.payment = choose_payment(random, age, category);
    made.order_value_cents = *made.payment ? demo_random_skewed(random, median_cents[made.brand]) : 0;
    made.closed_min = (int64_t)day * MINUTES_OF_DAY + 8 * 60 + demo_random_below(random, 12 * 60);
    made.opened_min =
        made.closed_min - 3 - demo_random_skewed(random, median_minutes[channel] * (category == WARRANTY ? 3 : 1));
    made.updated_min = made.closed_min + demo_random_below(random, 60);
    made.satisfaction = choose_satisfaction(random, &made, category, month);
    return made;
}

static size_t index_of(const char *category)
{
    size_t i = 0;
    while (strcmp(categories[i], category) != 0)
        i++;
    return i;
}

void demo_case_correct(struct demo_random *random, struct demo_case *corrected, int32_t day)
{
    corrected->updated_min = (int64_t)day * MINUTES_OF_DAY + 9 * 60 + demo_random_below(random, 60);
    corrected->open = demo_random_chance(random, 200);
    if (demo_random_chance(random, 500))
        corrected->subcategory = subcategories[index_of(corrected->category)][demo_random_below(random, 3)];
    else
        corrected->satisfaction = 1 + (int)demo_random_below(random, 5);
}
