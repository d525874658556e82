/* report/html_series.h - the part of the page that charts are drawn from, as one JSON object. */
#ifndef PL_REPORT_HTML_SERIES_H
#define PL_REPORT_HTML_SERIES_H

#include "report/run.h"

#include <stdio.h>

/* {"equity": {...}, "markets": [...], "fills": {...}} of columns (report/column.h). */
PL_MUST_USE int pl_html_series_write(const struct pl_run *run, FILE *out, struct pl_error *err);

#endif
