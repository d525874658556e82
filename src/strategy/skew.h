/* strategy/skew.h - parameters of the skew maker. What they mean: docs/strategies/skew.md. */
#ifndef PL_STRATEGY_SKEW_H
#define PL_STRATEGY_SKEW_H

#include "strategy/common.h"
#include "strategy/skew_model.h"

enum pl_skew_feed { PL_SKEW_BYBIT, PL_SKEW_BINANCE };
enum pl_skew_ladder { PL_SKEW_BY_PRICE, PL_SKEW_BY_DISTANCE };
enum pl_skew_lead_loss { PL_SKEW_LOSS_OWN, PL_SKEW_LOSS_WIDEN, PL_SKEW_LOSS_PAUSE };

struct pl_skew_params {
    struct pl_common_params common;
    double account_size, leverage;
    int32_t primary_data_feed;
    char binance_symbol[PL_SETTING_TEXT_MAX], bybit_symbol[PL_SETTING_TEXT_MAX];
    struct pl_distance price_offset, volatility_offset, base_spread;
    double size_offset, min_order_size, max_order_size;
    int64_t levels;
    double inventory_extreme, extreme_release;
    int64_t bollinger_band_length;
    double bollinger_band_std;
    double inner_shift;
    int32_t ladder;
    char depth_bands_bps[PL_SETTING_TEXT_MAX];
    int64_t trade_window;
    double trade_size_ref;
    int64_t vamp_levels;
    double diff_scale_bps, basis_halflife_s;
    char weight[PL_SKEW_FEATURES][PL_SETTING_TEXT_MAX]; /* "auto" or a number */
    double lead_stale_ms;
    int32_t on_lead_loss;
    double lead_loss_widen;
};

#endif
