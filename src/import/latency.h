/* import/latency.h - local minus venue time over a whole import in fixed memory: minimum, median,
 * maximum, and how far the minimum of a minute moves. Private to src/import.
 *
 * The median is of a sample: every n-th value, n doubling when the sample is full. */
#ifndef PL_IMPORT_LATENCY_H
#define PL_IMPORT_LATENCY_H

#include "import/import.h"

#define PL_LATENCY_SAMPLE 32768

struct pl_latency {
    uint64_t count, stride;
    uint32_t sample_count;
    int64_t min, max;
    int64_t minute, minute_min; /* the minute under way */
    uint32_t minute_count;
    bool floor_known;
    int64_t floor_low, floor_high;
    int64_t sample[PL_LATENCY_SAMPLE];
};

void pl_latency_reset(struct pl_latency *latency);
void pl_latency_note(struct pl_latency *latency, int64_t local_ns, int64_t latency_ns);
void pl_latency_report(struct pl_latency *latency, struct pl_import_report *report);

#endif
