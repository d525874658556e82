/* backtest/recorder.h - what a run remembers for its report; absent in sweeps. */
#ifndef PL_BACKTEST_RECORDER_H
#define PL_BACKTEST_RECORDER_H
#include "backtest/run.h"
PL_MUST_USE int pl_recorder_attach(struct pl_recorder *recorder, struct pl_engine *engine,
                                   struct pl_sim *sim, struct pl_error *err);
void pl_recorder_on_message(void *ctx, uint32_t market, const struct pl_block *block, uint32_t idx);
#endif
