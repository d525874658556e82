/* strategy/avellaneda.h - parameters of the Avellaneda-Stoikov maker. What they mean:
 * docs/strategies/avellaneda.md. */
#ifndef PL_STRATEGY_AVELLANEDA_H
#define PL_STRATEGY_AVELLANEDA_H

#include "strategy/common.h"

enum pl_gamma_scale { PL_GAMMA_AUTO, PL_GAMMA_ABSOLUTE };
enum pl_as_horizon { PL_HORIZON_INFINITE, PL_HORIZON_SESSION };
enum pl_as_model { PL_MODEL_AS, PL_MODEL_GLFT, PL_MODEL_GLFT_CLOSED };
enum pl_as_fair { PL_FAIR_VAMP, PL_FAIR_MID, PL_FAIR_WMID, PL_FAIR_MICRO };

struct pl_avellaneda_params {
    struct pl_common_params common; /* its three times in ms and s come from the seconds below */
    double order_size, gamma;
    int32_t gamma_scale;
    double eta;
    struct pl_distance min_spread;
    double order_refresh_rate_s, filled_order_delay_s, max_order_age_s, update_balance_interval_s;
    double q_unit; /* 0 = order_size */
    int32_t horizon;
    double horizon_s;
    char session[PL_SETTING_TEXT_MAX];
    int32_t spread_form, model, fair;
    int64_t vamp_levels, sigma_window, sigma_sample_ms;
    double sigma_floor_ticks;
    char kappa[PL_SETTING_TEXT_MAX], intensity[PL_SETTING_TEXT_MAX]; /* "fit" or a number */
    int32_t kappa_method;
    double kappa_lookback_s;
    int64_t kappa_min_trades;
    double kappa_refit_s, kappa_max_age_s, kappa_min, kappa_max;
    int64_t levels;
    double level_step;
};

#endif
