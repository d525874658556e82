#include "feature/estimator.h"

#include "base/assert.h"
#include "feature/candle_closes.h"
#include "feature/depth_bands.h"
#include "feature/fair.h"
#include "feature/fill_rate.h"
#include "feature/liquidity.h"
#include "feature/mark_basis.h"
#include "feature/trade_imbalance.h"
#include "math/vol.h"

#define LEVELS_MAX 50

struct pl_estimator {
    struct pl_feature_request request;
    struct pl_sigma sigma;
    double *ring; /* of sigma */
    struct pl_fill_rate *fill_rate;
    union { /* by kind */
        struct pl_depth_bands *bands;
        struct pl_trade_flow *flow;
        struct pl_candle_closes *closes;
        struct pl_mark_basis *basis;
        struct pl_liquidity *liquidity;
    } of;
    double value;
};

static bool same_bands(const struct pl_feature_request *a, const struct pl_feature_request *b)
{
    for (int i = 0; i < PL_FEATURE_BANDS_MAX; i++) {
        if (a->band_bps[i] != b->band_bps[i]) {
            return false;
        }
    }
    return true;
}

bool pl_feature_request_equal(const struct pl_feature_request *a,
                              const struct pl_feature_request *b)
{
    return a->kind == b->kind && a->price == b->price && a->method == b->method &&
           a->levels == b->levels && a->samples == b->samples && a->least == b->least &&
           a->sample_ns == b->sample_ns && a->lookback_ns == b->lookback_ns &&
           a->refit_ns == b->refit_ns && a->max_age_ns == b->max_age_ns &&
           a->size_ref == b->size_ref && a->halflife_s == b->halflife_s &&
           a->depth_bps == b->depth_bps && same_bands(a, b);
}

bool pl_estimator_reads_trades(const struct pl_feature_request *request)
{
    return request->kind == PL_FEATURE_KAPPA || request->kind == PL_FEATURE_INTENSITY ||
           request->kind == PL_FEATURE_TRADE_IMBALANCE || request->kind == PL_FEATURE_BOLLINGER ||
           request->kind == PL_FEATURE_VOLUME;
}

bool pl_estimator_reads_marks(const struct pl_feature_request *request)
{
    return request->kind == PL_FEATURE_MARK || request->kind == PL_FEATURE_MARK_BASIS;
}

/* The part of an estimator that has a file of its own; none for kinds without one. */
static int create_part(struct pl_arena *arena, struct pl_estimator *e, struct pl_error *err)
{
    switch (e->request.kind) {
    case PL_FEATURE_KAPPA:
    case PL_FEATURE_INTENSITY:
        return pl_fill_rate_create(arena, &e->request, &e->fill_rate, err);
    case PL_FEATURE_BANDS:
        return pl_depth_bands_create(arena, &e->request, &e->of.bands, err);
    case PL_FEATURE_TRADE_IMBALANCE:
        return pl_trade_flow_create(arena, &e->request, &e->of.flow, err);
    case PL_FEATURE_BOLLINGER:
        return pl_candle_closes_create(arena, &e->request, &e->of.closes, err);
    case PL_FEATURE_MARK_BASIS:
        return pl_mark_basis_create(arena, &e->request, &e->of.basis, err);
    case PL_FEATURE_DEPTH:
    case PL_FEATURE_VOLUME:
        return pl_liquidity_create(arena, &e->request, &e->of.liquidity, err);
    default:
        return 0;
    }
}

/* The value of such a part; of other kinds, what there was. */
static double read_part(const struct pl_estimator *e)
{
    switch (e->request.kind) {
    case PL_FEATURE_KAPPA:
        return pl_fill_rate_decay(e->fill_rate);
    case PL_FEATURE_INTENSITY:
        return pl_fill_rate_intensity(e->fill_rate);
    case PL_FEATURE_BANDS:
        return pl_depth_bands_value(e->of.bands);
    case PL_FEATURE_TRADE_IMBALANCE:
        return pl_trade_flow_value(e->of.flow);
    case PL_FEATURE_BOLLINGER:
        return pl_candle_closes_sd(e->of.closes);
    case PL_FEATURE_MARK_BASIS:
        return pl_mark_basis_value(e->of.basis);
    case PL_FEATURE_DEPTH:
    case PL_FEATURE_VOLUME:
        return pl_liquidity_value(e->of.liquidity);
    default:
        return e->value;
    }
}

