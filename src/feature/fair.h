/* feature/fair.h - fair prices and imbalances from the top levels of a book, as formulas.
 *
 * Input   levels best first, as plain numbers: any unit of price, any unit of quantity. A side that a
 *         formula needs and that is empty, or quantities that sum to 0, give NAN.
 * VAMP    names three different things: each has its own name here.
 * Cost    O(levels); no memory. */
#ifndef PL_FEATURE_FAIR_H
#define PL_FEATURE_FAIR_H

#include <stddef.h>

struct pl_level {
    double px, qty;
};

static inline double pl_fair_mid(struct pl_level bid, struct pl_level ask)
{
    return 0.5 * (bid.px + ask.px);
}

/* Weighted mid, often called micro-price: leans towards the thinner side. */
double pl_fair_weighted_mid(struct pl_level bid, struct pl_level ask);
/* qb / (qa + qb), in [0,1]; the signed form (qb - qa) / (qb + qa) is 2x - 1. */
double pl_imbalance_share(struct pl_level bid, struct pl_level ask);
/* Signed, over the first `n` levels of each side. */
double pl_imbalance_depth(const struct pl_level *bids, const struct pl_level *asks, size_t n);

/* Level i with level i, prices weighted by the other side's quantity [hftbacktest]. May leave the
 * interval between the two sides' averages: use equal price bands on both sides. */
double pl_vamp_crossed(const struct pl_level *bids, const struct pl_level *asks, size_t n);
/* The sides' average prices, weighted by the other side's whole quantity [hftbacktest]. */
double pl_vamp_effective(const struct pl_level *bids, size_t bid_count, const struct pl_level *asks,
                         size_t ask_count);
/* The plain middle of the sides' average prices. */
double pl_vamp_average(const struct pl_level *bids, size_t bid_count, const struct pl_level *asks,
                       size_t ask_count);
/* Every price weighted by its own quantity: leans towards the thicker side. */
double pl_fair_depth_weighted(const struct pl_level *bids, size_t bid_count,
                              const struct pl_level *asks, size_t ask_count);

/* Order flow imbalance of one change of the touch [Cont, Kukanov, Stoikov 2014]: quantity added to
 * the bid or taken from the ask, less the reverse. Its sum over an interval drives the mid. */
struct pl_touch_state {
    struct pl_level bid, ask;
};
double pl_order_flow(const struct pl_touch_state *before, const struct pl_touch_state *now);

/* (buys - sells) / (buys + sells) by the aggressor's side. */
double pl_trade_imbalance(double buys, double sells);

#endif
