/* synth/market.h - one market: its efficient price, its order flow, and when it publishes.
 * Owner: struct pl_synth. A market draws from streams of its own, so others do not change it. */
#ifndef PL_SYNTH_MARKET_H
#define PL_SYNTH_MARKET_H

#include "synth/flow.h"
#include "synth/synth.h"

struct pl_market_gen {
    struct pl_synth_profile profile; /* with the step all markets share */
    struct pl_inst inst;
    struct pl_flow flow;
    struct pl_activity activity;
    struct pl_path common, own; /* `horizon` steps ahead of now */
    double common_weight, own_weight;
    double *ahead; /* ring of path values, now .. now + horizon */
    uint32_t horizon, at, lag_left;
    struct pl_draw schedule;
    int64_t depth_planned_ns, depth_next_ns, snapshot_every_ns, snapshot_next_ns;
    void (*observe)(void *ctx, uint32_t market, const struct pl_lob *book);
    void *observe_ctx;
    bool live;
};

PL_MUST_USE int pl_market_gen_init(struct pl_market_gen *market, const struct pl_synth_cfg *cfg,
                                   uint32_t idx, double step_s, struct pl_error *err);
void pl_market_gen_fini(struct pl_market_gen *market);
/* From now on the market publishes: a snapshot, the touch, and what follows. */
PL_MUST_USE int pl_market_gen_open(struct pl_market_gen *market, int64_t now_ns);
/* One step of the efficient price, (from, to]. */
PL_MUST_USE int pl_market_gen_step(struct pl_market_gen *market, int64_t from_ns, int64_t to_ns);
/* The last depth message. */
PL_MUST_USE int pl_market_gen_close(struct pl_market_gen *market, int64_t now_ns);

#endif
