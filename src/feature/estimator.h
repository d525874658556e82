/* feature/estimator.h - one feature of one market, fed by every message and read as one number.
 *
 * Estimators that move with every message publish on their own clock (samples, refits), so that the
 * guards of strategies can hold in between. Prices in ticks, times in ns; NAN = not warm.
 * Memory  from the arena at creation. Cost: O(1) a message outside samples and refits. */
#ifndef PL_FEATURE_ESTIMATOR_H
#define PL_FEATURE_ESTIMATOR_H

#include "base/arena.h"
#include "book/book.h"
#include "book/touch.h"

#include <stdbool.h>

/* What a market computes. The meaning of the parameters stands beside each kind. */
enum pl_feature_kind {
    PL_FEATURE_VAMP,      /* levels: VAMP effective (quant.md 3) over the best levels, in ticks */
    PL_FEATURE_SIGMA,     /* samples, sample_ns, price: rms change in ticks per sqrt(second) */
    PL_FEATURE_LOGVOL,    /* samples, sample_ns, price: sd (ddof 0) of log returns per sample */
    PL_FEATURE_KAPPA,     /* lookback_ns, least, refit_ns, max_age_ns, method: decay per tick */
    PL_FEATURE_INTENSITY, /* the same: fills per second at distance 0 */
    PL_FEATURE_BANDS,     /* levels, band_bps, sample_ns: feature/depth_bands.h */
    PL_FEATURE_TRADE_IMBALANCE, /* samples, size_ref: feature/trade_imbalance.h */
    PL_FEATURE_BOLLINGER,       /* samples, sample_ns: sd of closes, feature/candle_closes.h */
    PL_FEATURE_MARK,            /* mark price in ticks; NAN until the venue has sent one */
    PL_FEATURE_MARK_BASIS,      /* halflife_s: feature/mark_basis.h, in bps */
    PL_FEATURE_DEPTH,  /* levels or depth_bps; halflife_s, least: feature/liquidity.h, in lots */
    PL_FEATURE_VOLUME, /* lookback_ns; halflife_s, least: the same */
};

enum pl_feature_price { PL_PRICE_MID, PL_PRICE_WMID, PL_PRICE_VAMP };
enum pl_kappa_method { PL_KAPPA_MLE, PL_KAPPA_POISSON, PL_KAPPA_OLS, PL_KAPPA_WAIT };

#define PL_FEATURE_BANDS_MAX 10

struct pl_feature_request {
    enum pl_feature_kind kind;
    bool lead; /* of the lead market instead of the traded one */
    enum pl_feature_price price;
    enum pl_kappa_method method;
    int64_t levels, samples, least;
    int64_t sample_ns, lookback_ns, refit_ns, max_age_ns;
    double size_ref, halflife_s, depth_bps;
    double band_bps[PL_FEATURE_BANDS_MAX]; /* rising */
};

/* What an estimator sees of a message. */
struct pl_feature_input {
    const struct pl_book *book;
    int64_t venue_ns;
    struct pl_touch touch; /* fused, after the message */
    bool trade;
    int64_t trade_px, trade_lots;
    bool trade_sell;
    int64_t mark_px; /* the last one, 0 = none yet */
    double lot;      /* of the instrument, in its unit of size */
};

struct pl_estimator;

PL_MUST_USE int pl_estimator_create(struct pl_arena *arena,
                                    const struct pl_feature_request *request,
                                    struct pl_estimator **out, struct pl_error *err);
/* Takes one message; `depth_changed` tells whether levels or touch may have moved. */
void pl_estimator_step(struct pl_estimator *estimator, const struct pl_feature_input *in);
/* As new: windows empty, not warm. */
void pl_estimator_reset(struct pl_estimator *estimator);
/* The present value; NAN while not warm. */
double pl_estimator_value(const struct pl_estimator *estimator);
/* Samples held and needed, for "sigma 37/201". */
void pl_estimator_warmth(const struct pl_estimator *estimator, int64_t *have, int64_t *need);
bool pl_estimator_reads_trades(const struct pl_feature_request *request);
bool pl_estimator_reads_marks(const struct pl_feature_request *request);
bool pl_feature_request_equal(const struct pl_feature_request *a,
                              const struct pl_feature_request *b);

/* Touch formulas (quant.md 3), in ticks; the touch must be two-sided. */
static inline double pl_touch_mid(const struct pl_touch *t)
{
    return 0.5 * (double)(t->px[PL_BUY] + t->px[PL_SELL]);
}

/* Weighted mid, often called micro-price: leans towards the thinner side. */
static inline double pl_touch_wmid(const struct pl_touch *t)
{
    double qb = (double)t->lots[PL_BUY], qa = (double)t->lots[PL_SELL];
    if (!(qa + qb > 0)) {
        return pl_touch_mid(t);
    }
    return ((double)t->px[PL_BUY] * qa + (double)t->px[PL_SELL] * qb) / (qa + qb);
}

static inline bool pl_touch_two_sided(const struct pl_touch *t)
{
    return t->px[PL_BUY] != PL_PX_NO_BID && t->px[PL_SELL] != PL_PX_NO_ASK;
}

#endif
