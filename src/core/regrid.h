/* core/regrid.h - a venue changes tick or lot in mid-session: whole numbers of old steps become whole
 * numbers of new ones, exactly or not at all. */
#ifndef PL_CORE_REGRID_H
#define PL_CORE_REGRID_H

#include "base/int128.h"
#include "core/inst.h"

#include <stdbool.h>

struct pl_ratio { /* new count = old count * num / den, in lowest terms */
    int64_t num, den;
};

struct pl_regrid {
    struct pl_ratio px, lots;
    bool moved; /* tick, lot, contract size or kind differ; limits and fees alone do not count */
};

/* PL_ERR_UNSUPPORTED when kind or contract size change: that is another instrument. */
PL_MUST_USE int pl_regrid(const struct pl_inst *from, const struct pl_inst *to,
                          struct pl_regrid *out, struct pl_error *err);
/* False when the result is not a whole number; *value is then left alone. */
bool pl_regrid_exact(struct pl_ratio ratio, int64_t *value);
/* To the nearest whole number, half to even. */
pl_i128 pl_regrid_nearest(pl_i128 value, pl_i128 num, pl_i128 den);

#endif
