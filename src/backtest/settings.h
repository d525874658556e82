/* backtest/settings.h - what can be set about a tick backtest, beside the strategy's own settings. */
#ifndef PL_BACKTEST_SETTINGS_H
#define PL_BACKTEST_SETTINGS_H

#include "core/inst.h"
#include "settings/settings.h"
#include "sim/sim.h"

enum pl_compat { PL_COMPAT_NONE, PL_COMPAT_HFTBACKTEST };
enum pl_asset { PL_ASSET_DATA, PL_ASSET_LINEAR, PL_ASSET_INVERSE, PL_ASSET_SPOT };

struct pl_backtest_settings {
    int32_t queue; /* see queue_choices in settings.c */
    double queue_n;
    int32_t latency; /* enum pl_latency_kind */
    double entry_us, resp_us, feed_extra_us;
    double latency_factor, latency_log_sd;
    char tick[PL_SETTING_TEXT_MAX], lot[PL_SETTING_TEXT_MAX];    /* "" = from the data */
    char maker[PL_SETTING_TEXT_MAX], taker[PL_SETTING_TEXT_MAX]; /* fee rates; "" = see help */
    bool fee_by_qty;
    int32_t asset;   /* enum pl_asset */
    int32_t compat;  /* enum pl_compat */
    int32_t through; /* enum pl_through_fill */
    int64_t rate_per_s, rate_burst;
    bool amend, guards;
    int64_t seed;
    int64_t order_slots;
    double max_position; /* size; 0 = no mark */
    double book_size;    /* equity the returns are measured on; 0 = value of the mark */
};

extern const struct pl_settings_table pl_backtest_settings_table;

/* Queue model and exponent of the `queue` choice. */
void pl_backtest_queue(const struct pl_backtest_settings *s, struct pl_queue_params *out);
/* Applies tick, lot, fees and asset to an instrument from the data. */
PL_MUST_USE int pl_backtest_instrument(const struct pl_backtest_settings *s, bool reference,
                                       struct pl_inst *inst, struct pl_error *err);

#endif