int pl_estimator_create(struct pl_arena *arena, const struct pl_feature_request *request,
                        struct pl_estimator **out, struct pl_error *err)
{
    struct pl_estimator *e = pl_arena_take(arena, 1, sizeof *e);
    if (e == NULL) {
        return pl_error_set(err, PL_ERR_NOMEM, "feature: out of memory");
    }
    e->request = *request;
    e->value = __builtin_nan("");
    bool levels = request->kind == PL_FEATURE_VAMP || request->price == PL_PRICE_VAMP;
    if (levels && (request->levels < 1 || request->levels > LEVELS_MAX)) {
        return pl_error_set(err, PL_ERR_INVALID, "vamp: %lld levels, legal 1..%d",
                            (long long)request->levels, LEVELS_MAX);
    }
    if (request->kind == PL_FEATURE_SIGMA || request->kind == PL_FEATURE_LOGVOL) {
        uint32_t changes = (uint32_t)request->samples;
        double *ring = pl_arena_take(arena, (size_t)changes * 2, sizeof *ring);
        if (ring == NULL) {
            return pl_error_set(err, PL_ERR_NOMEM, "volatility: out of memory for %u samples",
                                changes);
        }
        e->ring = ring;
        e->sigma = pl_sigma_start(ring, changes, request->sample_ns);
    }
    int rc = create_part(arena, e, err);
    if (rc == 0) {
        e->value = read_part(e);
        *out = e;
    }
    return rc;
}

static double vamp(const struct pl_feature_input *in, int64_t levels)
{
    struct pl_level side[2][LEVELS_MAX];
    uint32_t count[2];
    for (int s = 0; s < 2; s++) {
        struct pl_book_level level[LEVELS_MAX];
        count[s] = pl_book_top(in->book, (enum pl_side)s, (uint32_t)levels, level);
        for (uint32_t i = 0; i < count[s]; i++) {
            side[s][i] = (struct pl_level){(double)level[i].px, (double)level[i].lots};
        }
    }
    return pl_vamp_effective(side[PL_BUY], count[PL_BUY], side[PL_SELL], count[PL_SELL]);
}

static double price_of(const struct pl_feature_request *r, const struct pl_feature_input *in)
{
    switch (r->price) {
    case PL_PRICE_MID:
        return pl_touch_mid(&in->touch);
    case PL_PRICE_WMID:
        return pl_touch_wmid(&in->touch);
    default:
        return vamp(in, r->levels);
    }
}

static bool full(const struct pl_sigma *s)
{
    return s->change.count == s->change.capacity;
}

static void step_sigma(struct pl_estimator *e, const struct pl_feature_input *in)
{
    struct pl_sigma *s = &e->sigma;
    bool sampled = s->next_ns != 0 && in->venue_ns >= s->next_ns;
    pl_sigma_advance(s, in->venue_ns);
    if (!in->trade) {
        double price = price_of(&e->request, in);
        if (price == price) {
            pl_sigma_price(s, in->venue_ns, price);
        }
    }
    if (sampled && full(s)) {
        e->value = e->request.kind == PL_FEATURE_SIGMA ? pl_sigma_per_sqrt_second(s)
                                                       : pl_sigma_log_sd(s, 0);
    }
}

