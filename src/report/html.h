/* report/html.h - a run as one HTML file: no network, opens from disk, light and dark, any width.
 *
 * Content  the figures are pl_run_json_write's, embedded; the page only formats them. The same run
 *          gives the same bytes: nothing in it depends on when or how fast it was made.
 * Size     up to PL_HTML_FILLS_MAX fills are embedded; of more, every k-th, and the page says so.
 * Memory   about 200 bytes per embedded fill while writing. */
#ifndef PL_REPORT_HTML_H
#define PL_REPORT_HTML_H

#include "report/derive.h"

#include <stdio.h>

#define PL_HTML_FILLS_MAX 50000

PL_MUST_USE int pl_html_write(const struct pl_run *run, const struct pl_derived *derived, FILE *out,
                              struct pl_error *err);
/* Through `path`.part and a rename, so that a reader never sees half a page. */
PL_MUST_USE int pl_html_write_file(const struct pl_run *run, const struct pl_derived *derived,
                                   const char *path, struct pl_error *err);

#endif
