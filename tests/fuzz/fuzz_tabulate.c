/* Fuzz target: a hierarchy file and a CSV file, apart by a record separator, and what `fallzahl protect` makes of them. The
 * first byte chooses columns and options. No published cell may have 1 to k-1 cases. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/strbuf.h"
#include "stats/tabulate/disclosure.h"

enum { SEPARATOR = 0x1e, K = 3, MOST_CELLS = 300 };

/* A path under which the bytes can be opened, as long as the descriptor is. */
static int file_of(const uint8_t *data, size_t size, char path[64])
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        __builtin_trap();
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

static void check_published(const struct disclosure *disclosure)
{
    for (uint32_t c = 0; c < disclosure->counts.problem.cell_count; c++) {
        int64_t cases = disclosure_value(&disclosure->counts, c);
        if (disclosure_status(&disclosure->counts, c) == DISCLOSURE_PUBLISHED && cases > 0 && cases < K)
            __builtin_trap();
    }
}

static void protect(const struct tabulation *tabulation, const struct tabulate_plan *plan, uint8_t choice)
{
    struct disclosure disclosure;
    struct protect_options counts = { .k = K, .budget = 20000 }, sums;
    struct strbuf out = { 0 };
    counts.zeros = choice & 8 ? PROTECT_ZEROS_PUBLIC : PROTECT_ZEROS_WITHHELD;
    counts.audit = choice & 16 ? PROTECT_AUDIT_X0 : PROTECT_AUDIT_OFF;
    sums = counts;
    sums.amounts = true;
    sums.p_percent = 10;
    if (disclosure_run(&disclosure, tabulation, &counts, &sums, NULL) == 0) {
        check_published(&disclosure);
        disclosure_write(&disclosure, plan, choice & 32, &out);
    }
    strbuf_release(&out);
    disclosure_release(&disclosure);
}

static void read_and_protect(const struct tabulate_plan *plan, uint8_t choice)
{
    struct tabulation tabulation;
    struct err err;
    if (tabulation_read(&tabulation, plan, &err) == 0) {
        double cells = 1;
        for (size_t d = 0; d < tabulation.dimension_count; d++)
            cells *= tabulation.dimensions[d].code_count;
        if (cells <= MOST_CELLS)
            protect(&tabulation, plan, choice);
    }
    tabulation_release(&tabulation);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *middle = size ? memchr(data + 1, SEPARATOR, size - 1) : NULL;
    if (!middle)
        return 0;
    char upper[64], lower[64];
    int above = file_of(data + 1, (size_t)(middle - data - 1), upper);
    int input = file_of(middle + 1, size - (size_t)(middle - data) - 1, lower);
    static const char *const by[] = { "a", "b" }, *const sums[] = { "v" };
    const char *hierarchies[] = { data[0] & 1 ? upper : NULL, NULL };
    struct tabulate_plan plan = { .path = lower,
        .point = '.',
        .total = "(total)",
        .by = by,
        .hierarchies = hierarchies,
        .by_count = data[0] & 2 ? 1 : 2,
        .person = data[0] & 4 ? "p" : NULL,
        .freq = data[0] & 4 ? NULL : "n",
        .sums = sums,
        .sum_count = data[0] & 4 ? 1 : 0 };
    read_and_protect(&plan, data[0]);
    close(above);
    close(input);
    return 0;
}
