/* backtest/run.h - one pass over market data for any number of makers.
 *
 * A spec says which data, which makers, which simulated venue; a run builds the engine, drives it to
 * the end and leaves a result per maker. One maker or a thousand: the same code, the same result for
 * each. Owner: the caller owns sources and parameters; results are freed by pl_backtest_free. */
#ifndef PL_BACKTEST_RUN_H
#define PL_BACKTEST_RUN_H

#include "backtest/driver.h"
#include "backtest/settings.h"
#include "engine/engine.h"

struct pl_recorder;

struct pl_backtest_maker {
    const struct pl_strategy *strategy;
    const void *params;
    uint32_t universe, market;
    int32_t lead_market; /* -1 = none */
    int64_t phase_ns;
};

struct pl_backtest_spec {
    const struct pl_backtest_settings *settings;
    const struct pl_driver_source *source;
    uint32_t source_count;
    const struct pl_inst *inst; /* of each engine market, settings applied */
    uint32_t market_count;
    const struct pl_backtest_maker *maker;
    uint32_t maker_count, universe_count;
    struct pl_recorder *recorder; /* NULL in sweeps */
    void *fill_ctx;               /* every fill as it happens, with or without a recorder */
    void (*on_fill)(void *ctx, const struct pl_sim_fill *fill);
    void *message_ctx; /* beside the recorder, after each message; NULL = nobody */
    void (*on_message)(void *ctx, uint32_t market, const struct pl_block *block, uint32_t idx);
    void *ctx;
    void (*progress)(void *ctx, uint64_t messages);
    volatile const int *stop;
};

struct pl_backtest_result { /* of one maker; money in quote (inverse: base) currency */
    uint64_t trades, orders, cancels, amends, decisions, rejects_post_only, rejects_other;
    int64_t pos_lots;
    double position, balance, fee, volume, turnover;
    double equity; /* net of fees, funding included, at the last mid */
    uint64_t digest;
};

struct pl_backtest {
    struct pl_engine *engine;
    struct pl_sim *sim;
    struct pl_driver_result driver;
    struct pl_backtest_result *result; /* maker_count of them */
    uint32_t maker_count;
    uint64_t digest;     /* of every request of every maker */
    uint64_t views_lost; /* times no view was left in the ring: makers went unasked */
    uint64_t guarded;    /* decisions answered by a guard */
};

PL_MUST_USE int pl_backtest_run(const struct pl_backtest_spec *spec, struct pl_backtest *out,
                                struct pl_error *err);
void pl_backtest_free(struct pl_backtest *backtest);

#endif
