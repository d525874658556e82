/* app/run_args.h - the command line of a run: which data, which strategy, which settings.
 *
 * Shared by backtest and demo. Data groups: each --data (and --lead) starts a source; the files that
 * follow it up to the next option are read one after another as one stream. */
#ifndef PL_APP_RUN_ARGS_H
#define PL_APP_RUN_ARGS_H

#include "backtest/settings.h"
#include "settings/list.h"
#include "settings/resolve.h"
#include "strategy/strategy.h"

#include <stdbool.h>

#define PL_ARGS_SOURCES_MAX 8
#define PL_ARGS_FILES_MAX   64
#define PL_ARGS_SWEEP_MAX   16

struct pl_args_source {
    const char *file[PL_ARGS_FILES_MAX];
    uint32_t file_count;
    bool lead; /* read, not traded */
};

struct pl_run_args {
    struct pl_args_source source[PL_ARGS_SOURCES_MAX];
    uint32_t source_count;
    const char *strategy, *config, *out_dir, *db, *clock, *symbol;
    const char *sweep[PL_ARGS_SWEEP_MAX]; /* "key=1,2,3" or "key=0..9" */
    uint32_t sweep_count;
    const char *from, *to; /* ISO time or epoch seconds; NULL = all */
    uint32_t tile, workers, top;
    bool json, no_report, preload, trade_all, quiet, help;
    struct pl_settings_list *list; /* everything of --config, environment and --set */
};

/* Reads argv (argv[0] is the verb). PL_ERR_USAGE with words. Free with pl_run_args_fini. */
PL_MUST_USE int pl_run_args_parse(struct pl_run_args *args, int argc, char **argv,
                                  struct pl_error *err);
void pl_run_args_fini(struct pl_run_args *args);

/* The settings in force for a strategy. */
struct pl_run_settings {
    const struct pl_strategy *strategy;
    struct pl_backtest_settings backtest;
    void *params;                        /* strategy->settings->struct_size bytes; owned */
    struct pl_settings_target target[2]; /* the strategy's, then backtest's */
};

/* `extra` (may be NULL): one more "key=value" on top, for sweeps and per-market settings. */
PL_MUST_USE int pl_run_settings_resolve(const struct pl_run_args *args, const char *const *extra,
                                        uint32_t extra_count, struct pl_run_settings *out,
                                        struct pl_error *err);
void pl_run_settings_fini(struct pl_run_settings *settings);

#endif
