#include "book/trade_window.h"

#include "base/assert.h"

int pl_trade_window_init(struct pl_trade_window *w, struct pl_arena *arena, uint32_t capacity)
{
    PL_ASSERT(capacity > 0 && (capacity & (capacity - 1)) == 0);
    *w = (struct pl_trade_window){.mask = capacity - 1};
    w->ring = pl_arena_take(arena, capacity, sizeof *w->ring);
    return w->ring != NULL ? 0 : PL_ERR_NOMEM;
}

void pl_trade_window_reset(struct pl_trade_window *w)
{
    *w = (struct pl_trade_window){.ring = w->ring, .mask = w->mask};
}

static void drop_oldest(struct pl_trade_window *w)
{
    const struct pl_taker_order *o = pl_trade_window_at(w, 0);
    w->lots[o->side] -= o->lots;
    w->head = (w->head + 1) & w->mask;
    w->count--;
}

void pl_trade_window_add(struct pl_trade_window *w, int64_t venue_ns, enum pl_side side, int64_t px,
                         int64_t lots, int64_t touch_px)
{
    w->lots[side] += lots;
    if (w->count > 0) {
        struct pl_taker_order *last = &w->ring[(w->head + w->count - 1) & w->mask];
        if (last->venue_ns == venue_ns && last->side == side) {
            bool deeper = side == PL_SELL ? px < last->worst_px : px > last->worst_px;
            last->worst_px = deeper ? px : last->worst_px;
            last->lots += lots;
            return;
        }
    }
    if (w->count > w->mask) {
        drop_oldest(w);
    }
    w->ring[(w->head + w->count++) & w->mask] =
        (struct pl_taker_order){venue_ns, px, touch_px, lots, side};
}

void pl_trade_window_expire(struct pl_trade_window *w, int64_t before_ns)
{
    while (w->count > 0 && pl_trade_window_at(w, 0)->venue_ns <= before_ns) {
        drop_oldest(w);
    }
}
