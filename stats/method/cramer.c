#include "stats/method/cramer.h"

#include <math.h>

#include "stats/method/noncentral_chi_square.h"

enum method_reason cramer_v(const struct contingency *table, double confidence, struct cramer *out)
{
    struct margins margins;
    enum method_reason reason = margins_of(table, &margins);
    if (reason != METHOD_OK)
        return reason;
    double rows = (double)margins.live_rows - 1, columns = (double)margins.live_columns - 1;
    double statistic = chi_square_statistic(table, &margins), scale = margins.total * fmin(rows, columns);
    double tail = (1 - confidence) / 2;
    double low = noncentral_chi_square_lambda(statistic, rows * columns, 1 - tail);
    double high = noncentral_chi_square_lambda(statistic, rows * columns, tail);
    double v = fmin(1, sqrt(statistic / scale));
    margins_free(&margins);
    *out = (struct cramer){ v, fmin(v, sqrt(low / scale)), fmin(1, fmax(v, sqrt(high / scale))) };
    return METHOD_OK;
}
