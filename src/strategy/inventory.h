/* strategy/inventory.h - parameters of the inventory-cost maker. What they mean:
 * docs/strategies/inventory.md. */
#ifndef PL_STRATEGY_INVENTORY_H
#define PL_STRATEGY_INVENTORY_H

#include "strategy/common.h"

enum pl_inventory_depth { PL_DEPTH_LEVELS, PL_DEPTH_BPS };

struct pl_inventory_params {
    struct pl_common_params common;
    double alpha, beta, gamma, delta, zeta;
    double max_inventory, order_size;
    char kappa[PL_SETTING_TEXT_MAX]; /* "fit" or a number */
    double x_min, x_max, chord_step;
    struct pl_distance min_spread;
    double default_spread_bps;
    int32_t depth_mode;
    int64_t depth_levels;
    double depth_bps;
    char depth_ref[PL_SETTING_TEXT_MAX]; /* "auto" or a number */
    int64_t depth_sign;
    int64_t liquidity_window_s;
    char liquidity_ref[PL_SETTING_TEXT_MAX]; /* the same */
    int64_t vol_window_s;
    double vol_ref_bps;
    double ema_slow, ema_fast, vol_low, vol_high, ema_step_s;
    double ema_mid, ema_hot, interval_hot_s, interval_mid_s, interval_slow_s;
    bool reoptimise_on_fill;
    double min_reopt_ms, vol_jump;
    double last_good_max_age_s; /* 0 = the interval in force */
    double gamma_vol, alpha_inv;
    int64_t levels;
    double level_step;
};

#endif
