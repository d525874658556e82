/* app/run_args.h - the command line of a run: what to run, and what to do with the results.
 *
 * Shared by backtest and demo. Data groups: each --data (and --lead) starts a source; the files that
 * follow it up to the next option are read one after another as one stream. */
#ifndef PL_APP_RUN_ARGS_H
#define PL_APP_RUN_ARGS_H

#include "session/run_options.h"

#include "base/err.h"
#include "base/log.h"

#define PL_ARGS_SWEEP_MAX 16

struct pl_run_args {
    struct pl_run_options run;
    const char *config, *out_dir, *db, *fills;
    const char *sweep[PL_ARGS_SWEEP_MAX]; /* "key=1,2,3" or "key=0..9" */
    uint32_t sweep_count;
    uint32_t workers, top;
    bool json, quiet, help;
    const char *log_path;        /* NULL = no log */
    enum pl_log_level log_level; /* info */
    struct pl_log *log;          /* opened by the verb */
};

/* Reads argv (argv[0] is the verb). PL_ERR_USAGE with words. Free with pl_run_args_fini. */
PL_MUST_USE int pl_run_args_parse(struct pl_run_args *args, int argc, char **argv,
                                  struct pl_error *err);
void pl_run_args_fini(struct pl_run_args *args);
/* "plimsoll backtest --data ..." from argv, quoted for a shell; malloc'd. */
char *pl_command_line(int argc, char **argv);

#endif
