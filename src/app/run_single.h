/* app/run_single.h - one recorded run from its command line to a finished pl_run. */
#ifndef PL_APP_RUN_SINGLE_H
#define PL_APP_RUN_SINGLE_H

#include "app/run_data.h"
#include "backtest/recorder.h"
#include "backtest/run.h"
#include "report/derive.h"

struct pl_single {
    struct pl_run_settings settings;
    struct pl_run_data data;
    struct pl_recorder *recorder; /* NULL with --no-report */
    struct pl_backtest backtest;
    struct pl_run run; /* filled when recorded */
    struct pl_derived derived;
    double seconds; /* of the run itself: without import, without report */
};

/* `command` is kept in the report, so that it can be repeated. */
PL_MUST_USE int pl_single_run(struct pl_single *single, const struct pl_run_args *args,
                              const char *command, struct pl_error *err);
void pl_single_fini(struct pl_single *single);
/* "plimsoll backtest --data ..." from argv, quoted for a shell; malloc'd. */
char *pl_command_line(int argc, char **argv);

#endif
