/* app/sweep.h - many parameter sets of one strategy over one pass of the data. */
#ifndef PL_APP_SWEEP_H
#define PL_APP_SWEEP_H

#include "app/run_args.h"

/* Runs every combination of args->sweep and prints the best (or, as JSON, all). */
PL_MUST_USE int pl_sweep_run(const struct pl_run_args *args, struct pl_error *err);

#endif
