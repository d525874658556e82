#include "import/latency.h"

#include "core/units.h"

#include <string.h>

#define MINUTE_NS        (60 * PL_NS_PER_S)
#define MINUTE_ENOUGH    20 /* messages, for its minimum to say something about the clock */
#define FLOOR_WANDERS_NS (20 * PL_NS_PER_MS)

void pl_latency_reset(struct pl_latency *l)
{
    memset(l, 0, offsetof(struct pl_latency, sample));
    l->stride = 1;
    l->min = INT64_MAX;
    l->max = INT64_MIN;
    l->minute = INT64_MIN;
}

static void close_minute(struct pl_latency *l)
{
    if (l->minute_count >= MINUTE_ENOUGH) {
        if (!l->floor_known || l->minute_min < l->floor_low) {
            l->floor_low = l->minute_min;
        }
        if (!l->floor_known || l->minute_min > l->floor_high) {
            l->floor_high = l->minute_min;
        }
        l->floor_known = true;
    }
    l->minute_count = 0;
    l->minute_min = INT64_MAX;
}

void pl_latency_note(struct pl_latency *l, int64_t local_ns, int64_t latency_ns)
{
    l->min = latency_ns < l->min ? latency_ns : l->min;
    l->max = latency_ns > l->max ? latency_ns : l->max;
    if (l->minute == INT64_MIN || local_ns < l->minute || local_ns - l->minute >= MINUTE_NS) {
        close_minute(l);
        l->minute = local_ns - local_ns % MINUTE_NS;
    }
    l->minute_min = latency_ns < l->minute_min ? latency_ns : l->minute_min;
    l->minute_count++;
    if (l->count++ % l->stride == 0) {
        if (l->sample_count == PL_LATENCY_SAMPLE) {
            for (uint32_t i = 0; i < PL_LATENCY_SAMPLE / 2; i++) {
                l->sample[i] = l->sample[2 * i];
            }
            l->sample_count = PL_LATENCY_SAMPLE / 2;
            l->stride *= 2;
        }
        l->sample[l->sample_count++] = latency_ns;
    }
}

/* Shell sort: the values are plain integers, so equal ones cannot be told apart. */
static void sort(int64_t *v, uint32_t n)
{
    for (uint32_t gap = n / 2; gap > 0; gap = gap == 2 ? 1 : (uint32_t)((uint64_t)gap * 5 / 11)) {
        for (uint32_t i = gap; i < n; i++) {
            int64_t x = v[i];
            uint32_t k = i;
            for (; k >= gap && v[k - gap] > x; k -= gap) {
                v[k] = v[k - gap];
            }
            v[k] = x;
        }
    }
}

void pl_latency_report(struct pl_latency *l, struct pl_import_report *report)
{
    close_minute(l);
    report->latency_known = l->count > 0;
    if (l->count == 0) {
        return;
    }
    sort(l->sample, l->sample_count);
    report->latency_min_ns = l->min;
    report->latency_max_ns = l->max;
    report->latency_median_ns = l->sample[l->sample_count / 2];
    report->floor_low_ns = l->floor_known ? l->floor_low : l->min;
    report->floor_high_ns = l->floor_known ? l->floor_high : l->min;
    report->suggest_moving = report->floor_high_ns - report->floor_low_ns > FLOOR_WANDERS_NS;
}
