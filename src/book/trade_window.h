/* book/trade_window.h - the last aggressive orders of a market, within a time window.
 *
 * An aggressive order is what one taker did at once: prints of one venue time and side are merged.
 * Units   ticks, lots, ns. Memory: one ring from the arena; when full, the oldest make room.
 * Cost    O(1) a print; expiring O(orders that leave). */
#ifndef PL_BOOK_TRADE_WINDOW_H
#define PL_BOOK_TRADE_WINDOW_H

#include "base/arena.h"
#include "base/err.h"
#include "core/units.h"

#include <stdbool.h>

struct pl_taker_order {
    int64_t venue_ns;
    int64_t worst_px; /* the deepest price it reached */
    int64_t touch_px; /* the touch it met; prices beyond it are its depth */
    int64_t lots;
    enum pl_side side; /* PL_SELL = it hit bids */
};

struct pl_trade_window {
    struct pl_taker_order *ring;
    uint32_t mask, head, count;
    int64_t lots[2]; /* by side, of what the window holds */
};

/* capacity: a power of two. */
PL_MUST_USE int pl_trade_window_init(struct pl_trade_window *w, struct pl_arena *arena,
                                     uint32_t capacity);
void pl_trade_window_reset(struct pl_trade_window *w);
/* `touch_px`: the other side's best price before the print. */
void pl_trade_window_add(struct pl_trade_window *w, int64_t venue_ns, enum pl_side side, int64_t px,
                         int64_t lots, int64_t touch_px);
/* Drops orders at or before `before_ns`. */
void pl_trade_window_expire(struct pl_trade_window *w, int64_t before_ns);

/* The i-th oldest, i < count. */
static inline const struct pl_taker_order *pl_trade_window_at(const struct pl_trade_window *w,
                                                              uint32_t i)
{
    return &w->ring[(w->head + i) & w->mask];
}

/* Ticks beyond the touch, 0 at the touch. */
static inline int64_t pl_taker_order_depth(const struct pl_taker_order *o)
{
    int64_t beyond = o->side == PL_SELL ? o->touch_px - o->worst_px : o->worst_px - o->touch_px;
    return beyond > 0 ? beyond : 0;
}

#endif
