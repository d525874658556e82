/* import/touch.h - best bid and ask of a market while it is imported, for one purpose: the side of
 * trades whose source does not give it. Private to src/import.
 *
 * The quote rule of Lee and Ready (1991): above the mid is a buy, below it a sell; at the mid, in a
 * locked book, or without a book, the tick rule (up = buy, down = sell, else as the trade before).
 * Memory  the levels of the book; sorted arrays, made for books of tens of levels. */
#ifndef PL_IMPORT_TOUCH_H
#define PL_IMPORT_TOUCH_H

#include "core/block.h"

#include <stdbool.h>

struct pl_touch_side {
    int64_t *px, *lots; /* sorted: the best level last */
    uint32_t count, cap;
};

struct pl_touch {
    struct pl_touch_side side[2]; /* bids, asks */
    int64_t bid, ask;             /* PL_PX_NO_BID, PL_PX_NO_ASK */
    int64_t trade_px;
    bool trade_known, trade_sell;
};

PL_MUST_USE int pl_touch_create(struct pl_touch **out);
void pl_touch_destroy(struct pl_touch **touch);
/* Book messages and BBO move it; others are ignored. PL_ERR_NOMEM. */
PL_MUST_USE int pl_touch_apply(struct pl_touch *touch, const struct pl_msg *msg);
/* true = the aggressor sold. */
bool pl_touch_side(struct pl_touch *touch, int64_t px);

#endif
