/* settings/number.h - doubles as text: read exactly, written as short as reads back to the same
 * bits.
 *
 * Decimal only, in the C locale whatever the process locale is: [+-]digits[.digits][e[+-]digits],
 * where either side of the point may be empty but not both ("0.05", ".002", "5.", "1e-9"). Reading
 * rounds to nearest even; minus zero becomes zero. Not for prices: those are base/decimal.h.
 * Cost: O(length), a few libc calls; never reached from an engine step. */
#ifndef PL_SETTINGS_NUMBER_H
#define PL_SETTINGS_NUMBER_H

#include "base/err.h"
#include "base/str.h"

#define PL_NUMBER_TEXT_MAX 32  /* longest pl_number_print with its terminator */
#define PL_NUMBER_READ_MAX 400 /* longest text pl_number_parse looks at */

/* PL_ERR_MALFORMED, or PL_ERR_OVERFLOW when no finite (or no non-zero) double is near. */
PL_MUST_USE int pl_number_parse(struct pl_str text, double *out);
/* Shortest of 15, 16 and 17 digits that reads back to `value` (finite). Returns the length. */
int pl_number_print(double value, char out[PL_NUMBER_TEXT_MAX]);

#endif
