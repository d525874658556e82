/* strategy/skew_model.h - the arithmetic of `skew` on plain numbers: width from volatility, signal from
 * features, ladder from signal and inventory. makers.md 2.2-2.4; docs/strategies/skew.md.
 *
 * Units   prices and distances in any one unit of price, of which a tick is `tick`; sizes in any one
 *         unit of size. Signal and inventory are pure numbers in [-1,1] (inventory may go beyond).
 * Memory  none. Cost: O(levels). No market, no clock: every row of the specification is a test. */
#ifndef PL_STRATEGY_SKEW_MODEL_H
#define PL_STRATEGY_SKEW_MODEL_H

#include "strategy/ladder.h"

#include <stdbool.h>

/* ---- width ---------------------------------------------------------------------------------- */

struct pl_skew_width {
    double v; /* lowest bid to highest ask, unskewed */
    double m; /* what the base spread is multiplied by, 1..10 */
    double s; /* innermost bid to innermost ask */
};

/* v = max(0, 2 k sd + offset), m = clip(100 v / mid, 1, 10), s = base m. */
struct pl_skew_width pl_skew_width(double sd, double k, double offset, double base, double mid);

/* ---- signal --------------------------------------------------------------------------------- */

enum pl_skew_feature {
    PL_SKEW_IMB,
    PL_SKEW_MARK,
    PL_SKEW_VAMP,
    PL_SKEW_BOOK,
    PL_SKEW_TRADES,
    PL_SKEW_LEAD_IMB,
    PL_SKEW_LEAD_WMID,
    PL_SKEW_LEAD_VAMP,
    PL_SKEW_LEAD_BOOK,
    PL_SKEW_LEAD_TRADES,
    PL_SKEW_FEATURES,
};
extern const char *const pl_skew_feature_name[PL_SKEW_FEATURES];

/* (bids - asks) / (bids + asks), 0 when both are 0. */
double pl_skew_imbalance(double bids, double asks);
/* 1e4 ln(a/b): bps. */
double pl_skew_bps(double a, double b);
/* tanh(bps / scale): a difference in bps as a feature. */
double pl_skew_bounded(double bps, double scale);
/* clip(sum weight x feature, -1, 1). */
double pl_skew_signal(const double *weight, const double *feature);

/* ---- ladder --------------------------------------------------------------------------------- */

struct pl_skew_place {
    double mid, tick;
    double touch[2]; /* best bid and ask */
    double v, s;
    double inner_shift;
    bool by_distance; /* levels geometric in distance from mid instead of in price */
    uint32_t levels;
    double size_min, size_max;
    double price_offset, size_offset;
};

struct pl_skew_lean { /* how signal and inventory favour the sides */
    double d, kb, ka, n;
};

struct pl_skew_shape { /* distances from the mid of the innermost and the outermost level */
    double inner[2], outer[2];
};

/* d = value of the position / (account leverage / 2). */
struct pl_skew_lean pl_skew_lean(double signal, double d);
/* Both sides around the mid. */
void pl_skew_normal(const struct pl_skew_place *p, const struct pl_skew_lean *lean,
                    struct pl_skew_shape *shape, struct pl_ladder *out);
/* One side only, from its own touch outward over max(2 N s, v/2): 2 N levels of equal size; the first
 * PL_WANTED_LEVELS_MAX of them. The size is trimmed to the position later. */
void pl_skew_extreme(const struct pl_skew_place *p, enum pl_side side, struct pl_ladder *out);
/* Enters at abs(d) >= threshold, leaves below release x threshold, never without a closable size. */
bool pl_skew_is_extreme(bool was, double d, double threshold, double release, bool closable);

#endif
