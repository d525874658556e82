#include "report/run.h"

#include "base/assert.h"
#include "core/units.h"

#include <math.h>

const int64_t pl_run_markout_ns[PL_RUN_MARKOUTS] = {
    100 * PL_NS_PER_MS, 1 * PL_NS_PER_S, 5 * PL_NS_PER_S, 30 * PL_NS_PER_S, 60 * PL_NS_PER_S,
};

/* 2^(0/4) .. 2^(3/4): written out, so that the edges are the same bits everywhere. */
static const double quarter_octave[4] = {1.0, 0x1.306fe0a31b715p+0, 0x1.6a09e667f3bcdp+0,
                                         0x1.ae89f995ad3adp+0};

void pl_run_hist_init(struct pl_run_hist *hist, double lo)
{
    PL_ASSERT(lo > 0);
    *hist = (struct pl_run_hist){.lo = lo};
}

double pl_run_hist_edge(const struct pl_run_hist *hist, unsigned idx)
{
    PL_ASSERT(idx <= PL_RUN_HIST_BUCKETS);
    return hist->lo * (double)(UINT64_C(1) << (idx / 4)) * quarter_octave[idx % 4];
}

void pl_run_hist_add(struct pl_run_hist *hist, double value, uint64_t weight)
{
    if (isnan(value) || weight == 0) {
        return;
    }
    unsigned low = 0, high = PL_RUN_HIST_BUCKETS; /* the bucket lies in [low, high) */
    while (high - low > 1) {
        unsigned mid = (low + high) / 2;
        if (value >= pl_run_hist_edge(hist, mid)) {
            low = mid;
        } else {
            high = mid;
        }
    }
    if (hist->total == 0 || value < hist->min) {
        hist->min = value;
    }
    if (hist->total == 0 || value > hist->max) {
        hist->max = value;
    }
    hist->count[low] += weight;
    hist->total += weight;
    hist->sum += value * (double)weight;
}
