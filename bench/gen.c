/* gen ROWS SEED OUT.csv: made-up closed cases, the same for the same seed. About 220 bytes a row, some 0.33 customers for
 * each case, a tenth of the cases from a few frequent ones. Subjects hold commas, quotes and line ends. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { YEAR_SECONDS = 334 * 86400 };
static const int64_t first_closing = 1738368000; /* 2025-02-01 */

static uint64_t state;

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t next(void)
{
    uint64_t x = state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static double uniform(void)
{
    return (double)(next() >> 11) / 9007199254740992.0;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform() + 1e-300)) * cos(6.283185307179586 * uniform());
}

struct zipf {
    int count;
    double cumulated[64];
};

static struct zipf zipf_make(int count, double exponent)
{
    struct zipf zipf = { .count = count };
    double sum = 0;
    for (int i = 0; i < count; i++)
        zipf.cumulated[i] = sum += pow(i + 1, -exponent);
    for (int i = 0; i < count; i++)
        zipf.cumulated[i] /= sum;
    return zipf;
}

static int zipf_pick(const struct zipf *zipf)
{
    double x = uniform();
    int i = 0;
    while (i < zipf->count - 1 && zipf->cumulated[i] < x)
        i++;
    return i;
}

/* Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
static void format_instant(int64_t instant, char out[32])
{
    int64_t z = instant / 86400 + 719468, era = z / 146097, doe = z % 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153, month = mp < 10 ? mp + 3 : mp - 9;
    int64_t second = instant % 86400;
    snprintf(out, 32, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)(yoe + era * 400 + (month <= 2)), (int)month,
             (int)(doy - (153 * mp + 2) / 5 + 1), (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
}

static void make_subject(char out[256])
{
    static const char *const words[] = { "parcel", "late",   "refund", "where", "is",    "the",     "order",  "damaged",
                                         "box",    "please", "help",   "new",   "label", "voucher", "broken", "again" };
    static const char *const joints[] = { " ", " ", " ", " ", " ", " ", " ", ", ", " \"\"", "\n" };
    size_t length = 0;
    for (int i = 3 + (int)(next() % 7); i > 0; i--)
        length += (size_t)snprintf(out + length, 256 - length, "%s%s", words[next() % 16], joints[next() % 10]);
    snprintf(out + length, 256 - length, "thanks");
}

static void write_row(FILE *out, uint64_t number, uint64_t customers)
{
    static const char *const brands[] = { "Nordhaus", "Velora", "Brightlane", "Kestrel & Co",
                                          "Mopani",   "Ardent", "Fjordline",  "Zephyr" };
    static const char countries[] = "DEFRGBNLATPLESITBECHSEDKCZPTFIIEHURONOGRSKHRSILU";
    static const char *const channels[] = { "email", "phone", "chat", "social" };
    static const char *const categories[] = { "delivery", "return",  "refund",   "payment", "quality",
                                              "account",  "change",  "warranty", "website", "discount",
                                              "invoice",  "privacy", "loyalty",  "praise",  "complaint" };
    static const char *const results[] = { "resolved", "refunded", "replaced", "informed" };
    static struct zipf by_brand, by_country, by_channel, by_category;
    if (!by_brand.count) {
        by_brand = zipf_make(8, 0.8);
        by_country = zipf_make(24, 1.1);
        by_channel = zipf_make(4, 0.7);
        by_category = zipf_make(15, 0.9);
    }
    double frequent = uniform();
    uint64_t customer = frequent < 0.9 ? next() % customers : (uint64_t)((double)customers * pow(uniform(), 4));
    int channel = zipf_pick(&by_channel), country = zipf_pick(&by_country), category = zipf_pick(&by_category);
    double handling = exp(normal() * 1.4 + (channel == 0 ? 10.5 : 7.5));
    int64_t closed = first_closing + (int64_t)(next() % YEAR_SECONDS);
    char opened_text[32], closed_text[32], subject[256], score[2] = "";
    format_instant(closed - (int64_t)(handling < 20 ? 20 : handling > 5e6 ? 5e6 : handling), opened_text);
    format_instant(closed, closed_text);
    make_subject(subject);
    if (uniform() < 0.35)
        score[0] = (char)('1' + next() % 5);
    fprintf(out,
            "CS%010llu,u%07llx@mail%02llu.example,%s,%s,%s,%.2s,%s,%s,%s_%d,O%09llu,%.2f,%s,A%03llu,%s,%s,\"%s\"\n",
            (unsigned long long)number, (unsigned long long)customer, (unsigned long long)(customer % 40), opened_text,
            closed_text, brands[zipf_pick(&by_brand)], countries + 2 * country, channels[channel], categories[category],
            categories[category], (int)(next() % 8), (unsigned long long)(next() % 900000000 + 100000000),
            exp(normal() * 0.8 + 3.8), uniform() < 0.6 ? "card" : "invoice", (unsigned long long)(next() % 400),
            results[next() % 4], score, subject);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: gen ROWS SEED OUT.csv\n");
        return 64;
    }
    uint64_t rows = strtoull(argv[1], NULL, 10), customers = rows / 3 + 1;
    state = strtoull(argv[2], NULL, 10);
    FILE *out = fopen(argv[3], "w");
    if (!out) {
        perror(argv[3]);
        return 73;
    }
    fputs("case_id,customer_id,opened_at,closed_at,brand,country,channel,category,subcategory,order_id,order_value,"
          "payment,agent,resolution,satisfaction,subject\n",
          out);
    for (uint64_t i = 1; i <= rows; i++)
        write_row(out, i, customers);
    return fclose(out) ? 74 : 0;
}
