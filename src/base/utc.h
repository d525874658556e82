/* base/utc.h - nanoseconds since 1970 as text and back, in UTC, without the C library's zones.
 *
 * Reads   digits alone (nanoseconds), or 2024-08-08[T23:54[:16[.298]]][Z]: a blank may stand for the
 *         T. Years 1970 to 2261. Writes 2024-08-08T23:54:16.298Z, with as many decimals (0, 3, 6, 9)
 *         as the time has.
 * Errors  PL_ERR_MALFORMED, and *ns is left alone. */
#ifndef PL_BASE_UTC_H
#define PL_BASE_UTC_H

#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

#define PL_UTC_TEXT_MAX 32

PL_MUST_USE int pl_utc_parse(struct pl_str text, int64_t *ns);
/* `ns` >= 0 into out[PL_UTC_TEXT_MAX], terminated. Returns `out`. */
const char *pl_utc_print(int64_t ns, char *out);

#endif
