/* session/when.h - a point in time as people write it: "2024-08-08", "2024-08-08 23:55[:00[.5]]" (also
 * with T and Z, always UTC), or seconds since 1970. */
#ifndef PL_SESSION_WHEN_H
#define PL_SESSION_WHEN_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* NULL text leaves *out_ns at 0. PL_ERR_USAGE names the option. */
PL_MUST_USE int pl_when_parse(const char *text, int64_t *out_ns, const char *option,
                              struct pl_error *err);
/* "2024-08-08 23:54:16" into out[32]. */
void pl_when_print(int64_t ns, char *out);

#endif
