/* app/app.h - the verbs of the program, and what they share.
 *
 * A verb reads its own arguments (argv[0] is the verb), writes its result to stdout and its words to
 * stderr, and returns the exit code of the process: docs/errors.md lists them. */
#ifndef PL_APP_APP_H
#define PL_APP_APP_H

#include "base/err.h"

#include <stdbool.h>
#include <stdio.h>

int pl_cmd_backtest(int argc, char **argv);
int pl_cmd_demo(int argc, char **argv);
int pl_cmd_export(int argc, char **argv);
int pl_cmd_import(int argc, char **argv);
int pl_cmd_report(int argc, char **argv);
int pl_cmd_simulate(int argc, char **argv);
int pl_cmd_strategies(int argc, char **argv);
int pl_cmd_synth(int argc, char **argv);
int pl_cmd_tape(int argc, char **argv);

/* Writes "plimsoll VERB: words" to stderr and returns the exit code of err->code. */
int pl_app_fail(const char *verb, const struct pl_error *err);
/* True when `out` is a terminal that shows colour and NO_COLOR is not set (no-color.org). */
bool pl_app_colour(FILE *out);
/* Where runs are kept when --db does not say: PLIMSOLL_DB, else runs/runs.db. Never NULL. */
const char *pl_app_runs_db(void);

#endif
