/* backtest/driver.h - time's order: recorded markets, requests on the wire, answers and timers,
 * merged into one sequence of engine steps.
 *
 * At one instant: venue data (sources in their order), requests that arrive, answers, timers. */
#ifndef PL_BACKTEST_DRIVER_H
#define PL_BACKTEST_DRIVER_H

#include "core/block.h"
#include "engine/engine.h"
#include "sim/sim.h"

struct pl_driver_source {
    struct pl_source *source;
    uint32_t market_base; /* engine market of the source's market 0 */
};

struct pl_driver {
    struct pl_engine *engine;
    struct pl_sim *sim;
    const struct pl_driver_source *source;
    uint32_t source_count;
    /* Optional: after each message, and now and then for progress (fraction 0..1). */
    void *message_ctx;
    void (*on_message)(void *ctx, uint32_t market, const struct pl_block *block, uint32_t idx);
    void *ctx;
    void (*progress)(void *ctx, uint64_t messages);
    volatile const int *stop; /* non-zero: end early with PL_ERR_INTERRUPTED */
};

struct pl_driver_result {
    uint64_t messages, rows;
    int64_t first_ns, last_ns; /* earliest and latest stamp of the data, venue or local */
    int64_t end_ns;            /* time of the last step */
};

/* Reads the first block of every source and tells when the data begins: the earliest stamp, venue or
 * local, of the first messages. Call once before the engine's start. */
PL_MUST_USE int pl_driver_peek(struct pl_driver *driver, int64_t *first_ns, struct pl_error *err);
PL_MUST_USE int pl_driver_run(struct pl_driver *driver, struct pl_driver_result *result,
                              struct pl_error *err);

#endif
