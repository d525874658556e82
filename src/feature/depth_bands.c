#include "feature/depth_bands.h"

#include "book/depth.h"

#include <math.h>

#define BPS      1e-4
#define PX_SLACK 1e-9 /* a limit this close to a tick is on it */

struct pl_depth_bands {
    uint32_t count;
    double share[PL_FEATURE_BANDS_MAX]; /* half width of a band, of the mid */
    double weight[PL_FEATURE_BANDS_MAX];
    int64_t sample_ns, next_ns;
    double value;
};

void pl_band_weights(uint32_t count, double *weight)
{
    double keep = 1 - 3.0 / (count + 1.0), w = 1, sum = 0;
    if (count == 1) { /* the law has a weight of its own for the first band only */
        keep = 0;
    }
    for (uint32_t k = 0; k < count; k++, w *= keep) {
        weight[k] = w;
        sum += w;
    }
    for (uint32_t k = 0; k < count; k++) {
        weight[k] /= sum;
    }
}

int pl_depth_bands_create(struct pl_arena *arena, const struct pl_feature_request *request,
                          struct pl_depth_bands **out, struct pl_error *err)
{
    if (request->levels < 1 || request->levels > PL_FEATURE_BANDS_MAX) {
        return pl_error_set(err, PL_ERR_INVALID, "depth bands: %lld, legal 1..%d",
                            (long long)request->levels, PL_FEATURE_BANDS_MAX);
    }
    struct pl_depth_bands *d = pl_arena_take(arena, 1, sizeof *d);
    if (d == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "depth bands: out of memory");
    }
    d->count = (uint32_t)request->levels;
    d->sample_ns = request->sample_ns;
    for (uint32_t k = 0; k < d->count; k++) {
        d->share[k] = request->band_bps[k] * BPS;
    }
    pl_band_weights(d->count, d->weight);
    pl_depth_bands_reset(d);
    *out = d;
    return 0;
}

void pl_depth_bands_reset(struct pl_depth_bands *d)
{
    d->next_ns = 0;
    d->value = NAN;
}

static double imbalance(const struct pl_depth_bands *d, const struct pl_feature_input *in)
{
    int64_t limit[2][PL_FEATURE_BANDS_MAX], lots[2][PL_FEATURE_BANDS_MAX];
    double mid = pl_touch_mid(&in->touch), sum = 0;
    for (uint32_t k = 0; k < d->count; k++) {
        limit[PL_BUY][k] = (int64_t)ceil(mid * (1 - d->share[k]) - PX_SLACK);
        limit[PL_SELL][k] = (int64_t)floor(mid * (1 + d->share[k]) + PX_SLACK);
    }
    pl_book_depth(in->book, PL_BUY, limit[PL_BUY], d->count, lots[PL_BUY]);
    pl_book_depth(in->book, PL_SELL, limit[PL_SELL], d->count, lots[PL_SELL]);
    for (uint32_t k = 0; k < d->count; k++) {
        double bids = (double)lots[PL_BUY][k], asks = (double)lots[PL_SELL][k];
        if (bids + asks > 0) {
            sum += d->weight[k] * (bids - asks) / (bids + asks);
        }
    }
    return sum;
}

void pl_depth_bands_step(struct pl_depth_bands *d, const struct pl_feature_input *in)
{
    if (in->venue_ns < d->next_ns || in->trade || !pl_touch_two_sided(&in->touch)) {
        return;
    }
    d->value = imbalance(d, in);
    d->next_ns = (in->venue_ns / d->sample_ns + 1) * d->sample_ns;
}

double pl_depth_bands_value(const struct pl_depth_bands *d)
{
    return d->value;
}
