/* core/levels.h - price levels as a venue's text gave them, before an instrument's grid is known.
 *
 * Owner   the caller; memory grows to the longest message seen and is kept. */
#ifndef PL_CORE_LEVELS_H
#define PL_CORE_LEVELS_H

#include "base/assert.h"
#include "base/decimal.h"
#include "base/err.h"

#include <stdint.h>

struct pl_level_text {
    struct pl_decimal px, qty;
};

struct pl_levels {
    struct pl_level_text *at;
    uint32_t count, cap;
};

/* Room for one more; PL_ERR_NOMEM, or PL_ERR_LIMIT above 16 Mi levels. */
PL_MUST_USE int pl_levels_grow(struct pl_levels *levels);
void pl_levels_fini(struct pl_levels *levels);

PL_MUST_USE static inline int pl_levels_add(struct pl_levels *levels, struct pl_level_text level)
{
    if (PL_UNLIKELY(levels->count == levels->cap)) {
        int rc = pl_levels_grow(levels);
        if (rc < 0) {
            return rc;
        }
    }
    levels->at[levels->count++] = level;
    return 0;
}

#endif
