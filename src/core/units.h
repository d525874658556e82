/* core/units.h - prices are whole ticks, sizes whole lots, times nanoseconds UTC.
 *
 * The structs keep a price from being added to a size where single values cross a boundary.
 * Columns (int64_t *px, *lots) hold the same units without the wrapper: loops over rows want plain
 * arrays. Doubles live in features, strategies and statistics only. */
#ifndef PL_CORE_UNITS_H
#define PL_CORE_UNITS_H

#include <stdint.h>

typedef struct {
    int64_t ticks;
} pl_px;
typedef struct {
    int64_t lots; /* never negative; a signed holding is pl_pos */
} pl_qty;
typedef struct {
    int64_t lots;
} pl_pos;

enum pl_side { PL_BUY = 0, PL_SELL = 1 };

static inline enum pl_side pl_side_other(enum pl_side side)
{
    return side == PL_BUY ? PL_SELL : PL_BUY;
}

/* +1 for a buy, -1 for a sell: what the side does to a position. */
static inline int64_t pl_side_sign(enum pl_side side)
{
    return side == PL_BUY ? 1 : -1;
}

#define PL_NS_PER_US  INT64_C(1000)
#define PL_NS_PER_MS  INT64_C(1000000)
#define PL_NS_PER_S   INT64_C(1000000000)
#define PL_TIME_NEVER INT64_MAX
/* No price on that side of the book. Finite, so that comparisons need no special case. */
#define PL_PX_NO_BID (INT64_MIN / 4)
#define PL_PX_NO_ASK (INT64_MAX / 4)

#endif
