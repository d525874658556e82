/* report/column.h - series as compact JSON columns for the page.
 *
 * A column is {"div": D, "d": [first, change, change, null, ...]}: value i is the running sum of
 * the numbers up to i, divided by D; null is no value and changes nothing. Values that fit no grid
 * (D = 1..10^9, also doubled and quadrupled) are a plain list of numbers.
 * Times are {"ms": M, "div": D, "d": [0, change, ...]}: milliseconds M + sum / D.
 * Cost  O(count) with a small factor for the search of D. Errors stay on the stream. */
#ifndef PL_REPORT_COLUMN_H
#define PL_REPORT_COLUMN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Values are kept to `tolerance` of the largest one: 1e-12 keeps prices exact, 1e-7 is for drawing. */
void pl_column_write(FILE *out, const double *value, size_t count, double tolerance);
void pl_column_write_time(FILE *out, const int64_t *ns, size_t count);

#endif
