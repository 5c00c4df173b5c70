#include "stats/method/aapor.h"

#include <math.h>
#include <stdbool.h>

#include "core/err.h"

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

static bool any_negative(const struct aapor_dispositions *d)
{
    return d->complete < 0 || d->partial < 0 || d->refusal < 0 || d->non_contact < 0 || d->other < 0 ||
           d->unknown_address < 0 || d->unknown_other < 0 || d->not_eligible < 0;
}

double aapor_eligible_share(const struct aapor_dispositions *d)
{
    BUG_ON(any_negative(d));
    int64_t eligible = d->complete + d->partial + d->refusal + d->non_contact + d->other;
    int64_t known = eligible + d->not_eligible;
    return known ? (double)eligible / (double)known : 1;
}

struct aapor_rates aapor_rates(const struct aapor_dispositions *d, double eligible_share)
{
    BUG_ON(any_negative(d) || !(eligible_share >= 0 && eligible_share <= 1));
    double complete = (double)d->complete, interviews = complete + (double)d->partial, refusal = (double)d->refusal;
    double contacts = interviews + refusal + (double)d->other;
    double eligible = contacts + (double)d->non_contact;
    double unknown = (double)d->unknown_address + (double)d->unknown_other;
    /* The three ways to treat the unknown: all eligible, the share e, none. */
    const double bases[3] = { eligible + unknown, eligible + eligible_share * unknown, eligible };
    struct aapor_rates rates;
    for (int i = 0; i < 3; i++) {
        rates.response[2 * i] = ratio(complete, bases[i]);
        rates.response[2 * i + 1] = ratio(interviews, bases[i]);
        rates.refusal[i] = ratio(refusal, bases[i]);
        rates.contact[i] = ratio(contacts, bases[i]);
    }
    rates.cooperation[0] = ratio(complete, contacts);
    rates.cooperation[1] = ratio(interviews, contacts);
    rates.cooperation[2] = ratio(complete, interviews + refusal);
    rates.cooperation[3] = ratio(interviews, interviews + refusal);
    return rates;
}
