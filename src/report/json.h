/* report/json.h - a run as JSON: for --json, for the page, and for the runs database.
 *
 * Order   keys come in the order of docs/report.md, always; the same run gives the same bytes.
 * Numbers doubles have the fewest digits that read back to the same bits; NAN is null; digests are
 *         16 hexadecimal digits; ticks and lots are decimal text.
 * Clock   nothing depends on the wall clock unless PL_JSON_TIMING asks for "timing", the last key.
 * Memory  the series and the fills are not part of it. Text is malloc'd, the caller frees it. */
#ifndef PL_REPORT_JSON_H
#define PL_REPORT_JSON_H

#include "base/str.h"
#include "report/derive.h"

#include <stdio.h>

enum pl_json_flag {
    PL_JSON_PRETTY = 1, /* two blanks per level */
    PL_JSON_HTML = 2,   /* '<', '>' and '&' escaped: safe inside a script element */
    PL_JSON_TIMING = 4, /* with wall seconds and speed */
};

/* `derived` NULL = without markouts and ratios (they can be computed again). */
PL_MUST_USE int pl_run_json_write(const struct pl_run *run, const struct pl_derived *derived,
                                  unsigned flags, FILE *out, struct pl_error *err);
PL_MUST_USE int pl_run_json_print(const struct pl_run *run, const struct pl_derived *derived,
                                  unsigned flags, char **out, struct pl_error *err);
/* Reads back what was written, except series and fills (NULL and 0). On failure *out is empty.
 * PL_ERR_MALFORMED names the key. Free with pl_run_json_release. */
PL_MUST_USE int pl_run_json_read(struct pl_str text, struct pl_run *out, struct pl_error *err);
void pl_run_json_release(struct pl_run *run); /* frees market, settings_yaml, command */

#endif
