/* session/run_json.h - the result of a run as one line of JSON: the figures by the names scripts use,
 * the makers, and the whole report (report/json.h) when the run was recorded. */
#ifndef PL_SESSION_RUN_JSON_H
#define PL_SESSION_RUN_JSON_H

#include "session/run_single.h"

#include <stdio.h>

/* Errors of the stream stay on it (ferror). */
PL_MUST_USE int pl_single_json(const struct pl_single *single, FILE *out, struct pl_error *err);

#endif
