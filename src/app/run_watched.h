/* app/run_watched.h - a run with a person beside it: progress, Ctrl-C and the wall clock. */
#ifndef PL_APP_RUN_WATCHED_H
#define PL_APP_RUN_WATCHED_H

#include "app/run_args.h"
#include "session/run_single.h"

/* pl_single_run as the verbs do it. */
PL_MUST_USE int pl_run_watched(struct pl_single *single, const struct pl_run_args *args,
                               const char *command, struct pl_error *err);

#endif
