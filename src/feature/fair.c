#include "feature/fair.h"

#include <math.h>

static double ratio(double num, double den)
{
    return den > 0.0 ? num / den : NAN;
}

struct side_sums {
    double value, qty;
};

static struct side_sums side_of(const struct pl_level *levels, size_t n)
{
    struct side_sums s = {0.0, 0.0};
    for (size_t i = 0; i < n; i++) {
        s.value += levels[i].px * levels[i].qty;
        s.qty += levels[i].qty;
    }
    return s;
}

double pl_fair_weighted_mid(struct pl_level bid, struct pl_level ask)
{
    return ratio(bid.px * ask.qty + ask.px * bid.qty, bid.qty + ask.qty);
}

double pl_imbalance_share(struct pl_level bid, struct pl_level ask)
{
    return ratio(bid.qty, bid.qty + ask.qty);
}

double pl_imbalance_depth(const struct pl_level *bids, const struct pl_level *asks, size_t n)
{
    double b = side_of(bids, n).qty;
    double a = side_of(asks, n).qty;
    return ratio(b - a, b + a);
}

double pl_vamp_crossed(const struct pl_level *bids, const struct pl_level *asks, size_t n)
{
    double value = 0.0;
    double qty = 0.0;
    for (size_t i = 0; i < n; i++) {
        value += bids[i].px * asks[i].qty + asks[i].px * bids[i].qty;
        qty += bids[i].qty + asks[i].qty;
    }
    return ratio(value, qty);
}

double pl_vamp_effective(const struct pl_level *bids, size_t bid_count, const struct pl_level *asks,
                         size_t ask_count)
{
    struct side_sums b = side_of(bids, bid_count);
    struct side_sums a = side_of(asks, ask_count);
    double bid = ratio(b.value, b.qty);
    double ask = ratio(a.value, a.qty);
    return ratio(bid * a.qty + ask * b.qty, a.qty + b.qty);
}

double pl_vamp_average(const struct pl_level *bids, size_t bid_count, const struct pl_level *asks,
                       size_t ask_count)
{
    struct side_sums b = side_of(bids, bid_count);
    struct side_sums a = side_of(asks, ask_count);
    return 0.5 * (ratio(b.value, b.qty) + ratio(a.value, a.qty));
}

double pl_fair_depth_weighted(const struct pl_level *bids, size_t bid_count,
                              const struct pl_level *asks, size_t ask_count)
{
    struct side_sums b = side_of(bids, bid_count);
    struct side_sums a = side_of(asks, ask_count);
    return ratio(b.value + a.value, b.qty + a.qty);
}

double pl_order_flow(const struct pl_touch_state *before, const struct pl_touch_state *now)
{
    double e = 0.0;
    if (now->bid.px >= before->bid.px) {
        e += now->bid.qty;
    }
    if (now->bid.px <= before->bid.px) {
        e -= before->bid.qty;
    }
    if (now->ask.px <= before->ask.px) {
        e -= now->ask.qty;
    }
    if (now->ask.px >= before->ask.px) {
        e += before->ask.qty;
    }
    return e;
}

double pl_trade_imbalance(double buys, double sells)
{
    return ratio(buys - sells, buys + sells);
}