void pl_estimator_step(struct pl_estimator *e, const struct pl_feature_input *in)
{
    switch (e->request.kind) {
    case PL_FEATURE_VAMP:
        if (!in->trade && pl_touch_two_sided(&in->touch)) {
            e->value = vamp(in, e->request.levels);
        }
        break;
    case PL_FEATURE_SIGMA:
    case PL_FEATURE_LOGVOL:
        if (pl_touch_two_sided(&in->touch)) {
            step_sigma(e, in);
        }
        break;
    case PL_FEATURE_KAPPA:
    case PL_FEATURE_INTENSITY:
        pl_fill_rate_step(e->fill_rate, in);
        break;
    case PL_FEATURE_BANDS:
        pl_depth_bands_step(e->of.bands, in);
        break;
    case PL_FEATURE_TRADE_IMBALANCE:
        pl_trade_flow_step(e->of.flow, in);
        break;
    case PL_FEATURE_BOLLINGER:
        pl_candle_closes_step(e->of.closes, in);
        break;
    case PL_FEATURE_MARK:
        e->value = in->mark_px > 0 ? (double)in->mark_px : __builtin_nan("");
        break;
    case PL_FEATURE_MARK_BASIS:
        pl_mark_basis_step(e->of.basis, in);
        break;
    case PL_FEATURE_DEPTH:
    case PL_FEATURE_VOLUME:
        pl_liquidity_step(e->of.liquidity, in);
        break;
    }
    e->value = read_part(e);
}

void pl_estimator_reset(struct pl_estimator *e)
{
    e->value = __builtin_nan("");
    switch (e->request.kind) {
    case PL_FEATURE_SIGMA:
    case PL_FEATURE_LOGVOL:
        e->sigma = pl_sigma_start(e->ring, (uint32_t)e->request.samples, e->request.sample_ns);
        break;
    case PL_FEATURE_KAPPA:
    case PL_FEATURE_INTENSITY:
        pl_fill_rate_reset(e->fill_rate);
        break;
    case PL_FEATURE_BANDS:
        pl_depth_bands_reset(e->of.bands);
        break;
    case PL_FEATURE_TRADE_IMBALANCE:
        pl_trade_flow_reset(e->of.flow);
        break;
    case PL_FEATURE_BOLLINGER:
        pl_candle_closes_reset(e->of.closes);
        break;
    case PL_FEATURE_MARK_BASIS:
        pl_mark_basis_reset(e->of.basis);
        break;
    case PL_FEATURE_DEPTH:
    case PL_FEATURE_VOLUME:
        pl_liquidity_reset(e->of.liquidity);
        break;
    case PL_FEATURE_VAMP:
    case PL_FEATURE_MARK:
        break;
    }
    e->value = read_part(e);
}

double pl_estimator_value(const struct pl_estimator *e)
{
    return e->value;
}

void pl_estimator_warmth(const struct pl_estimator *e, int64_t *have, int64_t *need)
{
    switch (e->request.kind) {
    case PL_FEATURE_SIGMA:
    case PL_FEATURE_LOGVOL: /* a window of n changes spans n + 1 samples */
        *need = e->request.samples + 1;
        *have = e->sigma.change.count + (e->sigma.last == e->sigma.last ? 1 : 0);
        break;
    case PL_FEATURE_KAPPA:
    case PL_FEATURE_INTENSITY:
        *need = e->request.least;
        *have = pl_fill_rate_count(e->fill_rate);
        break;
    case PL_FEATURE_TRADE_IMBALANCE:
        *need = e->request.samples;
        *have = pl_trade_flow_count(e->of.flow);
        break;
    case PL_FEATURE_BOLLINGER:
        *need = e->request.samples;
        *have = pl_candle_closes_count(e->of.closes);
        break;
    case PL_FEATURE_MARK_BASIS: /* a step a second, and the first one */
        *need = 1 + (int64_t)__builtin_ceil(e->request.halflife_s);
        *have = pl_mark_basis_steps(e->of.basis);
        *have = *have < *need ? *have : *need;
        break;
    case PL_FEATURE_DEPTH:
    case PL_FEATURE_VOLUME:
        pl_liquidity_warmth(e->of.liquidity, have, need);
        break;
    default:
        *need = 1;
        *have = e->value == e->value;
        break;
    }
}
