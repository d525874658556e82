/* session/run_data.h - opens the data of a run: tapes as they are, captures imported into memory. */
#ifndef PL_SESSION_RUN_DATA_H
#define PL_SESSION_RUN_DATA_H

#include "backtest/driver.h"
#include "session/run_options.h"
#include "session/run_settings.h"

#define PL_RUN_MARKETS_MAX 16

struct pl_run_data {
    struct pl_driver_source source[PL_ARGS_SOURCES_MAX];
    uint32_t source_count;
    struct pl_inst inst[PL_RUN_MARKETS_MAX]; /* settings (fees, asset) applied */
    bool lead[PL_RUN_MARKETS_MAX];
    uint32_t market_count;
    uint64_t digest;
    char names[512];  /* file names without folders */
    char notes[1024]; /* what the import had to say: bad rows, gaps, clock; "" = nothing */
};

PL_MUST_USE int pl_run_data_open(struct pl_run_data *data, const struct pl_run_options *options,
                                 const struct pl_run_settings *settings, struct pl_error *err);
void pl_run_data_close(struct pl_run_data *data);

#endif
