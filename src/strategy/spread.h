/* strategy/spread.h - parameters of the spread maker. What they mean: docs/strategies/spread.md. */
#ifndef PL_STRATEGY_SPREAD_H
#define PL_STRATEGY_SPREAD_H

#include "strategy/common.h"

enum pl_spread_reference { PL_SPREAD_MID, PL_SPREAD_MICRO };

struct pl_spread_params {
    struct pl_common_params common;
    double base_spread_bps;
    int64_t min_spread_ticks;
    bool spread_per_side;
    double quote_size;
    int32_t reference_price;
    bool stay_behind_touch;
    int64_t order_levels;
    double level_step_bps, level_size_factor;
    bool dynamic_spread;
    int64_t vol_window_s;
    double vol_ref_bps, vol_mult_min, vol_mult_max;
    double inventory_skew_bps, size_skew;
    double lead_weight, lead_halflife_s;
};

#endif
