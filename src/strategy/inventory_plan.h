/* strategy/inventory_plan.h - when the `inventory` maker solves, and what it stands on in between: the
 * schedule, the last good offsets, the default spread (makers.md 4.3).
 *
 * Units   ticks, lots, ns; volatility as sd of 1 s log returns; depth and liquidity as shares of their
 *         references. Owner: a value in the maker's state, zeroed before the first step.
 * Cost    O(1) between solves; a solve as math/inventory_lp.h says. */
#ifndef PL_STRATEGY_INVENTORY_PLAN_H
#define PL_STRATEGY_INVENTORY_PLAN_H

#include "math/inventory_lp.h"

#include <stdbool.h>
#include <stdint.h>

struct pl_inventory_rules { /* of the settings */
    double alpha, beta, gamma, delta, zeta;
    double kappa; /* 0 = fitted */
    double kappa_min, kappa_max;
    double x_min, x_max, chord;
    double default_spread, fee; /* fractions of the price */
    double depth_sign;
    double vol_scale; /* from sd to 1 = normal */
    struct pl_inventory_schedule schedule;
    int64_t ema_step_ns, min_reopt_ns;
    int64_t last_good_max_age_ns; /* 0 = the interval in force */
    bool on_fill;
    double vol_jump, gamma_vol, alpha_inv;
    double order_lots, max_lots;
};

struct pl_inventory_input {  /* of one decision */
    int64_t now_ns, fill_ns; /* fill_ns: of the last own fill */
    double mid, bid, ask, min_spread;
    bool stale;
    double sd, depth, liquidity; /* NAN = not warm */
    double decay, intensity;     /* read when kappa is fitted */
    double q_lots;               /* from the target */
};

enum pl_inventory_source {
    PL_INVENTORY_WARMUP, /* no offsets: inputs have never been valid */
    PL_INVENTORY_SOLUTION,
    PL_INVENTORY_LAST_GOOD,
    PL_INVENTORY_DEFAULT,
};

struct pl_inventory_solve { /* the last good one */
    int64_t at_ns;
    double vol, sigma_bps, interval_s;
    struct pl_inventory_terms terms;
    double width; /* B, ticks */
    struct pl_inventory_lp lp;
    struct pl_inventory_quote quote;
};

struct pl_inventory_plan {
    double ema;
    int64_t ema_next_ns; /* 0 = no step yet */
    int64_t tried_ns;
    bool tried, good, failed; /* failed: the last try */
    enum pl_inventory_status status;
    double q_lots; /* at the last try */
    int64_t fill_ns;
    struct pl_inventory_solve solve;
    uint64_t solves, failures, last_goods, defaults; /* the last two in decisions */
    /* Of the last step. */
    enum pl_inventory_source source;
    double offset[2], step; /* ticks from the mid; half width that level_step counts in */
    bool off[2];            /* the side would pass the mark */
};

void pl_inventory_plan_step(struct pl_inventory_plan *plan, const struct pl_inventory_rules *rules,
                            const struct pl_inventory_input *in);
const char *pl_inventory_source_name(enum pl_inventory_source source);

#endif
