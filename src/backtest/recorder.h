/* backtest/recorder.h - what a run remembers for its report; absent in sweeps.
 *
 * Clock   fills and mids on the venue's clock, sampled series every 100 ms of it (doubled whenever a
 *         series would pass PL_RUN_SERIES_MAX points).
 * Memory  bounded: series are decimated, fills wait in memory for their last markout (60 s) and then
 *         go to an unlinked temporary file.
 * Money   attribution is the exact identity of quant.md 4.5, mids taken at every fill. */
#ifndef PL_BACKTEST_RECORDER_H
#define PL_BACKTEST_RECORDER_H

#include "backtest/run.h"
#include "report/run.h"

struct pl_recorder;

PL_MUST_USE int pl_recorder_create(struct pl_recorder **out, struct pl_error *err);
void pl_recorder_destroy(struct pl_recorder **recorder);

/* Called by pl_backtest_run. */
PL_MUST_USE int pl_recorder_attach(struct pl_recorder *recorder, struct pl_engine *engine,
                                   struct pl_sim *sim, struct pl_error *err);
void pl_recorder_on_message(void *ctx, uint32_t market, const struct pl_block *block, uint32_t idx);

/* After the run: fills everything of *run that comes from it (figures, series, fills). `run` points
 * into the recorder, which must outlive it; free run->market with pl_recorder_release. */
PL_MUST_USE int pl_recorder_finish(struct pl_recorder *recorder, const struct pl_backtest *backtest,
                                   double book_size, struct pl_run *run, struct pl_error *err);
void pl_recorder_release(struct pl_run *run);

#endif
