/* session/run_settings.h - the settings in force for one run: the strategy's and the backtest's. */
#ifndef PL_SESSION_RUN_SETTINGS_H
#define PL_SESSION_RUN_SETTINGS_H

#include "backtest/settings.h"
#include "session/run_options.h"
#include "settings/resolve.h"
#include "strategy/strategy.h"

struct pl_run_settings {
    const struct pl_strategy *strategy;
    struct pl_backtest_settings backtest;
    void *params;                        /* strategy->settings->struct_size bytes; owned */
    struct pl_settings_target target[2]; /* the strategy's, then backtest's */
};

/* `extra` (may be NULL): one more "key=value" on top, for sweeps and per-market settings. */
PL_MUST_USE int pl_run_settings_resolve(const struct pl_run_options *options,
                                        const char *const *extra, uint32_t extra_count,
                                        struct pl_run_settings *out, struct pl_error *err);
void pl_run_settings_fini(struct pl_run_settings *settings);

#endif
