/* session/run_single.h - one run from files and settings to a finished pl_run.
 *
 * No clock and no terminal in here: who runs it brings them as a pl_run_edge. */
#ifndef PL_SESSION_RUN_SINGLE_H
#define PL_SESSION_RUN_SINGLE_H

#include "backtest/recorder.h"
#include "backtest/run.h"
#include "report/derive.h"
#include "session/run_data.h"

struct pl_single {
    struct pl_run_settings settings;
    struct pl_run_data data;
    struct pl_recorder *recorder; /* NULL with no_report */
    struct pl_backtest backtest;
    struct pl_run run; /* filled when recorded */
    struct pl_derived derived;
    double seconds; /* of the run itself: without import, without report; 0 without a clock */
};

struct pl_log;

/* The surroundings of a run; any member may be NULL. */
struct pl_run_edge {
    void *ctx;
    void (*begin)(void *ctx, const struct pl_single *single); /* data is open, nothing has run */
    void (*progress)(void *ctx, uint64_t messages);
    void (*fill)(void *ctx, const struct pl_sim_fill *fill); /* as it happens */
    struct pl_log *log;       /* what the run has to say: session/run_log.h */
    double (*seconds)(void);  /* a monotone clock */
    volatile const int *stop; /* non-zero: PL_ERR_INTERRUPTED */
};

/* `edge` and `command` may be NULL; `command` is kept in the report, so that it can be repeated. */
PL_MUST_USE int pl_single_run(struct pl_single *single, const struct pl_run_options *options,
                              const struct pl_run_edge *edge, const char *command,
                              struct pl_error *err);
void pl_single_fini(struct pl_single *single);

#endif
