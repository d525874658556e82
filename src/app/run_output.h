/* app/run_output.h - what a finished run shows and leaves: terminal or JSON, report.html, run.json and
 * a row in the runs database. */
#ifndef PL_APP_RUN_OUTPUT_H
#define PL_APP_RUN_OUTPUT_H

#include "app/run_args.h"
#include "session/run_single.h"

PL_MUST_USE int pl_run_output(const struct pl_single *single, const struct pl_run_args *args,
                              struct pl_error *err);
/* Writes report.html and run.json into `dir` (created) and the run into the database. */
PL_MUST_USE int pl_run_leave(const struct pl_single *single, const char *dir, const char *db,
                             char *page, size_t page_size, struct pl_error *err);

/* Makes a folder and the ones above it; fine when they are there. */
PL_MUST_USE int pl_make_folders(const char *path, struct pl_error *err);

#endif
